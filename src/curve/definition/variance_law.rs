//! The variance of a well as a function of its mean, up to σ², and what wells say about its parameter.
//!
//! ```text
//! power           v(μ) = |μ|^(2θ)       θ = 0 constant, ½ proportional, 1 squared
//! two-component   v(μ) = μ² + ρ²        σ the share that grows with the mean, σρ the SD of the floor
//! ```
//!
//! The second is the two-component error model of analytical chemistry (Rocke & Lorenzato 1995, Technometrics 37:176, its percentage
//! part normal instead of log-normal; nlme's `varConstProp`): a floor and a percentage, which are equal where the mean is `ρ`. Small `ρ`
//! is `squared`, large `ρ` is `constant`. As in the other models the curve solves the quasi-likelihood equations (`quasi.rs`) with the
//! variances of its own fitted means; the parameter is the likeliest about that curve, of one plate by the profile likelihood, of several
//! by the restricted one ([`crate::curve::pooled_variance_parameter`]).

use serde::{Deserialize, Serialize};

use super::variance::Variance;
use crate::curve::numerics::bracket;
use crate::curve::numerics::exponential;

/// The variance of a well with a mean, up to σ².
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Law {
    /// By its exponent θ.
    Power(f64),
    /// By its crossover ρ.
    TwoComponent(f64),
}

/// What one level says about the variance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    /// Number of wells.
    pub n: f64,
    /// Logarithm of the mean that the variance follows.
    pub ln_mean: f64,
    /// Sum of squares of the wells about the curve.
    pub squares: f64,
}

/// Exponents that the likelihood is searched over.
pub(crate) const EXPONENTS: (f64, f64) = (-2.0, 4.0);
/// Crossovers are searched from this share of the smallest mean, where the floor is 1 % of the variance there …
const LOWEST_CROSSOVER: f64 = 0.1;
/// … to this multiple of the largest, where the percentage is 0.01 % of it, …
const HIGHEST_CROSSOVER: f64 = 100.0;
/// … at first in so many steps: the likelihood of a crossover need not have one maximum only.
const STEPS: usize = 40;

impl Law {
    /// The law of a model with this parameter; `None` where the model has one that is not given.
    pub(crate) fn known(variance: Variance, parameter: Option<f64>) -> Option<Self> {
        match variance {
            Variance::Constant => Some(Self::Power(0.0)),
            Variance::Proportional => Some(Self::Power(0.5)),
            Variance::Squared => Some(Self::Power(1.0)),
            Variance::Power => parameter.map(Self::Power),
            Variance::TwoComponent => parameter.map(Self::TwoComponent),
        }
    }

    /// What the search for an unknown parameter begins with. A power from the squared model, as nlme's gnls was for the reference
    /// results; a crossover from about the lowest standards. `floor` is [`super::variance::floor`].
    pub(crate) fn first(variance: Variance, floor: f64) -> Self {
        if variance == Variance::TwoComponent { Self::TwoComponent(20.0 * floor) } else { Self::Power(1.0) }
    }

    /// θ or ρ.
    pub(crate) fn parameter(self) -> f64 {
        match self {
            Self::Power(parameter) | Self::TwoComponent(parameter) => parameter,
        }
    }

    /// How far another law of this kind is: an exponent by its difference, a crossover, which has a unit, by its share.
    pub(crate) fn change_to(self, other: Self) -> f64 {
        match self {
            Self::Power(exponent) => (other.parameter() - exponent).abs(),
            Self::TwoComponent(crossover) => (other.parameter() / crossover - 1.0).abs(),
        }
    }

    /// Variance of a well with this mean, up to the factor σ².
    pub(crate) fn variance(self, mean: f64, floor: f64) -> f64 {
        let mean = mean.abs().max(floor);
        match self {
            Self::Power(0.0) => 1.0,
            Self::Power(0.5) => mean,
            Self::Power(1.0) => mean * mean,
            Self::Power(exponent) => exponential::exp(2.0 * exponent * libm::log(mean)),
            Self::TwoComponent(crossover) => mean * mean + crossover * crossover,
        }
    }

