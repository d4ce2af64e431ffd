//! Variance models: how the variance of a response depends on its mean. Outputs name the model; the word *weights* is not
//! used for them, because it means opposite things in different programs.
//!
//! ```text
//! Var(y) = σ² μ^(2θ)      θ = 0 constant, ½ proportional, 1 squared, estimated: power
//! ```
//!
//! **Which mean.** `fitted` is the default: the variance is a property of the assay at that response, and the curve knows
//! that response better than two or three wells do. `observed` (the mean of the level's wells) gives a low-reading pair
//! of wells more say than a high-reading one and so bends the curve downwards, but many readers do it.
//!
//! **Near zero.** A blank-subtracted zero standard may read 0.000, and 1/μ² would make it the only well that counts. The
//! mean that sets the variance is therefore taken as no smaller than the *floor*: 1/4000 of the largest level mean (0.001
//! of 4.0, what a plate reader can resolve) and 1/20 of the smallest level mean of the non-zero standards, whichever is
//! larger. The sign of a mean does not matter.

use serde::Serialize;

use super::bracket;
use super::point::Standard;

/// Variance model of a response, by the power of its mean.
///
/// ```
/// use platewise::curve::Variance;
///
/// assert_eq!(Variance::Squared.exponent(), Some(1.0));
/// assert_eq!(Variance::Power.exponent(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Variance {
    /// The same everywhere.
    Constant,
    /// Variance ∝ mean.
    Proportional,
    /// Variance ∝ mean².
    Squared,
    /// Variance ∝ mean^(2θ), θ estimated.
    Power,
}

/// Which mean the variance follows.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let squared = |variance_from| Method { variance: Variance::Squared, variance_from, ..Method::default() };
/// let (fitted, observed) = (fit(&plate, &squared(VarianceFrom::Fitted))?, fit(&plate, &squared(VarianceFrom::Observed))?);
/// assert!(fitted.parameters().c != observed.parameters().c);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VarianceFrom {
    /// The fitted response, iterated to the fixed point.
    Fitted,
    /// The observed mean of the level.
    Observed,
}

/// Exponents that the likelihood is searched over.
const EXPONENTS: (f64, f64) = (-2.0, 4.0);

impl Variance {
    /// Its name in settings and outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Proportional => "proportional",
            Self::Squared => "squared",
            Self::Power => "power",
        }
    }

    /// Its exponent θ; `None` where it is estimated.
    pub fn exponent(self) -> Option<f64> {
        match self {
            Self::Constant => Some(0.0),
            Self::Proportional => Some(0.5),
            Self::Squared => Some(1.0),
            Self::Power => None,
        }
    }
}

/// The floor of the means; see the head of this file.
pub(crate) fn floor(standards: &[Standard]) -> f64 {
    let largest = standards.iter().map(|s| s.mean.abs()).fold(0.0, f64::max);
    let smallest = standards.iter().filter(|s| s.x > 0.0).map(|s| s.mean.abs()).fold(f64::INFINITY, f64::min);
    (largest / 4000.0).max(if smallest.is_finite() { smallest / 20.0 } else { 0.0 }).max(f64::MIN_POSITIVE)
}

/// Variance of a well with this mean, up to the factor σ².
pub(crate) fn relative_variance(mean: f64, exponent: f64, floor: f64) -> f64 {
    let mean = mean.abs().max(floor);
    if exponent == 0.0 {
        1.0
    } else if exponent == 0.5 {
        mean
    } else if exponent == 1.0 {
        mean * mean
    } else {
        libm::exp(2.0 * exponent * libm::log(mean))
    }
}

/// What one level says about the exponent of the variance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    /// Number of wells.
    pub n: f64,
    /// Logarithm of the mean that the variance follows.
    pub ln_mean: f64,
    /// Sum of squares of the wells about the curve.
    pub squares: f64,
}

/// The profile log-likelihood of the exponent θ, σ at its best, but for a constant: nlme's `varPower`.
///
/// ```text
/// L(θ) = −(N/2) ln Σ Sᵢ μᵢ^(−2θ) − θ Σ nᵢ ln μᵢ
/// ```
pub(crate) fn log_likelihood(levels: &[Spread], exponent: f64) -> f64 {
    let (mut n, mut plain, mut total) = (0.0, 0.0, 0.0);
    for level in levels {
        n += level.n;
        plain += level.n * level.ln_mean;
        total += level.squares * libm::exp(-2.0 * exponent * level.ln_mean);
    }
    -0.5 * n * libm::log(total) - exponent * plain
}

/// The exponent at which the likelihood of several plates, each with its own σ, is highest. It is concave, and its derivative
/// vanishes where the mean of ln μ weighted by `S μ^(−2θ)` equals the plain one.
pub(crate) fn most_likely_exponent<'a>(plates: impl IntoIterator<Item = &'a [Spread]> + Clone) -> f64 {
    let slope = |theta: f64| -> f64 {
        plates
            .clone()
            .into_iter()
            .map(|levels| {
                let (mut n, mut plain, mut total, mut weighted) = (0.0, 0.0, 0.0, 0.0);
                for level in levels {
                    let share = level.squares * libm::exp(-2.0 * theta * level.ln_mean);
                    n += level.n;
                    plain += level.n * level.ln_mean;
                    total += share;
                    weighted += share * level.ln_mean;
                }
                if total > 0.0 { n * weighted / total - plain } else { 0.0 }
            })
            .sum()
    };
    let (low, high) = EXPONENTS;
    let (at_low, at_high) = (slope(low), slope(high));
    if at_low <= 0.0 {
        low
    } else if at_high >= 0.0 {
        high
    } else {
        bracket::root(slope, (low, at_low), (high, at_high))
    }
}

/// Whether an estimated exponent sits at the end of what is searched: the likelihood has no maximum inside.
pub(crate) fn at_the_end(exponent: f64) -> bool {
    exponent <= EXPONENTS.0 + 1e-9 || exponent >= EXPONENTS.1 - 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::point::{Point, merge};

    #[test]
    fn a_zero_reading_never_gets_an_exploding_weight() {
        let at = |concentration, response| Point { concentration, response };
        for zero in [0.0, -0.002, 1e-9] {
            let standards = merge(&[at(0.0, zero), at(10.0, 0.08), at(100.0, 0.9), at(1000.0, 2.4)]);
            let floor = floor(&standards);
            assert!((floor - 0.004).abs() < 1e-15);
            let weight = |mean: f64| 1.0 / relative_variance(mean, 1.0, floor);
            assert!(weight(zero) / weight(0.08) <= 400.0 + 1e-9);
        }
    }

    #[test]
    fn the_exponent_is_found_where_the_spread_follows_it() {
        let levels = |theta: f64| {
            [0.1, 0.5, 1.0, 2.5].map(|mean: f64| Spread {
                n: 2.0,
                ln_mean: mean.ln(),
                squares: 0.01 * mean.powf(2.0 * theta),
            })
        };
        for theta in [0.0, 0.5, 0.8, 1.3] {
            let found = most_likely_exponent([levels(theta).as_slice()]);
            assert!((found - theta).abs() < 1e-12, "{found} {theta}");
            let highest = log_likelihood(&levels(theta), found);
            assert!([-0.01, 0.01].iter().all(|by| log_likelihood(&levels(theta), found + by) < highest));
        }
    }
}
