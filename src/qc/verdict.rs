//! What was judged, by which rule, with which outcome.

use std::fmt;

use serde::Serialize;

use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId};

/// The outcome for a plate.
///
/// ```
/// use platewise::qc::Verdict;
/// assert_eq!(Verdict::AcceptedWithRemarks.to_string(), "accepted, with remarks");
/// let accepted = [Verdict::Accepted, Verdict::AcceptedWithRemarks, Verdict::Rejected].map(Verdict::is_accepted);
/// assert_eq!(accepted, [true, true, false]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every rule was met, with everything that was measured.
    Accepted,
    /// Every rule was met, and something was left out or narrowed for it: a standard dropped, wells masked or excluded, a limit moved.
    /// The plate counts as one that is accepted; whoever uses its numbers is told.
    AcceptedWithRemarks,
    /// A rule was broken.
    Rejected,
    /// A rule could not be computed, or the plate could not be read.
    NotEvaluable,
}

impl Verdict {
    /// Whether the plate's results count: accepted, with remarks or without.
    pub fn is_accepted(self) -> bool {
        match self {
            Self::Accepted | Self::AcceptedWithRemarks => true,
            Self::Rejected | Self::NotEvaluable => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::AcceptedWithRemarks => "accepted, with remarks",
            Self::Rejected => "rejected",
            Self::NotEvaluable => "not evaluable",
        })
    }
}

/// One rule applied to one plate.
///
/// See [`JudgedPlate`](super::JudgedPlate) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// What it was applied to: the plate, a level, a control.
    pub subject: String,
    /// What was observed, in words with its number.
    pub observed: String,
    /// The number that was observed, in the unit of the rule; `None` where there is none.
    pub value: Option<f64>,
    /// The limit, in words with its number.
    pub limit: String,
    /// The number of the limit, in the same unit; `None` of a rule without one.
    pub limit_value: Option<f64>,
    /// The outcome.
    pub outcome: Outcome,
}

/// The rule that the files of a plate can be read.
pub(super) const PLATE_READ: RuleId =
    RuleId::of(&PlateRule::new("plate_read", "reading the files", "files that can be read: see what was expected"));

/// The verdict on a plate, with every finding.
///
/// See [`JudgedPlate`](super::JudgedPlate) for an example.
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
    /// What was left out or narrowed on the plate, whatever its verdict: its findings that are remarks, in words.
    pub remarks: Vec<String>,
}

impl PlateVerdict {
    /// The findings that a person looks at: what decides first, then remarks, then warnings.
    pub fn to_look_at(&self) -> Vec<&Finding> {
        let mut open: Vec<&Finding> = self.findings.iter().filter(|finding| finding.outcome != Outcome::Pass).collect();
        open.sort_by_key(|finding| finding.outcome.rank());
        open
    }

    /// The findings that decide against the plate, beside the one that [`reason`](Self::reason) names. Of a plate that could not be
    /// read there are none: its reason counts them.
    pub fn also_against(&self) -> Vec<&Finding> {
        let decides = |finding: &&Finding| {
            matches!(finding.outcome, Outcome::Fail | Outcome::NotEvaluable) && finding.rule != PLATE_READ
        };
        self.to_look_at().into_iter().filter(decides).skip(1).collect()
    }

    /// The finding that decided against the plate, and that [`reason`](Self::reason) is of; `None` of an accepted plate, and of one that
    /// could not be read, whose reason counts its problems.
    pub fn decided(&self) -> Option<&Finding> {
        decided(&self.findings).filter(|finding| finding.rule != PLATE_READ)
    }

    /// The verdict that follows from the findings on a plate. Accepted only when every rule that decides was met: what cannot be
    /// computed never passes.
    pub fn of(plate: String, findings: Vec<Finding>) -> Self {
        let of = |outcome| findings.iter().filter(move |finding| finding.outcome == outcome);
        let remarks: Vec<String> =
            of(Outcome::Remark).map(|finding| format!("{}: {}", finding.subject, finding.observed)).collect();
        let decided = decided(&findings);
        let verdict = match decided.map(|finding| finding.outcome) {
            Some(Outcome::Fail) => Verdict::Rejected,
            Some(_) => Verdict::NotEvaluable,
            None if remarks.is_empty() => Verdict::Accepted,
            None => Verdict::AcceptedWithRemarks,
        };
        let reason = decided.map(|finding| finding.in_words(finding.rule.name())).unwrap_or_default();
        Self { plate, verdict, reason, findings, remarks }
    }
}

/// The finding that decides against a plate: the first that fails, else the first that cannot be evaluated.
fn decided(findings: &[Finding]) -> Option<&Finding> {
    let first = |outcome| findings.iter().find(|finding| finding.outcome == outcome);
    first(Outcome::Fail).or_else(|| first(Outcome::NotEvaluable))
}

impl Finding {
    /// A finding in words alone: what was observed, and the limit.
    pub(super) fn new(
        rule: RuleId,
        subject: impl Into<String>,
        observed: impl Into<String>,
        limit: impl Into<String>,
        outcome: Outcome,
    ) -> Self {
        let (subject, observed, limit) = (subject.into(), observed.into(), limit.into());
        Self { rule, subject, observed, value: None, limit, limit_value: None, outcome }
    }

    /// The same with its numbers.
    pub(super) fn numbers(mut self, value: impl Into<Option<f64>>, limit: impl Into<Option<f64>>) -> Self {
        (self.value, self.limit_value) = (value.into(), limit.into());
        self
    }

    /// The finding in one line, its rule called as the reader knows it.
    pub(crate) fn in_words(&self, rule: &str) -> String {
        format!("{rule}: {} (limit: {})", self.observed, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::kit_expiry::KIT_EXPIRY;

    /// What decides comes first, then remarks, then warnings; what passes is not looked at. Against the plate beside its reason is what
    /// decides but for the first.
    #[test]
    fn what_is_looked_at_stands_by_its_weight() {
        let outcomes =
            [Outcome::Warning, Outcome::Pass, Outcome::NotEvaluable, Outcome::Remark, Outcome::Fail, Outcome::Fail];
        let finding = |(at, outcome): (usize, Outcome)| Finding::new(KIT_EXPIRY, at.to_string(), "", "", outcome);
        let verdict = PlateVerdict::of("P".into(), outcomes.into_iter().enumerate().map(finding).collect());
        let subjects = |of: Vec<&Finding>| of.iter().map(|of| of.subject.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!(subjects(verdict.to_look_at()), "4 5 2 3 0");
        assert_eq!(subjects(verdict.also_against()), "5 2");
        assert_eq!(verdict.decided().map(|of| of.subject.as_str()), Some("4"));
        let counts = [Verdict::Accepted, Verdict::AcceptedWithRemarks, Verdict::Rejected, Verdict::NotEvaluable];
        assert_eq!(counts.map(Verdict::is_accepted), [true, true, false, false]);
    }
}
