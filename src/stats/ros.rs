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

#[cfg(test)]
mod tests {
    use super::*;
    use Censored::{Above, Below, Measured};

    /// One limit, three measured above it and one below: p₁ = 3/4, so that those measured stand at 1/4 + 3/16 r, and the one below at 1/8.
    #[test]
    fn positions_with_one_limit() {
        let (measured, below) = positions(&[2.0, 3.0, 5.0], &[1.0]);
        assert_eq!((measured, below), (vec![0.4375, 0.625, 0.8125], vec![0.125]));
    }

    /// Limits 1 (twice) and 2; 1.5 between them, 3 and 5 above: p₂ = 2/6, p₁ = 1/3 + 1/3 · 2/3 = 5/9.
    #[test]
    fn positions_with_two_limits() {
        let (measured, below) = positions(&[1.5, 3.0, 5.0], &[1.0, 1.0, 2.0]);
        let near = |found: Vec<f64>, expected: [f64; 3]| {
            assert!(found.len() == 3 && found.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-15), "{found:?}");
        };
        near(measured, [5.0 / 9.0, 7.0 / 9.0, 8.0 / 9.0]);
        near(below, [4.0 / 27.0, 8.0 / 27.0, 1.0 / 3.0]);
    }

    /// The line through the measured values at the normal quantiles of 0.4375, 0.625 and 0.8125, by the textbook's sums; the value below the
    /// limit is that of the line at 1/8.
    #[test]
    fn the_value_below_a_limit_is_that_of_the_line() {
        let found = ros_mean(&[Measured(5.0), Below(1.0), Measured(2.0), Measured(3.0)]).unwrap();
        let z = [0.4375, 0.625, 0.8125].map(normal_quantile);
        let y = [2.0, 3.0, 5.0];
        let sum = |of: &dyn Fn(usize) -> f64| (0..3).map(of).sum::<f64>();
        let (sz, sy, szz, szy) = (sum(&|i| z[i]), sum(&|i| y[i]), sum(&|i| z[i] * z[i]), sum(&|i| z[i] * y[i]));
        let slope = (3.0 * szy - sz * sy) / (3.0 * szz - sz * sz);
        let intercept = (sy - slope * sz) / 3.0;
        let filled = intercept + slope * normal_quantile(0.125);
        let mean = (10.0 + filled) / 4.0;
        let squares = y.iter().chain([&filled]).map(|value| (value - mean).powi(2)).sum::<f64>();
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        near(found.slope, slope);
        near(found.intercept, intercept);
        near(found.mean, mean);
        near(found.sd.unwrap(), (squares / 3.0).sqrt());
    }

    /// Four fifths may be below, no more; three measured values that differ are needed.
    #[test]
    fn too_little_measured_is_no_mean() {
        let of = |below: usize, measured: &[f64]| {
            let values = measured.iter().map(|&y| Measured(y)).chain((0..below).map(|_| Below(1.0)));
            ros_mean(&values.collect::<Vec<_>>())
        };
        assert!(of(12, &[2.0, 3.0, 4.0]).is_ok() && of(13, &[2.0, 3.0, 4.0]).is_err());
        assert!(of(1, &[2.0, 3.0]).is_err());
        assert_eq!(of(1, &[2.0, 2.0, 2.0]), Err(Undefined::ZeroVariance));
        assert!(ros_mean(&[Measured(1.0), Measured(2.0), Measured(3.0), Above(4.0)]).is_err());
    }
}
