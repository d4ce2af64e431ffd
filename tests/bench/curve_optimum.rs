//! Random curves with our answers, one JSON object a line, for `tests/bench/curve_optimum.py`, which looks for better ones.
//! `cargo bench --bench curve_optimum -- COUNT [FIRST] [SEED] > curves.jsonl`; `tests/bench/README.md` says more.
//! With `--points FILE` the curves are those of a file of `tests/bench/public_curves.py`, each under every method.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints what it measures"
)]

#[path = "../support/random_curves.rs"]
mod random_curves;

use std::io::{BufWriter, Write, stdout};

use platewise::curve::{Method, Point, StandardCurve, fit};
use random_curves::{METHODS, RandomCurve, draw};
use serde_json::{Value, json};

fn main() {
    let mut out = BufWriter::new(stdout().lock());
    let mut arguments = std::env::args().skip_while(|argument| argument != "--points");
    if let Some(file) = arguments.nth(1) {
        for (number, text) in (0..).zip(std::fs::read_to_string(file).unwrap().lines()) {
            for line in lines_of(number, &serde_json::from_str(text).unwrap()) {
                writeln!(out, "{line}").unwrap();
            }
        }
        return;
    }
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let of = |index: usize, otherwise: u64| numbers.get(index).copied().unwrap_or(otherwise);
    let (count, first, seed) = (of(0, 2000), of(1, 0), of(2, 1));
    for number in first..first + count {
        writeln!(out, "{}", line(seed, number)).unwrap();
    }
}

/// The lines of one set of points that somebody measured: nobody knows the truth.
fn lines_of(set: u64, of: &Value) -> Vec<Value> {
    let wells: Vec<[f64; 2]> = serde_json::from_value(of["points"].clone()).unwrap();
    let points: Vec<Point> = wells.iter().map(|&[concentration, response]| Point { concentration, response }).collect();
    (0..)
        .zip(METHODS)
        .map(|(place, (name, model, variance, variance_from))| {
            let method = Method { model, variance, variance_from, ..Method::default() };
            json!({
                "number": set * METHODS.len() as u64 + place,
                "name": of["name"],
                "method": name,
                "points": wells,
                "ours": ours(&points, &method),
            })
        })
        .collect()
}

/// One line: the wells, the truth and our answer.
fn line(seed: u64, number: u64) -> Value {
    let RandomCurve { method, truth, points } = draw(seed, number);
    let wells: Vec<[f64; 2]> = points.iter().map(|point| [point.concentration, point.response]).collect();
    json!({
        "number": number,
        "method": METHODS[number as usize % METHODS.len()].0,
        "truth": truth,
        "points": wells,
        "ours": ours(&points, &method),
    })
}

fn ours(points: &[Point], method: &Method) -> Value {
    match fit(points, method) {
        Ok(curve) => answer(&curve),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

/// What the checker has to know of a fitted curve. Parameters that ran away are null.
fn answer(curve: &StandardCurve) -> Value {
    let mut concentrations: Vec<f64> = curve.points().iter().map(|point| point.concentration).collect();
    concentrations.sort_by(f64::total_cmp);
    concentrations.dedup();
    let fitted: Vec<f64> = concentrations.iter().map(|&x| curve.response(x)).collect();
    let reasons: Vec<&str> = curve.verdict().reasons.iter().map(|reason| reason.name()).collect();
    json!({
        "rss": curve.rss(),
        "identified": curve.identified(),
        "parameters": curve.parameters(),
        "exponent": curve.variance_exponent(),
        "fitted": fitted,
        "usable": curve.verdict().usable,
        "reasons": reasons,
    })
}
