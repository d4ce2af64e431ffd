//! Tails and quantiles of the distributions that tests need.
//!
//! Everything is taken from the upper tail: `1 − cdf` loses all digits of a small p-value. The continuous distributions are
//! those of statrs; its Student quantile is polished by a Newton step on our tail, because its own iteration stops
//! at about ten digits. statrs takes logarithms and exponentials from the system's library, so that the last bit of a p-value
//! or limit may differ between systems; within one system the same input gives the same bytes.

use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

use super::undefined::Undefined;

/// Upper tail of the standard normal, `P(Z > z)`.
pub fn normal_sf(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// Two-sided p-value of a standard normal statistic, `2 P(Z > |z|)`.
pub fn normal_two_sided(z: f64) -> f64 {
    2.0 * normal_sf(z.abs())
}

/// Quantile of the standard normal: `z` with `P(Z ≤ z) = p`. `p` outside (0, 1) gives an infinite value.
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p.clamp(0.0, 1.0))
}

/// Upper tail of Student's t, `P(T > t)`, for `df` > 0.
///
/// # Errors
/// When `df` is not positive.
pub fn t_sf(t: f64, df: f64) -> Result<f64, Undefined> {
    student(df).map(|distribution| distribution.sf(t))
}

/// Two-sided p-value of a Student statistic, `2 P(T > |t|)`.
///
/// # Errors
/// When `df` is not positive.
pub fn t_two_sided(t: f64, df: f64) -> Result<f64, Undefined> {
    t_sf(t.abs(), df).map(|p| 2.0 * p)
}

/// Quantile of Student's t: `t` with `P(T ≤ t) = p`, `0 < p < 1`.
///
/// # Errors
/// When `df` is not positive or `p` is outside (0, 1).
pub fn t_quantile(p: f64, df: f64) -> Result<f64, Undefined> {
    let distribution = student(df)?;
    if !(p > 0.0 && p < 1.0) {
        return Err(Undefined::Because(format!("a quantile needs a probability between 0 and 1, not {p}")));
    }
    let upper = p.min(1.0 - p);
    let mut t = distribution.inverse_cdf(1.0 - upper);
    for _ in 0..3 {
        let step = (distribution.sf(t) - upper) / distribution.pdf(t);
        if !step.is_finite() {
            break;
        }
        t += step;
        if step.abs() <= 1e-15 * t.abs() {
            break;
        }
    }
    Ok(if p < 0.5 { -t } else { t })
}

/// Upper tail of χ², `P(X > x)`.
///
/// # Errors
/// When `df` is not positive.
pub fn chi_squared_sf(x: f64, df: f64) -> Result<f64, Undefined> {
    ChiSquared::new(df).map(|distribution| distribution.sf(x)).map_err(|_| degrees_of_freedom(df))
}

/// Quantile of χ²: `x` with `P(X ≤ x) = p`, `0 < p < 1`.
///
/// # Errors
/// When `df` is not positive or `p` is outside (0, 1).
pub fn chi_squared_quantile(p: f64, df: f64) -> Result<f64, Undefined> {
    let distribution = ChiSquared::new(df).map_err(|_| degrees_of_freedom(df))?;
    if !(p > 0.0 && p < 1.0) {
        return Err(Undefined::Because(format!("a quantile needs a probability between 0 and 1, not {p}")));
    }
    let mut x = distribution.inverse_cdf(p);
    // Polished as Student's, on the smaller tail.
    for _ in 0..5 {
        let miss = if p < 0.5 { distribution.cdf(x) - p } else { 1.0 - p - distribution.sf(x) };
        let step = miss / distribution.pdf(x);
        if !step.is_finite() || step.abs() <= 1e-15 * x || step >= x {
            break;
        }
        x -= step;
    }
    Ok(x)
}

/// Upper tail of Fisher's F, `P(F > f)`.
///
/// # Errors
/// When the degrees of freedom are not positive.
pub fn f_sf(f: f64, df1: f64, df2: f64) -> Result<f64, Undefined> {
    FisherSnedecor::new(df1, df2).map(|distribution| distribution.sf(f)).map_err(|_| degrees_of_freedom(df1.min(df2)))
}

fn student(df: f64) -> Result<StudentsT, Undefined> {
    StudentsT::new(0.0, 1.0, df).map_err(|_| degrees_of_freedom(df))
}

fn degrees_of_freedom(df: f64) -> Undefined {
    Undefined::Because(format!("degrees of freedom must be positive, not {df}"))
}
