//! Mean and standard deviation.

use super::undefined::Undefined;

/// Count, mean and spread of a sample.
///
/// ```
/// use platewise::stats::Moments;
///
/// assert_eq!(Moments::of(&[2.0, 4.0, 6.0])?, Moments { n: 3, mean: 4.0, sd: Some(2.0) });
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Number of values, at least 1.
    pub n: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation, divisor `n − 1`; `None` for a single value.
    pub sd: Option<f64>,
}

impl Moments {
    /// Of `values`, in two passes with the rounding of the first taken back in the second:
    ///
    /// ```text
    /// m = Σx / n        mean = m + Σ(x − m) / n
    /// sd² = (Σ(x − mean)² − (Σ(x − mean))² / n) / (n − 1)
    /// ```
    ///
    /// Chan, Golub & LeVeque, Am Stat 1983;37:242 ("corrected two-pass"); holds on NIST's NumAcc sets.
    ///
    /// # Errors
    /// For an empty sample and for values that are not finite.
    pub fn of(values: &[f64]) -> Result<Self, Undefined> {
        Undefined::unless_enough("values", values.len(), 1)?;
        Undefined::unless_finite(values)?;
        let n = values.len() as f64;
        let rough = values.iter().sum::<f64>() / n;
        let mean = rough + values.iter().map(|x| x - rough).sum::<f64>() / n;
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        let rest: f64 = values.iter().map(|x| x - mean).sum();
        let sd = (values.len() > 1).then(|| ((squares - rest * rest / n).max(0.0) / (n - 1.0)).sqrt());
        Ok(Self { n: values.len(), mean, sd })
    }

    /// Standard error of the mean, `sd / √n`.
    pub fn standard_error(&self) -> Option<f64> {
        self.sd.map(|sd| sd / (self.n as f64).sqrt())
    }
}
