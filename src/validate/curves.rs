//! Standard curves beside independent fits: NIST's certified values, published ones, and those of `fixtures/curves`, found by other
//! programs with 32 digits.

use serde::Deserialize;
use serde_json::Value;

use crate::curve::{Fixed, Inverse, InverseStatus, Method, Model, Point, StandardCurve, Variance, VarianceFrom, fit};
use crate::report::validation::{Case, Function, Risk, SpoiledCase, ValidationCheck};

/// The sets that come with the program: public domain, of a free licence, or our own simulation.
const SETS: [&str; 10] = [
    include_str!("../../fixtures/curves/real/nist_rat42.json"),
    include_str!("../../fixtures/curves/real/cardillo_l4p.json"),
    include_str!("../../fixtures/curves/hard/hc_asym5pl_A.json"),
    include_str!("../../fixtures/curves/hard/hc_decreasing_A.json"),
    include_str!("../../fixtures/curves/hard/hc_incomplete_upper_zero_A.json"),
    include_str!("../../fixtures/curves/hard/hc_hook_A.json"),
    include_str!("../../fixtures/curves/hard/hc_noisefree_A.json"),
    include_str!("../../fixtures/curves/hard/hc_outlier_A.json"),
    include_str!("../../fixtures/curves/hard/hc_flat_A.json"),
    include_str!("../../fixtures/curves/hard/hc_zero_A.json"),
];

/// Points with the fits that other programs made of them.
///
/// See [`cases`] for an example.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceSet {
    source: String,
    x: Vec<f64>,
    y: Vec<f64>,
    /// Fits with a minimum at finite parameters.
    references: Vec<Value>,
    /// Fits that have none.
    #[serde(default)]
    no_finite_minimum_or_no_reference: Vec<Value>,
}

/// What a set says that a fit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FitKind {
    Minimum,
    /// The sum of squares of exact data is its rounding.
    ZeroResidual,
    NoMinimum,
}

/// Curves, and a spoiled one.
pub(super) fn function() -> Function {
    let sets = SETS.iter().enumerate().map(|(number, text)| (number, serde_json::from_str::<ReferenceSet>(text)));
    let mut cases = Vec::new();
    let mut spoiled = Vec::new();
    for (number, set) in sets {
        match set {
            Ok(set) => {
                if number == 2 {
                    spoiled.push(spoil(&set));
                }
                cases.extend(self::cases(&set));
            }
            Err(error) => cases.push(Case::new(format!("set {}", number + 1), "").with(Err(error))),
        }
    }
    Function {
        name: "Standard curves, and concentrations read from them",
        intended_use: "Fits four- and five-parameter logistic curves to the standards, says where there is no such curve, and reads \
                       concentrations with standard errors and intervals from them.",
        risk: Risk::High,
        failure: "A curve that is not the best one, or an interval that is too narrow; every concentration of the plate is wrong.",
        activity: "Sums of squares, parameters, covariances, likelihoods, concentrations and their limits beside certified, published and \
                   independently computed ones.",
        cases,
        spoiled,
    }
}

/// One response is 1 % higher.
fn spoil(set: &ReferenceSet) -> SpoiledCase {
    let mut set = set.clone();
    if let Some(response) = set.y.get_mut(4) {
        *response *= 1.01;
    }
    set.references.truncate(1);
    set.no_finite_minimum_or_no_reference.clear();
    let what = "one response of a standard is 1 % higher";
    match self::cases(&set).into_iter().next() {
        Some(case) => SpoiledCase::new(what, case),
        None => SpoiledCase { how: what.to_string(), found: None },
    }
}

/// Every fit of a set beside ours.
///
/// Tolerances, as `fixtures/curves` states them: sum of squares 1e-9 of it, parameters 1e-6 of the larger of value and standard error,
/// covariances 1e-5, log-likelihood 1e-8 a well, concentrations 1e-6, their standard errors 1e-5, limits 1e-5 of the width.
///
/// ```
/// use platewise::validate::curves::{ReferenceSet, cases};
///
/// let set: ReferenceSet = serde_json::from_str(include_str!(concat!(
///     env!("CARGO_MANIFEST_DIR"),
///     "/fixtures/curves/hard/hc_noisefree_A.json"
/// )))?;
/// assert!(cases(&set).iter().all(|case| case.passes()));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn cases(set: &ReferenceSet) -> Vec<Case> {
    let wells = set.x.iter().zip(&set.y);
    let points: Vec<Point> = wells.map(|(&concentration, &response)| Point { concentration, response }).collect();
    let case = |reference: &Value, kind: FitKind| {
        Case::new(reference["id"].as_str().unwrap_or("unnamed"), &*set.source).with(checks(&points, reference, kind))
    };
    let attained = set.references.iter().map(|reference| match reference["status"] == "zero_residual" {
        true => case(reference, FitKind::ZeroResidual),
        false => case(reference, FitKind::Minimum),
    });
    let others = &set.no_finite_minimum_or_no_reference;
    let degenerate = others.iter().filter(|reference| reference["status"] == "degenerate");
    attained.chain(degenerate.map(|reference| case(reference, FitKind::NoMinimum))).collect()
}

