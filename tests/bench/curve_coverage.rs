//! Coverage of the intervals of concentrations: nominal 95 %, under each variance model. `tests/bench/README.md` says more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test may fail, and says so"
)]

#[path = "../support/coverage.rs"]
mod coverage;

use coverage::{cases, coverage, mean_with_error, scenarios};

/// `cargo bench --bench curve_coverage -- [PLATES]`
fn main() {
    let plates = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(20_000);
    for (number, case) in cases().into_iter().chain(scenarios()).enumerate() {
        let (bins, exponents) = coverage(&case, plates, 1);
        if number == 0 {
            let at: Vec<String> = bins.iter().map(|bin| format!("{:6.0}", bin.concentration)).collect();
            println!("{:50} {}", "covered in percent, at", at.join(" "));
        }
        let covered: Vec<String> = bins.iter().map(|bin| format!("{:6.2}", bin.percent())).collect();
        println!("{:50} {}", case.name, covered.join(" "));
        if !exponents.is_empty() {
            let (mean, error) = mean_with_error(&exponents);
            println!("  exponents of {} studies: {mean:.4} ± {error:.4}, true {}", exponents.len(), case.theta);
        }
    }
}
