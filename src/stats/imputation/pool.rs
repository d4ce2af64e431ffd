//! Rubin's rules: M estimates Qₘ with variances Uₘ of completed sets become one.
//!
//! ```text
//! Q̄ = mean of Qₘ,   W = mean of Uₘ,   B = Σ(Qₘ − Q̄)²/(M − 1),   T = W + (1 + 1/M) B
//! λ = (1 + 1/M) B / T                                                  share of T that is due to what is missing
//! ν = 1/(1/ν_M + 1/ν_o),   ν_M = (M − 1)/λ²,   ν_o = ν_c (ν_c + 1)/(ν_c + 3) (1 − λ)
//! ```
//!
//! with ν_c the degrees of freedom of a completed set (Rubin, *Multiple Imputation for Nonresponse in Surveys*, 1987, section 3.3; Barnard &
//! Rubin, Biometrika 1999;86:948). Another seed would move Q̄ by its Monte-Carlo error, √(B/M).

use serde::Serialize;

use super::super::inference::TInference;
use super::super::undefined::Undefined;

/// An estimate over all imputations.
///
/// See [`pool`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pooled {
    /// Q̄.
    pub estimate: f64,
    /// √T.
    pub se: f64,
    /// W.
    pub within: f64,
    /// B.
    pub between: f64,
    /// λ.
    pub missing_share: f64,
    /// √(B/M).
    pub monte_carlo_error: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: TInference,
}

/// Pools estimates with their variances, of analyses with `df` degrees of freedom.
///
/// ```
/// use platewise::stats::imputation::pool::{Pooled, pool};
///
/// // W = 1, B = 0.5, M = 4: T = 1.625, λ = 5/13; ν_M = 3/λ² = 20.28, ν_o = 20 (21/23)(8/13).
/// let apart = (0.5_f64 * 3.0 / 4.0).sqrt();
/// let sets = [(2.0 - apart, 1.0), (2.0 + apart, 0.5), (2.0 - apart, 1.5), (2.0 + apart, 1.0)];
/// let found: Pooled = pool(&sets, 20.0, 0.95)?;
/// assert!((found.estimate - 2.0).abs() < 1e-12 && (found.se * found.se - 1.625).abs() < 1e-12);
/// let observed = 20.0 * 21.0 / 23.0 * 8.0 / 13.0;
/// assert!((found.inference.df - 1.0 / (1.0 / 20.28 + 1.0 / observed)).abs() < 1e-12);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
///
/// # Errors
/// With fewer than two sets, or without any variance.
pub fn pool(sets: &[(f64, f64)], df: f64, confidence: f64) -> Result<Pooled, Undefined> {
    Undefined::unless_enough("imputations", sets.len(), 2)?;
    let m = sets.len() as f64;
    let estimate = sets.iter().map(|(estimate, _)| estimate).sum::<f64>() / m;
    let within = sets.iter().map(|(_, variance)| variance).sum::<f64>() / m;
    let squares: f64 = sets.iter().map(|(one, _)| (one - estimate) * (one - estimate)).sum();
    combine(PoolingTerms { estimate, within, between: squares / (m - 1.0), sets: m, df }, confidence)
}

/// What the rules need of all sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolingTerms {
    pub(super) estimate: f64,
    pub(super) within: f64,
    pub(super) between: f64,
    pub(super) sets: f64,
    pub(super) df: f64,
}

pub(super) fn combine(parts: PoolingTerms, confidence: f64) -> Result<Pooled, Undefined> {
    let PoolingTerms { estimate, within, between, sets: m, df } = parts;
    let of_missing = (1.0 + 1.0 / m) * between;
    let total = within + of_missing;
    if total.is_nan() || total <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    let share = of_missing / total;
    let observed = df * (df + 1.0) / (df + 3.0) * (1.0 - share);
    // As reciprocals, so that no difference between the sets is no division by zero.
    let degrees = 1.0 / (share * share / (m - 1.0) + 1.0 / observed);
    let se = total.sqrt();
    let inference = TInference::of(estimate, se, degrees, estimate.abs(), confidence)?;
    Ok(Pooled {
        estimate,
        se,
        within,
        between,
        missing_share: share,
        monte_carlo_error: (between / m).sqrt(),
        inference,
    })
}
