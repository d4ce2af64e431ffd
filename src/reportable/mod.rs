//! The value that is reported for a sample: dilutions and re-runs resolved by declared rules, and the work list of re-runs.

pub mod rerun;
pub mod resolve;
pub mod result;

pub use rerun::reruns;
pub use resolve::resolve;
pub use result::{Candidate, ReportableResult, Rerun};
