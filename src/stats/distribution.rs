//! Tails and quantiles of the distributions that tests need.
//!
//! Everything is taken from the upper tail: `1 − cdf` loses all digits of a small p-value. The continuous distributions are
//! those of statrs; its Student quantile is polished by a Newton step on our tail, because its own iteration stops
//! at about ten digits. statrs takes logarithms and exponentials from the system's library, so that the last bit of a p-value
//! or limit may differ between systems; within one system the same input gives the same bytes.

use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

use super::undefined::Undefined;

/// Upper tail of the standard normal, `P(Z > z)`; NaN for NaN.
pub fn normal_sf(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// Two-sided p-value of a standard normal statistic, `2 P(Z > |z|)`.
pub fn normal_two_sided(z: f64) -> f64 {
    2.0 * normal_sf(z.abs())
}

/// Quantile of the standard normal: `z` with `P(Z ≤ z) = p`. `p` outside (0, 1) gives an infinite value, NaN gives NaN.
pub fn normal_quantile(p: f64) -> f64 {
    if p.is_nan() {
        return p;
    }
    Normal::standard().inverse_cdf(p.clamp(0.0, 1.0))
}

/// Upper tail of Student's t, `P(T > t)`, for `df` > 0.
///
/// # Errors
/// When `t` is not finite or `df` not positive.
pub fn t_sf(t: f64, df: f64) -> Result<f64, Undefined> {
    let distribution = student(df)?;
    finite(t).and_then(|t| tail(distribution.sf(t)))
}

/// Two-sided p-value of a Student statistic, `2 P(T > |t|)`.
///
/// # Errors
/// As [`t_sf`].
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
/// When `x` is not finite or `df` not positive.
pub fn chi_squared_sf(x: f64, df: f64) -> Result<f64, Undefined> {
    let distribution = chi_squared(df)?;
    finite(x).and_then(|x| tail(distribution.sf(x)))
}

/// Quantile of χ²: `x` with `P(X ≤ x) = p`, `0 < p < 1`.
///
/// # Errors
/// When `df` is not positive or `p` is outside (0, 1).
pub fn chi_squared_quantile(p: f64, df: f64) -> Result<f64, Undefined> {
    let distribution = chi_squared(df)?;
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
/// When `f` is not finite or the degrees of freedom are not positive.
pub fn f_sf(f: f64, df1: f64, df2: f64) -> Result<f64, Undefined> {
    let distribution =
        FisherSnedecor::new(positive(df1)?, positive(df2)?).map_err(|_| degrees_of_freedom(df1.min(df2)))?;
    finite(f).and_then(|f| tail(distribution.sf(f)))
}

fn student(df: f64) -> Result<StudentsT, Undefined> {
    StudentsT::new(0.0, 1.0, positive(df)?).map_err(|_| degrees_of_freedom(df))
}

fn chi_squared(df: f64) -> Result<ChiSquared, Undefined> {
    ChiSquared::new(positive(df)?).map_err(|_| degrees_of_freedom(df))
}

/// The largest statistic: its square, times any degrees of freedom, is a number.
const LARGEST: f64 = 1e100;

/// A statistic that has a tail: squares of large numbers overflow, and the library panics where it is given what comes of them.
fn finite(statistic: f64) -> Result<f64, Undefined> {
    if statistic.abs() <= LARGEST {
        return Ok(statistic);
    }
    Err(Undefined::Because(format!("the statistic is {statistic}: the numbers are too large, or do not vary")))
}

/// A tail that the library could compute: with degrees of freedom beyond what its series carry it answers NaN.
fn tail(probability: f64) -> Result<f64, Undefined> {
    if (0.0..=1.0).contains(&probability) {
        return Ok(probability);
    }
    Err(Undefined::Because(
        "the tail of the distribution cannot be computed: its degrees of freedom are too large".into(),
    ))
}

/// Degrees of freedom that the library can carry: with others its series overflow, or do not end.
fn positive(df: f64) -> Result<f64, Undefined> {
    if (1e-9..=1e12).contains(&df) { Ok(df) } else { Err(degrees_of_freedom(df)) }
}

fn degrees_of_freedom(df: f64) -> Undefined {
    Undefined::Because(format!("degrees of freedom must be positive (and at most 1e12), not {df}"))
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
