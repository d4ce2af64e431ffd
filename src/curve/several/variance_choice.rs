//! Which variance model the wells speak for: the restricted likelihood of each, over one curve or many.
//!
//! ```text
//! L = −(N − p)/2 (ln(2π RSS / (N − p)) + 1) + ½ Σ ln w − ½ ln det JᵀWJ
//! ```
//!
//! (Patterson & Thompson 1971, Biometrika 58:545; Davidian & Giltinan 1995, section 2.3.) Restricted, because a curve follows its
//! outermost wells, and by plain likelihood the top looks quieter than it is. The simple models have one parameter each, σ, so that
//! their likelihoods compare as they are. Over several curves *two-component* is compared too, at the crossover that they have in common
//! and less 1 for it (Akaike 1974). Curves have their own σ; their log-likelihoods add up.

use rayon::prelude::*;
use serde::Serialize;

use crate::curve::answers::standard_curve::StandardCurve;
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::method::Method;
use crate::curve::definition::point::Point;
use crate::curve::definition::variance::Variance;
use crate::curve::fit::{fit, pooled_variance_parameter};

/// The simple models, which are always compared.
const MODELS: [Variance; 3] = [Variance::Constant, Variance::Proportional, Variance::Squared];

/// Log-likelihoods further apart than this are not by chance: half the 99 % quantile of χ² with one degree of freedom.
const CHANCE: f64 = 3.317;

/// Variance models beside each other, the likeliest first.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// // Noise of 6 % of the response, over three plates.
/// let noisy = |seed: f64| -> Vec<Point> {
///     let well = |(i, p): (usize, &Point)| Point { response: p.response * (1.0 + 0.06 * (seed + 2.0 * i as f64).sin()), ..*p };
///     plate.iter().enumerate().map(well).collect()
/// };
/// let plates = [noisy(0.0), noisy(1.0), noisy(2.0)];
/// let choice = VarianceChoice::of(&plates.each_ref().map(Vec::as_slice), &Method::default());
/// let against = |variance| choice.as_ref().and_then(|choice| choice.speaks_against(variance));
/// assert!(against(Variance::Constant).is_some() && against(Variance::Squared).is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VarianceChoice {
    /// Curves that had a say: those that are usable under every model.
    pub curves: usize,
    /// Each model with its log-likelihood, less that of the best: 0 for the first, falling.
    pub models: Vec<(Variance, f64)>,
}

impl VarianceChoice {
    /// Compares the models on curves that are fitted as the method says, but for its variance. `None` where no curve is usable under
    /// every model.
    pub fn of(curves: &[&[Point]], method: &Method) -> Option<Self> {
        let methods: Vec<(&[Point], &Method)> = curves.iter().map(|points| (*points, method)).collect();
        Self::of_plates(&methods)
    }

    /// The same where each curve comes with its method: a plateau may be fixed to a plate's own blanks.
    pub fn of_plates(plates: &[(&[Point], &Method)]) -> Option<Self> {
        let mut models = MODELS.map(|variance| (variance, None)).to_vec();
        let mut found: Vec<PlateLikelihoods<'_>> =
            plates.par_iter().filter_map(|&plate| PlateLikelihoods::of(plate, &models)).collect();
        if found.len() > 1 {
            let usable: Vec<(&[Point], &Method)> = found.iter().map(|of_plate| of_plate.plate).collect();
            if let Ok(crossover) = pooled_variance_parameter(Variance::TwoComponent, &usable) {
                models.push((Variance::TwoComponent, Some(crossover)));
                found = found.into_par_iter().filter_map(|of_plate| of_plate.with(&models[MODELS.len()..])).collect();
            }
        }
        let sum = |(i, &(variance, parameter)): (usize, &(Variance, Option<f64>))| {
            let sum: f64 = found.iter().map(|of_plate| of_plate.likelihoods[i]).sum();
            (variance, if parameter.is_some() { sum - 1.0 } else { sum })
        };
        let mut models: Vec<(Variance, f64)> = models.iter().enumerate().map(sum).collect();
        let best = models.iter().map(|model| model.1).fold(f64::NEG_INFINITY, f64::max);
        models.iter_mut().for_each(|model| model.1 -= best);
        models.sort_by(|one, other| other.1.total_cmp(&one.1));
        (!found.is_empty()).then_some(Self { curves: found.len(), models })
    }

    /// The likeliest model.
    pub fn best(&self) -> Variance {
        self.models.first().map_or(Variance::Constant, |(variance, _)| *variance)
    }

    /// By how much the log-likelihood of this model is below the best, where that is more than chance. `None` for a model that is not
    /// compared.
    pub fn speaks_against(&self, variance: Variance) -> Option<f64> {
        let below = self.models.iter().find(|(model, _)| *model == variance).map(|(_, l)| -l)?;
        (below > CHANCE).then_some(below)
    }
}

/// Which coordinates were fitted.
type FittedCoordinates = (Kernel, [bool; 3]);

/// The log-likelihoods of one plate under some models, all on the same parameters.
struct PlateLikelihoods<'a> {
    plate: (&'a [Point], &'a Method),
    coordinates: Option<FittedCoordinates>,
    likelihoods: Vec<f64>,
}

/// The restricted log-likelihood of a curve under each model. `None` where it is not usable under one of them, or its curve has run to
/// a limit of the family under one only: densities over different coordinates do not compare.
impl<'a> PlateLikelihoods<'a> {
    fn of(plate: (&'a [Point], &'a Method), models: &[(Variance, Option<f64>)]) -> Option<Self> {
        Self { plate, coordinates: None, likelihoods: Vec::new() }.with(models)
    }

