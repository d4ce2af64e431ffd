//! Analysis of covariance: the change at one visit by arm, adjusted for the baseline and, where there are any, strata.
//!
//! ```text
//! change = μ + δ·[active] + β·(baseline − mean baseline) + γ_stratum + covariates + error
//! ```
//!
//! δ is the adjusted difference, active − placebo. The adjusted mean of an arm is its prediction at the mean baseline, averaged
//! over the strata with equal weights (SAS LSMEANS, emmeans) or with the weights of the sample (OM), and where the columns of the covariates
//! are zero ([`super::covariates`]). With the change of ln as
//! response, taking ln of the visit's value instead gives the same δ and standard error.

use ndarray::{Array1, Array2};
use serde::Serialize;

use super::Arm;
use super::covariates::Term;
use super::inference::TInference;
use super::linear_model::LinearModel;
use super::undefined::Undefined;

/// Which covariance the standard errors come from.
///
/// See [`Ancova`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Vcov {
    /// One variance for all errors.
    #[serde(rename = "ols")]
    Ols,
    /// Robust to unequal variances.
    #[serde(rename = "HC3")]
    Hc3,
}

/// How strata are weighted in the adjusted means.
///
/// See [`Ancova`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StratumWeights {
    /// There are no strata in the model.
    None,
    /// Every stratum counts alike.
    Equal,
    /// A stratum counts as often as it is observed.
    Proportional,
}

/// The rows of the model: one per subject with both values, all slices of one length.
///
/// See [`Ancova`] for an example.
#[derive(Debug, Clone, Copy)]
pub struct AncovaRows<'a> {
    /// The arm.
    pub arm: &'a [Arm],
    /// The change.
    pub response: &'a [f64],
    /// The baseline, on the scale that the model uses.
    pub baseline: &'a [f64],
    /// The stratum as a number from 0; `None`: not in the model.
    pub stratum: Option<&'a [usize]>,
    /// Further covariates.
    pub terms: &'a [Term],
}

/// A fitted analysis of covariance.
///
/// Two of the three drugs of Snedecor & Cochran, *Statistical Methods*, 6th ed., p. 422 (bacilli before and after), with the estimates
/// of numpy's least squares:
///
/// ```
/// use platewise::stats::ancova::{Ancova, AncovaRows, StratumWeights, Vcov, ancova};
/// use platewise::stats::Arm;
///
/// let before = [11.0, 8.0, 5.0, 14.0, 19.0, 6.0, 10.0, 6.0, 11.0, 3.0, 16.0, 13.0, 11.0, 9.0, 21.0, 16.0, 12.0, 12.0, 7.0, 12.0];
/// let after = [6.0, 0.0, 2.0, 8.0, 11.0, 4.0, 13.0, 1.0, 8.0, 0.0, 13.0, 10.0, 18.0, 5.0, 23.0, 12.0, 5.0, 16.0, 1.0, 20.0];
/// let arm: Vec<Arm> = (0..20).map(|i| if i < 10 { Arm::Active } else { Arm::Placebo }).collect();
/// let rows = AncovaRows { arm: &arm, response: &after, baseline: &before, stratum: None, terms: &[] };
/// let fit: Ancova = ancova(rows, Vcov::Ols, StratumWeights::None, 0.95)?;
/// assert!((fit.diff + 3.656_695_65).abs() < 1e-8 && (fit.se - 2.232_469_80).abs() < 1e-8);
/// assert!((fit.lsmeans[0].est - fit.lsmeans[1].est - fit.diff).abs() < 1e-12);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ancova {
    /// Subjects used.
    pub n: usize,
    /// Of these, in the active arm.
    pub n_active: usize,
    /// Of these, in the placebo arm.
    pub n_placebo: usize,
    /// Residual standard deviation.
    pub sigma: f64,
    /// Share of the response's variance that the model explains.
    pub r_squared: f64,
    /// The mean baseline, at which the adjusted means stand.
    pub baseline_ref: f64,
    /// Slope of the baseline.
    pub baseline_slope: f64,
    /// Its standard error.
    pub baseline_slope_se: f64,
    /// Adjusted difference, active − placebo.
    pub diff: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: TInference,
    /// Adjusted mean of each arm, active first.
    pub lsmeans: Vec<AdjustedMean>,
}

/// The adjusted (least-squares) mean of an arm.
///
/// See [`Ancova`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AdjustedMean {
    /// The arm.
    pub arm: Arm,
    /// The estimate.
    pub est: f64,
    /// Its standard error.
    pub se: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Lower limit.
    pub ci_low: Option<f64>,
    /// Upper limit.
    pub ci_high: Option<f64>,
}

/// Column of the arm in the design matrix.
pub(super) const ARM: usize = 1;
const BASELINE: usize = 2;
const FIRST_STRATUM: usize = 3;

