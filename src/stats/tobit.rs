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
//! Maximised over γ = β/σ and θ = 1/σ, in which it is concave (Olsen, Econometrica 1978;46:1211), by Newton's method. Standard
//! errors from the observed information on (β, ln σ), normal quantiles, σ without a degrees-of-freedom correction: as
//! `survival::survreg(dist = "gaussian")` reports.

use ndarray::{Array1, Array2, ArrayView2};
use serde::Serialize;

use super::Arm;
use super::blocks::dummies;
use super::cholesky::Cholesky;
use super::distribution::{normal_quantile, normal_sf};
use super::inference::{Ratio, ZInference};
use super::linear_model::LinearModel;
use super::undefined::Undefined;

const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_7;

/// A value, or what is known of it.
///
/// ```
/// use platewise::stats::Censored;
///
/// assert_eq!(Censored::Below(31.25).map(|limit| 50.0 * limit), Censored::Below(1562.5));
/// assert_eq!(Censored::Above(1000.0).number(), 1000.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Censored {
    /// Measured.
    Measured(f64),
    /// Below the limit.
    Below(f64),
    /// Above the limit.
    Above(f64),
}

impl Censored {
    /// The value or the limit.
    pub fn number(self) -> f64 {
        match self {
            Self::Measured(value) | Self::Below(value) | Self::Above(value) => value,
        }
    }

    /// The same with its number transformed by a rising function.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Measured(value) => Self::Measured(f(value)),
            Self::Below(limit) => Self::Below(f(limit)),
            Self::Above(limit) => Self::Above(f(limit)),
        }
    }
}

