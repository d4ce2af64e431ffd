//! The answer for programs. Numbers round-trip exactly; what is unknown or undefined is null.

use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::curve_answer::CurveAnswer;
use super::variance::VarianceModel;
use crate::cli::Failure;
use crate::curve::{Interval, Inverse, LackOfFit, Level, Method, Model, StandardCurve, interval_holds};

/// Names of the parameters in the order of covariances.
const ORDER: [&str; 5] = ["a", "d", "c", "b", "g"];

#[derive(Serialize)]
struct Output<'a> {
    variance_model: &'a VarianceModel,
    interval_holds: String,
    curves: Vec<CurveJson<'a>>,
}

#[derive(Serialize)]
struct CurveJson<'a> {
    curve: Option<&'a str>,
    model: Model,
    variance: crate::curve::Variance,
    variance_from: crate::curve::VarianceFrom,
    /// Why there is no curve at all.
    error: Option<String>,
    direction: Option<&'static str>,
    identified: bool,
    estimates: Value,
    standard_errors: Value,
    covariance: Value,
    rss: Option<f64>,
    residual_sd: Option<f64>,
    df: Option<usize>,
    r_squared: Option<f64>,
    aic: Option<f64>,
    aicc: Option<f64>,
    log_likelihood: Option<f64>,
    variance_exponent: Option<f64>,
    variance_crossover: Option<f64>,
    confidence: f64,
    intervals: Value,
    standards: &'a [Level],
    lack_of_fit: Option<LackOfFit>,
    residuals: Value,
    verdict: Value,
    inverse: &'a [Inverse],
}

pub(super) fn write(
    answers: &[CurveAnswer],
    method: &Method,
    variance: &VarianceModel,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let curves: Vec<CurveJson<'_>> = answers.iter().map(|answer| describe(answer, method)).collect();
    serde_json::to_writer_pretty(
        &mut *out,
        &Output { variance_model: variance, interval_holds: interval_holds(None), curves },
    )?;
    writeln!(out)?;
    Ok(())
}

fn describe<'a>(answer: &'a CurveAnswer, method: &Method) -> CurveJson<'a> {
    let name = Some(answer.name.as_str()).filter(|name| !name.is_empty());
    let described = CurveJson {
        curve: name,
        model: method.model,
        variance: method.variance,
        variance_from: method.variance_from,
        error: None,
        direction: None,
        identified: false,
        estimates: named(|_| Value::Null),
        standard_errors: named(|_| Value::Null),
        covariance: Value::Null,
        rss: None,
        residual_sd: None,
        df: None,
        r_squared: None,
        aic: None,
        aicc: None,
        log_likelihood: None,
        variance_exponent: None,
        variance_crossover: None,
        confidence: method.confidence,
        intervals: named(|_| Value::Null),
        standards: &[],
        lack_of_fit: None,
        residuals: json!([]),
        verdict: json!({ "usable": false, "reasons": [] }),
        inverse: &answer.inverse,
    };
    match &answer.outcome {
        Err(error) => {
            let words = error.to_string();
            let reason = json!({ "reason": "no_curve", "words": words, "decides": true });
            CurveJson { verdict: json!({ "usable": false, "reasons": [reason] }), error: Some(words), ..described }
        }
        Ok(curve) => fitted(curve, &answer.intervals, described),
    }
}

fn fitted<'a>(curve: &'a StandardCurve, intervals: &[Option<Interval>; 5], described: CurveJson<'a>) -> CurveJson<'a> {
    let p = curve.parameters();
    let estimates = [p.a, p.d, p.c, p.b, p.g];
    let errors = curve.standard_errors().unwrap_or_default();
    CurveJson {
        direction: curve.has_curve().then(|| if curve.rising() { "rising" } else { "falling" }),
        identified: curve.identified(),
        // serde_json writes what is not finite as null.
        estimates: named(|i| json!(estimates[i])),
        standard_errors: named(|i| json!(errors[i])),
        covariance: covariance(curve),
        rss: Some(curve.rss()),
        residual_sd: curve.residual_sd(),
        df: Some(curve.df()),
        r_squared: Some(curve.r_squared()),
        aic: curve.aic(),
        aicc: curve.aicc(),
        log_likelihood: curve.log_likelihood(),
        variance_exponent: curve.variance_exponent(),
        variance_crossover: curve.variance_crossover(),
        intervals: named(|i| intervals[i].map_or(Value::Null, |interval| json!([interval.lower, interval.upper]))),
        standards: curve.levels(),
        lack_of_fit: curve.lack_of_fit(),
        residuals: json!(curve.residuals()),
        verdict: json!(curve.verdict()),
        ..described
    }
}

/// An object with a value for each parameter.
fn named(value: impl Fn(usize) -> Value) -> Value {
    Value::Object(ORDER.iter().enumerate().map(|(i, name)| ((*name).to_string(), value(i))).collect::<Map<_, _>>())
}

/// The covariance in the order a, d, c, b[, g]; null for what was not fitted.
fn covariance(curve: &StandardCurve) -> Value {
    let (Some(covariance), Some(errors)) = (curve.covariance(), curve.standard_errors()) else { return Value::Null };
    let n = if curve.method().model == Model::FourParameter { 4 } else { 5 };
    let entry = |i: usize, j: usize| (errors[i].is_some() && errors[j].is_some()).then_some(covariance[i][j]);
    json!((0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect::<Vec<Vec<Option<f64>>>>())
}
