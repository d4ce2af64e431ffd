//! `[[control]]`: the levels of the quality controls.

use serde::Serialize;

use super::range::{POSITIVE, positive};
use super::section::Section;
use crate::sheet::{Problem, Problems};

/// `[[control]]`: a level of the quality controls.
///
/// ```
/// let low = platewise::protocol::ControlLevel { level: "low".into(), nominal: 90.0 };
/// assert_eq!(low.nominal, 90.0); // as [[control]] level = "low", nominal = 90
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlLevel {
    /// Its name, as in the layouts.
    pub level: String,
    /// Nominal concentration.
    pub nominal: f64,
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> ControlLevel {
    let level = ControlLevel {
        level: section.required_text("level", problems),
        nominal: section.number("nominal", POSITIVE, positive, problems).unwrap_or_else(|| {
            let at = section.line_of("nominal");
            problems.push(Problem::new(at, "[[control]] has no 'nominal'").expected("its nominal concentration"));
            f64::INFINITY
        }),
    };
    section.finish(problems);
    level
}
