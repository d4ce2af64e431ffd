//! The arm difference with and without a factor that the design should not depend on, such as the plate of the measurement.
//!
//! ```text
//! without   change = μ + β·(baseline − mean) + γ_stratum + covariates + δ·[active] + error
//! with      change = μ + β·(baseline − mean) + γ_stratum + covariates + γ_block + δ·[active] + error
//! F = ((RSS₀ − RSS₁) / k) / (RSS₁ / ν₁)             k: number of block terms, ν₁: degrees of freedom with them
//! ```
//!
//! Both on the same subjects. Block terms that follow from the terms before them are left out (and k is smaller); where the arm
//! itself follows from the blocks, the two are confounded: no data can tell them apart, and there is no estimate.

use ndarray::{Array1, Array2};
use serde::Serialize;

use super::Arm;
use super::ancova::AncovaRows;
use super::distribution::f_sf;
use super::inference::{TInference, TestStatus};
use super::linear_model::LinearModel;
use super::undefined::Undefined;

/// The arm difference of one model.
///
/// See [`BlockedAnalysis`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlockDifference {
    /// Adjusted difference, active − placebo.
    pub diff: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: TInference,
}

/// The arm difference with the blocks in the model, and whether they matter.
///
/// ```
/// use platewise::stats::Arm::{Active, Placebo};
/// use platewise::stats::ancova::AncovaRows;
/// use platewise::stats::blocks::{BlockedAnalysis, blocked};
///
/// // Two plates with two of each arm; the second reads one unit more.
/// let rows = AncovaRows {
///     arm: &[Active, Active, Placebo, Placebo, Active, Active, Placebo, Placebo],
///     response: &[0.1, -0.1, 2.1, 1.9, 1.1, 0.9, 3.2, 2.8],
///     baseline: &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0],
///     stratum: None,
///     terms: &[],
/// };
/// let found: BlockedAnalysis = blocked(rows, &[0, 0, 0, 0, 1, 1, 1, 1], 0.95)?;
/// assert!((found.with.diff + 2.0).abs() < 1e-12 && (found.inflation - 1.0).abs() < 1e-12);
/// assert!(found.with.se < found.without.se && found.p < 0.001);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlockedAnalysis {
    /// Without the blocks, on the same subjects.
    pub without: BlockDifference,
    /// With them.
    pub with: BlockDifference,
    /// By how much the variance of the difference grows because the arms are spread over the blocks unevenly: the ratio of
    /// its diagonal elements of (XᵀX)⁻¹ with and without the blocks; 1 where every block holds the arms in the same proportion.
    pub inflation: f64,
    /// Number of block terms.
    pub terms: usize,
    /// F of the block terms.
    pub f: f64,
    /// Its p-value.
    pub p: f64,
}

/// Fits the models of this module; `block` numbers the block of each row.
///
/// # Errors
/// When an arm is empty, the blocks add no term, there are too few subjects, nothing varies within the blocks, or arm and blocks
/// are confounded ([`Undefined::NotEstimable`] with the column `arm`).
pub fn blocked(rows: AncovaRows<'_>, block: &[usize], confidence: f64) -> Result<BlockedAnalysis, Undefined> {
    for (arm, name) in [(Arm::Active, "active"), (Arm::Placebo, "placebo")] {
        let n = rows.arm.iter().filter(|&&found| found == arm).count();
        Undefined::unless_enough(&format!("subjects with both values in the {name} arm"), n, 1)?;
    }
    let mut base = dummies(rows.stratum.unwrap_or_default());
    base.extend(rows.terms.iter().map(|term| term.values.clone()));
    let blocks = dummies(block);
    let one = fit(rows, &base, confidence)?;
    let all: Vec<Vec<f64>> = base.into_iter().chain(blocks).collect();
    let both = fit(rows, &all, confidence)?;
    let terms = both.terms - one.terms;
    if terms == 0 {
        return Err(Undefined::Because(
            "there is only one block, or the blocks follow from the other terms".to_string(),
        ));
    }
    if both.difference.inference.status == TestStatus::DegenerateZeroVariance {
        // F would be 0/0, or infinite.
        return Err(Undefined::ZeroVariance);
    }
    let df = both.difference.inference.df;
    let f = ((one.rss - both.rss).max(0.0) / terms as f64) / (both.rss / df);
    let inflation = both.unscaled / one.unscaled;
    Ok(BlockedAnalysis {
        without: one.difference,
        with: both.difference,
        inflation,
        terms,
        f,
        p: f_sf(f, terms as f64, df)?,
    })
}

/// One of the two models.
struct BlockModelFit {
    difference: BlockDifference,
    rss: f64,
    /// Of the arm in (XᵀX)⁻¹.
    unscaled: f64,
    /// Columns that stayed.
    terms: usize,
}

/// Columns of zeros and ones for every level of a factor but its first.
pub(super) fn dummies(factor: &[usize]) -> Vec<Vec<f64>> {
    let mut levels = factor.to_vec();
    levels.sort_unstable();
    levels.dedup();
    let column = |level: &usize| factor.iter().map(|own| f64::from(u8::from(own == level))).collect();
    levels.iter().skip(1).map(column).collect()
}

