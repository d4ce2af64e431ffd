//! Names of files that are made from names of people's choosing: plates, controls, curves.

/// So many characters of a name are kept: with what stands before and behind it, every file system takes it.
const LONGEST: usize = 80;

/// Names that Windows keeps for itself, whatever their ending.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The name at `at` of `names` as part of a file name on any system.
///
/// What is no letter, digit, `-` or `_` becomes `_`, and a very long name is cut. Names that would be one then, in a file system
/// that does not tell upper from lower case, each get their number.
///
/// ```
/// use platewise::files::file_name;
///
/// let names = ["P01", "p01", "P02", "lot 1"];
/// let files: Vec<String> = (0..4).map(|at| file_name(&names, at)).collect();
/// assert_eq!(files, ["P01.1", "p01.2", "P02", "lot_1"]);
/// ```
pub fn file_name<S: AsRef<str>>(names: &[S], at: usize) -> String {
    let name = names.get(at).map_or("", AsRef::as_ref);
    let kept: String = safe(name).collect();
    let lower = |name| safe(name).map(|c| c.to_ascii_lowercase());
    let mut others = names.iter().enumerate().filter(|(other, _)| *other != at);
    let shared = others.any(|(_, other)| lower(other.as_ref()).eq(lower(name)));
    let stem = kept.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    if shared || kept.is_empty() || RESERVED.contains(&stem.as_str()) { format!("{kept}.{}", at + 1) } else { kept }
}

fn safe(name: &str) -> impl Iterator<Item = char> + '_ {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    name.chars().take(LONGEST).map(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_apart_and_short_enough() {
        let long = "x".repeat(260);
        let names = ["Plate 1", "Plate_1", "PLATE_1", "con", "NUL", "", "é", long.as_str(), &format!("{long}y"), "P01"];
        let files: Vec<String> = (0..names.len()).map(|at| file_name(&names, at)).collect();
        let lower: std::collections::BTreeSet<String> = files.iter().map(|file| file.to_lowercase()).collect();
        assert_eq!(lower.len(), names.len(), "{files:?}");
        assert!(files.iter().all(|file| file.len() <= LONGEST + 4), "{files:?}");
        assert_eq!((files[3].as_str(), files[6].as_str(), files[9].as_str()), ("con.4", "_", "P01"));
    }
}
