//! What was judged, by which rule, with which outcome.

use std::fmt;

use serde::Serialize;

/// The outcome for a plate.
///
/// ```
/// use platewise::qc::Verdict;
/// assert_eq!([Verdict::Accepted, Verdict::NotEvaluable].map(|verdict| verdict.to_string()), ["accepted", "not evaluable"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every rule was met.
    Accepted,
    /// A rule was broken.
    Rejected,
    /// A rule could not be computed, or the plate could not be read.
    NotEvaluable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::NotEvaluable => "not evaluable",
        })
    }
}

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
            Self::Warning => "warning",
            Self::NotEvaluable => "not evaluable",
        })
    }
}

/// One rule applied to one plate.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let finding = study.plates[0].verdict.findings.iter().find(|one| one.rule == "controls_pass_percent").ok_or("no finding")?;
/// assert_eq!((finding.limit.as_str(), finding.outcome), ("at least 66.7 %", platewise::qc::Outcome::Pass));
/// println!("{}: {}", finding.subject, finding.observed); // what was seen, with its number
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Name of the rule, as in `study.toml`.
    pub rule: &'static str,
    /// What it was applied to: the plate, a level, a control.
    pub subject: String,
    /// What was observed, in words with its number.
    pub observed: String,
    /// The limit, in words with its number.
    pub limit: String,
    /// The outcome.
    pub outcome: Outcome,
}

/// The verdict on a plate, with every finding.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let rejected = study.plates.iter().map(|plate| &plate.verdict).find(|verdict| !verdict.reason.is_empty()).ok_or("none")?;
/// assert_eq!((rejected.plate.as_str(), rejected.verdict), ("P04", platewise::qc::Verdict::Rejected));
/// assert!(rejected.reason.contains("seem to be exchanged"), "the rule that decided, and what it saw");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct PlateVerdict {
    /// The plate's name in the study.
    pub plate: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The rule that decided it, and what it saw, in one line; empty for an accepted plate.
    pub reason: String,
    /// Every rule that was applied.
    pub findings: Vec<Finding>,
}
