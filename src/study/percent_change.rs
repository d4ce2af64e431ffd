//! Percent change from baseline in its middle: median, quartiles, and an interval for the median, as trials publish it. The mean of a
//! percent change is no such number: a fall is at most 100 %, a rise has no end, so a few risers outweigh everyone else.
//!
//! A value outside the limits bounds the change of its participant; nothing is put in its place. Quantiles are SAS's type 2.
//!
//! The interval for the median has no assumption but independence: of n changes in order it goes from the k-th to the (n + 1 − k)-th,
//! with the largest k for which
//!
//! ```text
//! P(fewer than k of n lie below the median) = Σ_{i<k} C(n, i) / 2ⁿ ≤ (1 − confidence) / 2
//! ```
//!
//! (Conover, Practical Nonparametric Statistics, 3rd edition, 3.2). Where even k = 1 is too wide a claim (fewer than 6 at 95 %) there is
//! none.

use serde::Serialize;

use super::quantile::{Quantile, known_between};
use crate::concentration::Quantity;
use crate::stats::quartile::{QuantileType, quantile, sorted};

/// The percent changes of an arm from baseline to a visit.
///
/// ```
/// use platewise::concentration::{Quantity, quantity::Estimate};
/// use platewise::study::{PercentChange, Quantile};
///
/// let measured = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
/// let (base, below) = (measured(100.0), Quantity::BelowLloq { limit: 20.0 });
/// let found = PercentChange::of(&[(&below, &base), (&measured(60.0), &base), (&measured(300.0), &base)], 0.95);
/// assert_eq!((found.n, found.median), (3, Some(Quantile::Known(-40.0))));
/// assert_eq!(found.q1, Some(Quantile::Below(-80.0)));
/// assert_eq!(found.lower, None, "three changes have no interval of 95 %");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PercentChange {
    /// Participants with a value, or a limit, at both visits.
    pub n: usize,
    /// Median, in percent.
    pub median: Option<Quantile>,
    /// First quartile.
    pub q1: Option<Quantile>,
    /// Third quartile.
    pub q3: Option<Quantile>,
    /// Lower end of the interval for the median.
    pub lower: Option<Quantile>,
    /// Upper end.
    pub upper: Option<Quantile>,
}

impl PercentChange {
    /// Of pairs of a result at the visit and one at baseline, both reported; a baseline of zero has no percent change.
    pub fn of(results: &[(&Quantity, &Quantity)], confidence: f64) -> Self {
        let bounds: Vec<(f64, f64)> = results.iter().filter_map(|(value, base)| bounds(value, base)).collect();
        let low = sorted(&bounds.iter().map(|(low, _)| *low).collect::<Vec<_>>());
        let high = sorted(&bounds.iter().map(|(_, high)| *high).collect::<Vec<_>>());
        let at = |p| {
            let of = |values: &[f64]| quantile(values, p, QuantileType::Two);
            known_between(of(&low)?, of(&high)?)
        };
        let n = bounds.len();
        let k = order(n, confidence);
        let in_order = |rank: usize| known_between(low[rank - 1], high[rank - 1]);
        Self {
            n,
            median: at(0.5),
            q1: at(0.25),
            q3: at(0.75),
            lower: k.and_then(in_order),
            upper: k.and_then(|k| in_order(n + 1 - k)),
        }
    }
}

/// Smallest and largest percent change that the two results leave possible.
fn bounds(value: &Quantity, base: &Quantity) -> Option<(f64, f64)> {
    let ((value_low, value_high), (base_low, base_high)) = (within(value)?, within(base)?);
    if base_high <= 0.0 {
        return None;
    }
    let percent = |ratio: f64| 100.0 * (ratio - 1.0);
    // Of a value below its limit, or a baseline above, nothing is known from below.
    let unknown = matches!(value, Quantity::BelowLloq { .. }) || base_high.is_infinite();
    let low = if unknown { f64::NEG_INFINITY } else { percent(value_low / base_high) };
    let high = if base_low > 0.0 { percent(value_high / base_low) } else { f64::INFINITY };
    Some((low, high))
}

