//! What an analysis needs of a participant, and what participants lack: one reason each, so that reasons add up to participants.

use super::exclusion::{ExclusionRule, UnusedSubjects};
use super::limits::LimitRule;
use super::trial_data::{Participant, TrialData};
use crate::concentration::Quantity;
use crate::concentration::quantity::NotReported;
use crate::protocol::{AnalysisId, DataRequirement};

/// What an analysis needs of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VisitRequirement {
    /// A number at a visit.
    Value(usize),
    /// Numbers at baseline and at a visit.
    Change(usize),
    /// The same and the covariates.
    AdjustedChange(usize),
    /// A number at baseline, a number or a limit at a visit, and the covariates.
    Censored(usize),
    /// A number or a limit at a visit.
    CensoredValue(usize),
    /// Numbers at baseline and at any visit after it, and the covariates.
    AnyChange,
    /// Numbers at baseline and at any visit after it up to this, and the covariates.
    AnyChangeBy(usize),
}

impl VisitRequirement {
    /// Of an analysis at a visit.
    pub(super) fn of(analysis: AnalysisId, visit: usize) -> Self {
        match analysis.takes() {
            DataRequirement::Change => Self::Change(visit),
            DataRequirement::AdjustedChange => Self::AdjustedChange(visit),
            DataRequirement::CensoredChange => Self::Censored(visit),
            DataRequirement::AnyChange => Self::AnyChange,
            DataRequirement::LastChange => Self::AnyChangeBy(visit),
        }
    }
}

/// The subjects of two arms that an analysis with these needs does not use, by reason. Numbers used and left out make up the
/// arms.
pub(super) fn left_out(
    trial: &TrialData,
    arms: [&str; 2],
    rule: LimitRule,
    needs: VisitRequirement,
) -> Vec<UnusedSubjects> {
    let mut found: Vec<UnusedSubjects> = Vec::new();
    for participant in &trial.participants {
        let Some(arm) = arms.iter().position(|arm| *arm == participant.arm) else { continue };
        let Some((_, reason)) = missing_reason(trial, participant, rule, needs) else { continue };
        let entry = match found.iter().position(|known| known.reason == reason) {
            Some(at) => &mut found[at],
            None => {
                found.push(UnusedSubjects { reason, n: [0, 0] });
                let last = found.len() - 1;
                &mut found[last]
            }
        };
        entry.n[arm] += 1;
    }
    found.sort_by(|one, other| one.reason.cmp(&other.reason));
    found
}

/// The one reason why an analysis does not use a participant, and its words; `None` where it does. Of two lacks that of the earlier visit
/// is the reason: one participant, one reason, so that reasons add up to participants.
pub(super) fn missing_reason(
    trial: &TrialData,
    participant: &Participant,
    rule: LimitRule,
    needs: VisitRequirement,
) -> Option<(MissingReason, String)> {
    let baseline = trial.baseline()?;
    let missing = |visit: usize, censored: bool| missing(participant, visit, rule, censored);
    let in_words = |reason: MissingReason, visit: &str| {
        let words = reason.words(visit);
        (reason, words)
    };
    let one = |visit: usize, censored: bool| {
        missing(visit, censored).map(|reason| in_words(reason, &trial.visits[visit].name))
    };
    let two = |visit: usize, censored: bool| {
        earlier(trial, [baseline, visit], [missing(baseline, false), missing(visit, censored)])
    };
    let covariates = || {
        let lacking = trial.lacking(participant);
        (!lacking.is_empty()).then(|| {
            let reason = MissingReason::Rule(ExclusionRule::NoCovariate, without_covariates(&lacking));
            in_words(reason, "")
        })
    };
    match needs {
        VisitRequirement::Value(visit) => one(visit, false),
        VisitRequirement::CensoredValue(visit) => one(visit, true),
        VisitRequirement::Change(visit) => two(visit, false),
        VisitRequirement::AdjustedChange(visit) => two(visit, false).or_else(covariates),
        VisitRequirement::Censored(visit) => two(visit, true).or_else(covariates),
        VisitRequirement::AnyChange | VisitRequirement::AnyChangeBy(_) => one(baseline, false).or_else(|| {
            let mut later: Vec<MissingReason> = Vec::new();
            let by = if let VisitRequirement::AnyChangeBy(visit) = needs { visit } else { usize::MAX };
            for visit in trial.after_baseline().filter(|visit| *visit <= by) {
                match missing(visit, false) {
                    Some(reason) => later.push(reason),
                    None => return covariates(),
                }
            }
            match later.split_first() {
                Some((first, others)) if others.iter().all(|other| other == first) => {
                    Some(in_words(first.clone(), "every visit after baseline"))
                }
                // One reason: that of the visit that the trial asks about.
                _ => {
                    let last = trial.endpoint().unwrap_or(trial.visits.len() - 1);
                    let (reason, words) = one(last, false)?;
                    Some((reason, format!("no value at any visit after baseline ({words})")))
                }
            }
        }),
    }
}

