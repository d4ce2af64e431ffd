//! One analysis of covariance for all arms of a trial, of which there may be more than two.
//!
//! ```text
//! change = μ + δ_arm + β·(baseline − mean baseline) + γ_stratum + covariates + error            δ of the reference arm is 0
//! ```
//!
//! All arms share the slope, the strata and the variance of the errors, so that every arm has one adjusted mean, whichever arm it is
//! compared with, and the arms beside a pair add to what is known of the variance. Adjusted means stand at the mean baseline of everybody
//! and give every stratum the same weight; covariates enter as in [`super::ancova()`]. With two arms it is the model of [`super::ancova()`].

use ndarray::{Array1, Array2};
use serde::Serialize;

use super::covariates::Term;
use super::inference::TInference;
use super::linear_model::LinearModel;
use super::undefined::Undefined;

/// The rows of the model: one per subject with both values, all slices of one length.
///
/// See [`ArmsAncova`] for an example.
#[derive(Debug, Clone, Copy)]
pub struct ArmRows<'a> {
    /// The number of the arm, from 0 without a gap: 0 is the reference arm.
    pub arm: &'a [usize],
    /// The change.
    pub response: &'a [f64],
    /// The baseline, on the scale that the model uses.
    pub baseline: &'a [f64],
    /// The stratum as a number; `None`: not in the model.
    pub stratum: Option<&'a [usize]>,
    /// Further covariates.
    pub terms: &'a [Term],
}

/// A fitted model of all arms.
///
/// The three drugs of Snedecor & Cochran, *Statistical Methods*, 6th ed., p. 422 (bacilli before and after), with the adjusted means that
/// they print, 6.7, 6.8 and 10.2:
///
/// ```
/// use platewise::stats::ancova_arms::{ArmDifference, ArmMean, ArmRows, ArmsAncova, ancova_arms};
///
/// let before = [
///     16.0, 13.0, 11.0, 9.0, 21.0, 16.0, 12.0, 12.0, 7.0, 12.0, 11.0, 8.0, 5.0, 14.0, 19.0, 6.0, 10.0, 6.0, 11.0, 3.0, 6.0, 6.0, 7.0, 8.0,
///     18.0, 8.0, 19.0, 8.0, 5.0, 15.0,
/// ];
/// let after = [
///     13.0, 10.0, 18.0, 5.0, 23.0, 12.0, 5.0, 16.0, 1.0, 20.0, 6.0, 0.0, 2.0, 8.0, 11.0, 4.0, 13.0, 1.0, 8.0, 0.0, 0.0, 2.0, 3.0, 1.0,
///     18.0, 4.0, 14.0, 9.0, 1.0, 9.0,
/// ];
/// let arm: Vec<usize> = (0..30).map(|i| i / 10).collect();
/// let rows = ArmRows { arm: &arm, response: &after, baseline: &before, stratum: None, terms: &[] };
/// let fit: ArmsAncova = ancova_arms(rows, 0.95)?;
/// let means: Vec<String> = fit.means.iter().map(|mean: &ArmMean| format!("{:.1}", mean.est)).collect();
/// assert_eq!(means, ["10.2", "6.7", "6.8"]);
/// let first: &ArmDifference = &fit.differences[0];
/// assert!((first.diff - (fit.means[1].est - fit.means[0].est)).abs() < 1e-12 && fit.df == 26.0);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmsAncova {
    /// Residual standard deviation, of all arms.
    pub sigma: f64,
    /// Residual degrees of freedom.
    pub df: f64,
    /// The adjusted mean of each arm, in the order of their numbers.
    pub means: Vec<ArmMean>,
    /// The adjusted difference of each arm but the reference from the reference, in that order.
    pub differences: Vec<ArmDifference>,
}

/// The adjusted mean of one arm.
///
/// See [`ArmsAncova`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArmMean {
    /// Subjects of the arm.
    pub n: usize,
    /// The estimate.
    pub est: f64,
    /// Its standard error.
    pub se: f64,
    /// Its interval.
    #[serde(flatten)]
    pub inference: TInference,
}

/// The difference of one arm from the reference arm.
///
/// See [`ArmsAncova`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArmDifference {
    /// Adjusted difference, arm − reference.
    pub diff: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: TInference,
}

