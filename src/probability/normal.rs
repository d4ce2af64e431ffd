//! The standard normal.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// `P(Z > z)`; NaN for NaN.
pub fn normal_upper(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// The `z` with `P(Z ≤ z) = p`. Infinite where `p` is 0 or below and 1 or above; NaN for NaN.
pub fn normal_quantile(p: f64) -> f64 {
    match p {
        _ if p <= 0.0 => f64::NEG_INFINITY,
        _ if p >= 1.0 => f64::INFINITY,
        0.5 => 0.0,
        _ if p < 0.5 => -normal_quantile_upper(p),
        _ => normal_quantile_upper(1.0 - p),
    }
}

/// The `z` ≥ 0 with `P(Z > z) = tail`, `tail` ≤ ½: Abramowitz & Stegun 26.2.23, to 4.5·10⁻⁴, and Halley's steps.
fn normal_quantile_upper(tail: f64) -> f64 {
    (0..3).fold(about(tail), |z, _| closer(z, tail))
}

/// The quantile to 4.5·10⁻⁴.
pub(super) fn about(tail: f64) -> f64 {
    let u = (-2.0 * libm::log(tail)).sqrt();
    u - (2.515517 + u * (0.802853 + u * 0.010328)) / (1.0 + u * (1.432788 + u * (0.189269 + u * 0.001308)))
}

/// One step of Halley's method: its error is about the cube of the one before.
pub(super) fn closer(z: f64, tail: f64) -> f64 {
    let density = libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt();
    let newton = (normal_upper(z) - tail) / density;
    if newton.is_finite() { z + newton / (1.0 - 0.5 * newton * z) } else { z }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tails() {
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-15);
        assert_eq!(
            (normal_quantile(0.5), normal_quantile(0.0), normal_quantile(2.0)),
            (0.0, f64::NEG_INFINITY, f64::INFINITY)
        );
        assert!(normal_quantile(f64::NAN).is_nan() && normal_upper(f64::NAN).is_nan());
        for p in [1e-300, 1e-20, 1e-5, 0.025, 0.3, 0.499, 0.501, 0.8, 0.999_999] {
            let back = normal_upper(-normal_quantile(p));
            assert!((back / p - 1.0).abs() < 1e-12, "{p}: {back}");
        }
    }
}
