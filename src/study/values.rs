//! A trial as a table of values: one row per subject and visit, for analysts who start there.

use std::collections::{BTreeMap, BTreeSet};

use crate::concentration::Quantity;
use crate::concentration::quantity::Estimate;
use crate::protocol::Visit;
use crate::sheet::table::Record;
use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Sheet, Table};

use super::allocation::Allocation;
use super::subject_visit::SubjectVisit;
use super::trial_data::TrialData;

/// Reads a table with the columns `usubjid`, `arm`, `week`, `value`, `blq`, `lloq` and, where there are strata, `stratum`.
///
/// The smallest week is the baseline, the largest the end point. An empty value with `blq` 1 is below `lloq`; with `blq` 0 it is
/// missing, as if the row were not there.
///
/// # Errors
/// Everything at once: values and limits that are not numbers, `blq` that is neither 0 nor 1, with `blq` 1 a value or no positive
/// limit, a subject twice at a week, in two arms or strata.
pub fn read_values(sheet: &Sheet) -> Result<TrialData, Problems> {
    let table = Table::new(sheet, &["usubjid", "arm", "week", "value", "blq", "lloq"], &["stratum"])?;
    let written = NumberNotation::of(sheet, table.texts(&["week", "value", "lloq"]))?;
    let mut problems = Problems::default();
    let mut subjects: BTreeMap<String, (Location, Allocation)> = BTreeMap::new();
    let mut seen: BTreeMap<(String, String), Location> = BTreeMap::new();
    let mut results: Vec<SubjectVisit> = Vec::new();
    let mut weeks: Vec<f64> = Vec::new();
    for record in table.records() {
        let Some((allocation, week)) = subject_and_week(&table, &record, written, &mut problems) else { continue };
        check_subject(&record, &allocation, &mut subjects, &mut problems);
        let visit = visit_name(week);
        let here = record.location("week");
        if let Some(first) = seen.insert((allocation.subject.clone(), visit.clone()), here.clone()) {
            let found = format!("subject '{}' appears twice at week {week}, first at {first}", allocation.subject);
            problems.push(
                Problem::new(Code::new("values-row-twice"), here, found).expected("one row for a subject and week"),
            );
        }
        weeks.push(week);
        match quantity(&record, written) {
            Ok(None) => {}
            Ok(Some(quantity)) => results.push(SubjectVisit::new(&allocation.subject, &visit, week, quantity)),
            Err(problem) => problems.push(problem),
        }
    }
    if weeks.is_empty() && problems.0.is_empty() {
        problems.push(
            Problem::new(Code::new("values-none"), sheet.whole(), "there is a header, but no row")
                .expected("one row per subject and visit"),
        );
    }
    let arms: Vec<Allocation> = subjects.into_values().map(|(_, allocation)| allocation).collect();
    problems.or(TrialData::new(&visits(weeks), &results, &arms))
}

fn visit_name(week: f64) -> String {
    format!("Week {week}")
}

/// Each week once; the smallest is the baseline, the largest, if it is another, the end point.
fn visits(mut weeks: Vec<f64>) -> Vec<Visit> {
    weeks.sort_by(f64::total_cmp);
    weeks.dedup();
    let last = weeks.len().saturating_sub(1);
    let visit = |(i, week): (usize, f64)| Visit {
        name: visit_name(week),
        week,
        baseline: i == 0,
        endpoint: i == last && i > 0,
        window: None,
    };
    weeks.into_iter().enumerate().map(visit).collect()
}

fn subject_and_week(
    table: &Table<'_>,
    record: &Record<'_>,
    written: NumberNotation,
    problems: &mut Problems,
) -> Option<(Allocation, f64)> {
    let mut complete = true;
    for column in ["usubjid", "arm"] {
        if record.text(column).is_empty() {
            problems.push(Problem::new(
                Code::new("values-empty-cell"),
                record.location(column),
                format!("the column '{column}' is empty"),
            ));
            complete = false;
        }
        problems.extend(record.name(column).err());
    }
    let week = written.number(record.value("week"));
    if week.is_none() {
        let found = format!("'{}' is not a week", record.text("week"));
        let advice = written.advice(record.value("week"));
        problems.push(
            Problem::new(Code::new("values-week"), record.location("week"), found).expected("a number").advice(advice),
        );
    }
    let stratum = Some(record.text("stratum")).filter(|stratum| table.has("stratum") && !stratum.is_empty());
    let allocation = Allocation {
        subject: record.text("usubjid"),
        arm: record.text("arm"),
        stratum,
        age: None,
        covariates: Vec::new(),
    };
    week.filter(|_| complete).map(|week| (allocation, week + 0.0))
}

