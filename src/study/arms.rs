//! The list of arms, and how it fits the results.

use std::collections::{BTreeMap, BTreeSet};

use crate::sheet::{Location, Problem, Problems, Sheet, Table};

use super::result::{Allocation, JoinReport, SubjectVisit};

/// Reads `arms.csv`: columns `subject`, `arm` and, where the randomisation was stratified, `stratum`.
///
/// # Errors
/// Every field that is empty and every subject that stands twice, with its line and what the first line says.
pub fn read_arms(sheet: &Sheet) -> Result<Vec<Allocation>, Problems> {
    let table = Table::new(sheet, &["subject", "arm"], &["stratum"])?;
    let stratified = table.has("stratum");
    let mut problems = Problems::default();
    let mut allocations: Vec<Allocation> = Vec::new();
    let mut seen: BTreeMap<String, (Location, Allocation)> = BTreeMap::new();
    for record in table.records() {
        for column in ["subject", "arm", "stratum"] {
            if record.text(column).is_empty() && (column != "stratum" || stratified) {
                problems.push(
                    Problem::new(record.location(column), format!("the column '{column}' is empty"))
                        .expected(format!("a {column} for every subject")),
                );
            }
        }
        let stratum = stratified.then(|| record.text("stratum"));
        let allocation = Allocation { subject: record.text("subject"), arm: record.text("arm"), stratum };
        if allocation.subject.is_empty() {
            continue;
        }
        if let Some((place, first)) = seen.get(&allocation.subject) {
            problems.push(twice(record.location("subject"), place, first, &allocation));
        } else {
            seen.insert(allocation.subject.clone(), (record.location("subject"), allocation.clone()));
            allocations.push(allocation);
        }
    }
    problems.or(allocations)
}

fn twice(here: Location, place: &Location, first: &Allocation, second: &Allocation) -> Problem {
    if first == second {
        Problem::new(here, format!("subject '{}' is there twice, first at {place}", second.subject))
            .advice("Remove one of the two lines")
    } else {
        let what = |allocation: &Allocation| {
            let stratum = allocation.stratum.as_ref().map(|name| format!(", stratum '{name}'")).unwrap_or_default();
            format!("arm '{}'{stratum}", allocation.arm)
        };
        let found =
            format!("subject '{}' is in {} here and in {} at {place}", second.subject, what(second), what(first));
        Problem::new(here, found).expected("one arm for a subject").advice("Ask who keeps the randomisation list")
    }
}

/// How results and arms fit together.
pub fn join(visits: &[SubjectVisit], arms: &[Allocation]) -> JoinReport {
    let allocated: BTreeSet<&str> = arms.iter().map(|allocation| allocation.subject.as_str()).collect();
    let measured: BTreeSet<&str> = visits.iter().map(|visit| visit.subject.as_str()).collect();
    let absent = |subjects: &BTreeSet<&str>, from: &BTreeSet<&str>| -> Vec<String> {
        subjects.difference(from).map(ToString::to_string).collect()
    };
    let without_arm = absent(&measured, &allocated);
    let without_results = absent(&allocated, &measured);
    let conflicting = without_arm
        .iter()
        .flat_map(|a| without_results.iter().filter(|b| plain(a) == plain(b)).map(|b| [a.clone(), b.clone()]))
        .collect();
    JoinReport { matched: measured.len() - without_arm.len(), without_arm, without_results, conflicting }
}

/// A subject's name as a hasty reader sees it.
fn plain(subject: &str) -> String {
    subject.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