    /// Derivative of ln v by the parameter: by θ, by ln ρ.
    pub(crate) fn sensitivity(self, mean: f64, floor: f64) -> f64 {
        match self {
            Self::Power(_) => 2.0 * libm::log(mean.abs().max(floor)),
            Self::TwoComponent(crossover) => 2.0 * crossover * crossover / self.variance(mean, floor),
        }
    }

    /// The variance at a level.
    fn at(self, level: &Spread) -> f64 {
        match self {
            Self::Power(exponent) => exponential::exp(2.0 * exponent * level.ln_mean),
            Self::TwoComponent(crossover) => exponential::exp(2.0 * level.ln_mean) + crossover * crossover,
        }
    }

    /// The profile log-likelihood, σ at its best, but for a constant.
    ///
    /// ```text
    /// L = −(N/2) ln Σ Sᵢ / v(μᵢ) − ½ Σ nᵢ ln v(μᵢ)
    /// ```
    pub(crate) fn log_likelihood(self, levels: &[Spread]) -> f64 {
        let (mut n, mut plain, mut total) = (0.0, 0.0, 0.0);
        for level in levels {
            let v = self.at(level);
            n += level.n;
            plain += level.n * libm::log(v);
            total += level.squares / v;
        }
        -0.5 * (n * libm::log(total) + plain)
    }

    /// The derivative of that by θ or ln ρ.
    fn score(self, levels: &[Spread]) -> f64 {
        let (mut n, mut plain, mut total, mut weighted) = (0.0, 0.0, 0.0, 0.0);
        for level in levels {
            let v = self.at(level);
            let sensitivity = match self {
                Self::Power(_) => 2.0 * level.ln_mean,
                Self::TwoComponent(crossover) => 2.0 * crossover * crossover / v,
            };
            n += level.n;
            plain += level.n * sensitivity;
            total += level.squares / v;
            weighted += level.squares / v * sensitivity;
        }
        if total > 0.0 { 0.5 * (n * weighted / total - plain) } else { 0.0 }
    }

