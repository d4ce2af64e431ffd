//! Whether a plate may be believed: one rule, one file; the limits are settings of the method and stand beside each finding.

pub mod verdict;

pub use verdict::{Finding, Outcome, PlateVerdict, Verdict};
