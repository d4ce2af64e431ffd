//! The noncentral t distribution.
//!
//! With `S = √(χ²(ν)/ν)`, independent of Z: `T = (Z + δ)/S`, hence
//!
//! ```text
//! P(T ≤ t) = ∫ Φ(t s − δ) f(s) ds,    f(s) = 2 (ν/2)^(ν/2) / Γ(ν/2) · s^(ν−1) exp(−ν s²/2)
//! ```
//!
//! Taken over w = ln s by the trapezoid rule, which for such smooth integrands on the whole line converges faster than any power of
//! the step. All terms are positive, so that nothing cancels; the usual series (Lenth, AS 243) underflows for |δ| > 38.

use super::distribution::{normal_sf, t_quantile};
use super::root::root;
use super::undefined::Undefined;

/// `P(T ≤ t)` for `df` degrees of freedom and noncentrality `ncp`, to about 13 digits of the larger tail.
///
/// # Errors
/// When `df` is not positive or a number is not finite.
pub fn noncentral_t_cdf(t: f64, df: f64, ncp: f64) -> Result<f64, Undefined> {
    if !(df > 0.0 && df.is_finite() && t.is_finite() && ncp.is_finite()) {
        return Err(Undefined::Because(format!("noncentral t({df}, {ncp}) at {t} is not defined")));
    }
    let half = df / 2.0;
    let log_constant = std::f64::consts::LN_2 + half * libm::log(half) - libm::lgamma(half);
    // Density of ln S; it peaks at 0 with the width 1/√(2ν), falls as exp(νw) to the left and far faster to the right.
    let density = |w: f64| libm::exp(log_constant + df * w - half * libm::exp(2.0 * w));
    let width = 1.0 / (2.0 * df).sqrt();
    let step = width.min(1.0 / (1.0 + t.abs())) / 12.0;
    let (left, right) = (-(9.0 * width).max(40.0 / df), 9.0 * width.min(0.5));
    let (first, last) = ((left / step).floor() as i64, (right / step).ceil() as i64);
    let mut sum = 0.0;
    for i in first..=last {
        let w = i as f64 * step;
        sum += density(w) * normal_sf(ncp - t * libm::exp(w));
    }
    Ok((sum * step).clamp(0.0, 1.0))
}

/// The noncentrality for which `P(T ≤ t) = p`; it falls as `p` rises.
///
/// # Errors
/// As [`noncentral_t_cdf`], and when `p` is outside (0, 1).
pub fn noncentrality(t: f64, df: f64, p: f64) -> Result<f64, Undefined> {
    // Bracket: the limits of t itself, widened until they enclose.
    let spread = t_quantile(1.0 - p.min(1.0 - p) / 2.0, df)?.abs() + 1.0;
    let scale = 1.0 + t.abs() / (2.0 * df).sqrt();
    let (mut low, mut high) = (t - spread * scale, t + spread * scale);
    while noncentral_t_cdf(t, df, low)? < p {
        low -= spread * scale;
    }
    while noncentral_t_cdf(t, df, high)? > p {
        high += spread * scale;
    }
    root(low, high, |ncp| noncentral_t_cdf(t, df, ncp).map(|cdf| p - cdf))
}
