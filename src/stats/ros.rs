//! Regression on order statistics: the mean of values of which some are only known to be below a limit (Helsel & Cohn, Water Resour Res
//! 1988;24:1997; plotting positions for several limits by Hirsch & Stedinger, Water Resour Res 1987;23:715).
//!
//! The limits L₁ < L₂ < … divide the axis; L₀ = −∞. Of the values in [Lⱼ, Lⱼ₊₁) Aⱼ are measured, and Bⱼ are known to be below Lⱼ,
//! measured or not:
//!
//! ```text
//! P(value ≥ Lⱼ):      pⱼ = pⱼ₊₁ + Aⱼ/(Aⱼ + Bⱼ) · (1 − pⱼ₊₁),      p = 0 above the last limit
//! r-th of Aⱼ measured: (1 − pⱼ) + (pⱼ − pⱼ₊₁) r/(Aⱼ + 1)
//! r-th of Cⱼ below Lⱼ: (1 − pⱼ) r/(Cⱼ + 1)
//! ```
//!
//! The measured values are regressed on the normal quantiles of their positions; those below a limit get the value of the line at theirs,
//! and the mean is of measured and so filled values. The shape of the distribution is assumed for what was not measured alone. On
//! logarithms, `exp` of the mean is a geometric mean.
//!
//! There is no interval: that by the bootstrap, which is usual, holds the truth too rarely in a small arm (88 % of samples of 8 with half
//! below the limit, 93 to 95 % of samples of 30 and 57; `fixtures/stats/scripts/ros.py`), and Tobit's has one.

use serde::Serialize;

use super::distribution::normal_quantile;
use super::moments::Moments;
use super::tobit::Censored;
use super::undefined::Undefined;

/// The largest share below a limit, in percent: with more, too little of the line is measured.
pub const LARGEST_SHARE: f64 = 80.0;

/// A mean by regression on order statistics.
///
/// ```
/// use platewise::stats::Censored::{Below, Measured};
/// use platewise::stats::ros::{RosMean, ros_mean};
///
/// // Measured values on a line with their normal quantiles: the one below the limit falls on that line.
/// let found: RosMean = ros_mean(&[Below(1.0), Measured(2.0), Measured(3.0), Measured(4.0)])?;
/// assert_eq!((found.n, found.n_below), (4, 1));
/// assert!(found.mean < (1.0 + 2.0 + 3.0 + 4.0) / 4.0 && found.slope > 0.0);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RosMean {
    /// Number of values.
    pub n: usize,
    /// Of these, below a limit.
    pub n_below: usize,
    /// Mean of the measured and the filled values.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// The line at the normal quantile 0.
    pub intercept: f64,
    /// Its slope: the standard deviation of the assumed distribution.
    pub slope: f64,
}

/// The mean of `values`.
///
/// # Errors
/// With a value above a limit, fewer than three measured values or none that differ, or more than [`LARGEST_SHARE`] percent below.
pub fn ros_mean(values: &[Censored]) -> Result<RosMean, Undefined> {
    let (mut measured, mut limits) = (Vec::new(), Vec::new());
    for value in values {
        match *value {
            Censored::Measured(value) => measured.push(value),
            Censored::Below(limit) => limits.push(limit),
            Censored::Above(_) => {
                let why = "regression on order statistics takes values below a limit, and one is above its limit";
                return Err(Undefined::Because(why.into()));
            }
        }
    }
    Undefined::unless_enough("measured values", measured.len(), 3)?;
    let n_below = limits.len();
    if 100.0 * n_below as f64 > LARGEST_SHARE * values.len() as f64 {
        return Err(Undefined::Because(format!(
            "{n_below} of {} values are below a limit: more than {LARGEST_SHARE} % are too many for a line through the rest",
            values.len()
        )));
    }
    measured.sort_by(f64::total_cmp);
    limits.sort_by(f64::total_cmp);
    Undefined::unless_finite(&[measured.as_slice(), &limits].concat())?;
    let (of_measured, of_below) = positions(&measured, &limits);
    let scores: Vec<f64> = of_measured.into_iter().map(normal_quantile).collect();
    let (x, y) = (mean(&scores), mean(&measured));
    let (sxx, sxy) = scores.iter().zip(&measured).fold((0.0, 0.0), |(sxx, sxy), (score, value)| {
        (sxx + (score - x) * (score - x), sxy + (score - x) * (value - y))
    });
    if sxx <= 0.0 || measured.first() == measured.last() {
        return Err(Undefined::ZeroVariance);
    }
    let slope = sxy / sxx;
    let intercept = y - slope * x;
    let filled = of_below.into_iter().map(|position| intercept + slope * normal_quantile(position));
    let all: Vec<f64> = measured.iter().copied().chain(filled).collect();
    let Moments { n, mean, sd } = Moments::of(&all)?;
    Ok(RosMean { n, n_below, mean, sd, intercept, slope })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The plotting positions of sorted measured values and sorted limits, each in their order.
fn positions(measured: &[f64], limits: &[f64]) -> (Vec<f64>, Vec<f64>) {
    // A first group without a limit for what is measured below all of them.
    let mut bounds = vec![f64::NEG_INFINITY];
    bounds.extend(limits.iter().copied());
    bounds.dedup();
    let below = |sorted: &[f64], bound: f64| sorted.partition_point(|value| *value < bound);
    // From above: the probability of reaching each bound.
    let mut reach = vec![0.0; bounds.len() + 1];
    for j in (0..bounds.len()).rev() {
        let from = below(measured, bounds[j]);
        let to = bounds.get(j + 1).map_or(measured.len(), |next| below(measured, *next));
        let at_or_below = limits.partition_point(|limit| *limit <= bounds[j]);
        let (inside, under) = ((to - from) as f64, (from + at_or_below) as f64);
        let share = if inside + under > 0.0 { inside / (inside + under) } else { 1.0 };
        reach[j] = if j == 0 { 1.0 } else { reach[j + 1] + share * (1.0 - reach[j + 1]) };
    }
    let (mut of_measured, mut of_below) = (Vec::new(), Vec::new());
    for (j, &bound) in bounds.iter().enumerate() {
        let from = below(measured, bound);
        let to = bounds.get(j + 1).map_or(measured.len(), |next| below(measured, *next));
        let inside = to - from;
        let step = (reach[j] - reach[j + 1]) / (inside + 1) as f64;
        of_measured.extend((1..=inside).map(|rank| (1.0 - reach[j]) + step * rank as f64));
        let here = limits.iter().filter(|limit| **limit == bound).count();
        of_below.extend((1..=here).map(|rank| (1.0 - reach[j]) * rank as f64 / (here + 1) as f64));
    }
    (of_measured, of_below)
}