/// Where a result lies; `None` of one that was not reported.
fn within(quantity: &Quantity) -> Option<(f64, f64)> {
    match quantity {
        Quantity::Quantified(estimate) => Some((estimate.value, estimate.value)),
        Quantity::BelowLloq { limit } => Some((0.0, *limit)),
        Quantity::AboveUloq { limit } => Some((*limit, f64::INFINITY)),
        Quantity::NotReported { .. } => None,
    }
}

/// The rank k of the lower end; `None` where no pair of ranks has the level.
fn order(n: usize, confidence: f64) -> Option<usize> {
    let tail = (1.0 - confidence) / 2.0;
    let ln_half = n as f64 * std::f64::consts::LN_2;
    let (mut below, mut ln_choose, mut k) = (0.0, 0.0, 0);
    for i in 0..n / 2 {
        below += libm::exp(ln_choose - ln_half);
        if below > tail {
            break;
        }
        k = i + 1;
        ln_choose += libm::log((n - i) as f64 / (i + 1) as f64);
    }
    (k > 0).then_some(k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::quantity::Estimate;
    use crate::stats::random::Random;

    fn measured(value: f64) -> Quantity {
        Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })
    }

    /// Conover's table of the binomial at one half, and R: `qbinom(0.025, n, 0.5)` is k, but where the tail is hit exactly.
    #[test]
    fn ranks_are_those_of_the_binomial() {
        let ranks: Vec<Option<usize>> = [5, 6, 8, 9, 10, 20, 25, 50, 54, 100, 1000].map(|n| order(n, 0.95)).into();
        let expected =
            [None, Some(1), Some(1), Some(2), Some(2), Some(6), Some(8), Some(18), Some(20), Some(40), Some(469)];
        assert_eq!(ranks, expected);
    }

    /// Whatever the hidden values are, the numbers that are called known are those of the truth.
    #[test]
    fn what_is_said_holds_for_every_truth() {
        let mut random = Random::new(9);
        for _ in 0..300 {
            let n = 6 + random.below(20);
            let draw = |random: &mut Random| 1.0 + (40.0 * random.uniform()).floor();
            let truth: Vec<(f64, f64)> = (0..n).map(|_| (draw(&mut random), draw(&mut random))).collect();
            let seen = |value: f64| match value {
                value if value < 8.0 => Quantity::BelowLloq { limit: 8.0 },
                value if value > 35.0 => Quantity::AboveUloq { limit: 35.0 },
                value => measured(value),
            };
            let pairs: Vec<(Quantity, Quantity)> =
                truth.iter().map(|&(value, base)| (seen(value), seen(base))).collect();
            let found = PercentChange::of(&pairs.iter().map(|(value, base)| (value, base)).collect::<Vec<_>>(), 0.95);
            let whole: Vec<(Quantity, Quantity)> =
                truth.iter().map(|&(value, base)| (measured(value), measured(base))).collect();
            let true_ = PercentChange::of(&whole.iter().map(|(value, base)| (value, base)).collect::<Vec<_>>(), 0.95);
            for (said, is) in [
                (found.median, true_.median),
                (found.q1, true_.q1),
                (found.q3, true_.q3),
                (found.lower, true_.lower),
                (found.upper, true_.upper),
            ] {
                let is = is.and_then(Quantile::known).unwrap();
                let holds = match said {
                    Some(Quantile::Known(value)) => (value - is).abs() < 1e-9,
                    Some(Quantile::Below(limit)) => is <= limit + 1e-9,
                    Some(Quantile::Above(limit)) => is >= limit - 1e-9,
                    Some(Quantile::Between(low, high)) => is >= low - 1e-9 && is <= high + 1e-9,
                    None => true,
                };
                assert!(holds, "{said:?} for {is}");
            }
        }
    }
}
