//! The analysis dataset: ADaM's Basic Data Structure (ADaMIG 1.3), one record per participant and visit with a result.

use serde::Serialize;

use crate::concentration::Quantity;
use crate::protocol::Protocol;

use super::limits::{LimitRule, Number};
use super::numbers::ChangeScale;
use super::trial::{Participant, Trial};

/// One record of an analysis dataset, ADaM's Basic Data Structure: one subject at one visit. The variables are CDISC's.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub struct AnalysisRecord {
    /// Identifier of the study.
    pub studyid: String,
    /// The subject.
    pub usubjid: String,
    /// Planned treatment: the arm.
    pub trtp: String,
    /// Stratum of the randomisation.
    pub strata1: Option<String>,
    /// Code of the parameter.
    pub paramcd: String,
    /// The parameter with its unit.
    pub param: String,
    /// The visit.
    pub avisit: String,
    /// Its week.
    pub avisitn: f64,
    /// The number that is analysed.
    pub aval: Option<f64>,
    /// The result as reported, where it is outside a limit; empty otherwise, so that AVAL and AVALC map one to one.
    pub avalc: Option<String>,
    /// AVAL of the baseline record.
    pub base: Option<f64>,
    /// AVAL − BASE; empty at baseline.
    pub chg: Option<f64>,
    /// 100 × CHG / BASE; empty at baseline.
    pub pchg: Option<f64>,
    /// AVAL / BASE; empty at baseline.
    pub r2base: Option<f64>,
    /// `Y` for the baseline record.
    pub ablfl: Option<&'static str>,
    /// `Y` for a record that an analysis of change can use: AVAL and BASE are there.
    pub anl01fl: Option<&'static str>,
    /// How AVAL was derived, where it was not measured: `HALFLLOQ`, `SQRT2LLOQ`, `LLOQ`, `ULOQ`.
    pub dtype: Option<&'static str>,
    /// Whether the data are simulated.
    #[serde(rename = "SIMULFL")]
    pub simulated: bool,
}

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
            studyid: protocol.assay.study.id.clone(),
            usubjid: participant.subject.clone(),
            trtp: participant.arm.clone(),
            strata1: participant.stratum.clone(),
            paramcd: protocol.assay.study.paramcd.clone(),
            param: format!("{} ({})", protocol.assay.study.analyte, protocol.assay.study.unit),
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
            simulated: protocol.assay.study.simulated,
        })
    };
    trial.visits.iter().enumerate().filter_map(record).collect()
}

/// A result outside a limit as AVALC, with all digits of the limit: `<31.25` and `<31.2500001` stand for different numbers. `None` for
/// any other.
pub fn outside(quantity: &Quantity) -> Option<String> {
    match quantity {
        Quantity::BelowLloq { limit } => Some(format!("<{limit}")),
        Quantity::AboveUloq { limit } => Some(format!(">{limit}")),
        _ => None,
    }
}
