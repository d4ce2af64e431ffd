//! Quantiles of results of which some are known by a limit only: they need no number for what nobody measured.
//!
//! The quantile (SAS's definition, type 2) is taken twice: with every value as low as it can be, and as high. Where the two agree
//! that is the quantile, whatever the values outside the limits are; otherwise it lies between them.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::concentration::Quantity;
use crate::concentration::quantity::significant;
use crate::stats::quartile::{QuantileType, quantile, sorted};

/// A quantile, or what is known of it.
///
/// ```
/// use platewise::concentration::{Quantity, quantity::Estimate};
/// use platewise::study::quantile::{Quantile, quantile_of};
///
/// let measured = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
/// let results = [Quantity::BelowLloq { limit: 312.5 }, Quantity::BelowLloq { limit: 312.5 }, measured(400.0), measured(900.0)];
/// assert_eq!(quantile_of(&results.iter().collect::<Vec<_>>(), 0.75), Some(Quantile::Known(650.0)));
/// assert_eq!(quantile_of(&results.iter().collect::<Vec<_>>(), 0.25).unwrap().to_string(), "<312.5");
/// // Half of it is measured: the mean of <312.5 and 400.
/// assert_eq!(quantile_of(&results.iter().collect::<Vec<_>>(), 0.5), Some(Quantile::Below(356.25)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantile {
    /// The same whatever the values outside the limits are.
    Known(f64),
    /// Below this.
    Below(f64),
    /// Above this.
    Above(f64),
    /// Between these; written so that no text begins with a minus, which spreadsheet programs would take for a formula.
    Between(f64, f64),
}

impl Quantile {
    /// The number, where it is known.
    pub fn known(self) -> Option<f64> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => f.write_str(&significant(*value, 4)),
            Self::Below(limit) => write!(f, "<{}", significant(*limit, 4)),
            Self::Above(limit) => write!(f, ">{}", significant(*limit, 4)),
            Self::Between(low, high) => write!(f, "between {} and {}", significant(*low, 4), significant(*high, 4)),
        }
    }
}

/// A number where it is one, otherwise the text: a limit is never a number.
impl Serialize for Quantile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => serializer.serialize_f64(*value),
            other => serializer.collect_str(other),
        }
    }
}

/// The `p`-quantile of results; those that were not reported take no part. `None` where there are none, or nothing is known of it.
pub fn quantile_of(results: &[&Quantity], p: f64) -> Option<Quantile> {
    let bound = |below: fn(f64) -> f64, above: fn(f64) -> f64| {
        let values: Vec<f64> = results
            .iter()
            .filter_map(|quantity| match quantity {
                Quantity::Quantified(estimate) => Some(estimate.value),
                Quantity::BelowLloq { limit } => Some(below(*limit)),
                Quantity::AboveUloq { limit } => Some(above(*limit)),
                Quantity::NotReported { .. } => None,
            })
            .collect();
        quantile(&sorted(&values), p, QuantileType::Two)
    };
    let (low, high) = (bound(|_| f64::NEG_INFINITY, |limit| limit)?, bound(|limit| limit, |_| f64::INFINITY)?);
    known_between(low, high)
}

/// What is known of a number that lies between two; an infinite one is no bound. `None` where nothing is.
pub(super) fn known_between(low: f64, high: f64) -> Option<Quantile> {
    match (low.is_finite(), high.is_finite()) {
        (true, true) if low == high => Some(Quantile::Known(low)),
        (true, true) => Some(Quantile::Between(low, high)),
        (false, true) => Some(Quantile::Below(high)),
        (true, false) => Some(Quantile::Above(low)),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::quantity::Estimate;
    use crate::stats::random::Random;

    fn measured(value: f64) -> Quantity {
        Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })
    }

    /// Whatever the hidden values are, their quantile lies where it is said to lie.
    #[test]
    fn holds_the_quantile_of_every_truth() {
        let mut random = Random::new(5);
        for _ in 0..500 {
            let n = 1 + random.below(9);
            let truth: Vec<f64> = (0..n).map(|_| (20.0 * random.uniform()).floor()).collect();
            let limits = [5.0 + 5.0 * random.uniform().floor(), 14.0];
            let seen: Vec<Quantity> = truth
                .iter()
                .map(|&value| match value {
                    value if value < limits[0] => Quantity::BelowLloq { limit: limits[0] },
                    value if value > limits[1] => Quantity::AboveUloq { limit: limits[1] },
                    value => measured(value),
                })
                .collect();
            for p in [0.0, 0.25, 0.5, 0.75, 1.0] {
                let of_truth = quantile(&sorted(&truth), p, QuantileType::Two).unwrap();
                let holds = match quantile_of(&seen.iter().collect::<Vec<_>>(), p) {
                    Some(Quantile::Known(value)) => value == of_truth,
                    Some(Quantile::Below(limit)) => of_truth < limit,
                    Some(Quantile::Above(limit)) => of_truth > limit,
                    Some(Quantile::Between(low, high)) => low <= of_truth && of_truth <= high,
                    None => true,
                };
                assert!(holds, "{p}: {truth:?} {seen:?}");
            }
        }
    }

    #[test]
    fn a_limit_of_a_dilution_leaves_the_order_open() {
        let results = [measured(100.0), Quantity::BelowLloq { limit: 300.0 }, measured(200.0)];
        let of = |p| quantile_of(&results.iter().collect::<Vec<_>>(), p);
        assert_eq!(of(0.5), Some(Quantile::Between(100.0, 200.0)));
        assert_eq!(of(1.0), Some(Quantile::Between(200.0, 300.0)));
        assert_eq!(quantile_of(&[], 0.5), None);
    }
}
