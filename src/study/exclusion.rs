//! What is left out of the analyses, and why: by record for the list of exclusions, by reason for the account beside each
//! analysis. Nothing is dropped without standing here.

use std::fmt;

use serde::Serialize;

use crate::concentration::Quantity;
use crate::concentration::quantity::NotReported;

use super::limits::LimitRule;
use super::result::{Allocation, SubjectVisit};
use super::trial::{Participant, Trial};

/// What left a record out.
///
/// See [`Exclusion`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExclusionRule {
    /// The subject is not in the list of arms.
    NoArm,
    /// The list of arms says that the subject was not randomised.
    NotRandomised,
    /// Collected outside the window of its visit, or in no window.
    VisitWindow,
    /// Another result of the same subject and visit was taken.
    DuplicateVisit,
    /// The subject has samples of more than one matrix.
    MixedMatrices,
    /// The subject has results of more than one kit lot.
    MixedKitLots,
    /// It was collected after an event whose strategy leaves out what is after it.
    IntercurrentEvent,
    /// There is a sample, and no result of it that may be reported.
    NotReported,
    /// There is a sample in the list, and no measurement of it.
    NotMeasured,
    /// There is no sample.
    NoSample,
    /// The rule for values outside the limits leaves it out.
    LimitRule,
    /// A result after baseline of a subject without baseline.
    NoBaseline,
    /// A baseline of a subject without any result after it.
    NoLaterResult,
    /// A covariate that the study declares is not known of the subject.
    NoCovariate,
}

impl fmt::Display for ExclusionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoArm => "no arm",
            Self::NotRandomised => "not randomised",
            Self::VisitWindow => "visit window",
            Self::DuplicateVisit => "duplicate visit",
            Self::MixedMatrices => "mixed matrices",
            Self::MixedKitLots => "mixed kit lots",
            Self::IntercurrentEvent => "intercurrent event",
            Self::NotReported => "not reported",
            Self::NotMeasured => "not measured",
            Self::NoSample => "no sample",
            Self::LimitRule => "limit rule",
            Self::NoBaseline => "no baseline",
            Self::NoLaterResult => "no later result",
            Self::NoCovariate => "no covariate",
        })
    }
}

/// Why a result takes no part in any analysis.
///
/// ```
/// use platewise::study::{Exclusion, ExclusionRule};
///
/// let late = Exclusion::new(ExclusionRule::VisitWindow, "day 131 is outside the window of Week 16, days 106 to 120");
/// assert_eq!(late.rule.to_string(), "visit window");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// The rule.
    pub rule: ExclusionRule,
    /// In words, of this result.
    pub reason: String,
    /// The same without names and days, so that participants can be counted by it; empty where the rule and the visit say it all.
    pub brief: String,
}

impl Exclusion {
    /// By `rule`, because of `reason`.
    pub fn new(rule: ExclusionRule, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into(), brief: String::new() }
    }

    /// With what participants are counted by.
    pub fn counted_as(self, brief: impl Into<String>) -> Self {
        Self { brief: brief.into(), ..self }
    }
}

/// A record that is left out: a result, or a visit without one.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ExcludedRecord {
    /// The subject.
    pub subject: String,
    /// The arm; `None` where there is none.
    pub arm: Option<String>,
    /// The visit.
    pub visit: String,
    /// Its week.
    pub week: f64,
    /// The sample; empty where there is none.
    pub sample: String,
    /// The plate of the result.
    pub plate: Option<String>,
    /// The result as reported; `None` where there is none.
    pub reported: Option<String>,
    /// What left it out.
    pub rule: ExclusionRule,
    /// In words.
    pub reason: String,
    /// Which analyses it is left out of.
    pub scope: Scope,
}

/// Which analyses a record is left out of.
///
/// ```
/// assert_eq!(platewise::study::exclusion::Scope::Changes.to_string(), "analyses of change");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All.
    EveryAnalysis,
    /// Those by the declared rule for values outside the limits. Analyses by another rule, and with such values as censored, use it.
    DeclaredRule,
    /// Those of changes: it is described at its visit.
    Changes,
    /// Those that adjust for the covariates of the study.
    Adjusted,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EveryAnalysis => "every analysis",
            Self::DeclaredRule => "analyses by the declared rule for limits",
            Self::Changes => "analyses of change",
            Self::Adjusted => "analyses adjusted for covariates",
        })
    }
}

/// Randomised subjects whom an analysis does not use, for one reason.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The reason.
    pub reason: String,
    /// How many, of the active and of the reference arm.
    pub n: [usize; 2],
}

/// What an analysis needs of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
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

