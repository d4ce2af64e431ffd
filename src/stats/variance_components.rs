//! Components of variance of a one-way random layout: repeatability within runs, and what varies between them.
//!
//! ```text
//! MS_w = Σᵢ Σⱼ (xᵢⱼ − x̄ᵢ)² / (N − k)        MS_b = Σᵢ nᵢ (x̄ᵢ − x̄)² / (k − 1)
//! n₀ = (N − Σ nᵢ² / N) / (k − 1)            s_r² = MS_w        s_b² = max(0, (MS_b − MS_w) / n₀)
//! s_i² = s_r² + s_b²                        (intermediate precision, "within-laboratory")
//! ```
//!
//! Analysis of variance, as CLSI EP05-A3 and EP15-A3 have it; for unequal runs Searle, Casella & McCulloch, *Variance
//! Components* (1992), section 3.6. A negative component is reported as 0 and said. In balanced data with a positive component the
//! estimates are those of REML. Intervals: χ² for s_r²; for s_i² χ² with Satterthwaite's degrees of freedom of the combination
//! MS_b/n₀ + (1 − 1/n₀) MS_w (Biometrics Bull 1946;2:110).

use serde::Serialize;

use super::distribution::chi_squared_quantile;
use super::moments::Moments;
use super::undefined::Undefined;

/// A variance with its interval.
///
/// See [`variance_components`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VarianceEstimate {
    /// The variance.
    pub variance: f64,
    /// Its degrees of freedom; need not be whole.
    pub df: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
}

/// The components of variance of a one-way random layout.
///
/// See [`variance_components`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VarianceComponents {
    /// Number of runs, k.
    pub runs: usize,
    /// Number of values, N.
    pub n: usize,
    /// Mean of all values.
    pub mean: f64,
    /// Mean square between runs.
    pub ms_between: f64,
    /// Mean square within runs.
    pub ms_within: f64,
    /// The number of values of a run that counts, n₀.
    pub n0: f64,
    /// Within runs, s_r².
    pub repeatability: VarianceEstimate,
    /// Between runs, s_b²; 0 where its estimate is negative.
    pub between: f64,
    /// Whether the estimate of s_b² was negative.
    pub between_negative: bool,
    /// Both together, s_i².
    pub intermediate: VarianceEstimate,
}

/// Components of variance of the values of each run, with intervals of this confidence.
///
/// ```
/// let runs = [vec![98.0, 102.0], vec![105.0, 107.0], vec![95.0, 93.0]];
/// let found = platewise::stats::variance_components(&runs, 0.95).unwrap();
/// assert_eq!(found.ms_within, 4.0);
/// assert_eq!(found.between, (found.ms_between - 4.0) / 2.0);
/// ```
///
/// # Errors
/// With fewer than two runs, when no run has two values, and for values that are not finite or all the same.
pub fn variance_components(runs: &[Vec<f64>], confidence: f64) -> Result<VarianceComponents, Undefined> {
    let runs: Vec<&Vec<f64>> = runs.iter().filter(|run| !run.is_empty()).collect();
    Undefined::unless_enough("runs", runs.len(), 2)?;
    let all: Vec<f64> = runs.iter().flat_map(|run| run.iter().copied()).collect();
    let (n, k) = (all.len() as f64, runs.len() as f64);
    if all.len() == runs.len() {
        return Err(Undefined::Because("no run has two values: nothing is seen within runs".into()));
    }
    let mean = Moments::of(&all)?.mean;
    let (mut within, mut between) = (0.0, 0.0);
    for run in &runs {
        let of_run = Moments::of(run)?;
        let deviation = of_run.mean - mean;
        between += of_run.n as f64 * deviation * deviation;
        within += run.iter().map(|value| (value - of_run.mean) * (value - of_run.mean)).sum::<f64>();
    }
    let (ms_between, ms_within) = (between / (k - 1.0), within / (n - k));
    if ms_within <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    let squares: f64 = runs.iter().map(|run| (run.len() as f64).powi(2)).sum();
    let n0 = (n - squares / n) / (k - 1.0);
    let component = (ms_between - ms_within) / n0;
    let negative = component < 0.0;
    let (from_between, from_within) = (ms_between / n0, (1.0 - 1.0 / n0) * ms_within);
    let total = from_between + from_within;
    let df = total * total / (from_between.powi(2) / (k - 1.0) + from_within.powi(2) / (n - k));
    let repeatability = with_interval(ms_within, n - k, confidence)?;
    // Without a component between runs nothing is added to the repeatability.
    let intermediate = if negative { repeatability } else { with_interval(total, df, confidence)? };
    Ok(VarianceComponents {
        runs: runs.len(),
        n: all.len(),
        mean,
        ms_between,
        ms_within,
        n0,
        repeatability,
        between: component.max(0.0),
        between_negative: negative,
        intermediate,
    })
}

