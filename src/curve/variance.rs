//! Variance models: how the variance of a response depends on its mean. Outputs name the model; the word *weights* is not
//! used for them, because it means opposite things in different programs.
//!
//! ```text
//! Var(y) = σ² μ^(2θ)         θ = 0 constant, ½ proportional, 1 squared, estimated: power
//! Var(y) = σ² (μ² + ρ²)      ρ estimated: two-component, a floor and a percentage
//! ```
//!
//! (Both with their sources in `variance_law.rs`.)
//!
//! **Which model.** None is best for every assay: on seven public immunoassays `squared` has the lowest AICc four times, `proportional`
//! twice, `constant` once and `two-component` never (`tests/bench/README.md`, with the coverage of the intervals under each). So
//! `squared` is the default of a study, and [`super::VarianceChoice`] says where the plates speak against it.
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

use super::point::Standard;

/// Variance model of a response, by its mean.
///
/// ```
/// use platewise::curve::Variance;
///
/// assert_eq!(Variance::Squared.exponent(), Some(1.0));
/// assert_eq!(Variance::Power.exponent(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variance {
    /// The same everywhere.
    Constant,
    /// Variance ∝ mean.
    Proportional,
    /// Variance ∝ mean².
    Squared,
    /// Variance ∝ mean^(2θ), θ estimated.
    Power,
    /// Variance ∝ mean² + ρ²: a floor and a percentage of the mean, equal at the crossover ρ, which is estimated.
    TwoComponent,
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

impl Variance {
    /// Its name in settings and outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Proportional => "proportional",
            Self::Squared => "squared",
            Self::Power => "power",
            Self::TwoComponent => "two-component",
        }
    }

    /// Whether it has a parameter that wells have to tell: θ of power, ρ of two-component.
    pub fn has_parameter(self) -> bool {
        matches!(self, Self::Power | Self::TwoComponent)
    }

    /// Its exponent θ; `None` where it is estimated, or there is none.
    pub fn exponent(self) -> Option<f64> {
        match self {
            Self::Constant => Some(0.0),
            Self::Proportional => Some(0.5),
            Self::Squared => Some(1.0),
            Self::Power | Self::TwoComponent => None,
        }
    }
}

/// The floor of the means; see the head of this file.
pub(crate) fn floor(standards: &[Standard]) -> f64 {
    let largest = standards.iter().map(|s| s.mean.abs()).fold(0.0, f64::max);
    let smallest = standards.iter().filter(|s| s.x > 0.0).map(|s| s.mean.abs()).fold(f64::INFINITY, f64::min);
    (largest / 4000.0).max(if smallest.is_finite() { smallest / 20.0 } else { 0.0 }).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::point::{Point, merge};
    use crate::curve::variance_law::Law;

    #[test]
    fn a_zero_reading_never_gets_an_exploding_weight() {
        let at = |concentration, response| Point { concentration, response };
        for zero in [0.0, -0.002, 1e-9] {
            let standards = merge(&[at(0.0, zero), at(10.0, 0.08), at(100.0, 0.9), at(1000.0, 2.4)]);
            let floor = floor(&standards);
            assert!((floor - 0.004).abs() < 1e-15);
            let weight = |mean: f64| 1.0 / Law::Power(1.0).variance(mean, floor);
            assert!(weight(zero) / weight(0.08) <= 400.0 + 1e-9);
        }
    }
}
