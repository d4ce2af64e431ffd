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
    /// How many whole studies are drawn anew to carry the error of the assay through; 0: none.
    pub assay_error_replicates: usize,
    /// The seed of these draws.
    pub seed: u64,
    /// Whether the wells are evaluated under every other combination of curve, variance, blank and plates as well.
    pub sensitivity_grid: bool,
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
        assay_error_replicates: section
            .number(
                "assay_error_replicates",
                "a whole number: 0 for none, otherwise from 100 to 1000000",
                |number| number == 0.0 || (number.fract() == 0.0 && (100.0..=1e6).contains(&number)),
                problems,
            )
            .map_or(2000, |number| number as usize),
        seed: section
            .number(
                "seed",
                "a whole number from 0 to 9007199254740992",
                |number| number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number),
                problems,
            )
            .map_or(1, |number| number as u64),
        sensitivity_grid: section.flag_or("sensitivity_grid", true, problems),
    };
    section.finish(problems);
    settings
}
