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
//! `squared` is the default of a study, and [`crate::curve::VarianceChoice`] says where the plates speak against it.
//!
//! **Which mean.** `fitted` is the default: the variance is a property of the assay at that response, and the curve knows
//! that response better than two or three wells do. `observed` (the mean of the level's wells) gives a low-reading pair
//! of wells more say than a high-reading one and so bends the curve downwards, but many readers do it.
//!
//! **Near zero.** A blank-subtracted zero standard may read 0.000, and 1/μ² would make it the only well that counts. The
//! mean that sets the variance is therefore taken as no smaller than the *floor*, the largest of what a plate reader can resolve
//! (0.001 of 4.0), of a share of the lowest standard, and of what the wells are off on the other side of zero:
//!
//! ```text
//! floor = max( largest |ȳ| / 4000,   smallest |ȳ| of the non-zero standards / 20,   min(−lowest y, highest y) )
//! ```
//!
//! The last of these is there only where wells lie on both sides of zero. Responses of an assay have one sign; a well of the other one
//! is noise, and shows how large noise about zero is at least. Without it a curve through +0.01 at a level that reads −0.002 has, under
//! `squared` with a floor of 0.0005, a quasi-deviance (`curve/fitting/quasi.rs`) of 33 there, and one that is a thousand times too high at another
//! level only 12: the least has a curve that goes below zero with that level and misses all others. The last term grows from nothing as
//! a well goes below zero, so that no answer leaps.
//!
//! The sign of a mean does not matter.

use serde::{Deserialize, Serialize};

use super::point::Standard;

/// Variance model of a response, by its mean.
///
/// ```
/// use platewise::curve::Variance;
///
/// assert_eq!(Variance::Squared.exponent(), Some(1.0));
/// assert_eq!(Variance::Power.exponent(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    let lowest = standards.iter().map(|s| s.range.0).fold(f64::INFINITY, f64::min);
    let highest = standards.iter().map(|s| s.range.1).fold(f64::NEG_INFINITY, f64::max);
    let about_zero = (-lowest).min(highest);
    let of_lowest = if smallest.is_finite() { smallest / 20.0 } else { 0.0 };
    (largest / 4000.0).max(of_lowest).max(about_zero).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::{Point, merge};
    use crate::curve::definition::variance_law::Law;
    use crate::curve::fitting::quasi::deviance;

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

    #[test]
    fn wells_on_both_sides_of_zero_show_how_large_noise_is_there() {
        let at = |concentration, response| Point { concentration, response };
        // Replicates of opposite sign, whose mean is positive, count as any other.
        let plate = |low: f64, sign: f64| {
            let wells = [(0.0, low), (0.0, 0.05), (10.0, 0.02), (100.0, 0.9), (1000.0, 2.4)];
            floor(&merge(&wells.map(|(concentration, response)| at(concentration, sign * response))))
        };
        let of_lowest = 0.02 / 20.0;
        assert_eq!(plate(-0.03, 1.0), 0.03);
        assert_eq!(plate(-0.03, -1.0), 0.03, "responses of the other sign");
        // A well that passes zero changes nothing by a leap.
        assert_eq!(
            (plate(0.002, 1.0), plate(-1e-6, 1.0), plate(-0.9 * of_lowest, 1.0)),
            (of_lowest, of_lowest, of_lowest)
        );
        assert_eq!(plate(-1.1 * of_lowest, 1.0), 1.1 * of_lowest);
    }

    /// What the head of this file says of a mean of −0.002.
    #[test]
    fn a_level_below_zero_outweighs_no_other() {
        let at = |mean| crate::curve::definition::point::Standard {
            x: 1.0,
            ln_x: 0.0,
            n: 1.0,
            mean,
            within: 0.0,
            range: (mean, mean),
        };
        let off = |y: f64, f: f64, floor: f64| deviance(&[at(y)], &[f], Law::Power(1.0), floor);
        assert!((off(-0.002, 0.01, 0.0005) - 33.0).abs() < 0.5 && (off(0.01, 10.0, 0.0005) - 12.0).abs() < 0.5);
        assert!(off(-0.002, 0.01, 0.002) < 9.0);
    }
}
