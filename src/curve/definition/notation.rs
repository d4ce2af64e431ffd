//! Parameters in the notation of other programs.
//!
//! ```text
//! drc        LL.4, LL.5       y = c + (d − c) / (1 + exp(b (ln x − ln e)))^f                   rises for b < 0
//! Gen5, SoftMax Pro  4P, 5P   y = D + (A − D) / (1 + (x/C)^B)^G                                B may be negative
//! Prism      4PL, 5PL         y = Bottom + (Top − Bottom) / (1 + 10^((LogXb − X) H))^S,        X = log10 x,
//!                             LogXb = LogEC50 + log10(2^(1/S) − 1) / H
//! ```
//!
//! Each of these writes both five-parameter families with one formula: the sign of its slope decides. In drc and SoftMax Pro
//! a positive slope is our `5pl` and a negative one our `5plm`; in Prism it is the other way round. Prism's EC50 is the
//! concentration of the half response, which our `c` is in the 4PL only.

use super::model::{Model, Parameters};

/// drc's LL.4 and LL.5 (`f` = 1 in LL.4).
///
/// ```
/// use platewise::curve::notation::Drc;
///
/// let (model, ours) = Drc { b: -1.2, c: 0.05, d: 2.8, e: 400.0, f: 1.0 }.into_ours();
/// assert_eq!((ours.a, ours.d, ours.b), (0.05, 2.8, 1.2));
/// assert_eq!(Drc::from_ours(model, &ours).e, 400.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drc {
    /// Slope; negative for curves that run from `c` to `d`.
    pub b: f64,
    /// Response at infinite concentration for `b` > 0, at zero for `b` < 0.
    pub c: f64,
    /// The other one.
    pub d: f64,
    /// Mid-point.
    pub e: f64,
    /// Asymmetry.
    pub f: f64,
}

/// The 4P and 5P of Gen5 and SoftMax Pro (`g` = 1 in the 4P).
///
/// ```
/// use platewise::curve::notation::ReaderSoftware;
///
/// // A negative slope turns A and D round.
/// let (_, ours) = ReaderSoftware { a: 2.8, b: -1.2, c: 400.0, d: 0.05, g: 1.0 }.into_ours();
/// assert_eq!((ours.a, ours.d, ours.b), (0.05, 2.8, 1.2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReaderSoftware {
    /// Response at zero concentration for `b` > 0, at infinite for `b` < 0.
    pub a: f64,
    /// Slope.
    pub b: f64,
    /// Mid-point.
    pub c: f64,
    /// The other response.
    pub d: f64,
    /// Asymmetry.
    pub g: f64,
}

/// Prism's sigmoidal curves over log₁₀ of the concentration (`s` = 1 in the 4PL).
///
/// ```
/// use platewise::curve::notation::Prism;
///
/// let (_, ours) = Prism { bottom: 0.05, top: 2.8, log_ec50: 2.0, hill_slope: 1.2, s: 1.0 }.into_ours();
/// assert!((ours.c - 100.0).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prism {
    /// `Bottom`.
    pub bottom: f64,
    /// `Top`.
    pub top: f64,
    /// `LogEC50`, base 10: where the response is half-way.
    pub log_ec50: f64,
    /// `HillSlope`; negative for falling curves.
    pub hill_slope: f64,
    /// `S`.
    pub s: f64,
}

/// The model that a sign of the slope and an asymmetry mean.
fn model(mirror: bool, g: f64) -> Model {
    match (g == 1.0, mirror) {
        (true, _) => Model::FourParameter,
        (false, true) => Model::FiveParameterMirror,
        (false, false) => Model::FiveParameter,
    }
}

impl Drc {
    /// Ours from drc's.
    pub fn into_ours(self) -> (Model, Parameters) {
        let Self { b, c, d, e, f } = self;
        let mirror = b < 0.0;
        let (a, d) = if mirror { (c, d) } else { (d, c) };
        (model(mirror, f), Parameters { a, d, c: e, b: b.abs(), g: f })
    }

    /// drc's from ours. A 4PL has two forms there; `c` ≤ `d` is chosen, as drc's starting values do.
    pub fn from_ours(model: Model, p: &Parameters) -> Self {
        let mirror = match model {
            Model::FourParameter => p.a <= p.d,
            Model::FiveParameter => false,
            Model::FiveParameterMirror => true,
        };
        if mirror {
            Self { b: -p.b, c: p.a, d: p.d, e: p.c, f: p.g }
        } else {
            Self { b: p.b, c: p.d, d: p.a, e: p.c, f: p.g }
        }
    }
}

impl ReaderSoftware {
    /// Ours from theirs.
    pub fn into_ours(self) -> (Model, Parameters) {
        let Self { a, b, c, d, g } = self;
        let mirror = b < 0.0;
        let (at_zero, at_infinity) = if mirror { (d, a) } else { (a, d) };
        (model(mirror, g), Parameters { a: at_zero, d: at_infinity, c, b: b.abs(), g })
    }

