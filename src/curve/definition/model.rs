//! The logistic families, and their exact inverses.
//!
//! ```text
//! 4pl   y = d + (a − d) / (1 + (x/c)^b)
//! 5pl   y = d + (a − d) / (1 + (x/c)^b)^g
//! 5plm  y = a + (d − a) / (1 + (x/c)^−b)^g        the mirror of 5pl: drc's LL.5 with negative b
//! ```
//!
//! `a` is the response at zero concentration, `d` the response at infinite concentration, `c > 0` the mid-point (of the 4PL),
//! `b > 0` the slope, `g > 0` the asymmetry. A rising curve has `a < d`, a falling one `a > d`; it is the same model.
//! `x = 0` is exact: `y = a`, nothing is added to it.

use serde::{Deserialize, Serialize};

/// A logistic family.
///
/// ```
/// use platewise::curve::{Model, Parameters};
///
/// let p = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
/// assert_eq!(Model::FourParameter.response(&p, 0.0), 0.05);
/// assert!((Model::FourParameter.response(&p, 400.0) - 1.425).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Model {
    /// Four parameters.
    #[serde(rename = "4pl")]
    FourParameter,
    /// Five parameters, the asymmetry on `(x/c)^b`.
    #[serde(rename = "5pl")]
    FiveParameter,
    /// Five parameters, the mirror family: the asymmetry on `(x/c)^−b`.
    #[serde(rename = "5plm")]
    FiveParameterMirror,
}

/// The parameters of a curve, in the notation of this file.
///
/// ```
/// use platewise::curve::{Model, Parameters};
///
/// let falling = Parameters { a: 2.8, d: 0.05, c: 400.0, b: 1.2, g: 1.0 };
/// assert!(Model::FourParameter.concentration(&falling, 0.5).is_some_and(|x| x > 400.0));
/// assert_eq!(Model::FourParameter.concentration(&falling, 3.0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Response at zero concentration.
    pub a: f64,
    /// Response at infinite concentration.
    pub d: f64,
    /// Mid-point concentration, > 0.
    pub c: f64,
    /// Slope, > 0.
    pub b: f64,
    /// Asymmetry, > 0; exactly 1 in the 4PL.
    pub g: f64,
}

impl Model {
    /// The response at concentration `x ≥ 0`.
    pub fn response(self, p: &Parameters, x: f64) -> f64 {
        if x <= 0.0 {
            return p.a;
        }
        let t = p.b * (libm::log(x) - libm::log(p.c));
        match self {
            Self::FourParameter => p.a + (p.d - p.a) * logistic(t),
            Self::FiveParameter => p.d + (p.a - p.d) * libm::exp(p.g * ln_logistic(-t)),
            Self::FiveParameterMirror => p.a + (p.d - p.a) * libm::exp(p.g * ln_logistic(t)),
        }
    }

    /// The concentration at which the curve has response `y`; `None` unless `y` is strictly between `a` and `d`
    /// (`y = a` is concentration 0).
    pub fn concentration(self, p: &Parameters, y: f64) -> Option<f64> {
        if y == p.a {
            return Some(0.0);
        }
        let rise = (y - p.a) / (p.d - p.a);
        if !(rise > 0.0 && rise < 1.0) {
            return None;
        }
        // ln (x/c)^b
        let t = match self {
            Self::FourParameter => libm::log(rise) - libm::log1p(-rise),
            Self::FiveParameter => libm::log(libm::expm1(-libm::log1p(-rise) / p.g)),
            Self::FiveParameterMirror => -libm::log(libm::expm1(-libm::log(rise) / p.g)),
        };
        let x = libm::exp(libm::log(p.c) + t / p.b);
        x.is_finite().then_some(x)
    }
}

/// 1 / (1 + e^−t), without overflow.
fn logistic(t: f64) -> f64 {
    if t >= 0.0 {
        1.0 / (1.0 + libm::exp(-t))
    } else {
        let e = libm::exp(t);
        e / (1.0 + e)
    }
}

/// ln (1 / (1 + e^−t)), without overflow.
fn ln_logistic(t: f64) -> f64 {
    if t >= 0.0 { -libm::log1p(libm::exp(-t)) } else { t - libm::log1p(libm::exp(t)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_and_concentration_are_inverse() {
        for model in [Model::FourParameter, Model::FiveParameter, Model::FiveParameterMirror] {
            let g = if model == Model::FourParameter { 1.0 } else { 0.6 };
            for (a, d) in [(0.05, 2.8), (2.8, 0.05)] {
                let p = Parameters { a, d, c: 400.0, b: 1.2, g };
                assert_eq!(model.response(&p, 0.0), a);
                for x in [0.1, 31.25, 400.0, 2000.0, 1e5] {
                    let back = model.concentration(&p, model.response(&p, x)).unwrap();
                    assert!((back / x - 1.0).abs() < 1e-9, "{model:?} {x} {back}");
                }
                assert_eq!(model.concentration(&p, 3.0), None);
                assert_eq!(model.concentration(&p, 0.04), None);
            }
        }
    }

    #[test]
    fn logarithms_far_out_do_not_overflow() {
        for (t, expected) in [(-800.0, -800.0), (0.0, -std::f64::consts::LN_2), (800.0, 0.0)] {
            assert!((ln_logistic(t) - expected).abs() < 1e-12 && (logistic(t) - libm::exp(expected)).abs() < 1e-12);
        }
        assert!((ln_logistic(2.0) - libm::log(logistic(2.0))).abs() < 1e-15);
        assert!((ln_logistic(-2.0) - libm::log(logistic(-2.0))).abs() < 1e-15);
    }
}
