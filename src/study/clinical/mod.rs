//! What the clinic measured, beside the analyte: the change of each measure and its responders in the arms, and how it goes together
//! with the change of the analyte. The list is opened with the list of arms and not before.
//!
//! ```
//! use platewise::concentration::{Quantity, quantity::Estimate};
//! use platewise::sheet::Book;
//! use platewise::study::clinical::{Clinical, ClinicalValue, MeasureChange, MeasureCorrelation, MeasureResponders, clinical, read_clinical};
//! use platewise::study::trial_data::TrialData;
//! use platewise::study::{Allocation, SubjectVisit};
//!
//! let protocol = platewise::protocol::parse(
//!     r#"
//!     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
//!     method = { name = "ELISA", version = "1" }
//!     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
//!     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
//!     clinical = { list = "clinical.csv" }
//!     measure = [{ name = "EASI", responder_fall_percent = [75] }]
//!     "#,
//! )?;
//! let (mut visits, mut arms, mut list) = (Vec::new(), Vec::new(), String::from("subject,week,measure,value\n"));
//! for i in 0..12 {
//!     let subject = format!("S{i:02}");
//!     let fall = [0.2, 0.25, 0.6, 0.9, 0.4, 0.7, 0.9, 0.24, 1.1, 0.8, 0.9, 1.0][i];
//!     for (visit, week, share) in [("Baseline", 0.0, 1.0), ("Week 16", 16.0, fall)] {
//!         let value = 1000.0 * share * (1.0 + 0.02 * (i * 5 % 7) as f64);
//!         let quantity = Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
//!         visits.push(SubjectVisit::new(&subject, visit, week, quantity));
//!         let easi = (20 + i % 6) as f64 * if i == 5 && week > 0.0 { 0.55 } else { share };
//!         list += &format!("{subject},{week},EASI,{easi}\n");
//!     }
//!     let arm = if i < 6 { "active" } else { "placebo" };
//!     arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
//! }
//! let book = Book::from_bytes(list.as_bytes(), "clinical.csv")?;
//! let values: Vec<ClinicalValue> = read_clinical(&book.sheets[0])?;
//! let trial = TrialData::of_study(&protocol, &visits, &arms);
//! let found: Clinical = clinical(&values, &trial, &protocol)?.unwrap();
//! let easi75: &MeasureResponders = &found.responders[1];
//! assert_eq!((easi75.name.as_str(), easi75.counted.responders, easi75.counted.n), ("EASI-75", [2, 1], [6, 6]));
//! let change: &MeasureChange = &found.changes[0];
//! assert!(change.difference.is_some_and(|difference| difference.estimate < 0.0));
//! // Within the active arm both fall together.
//! let spearman: &MeasureCorrelation = &found.correlations[0];
//! assert!(spearman.r.is_some_and(|r| r.estimate > 0.9) && spearman.arm.as_deref() == Some("active"));
//! # Ok::<(), platewise::sheet::Problems>(())
//! ```

mod change;
mod correlate;
mod result;
mod measure_data;
mod read;
mod responders;

use std::collections::BTreeMap;

pub use change::MeasureChange;
pub use correlate::{ChangePair, CorrelationMethod, MeasureCorrelation};
pub use read::{ClinicalValue, read_clinical};
pub use responders::MeasureResponders;
pub use result::Clinical;

use measure_data::{MeasureData, MeasureValues};

use super::coverage_warning::of_clinical;
use super::trial_data::TrialData;
use crate::protocol::{ClinicalSettings, Measure, Protocol, Visit};
use crate::sheet::{Code, Problem, Problems};

