//! What the plates of a study say together of the variance of responses: the parameter that they have in common, and which of the
//! models they speak for.

use super::evaluate::prepare;
use crate::curve::blank::PreparedFit;
use crate::curve::{self, Method, Point, Variance, VarianceChoice};
use crate::plate::AssayPlate;
use crate::protocol::Assay;

/// The parameter of the method's variance model over all plates whose standards make a usable curve, by
/// [`pooled_variance_parameter`](curve::pooled_variance_parameter). Wells and plates that decisions exclude have no part in it.
///
/// # Errors
/// In words, when the plates do not determine it.
pub fn pooled_variance_parameter(plates: &[&AssayPlate], assay: &Assay) -> Result<f64, String> {
    let prepared = prepared(plates, assay);
    // Whether a curve can be used does not hang on the parameter: squared variance decides.
    let usable = |points: &[Point], method: &Method| {
        let squared = Method { variance: Variance::Squared, variance_parameter: None, ..method.clone() };
        curve::fit(points, &squared).is_ok_and(|curve| curve.verdict().usable)
    };
    let usable: Vec<_> = prepared.iter().filter(|one| usable(&one.points, &one.method)).collect();
    let plates: Vec<(&[Point], &Method)> = usable.iter().map(|one| (one.points.as_slice(), &one.method)).collect();
    if plates.is_empty() {
        return Err("no plate has a usable standard curve".into());
    }
    curve::pooled_variance_parameter(assay.method.variance, &plates).map_err(|error| error.to_string())
}

/// The variance models beside each other over all plates that count, by [`VarianceChoice`]. `None` where no plate has a usable
/// curve under each of them.
pub fn variance_choice(plates: &[&AssayPlate], assay: &Assay) -> Option<VarianceChoice> {
    let prepared = prepared(plates, assay);
    let plates: Vec<(&[Point], &Method)> = prepared.iter().map(|one| (one.points.as_slice(), &one.method)).collect();
    VarianceChoice::of_plates(&plates)
}

fn prepared(plates: &[&AssayPlate], assay: &Assay) -> Vec<PreparedFit> {
    let counting = plates.iter().filter(|plate| plate.excluded.is_none());
    counting.filter_map(|plate| prepare(plate, assay)).collect()
}
