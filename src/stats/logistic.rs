//! Logistic regression by maximum likelihood, with the standardised proportions that follow from it (G-computation).
//!
//! ```text
//! P(yᵢ = 1) = πᵢ = 1 / (1 + exp(−xᵢβ))                           Newton's method on Σ yᵢ ln πᵢ + (1 − yᵢ) ln(1 − πᵢ)
//! μₐ = mean over everybody of π at the arm a and their own covariates
//! ```
//!
//! μ₁/μ₀ and μ₁ − μ₀ are what the trial would show had everybody been in the one arm and in the other; unlike the odds ratio they do not
//! depend on which covariates are adjusted for (FDA, *Adjusting for Covariates in Randomized Clinical Trials*, 2023; Ge et al., Drug
//! Inf J 2011;45:481). Their variance by the delta method takes the covariates as given: gradient of μₐ by β, mean of π(1 − π)x, and
//! (X'WX)⁻¹. Intervals are on the log for the ratio and as they are for the difference, with normal quantiles.
//!
//! Where responders and others are separated by the covariates the likelihood has no maximum, and there is no estimate (Albert & Anderson,
//! Biometrika 1984;71:1).

use ndarray::{Array1, Array2, ArrayView2};
use serde::Serialize;

use super::Arm;
use super::ancova::{ARM, AncovaRows, design};
use super::inference::ZInference;
use super::linear_model::LinearModel;
use super::undefined::Undefined;

/// A fitted logistic regression.
///
/// ```
/// use ndarray::Array2;
/// use platewise::stats::logistic::Logistic;
///
/// // One proportion: the intercept is its log odds.
/// let x = Array2::from_elem((4, 1), 1.0);
/// let fit = Logistic::fit(x.view(), &[true, true, true, false])?;
/// assert!((fit.coefficients[0] - 3.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone)]
pub struct Logistic {
    /// Estimates of β.
    pub coefficients: Array1<f64>,
    /// Their covariance, `(X'WX)⁻¹`.
    pub covariance: Array2<f64>,
}

/// A linear predictor beyond this is a probability of 0 or 1 in double precision.
const SEPARATED: f64 = 25.0;

impl Logistic {
    /// Fits `y` on the columns of `x`.
    ///
    /// # Errors
    /// When the likelihood has no maximum, or the data do not determine a term.
    pub fn fit(x: ArrayView2<'_, f64>, y: &[bool]) -> Result<Self, Undefined> {
        let (n, p) = x.dim();
        Undefined::unless_enough("subjects", n, p + 1)?;
        let names: Vec<String> = (0..p).map(|i| format!("column {}", i + 1)).collect();
        let no_maximum = || Undefined::NoMaximum {
            what: "the likelihood of the responders".into(),
            why: "arm and covariates tell them from the others without an exception, or everybody responds, or nobody"
                .into(),
        };
        let mut beta = Array1::<f64>::zeros(p);
        let (mut before, mut last) = (beta.clone(), f64::NEG_INFINITY);
        for _ in 0..100 {
            let eta = x.dot(&beta);
            if eta.iter().any(|eta| eta.abs() > SEPARATED) {
                return Err(no_maximum());
            }
            let likelihood: f64 = eta.iter().zip(y).map(|(&eta, &y)| -softplus(if y { -eta } else { eta })).sum();
            if likelihood < last - 1e-9 * (1.0 + last.abs()) {
                // Too far: half of the way.
                beta = 0.5 * (&beta + &before);
                continue;
            }
            // A step of least squares on the working response: weights w, residual (y − π)/w, as rows scaled by √w.
            let roots: Vec<f64> = eta.iter().map(|&eta| variance(eta).sqrt()).collect();
            let scaled = Array2::from_shape_fn((n, p), |(i, j)| roots[i] * x[[i, j]]);
            let residual: Array1<f64> =
                (0..n).map(|i| (f64::from(u8::from(y[i])) - probability(eta[i])) / roots[i]).collect();
            let step = LinearModel::fit(scaled.view(), residual.view(), &names)?;
            let settled = (likelihood - last).abs() <= 1e-12 * (1.0 + likelihood.abs());
            let small = step.coefficients.iter().zip(&beta).all(|(s, b)| s.abs() <= 1e-9 * (1.0 + b.abs()));
            if settled && small {
                return Ok(Self { coefficients: beta, covariance: step.unscaled });
            }
            last = likelihood;
            before = beta.clone();
            beta = beta + step.coefficients;
        }
        Err(no_maximum())
    }
}