/// What the list of arms does not say of a participant.
pub(super) fn without_covariates(names: &[&str]) -> String {
    format!("no {} in the list of arms", names.join(" and no "))
}

/// Of what is lacking at two visits, the one reason and its words.
fn earlier(
    trial: &TrialData,
    [first, second]: [usize; 2],
    [before, after]: [Option<MissingReason>; 2],
) -> Option<(MissingReason, String)> {
    let name = |visit: usize| trial.visits[visit].name.as_str();
    let (reason, words) = match (before, after) {
        (Some(before), Some(after)) if before == after => {
            let words = before.words(&format!("{} and {}", name(first), name(second)));
            (before, words)
        }
        (Some(before), _) => {
            let words = before.words(name(first));
            (before, words)
        }
        (None, after) => {
            let after = after?;
            let words = after.words(name(second));
            (after, words)
        }
    };
    Some((reason, words))
}

/// Why a visit of a participant gives an analysis nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MissingReason {
    /// What the rules of the study say of the result or the sample, and by what such participants are counted.
    Rule(ExclusionRule, String),
    /// Why the result was not reported.
    NotReported(NotReported),
    /// The result is outside the limits, and the rule leaves it out.
    OutsideLimits,
}

/// What `participant` lacks at `visit`; with `censored` a limit is as good as a number.
fn missing(participant: &Participant, visit: usize, rule: LimitRule, censored: bool) -> Option<MissingReason> {
    match &participant.results[visit] {
        None => Some(match &participant.absent[visit] {
            Some(why) => MissingReason::Rule(why.rule, why.brief.clone()),
            None => MissingReason::Rule(ExclusionRule::NoSample, String::new()),
        }),
        Some(Quantity::NotReported { reason }) => Some(MissingReason::NotReported(*reason)),
        Some(quantity) => (!censored && rule.number(quantity).is_none()).then_some(MissingReason::OutsideLimits),
    }
}

impl MissingReason {
    fn words(&self, visit: &str) -> String {
        match self {
            Self::Rule(_, brief) if !brief.is_empty() => brief.clone(),
            Self::Rule(ExclusionRule::NoSample, _) => format!("no sample at {visit}"),
            Self::Rule(ExclusionRule::NotMeasured, _) => format!("sample of {visit} not measured"),
            Self::Rule(ExclusionRule::VisitWindow, _) => format!("collected outside the window of {visit}"),
            Self::Rule(ExclusionRule::MixedMatrices, _) => "samples of several matrices".to_string(),
            Self::Rule(ExclusionRule::MixedKitLots, _) => "results of several kit lots".to_string(),
            Self::Rule(rule, _) => format!("{rule} at {visit}"),
            Self::NotReported(reason) => format!("result of {visit} not reported: {reason}"),
            Self::OutsideLimits => format!("outside the limits at {visit}"),
        }
    }
}
