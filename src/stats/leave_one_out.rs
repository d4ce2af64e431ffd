//! The analysis of covariance without each of its subjects in turn, in closed form.
//!
//! With residual e, leverage h and row x of a subject, g = (XᵀX)⁻¹x, ν degrees of freedom (Belsley, Kuh & Welsch, Regression
//! Diagnostics, 1980, section 2.1):
//!
//! ```text
//! δ without        = δ − g_arm e / (1 − h)
//! σ² without       = (RSS − e² / (1 − h)) / (ν − 1)
//! (XᵀX)⁻¹ without  = (XᵀX)⁻¹ + g gᵀ / (1 − h)
//! ```
//!
//! Exact, and one pass over the subjects, where fitting again would be one pass for each of them.

use ndarray::Array1;

use super::ancova::{ARM, AncovaRows, design};
use super::blocks::BlockDifference;
use super::inference::TInference;
use super::linear_model::LinearModel;
use super::undefined::Undefined;

/// The adjusted difference without each row in turn, in their order. `None` where it is not determined then: the subject alone
/// stands for a term of the model.
///
/// # Errors
/// When the analysis of all rows is not possible, or leaves no degree of freedom to spare.
pub fn leave_one_out(rows: AncovaRows<'_>, confidence: f64) -> Result<Vec<Option<BlockDifference>>, Undefined> {
    let n = rows.arm.len();
    Undefined::unless_enough("subjects with both values", n, 1)?;
    let baseline_ref = rows.baseline.iter().sum::<f64>() / n as f64;
    let (x, names, _) = design(rows, baseline_ref);
    let y = Array1::from(rows.response.to_vec());
    let fit = LinearModel::fit(x.view(), y.view(), &names)?;
    let df = fit.df - 1.0;
    if df < 1.0 {
        return Err(Undefined::TooFew {
            what: "subjects with both values, to leave one out".into(),
            found: n,
            needed: x.ncols() + 2,
        });
    }
    let scale = y.iter().fold(0.0_f64, |largest, v| largest.max(v.abs()));
    let gradients = x.dot(&fit.unscaled);
    Ok((0..n)
        .map(|i| {
            let (e, left) = (fit.residuals[i], 1.0 - fit.leverage[i]);
            if left < 1e-10 {
                return None;
            }
            let g = gradients[[i, ARM]];
            let diff = fit.coefficients[ARM] - g * e / left;
            let variance = (fit.rss - e * e / left).max(0.0) / df * (fit.unscaled[[ARM, ARM]] + g * g / left);
            let se = variance.sqrt();
            TInference::of(diff, se, df, scale, confidence).ok().map(|inference| BlockDifference {
                diff,
                se,
                inference,
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Arm, StratumWeights, Vcov, ancova};

    #[test]
    fn it_is_what_fitting_without_the_subject_gives() {
        let baseline = [1.0, 2.0, 3.0, 4.0, 1.5, 2.5, 3.5, 4.5, 2.2];
        let change = [0.1, -0.3, 0.2, -0.4, 0.6, 0.5, 0.2, 0.9, -1.0];
        let arm = [[Arm::Active; 4].as_slice(), &[Arm::Placebo; 5]].concat();
        let stratum = [0, 1, 0, 1, 0, 1, 0, 1, 0];
        for stratum in [None, Some(stratum.as_slice())] {
            let rows = AncovaRows { arm: &arm, response: &change, baseline: &baseline, stratum, terms: &[] };
            let found = leave_one_out(rows, 0.95).unwrap();
            for (i, without) in found.iter().enumerate() {
                fn drop<T: Copy>(all: &[T], i: usize) -> Vec<T> {
                    [&all[..i], &all[i + 1..]].concat()
                }
                let (arm, response, baseline) = (drop(&arm, i), drop(&change, i), drop(&baseline, i));
                let stratum = stratum.map(|stratum| drop(stratum, i));
                let rows = AncovaRows {
                    arm: &arm,
                    response: &response,
                    baseline: &baseline,
                    stratum: stratum.as_deref(),
                    terms: &[],
                };
                let again = ancova(rows, Vcov::Ols, StratumWeights::Equal, 0.95).unwrap();
                let without = without.unwrap();
                assert!((without.diff - again.diff).abs() < 1e-12, "{i}: {} {}", without.diff, again.diff);
                assert!((without.se - again.se).abs() < 1e-12, "{i}: {} {}", without.se, again.se);
                assert!((without.inference.p.unwrap() - again.inference.p.unwrap()).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn the_only_subject_of_an_arm_cannot_be_left_out() {
        let arm = [Arm::Active, Arm::Placebo, Arm::Placebo, Arm::Placebo, Arm::Placebo];
        let rows = AncovaRows {
            arm: &arm,
            response: &[0.1, 0.4, -0.2, 0.3, 0.2],
            baseline: &[1.0, 2.0, 3.0, 5.0, 4.0],
            stratum: None,
            terms: &[],
        };
        let found = leave_one_out(rows, 0.95).unwrap();
        assert!(found[0].is_none() && found[1..].iter().all(Option::is_some));
        let few = AncovaRows {
            arm: &arm[..4],
            response: &rows.response[..4],
            baseline: &rows.baseline[..4],
            stratum: None,
            terms: &[],
        };
        assert!(leave_one_out(few, 0.95).is_err());
    }
}
