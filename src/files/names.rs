//! Names of files that are made from names of people's choosing: plates, controls, curves.

/// So many characters of a name are kept: with what stands before and behind it, every file system takes it.
const LONGEST: usize = 80;

/// Names that Windows keeps for itself, whatever their ending.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The name at `at` of `names` as part of a file name on any system.
///
/// It stays as it is where it can. One with other signs than letters, digits, `-` and `_`, a very long one, or one that differs
/// from another of `names` in upper and lower case only is changed and gets its number, so that no two become the same.
///
/// ```
/// use platewise::files::file_name;
///
/// let names = ["P01", "p01", "P02", "a/b"];
/// let files: Vec<String> = (0..4).map(|at| file_name(&names, at)).collect();
/// assert_eq!(files, ["P01.1", "p01.2", "P02", "a_b.4"]);
/// ```
pub fn file_name<S: AsRef<str>>(names: &[S], at: usize) -> String {
    let Some(name) = names.get(at).map(AsRef::as_ref) else { return format!("_.{}", at + 1) };
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    let kept: String = name.chars().take(LONGEST).map(safe).collect();
    let mut others = names.iter().enumerate().filter(|(other, _)| *other != at);
    let alone = !others.any(|(_, other)| other.as_ref().eq_ignore_ascii_case(name));
    let stem = kept.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    if kept == name && alone && !name.is_empty() && !RESERVED.contains(&stem.as_str()) {
        kept
    } else {
        format!("{kept}.{}", at + 1)
    }
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
        assert_eq!((files[3].as_str(), files[9].as_str()), ("con.4", "P01"));
    }
}
