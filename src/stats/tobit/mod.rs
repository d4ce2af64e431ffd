//! Normal regression with censored values (Tobin, Econometrica 1958;26:24): values below a limit enter as that, not as a number
//! made up for them.
//!
//! ```text
//! y = Xβ + σe,  e ~ N(0, 1)
//! loglik = Σ measured  ln φ((y − xβ)/σ) − ln σ
//!        + Σ below L   ln Φ((L − xβ)/σ)
//!        + Σ above U   ln Φ((xβ − U)/σ)
//! ```
//!
//! Standard errors from the observed information on (β, ln σ), normal quantiles, σ without a degrees-of-freedom correction: as
//! `survival::survreg(dist = "gaussian")` reports. Beside them the test and interval that are reported, from the
//! [profile likelihood](ProfileInference) by Student's t. A likelihood without a maximum has no estimate ([`Undefined::NoMaximum`]).

mod censored;
mod existence;
mod fit;
mod likelihood;
mod profile;

use ndarray::Array2;
use serde::Serialize;

use super::Arm;
use super::blocks::dummies;
use super::covariates::Term;
use super::distribution::normal_quantile;
use super::inference::{Ratio, ZInference};
use super::undefined::Undefined;
use likelihood::maximise;
use profile::profile;

pub use censored::Censored;
pub use fit::TobitFit;
pub use profile::ProfileInference;

/// The geometric mean of one arm with censored values.
///
/// ```
/// use platewise::stats::{Censored, TobitMean, tobit_mean};
///
/// // Without censored values the estimates are the mean and the standard deviation with divisor n.
/// let values = [1.0, 2.0, 3.0].map(Censored::Measured);
/// let all: TobitMean = tobit_mean(&values, 0.95)?;
/// assert!((all.fit.mu_intercept - 2.0).abs() < 1e-9 && (all.fit.sigma - (2.0_f64 / 3.0).sqrt()).abs() < 1e-9);
/// // A value that is known to be below 1 draws the mean below what 1 in its place would give.
/// let one_below = tobit_mean(&[Censored::Below(1.0), values[1], values[2]], 0.95)?;
/// assert!(one_below.fit.mu_intercept < 2.0 && one_below.fit.n_blq == 1);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TobitMean {
    /// The fit.
    #[serde(flatten)]
    pub fit: TobitFit,
    /// Geometric mean.
    pub gmean: f64,
    /// Lower limit.
    pub gmean_ci_low_wald: f64,
    /// Upper limit.
    pub gmean_ci_high_wald: f64,
    /// Interval of the logarithm's mean from the profile likelihood; its test, against a mean of zero, is one of a change.
    pub profile: ProfileInference,
}

/// The difference of two arms with censored values.
///
/// ```
/// use platewise::stats::tobit::Covariates;
/// use platewise::stats::{Arm, Censored, TobitDifference, tobit_difference};
///
/// let arms = [Arm::Active, Arm::Active, Arm::Active, Arm::Placebo, Arm::Placebo, Arm::Placebo];
/// let ln_values = [1.0, 2.0, 3.0, 3.0, 4.0, 5.0].map(Censored::Measured);
/// let found: TobitDifference = tobit_difference(&arms, &ln_values, Covariates::default(), 0.95)?;
/// assert!((found.diff + 2.0).abs() < 1e-9 && (found.ratio.gmr - (-2.0_f64).exp()).abs() < 1e-9);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TobitDifference {
    /// The fit.
    #[serde(flatten)]
    pub fit: TobitFit,
    /// Active − placebo on the log scale.
    pub diff: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: ZInference,
    /// The difference as a ratio.
    #[serde(flatten)]
    pub ratio: Ratio,
    /// Test and interval from the profile likelihood.
    pub profile: ProfileInference,
    /// Likelihood-ratio χ² of the arm, 1 degree of freedom.
    pub lr_chisq_vs_no_arm: f64,
    /// Slope of the baseline, where it is in the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_slope: Option<f64>,
    /// Its standard error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_slope_se: Option<f64>,
}

