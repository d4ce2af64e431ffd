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
