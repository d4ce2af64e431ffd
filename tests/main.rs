//! All tests that use the library from outside or run the program, in one program: a module per stage, in the order of the flow.
//! `cargo test --test stages qc::` runs those of a stage. The tests in a real browser are a program of their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may fail, and says so"
)]

mod support;

mod house;
mod sheet;
mod plate;
mod curve;
mod qc;
mod reportable;
mod study;
mod stats;
mod report;
mod pipeline;
mod simulate;
mod cli;
mod library;
