//! Everything that the comparison of the arms gives.

use serde::Serialize;

use super::arm_comparison::ArmComparison;
use super::arm_summary::ArmSummary;
use super::estimand::Estimand;
use super::exclusion::ExcludedRecord;
use super::flow::FlowStep;
use super::join::JoinReport;
use super::missing_data::MissingData;
use super::paragraph_part::ParagraphPart;
use super::records::AnalysisRecord;
use super::responders::Responders;
use super::subgroups::Subgroups;
use super::subject_change::Change;
use super::subject_records::SubjectRecord;
use crate::sheet::Problem;

/// Everything that `compare` gives.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// How results and arms fit together.
    pub join: JoinReport,
    /// Every result that is in no analysis or in no analysis of change, with its reason.
    pub excluded: Vec<ExcludedRecord>,
    /// What each primary analysis estimates.
    pub estimands: Vec<Estimand>,
    /// How many participants and samples of each arm got how far.
    pub flow: Vec<FlowStep>,
    /// Each subject's change at each visit after baseline, by subject.
    pub changes: Vec<Change>,
    /// Arms × visits.
    pub arms: Vec<ArmSummary>,
    /// Comparisons between arms, values outside the limits by the declared rule.
    pub comparisons: Vec<ArmComparison>,
    /// The primary analysis under every rule for values below the limit, and with these as censored.
    pub sensitivity: Vec<ArmComparison>,
    /// Whether the conclusion depends on that rule, in a sentence.
    pub sensitivity_verdict: String,
    /// The primary analysis with missing values imputed, of each arm; empty where the study does not ask for it.
    pub missing_data: Vec<MissingData>,
    /// The ratio within groups of participants, by each factor that the study declares.
    pub subgroups: Vec<Subgroups>,
    /// Responders, by every definition that the study declares.
    pub responders: Vec<Responders>,
    /// The randomised participants, ADaM's ADSL.
    pub subjects: Vec<SubjectRecord>,
    /// The analysis dataset, ADaM's ADLB.
    pub records: Vec<AnalysisRecord>,
    /// The result in plain English.
    pub paragraph: String,
    /// The same in parts.
    pub parts: Vec<ParagraphPart>,
    /// What a reader of the result has to know: intervals that hold the truth too rarely in a study like this, what a definition lacks.
    pub warnings: Vec<Problem>,
}
