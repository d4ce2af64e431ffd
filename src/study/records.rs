//! The analysis dataset: ADaM's Basic Data Structure (ADaMIG 1.3), one record per participant and visit with a result.

use serde::Serialize;

use crate::concentration::Quantity;
use crate::protocol::Protocol;

use super::limits::{LimitRule, Number};
use super::numbers::{ChangeScale, is_below};
use super::subject_records::{arm_number, is_evaluable};
use super::subject_visit::SubjectVisit;
use super::trial_data::{Participant, TrialData};

/// One record of an analysis dataset, ADaM's Basic Data Structure: one subject at one visit. The variables are CDISC's.
///
/// ```
/// use platewise::concentration::{Quantity, quantity::Estimate, quantity::NotReported};
/// use platewise::study::{Allocation, AnalysisRecord, SubjectRecord, SubjectVisit, compare};
///
/// let protocol = platewise::protocol::parse(
///     r#"
///     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
///     method = { name = "ELISA", version = "1" }
///     analysis = { responder_level = 450 }
///     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
///     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
///     "#,
/// )?;
/// let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
/// let missing = Quantity::NotReported { reason: NotReported::Missing };
/// let mut visits = Vec::new();
/// for (subject, base, end) in [("S1", 900.0, number(380.0)), ("S2", 700.0, missing), ("S3", 400.0, number(800.0))] {
///     visits.push(SubjectVisit { day: Some(1), ..SubjectVisit::new(subject, "Baseline", 0.0, number(base)) });
///     visits.push(SubjectVisit { day: Some(113), ..SubjectVisit::new(subject, "Week 16", 16.0, end) });
/// }
/// let arm = |subject: &str, arm: &str| Allocation { subject: subject.into(), arm: arm.into(), stratum: None, age: None, covariates: Vec::new() };
/// let found = compare(&visits, &[arm("S1", "active"), arm("S2", "active"), arm("S3", "placebo")], &protocol)?;
/// let records: &[AnalysisRecord] = &found.records;
/// assert_eq!((records[1].ady, records[1].chg, records[1].anrind), (Some(113), Some(-520.0), Some("NORMAL")));
/// // What was not reported stays, without a value or a flag, and with its reason.
/// assert_eq!((records[3].aval, records[3].anl01fl), (None, None));
/// assert!(records[3].exclreas.as_deref().is_some_and(|why| why.starts_with("not reported")));
/// let subjects: Vec<(usize, bool)> = found.subjects.iter().map(|one: &SubjectRecord| (one.arm_number, one.evaluable)).collect();
/// assert_eq!(subjects, [(2, true), (2, false), (1, true)]);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub struct AnalysisRecord {
    /// Identifier of the study.
    pub studyid: String,
    /// The subject.
    pub usubjid: String,
    /// Planned treatment: the arm.
    pub trtp: String,
    /// Number of the arm: 1 for the reference arm, the others by name from 2.
    pub trtpn: usize,
    /// Whether baseline and end point have a result that the analysis takes.
    #[serde(rename = "EVALFL")]
    pub evaluable: bool,
    /// Age in years at the randomisation.
    pub age: Option<f64>,
    /// Stratum of the randomisation.
    pub strata1: Option<String>,
    /// Code of the parameter.
    pub paramcd: String,
    /// The parameter with its unit.
    pub param: String,
    /// Its number: 1 where there is one.
    #[serde(skip)]
    pub paramn: usize,
    /// The visit.
    pub avisit: String,
    /// Its week.
    pub avisitn: f64,
    /// Study day of collection.
    pub ady: Option<i32>,
    /// The sample.
    pub lbrefid: String,
    /// The plate of the result.
    pub plate: Option<String>,
    /// The kit lot of the plate.
    pub kit_lot: Option<String>,
    /// LLOQ and ULOQ of the sample's dilution on its plate.
    pub limits: Option<[f64; 2]>,
    /// The level that the study declares for responders of this age.
    pub anrhi: Option<f64>,
    /// Whether the result is below it (`NORMAL`) or not (`HIGH`).
    pub anrind: Option<&'static str>,
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
    /// Why the record is in no analysis, where a rule of the study leaves it out or the result was not reported; its flags are empty then.
    pub exclreas: Option<String>,
    /// Whether the data are simulated.
    #[serde(rename = "SIMULFL")]
    pub simulated: bool,
}

