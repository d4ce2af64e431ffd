//! The analysis dataset: ADaM's Basic Data Structure (ADaMIG 1.3), one record per participant and visit with a result.

use crate::concentration::Quantity;
use crate::protocol::Protocol;

use super::limits::{LimitRule, Number};
use super::numbers::ChangeScale;
use super::result::AnalysisRecord;
use super::trial::{Participant, Trial};

/// The records of every participant, by participant and visit. A visit whose result is missing or was not reported has none.
pub fn records(trial: &Trial, rule: LimitRule, protocol: &Protocol) -> Vec<AnalysisRecord> {
    let Some(baseline) = trial.baseline() else { return Vec::new() };
    trial
        .participants
        .iter()
        .flat_map(|participant| of_participant(trial, participant, baseline, rule, protocol))
        .collect()
}

fn of_participant(
    trial: &Trial,
    participant: &Participant,
    baseline: usize,
    rule: LimitRule,
    protocol: &Protocol,
) -> Vec<AnalysisRecord> {
    let number = |visit: usize| participant.results[visit].as_ref().and_then(|quantity| rule.number(quantity));
    let base = number(baseline).map(|number| number.value);
    let from = participant.baseline_from.unwrap_or(baseline);
    let record = |(at, visit): (usize, &crate::protocol::Visit)| {
        // A baseline that was taken from an earlier visit has its record there.
        if at == baseline && from != baseline {
            return None;
        }
        let reported = participant.results[at].as_ref()?;
        if matches!(reported, Quantity::NotReported { .. }) {
            return None;
        }
        let found: Option<Number> = number(at);
        let aval = found.map(|number| number.value);
        // A change is one after baseline; results of earlier visits have none.
        let pair = aval.zip(base).filter(|_| at > baseline);
        let change = |scale: ChangeScale| pair.and_then(|(aval, base)| scale.change(aval, base));
        let flag = |set: bool| set.then_some("Y");
        Some(AnalysisRecord {
            studyid: protocol.study.id.clone(),
            usubjid: participant.subject.clone(),
            trtp: participant.arm.clone(),
            strata1: participant.stratum.clone(),
            paramcd: protocol.study.paramcd.clone(),
            param: format!("{} ({})", protocol.study.analyte, protocol.study.unit),
            avisit: visit.name.clone(),
            avisitn: visit.week,
            aval,
            avalc: outside(reported),
            base: base.filter(|_| at >= from),
            chg: change(ChangeScale::Absolute),
            pchg: change(ChangeScale::Percent),
            r2base: pair.filter(|(_, base)| *base != 0.0).map(|(aval, base)| aval / base),
            ablfl: flag(at == from && aval.is_some()),
            anl01fl: flag(at >= from && aval.is_some() && base.is_some()),
            dtype: found.and_then(|number| number.derivation),
            simulated: protocol.study.simulated,
        })
    };
    trial.visits.iter().enumerate().filter_map(record).collect()
}

/// A result outside a limit with all digits of the limit: `<31.25` and `<31.2500001` stand for different numbers.
fn outside(quantity: &Quantity) -> Option<String> {
    match quantity {
        Quantity::BelowLloq { limit } => Some(format!("<{limit}")),
        Quantity::AboveUloq { limit } => Some(format!(">{limit}")),
        _ => None,
    }
}