/// The method of a reference; the names of its model and weights are those of `fixtures/curves/README.md`.
fn method(reference: &Value) -> Result<Method, String> {
    let text = |name: &str| reference[name].as_str().unwrap_or_default();
    let (model, fixed) = match text("model") {
        "4pl" => (Model::FourParameter, Fixed::default()),
        "4pl_a0" => (Model::FourParameter, Fixed { a: Some(0.0), ..Fixed::default() }),
        "4pl_d0" => (Model::FourParameter, Fixed { d: Some(0.0), ..Fixed::default() }),
        "5pl" => (Model::FiveParameter, Fixed::default()),
        "5plm" => (Model::FiveParameterMirror, Fixed::default()),
        other => return Err(format!("unknown model '{other}'")),
    };
    let (variance, variance_from) = match text("weights") {
        "none" => (Variance::Constant, VarianceFrom::Fitted),
        "inv_y" => (Variance::Proportional, VarianceFrom::Observed),
        "inv_y2" => (Variance::Squared, VarianceFrom::Observed),
        "power1" => (Variance::Squared, VarianceFrom::Fitted),
        "power_est" => (Variance::Power, VarianceFrom::Fitted),
        other => return Err(format!("unknown weights '{other}'")),
    };
    Ok(Method { model, variance, variance_from, fixed, ..Method::default() })
}

fn checks(points: &[Point], reference: &Value, kind: FitKind) -> Result<Vec<ValidationCheck>, String> {
    let curve = fit(points, &method(reference)?).map_err(|error| error.to_string())?;
    let identified = |curve: &StandardCurve| if curve.identified() { "at finite parameters" } else { "none" };
    let expected = if kind == FitKind::NoMinimum { "none" } else { "at finite parameters" };
    let mut checks = vec![ValidationCheck::text("minimum", expected, identified(&curve))];
    if kind == FitKind::NoMinimum {
        let reached = reference["infimum_rss_reached"].as_f64();
        let most = reached.map(|reached| reached * (1.0 + 1e-8) + 1e-20);
        // Lower is as good: what was reached is not the infimum itself.
        let above = most.map(|most| (curve.rss() - most).max(0.0));
        checks.push(ValidationCheck::number("sum of squares above what was reached", 0.0, above, 0.0));
        return Ok(checks);
    }
    checks.extend(estimates(&curve, reference, kind));
    if kind == FitKind::Minimum {
        checks.extend(covariances(&curve, reference));
        checks.extend(likelihood(&curve, reference));
        checks.extend(profile(&curve, reference));
        checks.extend(inverses(&curve, reference)?);
    }
    Ok(checks)
}

fn estimates(curve: &StandardCurve, reference: &Value, kind: FitKind) -> Vec<ValidationCheck> {
    let mut checks = Vec::new();
    let exact = kind == FitKind::ZeroResidual;
    if exact {
        checks.push(ValidationCheck::number("sum of squares of exact data", 0.0, curve.rss(), 1e-25));
        checks.push(ValidationCheck::number(
            "standard errors of exact data",
            None,
            curve.standard_errors().map(|_| 0.0),
            0.0,
        ));
    } else {
        let rss = reference["rss_weighted"].as_f64();
        // A sum of squares that is missing compares with nothing.
        checks.push(ValidationCheck::number("weighted sum of squares", rss, curve.rss(), 1e-9 * rss.unwrap_or(0.0)));
    }
    let found = curve.parameters();
    for (name, value) in [("a", found.a), ("d", found.d), ("c", found.c), ("b", found.b), ("g", found.g)] {
        let Some(expected) = reference["estimates"][name].as_f64() else { continue };
        let se = reference["se_gauss_newton"][name].as_f64().unwrap_or(0.0);
        let tolerance = if exact { 1e-8 } else { 1e-6 } * expected.abs().max(se);
        checks.push(ValidationCheck::number(name, expected, value, tolerance));
    }
    let exponent = reference["power_theta"].as_f64().filter(|_| reference["weights"] == "power_est");
    checks.extend(exponent.map(|theta| ValidationCheck::number("exponent", theta, curve.variance_exponent(), 1e-4)));
    checks
}

fn covariances(curve: &StandardCurve, reference: &Value) -> Vec<ValidationCheck> {
    let Some(order) = reference["cov_order"].as_array() else { return Vec::new() };
    let index = |name: &Value| ["a", "d", "c", "b", "g"].iter().position(|known| name == known);
    let Some(covariance) = curve.covariance() else {
        let wells_left = reference["df"].as_f64();
        return vec![ValidationCheck::number("degrees of freedom without a covariance", 0.0, wells_left, 0.0)];
    };
    let expected = |i: usize, j: usize| reference["cov_gauss_newton"][i][j].as_f64();
    let mut checks = Vec::new();
    for (i, row) in order.iter().enumerate() {
        for (j, column) in order.iter().enumerate() {
            let found = index(row).zip(index(column)).map(|(row, column)| covariance[row][column]);
            let scale = expected(i, i).zip(expected(j, j)).map_or(0.0, |(one, other)| (one * other).sqrt());
            let what = format!("covariance of {row} and {column}").replace('"', "");
            checks.push(ValidationCheck::number(what, expected(i, j), found, 1e-5 * scale));
        }
    }
    checks
}

