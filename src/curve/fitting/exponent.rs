//! The exponent of the variance where alternation does not lead to it.
//!
//! With an exponent estimated from the wells, curve and exponent are looked for by turns ([`super::weighting`]). On one curve of random
//! design in five that ends nowhere: the exponent runs to the end of what is searched, or two curves are each the lower one under the
//! exponent of the other. Here the exponents of the range are gone through instead. Each has one best curve `f(θ)`, the lowest of all
//! minima and limits under it, and that curve a likeliest exponent `θ*(f(θ))`; an answer is where the two are the same,
//!
//! ```text
//! p(θ) = θ*(f(θ)) − θ = 0,    p falling
//! ```
//!
//! and of several the one of the highest likelihood. Where `p` passes zero in a leap from one curve to another, no exponent is that of
//! its own best curve. Where it has one sign everywhere, the likelihood rises up to the end of the range whatever the curve: the
//! wells do not determine an exponent.

use super::curve_family::CurveFamily;
use super::fitted_curve::FittedCurve;
use super::settle::fitted_means;
use super::shape::{Missing, Shape};
use super::weighting::Weighting;
use crate::curve::definition::point::Standard;
use crate::curve::definition::variance_law::{EXPONENTS, Law, Spread};
use crate::curve::numerics::bracket;

/// Exponents that are looked at first lie so far apart; what the likelihood does between two of them is not seen.
const STEP: f64 = 0.3;
/// An interval of exponents so wide is taken for a point.
const NARROW: f64 = 1e-3;
/// Two curves at its ends are one if `ln c`, `ln b` and `ln g` differ by no more than this.
const SAME_CURVE: f64 = 0.05;
/// Difference of an exponent from the likeliest one about its curve that is none.
const SAME: f64 = 1e-7;

/// An exponent with its best curve.
struct ExponentFit {
    exponent: f64,
    fitted: FittedCurve,
    /// p(θ).
    pull: f64,
    likelihood: f64,
}

/// The family and the wells of one curve, for whose wells an exponent is looked for.
pub(crate) struct Exponents<'a> {
    pub family: &'a CurveFamily,
    pub standards: &'a [Standard],
    /// As in [`super::search::search`].
    pub region: f64,
    pub weighting: Weighting,
}

impl Exponents<'_> {
    /// The curve that is the best under the exponent that is the likeliest about it; if there is none, why.
    pub(crate) fn likeliest(&self) -> Result<FittedCurve, Missing> {
        let (low, high) = EXPONENTS;
        let steps = ((high - low) / STEP).round() as usize;
        let places: Vec<Option<ExponentFit>> =
            (0..=steps).map(|i| self.at(low + (high - low) * i as f64 / steps as f64)).collect();
        let found = places.windows(2).filter_map(|pair| {
            let (left, right) = (pair[0].as_ref()?, pair[1].as_ref()?);
            (left.pull > 0.0 && right.pull <= 0.0).then(|| self.between(left, right)).flatten()
        });
        let best = found.max_by(|p, q| p.likelihood.total_cmp(&q.likelihood));
        if let Some(ExponentFit { fitted, exponent, .. }) = best {
            return Ok(FittedCurve { law: Law::Power(exponent), law_estimated: true, ..fitted });
        }
        let seen = || places.iter().flatten();
        if seen().count() > 0 && seen().all(|place| place.pull < 0.0) {
            Err(Missing::NoExponent(low))
        } else if seen().count() > 0 && seen().all(|place| place.pull > 0.0) {
            Err(Missing::NoExponent(high))
        } else {
            Err(Missing::VarianceNotSettled)
        }
    }

    /// The best curve under this exponent.
    fn at(&self, exponent: f64) -> Option<ExponentFit> {
        let fitted =
            self.weighting.holding(Law::Power(exponent)).iterate(self.family, self.standards, self.region, &[]);
        if matches!(fitted.found.shape, Shape::None(_)) {
            return None;
        }
        let spread = self.spread(&fitted.found.shape, &fitted.weights);
        let (pull, likelihood) = (pull(exponent, &spread), Law::Power(exponent).log_likelihood(&spread));
        Some(ExponentFit { exponent, fitted, pull, likelihood })
    }

    fn spread(&self, shape: &Shape, weights: &[f64]) -> Vec<Spread> {
        let means = fitted_means(shape, self.family, self.standards, weights);
        self.weighting.spread(&means, self.standards)
    }

    /// The place between two at which `p` passes zero without a leap.
    fn between(&self, left: &ExponentFit, right: &ExponentFit) -> Option<ExponentFit> {
        let (mut low, mut high) = ((left.exponent, left.fitted.clone()), (right.exponent, right.fitted.clone()));
        while high.0 - low.0 > NARROW {
            let middle = self.at(0.5 * (low.0 + high.0))?;
            let side = if middle.pull > 0.0 { &mut low } else { &mut high };
            *side = (middle.exponent, middle.fitted);
        }
        if !is_one_curve(&low.1.found.shape, &high.1.found.shape) {
            return None;
        }
        // On one branch: the curve is followed, not searched again.
        let follow = |exponent: f64| {
            let one = self.weighting.holding(Law::Power(exponent));
            let settled = one.fixed_point(self.family, self.standards, low.1.found.shape, &low.1.weights);
            settled.map_or(f64::NAN, |settled| {
                let shape = settled.shape();
                pull(exponent, &self.spread(&shape, &settled.into_weights()))
            })
        };
        let exponent = bracket::root(follow, (low.0, follow(low.0)), (high.0, follow(high.0)));
        // The last word has the search.
        let place = self.at(exponent.clamp(low.0, high.0))?;
        (place.pull.abs() <= SAME).then_some(place)
    }
}

/// p(θ). A likelihood that rises to the end of the range draws beyond it, from that end too.
fn pull(exponent: f64, spread: &[Spread]) -> f64 {
    let likeliest = Law::Power(exponent).most_likely([spread]);
    let (low, high) = EXPONENTS;
    if likeliest.has_no_maximum() {
        return if likeliest.parameter() > 0.5 * (low + high) { high + STEP - exponent } else { low - STEP - exponent };
    }
    likeliest.parameter() - exponent
}

fn is_one_curve(one: &Shape, other: &Shape) -> bool {
    match (one, other) {
        (Shape::Smooth { kernel: p, at: one }, Shape::Smooth { kernel: q, at: other }) => {
            p == q && (0..3).all(|j| (one.theta[j] - other.theta[j]).abs() <= SAME_CURVE)
        }
        _ => one.is_like(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels whose squares go with the mean to the power of twice `slope`.
    fn spread(slope: f64) -> Vec<Spread> {
        let level = |i: u32| {
            let ln_mean = f64::from(i) - 2.0;
            Spread { n: 2.0, ln_mean, squares: 2.0 * libm::exp(2.0 * slope * ln_mean) }
        };
        (0..5).map(level).collect()
    }

    /// Towards the likeliest exponent; one beyond the range draws beyond its end, from the end too.
    #[test]
    fn a_likelihood_draws_towards_its_exponent() {
        assert!((pull(0.2, &spread(1.0)) - 0.8).abs() < 1e-6 && (pull(2.0, &spread(1.0)) + 1.0).abs() < 1e-6);
        let near = |exponent: f64, slope: f64, expected: f64| {
            let pull = pull(exponent, &spread(slope));
            assert!((pull - expected).abs() < 1e-12, "{exponent} {slope}: {pull}");
        };
        near(4.0, 6.0, STEP);
        near(1.0, 6.0, 3.0 + STEP);
        near(-2.0, -5.0, -STEP);
        near(1.0, -5.0, -3.0 - STEP);
    }
}
