//! Description of one sample: location, spread, quartiles by three definitions, and the geometric mean.

use serde::Serialize;

use super::distribution::t_quantile;
use super::moments::Moments;
use super::quartile::{QuantileType, median, quantile, sorted};
use super::undefined::Undefined;

/// A sample described. Intervals are t intervals; with one value there is neither a spread nor an interval.
///
/// ```
/// use platewise::stats::{DescriptiveStatistics, describe};
///
/// let sample: DescriptiveStatistics = describe(&[5.0, 1.0, 4.0, 2.0, 3.0], 0.95)?;
/// assert_eq!((sample.mean, sample.median, sample.q1_type7, sample.min), (3.0, 3.0, 2.0, 1.0));
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DescriptiveStatistics {
    /// Number of values.
    pub n: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation, divisor `n − 1`.
    pub sd: Option<f64>,
    /// Standard error, `sd / √n`.
    pub se: Option<f64>,
    /// Lower limit of the mean.
    pub ci_low: Option<f64>,
    /// Upper limit of the mean.
    pub ci_high: Option<f64>,
    /// Median.
    pub median: f64,
    /// First quartile as R gives it.
    pub q1_type7: f64,
    /// Third quartile as R gives it.
    pub q3_type7: f64,
    /// First quartile as SAS gives it.
    pub q1_type2: f64,
    /// Third quartile as SAS gives it.
    pub q3_type2: f64,
    /// First quartile as SPSS gives it.
    pub q1_type6: f64,
    /// Third quartile as SPSS gives it.
    pub q3_type6: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

/// A sample described by `confidence` t intervals.
///
/// # Errors
/// When it is empty or holds a value that is not finite.
pub fn describe(values: &[f64], confidence: f64) -> Result<DescriptiveStatistics, Undefined> {
    let moments = Moments::of(values)?;
    let half = half_width(&moments, confidence)?;
    let sorted = sorted(values);
    let at = |p, definition| quantile(&sorted, p, definition).ok_or(Undefined::NotFinite);
    Ok(DescriptiveStatistics {
        n: moments.n,
        mean: moments.mean,
        sd: moments.sd,
        se: moments.standard_error(),
        ci_low: half.map(|half| moments.mean - half),
        ci_high: half.map(|half| moments.mean + half),
        median: median(&sorted).ok_or(Undefined::NotFinite)?,
        q1_type7: at(0.25, QuantileType::Seven)?,
        q3_type7: at(0.75, QuantileType::Seven)?,
        q1_type2: at(0.25, QuantileType::Two)?,
        q3_type2: at(0.75, QuantileType::Two)?,
        q1_type6: at(0.25, QuantileType::Six)?,
        q3_type6: at(0.75, QuantileType::Six)?,
        min: at(0.0, QuantileType::Seven)?,
        max: at(1.0, QuantileType::Seven)?,
    })
}

/// A sample of positive values described on the scale of its logarithms:
///
/// ```text
/// gmean = exp(mean ln x)    gsd = exp(sd ln x)    gcv = 100 √(exp(sd² ln x) − 1) %
/// ```
///
/// ```
/// use platewise::stats::Geometric;
///
/// let titres = Geometric::of(&[1.0, 10.0, 100.0], 0.95)?;
/// assert!((titres.gmean - 10.0).abs() < 1e-12);
/// assert!(titres.gsd.is_some_and(|factor| (factor - 10.0).abs() < 1e-12));
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Geometric {
    /// Geometric mean.
    pub gmean: f64,
    /// Mean of the natural logarithms.
    pub log_mean: f64,
    /// Their standard deviation.
    pub log_sd: Option<f64>,
    /// Geometric standard deviation, a factor.
    pub gsd: Option<f64>,
    /// Geometric coefficient of variation of a log-normal variable, in percent.
    pub gcv_pct: Option<f64>,
    /// Lower limit of the geometric mean.
    pub gmean_ci_low: Option<f64>,
    /// Upper limit of the geometric mean.
    pub gmean_ci_high: Option<f64>,
}

impl Geometric {
    /// Of positive `values`.
    ///
    /// # Errors
    /// When there is none, or one is not positive.
    pub fn of(values: &[f64], confidence: f64) -> Result<Self, Undefined> {
        Self::of_logs(&logs(values)?, confidence)
    }

    /// Of natural logarithms: of values, or of the changes of logarithms (then `gmean` is a ratio).
    ///
    /// # Errors
    /// When there is none.
    pub fn of_logs(logs: &[f64], confidence: f64) -> Result<Self, Undefined> {
        let moments = Moments::of(logs)?;
        let half = half_width(&moments, confidence)?;
        Ok(Self {
            gmean: libm::exp(moments.mean),
            log_mean: moments.mean,
            log_sd: moments.sd,
            gsd: moments.sd.map(libm::exp),
            gcv_pct: moments.sd.map(|sd| 100.0 * libm::expm1(sd * sd).sqrt()),
            gmean_ci_low: half.map(|half| libm::exp(moments.mean - half)),
            gmean_ci_high: half.map(|half| libm::exp(moments.mean + half)),
        })
    }
}

/// Natural logarithms.
///
/// # Errors
/// When a value is not positive.
pub fn logs(values: &[f64]) -> Result<Vec<f64>, Undefined> {
    values.iter().map(|&x| if x > 0.0 { Ok(libm::log(x)) } else { Err(Undefined::NotPositive) }).collect()
}

fn half_width(moments: &Moments, confidence: f64) -> Result<Option<f64>, Undefined> {
    moments
        .standard_error()
        .map(|se| t_quantile(0.5 + confidence / 2.0, (moments.n - 1) as f64).map(|t| t * se))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logarithms ln 10 apart: their standard deviation is ln 10, and t(0.975, 2) = 4.302653.
    #[test]
    fn a_geometric_mean_has_the_limits_of_its_logarithms() {
        let found = Geometric::of(&[1.0, 10.0, 100.0], 0.95).unwrap();
        let ln_10 = std::f64::consts::LN_10;
        let near = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
        near(found.gmean, 10.0);
        near(found.gsd.unwrap(), 10.0);
        near(found.gcv_pct.unwrap(), 100.0 * ((ln_10 * ln_10).exp() - 1.0).sqrt());
        let factor = (4.302_652_7 * ln_10 / 3.0_f64.sqrt()).exp();
        near(found.gmean_ci_low.unwrap(), 10.0 / factor);
        near(found.gmean_ci_high.unwrap(), 10.0 * factor);
        assert_eq!(Geometric::of(&[1.0, 0.0], 0.95), Err(Undefined::NotPositive));
        assert_eq!(Geometric::of(&[5.0], 0.95).unwrap().gmean_ci_low, None);
    }
}
