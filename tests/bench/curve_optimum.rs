//! Random curves with our answers, one JSON object a line, for `tests/bench/curve_optimum.py`, which looks for better ones.
//! `cargo bench --bench curve_optimum -- COUNT [FIRST] [SEED] > curves.jsonl`; `tests/bench/README.md` says more.

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

use platewise::curve::{StandardCurve, fit};
use random_curves::{METHODS, RandomCurve, draw};
use serde_json::{Value, json};

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let of = |index: usize, otherwise: u64| numbers.get(index).copied().unwrap_or(otherwise);
    let (count, first, seed) = (of(0, 2000), of(1, 0), of(2, 1));
    let mut out = BufWriter::new(stdout().lock());
    for number in first..first + count {
        writeln!(out, "{}", line(seed, number)).unwrap();
    }
}

/// One line: the wells, the truth and our answer.
fn line(seed: u64, number: u64) -> Value {
    let RandomCurve { method, truth, points } = draw(seed, number);
    let wells: Vec<[f64; 2]> = points.iter().map(|point| [point.concentration, point.response]).collect();
    let ours = match fit(&points, &method) {
        Ok(curve) => answer(&curve),
        Err(error) => json!({ "error": error.to_string() }),
    };
    json!({
        "number": number,
        "method": METHODS[number as usize % METHODS.len()].0,
        "truth": truth,
        "points": wells,
        "ours": ours,
    })
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
