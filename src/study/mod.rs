//! The trial: results of subjects at visits, their change from baseline, and (only here) the arms.

pub mod result;

pub use result::{Allocation, ArmComparison, ArmSummary, Change, Comparison, Interval, SubjectVisit};
