//! `[reportable]`: how one result per sample is chosen.

use serde::Serialize;

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
pub struct ReportableRules {
    /// Among valid results at several dilutions.
    pub dilutions: DilutionRule,
}

/// Which of several dilutions of a sample is reported.
///
/// ```
/// use platewise::protocol::DilutionRule;
///
/// let mut study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// study.protocol.assay.reportable.dilutions = DilutionRule::HighestInRange;
/// let others = platewise::reportable::resolve(&study.plates, &study.protocol);
/// assert_eq!(others.len(), study.results.len());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
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
    };
    section.finish(problems);
    rules
}
