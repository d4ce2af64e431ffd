//! The list of exclusions: every record that is left out, with its reason.

use super::allocation::Allocation;
use super::exclusion::{ExcludedRecord, Exclusion, ExclusionRule, ExclusionScope};
use super::limits::LimitRule;
use super::missing_reason::without_covariates;
use super::subject_visit::SubjectVisit;
use super::trial_data::{Participant, TrialData};
use crate::concentration::Quantity;

/// Every record that is left out, by subject and week: of the results themselves, of subjects without an arm, and of the
/// participants of the trial whose change cannot be taken.
pub(super) fn excluded(
    results: &[SubjectVisit],
    arms: &[Allocation],
    not_randomised: &[String],
    trial: &TrialData,
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
        let scope = if by_limit { ExclusionScope::DeclaredRule } else { ExclusionScope::EveryAnalysis };
        found.push(of_result(result, arm, exclusion, scope));
    }
    found.extend(trial.participants.iter().flat_map(|participant| of_participant(trial, participant, results, rule)));
    found.sort_by(|a, b| {
        a.subject.cmp(&b.subject).then(a.week.total_cmp(&b.week)).then_with(|| a.sample.cmp(&b.sample))
    });
    found
}

fn of_result(
    result: &SubjectVisit,
    arm: Option<&String>,
    exclusion: Exclusion,
    scope: ExclusionScope,
) -> ExcludedRecord {
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
    trial: &TrialData,
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
                    scope: ExclusionScope::EveryAnalysis,
                })
            }
            Some(result) if has(visit) && visit != baseline && !has(baseline) => {
                let reason = format!("no change without a value at {}", trial.visits[baseline].name);
                let exclusion = Exclusion::new(ExclusionRule::NoBaseline, reason);
                found.push(of_result(result, Some(&participant.arm), exclusion, ExclusionScope::Changes));
            }
            Some(result) if has(visit) && visit == baseline && !later => {
                let exclusion =
                    Exclusion::new(ExclusionRule::NoLaterResult, "no value after baseline to compare it with");
                found.push(of_result(result, Some(&participant.arm), exclusion, ExclusionScope::Changes));
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
            scope: ExclusionScope::Adjusted,
        });
    }
    found
}
