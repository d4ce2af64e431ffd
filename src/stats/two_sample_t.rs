//! Two-sample t tests: Welch's, which lets the variances differ, and Student's, which does not.

use serde::Serialize;

use super::inference::{TInference, TestStatus};
use super::moments::Moments;
use super::undefined::Undefined;

/// A difference of two means with its test.
///
/// ```
/// use platewise::stats::{TwoSampleT, student_t};
///
/// let test: TwoSampleT = student_t(&[4.0, 6.0, 8.0], &[1.0, 3.0, 5.0], 0.95)?;
/// assert_eq!((test.mean_active, test.mean_placebo, test.diff, test.inference.df), (6.0, 3.0, 3.0, 4.0));
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TwoSampleT {
    /// Number of values in the active arm.
    pub n_active: usize,
    /// Number of values in the placebo arm.
    pub n_placebo: usize,
    /// Mean of the active arm.
    pub mean_active: f64,
    /// Mean of the placebo arm.
    pub mean_placebo: f64,
    /// Active − placebo.
    pub diff: f64,
    /// Standard error of the difference.
    pub se: f64,
    /// Test and interval of the difference.
    #[serde(flatten)]
    pub inference: TInference,
}

/// Welch's test, degrees of freedom by Satterthwaite and not rounded (Welch, Biometrika 1947;34:28):
///
/// ```text
/// se² = s₁²/n₁ + s₂²/n₂        df = se⁴ / ( (s₁²/n₁)²/(n₁ − 1) + (s₂²/n₂)²/(n₂ − 1) )
/// ```
///
/// # Errors
/// With fewer than two values in an arm.
pub fn welch_t(active: &[f64], placebo: &[f64], confidence: f64) -> Result<TwoSampleT, Undefined> {
    let (a, b) = both(active, placebo)?;
    let (va, vb) = (a.variance / a.n, b.variance / b.n);
    let df = (va + vb) * (va + vb) / (va * va / (a.n - 1.0) + vb * vb / (b.n - 1.0));
    result(&a, &b, (va + vb).sqrt(), df, confidence)
}

/// Student's test with the pooled variance, `df = n₁ + n₂ − 2`:
///
/// ```text
/// se² = ( (n₁ − 1)s₁² + (n₂ − 1)s₂² ) / df · (1/n₁ + 1/n₂)
/// ```
///
/// # Errors
/// With nobody in an arm, or fewer than three values in all.
pub fn student_t(active: &[f64], placebo: &[f64], confidence: f64) -> Result<TwoSampleT, Undefined> {
    let (a, b) = (SampleMoments::of(active, "active", 1)?, SampleMoments::of(placebo, "placebo", 1)?);
    let df = a.n + b.n - 2.0;
    Undefined::unless_enough("values in both arms", active.len() + placebo.len(), 3)?;
    let pooled = ((a.n - 1.0) * a.variance + (b.n - 1.0) * b.variance) / df;
    result(&a, &b, (pooled * (1.0 / a.n + 1.0 / b.n)).sqrt(), df, confidence)
}

struct SampleMoments {
    n: f64,
    mean: f64,
    variance: f64,
}

impl SampleMoments {
    fn of(values: &[f64], arm: &str, needed: usize) -> Result<Self, Undefined> {
        Undefined::unless_enough(&format!("values in the {arm} arm"), values.len(), needed)?;
        let moments = Moments::of(values)?;
        let variance = moments.sd.map_or(0.0, |sd| sd * sd);
        Ok(Self { n: moments.n as f64, mean: moments.mean, variance })
    }
}

fn both(active: &[f64], placebo: &[f64]) -> Result<(SampleMoments, SampleMoments), Undefined> {
    Ok((SampleMoments::of(active, "active", 2)?, SampleMoments::of(placebo, "placebo", 2)?))
}

fn result(a: &SampleMoments, b: &SampleMoments, se: f64, df: f64, confidence: f64) -> Result<TwoSampleT, Undefined> {
    let diff = a.mean - b.mean;
    let scale = a.mean.abs().max(b.mean.abs());
    let mut inference = TInference::of(diff, se, df, scale, confidence)?;
    if inference.status == TestStatus::DegenerateZeroVariance {
        // Welch's formula is 0/0 there.
        inference.df = a.n + b.n - 2.0;
    }
    Ok(TwoSampleT {
        n_active: a.n as usize,
        n_placebo: b.n as usize,
        mean_active: a.mean,
        mean_placebo: b.mean,
        diff,
        se,
        inference,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    /// Variances 1 of three and 20/3 of four: se² = 1/3 + 5/3 = 2, and df = 4 / ((1/9)/2 + (25/9)/3) = 216/53.
    #[test]
    fn welch_has_the_degrees_of_freedom_of_satterthwaite() {
        let test = welch_t(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0, 8.0], 0.95).unwrap();
        assert!((test.se - 2.0_f64.sqrt()).abs() < 1e-12 && test.diff == -3.0);
        assert!((test.inference.df - 216.0 / 53.0).abs() < 1e-12, "{test:?}");
        // Pooled: (2 + 20) / 5 (1/3 + 1/4).
        let test = student_t(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0, 8.0], 0.95).unwrap();
        assert!((test.se - (4.4_f64 * 7.0 / 12.0).sqrt()).abs() < 1e-12 && test.inference.df == 5.0, "{test:?}");
    }

    #[test]
    fn arms_that_do_not_vary_have_the_degrees_of_freedom_of_their_numbers() {
        let test = welch_t(&[1.0; 3], &[2.0; 4], 0.95).unwrap();
        assert_eq!((test.inference.df, test.inference.t), (5.0, None));
        assert!(welch_t(&[1.0], &[2.0, 3.0], 0.95).is_err());
        assert!(student_t(&[1.0], &[2.0, 3.0], 0.95).is_ok() && student_t(&[1.0], &[2.0], 0.95).is_err());
    }
}
