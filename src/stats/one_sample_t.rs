//! One-sample t test; of within-subject changes it is the paired t test.

use serde::Serialize;

use super::inference::TInference;
use super::moments::Moments;
use super::undefined::Undefined;

/// `t = mean / (sd / √n)` on `n − 1` degrees of freedom.
///
/// ```
/// use platewise::stats::{OneSampleT, one_sample_t};
///
/// let changes: OneSampleT = one_sample_t(&[2.0, 4.0, 6.0], 0.95)?;
/// assert_eq!((changes.mean, changes.sd, changes.inference.df), (4.0, 2.0, 2.0));
/// assert!((changes.inference.t.unwrap_or_default() - 2.0 * 3.0_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OneSampleT {
    /// Number of values.
    pub n: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Standard error of the mean.
    pub se: f64,
    /// Test and interval of the mean.
    #[serde(flatten)]
    pub inference: TInference,
}

/// Tests whether the mean of `values` is zero. The same value throughout gives an estimate without a test.
///
/// # Errors
/// With fewer than two values.
pub fn one_sample_t(values: &[f64], confidence: f64) -> Result<OneSampleT, Undefined> {
    let moments = Moments::of(values)?;
    let (Some(sd), Some(se)) = (moments.sd, moments.standard_error()) else {
        return Err(Undefined::TooFew { what: "values".to_string(), found: moments.n, needed: 2 });
    };
    let inference = TInference::of(moments.mean, se, (moments.n - 1) as f64, moments.mean.abs(), confidence)?;
    Ok(OneSampleT { n: moments.n, mean: moments.mean, sd, se, inference })
}
