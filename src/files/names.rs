//! Names of files that are made from names of people's choosing: plates, controls, curves.

use std::collections::BTreeMap;

/// So many characters of a name are kept: with what stands before and behind it, every file system takes it.
const LONGEST: usize = 80;

/// Names that Windows keeps for itself, whatever their ending.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The names as parts of file names on any system, in their order.
///
/// What is no letter, digit, `-` or `_` becomes `_`, and a very long name is cut. Names that would be one then, in a file system
/// that does not tell upper from lower case, each get their number.
///
/// ```
/// use platewise::files::file_names;
/// assert_eq!(file_names(&["P01", "p01", "P02", "lot 1"]), ["P01.1", "p01.2", "P02", "lot_1"]);
/// ```
pub fn file_names<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    let kept: Vec<String> = names.iter().map(|name| safe(name.as_ref()).collect()).collect();
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for name in &kept {
        *alike.entry(name.to_ascii_lowercase()).or_default() += 1;
    }
    let numbered = |(at, kept): (usize, String)| {
        let lower = kept.to_ascii_lowercase();
        let shared = alike.get(&lower).is_some_and(|names| *names > 1);
        let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit());
        if shared || kept.is_empty() || RESERVED.contains(&stem) { format!("{kept}.{}", at + 1) } else { kept }
    };
    kept.into_iter().enumerate().map(numbered).collect()
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
        let files = file_names(&names);
        let lower: std::collections::BTreeSet<String> = files.iter().map(|file| file.to_lowercase()).collect();
        assert_eq!(lower.len(), names.len(), "{files:?}");
        assert!(files.iter().all(|file| file.len() <= LONGEST + 4), "{files:?}");
        assert_eq!((files[3].as_str(), files[6].as_str(), files[9].as_str()), ("con.4", "_", "P01"));
    }
}