/// The mean of natural logarithms `ln_values`, as a geometric mean.
///
/// # Errors
/// With fewer than two measured values, when these do not vary, or where the likelihood has no maximum.
pub fn tobit_mean(ln_values: &[Censored], confidence: f64) -> Result<TobitMean, Undefined> {
    let n = ln_values.len();
    let best = maximise(ln_values, Array2::ones((n, 1)).view(), &["intercept".to_string()])?;
    let profile = profile(ln_values, Array2::zeros((n, 0)).view(), &[], &vec![1.0; n], (&best, 0), confidence)?;
    let fit = best.summary(ln_values);
    let half = normal_quantile(0.5 + confidence / 2.0) * fit.se_intercept;
    Ok(TobitMean {
        fit,
        gmean: libm::exp(fit.mu_intercept),
        gmean_ci_low_wald: libm::exp(fit.mu_intercept - half),
        gmean_ci_high_wald: libm::exp(fit.mu_intercept + half),
        profile,
    })
}

/// What the difference of two arms is adjusted for; slices as long as there are values.
///
/// See [`TobitDifference`] for an example.
#[derive(Debug, Clone, Copy, Default)]
pub struct Covariates<'a> {
    /// The natural logarithm of the baseline; `None`: not in the model.
    pub ln_baseline: Option<&'a [f64]>,
    /// The stratum as a number from 0; `None`: not in the model.
    pub stratum: Option<&'a [usize]>,
    /// Further covariates.
    pub terms: &'a [Term],
}

