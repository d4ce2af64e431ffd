//! Every figure of a report.

use rayon::prelude::*;

use super::figures::NamedFigure;
use super::{StudyReport, figures, page};

/// Every figure of a report.
pub(super) struct Figures {
    pub(super) plates: Vec<Option<figures::PlateFigures>>,
    pub(super) controls: Vec<NamedFigure>,
    pub(super) curves: Vec<NamedFigure>,
    pub(super) comparison: Vec<NamedFigure>,
    pub(super) missing_data: Vec<NamedFigure>,
    pub(super) clinical: Vec<NamedFigure>,
    pub(super) robustness: Vec<NamedFigure>,
}

impl Figures {
    pub(super) fn of(report: &StudyReport<'_>) -> Self {
        let scale = figures::ResponseScale::of(report);
        let of_comparison = |comparison| figures::of_comparison(report, comparison);
        let of_missing_data = |comparison| figures::of_missing_data(report, comparison);
        let of_robustness = |robustness| figures::of_robustness(report, robustness);
        Self {
            plates: report.plates.par_iter().map(|plate| figures::of_plate(report, plate, scale)).collect(),
            controls: figures::control_charts(report),
            curves: figures::charts_of_curves(report),
            comparison: report.comparison.map(of_comparison).unwrap_or_default(),
            missing_data: report.comparison.map(of_missing_data).unwrap_or_default(),
            clinical: report.clinical.map(|clinical| figures::of_clinical(report, clinical)).unwrap_or_default(),
            robustness: report.robustness.map(of_robustness).unwrap_or_default(),
        }
    }

    pub(super) fn shown(&self) -> page::PageFigures<'_> {
        page::PageFigures {
            plates: &self.plates,
            controls: &self.controls,
            curves: &self.curves,
            comparison: &self.comparison,
            missing_data: &self.missing_data,
            clinical: &self.clinical,
            robustness: &self.robustness,
        }
    }
}