fn check_subject(
    record: &Record<'_>,
    allocation: &Allocation,
    subjects: &mut BTreeMap<String, (Location, Allocation)>,
    problems: &mut Problems,
) {
    let here = record.location("arm");
    let (place, first) =
        subjects.entry(allocation.subject.clone()).or_insert_with(|| (here.clone(), allocation.clone()));
    if first.arm != allocation.arm {
        let found = format!(
            "subject '{}' is in arm '{}' here and in '{}' at {place}",
            first.subject, allocation.arm, first.arm
        );
        problems
            .push(Problem::new(Code::new("values-arm-contradicted"), here, found).expected("one arm for a subject"));
    } else if first.stratum != allocation.stratum {
        let name = |stratum: &Option<String>| stratum.clone().unwrap_or_else(|| "none".to_string());
        let (here_stratum, there) = (name(&allocation.stratum), name(&first.stratum));
        let found =
            format!("subject '{}' is in stratum '{here_stratum}' here and in '{there}' at {place}", first.subject);
        problems.push(
            Problem::new(Code::new("values-stratum-contradicted"), record.location("stratum"), found)
                .expected("one stratum for a subject"),
        );
    }
}

fn quantity(record: &Record<'_>, written: NumberNotation) -> Result<Option<Quantity>, Problem> {
    let number = |column: &str| -> Result<Option<f64>, Problem> {
        let value = record.value(column);
        if value.is_empty() {
            return Ok(None);
        }
        let problem = || {
            Problem::new(
                Code::new("values-not-a-number"),
                record.location(column),
                format!("'{}' is not a {column}", value.text()),
            )
            .expected("a number, or nothing")
            .advice(written.advice(value))
        };
        written.number(value).map(Some).ok_or_else(problem)
    };
    let (value, lloq) = (number("value")?, number("lloq")?);
    let below = match record.text("blq").as_str() {
        "" | "0" => false,
        "1" => true,
        other => {
            let found = format!("'{other}' does not say whether the value is below its limit");
            return Err(Problem::new(Code::new("values-below-limit-mark"), record.location("blq"), found)
                .expected("1 (below) or 0"));
        }
    };
    match (below, value, lloq) {
        (true, None, Some(limit)) if limit > 0.0 => Ok(Some(Quantity::BelowLloq { limit })),
        (true, None, _) => Err(Problem::new(
            Code::new("values-limit-missing"),
            record.location("lloq"),
            "a value below its limit, but no positive limit",
        )
        .expected("the limit that it is below")),
        (true, Some(value), _) => Err(Problem::new(
            Code::new("values-value-and-mark"),
            record.location("value"),
            format!("the value {value} is there, and blq is 1"),
        )
        .expected("an empty value where blq is 1")),
        (false, value, _) => {
            Ok(value
                .map(|value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })))
        }
    }
}

/// The arm that is compared with `reference`.
///
/// # Errors
/// When nobody is in the reference arm, or the other arms are not exactly one.
pub fn other_arm<'a>(trial: &'a TrialData, reference: &str, file: &str) -> Result<&'a str, Problem> {
    let arms: BTreeSet<&str> = trial.arms().into_iter().collect();
    let list = || arms.iter().map(|arm| format!("'{arm}'")).collect::<Vec<_>>().join(", ");
    let others: Vec<&str> = arms.iter().copied().filter(|arm| *arm != reference).collect();
    match others[..] {
        [other] if arms.contains(reference) => Ok(other),
        _ => {
            let advice = if arms.contains(reference) && others.len() > 1 {
                "Give a table with two of the arms: each comparison is of two"
            } else {
                "Name the reference arm with --reference"
            };
            Err(Problem::new(Code::new("values-arms"), Location::file(file), format!("the arms are {}", list()))
                .expected(format!("'{reference}' and one other"))
                .advice(advice))
        }
    }
}
