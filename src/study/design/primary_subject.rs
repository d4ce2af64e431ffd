//! A subject of the primary analysis with its places.

use crate::study::subject_change::Change;

/// A subject of the primary analysis, with the plates, kit lots and matrices of both visits.
pub(super) struct PrimarySubject<'a> {
    pub(super) change: &'a Change,
    pub(super) log_change: f64,
    pub(super) log_base: f64,
    pub(super) plates: [Option<&'a str>; 2],
    pub(super) lots: [Option<&'a str>; 2],
    pub(super) matrices: [Option<&'a str>; 2],
    pub(super) covariates: Vec<f64>,
}
