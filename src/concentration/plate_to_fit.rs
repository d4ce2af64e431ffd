//! A plate before it has its curve: its standards, with the blanks dealt with.

use super::standards::StandardsToFit;
use crate::curve::blank::{self, PreparedFit};
use crate::curve::{Blank, FitError, Method, Point};
use crate::plate::{AssayPlate, AssayWell, Reading, WellRole};
use crate::protocol::Assay;

/// A plate whose standards are to be fitted.
pub(super) struct PlateToFit {
    pub(super) plate: AssayPlate,
    /// `None` where the method uses the blank and there is none.
    prepared: Option<PreparedFit>,
    given: Vec<f64>,
}

impl PlateToFit {
    /// Deals with the blanks as the method says. Where a plate has no blank wells, what is subtracted or held fixed is its zero
    /// standard, as kits have it; included it is already.
    pub(super) fn new(mut plate: AssayPlate, assay: &Assay) -> Self {
        let prepared = prepare(&plate, assay);
        if let Some(prepared) = &prepared {
            for well in &mut plate.wells {
                if let Reading::Measured(value) = &mut well.response {
                    *value = prepared.response(*value);
                }
            }
        }
        Self { given: given(&plate), plate, prepared }
    }

    /// Its standards.
    ///
    /// # Errors
    /// The method uses the blank, and none was measured.
    pub(super) fn standards<'a>(&'a self, assay: &'a Assay) -> Result<StandardsToFit<'a>, FitError> {
        let words =
            "the method uses the blank, and the plate has neither a blank nor a zero standard that was measured";
        let prepared = self.prepared.as_ref().ok_or_else(|| FitError::Method { words: words.into() })?;
        Ok(StandardsToFit::new(&prepared.points, &prepared.method, &self.given, assay))
    }
}

/// The nominal concentrations of all wells of standards, those without a usable reading as well.
pub(super) fn given(plate: &AssayPlate) -> Vec<f64> {
    let nominal = |well: &AssayWell| match well.role {
        WellRole::Standard { concentration } => Some(concentration),
        _ => None,
    };
    plate.wells.iter().filter_map(nominal).collect()
}

/// The standards of a plate and how to fit them; `None` when the method needs a blank that was not measured.
pub(super) fn prepare(plate: &AssayPlate, assay: &Assay) -> Option<PreparedFit> {
    let settings = &assay.method;
    let method = Method {
        model: settings.model,
        variance: settings.variance,
        variance_from: settings.variance_from,
        variance_parameter: settings.variance_parameter,
        confidence: settings.confidence,
        ..Method::default()
    };
    let standards: Vec<Point> = plate
        .wells
        .iter()
        .filter_map(|well| match well.role {
            WellRole::Standard { concentration } => Some(Point { concentration, response: well.response.measured()? }),
            _ => None,
        })
        .collect();
    let measured = |well: &AssayWell| well.response.measured();
    let mut blanks: Vec<f64> =
        plate.wells.iter().filter(|well| well.role == WellRole::Blank).filter_map(measured).collect();
    if blanks.is_empty() && settings.blank != Blank::Include {
        blanks = standards.iter().filter(|point| point.concentration == 0.0).map(|point| point.response).collect();
    }
    blank::prepare(settings.blank, &standards, &blanks, &method)
}
