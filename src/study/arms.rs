//! The list of arms, and how it fits the results.

use std::collections::{BTreeMap, BTreeSet};

use crate::sheet::{Location, Problem, Problems, Sheet, Table};

use super::result::{Allocation, JoinReport, JoinedSubject, SubjectVisit};

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

/// How results and arms fit together; `not_randomised` are the words for subjects without an arm.
pub fn join(visits: &[SubjectVisit], arms: &[Allocation], not_randomised: &[String]) -> JoinReport {
    let allocated: BTreeSet<&str> = arms.iter().map(|allocation| allocation.subject.as_str()).collect();
    let measured: BTreeSet<&str> = visits.iter().map(|visit| visit.subject.as_str()).collect();
    let absent = |subjects: &BTreeSet<&str>, from: &BTreeSet<&str>| -> Vec<String> {
        subjects.difference(from).map(ToString::to_string).collect()
    };
    let is_randomised = |allocation: &&Allocation| !not_randomised.contains(&allocation.arm);
    let outside: BTreeSet<&str> =
        arms.iter().filter(|one| !is_randomised(one)).map(|allocation| allocation.subject.as_str()).collect();
    let without_arm = absent(&measured, &allocated);
    let without_results: Vec<String> =
        absent(&allocated, &measured).into_iter().filter(|subject| !outside.contains(subject.as_str())).collect();
    let conflicting: Vec<[String; 2]> = without_arm
        .iter()
        .flat_map(|a| without_results.iter().filter(|b| plain(a) == plain(b)).map(|b| [a.clone(), b.clone()]))
        .collect();
    let subjects: Vec<JoinedSubject> = allocated
        .union(&measured)
        .map(|subject| {
            let allocation = arms.iter().find(|allocation| allocation.subject == **subject);
            joined(subject, visits, allocation, outside.contains(subject), &conflicting)
        })
        .collect();
    let mixed = |of: fn(&JoinedSubject) -> usize| -> Vec<String> {
        let mixed = subjects.iter().filter(|subject| subject.status == "matched" && of(subject) > 1);
        mixed.map(|subject| subject.subject.clone()).collect()
    };
    JoinReport {
        matched: subjects.iter().filter(|subject| subject.status == "matched").count(),
        mixed_matrices: mixed(|subject| subject.matrices.len()),
        mixed_kit_lots: mixed(|subject| subject.kit_lots.len()),
        not_randomised: outside.iter().map(ToString::to_string).collect(),
        without_arm,
        without_results,
        conflicting,
        subjects,
    }
}

fn joined(
    subject: &str,
    visits: &[SubjectVisit],
    allocation: Option<&Allocation>,
    outside: bool,
    conflicting: &[[String; 2]],
) -> JoinedSubject {
    let own: Vec<&SubjectVisit> = visits.iter().filter(|visit| visit.subject == subject).collect();
    let each = |of: fn(&SubjectVisit) -> Option<&String>| -> Vec<String> {
        let analysed = own.iter().filter(|visit| visit.excluded.is_none());
        let names: BTreeSet<&String> = analysed.filter_map(|visit| of(visit)).collect();
        names.into_iter().cloned().collect()
    };
    let status = match (allocation, own.is_empty()) {
        _ if outside => "not randomised",
        (None, _) => "no arm",
        (Some(_), true) => "no results",
        (Some(_), false) => "matched",
    };
    let conflicts_with = conflicting.iter().find_map(|[one, other]| match subject {
        subject if subject == one => Some(other.clone()),
        subject if subject == other => Some(one.clone()),
        _ => None,
    });
    JoinedSubject {
        subject: subject.to_string(),
        arm: allocation.map(|allocation| allocation.arm.clone()),
        status,
        conflicts_with,
        results: own.len(),
        excluded: own.iter().filter(|visit| visit.excluded.is_some()).count(),
        matrices: each(|visit| visit.matrix.as_ref()),
        kit_lots: each(|visit| visit.kit_lot.as_ref()),
    }
}

/// A subject's name as a hasty reader sees it.
fn plain(subject: &str) -> String {
    subject.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
