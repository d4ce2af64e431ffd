//! The curve engine against reference results: certified (NIST StRD), published, and recomputed with 32 digits.
//!
//! Tolerances are those of the reference sets' README. The sets that are free stand in `fixtures/curves` and are always
//! read; all of them stand in `../shared/reference/curves`, where that folder is present.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use platewise::curve::{
    Fixed, Inverse, InverseStatus, Method, Model, Point, StandardCurve, Variance, VarianceFrom, fit,
};
use serde_json::Value;

/// What was compared, and what disagreed.
#[derive(Default)]
struct Tally {
    fits: usize,
    not_attained: usize,
    inverses: usize,
    profiles: usize,
    disagreements: Vec<String>,
}

impl Tally {
    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.disagreements.push(what());
        }
    }

    fn close(&mut self, what: &str, found: f64, expected: f64, tolerance: f64) {
        // A comparison with NaN must fail.
        self.expect((found - expected).abs() <= tolerance, || {
            format!("{what}: found {found}, expected {expected} ± {tolerance:e}")
        });
    }

    fn report(self, folder: &str) {
        println!(
            "{folder}: compared {} fits, {} fits without a minimum, {} concentrations with intervals, {} profile intervals",
            self.fits, self.not_attained, self.inverses, self.profiles
        );
        assert!(
            self.disagreements.is_empty(),
            "{} disagreements:\n{}",
            self.disagreements.len(),
            self.disagreements.join("\n")
        );
    }
}

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/curves");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/curves")
}

