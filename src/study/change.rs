//! The change of each subject from baseline, and why there is none.

use crate::concentration::Quantity;
use crate::protocol::Visit;

use super::exclusion::Exclusion;
use super::limits::LimitRule;
use super::numbers::ChangeScale;
use super::result::Change;
use super::trial::{Participant, Trial};

/// The change of every participant at every visit after baseline, by `rule`.
pub fn changes(trial: &Trial, rule: LimitRule) -> Vec<Change> {
    let Some(baseline) = trial.baseline() else { return Vec::new() };
    trial
        .participants
        .iter()
        .flat_map(|participant| {
            trial.after_baseline().map(move |visit| {
                let places = [&trial.visits[participant.baseline_from.unwrap_or(baseline)], &trial.visits[visit]];
                let results = [participant.results[baseline].clone(), participant.results[visit].clone()];
                let absent = [participant.absent[baseline].as_ref(), participant.absent[visit].as_ref()];
                change(participant, places, results, absent, rule)
            })
        })
        .collect()
}

fn change(
    participant: &Participant,
    [before, after]: [&Visit; 2],
    [baseline, endpoint]: [Option<Quantity>; 2],
    [no_baseline, no_endpoint]: [Option<&Exclusion>; 2],
    rule: LimitRule,
) -> Change {
    let number = |quantity: &Option<Quantity>| quantity.as_ref().and_then(|quantity| rule.number(quantity));
    let (base, aval) = (number(&baseline).map(|n| n.value), number(&endpoint).map(|n| n.value));
    let on = |scale: ChangeScale| aval.zip(base).and_then(|(value, base)| scale.change(value, base));
    let mut missing: Vec<String> =
        [absence(&baseline, base, &before.name, no_baseline), absence(&endpoint, aval, &after.name, no_endpoint)]
            .into_iter()
            .flatten()
            .collect();
    // What is said of the subject as a whole is said once.
    missing.dedup();
    Change {
        subject: participant.subject.clone(),
        arm: participant.arm.clone(),
        stratum: participant.stratum.clone(),
        visit: after.name.clone(),
        week: after.week,
        baseline_visit: before.name.clone(),
        base,
        aval,
        change: on(ChangeScale::Absolute),
        percent_change: on(ChangeScale::Percent),
        log_change: on(ChangeScale::Ln),
        excluded: missing.join("; "),
        baseline,
        endpoint,
    }
}

/// Why a visit gives no number, if it gives none.
fn absence(
    quantity: &Option<Quantity>,
    number: Option<f64>,
    visit: &str,
    excluded: Option<&Exclusion>,
) -> Option<String> {
    match (quantity, number) {
        (None, _) => Some(excluded.map_or_else(|| format!("no sample at {visit}"), |why| why.reason.clone())),
        (Some(Quantity::NotReported { reason }), _) => Some(format!("not reported at {visit}: {reason}")),
        (Some(quantity), None) => Some(format!("{quantity} at {visit} is left out by the rule of the analysis")),
        _ => None,
    }
}
