//! The value that is reported for a sample: dilutions and re-runs resolved by declared rules, and the work list of re-runs.

mod dilutions;
pub mod exclusions;
pub mod rerun;
pub mod resolve;
pub mod result;

pub use exclusions::Exclusions;
pub use rerun::reruns;
pub use resolve::resolve;
pub use result::{Candidate, ReportableResult, Rerun};
