//! The subject-level analysis dataset: ADaM's ADSL, one record per randomised participant.

use serde::Serialize;

use super::covariates::CovariateOf;
use super::limits::LimitRule;
use super::trial_data::{Participant, TrialData};
use crate::protocol::Protocol;

/// One randomised participant.
///
/// See [`AnalysisRecord`](super::AnalysisRecord) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubjectRecord {
    /// Identifier of the study.
    pub studyid: String,
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// Its number: 1 for the reference arm, the others by name from 2.
    pub arm_number: usize,
    /// The stratum of the randomisation, where there is one.
    pub stratum: Option<String>,
    /// Age in years at the randomisation, where the list of arms has it.
    pub age: Option<f64>,
    /// The covariates that the study declares, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<CovariateOf>,
    /// Whether baseline and end point have a result that the rule of the analysis takes.
    pub evaluable: bool,
    /// Whether the data are simulated.
    pub simulated: bool,
}

/// The participants, by name.
pub fn subject_records(trial: &TrialData, rule: LimitRule, protocol: &Protocol) -> Vec<SubjectRecord> {
    let record = |participant: &Participant| SubjectRecord {
        studyid: protocol.assay.study.id.clone(),
        subject: participant.subject.clone(),
        arm: participant.arm.clone(),
        arm_number: arm_number(trial, &participant.arm, protocol),
        stratum: participant.stratum.clone(),
        age: participant.age,
        covariates: participant.covariates.clone(),
        evaluable: is_evaluable(trial, participant, rule),
        simulated: protocol.assay.study.simulated,
    };
    trial.participants.iter().map(record).collect()
}

/// 1 for the reference arm, the others by name from 2.
pub(super) fn arm_number(trial: &TrialData, arm: &str, protocol: &Protocol) -> usize {
    let reference = protocol.trial.analysis.reference_arm.as_str();
    let others = trial.arms().into_iter().filter(|other| *other != reference);
    if arm == reference { 1 } else { 2 + others.take_while(|other| *other != arm).count() }
}

/// Whether a participant has a number at baseline and at the end point.
pub(super) fn is_evaluable(trial: &TrialData, participant: &Participant, rule: LimitRule) -> bool {
    let has = |visit: Option<usize>| {
        visit.and_then(|visit| participant.results[visit].as_ref()).is_some_and(|result| rule.number(result).is_some())
    };
    has(trial.baseline()) && has(trial.endpoint())
}