/// The difference between the arms of natural logarithms `ln_values`, adjusted for what `covariates` names.
///
/// # Errors
/// When an arm has no value, too few values are measured, the data do not determine a term, or the likelihood has no maximum, as where
/// every value of an arm is below its limit.
pub fn tobit_difference(
    arm: &[Arm],
    ln_values: &[Censored],
    covariates: Covariates<'_>,
    confidence: f64,
) -> Result<TobitDifference, Undefined> {
    let n = ln_values.len();
    let mut terms: Vec<(String, Vec<f64>)> = vec![("intercept".into(), vec![1.0; n])];
    terms.extend(covariates.ln_baseline.map(|baseline| ("baseline".into(), baseline.to_vec())));
    let strata = dummies(covariates.stratum.unwrap_or_default()).into_iter();
    terms.extend(strata.enumerate().map(|(at, column)| (format!("stratum {}", at + 2), column)));
    terms.extend(covariates.terms.iter().map(|term| (term.name.clone(), term.values.clone())));
    // The arm stands last, so that the model without it is the same matrix without its last column.
    let active: Vec<f64> = arm.iter().map(|&arm| f64::from(u8::from(arm == Arm::Active))).collect();
    terms.push(("arm".into(), active.clone()));
    let columns = terms.len();
    let x = Array2::from_shape_fn((n, columns), |(i, j)| terms[j].1[i]);
    let names: Vec<String> = terms.into_iter().map(|(name, _)| name).collect();
    let best = maximise(ln_values, x.view(), &names)?;
    let without = x.slice_axis(ndarray::Axis(1), ndarray::Slice::from(..columns - 1));
    let null = maximise(ln_values, without, &names)?;
    let profile = profile(ln_values, without, &names, &active, (&best, columns - 1), confidence)?;
    let (diff, se) = best.coefficient(columns - 1);
    let inference = ZInference::of(diff, se, confidence);
    let slope = covariates.ln_baseline.map(|_| best.coefficient(1));
    Ok(TobitDifference {
        fit: best.summary(ln_values),
        diff,
        se,
        inference,
        ratio: Ratio::of(diff, Some(inference.ci_low), Some(inference.ci_high)),
        profile,
        lr_chisq_vs_no_arm: 2.0 * (best.loglik - null.loglik),
        baseline_slope: slope.map(|(slope, _)| slope),
        baseline_slope_se: slope.map(|(_, se)| se),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::ancova::AncovaRows;
    use crate::stats::{StratumWeights, Vcov, ancova};

    /// Maximum likelihood of normal values is least squares, and the value less its baseline has the same difference of the arms.
    #[test]
    fn without_censored_values_it_is_the_analysis_of_covariance_with_baseline_and_strata() {
        let baseline = [1.0, 2.0, 3.0, 4.0, 1.5, 2.5, 3.5, 4.5, 2.2, 3.1];
        let change = [0.1, -0.3, 0.2, -0.4, 0.6, 0.5, 0.2, 0.9, -1.0, 0.3];
        let stratum = [0, 1, 2, 1, 0, 1, 2, 2, 0, 1];
        let arm = [[Arm::Active; 5], [Arm::Placebo; 5]].concat();
        let values: Vec<Censored> = baseline.iter().zip(change).map(|(b, c)| Censored::Measured(b + c)).collect();
        for stratum in [None, Some(stratum.as_slice())] {
            let covariates = Covariates { ln_baseline: Some(&baseline), stratum, terms: &[] };
            let found = tobit_difference(&arm, &values, covariates, 0.95).unwrap();
            let rows = AncovaRows { arm: &arm, response: &change, baseline: &baseline, stratum, terms: &[] };
            let expected = ancova(rows, Vcov::Ols, StratumWeights::Equal, 0.95).unwrap();
            assert!((found.diff - expected.diff).abs() < 1e-10, "{} {}", found.diff, expected.diff);
            // Its variance has the divisor n, not the degrees of freedom.
            let n = values.len() as f64;
            assert!((found.se - expected.se * (expected.inference.df / n).sqrt()).abs() < 1e-8);
            assert!((found.baseline_slope.unwrap() - expected.baseline_slope - 1.0).abs() < 1e-10);
            // Its profile likelihood is least squares' own test and interval.
            let (profile, least) = (found.profile, expected.inference);
            assert!((profile.df - least.df).abs() < 1e-6, "{profile:?} {least:?}");
            assert!((profile.t - least.t.unwrap()).abs() < 1e-6 && (profile.p - least.p.unwrap()).abs() < 1e-7);
            assert!((profile.ci_low - least.ci_low.unwrap()).abs() < 1e-6, "{profile:?} {least:?}");
            assert!((profile.ci_high - least.ci_high.unwrap()).abs() < 1e-6);
        }
    }

    /// The far end of a likelihood without a maximum is as flat as a maximum: no estimate may come of it, in whatever term.
    #[test]
    fn a_likelihood_without_a_maximum_has_no_estimate() {
        let arm = [[Arm::Active; 5], [Arm::Placebo; 5]].concat();
        let measured: Vec<Censored> =
            [1.0, 1.4, 2.0, 0.7, 1.1, 2.0, 2.2, 1.9, 2.8, 2.4].map(Censored::Measured).to_vec();
        let stratum = [0, 0, 1, 1, 2, 0, 0, 1, 1, 2];
        let below = |own: &dyn Fn(usize) -> bool| -> Vec<Censored> {
            (0..10).map(|i| if own(i) { Censored::Below(0.9) } else { measured[i] }).collect()
        };
        let none = Covariates::default();
        let strata = Covariates { ln_baseline: None, stratum: Some(&stratum), terms: &[] };
        let why = |values: &[Censored], covariates| tobit_difference(&arm, values, covariates, 0.95).unwrap_err();
        for values in [below(&|i| i < 5), below(&|i| i >= 5)] {
            assert!(matches!(why(&values, none), Undefined::NoMaximum { .. }), "{}", why(&values, none));
        }
        let third = why(&below(&|i| stratum[i] == 2), strata);
        assert_eq!(
            third.to_string(),
            "censored maximum likelihood has no maximum: all 2 values that determine 'stratum 3' are below their limit, so that the \
             further away its estimate the better"
        );
        // One measured value in each place is enough, and one arm's mean is finite again.
        let one_each = below(&|i| i < 4);
        let found = tobit_difference(&arm, &one_each, none, 0.95).unwrap();
        assert!(
            found.profile.ci_low.is_finite() && found.profile.ci_low < found.diff && found.diff < found.profile.ci_high
        );
        assert!(matches!(tobit_mean(&[Censored::Below(1.0); 4], 0.95), Err(Undefined::TooFew { .. })));
    }
}
