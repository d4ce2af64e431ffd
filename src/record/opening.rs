//! When the list of arms was opened, by whom, and on which concentrations: the record of unblinding.
//!
//! An opening after which the arms could not be compared counts as one. It stands in `run.json` of the results folder. A run replaces that folder whole and carries the record over: entries are added
//! and never changed, so that it holds every opening since the folder was first written. Concentrations that are not those of the
//! first opening are named as such by every later run.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::run::RUN_FILE;
use crate::sheet::{Location, Problem};

/// One opening of the list of arms.
///
/// ```
/// use platewise::record::{Opening, opening::changed_since};
///
/// let opened = |concentrations: &str| Opening {
///     started: "2026-11-22T12:00:00Z".into(),
///     by: "A. B.".into(),
///     run_id: "00".into(),
///     concentrations_sha256: concentrations.into(),
///     arms_sha256: "ff".into(),
///     failure: None,
/// };
/// assert!(changed_since(&[opened("aa")], "aa").is_none());
/// assert!(changed_since(&[opened("aa")], "bb").is_some(), "named by every later run");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// When the run that opened it started, in UTC.
    pub started: String,
    /// Who ran it.
    pub by: String,
    /// The run.
    pub run_id: String,
    /// SHA-256 of `concentrations.csv`, the concentrations on which the arms were compared.
    pub concentrations_sha256: String,
    /// SHA-256 of the list of arms.
    pub arms_sha256: String,
    /// Why the arms could not be compared although the list was opened: who ran it may have seen it. Absent where they were
    /// compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// The part of `run.json` that is carried over.
#[derive(Deserialize)]
struct Carried {
    #[serde(default)]
    arms_opened: Vec<Opening>,
}

/// The openings that `run.json` of a results folder records; none where there is no such file.
///
/// # Errors
/// When there is such a file and it cannot be read: the record would be lost with the next run.
pub fn openings(folder: &Path) -> Result<Vec<Opening>, Problem> {
    let path = folder.join(RUN_FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let unreadable = |why: String| {
        Problem::new(Location::file(path.display().to_string()), format!("cannot be read ({why})"))
            .expected("the record of earlier runs, which says when the arms were opened")
            .advice("Move the folder away or choose another with --out: nothing was written")
    };
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    let carried: Carried = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    Ok(carried.arms_opened)
}

/// What has to be said when `concentrations`, the SHA-256 of the concentrations now, is not what it was when the arms were first
/// opened.
pub fn changed_since(openings: &[Opening], concentrations: &str) -> Option<Problem> {
    let first = openings.first()?;
    (first.concentrations_sha256 != concentrations).then(|| {
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        let found = format!(
            "the concentrations are not those on which the arms were first opened, on {} by {}: SHA-256 {}… then, {}… now",
            first.started,
            first.by,
            short(&first.concentrations_sha256),
            short(concentrations)
        );
        Problem::new(Location::file("concentrations.csv"), found)
            .expected("concentrations that stay as they are once the arms are known")
            .advice("Say in the report what was changed, and why")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(concentrations: &str) -> Opening {
        Opening {
            started: "2026-03-01T09:00:00Z".into(),
            by: "analyst".into(),
            run_id: "1".into(),
            concentrations_sha256: concentrations.into(),
            arms_sha256: "a".into(),
            failure: None,
        }
    }

    #[test]
    fn only_other_concentrations_than_the_first_are_named() {
        assert_eq!(changed_since(&[], "x"), None);
        assert_eq!(changed_since(&[opening("x"), opening("y")], "x"), None);
        let said = changed_since(&[opening("x"), opening("y")], "y").unwrap().to_string();
        assert!(said.contains("2026-03-01T09:00:00Z by analyst") && said.contains("x… then, y… now"), "{said}");
    }

    #[test]
    fn a_record_that_cannot_be_read_is_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(openings(folder.path()).unwrap(), []);
        std::fs::write(folder.path().join(RUN_FILE), "{\"run_id\": \"1\"}").unwrap();
        assert_eq!(openings(folder.path()).unwrap(), []);
        std::fs::write(folder.path().join(RUN_FILE), "{").unwrap();
        assert!(openings(folder.path()).unwrap_err().to_string().contains("when the arms were opened"));
    }
}
