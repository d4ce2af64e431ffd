//! What is left out of the analyses, and why: by record for the list of exclusions, by reason for the account beside each
//! analysis. Nothing is dropped without standing here.

use std::fmt;

use serde::Serialize;

use crate::concentration::Quantity;

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
    /// There is a sample, and no result of it that may be reported.
    NotReported,
    /// There is no sample.
    NoSample,
    /// The rule for values outside the limits leaves it out.
    LimitRule,
    /// A result after baseline of a subject without baseline.
    NoBaseline,
    /// A baseline of a subject without any result after it.
    NoLaterResult,
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
            Self::NotReported => "not reported",
            Self::NoSample => "no sample",
            Self::LimitRule => "limit rule",
            Self::NoBaseline => "no baseline",
            Self::NoLaterResult => "no later result",
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
    /// In words.
    pub reason: String,
}

impl Exclusion {
    /// By `rule`, because of `reason`.
    pub fn new(rule: ExclusionRule, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into() }
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
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EveryAnalysis => "every analysis",
            Self::DeclaredRule => "analyses by the declared rule for limits",
            Self::Changes => "analyses of change",
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
    /// A number at baseline and a number or a limit at a visit.
    Censored(usize),
    /// A number or a limit at a visit.
    CensoredValue(usize),
    /// Numbers at baseline and at any visit after it.
    AnyChange,
}

/// The subjects of two arms that an analysis with these needs does not use, by reason. Numbers used and left out make up the
/// arms.
pub(super) fn left_out(trial: &Trial, arms: [&str; 2], rule: LimitRule, needs: Needs) -> Vec<LeftOut> {
    let mut found: Vec<LeftOut> = Vec::new();
    for participant in &trial.participants {
        let Some(arm) = arms.iter().position(|arm| *arm == participant.arm) else { continue };
        let Some(reason) = lacks(trial, participant, rule, needs) else { continue };
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

/// What a participant lacks for an analysis; `None` where nothing. What is outside the limits and left out by the rule is not
/// called missing.
fn lacks(trial: &Trial, participant: &Participant, rule: LimitRule, needs: Needs) -> Option<String> {
    let result = |visit: usize| {
        participant.results[visit].as_ref().filter(|quantity| !matches!(quantity, Quantity::NotReported { .. }))
    };
    let at = |visit: usize, censored: bool| match result(visit) {
        None => Lack::Value,
        Some(_) if censored => Lack::Nothing,
        Some(quantity) if rule.number(quantity).is_some() => Lack::Nothing,
        Some(_) => Lack::InsideLimits,
    };
    let name = |visit: usize| trial.visits[visit].name.as_str();
    let baseline = trial.baseline()?;
    let before = (at(baseline, false), name(baseline));
    match needs {
        Needs::Value(visit) => at(visit, false).words(name(visit)),
        Needs::CensoredValue(visit) => at(visit, true).words(name(visit)),
        Needs::Change(visit) => both(before, (at(visit, false), name(visit))),
        Needs::Censored(visit) => both(before, (at(visit, true), name(visit))),
        Needs::AnyChange => {
            let most = trial.after_baseline().map(|visit| at(visit, false)).min().unwrap_or(Lack::Value);
            both(before, (most, "any visit after it"))
        }
    }
}

/// What is lacking at a visit, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    Nothing,
    /// A number: the result is outside the limits, and the rule leaves it out.
    InsideLimits,
    /// A result.
    Value,
}

impl Lack {
    fn words(self, visit: &str) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::InsideLimits => Some(format!("outside the limits at {visit}")),
            Self::Value => Some(format!("no value at {visit}")),
        }
    }
}

/// What is lacking at the baseline and at a later visit.
fn both((before, baseline): (Lack, &str), (after, later): (Lack, &str)) -> Option<String> {
    if (before, after) == (Lack::Value, Lack::Value) {
        return Some(format!("no value at {baseline} and none at {later}"));
    }
    let words: Vec<String> = [before.words(baseline), after.words(later)].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" and "))
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
        reported: Some(result.quantity.to_string()),
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
            None if participant.results[visit].is_none() => found.push(ExcludedRecord {
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
            }),
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
    found
}
