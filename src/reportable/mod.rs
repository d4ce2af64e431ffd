//! The value that is reported for a sample: dilutions and re-runs resolved by declared rules, and the work list of re-runs.

pub mod result;

pub use result::{Candidate, ReportableResult, Rerun};