/// The arm difference, adjusted for the baseline and these columns; those that follow from the columns before are left out.
fn fit(rows: AncovaRows<'_>, columns: &[Vec<f64>], confidence: f64) -> Result<BlockModelFit, Undefined> {
    let n = rows.arm.len();
    let mean = rows.baseline.iter().sum::<f64>() / n as f64;
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    loop {
        // The arm stands last, so that a column that cannot be told apart from it shows as a missing arm.
        let last = kept.len() + 2;
        let x = Array2::from_shape_fn((n, last + 1), |(i, j)| match j {
            0 => 1.0,
            1 => rows.baseline[i] - mean,
            j if j == last => f64::from(u8::from(rows.arm[i] == Arm::Active)),
            j => columns[kept[j - 2]][i],
        });
        let y = Array1::from(rows.response.to_vec());
        let names: Vec<String> = ["intercept", "baseline"]
            .map(String::from)
            .into_iter()
            .chain(kept.iter().map(usize::to_string))
            .chain(["arm".to_string()])
            .collect();
        let fit = match LinearModel::fit(x.view(), y.view(), &names) {
            Err(Undefined::NotEstimable { column }) if column.parse::<usize>().is_ok() => {
                kept.retain(|index| index.to_string() != column);
                continue;
            }
            fitted => fitted?,
        };
        let (diff, se) = (fit.coefficients[last], fit.covariance()[[last, last]].max(0.0).sqrt());
        let scale = y.iter().fold(0.0_f64, |largest, v| largest.max(v.abs()));
        let inference = TInference::of(diff, se, fit.df, scale, confidence)?;
        let difference = BlockDifference { diff, se, inference };
        return Ok(BlockModelFit { difference, rss: fit.rss, unscaled: fit.unscaled[[last, last]], terms: kept.len() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{StratumWeights, Vcov, ancova};

    const BASELINE: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 1.5, 2.5, 3.5, 4.5];
    const CHANGE: [f64; 8] = [0.1, -0.3, 0.2, -0.4, 0.6, 0.5, 0.2, 0.9];

    fn arms() -> Vec<Arm> {
        [[Arm::Active; 4], [Arm::Placebo; 4]].concat()
    }

    #[test]
    fn without_blocks_it_is_the_analysis_of_covariance_and_with_them_that_with_strata() {
        let arm = arms();
        let rows = AncovaRows { arm: &arm, response: &CHANGE, baseline: &BASELINE, stratum: None, terms: &[] };
        let block = [0, 1, 0, 1, 0, 1, 0, 1];
        let found = blocked(rows, &block, 0.95).unwrap();
        let plain = ancova(rows, Vcov::Ols, StratumWeights::None, 0.95).unwrap();
        let strata =
            ancova(AncovaRows { stratum: Some(&block), ..rows }, Vcov::Ols, StratumWeights::Equal, 0.95).unwrap();
        assert!((found.without.diff - plain.diff).abs() < 1e-14 && (found.without.se - plain.se).abs() < 1e-14);
        assert!((found.with.diff - strata.diff).abs() < 1e-14 && (found.with.se - strata.se).abs() < 1e-14);
        assert_eq!(found.terms, 1);
        let unscaled = |fit: &crate::stats::Ancova| (fit.se / fit.sigma).powi(2);
        assert!((found.inflation - unscaled(&strata) / unscaled(&plain)).abs() < 1e-12);
        // F of one term is t² of its coefficient; with sums of squares of the two models it is this.
        let (rss0, rss1) = (plain.sigma.powi(2) * 5.0, strata.sigma.powi(2) * 4.0);
        assert!((found.f - (rss0 - rss1) / (rss1 / 4.0)).abs() < 1e-10);
        assert!(found.p > 0.0 && found.p < 1.0);
    }

    #[test]
    fn without_variance_within_the_blocks_there_is_no_f() {
        let arm = arms();
        let block = [0, 1, 0, 1, 0, 1, 0, 1];
        let by_block = block.map(|block| block as f64);
        for change in [[0.0; 8], by_block] {
            let rows = AncovaRows { arm: &arm, response: &change, baseline: &BASELINE, stratum: None, terms: &[] };
            assert_eq!(blocked(rows, &block, 0.95), Err(Undefined::ZeroVariance), "{change:?}");
        }
    }

    #[test]
    fn arms_on_blocks_of_their_own_have_no_estimate() {
        let arm = arms();
        let rows = AncovaRows { arm: &arm, response: &CHANGE, baseline: &BASELINE, stratum: None, terms: &[] };
        let confounded = blocked(rows, &[0, 0, 1, 1, 2, 2, 3, 3], 0.95).unwrap_err();
        assert_eq!(confounded, Undefined::NotEstimable { column: "arm".to_string() });
        assert!(matches!(blocked(rows, &[0; 8], 0.95), Err(Undefined::Because(_))));
        // A block that repeats the stratum adds nothing.
        let stratum = [0, 1, 0, 1, 0, 1, 0, 1];
        assert!(matches!(
            blocked(AncovaRows { stratum: Some(&stratum), ..rows }, &stratum, 0.95),
            Err(Undefined::Because(_))
        ));
    }
}
