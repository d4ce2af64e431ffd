//! Cells of files of every kind, broken ones among them.

mod formulas;
mod fuzz;
mod fuzz_study;
mod fuzz_whole;
mod hostile;
