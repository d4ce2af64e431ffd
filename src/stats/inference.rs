//! From an estimate with a standard error to a test and an interval, the same way everywhere.

use serde::Serialize;

use super::distribution::{normal_quantile, normal_two_sided, t_quantile, t_two_sided};
use super::undefined::Undefined;

/// Whether a test was possible.
///
/// See [`TInference`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TestStatus {
    /// It was.
    Ok,
    /// The standard error is zero but for rounding: there is an estimate, but neither a test nor an interval.
    DegenerateZeroVariance,
}

/// Student's inference on an estimate: `t = estimate / se`, `estimate ± t(1 − α/2, df) se`.
///
/// ```
/// use platewise::stats::{TestStatus, TInference};
///
/// let test = TInference::of(3.0, 1.5, 10.0, 3.0, 0.95)?;
/// assert_eq!((test.t, test.status), (Some(2.0), TestStatus::Ok));
/// let none = TInference::of(3.0, 0.0, 10.0, 3.0, 0.95)?;
/// assert_eq!((none.p, none.status), (None, TestStatus::DegenerateZeroVariance));
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TInference {
    /// Degrees of freedom; need not be whole.
    pub df: f64,
    /// Test statistic against zero.
    pub t: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// Lower limit of the interval.
    pub ci_low: Option<f64>,
    /// Upper limit of the interval.
    pub ci_high: Option<f64>,
    /// Why the fields above are `None`, where they are.
    pub status: TestStatus,
}

impl TInference {
    /// Of an estimate. `scale` is the size of the numbers that it was computed from: a standard error below
    /// `10 ε scale` is rounding, not variance (the rule of R's `t.test`).
    ///
    /// # Errors
    /// When `df` is not positive.
    pub fn of(estimate: f64, se: f64, df: f64, scale: f64, confidence: f64) -> Result<Self, Undefined> {
        if se <= 10.0 * f64::EPSILON * scale {
            let (t, p, ci_low, ci_high) = (None, None, None, None);
            return Ok(Self { df, t, p, ci_low, ci_high, status: TestStatus::DegenerateZeroVariance });
        }
        let t = estimate / se;
        let half = t_quantile(0.5 + confidence / 2.0, df)? * se;
        Ok(Self {
            df,
            t: Some(t),
            p: Some(t_two_sided(t, df)?),
            ci_low: Some(estimate - half),
            ci_high: Some(estimate + half),
            status: TestStatus::Ok,
        })
    }
}

/// Normal inference on an estimate, as maximum likelihood gives it.
///
/// ```
/// use platewise::stats::inference::ZInference;
///
/// let test = ZInference::of(1.959_963_984_540_054, 1.0, 0.95);
/// assert!((test.p - 0.05).abs() < 1e-9 && test.ci_low.abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ZInference {
    /// `estimate / se`.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Lower limit of the interval.
    pub ci_low: f64,
    /// Upper limit of the interval.
    pub ci_high: f64,
}

impl ZInference {
    /// Of an estimate.
    pub fn of(estimate: f64, se: f64, confidence: f64) -> Self {
        let half = normal_quantile(0.5 + confidence / 2.0) * se;
        let z = estimate / se;
        Self { z, p: normal_two_sided(z), ci_low: estimate - half, ci_high: estimate + half }
    }
}

/// A difference of logarithms as a ratio: the exponentials of the estimate and its limits.
///
/// ```
/// use platewise::stats::Ratio;
///
/// let halved = Ratio::of(0.5_f64.ln(), Some(0.4_f64.ln()), None);
/// assert!((halved.gmr - 0.5).abs() < 1e-15);
/// assert!(halved.gmr_ci_low.is_some_and(|low| (low - 0.4).abs() < 1e-15) && halved.gmr_ci_high.is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// Ratio of geometric means.
    pub gmr: f64,
    /// Lower limit.
    pub gmr_ci_low: Option<f64>,
    /// Upper limit.
    pub gmr_ci_high: Option<f64>,
}

impl Ratio {
    /// Of a difference of natural logarithms and its limits.
    pub fn of(difference: f64, low: Option<f64>, high: Option<f64>) -> Self {
        Self { gmr: libm::exp(difference), gmr_ci_low: low.map(libm::exp), gmr_ci_high: high.map(libm::exp) }
    }
}

/// A p-value as journals print it, with its sign: three decimals, and no smaller than 0.001.
///
/// ```
/// use platewise::stats::printed_p;
///
/// assert_eq!(printed_p(0.01546), "= 0.015");
/// assert_eq!(printed_p(0.3646), "= 0.365");
/// assert_eq!(printed_p(0.0004), "< 0.001");
/// ```
pub fn printed_p(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_string() } else { format!("= {p:.3}") }
}

/// A ratio as journals print it: two decimals, of small ones two significant digits, of large ones three. Never `0.00`.
///
/// ```
/// use platewise::stats::printed_ratio;
///
/// assert_eq!([0.634, 1.0, 12.345, 0.0312].map(printed_ratio), ["0.63", "1.00", "12.35", "0.031"]);
/// assert_eq!([0.000_021_4, 169_731.2, 512.6].map(printed_ratio), ["0.000021", "170000", "513"]);
/// ```
pub fn printed_ratio(ratio: f64) -> String {
    let magnitude = ratio.abs();
    if magnitude >= 100.0 && magnitude.is_finite() {
        let unit = 10.0_f64.powi((libm::log10(magnitude).floor() as i32 - 2).max(0));
        return format!("{:.0}", (ratio / unit).round() * unit);
    }
    if magnitude < 0.095 && magnitude > 0.0 {
        let decimals = (1.0 - libm::log10(magnitude).floor()) as usize;
        return format!("{ratio:.decimals$}");
    }
    format!("{ratio:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    /// Of numbers of the size 3 an error up to 30 ε is rounding.
    #[test]
    fn an_error_of_the_size_of_rounding_is_none() {
        let status = |se: f64| TInference::of(1.0, se * f64::EPSILON, 5.0, 3.0, 0.95).unwrap().status;
        assert_eq!(
            [29.9, 30.0, 30.1].map(status),
            [TestStatus::DegenerateZeroVariance, TestStatus::DegenerateZeroVariance, TestStatus::Ok]
        );
        // t(0.975, 5) = 2.570582.
        let test = TInference::of(2.0, 0.5, 5.0, 3.0, 0.95).unwrap();
        assert!((test.ci_low.unwrap() - (2.0 - 0.5 * 2.570_581_8)).abs() < 1e-6 && test.t == Some(4.0));
        assert!((test.ci_high.unwrap() - (2.0 + 0.5 * 2.570_581_8)).abs() < 1e-6);
    }

    #[test]
    fn ratios_are_printed_with_the_digits_that_journals_print() {
        assert_eq!([0.634, 1.0, 12.345, 0.0312, 0.0951].map(printed_ratio), ["0.63", "1.00", "12.35", "0.031", "0.10"]);
        assert_eq!(
            [0.000_021_4, 169_731.2, 512.6, 99.99, 100.4].map(printed_ratio),
            ["0.000021", "170000", "513", "99.99", "100"]
        );
        assert_eq!([0.015_46, 0.001, 0.000_99].map(printed_p), ["= 0.015", "= 0.001", "< 0.001"]);
    }
}
