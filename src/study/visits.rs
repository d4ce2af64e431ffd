//! Which subject and visit a result belongs to.

use std::collections::BTreeMap;

use crate::plate::{Sample, SampleList};
use crate::protocol::{Protocol, Visit};
use crate::reportable::ReportableResult;
use crate::sheet::mistakes::{changed_by_spreadsheet, differ_in_one_sign};
use crate::sheet::{Location, Problem, Problems};

use super::result::SubjectVisit;

/// Joins every result to its subject and visit, in the order of subjects and weeks.
///
/// # Errors
/// All of these at once: a result without a sample in the list, a visit that the study does not declare, two results for one
/// subject and visit, a subject with samples of two matrices (serum and plasma levels of TARC are not comparable).
pub fn subject_visits(
    results: &[ReportableResult],
    samples: &SampleList,
    protocol: &Protocol,
) -> Result<Vec<SubjectVisit>, Problems> {
    let mut problems = Problems::default();
    let mut joined: Vec<(&Sample, SubjectVisit)> = Vec::with_capacity(results.len());
    for result in results {
        let Some(sample) = samples.get(&result.sample) else {
            let list = protocol.study.samples.display().to_string();
            problems.push(
                Problem::new(
                    Location::file(list),
                    format!("there is no sample '{}', which has a result", result.sample),
                )
                .advice(
                    near_miss(&result.sample, results, samples).unwrap_or("Add it, with its subject and visit".into()),
                ),
            );
            continue;
        };
        match protocol.visits.iter().find(|visit| visit.name == sample.visit) {
            Some(visit) => joined.push((sample, subject_visit(result, sample, visit))),
            None => problems.push(unknown_visit(sample, protocol)),
        }
    }
    problems.extend(duplicates(&joined));
    problems.extend(mixed_matrices(&joined));
    let mut visits: Vec<SubjectVisit> = joined.into_iter().map(|(_, visit)| visit).collect();
    visits.sort_by(|a, b| a.subject.cmp(&b.subject).then(a.week.total_cmp(&b.week)));
    problems.or(visits)
}

fn subject_visit(result: &ReportableResult, sample: &Sample, visit: &Visit) -> SubjectVisit {
    SubjectVisit {
        subject: sample.subject.clone(),
        visit: visit.name.clone(),
        week: visit.week,
        sample: sample.id.clone(),
        plate: result.plate.clone(),
        quantity: result.quantity.clone(),
    }
}

/// A sample of the list without a result that is nearly `name`, and what probably happened to it.
fn near_miss(name: &str, results: &[ReportableResult], samples: &SampleList) -> Option<String> {
    let unmeasured = || samples.iter().filter(|sample| results.iter().all(|result| result.sample != sample.id));
    unmeasured().find_map(|sample| {
        let what = changed_by_spreadsheet(name, &sample.id)?;
        let (id, at) = (&sample.id, &sample.location);
        Some(format!(
            "{at}, has '{id}': a spreadsheet program made {what} of the name. Give the column the format Text and write the name anew"
        ))
    })
    .or_else(|| {
        let sample = unmeasured().find(|sample| differ_in_one_sign(name, &sample.id))?;
        Some(format!("{}, has '{}', which has no result: is it the same?", sample.location, sample.id))
    })
}

fn unknown_visit(sample: &Sample, protocol: &Protocol) -> Problem {
    let known: Vec<&str> = protocol.visits.iter().map(|visit| visit.name.as_str()).collect();
    Problem::new(sample.location.clone(), format!("sample '{}' is of the visit '{}'", sample.id, sample.visit))
        .expected(format!("a visit of the study: {}", known.join(", ")))
        .advice("Correct the visit, or declare it in study.toml")
}

fn duplicates(joined: &[(&Sample, SubjectVisit)]) -> Vec<Problem> {
    let mut seen: BTreeMap<(&str, &str), &Sample> = BTreeMap::new();
    let mut problems = Vec::new();
    for (sample, visit) in joined {
        if let Some(first) = seen.insert((&visit.subject, &visit.visit), sample) {
            let found = format!(
                "subject '{}' has two results at '{}': samples '{}' ({}) and '{}'",
                visit.subject, visit.visit, first.id, first.location, sample.id
            );
            problems.push(
                Problem::new(sample.location.clone(), found)
                    .expected("one result for a subject and visit")
                    .advice("Give a repeated measurement the name of the first sample, or remove one of the two"),
            );
        }
    }
    problems
}

fn mixed_matrices(joined: &[(&Sample, SubjectVisit)]) -> Vec<Problem> {
    let mut first: BTreeMap<&str, (&Sample, &str)> = BTreeMap::new();
    let mut problems = Vec::new();
    for (sample, visit) in joined {
        let Some(matrix) = sample.matrix.as_deref() else { continue };
        let (other, known) = *first.entry(&visit.subject).or_insert((sample, matrix));
        if !known.eq_ignore_ascii_case(matrix) {
            let found = format!(
                "subject '{}' has samples of two matrices: '{}' is {matrix}, '{}' is {known}",
                visit.subject, sample.id, other.id
            );
            problems.push(
                Problem::new(sample.location.clone(), found).expected(
                    "one matrix within a subject: a change from serum to plasma is not a change of the patient",
                ),
            );
        }
    }
    problems
}