fn sets(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn method(reference: &Value) -> Method {
    let (model, fixed) = match reference["model"].as_str().unwrap() {
        "4pl" => (Model::FourParameter, Fixed::default()),
        "4pl_a0" => (Model::FourParameter, Fixed { a: Some(0.0), ..Fixed::default() }),
        "4pl_d0" => (Model::FourParameter, Fixed { d: Some(0.0), ..Fixed::default() }),
        "5pl" => (Model::FiveParameter, Fixed::default()),
        "5plm" => (Model::FiveParameterMirror, Fixed::default()),
        other => panic!("unknown model {other}"),
    };
    let (variance, variance_from) = match reference["weights"].as_str().unwrap() {
        "none" => (Variance::Constant, VarianceFrom::Fitted),
        "inv_y" => (Variance::Proportional, VarianceFrom::Observed),
        "inv_y2" => (Variance::Squared, VarianceFrom::Observed),
        "power1" => (Variance::Squared, VarianceFrom::Fitted),
        "power_est" => (Variance::Power, VarianceFrom::Fitted),
        other => panic!("unknown weights {other}"),
    };
    Method { model, variance, variance_from, fixed, ..Method::default() }
}

fn points(set: &Value) -> Vec<Point> {
    let numbers = |name: &str| set[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<f64>>();
    numbers("x")
        .into_iter()
        .zip(numbers("y"))
        .map(|(concentration, response)| Point { concentration, response })
        .collect()
}

fn compare_fit(tally: &mut Tally, points: &[Point], reference: &Value) {
    let id = reference["id"].as_str().unwrap();
    let weights = reference["weights"].as_str().unwrap();
    let number = |name: &str| reference[name].as_f64();
    tally.fits += 1;
    let curve = match fit(points, &method(reference)) {
        Ok(curve) => curve,
        Err(error) => return tally.expect(false, || format!("{id}: {error}")),
    };
    tally.expect(curve.identified(), || format!("{id}: not identified, but the reference has a minimum"));
    let zero_residual = reference["status"] == "zero_residual";
    let rss = number("rss_weighted").unwrap();
    if zero_residual {
        tally.expect(curve.rss() < 1e-25, || format!("{id}: rss {} of exact data", curve.rss()));
        tally.expect(curve.standard_errors().is_none(), || format!("{id}: standard errors of exact data"));
    } else {
        tally.close(&format!("{id} rss"), curve.rss(), rss, 1e-9 * rss);
    }
    let found = curve.parameters();
    let estimates = [("a", found.a), ("d", found.d), ("c", found.c), ("b", found.b), ("g", found.g)];
    for (name, value) in estimates {
        let Some(expected) = reference["estimates"][name].as_f64() else { continue };
        let se = reference["se_gauss_newton"][name].as_f64().unwrap_or(0.0);
        let tolerance = if zero_residual { 1e-8 } else { 1e-6 } * expected.abs().max(se);
        tally.close(&format!("{id} {name}"), value, expected, tolerance);
    }
    if let Some(theta) = number("power_theta").filter(|_| weights == "power_est") {
        tally.close(&format!("{id} exponent"), curve.variance_exponent().unwrap_or(f64::NAN), theta, 1e-4);
    }
    if zero_residual {
        return;
    }
    if let Some(order) = reference["cov_order"].as_array() {
        let index = |name: &Value| ["a", "d", "c", "b", "g"].iter().position(|known| name == known).unwrap();
        match curve.covariance() {
            None => tally.expect(reference["df"].as_u64() == Some(0), || format!("{id}: no covariance")),
            Some(covariance) => {
                let reference_covariance = |i: usize, j: usize| reference["cov_gauss_newton"][i][j].as_f64().unwrap();
                for (i, row) in order.iter().enumerate() {
                    for (j, column) in order.iter().enumerate() {
                        let scale = (reference_covariance(i, i) * reference_covariance(j, j)).sqrt();
                        let value = covariance[index(row)][index(column)];
                        let what = format!("{id} cov {row} {column}");
                        tally.close(&what, value, reference_covariance(i, j), 1e-5 * scale);
                    }
                }
            }
        }
    }
    let n = points.len() as f64;
    if let Some(log_likelihood) = number("loglik") {
        tally.close(&format!("{id} loglik"), curve.log_likelihood().unwrap_or(f64::NAN), log_likelihood, 1e-8 * n);
    }
    if let Some(aic) = number("aic") {
        tally.close(&format!("{id} aic"), curve.aic().unwrap_or(f64::NAN), aic, 2e-8 * n);
    }
    if let Some(r2) = number("r2") {
        tally.close(&format!("{id} r2"), curve.r_squared(), r2, 1e-8);
    }
    compare_inverses(tally, id, &curve, reference);
    if let Some(limits) = reference["profile_ci95_c"].as_array() {
        let found = curve.intervals().unwrap()[2].unwrap_or_default();
        // Some are marked "unverified" there: the sum of squares has a cliff at a standard.
        let verified = limits.iter().all(|limit| !limit.is_string());
        let limits = if verified { [limits[0].as_f64(), limits[1].as_f64()] } else { [found.lower, found.upper] };
        tally.profiles += usize::from(verified);
        let width = limits[1].unwrap_or(estimates[2].1) - limits[0].unwrap_or(estimates[2].1);
        for (found, limit) in [found.lower, found.upper].into_iter().zip(limits) {
            let what = format!("{id} profile limit of c");
            match limit {
                Some(limit) => tally.close(&what, found.unwrap_or(f64::NAN), limit, 1e-5 * width.abs()),
                None => tally.expect(found.is_none(), || format!("{what}: {found:?}, expected to be open")),
            }
        }
    }
}

fn compare_inverses(tally: &mut Tally, id: &str, curve: &StandardCurve, reference: &Value) {
    let known = (reference["weights"] == "power_est").then(|| {
        let variance_parameter = curve.variance_parameter();
        fit(curve.points(), &Method { variance_parameter, ..curve.method().clone() }).unwrap()
    });
    for inverse in reference["inverse"].as_array().into_iter().flatten() {
        let (y0, x0) = (inverse["y0"].as_f64().unwrap(), inverse["x0"].as_f64().unwrap());
        for replicates in 1..=3 {
            let expected = &inverse[format!("curve_plus_response_m{replicates}")];
            let Some(se) = expected["se"].as_f64() else { continue };
            tally.inverses += 1;
            let Inverse { status, concentration, standard_error, lower, upper, .. } = curve.invert(y0, replicates);
            let what = format!("{id} at {y0}, {replicates} wells");
            // The other programs read on where the response turns back; ours gives nothing there, and says why.
            if curve.verdict().usable_up_to.is_some_and(|highest| x0 > highest) {
                tally.expect(status == InverseStatus::AboveHook && concentration.is_none(), || {
                    format!("{what}: above a hook")
                });
                continue;
            }
            tally.close(&format!("{what}: concentration"), concentration.unwrap_or(f64::NAN), x0, 1e-6 * x0);
            tally.close(&format!("{what}: se"), standard_error.unwrap_or(f64::NAN), se, 1e-5 * se);
            // The limits there take the exponent for known. An interval that holds its uncertainty is wider.
            let known = known.as_ref().map(|known| known.invert(y0, replicates));
            if let Some(known) = known {
                tally.expect(
                    lower <= known.lower && known.upper.is_none_or(|known| upper.is_none_or(|own| own >= known)),
                    || format!("{what}: narrower than with a known exponent"),
                );
            }
            let (lower, upper) = known.map_or((lower, upper), |known| (known.lower, known.upper));
            let limits = [expected["ci95_inversion"][0].as_f64(), expected["ci95_inversion"][1].as_f64()];
            let width = limits[1].unwrap_or(x0) - limits[0].unwrap_or(x0);
            for (found, limit) in [lower, upper].into_iter().zip(limits) {
                match limit {
                    Some(limit) => {
                        tally.close(&format!("{what}: limit"), found.unwrap_or(f64::NAN), limit, 1e-5 * width)
                    }
                    None => tally.expect(found.is_none(), || format!("{what}: limit {found:?}, expected to be open")),
                }
            }
        }
    }
    for outside in reference["inverse_out_of_range"].as_array().into_iter().flatten() {
        let found = curve.invert(outside["y0"].as_f64().unwrap(), 1);
        tally.expect(found.concentration.is_none(), || format!("{id}: a concentration beyond the curve: {found:?}"));
    }
}

fn compare_sets(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    for file in sets(&folder.join("real")).into_iter().chain(sets(&folder.join("hard"))) {
        let set: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let points = points(&set);
        for reference in set["references"].as_array().unwrap() {
            compare_fit(&mut tally, &points, reference);
        }
        for reference in set["no_finite_minimum_or_no_reference"].as_array().into_iter().flatten() {
            if reference["status"] != "degenerate" {
                continue;
            }
            tally.not_attained += 1;
            let id = reference["id"].as_str().unwrap();
            let curve = fit(&points, &method(reference)).unwrap();
            tally.expect(!curve.identified(), || {
                format!(
                    "{id}: identified ({:?}), rss {}, reached {}",
                    curve.parameters(),
                    curve.rss(),
                    reference["infimum_rss_reached"]
                )
            });
            let reached = reference["infimum_rss_reached"].as_f64().unwrap();
            tally.expect(curve.rss() <= reached * (1.0 + 1e-8) + 1e-20, || {
                format!("{id}: rss {} above what was reached, {reached}", curve.rss())
            });
        }
    }
    tally
}

#[test]
fn free_sets() {
    let tally = compare_sets(&fixtures());
    assert!(tally.fits > 50, "the fixtures are incomplete");
    tally.report("fixtures/curves");
}

#[test]
fn all_sets() {
    if let Some(folder) = shared() {
        compare_sets(&folder).report("../shared/reference/curves");
    }
}

/// Rows of a CSV file as maps from column to text.
fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| names.iter().map(ToString::to_string).zip(line.split(',').map(ToString::to_string)).collect())
        .collect()
}

