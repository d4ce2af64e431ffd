//! What may leave a record or a participant out. Nothing is dropped without standing here.

use std::fmt;

use serde::Serialize;

/// What left a record out.
///
/// See [`Exclusion`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ExclusionRule {
    /// The subject is not in the list of arms.
    NoArm,
    /// The list of arms says that the subject was not randomised.
    NotRandomised,
    /// Collected outside the window of its visit, or in no window.
    VisitWindow,
    /// Another result of the same subject and visit was taken.
    DuplicateVisit,
    /// The subject has samples of more than one matrix.
    MixedMatrices,
    /// The subject has results of more than one kit lot.
    MixedKitLots,
    /// It was collected after an event whose strategy leaves out what is after it.
    IntercurrentEvent,
    /// There is a sample, and no result of it that may be reported.
    NotReported,
    /// There is a sample in the list, and no measurement of it.
    NotMeasured,
    /// There is no sample.
    NoSample,
    /// The rule for values outside the limits leaves it out.
    LimitRule,
    /// A result after baseline of a subject without baseline.
    NoBaseline,
    /// A baseline of a subject without any result after it.
    NoLaterResult,
    /// A covariate that the study declares is not known of the subject.
    NoCovariate,
}

impl fmt::Display for ExclusionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoArm => "no arm",
            Self::NotRandomised => "not randomised",
            Self::VisitWindow => "visit window",
            Self::DuplicateVisit => "duplicate visit",
            Self::MixedMatrices => "mixed matrices",
            Self::MixedKitLots => "mixed kit lots",
            Self::IntercurrentEvent => "intercurrent event",
            Self::NotReported => "not reported",
            Self::NotMeasured => "not measured",
            Self::NoSample => "no sample",
            Self::LimitRule => "limit rule",
            Self::NoBaseline => "no baseline",
            Self::NoLaterResult => "no later result",
            Self::NoCovariate => "no covariate",
        })
    }
}

/// Why a result takes no part in any analysis.
///
/// ```
/// use platewise::study::{Exclusion, ExclusionRule};
///
/// let late = Exclusion::new(ExclusionRule::VisitWindow, "day 131 is outside the window of Week 16, days 106 to 120");
/// assert_eq!(late.rule.to_string(), "visit window");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// The rule.
    pub rule: ExclusionRule,
    /// In words, of this result.
    pub reason: String,
    /// The same without names and days, so that participants can be counted by it; empty where the rule and the visit say it all.
    pub brief: String,
}

impl Exclusion {
    /// By `rule`, because of `reason`.
    pub fn new(rule: ExclusionRule, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into(), brief: String::new() }
    }

    /// With what participants are counted by.
    pub fn counted_as(self, brief: impl Into<String>) -> Self {
        Self { brief: brief.into(), ..self }
    }
}

/// A record that is left out: a result, or a visit without one.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ExcludedRecord {
    /// The subject.
    pub subject: String,
    /// The arm; `None` where there is none.
    pub arm: Option<String>,
    /// The visit.
    pub visit: String,
    /// Its week.
    pub week: f64,
    /// The sample; empty where there is none.
    pub sample: String,
    /// The plate of the result.
    pub plate: Option<String>,
    /// The result as reported; `None` where there is none.
    pub reported: Option<String>,
    /// What left it out.
    pub rule: ExclusionRule,
    /// In words.
    pub reason: String,
    /// Which analyses it is left out of.
    pub scope: ExclusionScope,
}

/// Which analyses a record is left out of.
///
/// ```
/// assert_eq!(platewise::study::exclusion::ExclusionScope::Changes.to_string(), "analyses of change");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExclusionScope {
    /// All.
    EveryAnalysis,
    /// Those by the declared rule for values outside the limits. Analyses by another rule, and with such values as censored, use it.
    DeclaredRule,
    /// Those of changes: it is described at its visit.
    Changes,
    /// Those that adjust for the covariates of the study.
    Adjusted,
}

impl fmt::Display for ExclusionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EveryAnalysis => "every analysis",
            Self::DeclaredRule => "analyses by the declared rule for limits",
            Self::Changes => "analyses of change",
            Self::Adjusted => "analyses adjusted for covariates",
        })
    }
}

/// Randomised subjects whom an analysis does not use, for one reason.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnusedSubjects {
    /// The reason.
    pub reason: String,
    /// How many, of the active and of the reference arm.
    pub n: [usize; 2],
}