fn likelihood(curve: &StandardCurve, reference: &Value) -> Vec<ValidationCheck> {
    let wells = curve.points().len() as f64;
    let of = |name: &str, what: &str, found: Option<f64>, tolerance: f64| {
        reference[name].as_f64().map(|expected| ValidationCheck::number(what, expected, found, tolerance))
    };
    let checks = [
        of("loglik", "log-likelihood", curve.log_likelihood(), 1e-8 * wells),
        of("aic", "AIC", curve.aic(), 2e-8 * wells),
        of("r2", "R²", Some(curve.r_squared()), 1e-8),
    ];
    checks.into_iter().flatten().collect()
}

/// Profile-likelihood limits of the mid-point; those that their set calls unverified are text and are left out.
fn profile(curve: &StandardCurve, reference: &Value) -> Vec<ValidationCheck> {
    let Some(limits) = reference["profile_ci95_c"].as_array().filter(|limits| limits.len() == 2) else {
        return Vec::new();
    };
    if limits.iter().any(Value::is_string) {
        return Vec::new();
    }
    let found = curve.intervals().ok().and_then(|intervals| intervals[2]);
    let (lower, upper) = (limits[0].as_f64(), limits[1].as_f64());
    let c = reference["estimates"]["c"].as_f64().unwrap_or(f64::NAN);
    let width = (upper.unwrap_or(c) - lower.unwrap_or(c)).abs();
    let of = |what: &str, expected: Option<f64>, found: Option<f64>| {
        ValidationCheck::number(what, expected, found, 1e-5 * width)
    };
    vec![
        of("lower profile limit of c", lower, found.and_then(|limits| limits.lower)),
        of("upper profile limit of c", upper, found.and_then(|limits| limits.upper)),
    ]
}

/// Concentrations of responses as means of one to three wells.
fn inverses(curve: &StandardCurve, reference: &Value) -> Result<Vec<ValidationCheck>, String> {
    let mut checks = Vec::new();
    // The limits there take an estimated exponent for known.
    let known = match reference["weights"] == "power_est" {
        true => {
            let method = Method { variance_parameter: curve.variance_parameter(), ..curve.method().clone() };
            Some(fit(curve.points(), &method).map_err(|error| error.to_string())?)
        }
        false => None,
    };
    for inverse in reference["inverse"].as_array().into_iter().flatten() {
        let (Some(y0), Some(x0)) = (inverse["y0"].as_f64(), inverse["x0"].as_f64()) else { continue };
        for wells in 1..=3 {
            let expected = &inverse[format!("curve_plus_response_m{wells}")];
            let Some(se) = expected["se"].as_f64() else { continue };
            let what = format!("at {y0}, {wells} wells");
            let found = curve.invert(y0, wells);
            // The other programs read on where the response turns back; ours gives nothing there, and says why.
            if curve.verdict().usable_up_to.is_some_and(|highest| x0 > highest) {
                let status = if found.status == InverseStatus::AboveHook { "above a hook" } else { "another status" };
                checks.push(ValidationCheck::text(format!("{what}: status"), "above a hook", status));
                checks.push(ValidationCheck::number(format!("{what}: concentration"), None, found.concentration, 0.0));
                continue;
            }
            checks.push(ValidationCheck::number(format!("{what}: concentration"), x0, found.concentration, 1e-6 * x0));
            checks.push(ValidationCheck::number(
                format!("{what}: standard error"),
                se,
                found.standard_error,
                1e-5 * se,
            ));
            let at_known = known.as_ref().map(|known| known.invert(y0, wells));
            if let Some(known) = &at_known {
                let holds = found.lower <= known.lower
                    && known.upper.is_none_or(|known| found.upper.is_none_or(|upper| upper >= known));
                let words = if holds { "holds the other" } else { "does not" };
                checks.push(ValidationCheck::text(
                    format!("{what}: interval with the exponent estimated"),
                    "holds the other",
                    words,
                ));
            }
            checks.extend(limits(&what, &at_known.unwrap_or(found), &expected["ci95_inversion"], x0));
        }
    }
    for outside in reference["inverse_out_of_range"].as_array().into_iter().flatten() {
        let Some(y0) = outside["y0"].as_f64() else { continue };
        checks.push(ValidationCheck::number(
            format!("at {y0}, beyond the curve: concentration"),
            None,
            curve.invert(y0, 1).concentration,
            0.0,
        ));
    }
    Ok(checks)
}

fn limits(what: &str, found: &Inverse, expected: &Value, x0: f64) -> [ValidationCheck; 2] {
    let (lower, upper) = (expected[0].as_f64(), expected[1].as_f64());
    let tolerance = 1e-5 * (upper.unwrap_or(x0) - lower.unwrap_or(x0));
    [
        ValidationCheck::number(format!("{what}: lower limit"), lower, found.lower, tolerance),
        ValidationCheck::number(format!("{what}: upper limit"), upper, found.upper, tolerance),
    ]
}
