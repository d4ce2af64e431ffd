//! The ratio of the arms without each subject.

use serde::Serialize;

use super::super::arm_pair::ratio;
use super::super::interval_estimate::IntervalEstimate;
use super::super::primary::primary;
use super::super::trial_data::{Participant, TrialData};
use super::effects::ModelColumns;
use super::primary_subject::PrimarySubject;
use crate::concentration::Quantity;
use crate::protocol::Protocol;
use crate::stats::leave_one_out::leave_one_out;

/// The ratio without one subject.
///
/// See [`design`](super::design) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Influence {
    /// The subject who is left out.
    pub subject: String,
    /// The subject's arm.
    pub arm: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The ratio without the subject; `None` where it is not determined.
    pub ratio: Option<IntervalEstimate>,
    /// 100 × (ratio without / ratio − 1).
    pub change_percent: Option<f64>,
    /// Two-sided p-value without the subject.
    pub p: Option<f64>,
    /// Whether the interval lies on another side of 1 without the subject: it holds 1 with and not without, say.
    pub moves: bool,
}

/// Of the analysis of covariance, in closed form.
pub(super) fn influence(
    (trial, used): (&TrialData, &[&PrimarySubject<'_>]),
    active: &str,
    protocol: &Protocol,
) -> Vec<Influence> {
    let confidence = protocol.assay.method.confidence;
    let Ok(columns) = ModelColumns::of(trial, used, active, &protocol.trial.analysis.reference_arm) else {
        return Vec::new();
    };
    let Ok(without) = leave_one_out(columns.rows(), confidence) else { return Vec::new() };
    let weights = crate::stats::StratumWeights::None;
    let all = crate::stats::ancova(columns.rows(), crate::stats::Vcov::Ols, weights, confidence).ok();
    let with_all = all.as_ref().and_then(|all| ratio(all.diff, all.inference.ci_low, all.inference.ci_high));
    used.iter()
        .zip(without)
        .map(|(one, without)| {
            let now = without.and_then(|found| ratio(found.diff, found.inference.ci_low, found.inference.ci_high));
            Influence {
                subject: one.change.subject.clone(),
                arm: one.change.arm.clone(),
                active: active.to_string(),
                reference: protocol.trial.analysis.reference_arm.clone(),
                ratio: now,
                change_percent: without
                    .zip(all.as_ref())
                    .map(|(found, all)| 100.0 * libm::expm1(found.diff - all.diff)),
                p: without.and_then(|found| found.inference.p),
                moves: with_all.zip(now).is_some_and(|(with_all, now)| with_all.side_of_one() != now.side_of_one()),
            }
        })
        .collect()
}

/// Of any other primary analysis: done again without each participant who is in it.
pub(super) fn by_refitting(trial: &TrialData, active: &str, protocol: &Protocol) -> Vec<Influence> {
    let reference = protocol.trial.analysis.reference_arm.as_str();
    let Some(all) = primary(trial, active, protocol).and_then(|row| row.ratio) else { return Vec::new() };
    let has = |one: &Participant, visit: usize| {
        one.results[visit].as_ref().is_some_and(|quantity| !matches!(quantity, Quantity::NotReported { .. }))
    };
    // Of every arm: the others are in the same model.
    let is_in = |one: &&Participant| {
        trial.lacking(one).is_empty()
            && trial.baseline().is_some_and(|visit| has(one, visit))
            && trial.after_baseline().any(|visit| has(one, visit))
    };
    let without = |one: &Participant| {
        let participants = trial.participants.iter().filter(|other| other.subject != one.subject).cloned().collect();
        let now = primary(
            &TrialData { participants, visits: trial.visits.clone(), covariates: trial.covariates.clone() },
            active,
            protocol,
        );
        let ratio = now.as_ref().and_then(|row| row.ratio);
        Influence {
            subject: one.subject.clone(),
            arm: one.arm.clone(),
            active: active.to_string(),
            reference: reference.to_string(),
            ratio,
            change_percent: ratio.map(|ratio| 100.0 * (ratio.estimate / all.estimate - 1.0)),
            p: now.and_then(|row| row.p),
            moves: ratio.is_some_and(|ratio| ratio.side_of_one() != all.side_of_one()),
        }
    };
    trial.participants.iter().filter(is_in).map(without).collect()
}
