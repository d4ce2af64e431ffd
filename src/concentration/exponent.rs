//! The exponent of the variance that the plates of a study have in common.

use super::evaluate::prepare;
use crate::curve::{self, Method, Point, Variance};
use crate::plate::AssayPlate;
use crate::protocol::Assay;

/// The exponent θ of [`Variance::Power`] over all plates whose standards make a usable curve, by
/// [`pooled_exponent`](curve::pooled_exponent). Wells and plates that decisions exclude have no part in it.
///
/// # Errors
/// In words, when the plates do not determine it.
pub fn pooled_exponent(plates: &[&AssayPlate], assay: &Assay) -> Result<f64, String> {
    let counting = plates.iter().filter(|plate| plate.excluded.is_none());
    let prepared: Vec<_> = counting.filter_map(|plate| prepare(plate, assay)).collect();
    // Whether a curve can be used does not hang on the exponent: squared variance decides.
    let usable = |points: &[Point], method: &Method| {
        let squared = Method { variance: Variance::Squared, exponent: None, ..method.clone() };
        curve::fit(points, &squared).is_ok_and(|curve| curve.verdict().usable)
    };
    let usable: Vec<_> = prepared.iter().filter(|one| usable(&one.points, &one.method)).collect();
    let plates: Vec<(&[Point], &Method)> = usable.iter().map(|one| (one.points.as_slice(), &one.method)).collect();
    if plates.is_empty() {
        return Err("no plate has a usable standard curve".into());
    }
    curve::pooled_exponent(&plates).map_err(|error| error.to_string())
}
