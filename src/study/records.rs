//! The analysis dataset: ADaM's Basic Data Structure (ADaMIG 1.3), one record per participant and visit with a result.

use serde::Serialize;

use crate::concentration::Quantity;
use crate::protocol::Protocol;

use super::limits::{LimitRule, Number};
use super::numbers::ChangeScale;
use super::result::SubjectVisit;
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
    /// The sample.
    pub lbrefid: String,
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
    /// Why the record is in no analysis, where a rule of the study leaves it out; its flags are empty then.
    pub exclreas: Option<String>,
    /// Whether the data are simulated.
    #[serde(rename = "SIMULFL")]
    pub simulated: bool,
}

/// The records of every participant, by participant and visit. A visit whose result is missing or was not reported has none; a result
/// that a rule of the study leaves out stays, with its flags empty and its reason.
pub fn records(trial: &Trial, results: &[SubjectVisit], rule: LimitRule, protocol: &Protocol) -> Vec<AnalysisRecord> {
    let Some(baseline) = trial.baseline() else { return Vec::new() };
    let of_each = |participant: &Participant| {
        let own: Vec<&SubjectVisit> = results.iter().filter(|result| result.subject == participant.subject).collect();
        let mut records = of_participant(trial, participant, baseline, &own, rule, protocol);
        let left_out = own.iter().filter_map(|result| left_out(participant, result, rule, protocol));
        records.extend(left_out);
        // By week; at one visit the record that is analysed before those that are not.
        records.sort_by(|one, other| {
            one.avisitn.total_cmp(&other.avisitn).then(one.exclreas.is_some().cmp(&other.exclreas.is_some()))
        });
        records
    };
    trial.participants.iter().flat_map(of_each).collect()
}

/// The record of a result that a rule of the study leaves out.
fn left_out(
    participant: &Participant,
    result: &SubjectVisit,
    rule: LimitRule,
    protocol: &Protocol,
) -> Option<AnalysisRecord> {
    let why = result.excluded.as_ref()?;
    if matches!(result.quantity, Quantity::NotReported { .. }) {
        return None;
    }
    let number = rule.number(&result.quantity);
    Some(AnalysisRecord {
        avisit: result.visit.clone(),
        avisitn: result.week,
        lbrefid: result.sample.clone(),
        aval: number.map(|number| number.value),
        avalc: outside(&result.quantity),
        dtype: number.and_then(|number| number.derivation),
        exclreas: Some(why.reason.clone()),
        ..blank(participant, protocol)
    })
}

/// A record of a participant without a result yet.
fn blank(participant: &Participant, protocol: &Protocol) -> AnalysisRecord {
    let study = &protocol.assay.study;
    AnalysisRecord {
        studyid: study.id.clone(),
        usubjid: participant.subject.clone(),
        trtp: participant.arm.clone(),
        strata1: participant.stratum.clone(),
        paramcd: study.paramcd.clone(),
        param: format!("{} ({})", study.analyte, study.unit),
        avisit: String::new(),
        avisitn: 0.0,
        lbrefid: String::new(),
        aval: None,
        avalc: None,
        base: None,
        chg: None,
        pchg: None,
        r2base: None,
        ablfl: None,
        anl01fl: None,
        dtype: None,
        exclreas: None,
        simulated: study.simulated,
    }
}

fn of_participant(
    trial: &Trial,
    participant: &Participant,
    baseline: usize,
    own: &[&SubjectVisit],
    rule: LimitRule,
    protocol: &Protocol,
) -> Vec<AnalysisRecord> {
    let sample = |visit: &str| own.iter().find(|result| result.visit == visit && result.excluded.is_none());
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
            avisit: visit.name.clone(),
            avisitn: visit.week,
            lbrefid: sample(&visit.name).map(|result| result.sample.clone()).unwrap_or_default(),
            aval,
            avalc: outside(reported),
            base: base.filter(|_| at >= from),
            chg: change(ChangeScale::Absolute),
            pchg: change(ChangeScale::Percent),
            r2base: pair.filter(|(_, base)| *base != 0.0).map(|(aval, base)| aval / base),
            ablfl: flag(at == from && aval.is_some()),
            anl01fl: flag(at >= from && aval.is_some() && base.is_some()),
            dtype: if participant.carried[at] { Some("LOCF") } else { found.and_then(|number| number.derivation) },
            ..blank(participant, protocol)
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
