//! What is done with blank wells before the fit, and what it does to the limits.
//!
//! | rule | the fit sees | effect on the limits |
//! |---|---|---|
//! | ignore (default) | the standards as they are | none; `a` is extrapolated from the standards, so readings near the blank are uncertain and say so (ICH M10 keeps the blank out of the parameters) |
//! | include | the blanks as further wells at zero | `a` is known better: intervals at the low end narrow, and the LLOQ may fall, on the strength of wells without analyte |
//! | subtract | every response less the blanks' mean | concentrations under constant variance do not change; under the others the low end gains weight, because its means become small. The noise of the blanks' mean is in every response alike and in no interval |
//! | constrain | `a` fixed to the blanks' mean | intervals at the low end narrow, as if that mean were exact; where the blank matrix differs from the standards', readings there are biased |
//!
//! Samples are read from the curve after the same subtraction ([`PreparedFit::response`]).

use serde::Serialize;

use super::method::{Fixed, Method};
use super::point::Point;

/// What is done with blank wells.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let constrained = blank::prepare(Blank::Constrain, &plate[2..], &[0.05, 0.06], &Method::default());
/// assert!(constrained.is_some_and(|one| one.method.fixed.a == Some(0.055)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Blank {
    /// Shown, not used.
    #[default]
    Ignore,
    /// Used in the fit as concentration zero.
    Include,
    /// Their mean is subtracted from every response.
    Subtract,
    /// Their mean is the curve's `a`.
    Constrain,
}

/// Standards and method after the blanks were dealt with.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let subtracted = blank::prepare(Blank::Subtract, &plate, &[0.05, 0.07], &Method::default());
/// assert!(subtracted.is_some_and(|one| (one.response(1.06) - 1.0).abs() < 1e-12));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedFit {
    /// What to fit.
    pub points: Vec<Point>,
    /// How to fit it.
    pub method: Method,
    /// What was subtracted from every response.
    pub subtracted: f64,
}

impl PreparedFit {
    /// A response as the curve takes it.
    pub fn response(&self, response: f64) -> f64 {
        response - self.subtracted
    }
}

/// Deals with the blanks; `None` when the rule needs blanks and there are none.
pub fn prepare(rule: Blank, standards: &[Point], blanks: &[f64], method: &Method) -> Option<PreparedFit> {
    let mut prepared = PreparedFit { points: standards.to_vec(), method: method.clone(), subtracted: 0.0 };
    if rule == Blank::Ignore {
        return Some(prepared);
    }
    if blanks.is_empty() {
        // A zero standard is what *include* asks for, and it is in the fit already.
        let included = rule == Blank::Include && standards.iter().any(|point| point.concentration == 0.0);
        return included.then_some(prepared);
    }
    let mean = blanks.iter().sum::<f64>() / blanks.len() as f64;
    match rule {
        Blank::Ignore => {}
        Blank::Include => {
            prepared.points.extend(blanks.iter().map(|&response| Point { concentration: 0.0, response }));
        }
        Blank::Subtract => {
            prepared.subtracted = mean;
            for point in &mut prepared.points {
                point.response -= mean;
            }
        }
        Blank::Constrain => {
            prepared.method.fixed = Fixed { a: Some(mean), ..method.fixed };
            prepared.method.bounds.a = None;
        }
    }
    Some(prepared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Model, Parameters, fit};

    #[test]
    fn each_rule_does_what_it_says() {
        let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
        let noise = [0.01, -0.02, 0.015, 0.005, -0.01];
        let standards: Vec<Point> = [15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0]
            .into_iter()
            .enumerate()
            .map(|(i, x)| Point { concentration: x, response: Model::FourParameter.response(&truth, x) + noise[i % 5] })
            .collect();
        let blanks = [0.048, 0.052, 0.056];
        let method = Method::default();
        let read = |rule: Blank, response: f64| {
            let prepared = prepare(rule, &standards, &blanks, &method).unwrap();
            let curve = fit(&prepared.points, &prepared.method).unwrap();
            (curve.invert(prepared.response(response), 2), curve)
        };
        let (ignored, _) = read(Blank::Ignore, 0.3);
        let (subtracted, curve) = read(Blank::Subtract, 0.3);
        let close = (ignored.concentration.unwrap() / subtracted.concentration.unwrap() - 1.0).abs();
        assert!(close < 1e-9, "constant variance: subtraction moves nothing");
        assert!(curve.parameters().a < 0.05);
        let (included, curve) = read(Blank::Include, 0.12);
        assert_eq!(curve.points().len(), 12);
        let (constrained, curve) = read(Blank::Constrain, 0.12);
        assert_eq!(curve.parameters().a, 0.052);
        let (ignored, _) = read(Blank::Ignore, 0.12);
        let errors = [ignored, included, constrained].map(|read| read.standard_error.unwrap());
        assert!(errors[0] > errors[1] && errors[0] > errors[2], "{errors:?}");
        assert_eq!(prepare(Blank::Subtract, &standards, &[], &method), None);
        assert_eq!(prepare(Blank::Include, &standards, &[], &method), None);
        let with_zero = [standards.clone(), vec![Point { concentration: 0.0, response: 0.05 }]].concat();
        assert_eq!(prepare(Blank::Include, &with_zero, &[], &method).unwrap().points, with_zero);
    }
}
