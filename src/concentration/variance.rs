//! What the plates of a study say together of the variance of responses: the parameter that they have in common, and which of the
//! models they speak for.

use super::plate_to_fit::prepare;
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

#[cfg(test)]
mod tests {
    use super::*;

    use crate::curve::{Model, Parameters};
    use crate::plate::{AssayWell, Excluded, PlateSize, Reading, WellPosition, WellRole};
    use crate::stats::random::Random;

    /// Standards in fours whose noise is 3 % of each response.
    fn plates() -> Vec<AssayPlate> {
        let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
        let mut random = Random::new(3);
        let mut plate = |id: &str| {
            let wells = (0..8).flat_map(|row| (0..4).map(move |column| (row, column)));
            let wells = wells.map(|(row, column)| {
                let concentration = 2000.0 / f64::from(1_u32 << row);
                let response = Model::FourParameter.response(&truth, concentration) * (1.0 + 0.03 * random.normal());
                let role = WellRole::Standard { concentration };
                AssayWell::of_reading(WellPosition::new(row, column), role, Reading::Measured(response))
            });
            AssayPlate::of_wells(id, PlateSize::WELLS_96, wells.collect())
        };
        ["P1", "P2", "P3"].map(&mut plate).into()
    }

    /// Noise in proportion to the response is a variance ∝ mean^(2θ) with θ = 1; plates that a decision leaves out say nothing.
    #[test]
    fn plates_tell_the_model_of_their_noise_together() {
        let mut assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
        let mut plates = plates();
        let of = |plates: &[AssayPlate], assay: &Assay| {
            let plates: Vec<&AssayPlate> = plates.iter().collect();
            (pooled_variance_parameter(&plates, assay), variance_choice(&plates, assay).is_some())
        };
        assay.method.variance = Variance::Power;
        let (exponent, choice) = of(&plates, &assay);
        assert!(choice && exponent.as_ref().is_ok_and(|exponent| (exponent - 1.0).abs() < 0.1), "{exponent:?}");
        plates[1].excluded = Some(Excluded { line: 1, reason: "lamp".into() });
        assert!(of(&plates, &assay).0.is_ok_and(|of_two| Ok(of_two) != exponent));
        plates.iter_mut().for_each(|plate| plate.excluded = Some(Excluded { line: 1, reason: "lamp".into() }));
        assert_eq!(of(&plates, &assay), (Err("no plate has a usable standard curve".into()), false));
    }
}
