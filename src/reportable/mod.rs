//! The value that is reported for a sample: dilutions and re-runs resolved by declared rules, and the work list of re-runs.

mod choice;
mod dilutions;
mod exclusions;
pub mod identity;
mod repeats;
mod rerun;
mod resolve;
mod result;

#[cfg(test)]
mod example;

pub use exclusions::Exclusions;
pub use identity::IdentityFinding;
pub use repeats::UndeclaredRepeats;
pub use rerun::reruns;
pub use resolve::{resolve, resolve_all, resolve_with, undeclared};
pub use result::{Candidate, ReportableResult, Rerun};
