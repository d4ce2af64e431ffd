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

/// The model that a sign of the slope and an asymmetry mean.
fn model(mirror: bool, g: f64) -> Model {
    match (g == 1.0, mirror) {
        (true, _) => Model::FourParameter,
        (false, true) => Model::FiveParameterMirror,
        (false, false) => Model::FiveParameter,
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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Their formula, word for word.
    fn response(p: &ReaderSoftware, x: f64) -> f64 {
        p.d + (p.a - p.d) / (1.0 + (x / p.c).powf(p.b)).powf(p.g)
    }

    #[test]
    fn their_formula_gives_our_responses() {
        for (a, d) in [(0.05, 2.8), (2.8, 0.05)] {
            for (b, g, family) in [
                (1.3, 1.0, Model::FourParameter),
                (-1.3, 1.0, Model::FourParameter),
                (1.3, 0.4, Model::FiveParameter),
                (-1.3, 0.4, Model::FiveParameterMirror),
            ] {
                let theirs = ReaderSoftware { a, b, c: 300.0, d, g };
                let (model, ours) = theirs.into_ours();
                assert_eq!((model, ours.b), (family, 1.3));
                for x in [1.0, 60.0, 300.0, 5000.0] {
                    assert!((model.response(&ours, x) - response(&theirs, x)).abs() < 1e-12, "{theirs:?} at {x}");
                }
            }
        }
    }
}
