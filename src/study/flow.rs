//! The way of the participants of each arm from randomisation to the primary analysis, and of their samples: who was lost at which
//! step, for which one reason (the flow of CONSORT, BMJ 2010;340:c332, with the steps of a laboratory).

use serde::Serialize;

use crate::concentration::Quantity;
use crate::concentration::quantity::NotReported;
use crate::protocol::PrimaryAnalysis;

use super::exclusion::ExclusionRule;
use super::limits::LimitRule;
use super::missing_reason::{MissingReason, VisitRequirement, missing_reason};
use super::subject_visit::SubjectVisit;
use super::trial_data::{Participant, TrialData};

/// The steps, in their order.
pub const STEPS: [&str; 5] = ["randomised", "sampled", "measured", "reported", "analysed"];

/// One step of one arm.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlowStep {
    /// The arm.
    pub arm: String,
    /// The step, one of [`STEPS`].
    pub step: &'static str,
    /// Participants who got this far with what the primary analysis needs: baseline and end point, or for the mixed model baseline and any
    /// later visit.
    pub participants: usize,
    /// Participants lost on the way to it, by their one reason.
    pub lost: Vec<(String, usize)>,
    /// Samples of all visits that got this far; of the first step the samples that the visits ask for.
    pub samples: usize,
}

/// The flow of every arm, by steps; `results` are those of the trial, whatever became of them.
pub(super) fn flow(
    trial: &TrialData,
    results: &[SubjectVisit],
    rule: LimitRule,
    primary: PrimaryAnalysis,
) -> Vec<FlowStep> {
    let (Some(_), Some(endpoint)) = (trial.baseline(), trial.endpoint()) else { return Vec::new() };
    let needs = VisitRequirement::of(primary.id(), endpoint);
    trial.arms().into_iter().flat_map(|arm| of_arm(trial, arm, needs, results, rule)).collect()
}

fn of_arm(
    trial: &TrialData,
    arm: &str,
    needs: VisitRequirement,
    results: &[SubjectVisit],
    rule: LimitRule,
) -> Vec<FlowStep> {
    let members: Vec<&Participant> = trial.participants.iter().filter(|member| member.arm == arm).collect();
    let mut lost: Vec<Vec<(String, usize)>> = vec![Vec::new(); STEPS.len()];
    for member in &members {
        let Some((reason, words)) = missing_reason(trial, member, rule, needs) else { continue };
        let at_step = &mut lost[step_of(&reason)];
        match at_step.iter_mut().find(|(known, _)| *known == words) {
            Some((_, n)) => *n += 1,
            None => at_step.push((words, 1)),
        }
    }
    let mut participants = members.len();
    let samples = samples(trial, &members, results, rule);
    STEPS
        .into_iter()
        .zip(lost)
        .zip(samples)
        .map(|((step, mut lost), samples)| {
            lost.sort();
            participants -= lost.iter().map(|(_, n)| n).sum::<usize>();
            FlowStep { arm: arm.to_string(), step, participants, lost, samples }
        })
        .collect()
}

/// The step that somebody missing for this reason does not reach.
fn step_of(reason: &MissingReason) -> usize {
    match reason {
        MissingReason::Rule(ExclusionRule::NoSample, _) => 1,
        MissingReason::Rule(ExclusionRule::NotMeasured, _) => 2,
        MissingReason::NotReported(_) => 3,
        MissingReason::Rule(..) | MissingReason::OutsideLimits => 4,
    }
}

/// Samples that the visits ask for, that are there, that were measured, reported, and are analysed.
fn samples(trial: &TrialData, members: &[&Participant], results: &[SubjectVisit], rule: LimitRule) -> [usize; 5] {
    let of_arm = |result: &&SubjectVisit| members.iter().any(|member| member.subject == result.subject);
    let own: Vec<&SubjectVisit> = results.iter().filter(of_arm).collect();
    let count = |is: &dyn Fn(&SubjectVisit) -> bool| own.iter().filter(|result| is(result)).count();
    let measured =
        |result: &SubjectVisit| result.excluded.as_ref().is_none_or(|why| why.rule != ExclusionRule::NotMeasured);
    let reported = |result: &SubjectVisit| measured(result) && !matches!(result.quantity, Quantity::NotReported { .. });
    let analysed = |result: &SubjectVisit| {
        reported(result) && result.excluded.is_none() && rule.number(&result.quantity).is_some()
    };
    [members.len() * trial.visits.len(), own.len(), count(&measured), count(&reported), count(&analysed)]
}

/// Of the results of randomised participants that were not reported, how many were lost because of where their value lies; in a sentence,
/// where there are such: what is missing then depends on what it would be.
pub(super) fn informative_loss(trial: &TrialData) -> Option<String> {
    let reasons: Vec<NotReported> = trial
        .participants
        .iter()
        .flat_map(|member| member.results.iter().flatten())
        .filter_map(|quantity| match quantity {
            Quantity::NotReported { reason } => Some(*reason),
            _ => None,
        })
        .collect();
    let at_limit = reasons
        .iter()
        .filter(|reason| {
            matches!(reason, NotReported::ReplicatesAcrossLimit | NotReported::Saturated | NotReported::NotDetermined)
        })
        .count();
    (at_limit > 0).then(|| {
        let lost = match (at_limit, reasons.len()) {
            (1, 1) => "The one result that was not reported was lost because it lies".to_string(),
            (1, all) => format!("Of {all} results that were not reported, 1 was lost because it lies"),
            (_, all) => format!("Of {all} results that were not reported, {at_limit} were lost because they lie"),
        };
        format!(
            "{lost} at a limit (replicates on both sides of it, saturated, or not determined by the curve). Such results are not \
             missing at random, and leaving them out moves the means away from that limit"
        )
    })
}