/// Fits the model of this module.
///
/// # Errors
/// When an arm is empty, there are no more subjects than terms, or the data do not determine a term.
pub fn ancova(rows: AncovaRows<'_>, vcov: Vcov, weights: StratumWeights, confidence: f64) -> Result<Ancova, Undefined> {
    let n_active = rows.arm.iter().filter(|&&arm| arm == Arm::Active).count();
    let n_placebo = rows.arm.len() - n_active;
    Undefined::unless_enough("subjects with both values in the active arm", n_active, 1)?;
    Undefined::unless_enough("subjects with both values in the placebo arm", n_placebo, 1)?;
    let n = rows.arm.len();
    let baseline_ref = rows.baseline.iter().sum::<f64>() / n as f64;
    let (x, names, strata) = design(rows, baseline_ref);
    let y = Array1::from(rows.response.to_vec());
    let fit = LinearModel::fit(x.view(), y.view(), &names)?;
    let covariance = match vcov {
        Vcov::Ols => fit.covariance(),
        Vcov::Hc3 => fit.covariance_hc3(x.view())?,
    };
    let scale = y.iter().fold(0.0_f64, |largest, v| largest.max(v.abs()));
    let contrast = |l: &Array1<f64>| {
        let (estimate, se) = (l.dot(&fit.coefficients), l.dot(&covariance.dot(l)).max(0.0).sqrt());
        TInference::of(estimate, se, fit.df, scale, confidence).map(|inference| (estimate, se, inference))
    };
    let (diff, se, inference) = contrast(&unit(x.ncols(), ARM))?;
    let mut lsmeans = Vec::with_capacity(2);
    for arm in [Arm::Active, Arm::Placebo] {
        let mut l = unit(x.ncols(), 0);
        l[ARM] = if arm == Arm::Active { 1.0 } else { 0.0 };
        for (column, &count) in (FIRST_STRATUM..).zip(strata.iter().skip(1)) {
            l[column] = match weights {
                StratumWeights::Proportional => count as f64 / n as f64,
                StratumWeights::Equal | StratumWeights::None => 1.0 / strata.len() as f64,
            };
        }
        let (est, se, mean) = contrast(&l)?;
        lsmeans.push(AdjustedMean { arm, est, se, df: fit.df, ci_low: mean.ci_low, ci_high: mean.ci_high });
    }
    Ok(Ancova {
        n,
        n_active,
        n_placebo,
        sigma: fit.sigma(),
        r_squared: r_squared(fit.rss, &y),
        baseline_ref,
        baseline_slope: fit.coefficients[BASELINE],
        baseline_slope_se: covariance[[BASELINE, BASELINE]].max(0.0).sqrt(),
        diff,
        se,
        inference,
        lsmeans,
    })
}

/// The design matrix, the names of its columns, and how many rows each stratum that occurs has. The baseline is centred, so
/// that the fit is well conditioned and the adjusted means stand at zero.
pub(super) fn design(rows: AncovaRows<'_>, baseline_ref: f64) -> (Array2<f64>, Vec<String>, Vec<usize>) {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for &stratum in rows.stratum.unwrap_or_default() {
        match counts.binary_search_by_key(&stratum, |(known, _)| *known) {
            Ok(at) => counts[at].1 += 1,
            Err(at) => counts.insert(at, (stratum, 1)),
        }
    }
    let further = FIRST_STRATUM + counts.len().saturating_sub(1);
    let columns = further + rows.terms.len();
    let x = Array2::from_shape_fn((rows.arm.len(), columns), |(i, column)| match column {
        0 => 1.0,
        ARM => f64::from(u8::from(rows.arm[i] == Arm::Active)),
        BASELINE => rows.baseline[i] - baseline_ref,
        column if column >= further => rows.terms[column - further].values[i],
        _ => {
            let own = rows.stratum.is_some_and(|strata| strata[i] == counts[column - FIRST_STRATUM + 1].0);
            f64::from(u8::from(own))
        }
    });
    let mut names = vec!["intercept".to_string(), "arm".to_string(), "baseline".to_string()];
    names.extend(counts.iter().skip(1).map(|(stratum, _)| format!("stratum {}", stratum + 1)));
    names.extend(rows.terms.iter().map(|term| term.name.clone()));
    (x, names, counts.into_iter().map(|(_, count)| count).collect())
}

fn unit(length: usize, at: usize) -> Array1<f64> {
    let mut vector = Array1::zeros(length);
    vector[at] = 1.0;
    vector
}

/// `1 − rss / Σ(y − ȳ)²`; 0 where the response does not vary.
fn r_squared(rss: f64, y: &Array1<f64>) -> f64 {
    let mean = y.sum() / y.len() as f64;
    let total: f64 = y.iter().map(|v| (v - mean) * (v - mean)).sum();
    if total > 0.0 { 1.0 - rss / total } else { 0.0 }
}
