//! Coverage of the intervals of concentrations: nominal 95 %, under each variance model. `tests/bench/README.md` says more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test may fail, and says so"
)]

#[path = "../coverage/mod.rs"]
mod coverage;

use coverage::{cases, coverage};

fn main() {
    for case in cases() {
        println!("{}", case.name);
        println!("  concentration  readings  covered");
        for bin in coverage(&case, 20_000, 1) {
            println!("  {:13.2}  {:8}  {:6.2} %", bin.concentration, bin.read, bin.percent());
        }
    }
}