    /// Theirs from ours; the slope is positive but for the mirror family.
    pub fn from_ours(model: Model, p: &Parameters) -> Self {
        match model {
            Model::FourParameter | Model::FiveParameter => Self { a: p.a, b: p.b, c: p.c, d: p.d, g: p.g },
            Model::FiveParameterMirror => Self { a: p.d, b: -p.b, c: p.c, d: p.a, g: p.g },
        }
    }
}

impl Prism {
    /// log₁₀(2^(1/S) − 1) / H: how far LogXb lies from LogEC50.
    fn offset(s: f64, hill_slope: f64) -> f64 {
        libm::log10(libm::expm1(std::f64::consts::LN_2 / s)) / hill_slope
    }

    /// Ours from Prism's.
    pub fn into_ours(self) -> (Model, Parameters) {
        let Self { bottom, top, log_ec50, hill_slope, s } = self;
        let rising = hill_slope > 0.0;
        let (a, d) = if rising { (bottom, top) } else { (top, bottom) };
        let log_xb = log_ec50 + Self::offset(s, hill_slope);
        let c = libm::exp(log_xb * std::f64::consts::LN_10);
        (model(rising, s), Parameters { a, d, c, b: hill_slope.abs(), g: s })
    }

    /// Prism's from ours. In the five-parameter families `Bottom` is the response at zero concentration of a `5plm` and at
    /// infinite concentration of a `5pl`, so it may lie above `Top`.
    pub fn from_ours(model: Model, p: &Parameters) -> Self {
        let rising = match model {
            Model::FourParameter => p.a <= p.d,
            Model::FiveParameter => false,
            Model::FiveParameterMirror => true,
        };
        let (bottom, top, hill_slope) = if rising { (p.a, p.d, p.b) } else { (p.d, p.a, -p.b) };
        Self { bottom, top, log_ec50: libm::log10(p.c) - Self::offset(p.g, hill_slope), hill_slope, s: p.g }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Their formulas, word for word.
    fn drc(p: &Drc, x: f64) -> f64 {
        p.c + (p.d - p.c) / (1.0 + (p.b * (x.ln() - p.e.ln())).exp()).powf(p.f)
    }

    fn reader_software(p: &ReaderSoftware, x: f64) -> f64 {
        p.d + (p.a - p.d) / (1.0 + (x / p.c).powf(p.b)).powf(p.g)
    }

    fn prism(p: &Prism, x: f64) -> f64 {
        let log_xb = p.log_ec50 + (1.0 / p.hill_slope) * (2f64.powf(1.0 / p.s) - 1.0).log10();
        p.bottom + (p.top - p.bottom) / (1.0 + 10f64.powf((log_xb - x.log10()) * p.hill_slope)).powf(p.s)
    }

    #[test]
    fn their_formulas_give_our_responses() {
        for model in [Model::FourParameter, Model::FiveParameter, Model::FiveParameterMirror] {
            for (a, d) in [(0.05, 2.8), (2.8, 0.05)] {
                let g = if model == Model::FourParameter { 1.0 } else { 0.4 };
                let ours = Parameters { a, d, c: 300.0, b: 1.3, g };
                for x in [1.0, 60.0, 300.0, 5000.0] {
                    let y = model.response(&ours, x);
                    assert!((drc(&Drc::from_ours(model, &ours), x) - y).abs() < 1e-12);
                    assert!((reader_software(&ReaderSoftware::from_ours(model, &ours), x) - y).abs() < 1e-12);
                    assert!((prism(&Prism::from_ours(model, &ours), x) - y).abs() < 1e-12);
                }
                let same = |(found, p): (Model, Parameters)| {
                    assert_eq!(found, model);
                    for (x, y) in [(p.a, a), (p.d, d), (p.c, 300.0), (p.b, 1.3), (p.g, g)] {
                        assert!((x / y - 1.0).abs() < 1e-12, "{p:?}");
                    }
                };
                same(Drc::from_ours(model, &ours).into_ours());
                same(ReaderSoftware::from_ours(model, &ours).into_ours());
                same(Prism::from_ours(model, &ours).into_ours());
            }
        }
    }

    #[test]
    fn the_other_sign_of_a_four_parameter_slope_is_the_same_curve() {
        let falling = ReaderSoftware { a: 2.8, b: -1.3, c: 300.0, d: 0.05, g: 1.0 };
        let (model, ours) = falling.into_ours();
        assert_eq!((model, ours.a, ours.d), (Model::FourParameter, 0.05, 2.8));
        assert!((model.response(&ours, 80.0) - reader_software(&falling, 80.0)).abs() < 1e-14);
    }
}
