//! `[reportable]`: how one result per sample is chosen.

use serde::Serialize;

use super::range::{PERCENT, percent};
use super::section::Section;
use crate::sheet::Problems;

/// `[reportable]`: which of several results of one sample is reported.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!(protocol.assay.reportable.dilutions, platewise::protocol::DilutionRule::LowestInRange);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ReportableRules {
    /// Among valid results at several dilutions.
    pub dilutions: DilutionRule,
    /// Among results of one sample at one dilution on several plates.
    pub repeats: RepeatRule,
    /// How far the results of one sample on several plates may be apart, in percent of their mean; `None`: as far as they like.
    pub repeats_difference_percent: Option<f64>,
    /// What becomes of a sample on two plates that nobody has declared to be repeats.
    pub undeclared_repeats: UndeclaredRule,
    /// What a sample's name stands for.
    pub samples: SampleNames,
}

/// Which of several plates is reported, where they measured a sample at one dilution.
///
/// See [`ReportableRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RepeatRule {
    /// The first plate whose result can be reported (ICH M10 4.3.4: a repeat does not replace a valid result), be it a value or a
    /// limit. A later result that lies within the limit of an earlier one says more, and counts.
    First,
    /// A value inside the limits before one outside of them; the first of several.
    InRange,
}

/// What becomes of a sample that was measured on two plates, neither of which is declared the repeat of the other, and which was
/// not on the work list of re-runs.
///
/// See [`ReportableRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UndeclaredRule {
    /// No result: the two may be different people's.
    NotReported,
    /// Its measurements count as if the plates were declared repeats. It is named all the same.
    AsRepeats,
}

/// What a sample's name stands for.
///
/// See [`ReportableRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleNames {
    /// One sample in the whole study.
    PerStudy,
    /// One sample on its plate: `01` on P02 is called `P02:01`, in the list of samples as in every result. On a plate that repeats
    /// another it is the sample of that plate.
    PerPlate,
}

/// Which of several dilutions of a sample is reported.
///
/// See [`ReportableRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DilutionRule {
    /// The lowest dilution whose result is inside the limits.
    LowestInRange,
    /// The highest dilution whose result is inside the limits.
    HighestInRange,
    /// The geometric mean of all results inside the limits.
    GeometricMeanInRange,
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> ReportableRules {
    let rules = ReportableRules {
        dilutions: section.choice(
            "dilutions",
            &[
                ("lowest-in-range", DilutionRule::LowestInRange),
                ("highest-in-range", DilutionRule::HighestInRange),
                ("geometric-mean-in-range", DilutionRule::GeometricMeanInRange),
            ],
            problems,
        ),
        repeats: section.choice(
            "repeats",
            &[("first", RepeatRule::First), ("in-range", RepeatRule::InRange)],
            problems,
        ),
        repeats_difference_percent: section.number_or_none(
            "repeats_difference_percent",
            Some(30.0),
            PERCENT,
            percent,
            problems,
        ),
        undeclared_repeats: section.choice(
            "undeclared_repeats",
            &[("not-reported", UndeclaredRule::NotReported), ("as-repeats", UndeclaredRule::AsRepeats)],
            problems,
        ),
        samples: section.choice(
            "samples",
            &[("per-study", SampleNames::PerStudy), ("per-plate", SampleNames::PerPlate)],
            problems,
        ),
    };
    section.finish(problems);
    rules
}
