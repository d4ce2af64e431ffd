//! `[analysis]`: how the arms are compared.

use serde::Serialize;

use super::section::Section;
use crate::sheet::Problems;

/// `[analysis]`: how arms are compared.
#[derive(Debug, Clone, Serialize)]
pub struct AnalysisSettings {
    /// The arm that the others are compared with.
    pub reference_arm: String,
    /// The number that stands for a value below the LLOQ.
    pub below_limit: BelowLimit,
    /// The number that stands for a value above the ULOQ.
    pub above_limit: AboveLimit,
    /// A subject whose end point is below this, in the unit of the study, responds; `None`: not analysed.
    pub responder_level: Option<f64>,
    /// A subject whose value fell by at least this percentage of the baseline responds; `None`: not analysed.
    pub responder_fall_percent: Option<f64>,
}

/// What stands for a value below the LLOQ in an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BelowLimit {
    /// LLOQ / 2 (CDISC: HALFLLOQ).
    HalfLloq,
    /// LLOQ / √2.
    LloqOverSqrt2,
    /// LLOQ.
    Lloq,
    /// Left out.
    Exclude,
}

/// What stands for a value above the ULOQ in an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AboveLimit {
    /// ULOQ.
    Uloq,
    /// Left out.
    Exclude,
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> AnalysisSettings {
    let settings = AnalysisSettings {
        reference_arm: section.text("reference_arm", problems).unwrap_or_else(|| "placebo".into()),
        below_limit: section.choice(
            "below_limit",
            &[
                ("half-lloq", BelowLimit::HalfLloq),
                ("lloq-over-sqrt2", BelowLimit::LloqOverSqrt2),
                ("lloq", BelowLimit::Lloq),
                ("exclude", BelowLimit::Exclude),
            ],
            problems,
        ),
        above_limit: section.choice(
            "above_limit",
            &[("uloq", AboveLimit::Uloq), ("exclude", AboveLimit::Exclude)],
            problems,
        ),
        responder_level: section.number("responder_level", "a positive concentration", |level| level > 0.0, problems),
        responder_fall_percent: section.number(
            "responder_fall_percent",
            "a percentage above 0 and below 100",
            |percent| percent > 0.0 && percent < 100.0,
            problems,
        ),
    };
    section.finish(problems);
    settings
}
