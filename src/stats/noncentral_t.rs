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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distribution::t_sf;

    /// `∫ Φ(t s − δ) f(s) ds` of the head of this file by Simpson's rule over s, in steps of 1/2000.
    fn simpson(t: f64, df: f64, ncp: f64) -> f64 {
        let half = df / 2.0;
        let constant = std::f64::consts::LN_2 + half * libm::log(half) - libm::lgamma(half);
        let at = |i: u32| {
            let s = f64::from(i) / 2000.0;
            if s == 0.0 {
                0.0
            } else {
                libm::exp(constant + (df - 1.0) * libm::log(s) - half * s * s) * normal_sf(ncp - t * s)
            }
        };
        let weight = |i: u32| {
            if i == 0 || i == 16_000 {
                1.0
            } else if i % 2 == 1 {
                4.0
            } else {
                2.0
            }
        };
        (0..=16_000).map(|i| weight(i) * at(i)).sum::<f64>() / 6000.0
    }

    #[test]
    fn the_distribution_is_the_integral_over_the_standard_deviation() {
        for df in [2.0, 5.0, 30.0] {
            for (t, ncp) in [(0.3, 1.0), (2.5, 1.0), (-1.0, 0.5), (4.0, 3.0)] {
                let found = noncentral_t_cdf(t, df, ncp).unwrap();
                assert!((found - simpson(t, df, ncp)).abs() < 1e-6, "{t} {df} {ncp}: {found}");
            }
            // At t = 0 it is Φ(−δ), without δ Student's distribution.
            assert!((noncentral_t_cdf(0.0, df, 1.3).unwrap() - normal_sf(1.3)).abs() < 1e-12);
            assert!((noncentral_t_cdf(1.7, df, 0.0).unwrap() - (1.0 - t_sf(1.7, df).unwrap())).abs() < 1e-12);
        }
    }

    #[test]
    fn a_noncentrality_puts_t_where_it_was_asked_for() {
        for (t, df, p) in [(2.0, 4.0, 0.975), (2.0, 4.0, 0.025), (-3.0, 12.0, 0.5), (40.0, 3.0, 0.01), (0.0, 7.0, 0.9)]
        {
            let ncp = noncentrality(t, df, p).unwrap();
            assert!((noncentral_t_cdf(t, df, ncp).unwrap() - p).abs() < 1e-10, "{t} {df} {p}: {ncp}");
        }
    }
}
