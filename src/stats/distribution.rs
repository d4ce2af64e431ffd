//! Tails and quantiles of the distributions that tests need, by [`crate::probability`]: here with an error in place of a number that
//! is none.

use super::root::root;
use super::undefined::Undefined;
use crate::probability::{self, beta_lower, f_upper, gamma_lower, gamma_upper, normal_upper};

/// Upper tail of the standard normal, `P(Z > z)`; NaN for NaN.
pub fn normal_sf(z: f64) -> f64 {
    normal_upper(z)
}

/// Two-sided p-value of a standard normal statistic, `2 P(Z > |z|)`.
pub fn normal_two_sided(z: f64) -> f64 {
    2.0 * normal_sf(z.abs())
}

/// Quantile of the standard normal: `z` with `P(Z ≤ z) = p`. `p` outside (0, 1) gives an infinite value, NaN gives NaN.
pub fn normal_quantile(p: f64) -> f64 {
    probability::normal_quantile(p)
}

/// Upper tail of Student's t, `P(T > t)`, for `df` > 0.
///
/// # Errors
/// When `t` is not finite or `df` not positive.
pub fn t_sf(t: f64, df: f64) -> Result<f64, Undefined> {
    let half = 0.5 * t_two_sided(t, df)?;
    Ok(if t < 0.0 { 1.0 - half } else { half })
}

/// Two-sided p-value of a Student statistic, `2 P(T > |t|)`.
///
/// # Errors
/// As [`t_sf`].
pub fn t_two_sided(t: f64, df: f64) -> Result<f64, Undefined> {
    tail(probability::t_two_sided(finite(t)?, positive(df)?))
}

/// Quantile of Student's t: `t` with `P(T ≤ t) = p`, `0 < p < 1`.
///
/// # Errors
/// When `df` is not positive or `p` is outside (0, 1).
pub fn t_quantile(p: f64, df: f64) -> Result<f64, Undefined> {
    let df = positive(df)?;
    let t = probability::t_quantile(2.0 * inside(p)?.min(1.0 - p), df);
    Ok(if p < 0.5 { -number(t)? } else { number(t)? })
}

/// Upper tail of χ², `P(X > x)`.
///
/// # Errors
/// When `x` is not finite or `df` not positive.
pub fn chi_squared_sf(x: f64, df: f64) -> Result<f64, Undefined> {
    tail(gamma_upper(0.5 * positive(df)?, 0.5 * finite(x)?))
}

/// Quantile of χ²: `x` with `P(X ≤ x) = p`, `0 < p < 1`.
///
/// # Errors
/// When `df` is not positive or `p` is outside (0, 1).
pub fn chi_squared_quantile(p: f64, df: f64) -> Result<f64, Undefined> {
    let (p, half) = (inside(p)?, 0.5 * positive(df)?);
    // On the smaller tail, and over the logarithm: the quantiles of few degrees of freedom are very small.
    let miss = |ln_x: f64| {
        let x = 0.5 * libm::exp(ln_x);
        if p < 0.5 {
            number(gamma_lower(half, x)).map(|lower| lower - p)
        } else {
            number(gamma_upper(half, x)).map(|upper| 1.0 - p - upper)
        }
    };
    let (low, mut high) = (libm::log(f64::MIN_POSITIVE), libm::log(df + 1.0));
    if miss(low)? >= 0.0 {
        return Ok(0.0);
    }
    while miss(high)? < 0.0 {
        high += 1.0;
    }
    root(low, high, miss).map(libm::exp)
}

/// Quantile of the beta distribution with the shapes `a` and `b`: `x` with `P(X ≤ x) = p`, `0 < p < 1`.
///
/// # Errors
/// When a shape is not positive or `p` is outside (0, 1).
pub fn beta_quantile(p: f64, a: f64, b: f64) -> Result<f64, Undefined> {
    let (p, a, b) = (inside(p)?, positive(a)?, positive(b)?);
    root(0.0, 1.0, |x| number(beta_lower(a, b, x, 1.0 - x)).map(|lower| lower - p))
}

/// Upper tail of Fisher's F, `P(F > f)`.
///
/// # Errors
/// When `f` is not finite or the degrees of freedom are not positive.
pub fn f_sf(f: f64, df1: f64, df2: f64) -> Result<f64, Undefined> {
    tail(f_upper(finite(f)?, positive(df1)?, positive(df2)?))
}

/// The largest statistic: its square, times any degrees of freedom, is a number.
const LARGEST: f64 = 1e100;

/// A statistic that has a tail: squares of large numbers overflow.
fn finite(statistic: f64) -> Result<f64, Undefined> {
    if statistic.abs() <= LARGEST {
        return Ok(statistic);
    }
    Err(Undefined::Because(format!("the statistic is {statistic}: the numbers are too large, or do not vary")))
}

/// A probability of which a quantile is asked.
fn inside(p: f64) -> Result<f64, Undefined> {
    if p > 0.0 && p < 1.0 {
        return Ok(p);
    }
    Err(Undefined::Because(format!("a quantile needs a probability between 0 and 1, not {p}")))
}

/// A tail that could be computed: with too many degrees of freedom the series do not settle.
fn tail(probability: f64) -> Result<f64, Undefined> {
    number(probability).map(|probability| probability.clamp(0.0, 1.0))
}

fn number(value: f64) -> Result<f64, Undefined> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(Undefined::Because(
        "the tail of the distribution cannot be computed: its degrees of freedom are too large".into(),
    ))
}

/// Degrees of freedom that have a meaning and whose functions settle.
fn positive(df: f64) -> Result<f64, Undefined> {
    if (1e-9..=1e12).contains(&df) {
        return Ok(df);
    }
    Err(Undefined::Because(format!("degrees of freedom must be positive (and at most 1e12), not {df}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No call panics, and none gives a probability that is none, whatever it is asked.
    #[test]
    fn every_function_answers_every_number() {
        let odd = [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            1e-320,
            1e-300,
            1e155,
            1e300,
            f64::MAX,
            f64::MIN,
            2.5,
            1.0 - f64::EPSILON,
        ];
        let probability = |p: Result<f64, Undefined>, what: String| {
            if let Ok(p) = p {
                assert!((0.0..=1.0).contains(&p), "{what}: {p}");
            }
        };
        for x in odd {
            let _ = (normal_sf(x), normal_two_sided(x), normal_quantile(x));
            for df in odd {
                probability(t_sf(x, df), format!("t_sf({x}, {df})"));
                probability(t_two_sided(x, df), format!("t_two_sided({x}, {df})"));
                probability(chi_squared_sf(x, df), format!("chi_squared_sf({x}, {df})"));
                let _ = (t_quantile(x, df), chi_squared_quantile(x, df));
                for df2 in odd {
                    probability(f_sf(x, df, df2), format!("f_sf({x}, {df}, {df2})"));
                }
                if !x.is_finite() {
                    assert!(t_sf(x, 5.0).is_err() && chi_squared_sf(x, 5.0).is_err() && f_sf(x, 2.0, 5.0).is_err());
                }
            }
        }
    }
}
