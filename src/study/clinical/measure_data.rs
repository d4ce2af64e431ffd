//! One measure in its trial.

use std::collections::BTreeMap;

use crate::protocol::{Measure, Protocol};
use crate::study::trial_data::TrialData;

/// The values of one measure, by subject and visit of the trial.
pub(super) type MeasureValues = BTreeMap<String, Vec<Option<f64>>>;

/// One measure in its trial.
pub(super) struct MeasureData<'a> {
    pub(super) measure: &'a Measure,
    pub(super) values: &'a MeasureValues,
    pub(super) trial: &'a TrialData,
    pub(super) protocol: &'a Protocol,
    pub(super) baseline: usize,
    pub(super) endpoint: usize,
}

impl<'a> MeasureData<'a> {
    /// The value of a subject at a visit.
    pub(super) fn value(&self, subject: &str, visit: usize) -> Option<f64> {
        self.values.get(subject)?.get(visit).copied().flatten()
    }

    /// The value of a subject at baseline and at a visit.
    pub(super) fn pair(&self, subject: &str, visit: usize) -> Option<(f64, f64)> {
        self.value(subject, self.baseline).zip(self.value(subject, visit))
    }

    /// The arms that are compared with the reference arm, and that.
    pub(super) fn arms(&self) -> (Vec<&'a str>, &'a str) {
        let reference = self.protocol.trial.analysis.reference_arm.as_str();
        (self.trial.arms().into_iter().filter(|arm| *arm != reference).collect(), reference)
    }
}
