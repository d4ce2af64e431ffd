//! `[standards]`: the nominal concentrations of the standards.

use super::method::MethodSettings;
use super::range::{POSITIVE, positive};
use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// What `[standards]` declares.
pub(super) struct Standards {
    /// Nominal concentrations, level 1 first.
    pub(super) list: Vec<f64>,
    /// Those that lie outside the range.
    pub(super) anchors: Vec<f64>,
}

/// `[standards]`: a list, or top and dilution step; empty where the layouts say each concentration. Anchors are declared beside
/// it, whether or not the layouts say the concentrations: they must lie beyond the fixed limits of the method, or beyond every
/// other standard of the list.
pub(super) fn read(mut section: Section<'_>, method: &MethodSettings, problems: &mut Problems) -> Standards {
    let anchors = section.numbers("anchors", "concentrations above 0", positive, problems).unwrap_or_default();
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
    let (at, at_anchors) = (section.location().clone(), section.line_of("anchors"));
    section.finish(problems);
    let mut concentrations = match (list, top, step, levels) {
        (Some(list), None, None, None) => list,
        (None, Some(top), Some(step), Some(levels)) => (0..levels as i32).map(|level| top / step.powi(level)).collect(),
        (None, None, None, None) => Vec::new(),
        _ => {
            problems.push(
                Problem::new(
                    Code::new("standards-incomplete"),
                    at,
                    "[standards] is neither a list nor a dilution series",
                )
                .expected("either list = [2000, 1000, …] or all of top, step and levels"),
            );
            Vec::new()
        }
    };
    if zero && !concentrations.contains(&0.0) {
        concentrations.push(0.0);
    }
    let others = concentrations.iter().copied().filter(|x| *x > 0.0 && !anchors.contains(x));
    let (low, high) = others.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), x| (low.min(x), high.max(x)));
    for anchor in &anchors {
        let (lloq, uloq) = (method.lloq.unwrap_or(low), method.uloq.unwrap_or(high));
        if lloq <= *anchor && *anchor <= uloq {
            problems.push(
                Problem::new(
                    Code::new("anchor-inside-range"),
                    at_anchors.clone(),
                    format!("the anchor {anchor} lies inside the range {lloq} to {uloq}"),
                )
                .expected("a standard below the LLOQ or above the ULOQ"),
            );
        }
    }
    Standards { list: concentrations, anchors }
}
