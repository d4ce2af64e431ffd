//! How the list of results and the list of arms fit together.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::allocation::Allocation;
use super::exclusion::ExclusionRule;
use super::subject_visit::SubjectVisit;
use crate::sheet::mistakes::slip;
use crate::sheet::{Code, Location, Problem};

/// How the list of results and the list of arms fit together. Nothing is dropped without standing here.
///
/// ```
/// use platewise::concentration::{Quantity, quantity::NotReported};
/// use platewise::study::{Allocation, JoinReport, SubjectVisit, join::join};
///
/// let quantity = Quantity::NotReported { reason: NotReported::Saturated };
/// let visits = ["S1", "S-2"].map(|subject| SubjectVisit::new(subject, "Baseline", 0.0, quantity.clone()));
/// let arms = ["S1", "s2", "S3"].map(|subject| Allocation { subject: subject.into(), arm: "active".into(), stratum: None, age: None, covariates: Vec::new() });
/// let found: JoinReport = join(&visits, &arms, &[]);
/// assert_eq!((found.matched, found.without_arm, found.without_results), (1, vec!["S-2".into()], vec!["S3".into(), "s2".into()]));
/// assert_eq!(found.conflicting, [["S-2".to_string(), "s2".to_string()]]);
/// assert_eq!(found.subjects[0].status, "no arm");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JoinReport {
    /// Number of subjects with an arm and a result.
    pub matched: usize,
    /// Subjects with results who are in no arm; they are in no comparison.
    pub without_arm: Vec<String>,
    /// Subjects of an arm without any result; they count as randomised.
    pub without_results: Vec<String>,
    /// Pairs, one from each of the two lists above, whose letters and digits are the same but for case: most likely one subject
    /// written in two ways.
    pub conflicting: Vec<[String; 2]>,
    /// Subjects whom the list of arms says not to be randomised, by the words of the study.
    pub not_randomised: Vec<String>,
    /// Subjects with analysed results of more than one matrix, which the study allows.
    pub mixed_matrices: Vec<String>,
    /// Subjects with analysed results of more than one kit lot, which the study allows.
    pub mixed_kit_lots: Vec<String>,
    /// Every subject of either list, by name.
    pub subjects: Vec<JoinedSubject>,
}

/// A subject in the join of results and arms.
///
/// See [`JoinReport`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinedSubject {
    /// The subject.
    pub subject: String,
    /// The arm; `None` where there is none.
    pub arm: Option<String>,
    /// `matched`, `no arm`, `no results` or `not randomised`.
    pub status: &'static str,
    /// The name in the other list that is probably the same subject's.
    pub conflicts_with: Option<String>,
    /// Results, of which some may be excluded.
    pub results: usize,
    /// Of these, excluded from every analysis.
    pub excluded: usize,
    /// The matrices of the samples.
    pub matrices: Vec<String>,
    /// The kit lots of their plates.
    pub kit_lots: Vec<String>,
}

impl JoinReport {
    /// Everything that found no partner, as problems of the file `list` of the arms.
    pub fn problems(&self, list: &str) -> Vec<Problem> {
        let at = || Location::file(list);
        let without_arm = self.without_arm.iter().map(|subject| {
            Problem::new(
                Code::new("subject-without-arm"),
                at(),
                format!("no arm for the subject '{subject}', who has results"),
            )
            .expected("every subject with results")
            .advice("Until then the subject is in no comparison")
        });
        let without_results = self.without_results.iter().map(|subject| {
            Problem::new(
                Code::new("subject-without-result"),
                at(),
                format!("the subject '{subject}' has an arm but no result"),
            )
        });
        let conflicting = self.conflicting.iter().map(|[one, other]| {
            Problem::new(
                Code::new("subjects-written-two-ways"),
                at(),
                format!("'{one}' and '{other}' are probably one subject, written in two ways"),
            )
            .advice(slip(one, other).map_or_else(|| "Write it in one way".into(), |slip| format!("Probably {slip}")))
        });
        let mixed = |code: Code, subjects: &[String], what: &str| {
            let first: Vec<&str> = subjects.iter().take(3).map(String::as_str).collect();
            let more = if subjects.len() > first.len() { " …" } else { "" };
            let found =
                format!("{} subjects have results of more than one {what}: {}{more}", subjects.len(), first.join(", "));
            (!subjects.is_empty()).then(|| {
                Problem::new(code, Location::file("join.csv"), found).advice("The study allows it: see [records]")
            })
        };
        let mixed = [
            mixed(Code::new("subjects-of-two-matrices"), &self.mixed_matrices, "matrix"),
            mixed(Code::new("subjects-of-two-kit-lots"), &self.mixed_kit_lots, "kit lot"),
        ];
        without_arm.chain(without_results).chain(conflicting).chain(mixed.into_iter().flatten()).collect()
    }
}

/// How results and arms fit together; `not_randomised` are the words for subjects without an arm.
pub fn join(visits: &[SubjectVisit], arms: &[Allocation], not_randomised: &[String]) -> JoinReport {
    // A sample that was not measured gives its subject no result.
    let not_measured =
        |visit: &SubjectVisit| visit.excluded.as_ref().is_some_and(|why| why.rule == ExclusionRule::NotMeasured);
    let visits: Vec<&SubjectVisit> = visits.iter().filter(|visit| !not_measured(visit)).collect();
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
        .flat_map(|a| {
            without_results
                .iter()
                .filter(|b| plain(a) == plain(b) || slip(a, b).is_some())
                .map(|b| [a.clone(), b.clone()])
        })
        .collect();
    let subjects: Vec<JoinedSubject> = allocated
        .union(&measured)
        .map(|subject| {
            let allocation = arms.iter().find(|allocation| allocation.subject == **subject);
            joined(subject, &visits, allocation, outside.contains(subject), &conflicting)
        })
        .collect();
    let mixed = |of: fn(&JoinedSubject) -> usize| -> Vec<String> {
        let analysed = |subject: &&JoinedSubject| subject.status == "matched" && subject.excluded < subject.results;
        let mixed = subjects.iter().filter(analysed).filter(|subject| of(subject) > 1);
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
    visits: &[&SubjectVisit],
    allocation: Option<&Allocation>,
    outside: bool,
    conflicting: &[[String; 2]],
) -> JoinedSubject {
    let own: Vec<&SubjectVisit> = visits.iter().copied().filter(|visit| visit.subject == subject).collect();
    let each = |of: fn(&SubjectVisit) -> Option<&String>| -> Vec<String> {
        // Of somebody whose results are all left out, those: they may be why.
        let all_left_out = own.iter().all(|visit| visit.excluded.is_some());
        let analysed = own.iter().filter(|visit| all_left_out || visit.excluded.is_none());
        // `Serum` and `serum` are one, as for the rules of mixed samples; the first way of writing it stands for both.
        let mut names: BTreeMap<String, &String> = BTreeMap::new();
        for name in analysed.filter_map(|visit| of(visit)) {
            names.entry(name.to_ascii_lowercase()).or_insert(name);
        }
        names.into_values().cloned().collect()
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
