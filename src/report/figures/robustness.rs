//! The figures of what the comparison is checked against.

use super::NamedFigure;
use crate::report::figure::{SensitivityFigure, SensitivityRow, sensitivity};
use crate::report::{StudyReport, words};
use crate::study::Robustness;
use crate::study::sensitivity_grid::SensitivityGrid;

/// The sensitivity grid of each arm.
pub fn of_robustness(report: &StudyReport<'_>, robustness: &Robustness) -> Vec<NamedFigure> {
    let grids = &robustness.grids;
    let name = |at: usize| if grids.len() == 1 { "sensitivity".into() } else { format!("sensitivity_{}", at + 1) };
    grids
        .iter()
        .enumerate()
        .map(|(at, grid)| NamedFigure { name: name(at), figure: sensitivity(&sensitivity_figure(report, grid)) })
        .collect()
}

fn sensitivity_figure(report: &StudyReport<'_>, grid: &SensitivityGrid) -> SensitivityFigure {
    let (active, reference) = (&grid.active, &grid.reference);
    let estimates = grid.cells.iter().filter(|cell| cell.comparison.ratio.is_some()).count();
    let rows = grid.levels.iter().map(|level| SensitivityRow {
        choice: level.choice.to_string(),
        level: level.level.clone(),
        declared: level.declared,
        alone: level.alone.and_then(|at| grid.cells.get(at)).and_then(|cell| cell.comparison.ratio),
        range: level.lowest.zip(level.highest),
        cells: level.cells,
        excluding_one: level.excluding_one,
    });
    SensitivityFigure {
        title: format!("Does the answer depend on a choice? {active} against {reference}"),
        subtitle: format!(
            "{estimates} evaluations of the same wells, every choice with every other; {} % confidence intervals",
            words::percent(report.protocol.assay.method.confidence)
        ),
        ratio: format!("Ratio of geometric mean ratios to baseline, {active} / {reference}"),
        directions: [format!("← {active} falls more"), format!("{reference} falls more →")],
        declared: grid.cells.iter().find(|cell| cell.comparison.primary).and_then(|cell| cell.comparison.ratio),
        rows: rows.collect(),
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    }
}
