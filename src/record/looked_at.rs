//! What whoever reviewed a plate had before them.

use serde::{Deserialize, Serialize};

/// What whoever reviewed a plate had before them, each part as the SHA-256 of its bytes.
///
/// ```
/// use platewise::record::LookedAt;
///
/// let then = LookedAt { export: "aa".into(), ..LookedAt::default() };
/// assert_eq!(then.changes(&LookedAt { export: "bb".into(), ..then.clone() }), ["the export"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookedAt {
    /// The file of the export; empty where there was none to read.
    pub export: String,
    /// The file that describes the format of the export; absent where the export has one of the program's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The file of the layout; absent where the export declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// What `study.toml` declares for the laboratory, the other plates left out.
    pub method: String,
    /// What the list of samples says of the samples of the plate.
    pub samples: String,
    /// The lines of the exclusions in force on the plate.
    pub exclusions: String,
    /// What came of it: curve, concentrations, findings and verdict.
    pub results: String,
}

impl LookedAt {
    /// What is not what it was then, in words. Where only the results are, other plates moved them (the plates may share the
    /// exponent of their variance), or another version of the program computed them.
    pub fn changes(&self, now: &Self) -> Vec<&'static str> {
        let parts = [
            ("the export", self.export != now.export),
            ("the description of its format", self.format != now.format),
            ("the layout", self.layout != now.layout),
            ("the method", self.method != now.method),
            ("the list of samples", self.samples != now.samples),
            ("the exclusions", self.exclusions != now.exclusions),
        ];
        let changed: Vec<&str> = parts.into_iter().filter(|(_, changed)| *changed).map(|(what, _)| what).collect();
        match changed.is_empty() && self.results != now.results {
            true => vec!["the results, by other plates or another version of the program,"],
            false => changed,
        }
    }
}