/// Fits the model of this module.
///
/// # Errors
/// With fewer than two arms, an arm without a subject, no more subjects than terms, or data that do not determine a term.
pub fn ancova_arms(rows: ArmRows<'_>, confidence: f64) -> Result<ArmsAncova, Undefined> {
    let arms = rows.arm.iter().max().map_or(0, |last| last + 1);
    Undefined::unless_enough("arms", arms, 2)?;
    let sizes: Vec<usize> = (0..arms).map(|arm| rows.arm.iter().filter(|&&own| own == arm).count()).collect();
    for &n in &sizes {
        Undefined::unless_enough("subjects with both values in an arm", n, 1)?;
    }
    let mut strata = rows.stratum.unwrap_or_default().to_vec();
    strata.sort_unstable();
    strata.dedup();
    let n = rows.arm.len();
    let baseline_ref = rows.baseline.iter().sum::<f64>() / n as f64;
    // Intercept, arms but the first, centred baseline, strata but the first.
    let (baseline, further) = (arms, arms + strata.len().max(1));
    let columns = further + rows.terms.len();
    let x = Array2::from_shape_fn((n, columns), |(i, column)| match column {
        0 => 1.0,
        arm if arm < baseline => f64::from(u8::from(rows.arm[i] == arm)),
        column if column == baseline => rows.baseline[i] - baseline_ref,
        column if column >= further => rows.terms[column - further].values[i],
        column => {
            let own = rows.stratum.is_some_and(|of| of[i] == strata[column - baseline]);
            f64::from(u8::from(own))
        }
    });
    let y = Array1::from(rows.response.to_vec());
    let mut names: Vec<String> =
        (0..arms).map(|arm| if arm == 0 { "intercept".into() } else { "arm".into() }).collect();
    names.push("baseline".into());
    names.extend(strata.iter().skip(1).map(|stratum| format!("stratum {}", stratum + 1)));
    names.extend(rows.terms.iter().map(|term| term.name.clone()));
    let fit = LinearModel::fit(x.view(), y.view(), &names)?;
    let covariance = fit.covariance();
    let scale = y.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let contrast = |l: &Array1<f64>| {
        let (estimate, se) = (l.dot(&fit.coefficients), l.dot(&covariance.dot(l)).max(0.0).sqrt());
        TInference::of(estimate, se, fit.df, scale, confidence).map(|inference| (estimate, se, inference))
    };
    let mut means = Vec::with_capacity(arms);
    let mut differences = Vec::with_capacity(arms - 1);
    for (arm, &n) in sizes.iter().enumerate() {
        let mut mean = Array1::zeros(columns);
        mean[0] = 1.0;
        for column in baseline + 1..further {
            mean[column] = 1.0 / strata.len() as f64;
        }
        if arm > 0 {
            mean[arm] = 1.0;
            let mut difference = Array1::zeros(columns);
            difference[arm] = 1.0;
            let (diff, se, inference) = contrast(&difference)?;
            differences.push(ArmDifference { diff, se, inference });
        }
        let (est, se, inference) = contrast(&mean)?;
        means.push(ArmMean { n, est, se, inference });
    }
    Ok(ArmsAncova { sigma: fit.sigma(), df: fit.df, means, differences })
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::stats::Arm;
    use crate::stats::ancova::{AncovaRows, StratumWeights, Vcov, ancova};

    /// Of two arms it is the analysis of covariance of two arms with strata that count alike.
    #[test]
    fn two_arms_are_compared_as_by_the_model_of_two() {
        let numbers: Vec<usize> = (0..18).map(|i| i * 5 % 7 % 2).collect();
        let arm: Vec<Arm> = numbers.iter().map(|&own| if own == 1 { Arm::Active } else { Arm::Placebo }).collect();
        let baseline: Vec<f64> = (0..18).map(|i| f64::from(i * 7 % 11)).collect();
        let stratum: Vec<usize> =
            (0..18).map(|i| [2, 5, 9][i * 4 % 3 + usize::from(i == 7) - usize::from(i == 8)]).collect();
        let response: Vec<f64> = (0..18)
            .map(|i| 0.4 * baseline[i] - stratum[i] as f64 - 2.0 * numbers[i] as f64 + ((i * i) % 5) as f64)
            .collect();
        let terms = [Term { name: "age".into(), values: (0..18).map(|i| f64::from(i * 3 % 5) - 2.0).collect() }];
        let (stratum, terms) = (Some(stratum.as_slice()), terms.as_slice());
        let (response, baseline) = (response.as_slice(), baseline.as_slice());
        let found = ancova_arms(ArmRows { arm: &numbers, response, baseline, stratum, terms }, 0.9).unwrap();
        let rows = AncovaRows { arm: &arm, response, baseline, stratum, terms };
        let two = ancova(rows, Vcov::Ols, StratumWeights::Equal, 0.9).unwrap();
        let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-9, "{x} {y}");
        near(found.differences[0].diff, two.diff);
        near(found.differences[0].se, two.se);
        near(found.sigma, two.sigma);
        near(found.differences[0].inference.ci_low.unwrap(), two.inference.ci_low.unwrap());
        for mean in &two.lsmeans {
            let own = &found.means[mean.arm.number()];
            near(own.est, mean.est);
            near(own.se, mean.se);
        }
        assert!(ancova_arms(ArmRows { arm: &[0; 18], response, baseline, stratum, terms }, 0.9).is_err());
    }
}