/// What every Tobit model gives.
///
/// See [`TobitMean`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TobitFit {
    /// Number of values, censored ones included.
    pub n: usize,
    /// Of these, below their limit.
    pub n_blq: usize,
    /// Intercept: the mean of the placebo arm, of the one arm, or at baseline zero; of the first stratum where there are some.
    pub mu_intercept: f64,
    /// Its standard error.
    pub se_intercept: f64,
    /// Standard deviation, maximum likelihood.
    pub sigma: f64,
    /// Its logarithm.
    pub log_sigma: f64,
    /// Standard error of that.
    pub se_log_sigma: f64,
    /// Maximum of the log-likelihood of the logarithms.
    pub loglik_gaussian_on_ln: f64,
}

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
    /// Active − placebo on the scale of logarithms.
    pub diff: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: ZInference,
    /// The difference as a ratio.
    #[serde(flatten)]
    pub ratio: Ratio,
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
/// With fewer than two measured values, or when these do not vary.
pub fn tobit_mean(ln_values: &[Censored], confidence: f64) -> Result<TobitMean, Undefined> {
    let x = Array2::ones((ln_values.len(), 1));
    let best = maximise(ln_values, x.view(), &["intercept".to_string()])?;
    let fit = best.summary(ln_values);
    let half = normal_quantile(0.5 + confidence / 2.0) * fit.se_intercept;
    Ok(TobitMean {
        fit,
        gmean: libm::exp(fit.mu_intercept),
        gmean_ci_low_wald: libm::exp(fit.mu_intercept - half),
        gmean_ci_high_wald: libm::exp(fit.mu_intercept + half),
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
}

/// The difference between the arms of natural logarithms `ln_values`, adjusted for what `covariates` names.
///
/// # Errors
/// When an arm has no value, too few values are measured, or the data do not determine a term.
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
    // The arm stands last, so that the model without it is the same matrix without its last column.
    let active = arm.iter().map(|&arm| f64::from(u8::from(arm == Arm::Active)));
    terms.push(("arm".into(), active.collect()));
    let columns = terms.len();
    let x = Array2::from_shape_fn((n, columns), |(i, j)| terms[j].1[i]);
    let names: Vec<String> = terms.into_iter().map(|(name, _)| name).collect();
    let best = maximise(ln_values, x.view(), &names)?;
    let without = x.slice_axis(ndarray::Axis(1), ndarray::Slice::from(..columns - 1));
    let null = maximise(ln_values, without, &names)?;
    let (diff, se) = best.coefficient(columns - 1);
    let inference = ZInference::of(diff, se, confidence);
    let slope = covariates.ln_baseline.map(|_| best.coefficient(1));
    Ok(TobitDifference {
        fit: best.summary(ln_values),
        diff,
        se,
        inference,
        ratio: Ratio::of(diff, Some(inference.ci_low), Some(inference.ci_high)),
        lr_chisq_vs_no_arm: 2.0 * (best.loglik - null.loglik),
        baseline_slope: slope.map(|(slope, _)| slope),
        baseline_slope_se: slope.map(|(_, se)| se),
    })
}

/// The maximum of the likelihood, as (β, ln σ) with their covariance.
struct Maximum {
    parameters: Array1<f64>,
    covariance: Array2<f64>,
    loglik: f64,
}

impl Maximum {
    fn coefficient(&self, at: usize) -> (f64, f64) {
        (self.parameters[at], self.covariance[[at, at]].sqrt())
    }

    fn summary(&self, values: &[Censored]) -> TobitFit {
        let (mu_intercept, se_intercept) = self.coefficient(0);
        let (log_sigma, se_log_sigma) = self.coefficient(self.parameters.len() - 1);
        TobitFit {
            n: values.len(),
            n_blq: values.iter().filter(|value| matches!(value, Censored::Below(_))).count(),
            mu_intercept,
            se_intercept,
            sigma: libm::exp(log_sigma),
            log_sigma,
            se_log_sigma,
            loglik_gaussian_on_ln: self.loglik,
        }
    }
}

fn maximise(values: &[Censored], x: ArrayView2<'_, f64>, names: &[String]) -> Result<Maximum, Undefined> {
    let p = x.ncols();
    let measured: Vec<usize> = (0..values.len()).filter(|&i| matches!(values[i], Censored::Measured(_))).collect();
    Undefined::unless_enough("measured values", measured.len(), p + 1)?;
    let y = Array1::from_iter(values.iter().map(|value| value.number()));
    // The limits taken as values give the start, and a look at the design.
    let start = LinearModel::fit(x, y.view(), names)?;
    if start.rss <= 1e-20 * y.dot(&y) {
        return Err(Undefined::ZeroVariance);
    }
    let theta = 1.0 / (start.rss / values.len() as f64).sqrt();
    let mut at = Array1::zeros(p + 1);
    for (j, coefficient) in start.coefficients.iter().enumerate() {
        at[j] = coefficient * theta;
    }
    at[p] = theta;
    let mut here = Likelihood::at(&at, values, x);
    for _ in 0..100 {
        let Some(factor) = Cholesky::of(here.information.view()) else { break };
        let step = factor.solve(here.gradient.view());
        let decrement = step.dot(&here.gradient);
        if decrement < 1e-10 {
            // So near, a full step doubles the digits, while the likelihood is too flat to tell two points apart.
            at += &step;
            return finish(&at, &Likelihood::at(&at, values, x));
        }
        let mut fraction = 1.0;
        let next = loop {
            let trial = &at + &(&step * fraction);
            let there = Likelihood::at(&trial, values, x);
            if there.value >= here.value || fraction < 1e-10 {
                break (trial, there);
            }
            fraction *= 0.5;
        };
        (at, here) = next;
    }
    Err(Undefined::NotConverged {
        what: "censored maximum likelihood".to_string(),
        why: "the likelihood has no maximum inside, as when every value of an arm is below the limit".to_string(),
    })
}

/// From (γ, θ) to (β, ln σ): `β = γ/θ`, `ln σ = −ln θ`; at the maximum the information transforms by the Jacobian alone.
fn finish(at: &Array1<f64>, here: &Likelihood) -> Result<Maximum, Undefined> {
    let p = at.len() - 1;
    let theta = at[p];
    let mut jacobian = Array2::zeros((p + 1, p + 1));
    for j in 0..p {
        jacobian[[j, j]] = theta;
        jacobian[[j, p]] = -at[j];
    }
    jacobian[[p, p]] = -theta;
    let information = jacobian.t().dot(&here.information).dot(&jacobian);
    let covariance = Cholesky::of(information.view()).ok_or_else(|| Undefined::NotConverged {
        what: "censored maximum likelihood".to_string(),
        why: "the information at the maximum is singular".to_string(),
    })?;
    let mut parameters = at / theta;
    parameters[p] = -libm::log(theta);
    Ok(Maximum { parameters, covariance: covariance.inverse(), loglik: here.value })
}

/// The log-likelihood at (γ, θ) with its gradient and the negative of its Hessian.
struct Likelihood {
    value: f64,
    gradient: Array1<f64>,
    information: Array2<f64>,
}

impl Likelihood {
    fn at(parameters: &Array1<f64>, values: &[Censored], x: ArrayView2<'_, f64>) -> Self {
        let p = x.ncols();
        let theta = parameters[p];
        let mut sum = Self { value: 0.0, gradient: Array1::zeros(p + 1), information: Array2::zeros((p + 1, p + 1)) };
        if theta <= 0.0 {
            sum.value = f64::NEG_INFINITY;
            return sum;
        }
        for (value, row) in values.iter().zip(x.rows()) {
            // The standardised value u = θ y − xγ and its derivative by the parameters, (−x, y).
            let linear: f64 = row.iter().zip(parameters).map(|(x, gamma)| x * gamma).sum();
            let u = theta * value.number() - linear;
            let direction = |j: usize| if j < p { -row[j] } else { value.number() };
            let (log, slope, curvature) = match value {
                Censored::Measured(_) => (libm::log(theta) - LN_SQRT_2PI - 0.5 * u * u, -u, 1.0),
                Censored::Below(_) => log_normal_cdf(u),
                Censored::Above(_) => {
                    let (log, slope, curvature) = log_normal_cdf(-u);
                    (log, -slope, curvature)
                }
            };
            sum.value += log;
            for j in 0..=p {
                sum.gradient[j] += slope * direction(j);
                for k in 0..=p {
                    sum.information[[j, k]] += curvature * direction(j) * direction(k);
                }
            }
            if matches!(value, Censored::Measured(_)) {
                sum.gradient[p] += 1.0 / theta;
                sum.information[[p, p]] += 1.0 / (theta * theta);
            }
        }
        sum
    }
}

/// `ln Φ(a)`, its derivative `λ = φ/Φ`, and the negative of its second derivative `λ(λ + a)`.
fn log_normal_cdf(a: f64) -> (f64, f64, f64) {
    if a < -30.0 {
        // Φ(a) ≈ φ(a)/|a| · (1 − 1/a²): the tail in logarithms, before Φ underflows.
        let correction = 1.0 - 1.0 / (a * a);
        let log = -0.5 * a * a - LN_SQRT_2PI - libm::log(-a) + libm::log(correction);
        let lambda = -a / correction;
        return (log, lambda, (lambda * (lambda + a)).clamp(0.0, 1.0));
    }
    let cdf = normal_sf(-a);
    let lambda = libm::exp(-0.5 * a * a - LN_SQRT_2PI) / cdf;
    (libm::log(cdf), lambda, lambda * (lambda + a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::ancova::Rows;
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
            let covariates = Covariates { ln_baseline: Some(&baseline), stratum };
            let found = tobit_difference(&arm, &values, covariates, 0.95).unwrap();
            let rows = Rows { arm: &arm, response: &change, baseline: &baseline, stratum };
            let expected = ancova(rows, Vcov::Ols, StratumWeights::Equal, 0.95).unwrap();
            assert!((found.diff - expected.diff).abs() < 1e-10, "{} {}", found.diff, expected.diff);
            // Its variance has the divisor n, not the degrees of freedom.
            let n = values.len() as f64;
            assert!((found.se - expected.se * (expected.inference.df / n).sqrt()).abs() < 1e-8);
            assert!((found.baseline_slope.unwrap() - expected.baseline_slope - 1.0).abs() < 1e-10);
        }
    }
}
