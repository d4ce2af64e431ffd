//! `[acceptance]`: when a plate, a standard, a control and a pair of replicates are accepted.

use serde::Serialize;

use super::range::{PERCENT, percent};
use super::section::Section;
use crate::sheet::Problems;

/// `[acceptance]`: the limits of every rule, percent unless said otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct Acceptance {
    /// Largest |bias| of a back-calculated standard.
    pub standard_bias_percent: f64,
    /// Largest |bias| of the standard at the LLOQ.
    pub standard_bias_percent_at_lloq: f64,
    /// Largest |bias| of the standard at the ULOQ.
    pub standard_bias_percent_at_uloq: f64,
    /// Share of the non-zero standards that must pass, in percent.
    pub standards_pass_percent: f64,
    /// Number of non-zero standard levels that must pass.
    pub standards_min_levels: usize,
    /// Whether a plate without controls is not evaluable.
    pub controls_required: bool,
    /// Largest |bias| of a control.
    pub control_bias_percent: f64,
    /// Share of all controls that must pass, in percent.
    pub controls_pass_percent: f64,
    /// Share of each level's controls that must pass, in percent.
    pub controls_level_pass_percent: f64,
    /// Largest CV of replicate concentrations.
    pub replicate_cv_percent: f64,
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> Acceptance {
    let mut limit = |key, default| section.number(key, PERCENT, percent, problems).unwrap_or(default);
    let mut acceptance = Acceptance {
        standard_bias_percent: limit("standard_bias_percent", 20.0),
        standard_bias_percent_at_lloq: limit("standard_bias_percent_at_lloq", 25.0),
        standard_bias_percent_at_uloq: limit("standard_bias_percent_at_uloq", 25.0),
        standards_pass_percent: limit("standards_pass_percent", 75.0),
        standards_min_levels: 6,
        controls_required: true,
        control_bias_percent: limit("control_bias_percent", 20.0),
        controls_pass_percent: limit("controls_pass_percent", 66.7),
        controls_level_pass_percent: limit("controls_level_pass_percent", 50.0),
        replicate_cv_percent: limit("replicate_cv_percent", 20.0),
    };
    let whole = |number: f64| number.fract() == 0.0 && (3.0..=24.0).contains(&number);
    if let Some(levels) =
        section.number("standards_min_levels", "a whole number of levels from 3 to 24", whole, problems)
    {
        acceptance.standards_min_levels = levels as usize;
    }
    acceptance.controls_required = section.flag_or("controls_required", true, problems);
    section.finish(problems);
    acceptance
}
