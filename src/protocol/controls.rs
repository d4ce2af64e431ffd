//! `[[control]]`: the levels of the quality controls.

use serde::Serialize;

use super::range::{POSITIVE, positive};
use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// `[[control]]`: a level of the quality controls.
///
/// ```
/// let low = platewise::protocol::ControlLevel { level: "low".into(), nominal: Some(90.0) };
/// assert_eq!(low.nominal, Some(90.0)); // as [[control]] level = "low", nominal = 90
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlLevel {
    /// Its name, as in the layouts.
    pub level: String,
    /// Nominal concentration; `None` of one that is watched from plate to plate and not judged (`watched = true`).
    pub nominal: Option<f64>,
}

pub(super) fn read(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<ControlLevel> {
    let mut levels: Vec<ControlLevel> = Vec::new();
    for section in sections {
        let at = section.location().clone();
        let level = one(section, problems);
        if levels.iter().any(|known| known.level == level.level) {
            let found = format!("the control '{}' is declared twice", level.level);
            problems.push(
                Problem::new(Code::new("control-twice"), at, found)
                    .expected("one nominal concentration for each level"),
            );
        }
        levels.push(level);
    }
    levels
}

fn one(mut section: Section<'_>, problems: &mut Problems) -> ControlLevel {
    let level = ControlLevel {
        level: section.required_text("level", problems),
        nominal: section.number("nominal", POSITIVE, positive, problems),
    };
    // A number that was forgotten must not turn a control into one that nobody judges: that has to be said.
    let expected = "its nominal concentration, or watched = true for one that has none and is watched, not judged";
    let at = section.line_of("nominal");
    let problem = |code: Code, found: &str| Problem::new(code, at, found).expected(expected);
    match (level.nominal, section.flag_or("watched", false, problems)) {
        (None, false) => problems.push(problem(Code::new("control-without-nominal"), "[[control]] has no 'nominal'")),
        (Some(_), true) => problems.push(problem(
            Code::new("control-watched-with-nominal"),
            "[[control]] has a 'nominal' and is said to be watched only",
        )),
        _ => {}
    }
    section.finish(problems);
    level
}

#[cfg(test)]
mod tests {
    use crate::protocol::Assay;

    #[test]
    fn a_level_is_declared_once() {
        let declared = |level: &str| {
            format!(
                "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n\
                 [[control]]\nlevel='low'\nnominal=90\n[[control]]\nlevel='{level}'\nnominal=1_500\n"
            )
        };
        assert_eq!(Assay::parse(&declared("high")).unwrap().controls[1].nominal, Some(1500.0));
        let said = Assay::parse(&declared("low")).unwrap_err().to_string();
        assert!(said.contains("the control 'low' is declared twice"), "{said}");
    }

    #[test]
    fn a_control_that_nobody_judges_is_said_to_be_one() {
        let declared = |rest: &str| {
            Assay::parse(&format!(
                "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[[control]]\nlevel='low'\n{rest}\n"
            ))
        };
        assert_eq!(declared("watched = true").unwrap().controls[0].nominal, None);
        for (rest, expected) in [
            ("", "has no 'nominal'"),
            ("watched = false", "has no 'nominal'"),
            ("watched = true\nnominal = 90", "has a 'nominal' and is said to be watched only"),
        ] {
            let said = declared(rest).unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        }
    }
}
