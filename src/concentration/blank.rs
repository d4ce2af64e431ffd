//! Blank wells, by the method's choice: shown only, a point of the curve at zero, subtracted, or the curve's `a`.
//!
//! `ignore` is the default: ICH M10 keeps blanks out of the curve. `subtract` shifts every response by the same amount: it
//! leaves interpolated concentrations of a constant-variance fit as they are, and moves those of a fit whose variance follows
//! the mean. `include` adds points at concentration zero and so narrows `a`. `constrain` fixes `a` at the blank mean without its
//! uncertainty, which makes intervals near the LLOQ too narrow when there are few blanks.

use crate::plate::{AssayPlate, WellRole};

/// Mean response of the measured blank wells and their number; of the zero standards where the plate has no blank.
pub fn mean(plate: &AssayPlate) -> Option<(f64, usize)> {
    let measured = |is: fn(&WellRole) -> bool| -> Vec<f64> {
        plate.wells.iter().filter(|well| is(&well.role)).filter_map(|well| well.response.measured()).collect()
    };
    let mut responses = measured(|role| matches!(role, WellRole::Blank));
    if responses.is_empty() {
        responses = measured(|role| matches!(role, WellRole::Standard { concentration } if *concentration == 0.0));
    }
    let n = responses.len();
    (n > 0).then(|| (responses.iter().sum::<f64>() / n as f64, n))
}
