//! What every Tobit model gives.

use serde::Serialize;

/// What every Tobit model gives.
///
/// See [`TobitMean`](super::TobitMean) for an example.
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
