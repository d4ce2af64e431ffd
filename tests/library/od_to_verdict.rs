//! From optical densities to concentrations with their intervals and the verdict on the curve: no plate, no study, no trial.
//! `cargo run --no-default-features --example od_to_verdict`
#![allow(clippy::print_stdout, reason = "a program that shows what it found")]

use platewise::curve::{FitError, Method, Point, StandardCurve, Variance, fit};

/// Standards in pg/mL, the optical densities of their two wells, and those of three samples, means of two wells each.
const STANDARDS: [f64; 8] = [4000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0];
const READ: [[f64; 8]; 2] =
    [[2.68, 2.15, 1.65, 1.03, 0.59, 0.32, 0.18, 0.06], [2.71, 2.20, 1.60, 1.06, 0.57, 0.30, 0.17, 0.05]];
pub(crate) const SAMPLES: [f64; 3] = [0.802, 0.049, 2.446];

pub(crate) fn curve() -> Result<StandardCurve, FitError> {
    let wells = READ.iter().flat_map(|read| STANDARDS.iter().zip(read));
    let points: Vec<Point> = wells.map(|(&concentration, &response)| Point { concentration, response }).collect();
    fit(&points, &Method { variance: Variance::Proportional, ..Method::default() })
}

pub(crate) fn main() -> Result<(), FitError> {
    let curve = curve()?;
    for read in SAMPLES.map(|density| curve.invert(density, 2)) {
        let [found, lower, upper] = [read.concentration, read.lower, read.upper].map(|x| x.map(f64::round));
        println!("{}: {found:?} pg/mL, 95 % interval {lower:?} to {upper:?}: {:?}", read.response, read.status);
    }
    println!("the curve is {}", curve.verdict().words());
    curve.verdict().reasons.iter().for_each(|reason| println!("  {}", reason.in_words(|well| format!("{}", well + 1))));
    Ok(())
}