    /// The law of this kind at which the likelihood of several plates, each with its own σ, is highest, within what is searched.
    pub(crate) fn most_likely<'a>(self, plates: impl IntoIterator<Item = &'a [Spread]> + Clone) -> Self {
        match self {
            Self::Power(_) => {
                // Concave: the derivative has one zero.
                let score = |at: f64| -> f64 { plates.clone().into_iter().map(|one| Self::Power(at).score(one)).sum() };
                let (low, high) = EXPONENTS;
                let (at_low, at_high) = (score(low), score(high));
                Self::Power(if at_low <= 0.0 {
                    low
                } else if at_high >= 0.0 {
                    high
                } else {
                    bracket::root(score, (low, at_low), (high, at_high))
                })
            }
            Self::TwoComponent(before) => {
                let (low, high) = (plates.clone().into_iter().flatten())
                    .map(|level| level.ln_mean)
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), ln| (low.min(ln), high.max(ln)));
                let (low, high) = (low + libm::log(LOWEST_CROSSOVER), high + libm::log(HIGHEST_CROSSOVER));
                if low >= high {
                    return Self::TwoComponent(before);
                }
                let law = |ln: f64| Self::TwoComponent(libm::exp(ln));
                let score = |ln: f64| -> f64 { plates.clone().into_iter().map(|one| law(ln).score(one)).sum() };
                let at = |step: usize| low + (high - low) * step as f64 / STEPS as f64;
                let likelihood = |step: usize| -> f64 {
                    plates.clone().into_iter().map(|one| law(at(step)).log_likelihood(one)).sum()
                };
                let (best, _) = (0..=STEPS)
                    .map(|step| (step, likelihood(step)))
                    .fold((0, f64::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best });
                if best == 0 || best == STEPS {
                    return law(at(best));
                }
                let (left, right) = ((at(best - 1), score(at(best - 1))), (at(best + 1), score(at(best + 1))));
                law(if left.1 > 0.0 && right.1 < 0.0 { bracket::root(score, left, right) } else { at(best) })
            }
        }
    }

    /// Whether an estimated exponent sits at the end of what is searched: the likelihood has no maximum inside. A crossover may sit
    /// there: one of its components is too small to be seen.
    pub(crate) fn has_no_maximum(self) -> bool {
        match self {
            Self::Power(exponent) => exponent <= EXPONENTS.0 + 1e-9 || exponent >= EXPONENTS.1 - 1e-9,
            Self::TwoComponent(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEANS: [f64; 6] = [0.02, 0.1, 0.3, 0.7, 1.5, 2.8];

    fn levels(law: Law, sigma: f64) -> Vec<Spread> {
        let level =
            |mean: f64| Spread { n: 2.0, ln_mean: mean.ln(), squares: 2.0 * sigma * sigma * law.variance(mean, 1e-9) };
        MEANS.map(level).to_vec()
    }

    #[test]
    fn the_parameter_is_found_where_the_spread_follows_it() {
        let exponents = [0.0, 0.5, 0.8, 1.3].map(Law::Power);
        let crossovers = [0.05, 0.2, 1.0].map(Law::TwoComponent);
        for law in exponents.into_iter().chain(crossovers) {
            // Plates of different noise have the parameter in common.
            let plates = [levels(law, 0.1), levels(law, 0.02)];
            let found = law.most_likely(plates.iter().map(Vec::as_slice));
            assert!((found.parameter() - law.parameter()).abs() < 1e-10, "{found:?} {law:?}");
            let highest = found.log_likelihood(&plates[0]);
            for by in [0.99, 1.01] {
                let other = match found {
                    Law::Power(theta) => Law::Power(theta + by - 1.0),
                    Law::TwoComponent(rho) => Law::TwoComponent(rho * by),
                };
                assert!(other.log_likelihood(&plates[0]) < highest);
            }
        }
    }

    #[test]
    fn scores_and_sensitivities_are_derivatives() {
        let wells = levels(Law::Power(0.3), 0.05);
        for (law, by) in [
            (Law::Power(0.7), (|h| Law::Power(0.7 + h)) as fn(f64) -> Law),
            (Law::TwoComponent(0.4), |h: f64| Law::TwoComponent(0.4 * h.exp())),
        ] {
            let h = 1e-5;
            let numeric = (by(h).log_likelihood(&wells) - by(-h).log_likelihood(&wells)) / (2.0 * h);
            assert!((law.score(&wells) / numeric - 1.0).abs() < 1e-6, "{law:?}");
            let numeric = (by(h).variance(0.6, 0.0).ln() - by(-h).variance(0.6, 0.0).ln()) / (2.0 * h);
            assert!((law.sensitivity(0.6, 0.0) / numeric - 1.0).abs() < 1e-6, "{law:?}");
        }
    }

    /// Where the wells show one component only the other is put as small as makes no difference.
    #[test]
    fn a_component_that_is_not_seen_runs_to_the_end() {
        let of = |law: Law| Law::TwoComponent(1.0).most_likely([levels(law, 0.05).as_slice()]).parameter();
        assert!((of(Law::Power(1.0)) / (LOWEST_CROSSOVER * 0.02) - 1.0).abs() < 1e-12);
        assert!((of(Law::Power(0.0)) / (HIGHEST_CROSSOVER * 2.8) - 1.0).abs() < 1e-12);
    }

    /// Exponents are compared by their difference, crossovers, which have a unit, by their ratio.
    #[test]
    fn a_change_is_one_of_exponents_or_of_shares() {
        assert_eq!(Law::Power(1.0).change_to(Law::Power(0.25)), 0.75);
        assert_eq!(Law::Power(0.25).change_to(Law::Power(1.0)), 0.75);
        assert_eq!(Law::TwoComponent(4.0).change_to(Law::TwoComponent(5.0)), 0.25);
        assert_eq!(Law::TwoComponent(4.0).change_to(Law::TwoComponent(3.0)), 0.25);
    }
}
