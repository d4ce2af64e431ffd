//! The likelihood of censored normal values and its maximum, by Newton's method over γ = β/σ and θ = 1/σ, in which it is concave
//! (Olsen, Econometrica 1978;46:1211). Whether there is a maximum is asked before (see [`existence`](super::existence)).

use ndarray::{Array1, Array2, ArrayView2};

use super::super::distribution::normal_sf;
use super::super::linear_model::LinearModel;
use super::super::undefined::Undefined;
use super::existence::{RecessionDirection, escape};
use super::{Censored, TobitFit};
use crate::cholesky::Cholesky;

const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_7;

/// What is maximised, in messages.
const WHAT: &str = "censored maximum likelihood";

/// The maximum of the likelihood, as (β, ln σ) with their covariance.
pub(super) struct LikelihoodMaximum {
    pub(super) parameters: Array1<f64>,
    pub(super) covariance: Array2<f64>,
    pub(super) loglik: f64,
}

impl LikelihoodMaximum {
    /// A coefficient with its standard error.
    pub(super) fn coefficient(&self, at: usize) -> (f64, f64) {
        (self.parameters[at], self.covariance[[at, at]].sqrt())
    }

    /// What every model gives.
    pub(super) fn summary(&self, values: &[Censored]) -> TobitFit {
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

/// Of `values` on the design `x`, whose columns `names` name in messages.
pub(super) fn maximise(
    values: &[Censored],
    x: ArrayView2<'_, f64>,
    names: &[String],
) -> Result<LikelihoodMaximum, Undefined> {
    let p = x.ncols();
    let measured = values.iter().filter(|value| matches!(value, Censored::Measured(_))).count();
    Undefined::unless_enough("measured values", measured, p + 1)?;
    let y = Array1::from_iter(values.iter().map(|value| value.number()));
    // The limits taken as values give the start, and a look at the design.
    let start = LinearModel::fit(x, y.view(), names)?;
    if let Some(escape) = escape(values, x) {
        return Err(without_maximum(&escape, values, names));
    }
    let at = climb(values, x, &start)?;
    finish(&at, &Likelihood::at(&at, values, x))
}

/// The height of the maximum alone, of a model that is known to have one.
pub(super) fn highest(values: &[Censored], x: ArrayView2<'_, f64>, names: &[String]) -> Result<f64, Undefined> {
    let y = Array1::from_iter(values.iter().map(|value| value.number()));
    let at = climb(values, x, &LinearModel::fit(x, y.view(), names)?)?;
    Ok(Likelihood::at(&at, values, x).value)
}

/// Why there is no maximum, in words.
fn without_maximum(escape: &RecessionDirection, values: &[Censored], names: &[String]) -> Undefined {
    if escape.without_spread {
        return Undefined::ZeroVariance;
    }
    let columns: Vec<&str> = escape.columns.iter().map(|&j| names[j].as_str()).collect();
    let below = escape.values.iter().filter(|&&i| matches!(values[i], Censored::Below(_))).count();
    let where_they_are = match (below, escape.values.len()) {
        (below, all) if below == all => "below their limit",
        (0, _) => "above their limit",
        _ => "beyond their limits",
    };
    Undefined::NoMaximum {
        what: WHAT.to_string(),
        why: format!(
            "all {} values that determine '{}' are {where_they_are}, so that the further away its estimate the better",
            escape.values.len(),
            columns.join("' and '"),
        ),
    }
}

/// Newton's method with halved steps, from least squares to the maximum.
fn climb(values: &[Censored], x: ArrayView2<'_, f64>, start: &LinearModel) -> Result<Array1<f64>, Undefined> {
    let p = x.ncols();
    let number = |value: &Censored| value.number();
    let (low, high) =
        values.iter().map(number).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
    // Limits may lie on a line with the measured values: a spread to start from there is all the same.
    let spread = (start.rss / values.len() as f64).sqrt().max(1e-3 * (high - low));
    let theta = 1.0 / spread;
    let mut at = Array1::zeros(p + 1);
    for (j, coefficient) in start.coefficients.iter().enumerate() {
        at[j] = coefficient * theta;
    }
    at[p] = theta;
    let mut here = Likelihood::at(&at, values, x);
    for _ in 0..200 {
        let Some(factor) = Cholesky::of(here.information.view()) else { break };
        let step = factor.solve(here.gradient.view());
        let decrement = step.dot(&here.gradient);
        if decrement < 1e-10 {
            // So near, a full step doubles the digits, while the likelihood is too flat to tell two points apart.
            return Ok(at + step);
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
    Err(Undefined::NotConverged { what: WHAT.to_string(), why: "no step improves its likelihood".to_string() })
}

/// From (γ, θ) to (β, ln σ): `β = γ/θ`, `ln σ = −ln θ`; at the maximum the information transforms by the Jacobian alone.
fn finish(at: &Array1<f64>, here: &Likelihood) -> Result<LikelihoodMaximum, Undefined> {
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
        what: WHAT.to_string(),
        why: "the information at the maximum is singular".to_string(),
    })?;
    let mut parameters = at / theta;
    parameters[p] = -libm::log(theta);
    Ok(LikelihoodMaximum { parameters, covariance: covariance.inverse(), loglik: here.value })
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
