//! How a rule came out.

use std::fmt;

use serde::Serialize;

/// The outcome of one rule.
///
/// ```
/// assert_eq!(platewise::qc::Outcome::NotEvaluable.to_string(), "not evaluable");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Met.
    Pass,
    /// Broken: rejects the plate.
    Fail,
    /// Met, because something was left out or narrowed for it: the plate is accepted with this as a remark.
    Remark,
    /// Remarkable: does not decide.
    Warning,
    /// Could not be computed: the plate cannot be accepted.
    NotEvaluable,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Remark => "remark",
            Self::Warning => "warning",
            Self::NotEvaluable => "not evaluable",
        })
    }
}

impl Outcome {
    /// What decides comes first.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Fail => 0,
            Self::NotEvaluable => 1,
            Self::Remark => 2,
            Self::Warning => 3,
            Self::Pass => 4,
        }
    }
}
