//! Hodges–Lehmann estimates of location and shift with distribution-free intervals (Hodges & Lehmann, Ann Math Stat 1963;34:598).
//!
//! ```text
//! one sample:   median of the Walsh averages (xᵢ + xⱼ)/2, i ≤ j
//! two samples:  median of all differences active − placebo
//! ```
//!
//! The interval runs from the k-th smallest to the k-th largest of these, with k the α/2 quantile of the untied null distribution
//! of the rank statistic, at least 1. R's `wilcox.test` solves its normal approximation numerically instead where there are
//! ties, to four digits; we do not. Values are rounded as for the rank tests (see [`rounded`]), so that test and interval speak of the
//! same numbers.

use serde::Serialize;

use super::distribution::normal_quantile;
use super::quartile::{median, sorted};
use super::ranks::{NullDistribution, rank_sum_null, rounded, signed_rank_null};
use super::undefined::Undefined;
use super::{mann_whitney, signed_rank};

/// Location of one sample.
///
/// ```
/// use platewise::stats::{HlOneSample, hl_one_sample};
///
/// let location: HlOneSample = hl_one_sample(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.9)?;
/// assert_eq!(location.hl, 3.0);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HlOneSample {
    /// The estimate.
    pub hl: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
    /// Which of the ordered Walsh averages the limits are.
    pub k: usize,
    /// The level that the interval has: the smallest that the ranks allow from the level asked for on. Of so few values that even the
    /// widest interval has less, it is that of the widest.
    pub achieved_conf: f64,
}

/// Shift between two samples.
///
/// ```
/// use platewise::stats::{HlTwoSample, hl_two_sample};
///
/// let shift: HlTwoSample = hl_two_sample(&[4.0, 5.0, 6.0, 7.0], &[1.0, 2.0, 3.0, 4.0], 0.9)?;
/// assert_eq!(shift.hl, 3.0);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HlTwoSample {
    /// The estimate, active − placebo.
    pub hl: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
    /// Which of the ordered differences the limits are.
    pub k: usize,
    /// The level that the interval has, as in [`HlOneSample`].
    pub achieved_conf: f64,
    /// The same by the normal approximation of the null distribution, `⌊mn/2 − z √(mn(N + 1)/12)⌋`.
    pub k_normal: usize,
    /// Lower limit by it.
    pub ci_low_normal: f64,
    /// Upper limit by it.
    pub ci_high_normal: f64,
}

/// Location of `values`, zeros included.
///
/// # Errors
/// For an empty sample, or one too large for the exact interval.
pub fn hl_one_sample(values: &[f64], confidence: f64) -> Result<HlOneSample, Undefined> {
    let n = values.len();
    Undefined::unless_enough("values", n, 1)?;
    Undefined::unless_finite(values)?;
    if n > signed_rank::EXACT_LIMIT {
        return Err(Undefined::Because(format!(
            "the exact interval is computed for up to {} values",
            signed_rank::EXACT_LIMIT
        )));
    }
    let values: Vec<f64> = values.iter().map(|&value| rounded(value)).collect();
    let walsh: Vec<f64> =
        values.iter().enumerate().flat_map(|(i, a)| values[i..].iter().map(move |b| 0.5 * (a + b))).collect();
    let walsh = sorted(&walsh);
    let (k, achieved_conf) = order(&signed_rank_null(n), confidence);
    let (ci_low, ci_high) = limits(&walsh, k);
    Ok(HlOneSample { hl: median(&walsh).ok_or(Undefined::NotFinite)?, ci_low, ci_high, k, achieved_conf })
}

