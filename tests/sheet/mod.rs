//! Cells of files of every kind, broken ones among them.

mod fuzz;
mod fuzz_study;
mod hostile;
