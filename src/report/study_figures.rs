//! The figures that are not of a single plate: of the controls and curves over all plates, and of the arms.

use super::figure_files::print_layout;
use super::figures::{self, NamedFigure, PlateFigures};
use super::{StudyReport, page};

/// The figures that are not of a single plate.
pub(super) struct StudyFigures {
    controls: Vec<NamedFigure>,
    curves: Vec<NamedFigure>,
    comparison: Vec<NamedFigure>,
    missing_data: Vec<NamedFigure>,
    clinical: Vec<NamedFigure>,
    robustness: Vec<NamedFigure>,
}

impl StudyFigures {
    pub(super) fn of(report: &StudyReport<'_>) -> Self {
        let of_comparison = |comparison| figures::of_comparison(report, comparison);
        let of_missing_data = |comparison| figures::of_missing_data(report, comparison);
        let of_robustness = |robustness| figures::of_robustness(report, robustness);
        Self {
            controls: figures::control_charts(report),
            curves: figures::charts_of_curves(report),
            comparison: report.comparison.map(of_comparison).unwrap_or_default(),
            missing_data: report.comparison.map(of_missing_data).unwrap_or_default(),
            clinical: report.clinical.map(|clinical| figures::of_clinical(report, clinical)).unwrap_or_default(),
            robustness: report.robustness.map(of_robustness).unwrap_or_default(),
        }
    }

    /// The same laid out for print, where that is not the layout of the page.
    pub(super) fn for_print(report: &StudyReport<'_>) -> Option<Self> {
        let layout = print_layout(report);
        (layout != report.layout).then(|| Self::of(&StudyReport { layout, ..*report }))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &NamedFigure> {
        self.shown(&[]).of_study()
    }

    pub(super) fn shown<'a>(&'a self, plates: &'a [Option<PlateFigures>]) -> page::PageFigures<'a> {
        page::PageFigures {
            plates,
            controls: &self.controls,
            curves: &self.curves,
            comparison: &self.comparison,
            missing_data: &self.missing_data,
            clinical: &self.clinical,
            robustness: &self.robustness,
        }
    }
}