    /// With those under further models.
    fn with(mut self, models: &[(Variance, Option<f64>)]) -> Option<Self> {
        let (points, method) = self.plate;
        for &(variance, variance_parameter) in models {
            let curve = fit(points, &Method { variance, variance_parameter, ..method.clone() }).ok()?;
            let fitted = curve.fitted_coordinates()?;
            let alike = *self.coordinates.get_or_insert(fitted) == fitted;
            let likelihood = curve.restricted_log_likelihood().filter(|_| alike && curve.verdict().usable)?;
            self.likelihoods.push(likelihood);
        }
        Some(self)
    }
}

impl StandardCurve {
    /// The restricted log-likelihood of the variance model, at the top of this file. `None` without a covariance.
    pub(crate) fn restricted_log_likelihood(&self) -> Option<f64> {
        let (root, smooth) = (self.root.as_ref()?, self.smooth.as_ref()?);
        self.residual_sd()?;
        let df = self.points.len().checked_sub(smooth.size()).filter(|&df| df > 0)? as f64;
        let ln_weights: f64 = self.standards.iter().zip(&self.weights).map(|(s, w)| s.n * libm::log(*w)).sum();
        let of_noise = libm::log(2.0 * std::f64::consts::PI * self.rss / df) + 1.0;
        Some(0.5 * (ln_weights - df * of_noise - root.ln_determinant()))
    }

    /// Which coordinates were fitted: two fits with the same have likelihoods that compare.
    fn fitted_coordinates(&self) -> Option<FittedCoordinates> {
        self.smooth.as_ref().map(|smooth| (smooth.kernel, smooth.free))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::answers::redraw::tests::deviates;
    use crate::curve::{Model, Parameters};

    /// Plates with noise of this exponent, from deviates without a pattern.
    fn plates(n: usize, exponent: f64) -> Vec<Vec<Point>> {
        let truth = Parameters { a: 0.06, d: 2.8, c: 400.0, b: 1.1, g: 1.0 };
        let mut normal = deviates();
        let levels = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0];
        (0..n)
            .map(|_| {
                levels
                    .into_iter()
                    .flat_map(|x| [x, x])
                    .map(|concentration| {
                        let mean = Model::FourParameter.response(&truth, concentration);
                        let response = mean + 0.03 * libm::pow(mean, exponent) * normal();
                        Point { concentration, response }
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn the_model_of_the_noise_is_found_and_the_far_ones_are_spoken_against() {
        for (exponent, truth, far) in [
            (0.0, Variance::Constant, Variance::Squared),
            (0.5, Variance::Proportional, Variance::Squared),
            (1.0, Variance::Squared, Variance::Constant),
        ] {
            let plates = plates(12, exponent);
            let points: Vec<&[Point]> = plates.iter().map(Vec::as_slice).collect();
            let choice = VarianceChoice::of(&points, &Method::default()).unwrap();
            assert_eq!((choice.best(), choice.curves), (truth, 12), "{choice:?}");
            assert!(choice.speaks_against(far).is_some() && choice.speaks_against(truth).is_none(), "{choice:?}");
        }
    }

    /// With the variances known, integrating the parameters out of a linear curve is exact: (N − p)/2 ln RSS, ½ Σ ln w and the
    /// determinant are what is left. Scaling all responses moves all models alike.
    #[test]
    fn the_choice_does_not_hang_on_the_unit_of_the_responses() {
        let plates = plates(3, 0.5);
        let scaled: Vec<Vec<Point>> = plates
            .iter()
            .map(|points| points.iter().map(|p| Point { response: 1000.0 * p.response, ..*p }).collect())
            .collect();
        let of = |plates: &[Vec<Point>]| {
            let points: Vec<&[Point]> = plates.iter().map(Vec::as_slice).collect();
            VarianceChoice::of(&points, &Method::default()).unwrap()
        };
        let (one, other) = (of(&plates), of(&scaled));
        for (one, other) in one.models.iter().zip(&other.models) {
            assert!(one.0 == other.0 && (one.1 - other.1).abs() < 1e-6, "{one:?} {other:?}");
        }
    }

    #[test]
    fn data_without_noise_choose_nothing() {
        let exact: Vec<Point> = [1.0, 10.0, 100.0, 1000.0, 10000.0, 100_000.0]
            .map(|x| Point { concentration: x, response: 0.1 + 2.0 * x / (x + 300.0) })
            .to_vec();
        assert_eq!(VarianceChoice::of(&[&exact], &Method::default()), None);
    }

    /// One plate does not tell a floor from a percentage: its two components are not asked for.
    #[test]
    fn two_components_take_two_plates() {
        let plate = |shift: u32| -> Vec<Point> {
            let levels = (0..8_u32).flat_map(|i| [(i, 1.0), (i, -1.0)]);
            let noise = |i: u32, sign: f64| 0.02 * sign * f64::from(1 + (i + shift) % 3);
            let well = |(i, sign): (u32, f64)| {
                let x = 5.0 * f64::from(1_u32 << i);
                Point { concentration: x, response: (0.1 + 3.0 * x / (x + 60.0)) * (1.0 + noise(i, sign)) }
            };
            levels.map(well).collect()
        };
        let (one, other) = (plate(0), plate(1));
        let asked = |plates: &[&[Point]]| {
            let choice = VarianceChoice::of(plates, &Method::default()).unwrap();
            (choice.curves, choice.models.iter().any(|(model, _)| *model == Variance::TwoComponent))
        };
        assert_eq!([asked(&[&one]), asked(&[&one, &other])], [(1, false), (2, true)]);
    }
}
