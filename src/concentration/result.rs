//! What a plate gives: its curve, its standards read back, its controls and samples, well by well and group by group.

use serde::{Deserialize, Serialize};

use super::quantity::Quantity;
use crate::plate::{Excluded, Reading, WellPosition};
use crate::sheet::Location;

/// The range of a curve that may be reported, in the unit of the study, of the well (before dilution).
///
/// See [`PlateConcentrations`](super::PlateConcentrations) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Range {
    /// Lower limit of quantification.
    pub lloq: f64,
    /// Upper limit of quantification.
    pub uloq: f64,
    /// The lower limit that was wanted, where a standard that fails has raised it.
    pub lloq_raised_from: Option<f64>,
    /// The upper limit that was wanted, where a standard that fails has lowered it.
    pub uloq_lowered_from: Option<f64>,
    /// The rule that set them, in words.
    pub rule: String,
}

/// One well with its concentration.
///
/// See [`PlateConcentrations`](super::PlateConcentrations) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct WellResult {
    /// Where on the plate.
    pub position: WellPosition,
    /// `standard`, `control`, `blank` or `sample`.
    pub role: &'static str,
    /// The standard's level, the control's level or the sample's name; empty for a blank.
    pub name: String,
    /// Nominal concentration of a standard or control.
    pub nominal: Option<f64>,
    /// Dilution factor, ≥ 1; 1 for standards.
    pub dilution: f64,
    /// The raw reading.
    pub reading: Reading,
    /// The reading at the reference wavelength, where one is subtracted.
    pub reference: Option<Reading>,
    /// What was analysed.
    pub response: Reading,
    /// The concentration, corrected for dilution. For a standard: its back-calculated concentration.
    pub quantity: Quantity,
    /// The cell of the raw reading.
    pub location: Location,
    /// By which decision it is left out.
    pub excluded: Option<Excluded>,
}

/// One group of replicates: a sample at one dilution, or one set of a control.
///
/// See [`PlateConcentrations`](super::PlateConcentrations) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct GroupResult {
    /// The sample's name, or the control's level.
    pub name: String,
    /// Dilution factor, ≥ 1.
    pub dilution: f64,
    /// Its wells.
    pub wells: Vec<WellPosition>,
    /// Mean of the measured responses.
    pub mean_response: Option<f64>,
    /// Coefficient of variation of the replicates' concentrations, in percent.
    pub cv_percent: Option<f64>,
    /// The concentration of the group, corrected for dilution.
    pub quantity: Quantity,
    /// What a reader should know, in words.
    pub flags: Vec<String>,
}

/// One set of a control beside its nominal concentration, where it has one: another is watched, not judged.
///
/// See [`PlateConcentrations`](super::PlateConcentrations) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ControlResult {
    /// The set's concentration.
    pub group: GroupResult,
    /// Nominal concentration; `None` of a control that is watched and not judged.
    pub nominal: Option<f64>,
    /// 100 × (found − nominal) / nominal.
    pub bias_percent: Option<f64>,
}

/// One level of the standards, read back from the curve.
///
/// See [`PlateConcentrations`](super::PlateConcentrations) for an example.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StandardResult {
    /// Nominal concentration.
    pub nominal: f64,
    /// Number of wells that were used.
    pub n: usize,
    /// Mean response; not a number where no well could be used.
    pub mean_response: f64,
    /// CV of the responses, in percent.
    pub response_cv_percent: Option<f64>,
    /// Concentration of the mean response on the curve.
    pub back_calculated: Option<f64>,
    /// 100 × (back-calculated − nominal) / nominal.
    pub bias_percent: Option<f64>,
    /// CV of the wells' back-calculated concentrations, in percent.
    pub concentration_cv_percent: Option<f64>,
    /// Whether it is an anchor: outside the range, in the fit, neither judged nor counted.
    pub anchor: bool,
    /// Largest |bias| that it may have; `None` where it is not judged (zero, anchor).
    pub bias_limit_percent: Option<f64>,
    /// Largest CV that it may have; `None` where none is set.
    pub cv_limit_percent: Option<f64>,
    /// Whether the a-priori rule rejected it: the curve was fitted without it, and it is read back from that curve.
    pub rejected: bool,
    /// In which limit it fails; `None` where it passes or is not judged.
    pub failure: Option<String>,
}

impl StandardResult {
    /// Whether it counts: neither the zero standard nor an anchor.
    pub fn is_given(&self) -> bool {
        self.bias_limit_percent.is_some()
    }

    /// Whether it is in the fit and counts.
    pub fn is_judged(&self) -> bool {
        self.is_given() && !self.rejected
    }

    /// Whether its bias is within its limit: one that cannot be computed is not. `None` where it is not judged.
    pub fn bias_is_within(&self) -> Option<bool> {
        let limit = self.bias_limit_percent?;
        Some(self.bias_percent.is_some_and(|bias| bias.abs() <= limit))
    }

    /// The same of the CV of its wells; `None` where no limit is set.
    pub fn cv_is_within(&self) -> Option<bool> {
        let limit = self.cv_limit_percent?;
        Some(self.concentration_cv_percent.is_some_and(|cv| cv <= limit))
    }

    /// Whether it counts, was kept and is within its limits.
    pub fn passes(&self) -> bool {
        self.is_judged() && self.failure.is_none()
    }
}
