//! `[standards]`: the nominal concentrations of the standards.

use super::range::{POSITIVE, positive};
use super::section::Section;
use crate::sheet::{Problem, Problems};

/// `[standards]`: a list, or top and dilution step; empty where the layouts say each concentration.
pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> Vec<f64> {
    let list = section.numbers("list", "concentrations ≥ 0, from level 1 on", |number| number >= 0.0, problems);
    let top = section.number("top", POSITIVE, positive, problems);
    let step = section.number("step", "a dilution step above 1", |step| step > 1.0, problems);
    let levels = section.number(
        "levels",
        "a whole number of levels from 2 to 24",
        |n| n.fract() == 0.0 && (2.0..=24.0).contains(&n),
        problems,
    );
    let zero = section.flag("zero", problems);
    let at = section.location().clone();
    section.finish(problems);
    let mut concentrations = match (list, top, step, levels) {
        (Some(list), None, None, None) => list,
        (None, Some(top), Some(step), Some(levels)) => (0..levels as i32).map(|level| top / step.powi(level)).collect(),
        (None, None, None, None) => Vec::new(),
        _ => {
            problems.push(
                Problem::new(at, "[standards] is neither a list nor a dilution series")
                    .expected("either list = [2000, 1000, …] or all of top, step and levels"),
            );
            Vec::new()
        }
    };
    if zero && !concentrations.contains(&0.0) {
        concentrations.push(0.0);
    }
    concentrations
}
