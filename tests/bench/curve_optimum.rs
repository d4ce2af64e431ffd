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

use random_curves::line;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let of = |index: usize, otherwise: u64| numbers.get(index).copied().unwrap_or(otherwise);
    let (count, first, seed) = (of(0, 2000), of(1, 0), of(2, 1));
    let mut out = BufWriter::new(stdout().lock());
    for number in first..first + count {
        writeln!(out, "{}", line(seed, number)).unwrap();
    }
}
