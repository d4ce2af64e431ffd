//! Coverage of the intervals of concentrations: nominal 95 %, under each variance model. `tests/bench/README.md` says more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test may fail, and says so"
)]

#[path = "../support/coverage.rs"]
mod coverage;

use coverage::{cases, coverage, mean_with_error};

fn main() {
    for case in cases() {
        println!("{}", case.name);
        println!("  concentration  readings  covered");
        let (bins, exponents) = coverage(&case, 20_000, 1);
        for bin in bins {
            println!("  {:13.2}  {:8}  {:6.2} %", bin.concentration, bin.read, bin.percent());
        }
        if !exponents.is_empty() {
            let (mean, error) = mean_with_error(&exponents);
            println!("  exponents of {} studies: {mean:.4} ± {error:.4}, true {}", exponents.len(), case.theta);
        }
    }
}