/// The subjects of two arms that an analysis with these needs does not use, by reason. Numbers used and left out make up the
/// arms.
pub(super) fn left_out(trial: &Trial, arms: [&str; 2], rule: LimitRule, needs: Needs) -> Vec<LeftOut> {
    let mut found: Vec<LeftOut> = Vec::new();
    for participant in &trial.participants {
        let Some(arm) = arms.iter().position(|arm| *arm == participant.arm) else { continue };
        let Some((_, reason)) = lacks(trial, participant, rule, needs) else { continue };
        let entry = match found.iter().position(|known| known.reason == reason) {
            Some(at) => &mut found[at],
            None => {
                found.push(LeftOut { reason, n: [0, 0] });
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
pub(super) fn lacks(trial: &Trial, participant: &Participant, rule: LimitRule, needs: Needs) -> Option<(Lack, String)> {
    let baseline = trial.baseline()?;
    let lack = |visit: usize, censored: bool| lack(participant, visit, rule, censored);
    let in_words = |lack: Lack, visit: &str| {
        let words = lack.words(visit);
        (lack, words)
    };
    let one =
        |visit: usize, censored: bool| lack(visit, censored).map(|lack| in_words(lack, &trial.visits[visit].name));
    let two = |visit: usize, censored: bool| {
        earlier(trial, [baseline, visit], [lack(baseline, false), lack(visit, censored)])
    };
    let covariates = || {
        let lacking = trial.lacking(participant);
        (!lacking.is_empty()).then(|| {
            let lack = Lack::Rule(ExclusionRule::NoCovariate, without_covariates(&lacking));
            in_words(lack, "")
        })
    };
    match needs {
        Needs::Value(visit) => one(visit, false),
        Needs::CensoredValue(visit) => one(visit, true),
        Needs::Change(visit) => two(visit, false),
        Needs::AdjustedChange(visit) => two(visit, false).or_else(covariates),
        Needs::Censored(visit) => two(visit, true).or_else(covariates),
        Needs::AnyChange | Needs::AnyChangeBy(_) => one(baseline, false).or_else(|| {
            let mut later: Vec<Lack> = Vec::new();
            let by = if let Needs::AnyChangeBy(visit) = needs { visit } else { usize::MAX };
            for visit in trial.after_baseline().filter(|visit| *visit <= by) {
                match lack(visit, false) {
                    Some(lack) => later.push(lack),
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
                    let (lack, words) = one(last, false)?;
                    Some((lack, format!("no value at any visit after baseline ({words})")))
                }
            }
        }),
    }
}

/// What the list of arms does not say of a participant.
fn without_covariates(names: &[&str]) -> String {
    format!("no {} in the list of arms", names.join(" and no "))
}

/// Of what is lacking at two visits, the one reason and its words.
fn earlier(trial: &Trial, [first, second]: [usize; 2], [before, after]: [Option<Lack>; 2]) -> Option<(Lack, String)> {
    let name = |visit: usize| trial.visits[visit].name.as_str();
    let (lack, words) = match (before, after) {
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
    Some((lack, words))
}

/// Why a visit of a participant gives an analysis nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lack {
    /// What the rules of the study say of the result or the sample, and by what such participants are counted.
    Rule(ExclusionRule, String),
    /// Why the result was not reported.
    NotReported(NotReported),
    /// The result is outside the limits, and the rule leaves it out.
    OutsideLimits,
}

/// What `participant` lacks at `visit`; with `censored` a limit is as good as a number.
fn lack(participant: &Participant, visit: usize, rule: LimitRule, censored: bool) -> Option<Lack> {
    match &participant.results[visit] {
        None => Some(match &participant.absent[visit] {
            Some(why) => Lack::Rule(why.rule, why.brief.clone()),
            None => Lack::Rule(ExclusionRule::NoSample, String::new()),
        }),
        Some(Quantity::NotReported { reason }) => Some(Lack::NotReported(*reason)),
        Some(quantity) => (!censored && rule.number(quantity).is_none()).then_some(Lack::OutsideLimits),
    }
}

impl Lack {
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

/// Every record that is left out, by subject and week: of the results themselves, of subjects without an arm, and of the
/// participants of the trial whose change cannot be taken.
pub(super) fn excluded(
    results: &[SubjectVisit],
    arms: &[Allocation],
    not_randomised: &[String],
    trial: &Trial,
    rule: LimitRule,
) -> Vec<ExcludedRecord> {
    let arm_of = |subject: &str| arms.iter().find(|allocation| allocation.subject == subject).map(|found| &found.arm);
    let mut found: Vec<ExcludedRecord> = Vec::new();
    for result in results {
        let arm = arm_of(&result.subject);
        let exclusion = match (&result.excluded, arm, &result.quantity) {
            (Some(exclusion), ..) => exclusion.clone(),
            (None, None, _) => Exclusion::new(ExclusionRule::NoArm, "the subject is not in the list of arms"),
            (None, Some(arm), _) if not_randomised.contains(arm) => {
                Exclusion::new(ExclusionRule::NotRandomised, format!("the list of arms says '{arm}'"))
            }
            (None, Some(_), Quantity::NotReported { reason }) => {
                Exclusion::new(ExclusionRule::NotReported, reason.to_string())
            }
            (None, Some(_), quantity) if rule.number(quantity).is_none() => Exclusion::new(
                ExclusionRule::LimitRule,
                format!("the analysis leaves out what is {}", quantity.status()),
            ),
            _ => continue,
        };
        let by_limit = exclusion.rule == ExclusionRule::LimitRule;
        let scope = if by_limit { Scope::DeclaredRule } else { Scope::EveryAnalysis };
        found.push(of_result(result, arm, exclusion, scope));
    }
    found.extend(trial.participants.iter().flat_map(|participant| of_participant(trial, participant, results, rule)));
    found.sort_by(|a, b| {
        a.subject.cmp(&b.subject).then(a.week.total_cmp(&b.week)).then_with(|| a.sample.cmp(&b.sample))
    });
    found
}

fn of_result(result: &SubjectVisit, arm: Option<&String>, exclusion: Exclusion, scope: Scope) -> ExcludedRecord {
    ExcludedRecord {
        subject: result.subject.clone(),
        arm: arm.cloned(),
        visit: result.visit.clone(),
        week: result.week,
        sample: result.sample.clone(),
        plate: result.plate.clone(),
        reported: (exclusion.rule != ExclusionRule::NotMeasured).then(|| result.quantity.to_string()),
        rule: exclusion.rule,
        reason: exclusion.reason,
        scope,
    }
}

/// Visits of a participant without any sample, and results that find no partner for a change.
fn of_participant(
    trial: &Trial,
    participant: &Participant,
    results: &[SubjectVisit],
    rule: LimitRule,
) -> Vec<ExcludedRecord> {
    let Some(baseline) = trial.baseline() else { return Vec::new() };
    let has =
        |visit: usize| participant.results[visit].as_ref().is_some_and(|quantity| rule.number(quantity).is_some());
    // The sample whose number stands at a visit: at the baseline perhaps that of an earlier visit, and of several samples the one
    // that was taken.
    let own = |visit: usize| {
        let measured_at = participant.baseline_from.filter(|_| visit == baseline).unwrap_or(visit);
        let visit = &trial.visits[measured_at].name;
        let mut of_visit =
            results.iter().filter(|result| result.subject == participant.subject && result.visit == *visit);
        of_visit.clone().find(|result| result.excluded.is_none()).or_else(|| of_visit.next())
    };
    let later = trial.after_baseline().any(has);
    let visits = std::iter::once(baseline).chain(trial.after_baseline());
    let mut found = Vec::new();
    for visit in visits {
        let name = &trial.visits[visit].name;
        match own(visit) {
            None if participant.results[visit].is_none() && participant.absent[visit].is_none() => {
                found.push(ExcludedRecord {
                    subject: participant.subject.clone(),
                    arm: Some(participant.arm.clone()),
                    visit: name.clone(),
                    week: trial.visits[visit].week,
                    sample: String::new(),
                    plate: None,
                    reported: None,
                    rule: ExclusionRule::NoSample,
                    reason: format!("there is no sample at {name}"),
                    scope: Scope::EveryAnalysis,
                })
            }
            Some(result) if has(visit) && visit != baseline && !has(baseline) => {
                let reason = format!("no change without a value at {}", trial.visits[baseline].name);
                let exclusion = Exclusion::new(ExclusionRule::NoBaseline, reason);
                found.push(of_result(result, Some(&participant.arm), exclusion, Scope::Changes));
            }
            Some(result) if has(visit) && visit == baseline && !later => {
                let exclusion =
                    Exclusion::new(ExclusionRule::NoLaterResult, "no value after baseline to compare it with");
                found.push(of_result(result, Some(&participant.arm), exclusion, Scope::Changes));
            }
            _ => {}
        }
    }
    let lacking = trial.lacking(participant);
    if !lacking.is_empty() {
        found.push(ExcludedRecord {
            subject: participant.subject.clone(),
            arm: Some(participant.arm.clone()),
            visit: trial.visits[baseline].name.clone(),
            week: trial.visits[baseline].week,
            sample: String::new(),
            plate: None,
            reported: None,
            rule: ExclusionRule::NoCovariate,
            reason: without_covariates(&lacking),
            scope: Scope::Adjusted,
        });
    }
    found
}
