//! `[clinical]` and `[[measure]]`: what the clinic measured beside the analyte.

use std::path::PathBuf;

use serde::Serialize;

use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// `[clinical]`: the list of clinical measurements, and what is asked of each measure.
///
/// ```
/// let text = r#"
///     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
///     method = { name = "ELISA", version = "1" }
///     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
///     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
///     clinical = { list = "clinical.csv" }
///     measure = [{ name = "EASI", responder_fall_percent = [50, 75] }]
/// "#;
/// let clinical = platewise::protocol::parse(text)?.trial.clinical.unwrap();
/// assert_eq!(clinical.measures[0].responders[1].name("EASI"), "EASI-75");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClinicalSettings {
    /// The list, relative to the study folder. It is opened with the list of arms and not before.
    pub list: PathBuf,
    /// The measures.
    pub measures: Vec<Measure>,
}

/// `[[measure]]`: one clinical measure.
///
/// See [`ClinicalSettings`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// Its name in the list.
    pub name: String,
    /// Whether the change from baseline is compared between the arms.
    pub change: bool,
    /// Whether its change is correlated with that of the analyte.
    pub correlation: bool,
    /// Who responds, by each definition.
    pub responders: Vec<MeasureResponder>,
}

/// Who responds by a clinical measure: all of what is declared must hold at the end point.
///
/// See [`ClinicalSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeasureResponder {
    /// It fell by at least this percentage of the baseline.
    pub fall_percent: Option<f64>,
    /// It is at most this.
    pub at_most: Option<f64>,
    /// It fell by at least so many points.
    pub fall_points: Option<f64>,
}

impl MeasureResponder {
    /// What it is called: `EASI-75`, or the measure with what is asked of it.
    pub fn name(&self, measure: &str) -> String {
        match self {
            Self { fall_percent: Some(percent), at_most: None, fall_points: None } => format!("{measure}-{percent}"),
            _ => format!("{measure} response"),
        }
    }

    /// In words: `a fall of at least 75 %`.
    pub fn words(&self) -> String {
        let parts = [
            self.at_most.map(|most| format!("at most {most}")),
            self.fall_percent.map(|percent| format!("a fall of at least {percent} %")),
            self.fall_points.map(|points| format!("a fall of at least {points} points")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" and ")
    }

    /// Whether somebody with these values responds.
    pub fn responds(&self, base: f64, value: f64) -> bool {
        // Reached exactly counts, whatever the rounding of the product.
        let near = 1e-12 * base.abs().max(value.abs());
        self.fall_percent.is_none_or(|percent| value <= (1.0 - percent / 100.0) * base + near)
            && self.at_most.is_none_or(|most| value <= most + near)
            && self.fall_points.is_none_or(|points| base - value >= points - near)
    }
}

/// Reads both; `None` for a study that declares no list.
pub(super) fn read(
    section: Section<'_>,
    measures: Vec<Section<'_>>,
    problems: &mut Problems,
) -> Option<ClinicalSettings> {
    let list = section.list_of(&measures, "measure", "clinical.csv", problems);
    let mut known: Vec<Measure> = Vec::new();
    for section in measures {
        let here = section.location().clone();
        let found = measure(section, problems);
        if known.iter().any(|one| one.name == found.name) {
            problems.push(Problem::new(
                Code::new("measure-twice"),
                here,
                format!("the measure '{}' appears twice", found.name),
            ));
        }
        known.push(found);
    }
    Some(ClinicalSettings { list: list?, measures: known })
}

fn measure(mut section: Section<'_>, problems: &mut Problems) -> Measure {
    let name = section.required_text("name", problems);
    let percent = |percent: f64| percent > 0.0 && percent <= 100.0;
    let falls =
        section.numbers("responder_fall_percent", "percentages above 0, such as [50, 75, 90]", percent, problems);
    let at_most = section.number("responder_at_most", "a value of the measure", |_| true, problems);
    let positive = |points: f64| points > 0.0;
    let fall_points = section.number("responder_fall_points", "a positive number of points", positive, problems);
    let falls = falls.unwrap_or_default().into_iter();
    let mut responders: Vec<MeasureResponder> =
        falls.map(|fall| MeasureResponder { fall_percent: Some(fall), at_most: None, fall_points: None }).collect();
    if at_most.is_some() || fall_points.is_some() {
        responders.push(MeasureResponder { fall_percent: None, at_most, fall_points });
    }
    let measure = Measure {
        name,
        change: section.flag_or("change", true, problems),
        correlation: section.flag_or("correlation", true, problems),
        responders,
    };
    section.finish(problems);
    measure
}
