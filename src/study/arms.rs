//! The list of arms.

use std::collections::BTreeMap;

use crate::sheet::{Location, Problem, Problems, Sheet, Table};

use super::result::Allocation;

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