/// Shift of `active` against `placebo`.
///
/// # Errors
/// With nobody in an arm, or too many for the exact interval.
pub fn hl_two_sample(active: &[f64], placebo: &[f64], confidence: f64) -> Result<HlTwoSample, Undefined> {
    let (m, n) = (active.len(), placebo.len());
    Undefined::unless_enough("values in the active arm", m, 1)?;
    Undefined::unless_enough("values in the placebo arm", n, 1)?;
    if m + n > mann_whitney::EXACT_LIMIT {
        let limit = mann_whitney::EXACT_LIMIT;
        return Err(Undefined::Because(format!("the exact interval is computed for up to {limit} values")));
    }
    let [active, placebo] = [active, placebo].map(|arm| arm.iter().map(|&value| rounded(value)).collect::<Vec<f64>>());
    let differences: Vec<f64> = active.iter().flat_map(|a| placebo.iter().map(move |b| a - b)).collect();
    Undefined::unless_finite(&differences)?;
    let differences = sorted(&differences);
    let (k, achieved_conf) = order(&rank_sum_null(m, n), confidence);
    let (ci_low, ci_high) = limits(&differences, k);
    let pairs = (m * n) as f64;
    let z = normal_quantile(0.5 + confidence / 2.0);
    let k_normal = (pairs / 2.0 - z * (pairs * (m + n + 1) as f64 / 12.0).sqrt()).floor().max(1.0) as usize;
    let (ci_low_normal, ci_high_normal) = limits(&differences, k_normal);
    let hl = median(&differences).ok_or(Undefined::NotFinite)?;
    Ok(HlTwoSample { hl, ci_low, ci_high, k, achieved_conf, k_normal, ci_low_normal, ci_high_normal })
}

/// `k` and the level of the interval between the k-th from below and the k-th from above: `1 − 2 P(S ≤ k − 1)`.
fn order(null: &NullDistribution, confidence: f64) -> (usize, f64) {
    let k = null.quantile((1.0 - confidence) / 2.0).max(1);
    (k, 1.0 - 2.0 * null.lower(k - 1))
}

fn limits(sorted: &[f64], k: usize) -> (f64, f64) {
    let k = k.min(sorted.len());
    (sorted[k - 1], sorted[sorted.len() - k])
}

#[cfg(test)]
mod tests {
    use super::*;
    /// Of six values 1 of 64 sign patterns has the sum 0, one the sum 1, one 2: the first that reaches 0.025 is 1, so that k = 1 and the
    /// interval has 1 − 2/64. At 90 % it is 3, where two patterns are: 5/64 reach 0.05, and 3/64 are below.
    #[test]
    fn the_order_of_a_limit_is_counted() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
        let of = |confidence| hl_one_sample(&values, confidence).unwrap();
        let (one, other) = (of(0.95), of(0.9));
        assert_eq!((one.k, other.k), (1, 3));
        assert!((one.achieved_conf - 62.0 / 64.0).abs() < 1e-12 && (other.achieved_conf - 58.0 / 64.0).abs() < 1e-12);
        // Walsh averages from below: 1, 1.5, 2; from above: 32, 24, 20.
        assert_eq!((one.ci_low, one.ci_high, other.ci_low, other.ci_high), (1.0, 32.0, 2.0, 20.0));
    }

    /// Four and four: U is 0, 1, 2, 3 in 1, 1, 2, 3 of 70 choices. 2/70 reach 0.025, 4/70 reach 0.05. By the normal approximation
    /// 8 − 1.96 √12 = 1.21, and 8 − 1.645 √12 = 2.30.
    #[test]
    fn the_order_of_a_difference_is_counted() {
        let of = |confidence| hl_two_sample(&[10.0, 20.0, 40.0, 80.0], &[1.0, 2.0, 3.0, 4.0], confidence).unwrap();
        let (one, other) = (of(0.95), of(0.9));
        assert_eq!((one.k, other.k, one.k_normal, other.k_normal), (1, 2, 1, 2));
        assert!((one.achieved_conf - 68.0 / 70.0).abs() < 1e-12 && (other.achieved_conf - 66.0 / 70.0).abs() < 1e-12);
        assert_eq!((one.ci_low, one.ci_high, other.ci_low, other.ci_high), (6.0, 79.0, 7.0, 78.0));
        assert_eq!((one.ci_low_normal, one.ci_high_normal), (6.0, 79.0));
    }
}
