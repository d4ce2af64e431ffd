//! A curve by its numbers: fitted to standards in one of the ways of a [`recipe`](super::recipe), or printed in the file.

use super::recipe::CurveType;
use crate::concentration::quantity::significant;
use crate::curve::notation::ReaderSoftware;
use crate::curve::{Method, Model, Parameters, Point, fit};
use crate::plate::own_results::Formula;

/// A curve by its numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum ReaderCurve {
    Logistic(Model, Parameters),
    Line { slope: f64, intercept: f64 },
    LogLog { slope: f64, intercept: f64 },
}

impl ReaderCurve {
    pub(super) fn concentration(&self, y: f64) -> Option<f64> {
        let x = match self {
            Self::Logistic(model, parameters) => model.concentration(parameters, y)?,
            Self::Line { slope, intercept } => (y - intercept) / slope,
            Self::LogLog { slope, intercept } => libm::exp((libm::log(y) - intercept) / slope),
        };
        x.is_finite().then_some(x)
    }

    /// In a line.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Logistic(_, p) => parameters_words(p),
            Self::Line { slope, intercept } | Self::LogLog { slope, intercept } => {
                format!("A = {}, B = {}", significant(*slope, 6), significant(*intercept, 6))
            }
        }
    }
}

/// Parameters in a line.
pub(super) fn parameters_words(p: &Parameters) -> String {
    let number = |value: f64| significant(value, 6);
    let asymmetry = if p.g == 1.0 { String::new() } else { format!(", g = {}", number(p.g)) };
    format!("a = {}, d = {}, c = {}, b = {}{asymmetry}", number(p.a), number(p.d), number(p.c), number(p.b))
}

/// The curve of this shape through the points; `None` where they do not determine one.
pub(super) fn through(shape: CurveType, points: &[Point]) -> Option<ReaderCurve> {
    match shape {
        CurveType::Printed => None,
        CurveType::Line => {
            let line = points.iter().map(|point| (point.concentration, point.response));
            least_squares(line.collect()).map(|(slope, intercept)| ReaderCurve::Line { slope, intercept })
        }
        CurveType::LogLog => {
            let positive = points.iter().filter(|point| point.concentration > 0.0 && point.response > 0.0);
            let logs = positive.map(|point| (libm::log(point.concentration), libm::log(point.response)));
            least_squares(logs.collect()).map(|(slope, intercept)| ReaderCurve::LogLog { slope, intercept })
        }
        CurveType::Logistic(model, variance) => {
            let fitted = fit(points, &Method { model, variance, ..Method::default() }).ok()?;
            fitted.identified().then(|| ReaderCurve::Logistic(model, *fitted.parameters()))
        }
    }
}

/// Slope and intercept of y on x.
fn least_squares(points: Vec<(f64, f64)>) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let xx: f64 = points.iter().map(|p| (p.0 - mx) * (p.0 - mx)).sum();
    let slope = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum::<f64>() / xx;
    (points.len() > 1 && xx > 0.0 && slope != 0.0).then_some((slope, my - slope * mx))
}

/// The curve of a printed formula with the letters of Gen5, SoftMax Pro and SkanIt.
pub(super) fn of_formula(formula: &Formula) -> Option<ReaderCurve> {
    let of = |letter: &str| formula.parameters.get(letter).copied();
    match (of("a"), of("b"), of("c"), of("d")) {
        (Some(slope), Some(intercept), None, None) => Some(ReaderCurve::Line { slope, intercept }),
        (Some(a), Some(b), Some(c), Some(d)) => {
            let (model, parameters) = ReaderSoftware { a, b, c, d, g: of("g").unwrap_or(1.0) }.into_ours();
            Some(ReaderCurve::Logistic(model, parameters))
        }
        _ => None,
    }
}
