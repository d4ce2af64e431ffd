//! `responder_level` and `responder_level_by_age`: the level that a responder falls below.

use serde::Serialize;

use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// The level that a responder falls below: one for everybody, or by age.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let levels = protocol.trial.analysis.responder_levels.unwrap();
/// assert_eq!((levels.at(None), levels.depend_on_age()), (Some(450.0), false));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponderLevels {
    /// The youngest age in years, and the level from there on; by age. One without an age is for everybody.
    pub levels: Vec<(Option<f64>, f64)>,
}

impl ResponderLevels {
    /// The level of somebody of this age in years; `None` where it depends on the age and that is not known or not covered.
    pub fn at(&self, age: Option<f64>) -> Option<f64> {
        let holds = |from: Option<f64>| from.is_none_or(|from| age.is_some_and(|age| age >= from));
        self.levels.iter().rev().find(|(from, _)| holds(*from)).map(|(_, level)| *level)
    }

    /// Whether it depends on the age.
    pub fn depend_on_age(&self) -> bool {
        self.levels.iter().any(|(from, _)| from.is_some())
    }

    /// In words: `450 pg/mL`, or `743 pg/mL (from 2 years of age), 450 pg/mL (from 18 years of age)`.
    pub fn words(&self, unit: &str) -> String {
        let one = |(from, level): &(Option<f64>, f64)| match from {
            Some(from) => format!("{level} {unit} (from {from} years of age)"),
            None => format!("{level} {unit}"),
        };
        self.levels.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// Whether somebody who is below the level at baseline can be a responder.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// use platewise::protocol::LevelDefinition;
/// assert_eq!(protocol.trial.analysis.responder_level_definition, LevelDefinition::FallenBelow);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelDefinition {
    /// A responder is below it at the end point and was not at baseline.
    FallenBelow,
    /// A responder is below it at the end point.
    Below,
    /// Both, each with its own counts.
    Both,
}

pub(super) fn read(section: &mut Section<'_>, problems: &mut Problems) -> Option<ResponderLevels> {
    let positive = |level: f64| level > 0.0;
    let one = section.number("responder_level", "a positive concentration", positive, problems);
    let at = section.line_of("responder_level_by_age");
    let mut levels = Vec::new();
    for mut entry in section.sections("responder_level_by_age", problems) {
        let from = entry.number("from_years", "an age in years", |age| (0.0..=130.0).contains(&age), problems);
        let level = entry.number("level", "a positive concentration", positive, problems);
        match (from, level) {
            (Some(from), Some(level)) => levels.push((Some(from), level)),
            _ => problems.push(
                Problem::new(
                    Code::new("responder-level-incomplete"),
                    entry.location().clone(),
                    "an entry of responder_level_by_age lacks one of its two numbers",
                )
                .expected("{ from_years = 2, level = 743 }"),
            ),
        }
        entry.finish(problems);
    }
    if one.is_some() && !levels.is_empty() {
        problems.push(
            Problem::new(
                Code::new("responder-levels-two"),
                at,
                "both responder_level and responder_level_by_age are declared",
            )
            .expected("one of them: a level for everybody, or levels by age"),
        );
    }
    levels.sort_by(|one, other| one.0.unwrap_or_default().total_cmp(&other.0.unwrap_or_default()));
    levels.extend(one.filter(|_| levels.is_empty()).map(|level| (None, level)));
    (!levels.is_empty()).then_some(ResponderLevels { levels })
}
