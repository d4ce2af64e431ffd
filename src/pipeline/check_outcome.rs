//! Whether a part of the record of a run holds.

use crate::sheet::Problems;

/// What one check found.
///
/// ```
/// let fine = platewise::pipeline::CheckOutcome::Holds("13 files".into());
/// assert!(!matches!(fine, platewise::pipeline::CheckOutcome::Fails(_)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum CheckOutcome {
    /// It is as the record says; what was checked.
    Holds(String),
    /// What is not.
    Fails(Problems),
    /// Why it was not checked.
    NotChecked(String),
}

impl CheckOutcome {
    pub(super) fn of(problems: Problems, said: String) -> Self {
        if problems.0.is_empty() { Self::Holds(said) } else { Self::Fails(problems) }
    }
}
