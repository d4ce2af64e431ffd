//! The picture of the ratios of several analytes.

use super::NamedFigure;
use crate::protocol::AnalysisId;
use crate::report::analytes::AnalytesReport;
use crate::report::figure::{HeatMapCell, HeatMapFigure, HeatMapRow, heat_map};
use crate::report::words;
use crate::study::{AnalyteAnswer, AnalyteRatio};

/// What one column of the picture is of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AnalyteColumn<'a> {
    active: &'a str,
    reference: &'a str,
    visit: &'a str,
    analysis: AnalysisId,
    primary: bool,
}

impl<'a> AnalyteColumn<'a> {
    fn of(ratio: &'a AnalyteRatio) -> Self {
        let AnalyteRatio { active, reference, visit, analysis, primary, .. } = ratio;
        Self { active, reference, visit, analysis: *analysis, primary: *primary }
    }

    /// The two lines above it. Where all columns are of the same arms these stand in the title.
    fn heading(&self, same_arms: bool) -> [String; 2] {
        let how = if self.primary { "primary" } else { "mixed model" };
        match same_arms {
            true => [self.visit.to_string(), how.to_string()],
            false => [format!("{} / {}", self.active, self.reference), format!("{}, {how}", self.visit)],
        }
    }
}

/// So many columns have room for their numbers.
const COLUMNS: usize = 7;

/// The ratios of all analytes as heat maps: one, or one for each arm where there are several columns of each.
pub fn of_analytes(report: &AnalytesReport<'_>) -> Vec<NamedFigure> {
    let mut columns: Vec<AnalyteColumn<'_>> = Vec::new();
    for column in report.over.ratios.iter().map(AnalyteColumn::of) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    // Arms in their order; of each the primary comparison first.
    let mut arms: Vec<&str> = Vec::new();
    for column in &columns {
        if !arms.contains(&column.active) {
            arms.push(column.active);
        }
    }
    let of_arm = |arm: &str| columns.iter().filter(|column| column.active == arm).cloned().collect::<Vec<_>>();
    let by_arm: Vec<Vec<AnalyteColumn<'_>>> = arms.into_iter().map(of_arm).collect();
    // Arms stand beside each other where each has one column; else each has a picture of its own.
    let by_arm = if by_arm.iter().all(|columns| columns.len() == 1) { vec![by_arm.concat()] } else { by_arm };
    let parts: Vec<Vec<AnalyteColumn<'_>>> =
        by_arm.iter().flat_map(|columns| columns.chunks(COLUMNS)).map(<[AnalyteColumn<'_>]>::to_vec).collect();
    let named = |(at, columns): (usize, &Vec<AnalyteColumn<'_>>)| NamedFigure {
        name: if at == 0 { "analytes".into() } else { format!("analytes_{}", at + 1) },
        figure: heat_map(&figure(report, columns)),
    };
    parts.iter().enumerate().map(named).collect()
}

fn figure(report: &AnalytesReport<'_>, columns: &[AnalyteColumn<'_>]) -> HeatMapFigure {
    let mut analytes: Vec<&AnalyteAnswer> = Vec::new();
    for answer in &report.over.answers {
        if analytes.iter().all(|known| known.paramcd != answer.paramcd) {
            analytes.push(answer);
        }
    }
    let same_arms = columns.first().filter(|first| columns.iter().all(|one| one.active == first.active));
    let (active, reference) = same_arms.map_or(("the arm", "the reference arm"), |one| (one.active, one.reference));
    HeatMapFigure {
        title: match same_arms {
            Some(_) => format!("Every analyte, {active} against {reference}: ratio of the changes from baseline"),
            None => "Every analyte: ratio of the changes from baseline".into(),
        },
        subtitle: format!(
            "With {} confidence interval; p-values not adjusted for each other. A heavy frame: the interval leaves out 1",
            levels(&analytes)
        ),
        directions: [
            format!("↓ {active} falls more, or rises less"),
            format!("↑ {reference} falls more, or rises less"),
        ],
        columns: columns.iter().map(|column| column.heading(same_arms.is_some())).collect(),
        rows: analytes.iter().map(|analyte| row(report, analyte, columns)).collect(),
        simulated: report.simulated,
        ..HeatMapFigure::default()
    }
}

/// The levels of the intervals, each once.
fn levels(analytes: &[&AnalyteAnswer]) -> String {
    let mut levels: Vec<String> = analytes.iter().map(|one| format!("{} %", words::percent(one.confidence))).collect();
    levels.sort();
    levels.dedup();
    levels.join(" or ")
}

fn row(report: &AnalytesReport<'_>, analyte: &AnalyteAnswer, columns: &[AnalyteColumn<'_>]) -> HeatMapRow {
    let own = || report.over.ratios.iter().filter(|ratio| ratio.paramcd == analyte.paramcd);
    let cell = |column: &AnalyteColumn<'_>| match own().find(|ratio| AnalyteColumn::of(ratio) == *column) {
        Some(found) => HeatMapCell {
            ratio: found.ratio,
            detail: found.p.map(words::p_value).unwrap_or_default(),
            none: "not estimable".into(),
        },
        None if own().next().is_none() => HeatMapCell { none: "not compared".into(), ..HeatMapCell::default() },
        None => HeatMapCell { none: "not analysed".into(), ..HeatMapCell::default() },
    };
    HeatMapRow {
        label: analyte.analyte.clone(),
        detail: analyte.unit.clone(),
        cells: columns.iter().map(cell).collect(),
    }
}
