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

pub(super) fn read(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<ControlLevel> {
    let mut levels: Vec<ControlLevel> = Vec::new();
    for section in sections {
        let at = section.location().clone();
        let level = one(section, problems);
        if levels.iter().any(|known| known.level == level.level) {
            let found = format!("the control '{}' is declared twice", level.level);
            problems.push(Problem::new(at, found).expected("one nominal concentration for each level"));
        }
        levels.push(level);
    }
    levels
}

fn one(mut section: Section<'_>, problems: &mut Problems) -> ControlLevel {
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
        assert_eq!(Assay::parse(&declared("high")).unwrap().controls[1].nominal, 1500.0);
        let said = Assay::parse(&declared("low")).unwrap_err().to_string();
        assert!(said.contains("the control 'low' is declared twice"), "{said}");
    }
}
