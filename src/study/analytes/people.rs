//! Who stands behind the answers of several analytes: participants with results of one and none of another, and samples that two lists
//! give to different people.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::analyte_data::AnalyteData;
use crate::sheet::{Code, Location, Problem};
use crate::study::SubjectVisit;

/// Who has results of which analyte.
///
/// See [`OverAnalytes`](super::OverAnalytes) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnalyteParticipant {
    /// The subject.
    pub subject: String,
    /// The arm; `None` where there is none.
    pub arm: Option<String>,
    /// For each analyte that was compared, its code and how results and arm were joined there: `matched`, `no results` …
    pub status: Vec<(String, &'static str)>,
}

/// Every participant of any analyte that was compared, by name.
pub(super) fn participants(analytes: &[AnalyteData<'_>]) -> Vec<AnalyteParticipant> {
    let mut found: BTreeMap<&str, AnalyteParticipant> = BTreeMap::new();
    for of in analytes {
        let Ok(comparison) = of.compared else { continue };
        for joined in &comparison.join.subjects {
            let one = found.entry(&joined.subject).or_insert_with(|| AnalyteParticipant {
                subject: joined.subject.clone(),
                arm: joined.arm.clone(),
                status: Vec::new(),
            });
            one.status.push((of.settings.paramcd.clone(), joined.status));
        }
    }
    let mut participants: Vec<AnalyteParticipant> = found.into_values().collect();
    // A subject whom only another analyte knows has no results of this one.
    let codes: Vec<&String> = analytes.iter().filter(|of| of.compared.is_ok()).map(|of| &of.settings.paramcd).collect();
    for one in &mut participants {
        let status = |code: &&String| {
            let known = one.status.iter().find(|(of, _)| of == *code).map_or("no results", |(_, status)| status);
            ((*code).clone(), known)
        };
        one.status = codes.iter().map(status).collect();
    }
    participants
}

/// Participants with results of one analyte and none of another.
pub(super) fn not_in_all(participants: &[AnalyteParticipant]) -> Vec<Problem> {
    let mut lacking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in participants.iter().filter(|one| one.status.iter().any(|(_, status)| has_results(status))) {
        for (code, _) in one.status.iter().filter(|(_, status)| !has_results(status)) {
            lacking.entry(code).or_default().push(&one.subject);
        }
    }
    let problem = |(code, subjects): (&str, Vec<&str>)| {
        let found = format!(
            "{} with results of another analyte and none of {code}: {}",
            if subjects.len() == 1 { "1 participant".into() } else { format!("{} participants", subjects.len()) },
            first(&subjects)
        );
        Problem::new(Code::new("participants-not-in-all-analytes"), Location::file("participants.csv"), found)
            .advice("The analytes are not answered by the same people; say why in the report")
    };
    lacking.into_iter().map(problem).collect()
}

fn has_results(status: &str) -> bool {
    matches!(status, "matched" | "no arm")
}

/// Samples of one name that the lists of two analytes say to be of different people, visits or days.
pub(super) fn contradicting_samples(analytes: &[AnalyteData<'_>]) -> Vec<Problem> {
    let mut known: BTreeMap<&str, (&str, &SubjectVisit)> = BTreeMap::new();
    let mut said: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for of in analytes {
        for visit in of.visits.iter().filter(|visit| !visit.sample.is_empty() && visit.carried_from.is_none()) {
            let (folder, other) = known.entry(&visit.sample).or_insert((of.folder, visit));
            let days = matches!((visit.day, other.day), (Some(one), Some(other)) if one != other);
            if visit.subject == other.subject && visit.visit == other.visit && !days {
                continue;
            }
            let of_whom = |visit: &SubjectVisit| {
                let day = visit.day.map(|day| format!(", day {day}")).unwrap_or_default();
                format!("{}, {}{day}", visit.subject, visit.visit)
            };
            let words = format!("'{}' ({} there, {} here)", visit.sample, of_whom(other), of_whom(visit));
            said.entry((*folder, of.folder)).or_default().insert(words);
        }
    }
    let problem = |((there, here), samples): ((&str, &str), BTreeSet<String>)| {
        let samples: Vec<&str> = samples.iter().map(String::as_str).collect();
        let found = format!(
            "the lists of samples of '{there}' and '{here}' say different things of {} of one name: {}",
            if samples.len() == 1 { "1 sample".into() } else { format!("{} samples", samples.len()) },
            first(&samples)
        );
        Problem::new(Code::new("analytes-contradict-on-sample"), Location::file(format!("{here}/samples.csv")), found)
            .expected("one sample of one participant at one visit")
            .advice("Correct the wrong list; where the laboratories number by themselves, it may be nothing")
    };
    said.into_iter().map(problem).collect()
}

/// The first few of a list.
fn first(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!("{}{more}", names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "))
}
