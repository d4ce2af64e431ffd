//! `[across_plates]`: what is watched from plate to plate, and when it is said.

use std::path::PathBuf;

use serde::Serialize;

use super::range::{PERCENT, percent};
use super::section::Section;
use crate::sheet::Problems;

/// `[across_plates]`: control charts, effects of position, and the samples that test the method.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!(protocol.assay.across_plates.limits_from_plates, 20);
/// assert!(!protocol.assay.across_plates.westgard_rejects, "a watch, unless the method says otherwise");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct AcrossPlatesSettings {
    /// The history that earlier runs left (their `history.csv`), relative to the study folder.
    pub history: Option<PathBuf>,
    /// Accepted plates of a lot from which the limits of a chart are fixed; limits before are provisional.
    pub limits_from_plates: usize,
    /// Values on one side of the mean that are a shift (n_x); `None`: 10, and 12 with three levels of controls or more.
    pub same_side: Option<usize>,
    /// Whether a broken Westgard rule rejects the plate. Without it the charts watch and decide nothing.
    pub westgard_rejects: bool,
    /// Share of plates without any effect of position, and without drift, that may be warned of, in percent.
    pub false_alarm_percent: f64,
    /// Largest CV over the dilutions of a sample.
    pub parallelism_cv_percent: f64,
    /// Largest |recovery − 100| of a spiked sample.
    pub spike_recovery_percent: f64,
    /// Largest |difference| of an incurred sample's repeat, in percent of the mean of the two.
    pub isr_difference_percent: f64,
    /// Share of the repeats that must be within it, in percent.
    pub isr_pass_percent: f64,
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> AcrossPlatesSettings {
    let history = section.path("history", problems);
    let plates = |number: f64| number.fract() == 0.0 && (5.0..=100.0).contains(&number);
    let limits_from_plates =
        section.number("limits_from_plates", "a whole number of plates from 5 to 100", plates, problems);
    let named = |number: f64| [6.0, 8.0, 9.0, 10.0, 12.0].contains(&number);
    let same_side = section.number("same_side", "6, 8, 9, 10 or 12 values", named, problems);
    let westgard_rejects = section.flag("westgard_rejects", problems);
    let rare = |number: f64| number > 0.0 && number <= 20.0;
    let false_alarm_percent =
        section.number("false_alarm_percent", "percent, above 0 and at most 20", rare, problems).unwrap_or(1.0);
    let mut limit = |key, default| section.number(key, PERCENT, percent, problems).unwrap_or(default);
    let settings = AcrossPlatesSettings {
        history,
        limits_from_plates: limits_from_plates.map_or(20, |plates| plates as usize),
        same_side: same_side.map(|values| values as usize),
        westgard_rejects,
        false_alarm_percent,
        parallelism_cv_percent: limit("parallelism_cv_percent", 30.0),
        spike_recovery_percent: limit("spike_recovery_percent", 20.0),
        isr_difference_percent: limit("isr_difference_percent", 30.0),
        isr_pass_percent: limit("isr_pass_percent", 66.7),
    };
    section.finish(problems);
    settings
}