/// `ln(1 + exp(t))`.
fn softplus(t: f64) -> f64 {
    if t > 0.0 { t + libm::log1p(libm::exp(-t)) } else { libm::log1p(libm::exp(t)) }
}

fn probability(eta: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-eta))
}

fn variance(eta: f64) -> f64 {
    probability(eta) * probability(-eta)
}

/// Proportions of responders as if everybody had been in each arm.
///
/// ```
/// use platewise::stats::Arm;
/// use platewise::stats::ancova::AncovaRows;
/// use platewise::stats::logistic::{StandardisedProportions, standardised};
///
/// let arm: Vec<Arm> = (0..20).map(|i| if i < 10 { Arm::Active } else { Arm::Placebo }).collect();
/// let baseline: Vec<f64> = (0..20).map(|i| f64::from(i * 3 % 10)).collect();
/// // Seven of ten against three of ten, the same baselines in both: adjusting changes next to nothing.
/// let y: Vec<f64> = (0..20).map(|i| f64::from(u8::from(i * 7 % 10 < if i < 10 { 7 } else { 3 }))).collect();
/// let rows = AncovaRows { arm: &arm, response: &y, baseline: &baseline, stratum: None, terms: &[] };
/// let found: StandardisedProportions = standardised(rows, 0.95)?;
/// assert!((found.proportion[0] - 0.7).abs() < 0.05 && (found.proportion[1] - 0.3).abs() < 0.05);
/// assert!(found.log_ratio.ci_low < found.log_ratio.ci_high);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StandardisedProportions {
    /// μ of the two arms, active first.
    pub proportion: [f64; 2],
    /// ln(μ₁/μ₀).
    pub log_risk_ratio: f64,
    /// Its standard error.
    pub se_log_risk_ratio: f64,
    /// Its test and interval.
    pub log_ratio: ZInference,
    /// μ₁ − μ₀.
    pub risk_difference: f64,
    /// Its standard error.
    pub se_risk_difference: f64,
    /// Its test and interval.
    pub difference: ZInference,
}