/// Analyses the clinical measures that the study declares; `None` where it declares none, or has no baseline or end point.
///
/// # Errors
/// Values of a measure that is analysed at a week that is no visit's, and two values for one subject and week.
pub fn clinical(
    values: &[ClinicalValue],
    trial: &TrialData,
    protocol: &Protocol,
) -> Result<Option<Clinical>, Problems> {
    let Some(settings) = &protocol.trial.clinical else { return Ok(None) };
    let (Some(baseline), Some(endpoint)) = (trial.baseline(), trial.endpoint()) else { return Ok(None) };
    let mut found = Clinical {
        changes: Vec::new(),
        responders: Vec::new(),
        correlations: Vec::new(),
        pairs: Vec::new(),
        warnings: unused(values, trial, settings),
    };
    let mut problems = Problems::default();
    for measure in &settings.measures {
        let by_subject = match of_measure(values, measure, &trial.visits) {
            Ok(by_subject) => by_subject,
            Err(wrong) => {
                problems.extend(wrong.0);
                continue;
            }
        };
        let of = MeasureData { measure, values: &by_subject, trial, protocol, baseline, endpoint };
        if measure.change {
            found.changes.extend(of.changes());
        }
        found.responders.extend(of.responders());
        if measure.correlation {
            let (correlations, pairs) = of.correlations();
            found.correlations.extend(correlations);
            found.pairs.extend(pairs);
        }
    }
    found.warnings.extend(of_clinical(&found, protocol));
    problems.or(Some(found))
}

/// The values of a measure by subject and visit, by its week.
fn of_measure(values: &[ClinicalValue], measure: &Measure, visits: &[Visit]) -> Result<MeasureValues, Problems> {
    let mut problems = Problems::default();
    let mut found: MeasureValues = BTreeMap::new();
    let mut seen: BTreeMap<(&str, usize), &ClinicalValue> = BTreeMap::new();
    for value in values.iter().filter(|value| value.measure == measure.name) {
        let Some(visit) = visits.iter().position(|visit| visit.week == value.week) else {
            let known: Vec<String> = visits.iter().map(|visit| visit.week.to_string()).collect();
            problems.push(
                Problem::new(
                    Code::new("clinical-week"),
                    value.location.clone(),
                    format!("{} of '{}' is of week {}", value.measure, value.subject, value.week),
                )
                .expected(format!("the week of a visit that study.toml declares: {}", known.join(", "))),
            );
            continue;
        };
        if let Some(first) = seen.insert((value.subject.as_str(), visit), value) {
            problems.push(
                Problem::new(
                    Code::new("clinical-value-twice"),
                    value.location.clone(),
                    format!(
                        "{} of '{}' at week {} appears twice, first at {}",
                        value.measure, value.subject, value.week, first.location
                    ),
                )
                .expected("one value for a subject, a week and a measure"),
            );
        }
        found.entry(value.subject.clone()).or_insert_with(|| vec![None; visits.len()])[visit] = value.value;
    }
    problems.or(found)
}

/// Measures that the study does not name, subjects who are in no arm, and measures without a value.
fn unused(values: &[ClinicalValue], trial: &TrialData, settings: &ClinicalSettings) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let mut others: BTreeMap<&str, (usize, &ClinicalValue)> = BTreeMap::new();
    let mut strangers: BTreeMap<&str, &ClinicalValue> = BTreeMap::new();
    let known: std::collections::BTreeSet<&str> = trial.participants.iter().map(|one| one.subject.as_str()).collect();
    for value in values {
        if settings.measures.iter().all(|measure| measure.name != value.measure) {
            others.entry(&value.measure).or_insert((0, value)).0 += 1;
        } else if !known.contains(value.subject.as_str()) {
            strangers.entry(&value.subject).or_insert(value);
        }
    }
    for (measure, (n, first)) in others {
        let not_used = if n == 1 { "1 value".to_string() } else { format!("{n} values") };
        let verb = if n == 1 { "is" } else { "are" };
        warnings.push(
            Problem::new(
                Code::new("clinical-measure-not-used"),
                first.location.clone(),
                format!("{not_used} of '{measure}' {verb} not used"),
            )
            .expected("a [[measure]] of that name in study.toml, or nothing"),
        );
    }
    for (subject, first) in strangers {
        warnings.push(Problem::new(
            Code::new("clinical-subject-without-arm"),
            first.location.clone(),
            format!("subject '{subject}' is in no arm, and not used"),
        ));
    }
    for measure in settings.measures.iter().filter(|measure| values.iter().all(|value| value.measure != measure.name)) {
        warnings.push(
            Problem::new(
                Code::new("clinical-measure-without-values"),
                crate::sheet::Location::file(settings.list.display().to_string()),
                format!("there is no value of the measure '{}'", measure.name),
            )
            .expected("the name as it stands in the column 'measure'"),
        );
    }
    warnings
}