/// The records of every participant, by participant and visit: one for each sample. A result that was not reported, or that a rule of the
/// study leaves out, stays, with its flags empty and its reason.
pub fn records(
    trial: &TrialData,
    results: &[SubjectVisit],
    rule: LimitRule,
    protocol: &Protocol,
) -> Vec<AnalysisRecord> {
    let Some(baseline) = trial.baseline() else { return Vec::new() };
    let of_each = |participant: &Participant| {
        let own: Vec<&SubjectVisit> = results.iter().filter(|result| result.subject == participant.subject).collect();
        let mut records = of_participant(trial, participant, baseline, &own, rule, protocol);
        let left_out = own.iter().filter_map(|result| left_out(trial, participant, result, rule, protocol));
        records.extend(left_out);
        // By week; at one visit the record that is analysed before those that are not.
        records.sort_by(|one, other| {
            one.avisitn.total_cmp(&other.avisitn).then(one.exclreas.is_some().cmp(&other.exclreas.is_some()))
        });
        records
    };
    trial.participants.iter().flat_map(of_each).collect()
}

/// The record of a result that a rule of the study leaves out, or that was not reported.
fn left_out(
    trial: &TrialData,
    participant: &Participant,
    result: &SubjectVisit,
    rule: LimitRule,
    protocol: &Protocol,
) -> Option<AnalysisRecord> {
    let why = match (&result.excluded, &result.quantity) {
        (Some(why), _) => why.reason.clone(),
        (None, Quantity::NotReported { reason }) => format!("not reported: {reason}"),
        (None, _) => return None,
    };
    let number = rule.number(&result.quantity);
    Some(AnalysisRecord {
        avisit: result.visit.clone(),
        avisitn: result.week,
        aval: number.map(|number| number.value),
        avalc: outside(&result.quantity),
        dtype: number.and_then(|number| number.derivation),
        exclreas: Some(why),
        ..of_sample(blank(trial, participant, rule, protocol), Some(result), &result.quantity)
    })
}

/// The record with what is known of the sample, and where its result lies to the level of the study.
fn of_sample(record: AnalysisRecord, sample: Option<&SubjectVisit>, reported: &Quantity) -> AnalysisRecord {
    let below = record.anrhi.and_then(|level| is_below(reported, level));
    AnalysisRecord {
        ady: sample.and_then(|sample| sample.day),
        lbrefid: sample.map(|sample| sample.sample.clone()).unwrap_or_default(),
        plate: sample.and_then(|sample| sample.plate.clone()),
        kit_lot: sample.and_then(|sample| sample.kit_lot.clone()),
        limits: sample.and_then(|sample| sample.limits),
        anrind: below.map(|below| if below { "NORMAL" } else { "HIGH" }),
        ..record
    }
}

/// A record of a participant without a result yet.
fn blank(trial: &TrialData, participant: &Participant, rule: LimitRule, protocol: &Protocol) -> AnalysisRecord {
    let study = &protocol.assay.study;
    AnalysisRecord {
        studyid: study.id.clone(),
        usubjid: participant.subject.clone(),
        trtp: participant.arm.clone(),
        trtpn: arm_number(trial, &participant.arm, protocol),
        evaluable: is_evaluable(trial, participant, rule),
        age: participant.age,
        strata1: participant.stratum.clone(),
        paramcd: study.paramcd.clone(),
        param: format!("{} ({})", study.analyte, study.unit),
        paramn: 1,
        avisit: String::new(),
        avisitn: 0.0,
        ady: None,
        lbrefid: String::new(),
        plate: None,
        kit_lot: None,
        limits: None,
        anrhi: protocol.trial.analysis.responder_levels.as_ref().and_then(|levels| levels.at(participant.age)),
        anrind: None,
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
    trial: &TrialData,
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
            aval,
            avalc: outside(reported),
            base: base.filter(|_| at >= from),
            chg: change(ChangeScale::Absolute),
            pchg: change(ChangeScale::Percent),
            r2base: pair.filter(|(_, base)| *base != 0.0).map(|(aval, base)| aval / base),
            ablfl: flag(at == from && aval.is_some()),
            anl01fl: flag(at >= from && aval.is_some() && base.is_some()),
            dtype: if participant.carried[at] { Some("LOCF") } else { found.and_then(|number| number.derivation) },
            ..of_sample(blank(trial, participant, rule, protocol), sample(&visit.name).copied(), reported)
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