/// Standardises over the covariates of `rows`, whose response is 1 for a responder and 0 for another.
///
/// # Errors
/// As [`Logistic::fit`].
pub fn standardised(rows: AncovaRows<'_>, confidence: f64) -> Result<StandardisedProportions, Undefined> {
    let n = rows.arm.len();
    Undefined::unless_enough("subjects", n, 1)?;
    let baseline_ref = rows.baseline.iter().sum::<f64>() / n as f64;
    let (x, _, _) = design(rows, baseline_ref);
    let responds: Vec<bool> = rows.response.iter().map(|&response| response > 0.5).collect();
    let fit = Logistic::fit(x.view(), &responds)?;
    let in_arm = |arm: Arm| {
        let mut everybody = x.clone();
        everybody.column_mut(ARM).fill(f64::from(u8::from(arm == Arm::Active)));
        let eta = everybody.dot(&fit.coefficients);
        let mean = eta.iter().map(|&eta| probability(eta)).sum::<f64>() / n as f64;
        let gradient = everybody.t().dot(&eta.mapv(variance)) / n as f64;
        (mean, gradient)
    };
    let ((active, of_active), (placebo, of_placebo)) = (in_arm(Arm::Active), in_arm(Arm::Placebo));
    let se = |gradient: &Array1<f64>| gradient.dot(&fit.covariance.dot(gradient)).max(0.0).sqrt();
    let (log_risk_ratio, risk_difference) = (libm::log(active) - libm::log(placebo), active - placebo);
    let se_log_risk_ratio = se(&(&of_active / active - &of_placebo / placebo));
    let se_risk_difference = se(&(&of_active - &of_placebo));
    Ok(StandardisedProportions {
        proportion: [active, placebo],
        log_risk_ratio,
        se_log_risk_ratio,
        log_ratio: ZInference::of(log_risk_ratio, se_log_risk_ratio, confidence),
        risk_difference,
        se_risk_difference,
        difference: ZInference::of(risk_difference, se_risk_difference, confidence),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::ancova::AncovaRows;

    /// Two groups, 7 of 10 and 3 of 8: the coefficient is the log odds ratio, and its variance 1/7 + 1/3 + 1/3 + 1/5.
    #[test]
    fn two_groups_have_their_odds_ratio() {
        let x = Array2::from_shape_fn((18, 2), |(i, j)| if j == 0 || i < 10 { 1.0 } else { 0.0 });
        let y: Vec<bool> = (0..18).map(|i| if i < 10 { i < 7 } else { i < 13 }).collect();
        let fit = Logistic::fit(x.view(), &y).unwrap();
        assert!((fit.coefficients[1] - libm::log(7.0 / 3.0 / (3.0 / 5.0))).abs() < 1e-9, "{fit:?}");
        let variance = 1.0 / 7.0 + 1.0 / 3.0 + 1.0 / 3.0 + 1.0 / 5.0;
        assert!((fit.covariance[[1, 1]] / variance - 1.0).abs() < 1e-8, "{fit:?}");
        assert!((fit.covariance[[0, 0]] / (1.0 / 3.0 + 1.0 / 5.0) - 1.0).abs() < 1e-8, "{fit:?}");
        let all = vec![true; 18];
        assert!(matches!(Logistic::fit(x.view(), &all), Err(Undefined::NoMaximum { .. })));
        let told_apart: Vec<bool> = (0..18).map(|i| i < 10).collect();
        assert!(matches!(Logistic::fit(x.view(), &told_apart), Err(Undefined::NoMaximum { .. })));
    }

    /// The delta method by differences: μₐ(β) is the mean of 1 / (1 + exp(−xβ)) with everybody in arm a.
    #[test]
    fn standardised_proportions_have_the_error_of_the_coefficients() {
        let arm: Vec<Arm> = (0..40).map(|i| if i < 22 { Arm::Active } else { Arm::Placebo }).collect();
        let baseline: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 11)).collect();
        let responds = |i: i32| i * 13 % 17 < if i < 22 { 11 } else { 5 } || i * 7 % 11 > 8;
        let y: Vec<f64> = (0..40).map(|i| f64::from(u8::from(responds(i)))).collect();
        let rows = AncovaRows { arm: &arm, response: &y, baseline: &baseline, stratum: None, terms: &[] };
        let found = standardised(rows, 0.9).unwrap();
        let mean = baseline.iter().sum::<f64>() / 40.0;
        let x = Array2::from_shape_fn((40, 3), |(i, j)| match j {
            0 => 1.0,
            1 => f64::from(u8::from(i < 22)),
            _ => baseline[i] - mean,
        });
        let fit = Logistic::fit(x.view(), &y.iter().map(|&y| y == 1.0).collect::<Vec<_>>()).unwrap();
        let mu = |beta: &[f64], arm: f64| {
            let of = |baseline: &f64| 1.0 / (1.0 + (-(beta[0] + beta[1] * arm + beta[2] * (baseline - mean))).exp());
            baseline.iter().map(of).sum::<f64>() / 40.0
        };
        let beta = fit.coefficients.to_vec();
        let se = |of: &dyn Fn(&[f64]) -> f64| {
            let h = 1e-5;
            let slope = |j: usize| {
                let (mut up, mut down) = (beta.clone(), beta.clone());
                up[j] += h;
                down[j] -= h;
                (of(&up) - of(&down)) / (2.0 * h)
            };
            let gradient = Array1::from_iter((0..3).map(slope));
            gradient.dot(&fit.covariance.dot(&gradient)).sqrt()
        };
        let near = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-7, "{found} {expected}");
        let [active, placebo] = [mu(&beta, 1.0), mu(&beta, 0.0)];
        near(found.proportion[0], active);
        near(found.proportion[1], placebo);
        near(found.risk_difference, active - placebo);
        near(found.log_risk_ratio, (active / placebo).ln());
        near(found.se_risk_difference, se(&|beta| mu(beta, 1.0) - mu(beta, 0.0)));
        near(found.se_log_risk_ratio, se(&|beta| (mu(beta, 1.0) / mu(beta, 0.0)).ln()));
        // 1.644854: the 95 % point of the normal distribution.
        let half = 1.644_853_626_951_5;
        near(found.difference.ci_low, active - placebo - half * found.se_risk_difference);
        near(found.log_ratio.ci_high, found.log_risk_ratio + half * found.se_log_risk_ratio);
    }
}
