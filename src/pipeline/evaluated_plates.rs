//! From plates that were joined to their layouts to one result per sample. Of subjects, visits and arms nothing is known here: the
//! plates of a study and plates that belong to none go the same way.

use super::cache::Cache;
use super::judge::{JudgedPlates, judge};
use super::layouts::LayoutSamples;
use crate::plate::{AssayPlate, SampleList};
use crate::protocol::Assay;
use crate::qc::JudgedPlate;
use crate::qc::across_plates::{AcrossPlates, History};
use crate::record::Decisions;
use crate::reportable::{self, Exclusions, IdentityFinding, ReportableResult};
use crate::sheet::{Problem, Problems};

/// Plates joined to their layouts, in the order of the assay, with what is known beside them.
pub(super) struct JoinedPlates<'a> {
    /// Each plate, or why it could not be read.
    pub(super) joined: Vec<Result<AssayPlate, Problems>>,
    /// Their samples by their layouts.
    pub(super) layouts: Vec<LayoutSamples>,
    /// The list of samples; empty where there is none.
    pub(super) samples: &'a SampleList,
    /// The numbers of earlier plates.
    pub(super) earlier: &'a History,
    /// What was fitted before, where that is kept.
    pub(super) cache: Option<&'a Cache>,
}

/// What plates give.
pub(super) struct EvaluatedPlates {
    /// The assay with the exponent that the plates have in common, where it is pooled.
    pub(super) assay: Assay,
    pub(super) plates: Vec<JudgedPlate>,
    pub(super) across_plates: AcrossPlates,
    /// One result per sample, by its name.
    pub(super) measured: Vec<ReportableResult>,
    /// What leaves room for another person's result.
    pub(super) identity: Vec<IdentityFinding>,
    pub(super) exclusions: Exclusions,
    /// What could not be pooled.
    pub(super) not_pooled: Vec<Problem>,
}

impl JoinedPlates<'_> {
    /// Fits, quantifies and judges every plate, and chooses one result per sample. `names` is what the list of samples shows of
    /// them by itself.
    ///
    /// # Errors
    /// Every decision that does not fit its plate.
    pub(super) fn evaluate(
        self,
        decisions: Decisions,
        names: Vec<IdentityFinding>,
        assay: Assay,
        finished: &(dyn Fn(&str) + Sync),
    ) -> Result<EvaluatedPlates, Problems> {
        let Self { joined, layouts, samples, earlier, cache } = self;
        let JudgedPlates { assay, mut plates, without_exclusions, warnings: not_pooled } =
            judge(joined, &decisions, assay, cache, finished)?;
        for (plate, layout) in plates.iter_mut().zip(layouts).filter(|(plate, _)| plate.concentrations.is_none()) {
            plate.lost = layout.lost;
        }
        let across_plates = AcrossPlates::watch(&mut plates, earlier, &assay);
        let (measured, undeclared) = reportable::resolve_all(&plates, &assay);
        let identity = reportable::identity::findings(&measured, &plates, samples, &undeclared, names, &assay);
        let exclusions = Exclusions::new(decisions, without_exclusions, &plates, &assay);
        Ok(EvaluatedPlates { assay, plates, across_plates, measured, identity, exclusions, not_pooled })
    }
}