/// df s² / χ²(1 ∓ α/2, df).
fn with_interval(variance: f64, df: f64, confidence: f64) -> Result<VarianceEstimate, Undefined> {
    let tail = (1.0 - confidence) / 2.0;
    Ok(VarianceEstimate {
        variance,
        df,
        ci_low: df * variance / chi_squared_quantile(1.0 - tail, df)?,
        ci_high: df * variance / chi_squared_quantile(tail, df)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layout whose sums a pocket calculator gives.
    #[test]
    fn a_balanced_layout_by_hand() {
        // Run means 10, 14, 12; grand mean 12. Within: each run ±1 → SS = 2 per run, MS_w = 6/3 = 2. Between: 2·(4 + 4 + 0)/2 = 8.
        let runs = [vec![9.0, 11.0], vec![13.0, 15.0], vec![11.0, 13.0]];
        let found = variance_components(&runs, 0.95).unwrap();
        assert_eq!((found.mean, found.ms_within, found.ms_between, found.n0), (12.0, 2.0, 8.0, 2.0));
        assert_eq!((found.between, found.intermediate.variance), (3.0, 5.0));
        assert!((found.intermediate.df - 25.0 / (16.0 / 2.0 + 1.0 / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn a_negative_component_is_zero_and_said() {
        let runs = [vec![9.0, 15.0], vec![10.0, 14.0], vec![11.0, 13.0]];
        let found = variance_components(&runs, 0.95).unwrap();
        assert!(found.between_negative && found.between == 0.0);
        assert_eq!(found.intermediate, found.repeatability);
    }

    #[test]
    fn runs_of_unequal_size_have_an_effective_size() {
        let runs = [vec![1.0, 2.0, 3.0], vec![4.0], vec![5.0, 7.0]];
        let found = variance_components(&runs, 0.95).unwrap();
        assert!((found.n0 - (6.0 - 14.0 / 6.0) / 2.0).abs() < 1e-15);
    }

    #[test]
    fn what_is_not_seen_is_not_estimated() {
        assert!(variance_components(&[vec![1.0], vec![2.0]], 0.95).is_err());
        assert!(variance_components(&[vec![1.0, 2.0]], 0.95).is_err());
        assert!(variance_components(&[vec![1.0, 1.0], vec![2.0, 2.0]], 0.95).is_err());
        assert!(variance_components(&[vec![1.0, f64::NAN], vec![2.0, 2.0]], 0.95).is_err());
    }

    /// χ²(0.95, 3) = 7.814728 and χ²(0.05, 3) = 0.351846.
    #[test]
    fn an_interval_is_that_of_chi_squared() {
        let found = with_interval(2.0, 3.0, 0.9).unwrap();
        assert!(
            (found.ci_low - 6.0 / 7.814_728).abs() < 1e-6 && (found.ci_high - 6.0 / 0.351_846_3).abs() < 1e-4,
            "{found:?}"
        );
    }
}
