//! The curve engine against reference results: certified (NIST StRD), published, and recomputed with 32 digits.
//!
//! Tolerances are those of the reference sets' README, held by `platewise::validate::curves`. The sets that are free stand in `fixtures/curves` and are always
//! read; all of them stand in `../shared/reference/curves`, where that folder is present.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use platewise::curve::{Method, Point, StandardCurve, Variance, VarianceFrom, fit};
use platewise::report::validation::{CheckValue, ValidationCheck};
use platewise::validate::curves::{ReferenceSet, cases};

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

/// Every fit of the sets of a folder beside ours, as the program's own validation compares them.
fn compare_sets(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    for file in sets(&folder.join("real")).into_iter().chain(sets(&folder.join("hard"))) {
        let set: ReferenceSet = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        for case in cases(&set) {
            tally.expect(case.passes(), || {
                case.error.clone().unwrap_or_else(|| format!("{}: nothing compared", case.id))
            });
            let count = |words: &str| case.checks.iter().filter(|check| check.what.contains(words)).count();
            match case.checks.first().map(|minimum| &minimum.expected) {
                Some(CheckValue::Text(none)) if none == "none" => tally.not_attained += 1,
                _ => tally.fits += 1,
            }
            tally.inverses += count(": lower limit");
            tally.profiles += count("lower profile limit");
            for check in case.checks.iter().filter(|check| !check.passes()) {
                let ValidationCheck { what, expected, obtained, tolerance } = check;
                tally.expect(false, || {
                    format!("{} {what}: found {obtained}, expected {expected} ± {tolerance:e}", case.id)
                });
            }
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