/// 1,000 simulated plates, unweighted and 1/ȳ²: the global minimum, or none.
fn compare_batch(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let mut plates: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for row in rows(&folder.join("plates_long.csv")) {
        let point = Point { concentration: row["x"].parse().unwrap(), response: row["y"].parse().unwrap() };
        plates.entry(row["plate"].clone()).or_default().push(point);
    }
    let method = |weights: &str| Method {
        variance: if weights == "none" { Variance::Constant } else { Variance::Squared },
        variance_from: VarianceFrom::Observed,
        ..Method::default()
    };
    let mut curves: BTreeMap<(String, String), StandardCurve> = BTreeMap::new();
    for row in rows(&folder.join("expected_fit.csv")) {
        let (plate, weights) = (&row["plate"], &row["weights"]);
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        let curve = fit(&plates[plate], &method(weights)).unwrap();
        let what = format!("plate {plate} {weights}");
        if row["status"] == "degenerate" {
            tally.not_attained += 1;
            tally.expect(!curve.identified(), || format!("{what}: identified {:?}", curve.parameters()));
            let reached = number("rss_infimum_reached");
            tally.expect(curve.rss() <= reached * (1.0 + 1e-8), || format!("{what}: rss {} {reached}", curve.rss()));
        } else {
            tally.fits += 1;
            tally.expect(curve.identified(), || format!("{what}: not identified"));
            let rss = number("rss");
            tally.close(&format!("{what} rss"), curve.rss(), rss, 1e-8 * rss);
            let found = curve.parameters();
            let errors = curve.standard_errors().unwrap_or_default();
            for (i, (name, value)) in
                [("a", found.a), ("d", found.d), ("c", found.c), ("b", found.b)].into_iter().enumerate()
            {
                let (expected, se) = (number(name), number(&format!("se_{name}")));
                tally.close(&format!("{what} {name}"), value, expected, 1e-6 * expected.abs().max(se));
                tally.close(&format!("{what} se_{name}"), errors[i].unwrap_or(f64::NAN), se, 1e-5 * se);
            }
        }
        curves.insert((plate.clone(), weights.clone()), curve);
    }
    for row in rows(&folder.join("expected_inverse.csv")) {
        let curve = &curves[&(row["plate"].clone(), row["weights"].clone())];
        let what = format!("plate {} {} at {}", row["plate"], row["weights"], row["y0"]);
        let found = curve.invert(row["y0"].parse().unwrap(), 1);
        tally.inverses += 1;
        let Ok(x0) = row["x0"].parse::<f64>() else {
            tally.expect(found.concentration.is_none(), || {
                format!("{what}: a concentration beyond the curve: {found:?}")
            });
            continue;
        };
        tally.close(&format!("{what}: concentration"), found.concentration.unwrap_or(f64::NAN), x0, 1e-6 * x0);
        if let Ok(se) = row["se_curve_plus_response_m1"].parse::<f64>() {
            tally.close(&format!("{what}: se"), found.standard_error.unwrap_or(f64::NAN), se, 1e-5 * se);
        }
        // The limits there are x₀ ± t SE with 12 degrees of freedom, where ours invert the prediction band: the standard
        // error is what both are made of.
        const T_12: f64 = 2.178_812_829_667_228_4;
        for (side, name) in [(-1.0, "ci95_low_m1"), (1.0, "ci95_high_m1")] {
            let Ok(limit) = row[name].parse::<f64>() else { continue };
            let se = found.standard_error.unwrap_or(f64::NAN);
            let what = format!("{what}: {name}");
            tally.close(&what, found.concentration.unwrap_or(f64::NAN) + side * T_12 * se, limit, 1e-5 * se);
        }
    }
    tally
}

#[test]
fn batch_of_plates() {
    match shared() {
        Some(folder) => compare_batch(&folder.join("batch")).report("../shared/reference/curves/batch"),
        None => println!("skipped: the batch of plates is in the same folder"),
    }
}
