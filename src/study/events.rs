//! Intercurrent events: what happened to participants after baseline, and what it does to their values by the strategy that the study
//! declares for it (ICH E9(R1), section A.3.2).
//!
//! A value is after an event when its sample was collected on a later day; without a day of collection the planned day of its visit counts.
//! Only values after baseline are touched. Of several events of a participant the earliest of each strategy counts; *hypothetical* goes before
//! *while on treatment*.
//!
//! ```
//! use platewise::concentration::{Quantity, quantity::Estimate};
//! use platewise::sheet::Book;
//! use platewise::study::events::{AfterEvents, EventCount, IntercurrentEvent, after_events, read_events};
//! use platewise::study::{Allocation, SubjectVisit};
//!
//! let protocol = platewise::protocol::parse(
//!     r#"
//!     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
//!     method = { name = "ELISA", version = "1" }
//!     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
//!     visit = [
//!         { name = "Baseline", week = 0, baseline = true },
//!         { name = "Week 8", week = 8 },
//!         { name = "Week 16", week = 16, endpoint = true },
//!     ]
//!     events = { list = "events.csv" }
//!     event = [{ name = "rescue", strategy = "hypothetical" }, { name = "stopped", strategy = "while-on-treatment" }]
//!     "#,
//! )?;
//! let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
//! let (mut visits, mut arms) = (Vec::new(), Vec::new());
//! for subject in ["S1", "S2"] {
//!     for (visit, week, value) in [("Baseline", 0.0, 900.0), ("Week 8", 8.0, 700.0), ("Week 16", 16.0, 300.0)] {
//!         visits.push(SubjectVisit::new(subject, visit, week, number(value)));
//!     }
//!     arms.push(Allocation { subject: subject.into(), arm: "active".into(), stratum: None, age: None, covariates: Vec::new() });
//! }
//! let book = Book::from_bytes(b"subject,day,event\nS1,70,rescue\nS2,70,stopped\n", "events.csv")?;
//! let events: Vec<IntercurrentEvent> = read_events(&book.sheets[0])?;
//! let found: AfterEvents = after_events(&visits, &events, &arms, &protocol)?;
//! let analysed: Vec<(&str, &str, String)> = found
//!     .visits
//!     .iter()
//!     .filter(|one| one.excluded.is_none() && one.week == 16.0)
//!     .map(|one| (one.subject.as_str(), one.visit.as_str(), one.quantity.to_string()))
//!     .collect();
//! assert_eq!(analysed, [("S2", "Week 16", "700".to_string())]); // carried on; that of S1 is missing
//! let rescue: &EventCount = &found.counts[0];
//! assert_eq!((rescue.participants, rescue.values), (1, 1));
//! # Ok::<(), platewise::sheet::Problems>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::allocation::Allocation;
use super::exclusion::{Exclusion, ExclusionRule};
use super::subject_visit::SubjectVisit;
use crate::concentration::Quantity;
use crate::protocol::{EventKind, EventStrategy, Protocol, Visit};
use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Sheet, Table};

/// One line of the list of events.
#[derive(Debug, Clone, PartialEq)]
pub struct IntercurrentEvent {
    /// The subject.
    pub subject: String,
    /// Study day: 1 is the first, there is no day 0.
    pub day: f64,
    /// Its kind.
    pub event: String,
    /// Where it stands.
    pub location: Location,
}

/// The results with the strategies applied.
#[derive(Debug, Clone)]
pub struct AfterEvents {
    /// The results: those that a strategy leaves out with their reason, and those that it carries on.
    pub visits: Vec<SubjectVisit>,
    /// How many participants had an event of each kind, and how many values it touched.
    pub counts: Vec<EventCount>,
    /// Events of nobody in the trial.
    pub warnings: Vec<Problem>,
}

/// The events of one kind in one arm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventCount {
    /// The kind.
    pub event: String,
    /// How the question takes it.
    pub strategy: EventStrategy,
    /// The arm.
    pub arm: String,
    /// Participants of the arm with such an event.
    pub participants: usize,
    /// Of their values after baseline, those after the event.
    pub values: usize,
}

/// Reads a table with the columns `subject`, `day`, `event`.
///
/// # Errors
/// All of these at once: empty subjects and events, days that are no whole study days.
pub fn read_events(sheet: &Sheet) -> Result<Vec<IntercurrentEvent>, Problems> {
    let table = Table::new(sheet, &["subject", "day", "event"], &[])?;
    let written = NumberNotation::of(sheet, table.texts(&["day"]))?;
    let mut problems = Problems::default();
    let mut events = Vec::new();
    for record in table.records() {
        for column in ["subject", "event"] {
            if record.text(column).is_empty() {
                problems.push(
                    Problem::new(
                        Code::new("events-empty-cell"),
                        record.location(column),
                        format!("the column '{column}' is empty"),
                    )
                    .expected(format!("the {column} of every line")),
                );
            }
            problems.extend(record.name(column).err());
        }
        match written.number(record.value("day")).filter(|day| day.fract() == 0.0 && *day != 0.0) {
            Some(day) => events.push(IntercurrentEvent {
                subject: record.text("subject"),
                day,
                event: record.text("event"),
                location: record.location("event"),
            }),
            None => problems.push(
                Problem::new(
                    Code::new("events-not-a-study-day"),
                    record.location("day"),
                    format!("'{}' is not a study day", record.text("day")),
                )
                .expected("a whole number; 1 is the first day, and there is no day 0"),
            ),
        }
    }
    problems.or(events)
}

/// The results of the trial with what the strategies of the study make of them.
///
/// # Errors
/// Events whose kind has no strategy: each of them.
pub fn after_events(
    visits: &[SubjectVisit],
    events: &[IntercurrentEvent],
    arms: &[Allocation],
    protocol: &Protocol,
) -> Result<AfterEvents, Problems> {
    let kinds = protocol.trial.events.as_ref().map(|settings| settings.kinds.as_slice()).unwrap_or_default();
    let arm_of: BTreeMap<&str, &str> = arms.iter().map(|one| (one.subject.as_str(), one.arm.as_str())).collect();
    let (mut problems, mut warnings) = (Problems::default(), Vec::new());
    let mut own: BTreeMap<&str, Vec<(&EventKind, f64)>> = BTreeMap::new();
    for event in events {
        let Some(kind) = kinds.iter().find(|kind| kind.name == event.event) else {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
            problems.push(
                Problem::new(
                    Code::new("events-kind-unknown"),
                    event.location.clone(),
                    format!("the event '{}' has no strategy", event.event),
                )
                .expected(format!("one of those that study.toml declares: {}", known.join(", ")))
                .advice("Declare it: [[event]] with its name and strategy"),
            );
            continue;
        };
        if arm_of.contains_key(event.subject.as_str()) {
            own.entry(&event.subject).or_default().push((kind, event.day));
        } else {
            let found = format!("subject '{}' is in no arm, and the event not used", event.subject);
            warnings.push(Problem::new(Code::new("events-subject-without-arm"), event.location.clone(), found));
        }
    }
    let mut after = visits.to_vec();
    for (subject, events) in &own {
        applied(subject, events, protocol, &mut after);
    }
    after.sort_by(|one, other| one.subject.cmp(&other.subject).then(one.week.total_cmp(&other.week)));
    let counts = counts(kinds, &own, &arm_of, visits, protocol);
    problems.or(AfterEvents { visits: after, counts, warnings })
}

/// The day on which a result was collected, or was to be.
fn day_of(result: &SubjectVisit, visits: &[Visit]) -> f64 {
    let planned = || visits.iter().find(|visit| visit.name == result.visit).map(Visit::planned_day);
    result.day.map(f64::from).or_else(planned).unwrap_or(7.0 * result.week + 1.0)
}

/// The week of the baseline.
fn baseline_week(visits: &[Visit]) -> f64 {
    visits.iter().find(|visit| visit.baseline).map_or(f64::NEG_INFINITY, |visit| visit.week)
}

/// Applies the events of one subject.
fn applied(subject: &str, events: &[(&EventKind, f64)], protocol: &Protocol, results: &mut Vec<SubjectVisit>) {
    let visits = &protocol.trial.visits;
    let first = |strategy: EventStrategy| {
        let of = events.iter().filter(|(kind, _)| kind.strategy == strategy);
        of.min_by(|one, other| one.1.total_cmp(&other.1)).copied()
    };
    let baseline = baseline_week(visits);
    let is_later = |one: &SubjectVisit| one.subject == subject && one.week > baseline;
    if let Some((_, day)) = first(EventStrategy::Composite) {
        let endpoint = visits.iter().find(|visit| visit.endpoint);
        let of_end = |one: &&SubjectVisit| {
            is_later(one) && one.excluded.is_none() && endpoint.is_some_and(|end| end.name == one.visit)
        };
        let end = results.iter().find(of_end).map(|one| day_of(one, visits)).or(endpoint.map(Visit::planned_day));
        if end.is_none_or(|end| day < end) {
            results.iter_mut().filter(|one| one.subject == subject).for_each(|one| one.failed = true);
        }
    }
    let hypothetical = first(EventStrategy::Hypothetical);
    if let Some((kind, day)) = hypothetical {
        leave_out(subject, kind, day, protocol, results);
    }
    if let Some((kind, day)) = first(EventStrategy::WhileOnTreatment) {
        let before = |one: &&SubjectVisit| {
            let measured = !matches!(one.quantity, Quantity::NotReported { .. });
            is_later(one) && one.excluded.is_none() && measured && day_of(one, visits) <= day
        };
        let last = results.iter().filter(before).max_by(|one, other| one.week.total_cmp(&other.week)).cloned();
        let is_after = |one: &&SubjectVisit| is_later(one) && one.excluded.is_none() && day_of(one, visits) > day;
        let after: BTreeSet<String> = results.iter().filter(is_after).map(|one| one.visit.clone()).collect();
        leave_out(subject, kind, day, protocol, results);
        let until = hypothetical.map_or(f64::INFINITY, |(_, day)| day);
        // Visits whose sample was collected after the event, and those that were planned after it.
        let is_due =
            |visit: &&Visit| after.contains(&visit.name) || (visit.planned_day() > day && visit.planned_day() <= until);
        results.extend(last.into_iter().flat_map(|last| {
            let later = visits.iter().filter(is_due).filter(|visit| visit.week > last.week);
            later
                .map(|visit| SubjectVisit {
                    visit: visit.name.clone(),
                    week: visit.week,
                    carried_from: Some(last.visit.clone()),
                    ..last.clone()
                })
                .collect::<Vec<_>>()
        }));
    }
}

/// Leaves out the values of a subject after an event.
fn leave_out(subject: &str, kind: &EventKind, day: f64, protocol: &Protocol, results: &mut [SubjectVisit]) {
    let visits = &protocol.trial.visits;
    let baseline = baseline_week(visits);
    for one in results.iter_mut() {
        let after = one.subject == subject && one.week > baseline && day_of(one, visits) > day;
        if after && one.excluded.is_none() {
            let reason = format!("after '{}' on day {day}: {}", kind.name, kind.strategy);
            let brief = format!("after '{}' ({})", kind.name, kind.strategy);
            one.excluded = Some(Exclusion::new(ExclusionRule::IntercurrentEvent, reason).counted_as(brief));
        }
    }
}

fn counts(
    kinds: &[EventKind],
    own: &BTreeMap<&str, Vec<(&EventKind, f64)>>,
    arm_of: &BTreeMap<&str, &str>,
    results: &[SubjectVisit],
    protocol: &Protocol,
) -> Vec<EventCount> {
    let not_randomised = &protocol.trial.records.not_randomised;
    let arms: BTreeSet<&str> =
        arm_of.values().copied().filter(|arm| !not_randomised.iter().any(|one| one == arm)).collect();
    let baseline = baseline_week(&protocol.trial.visits);
    let mut found = Vec::new();
    for kind in kinds {
        for arm in &arms {
            let of_arm = own.iter().filter(|(subject, _)| arm_of.get(*subject) == Some(arm));
            let first = |events: &[(&EventKind, f64)]| {
                let days = events.iter().filter(|(one, _)| one.name == kind.name).map(|(_, day)| *day);
                days.min_by(f64::total_cmp)
            };
            let days: BTreeMap<&str, f64> =
                of_arm.filter_map(|(subject, events)| Some((*subject, first(events)?))).collect();
            let after = |one: &&SubjectVisit| {
                let day = days.get(one.subject.as_str());
                one.week > baseline && day.is_some_and(|day| day_of(one, &protocol.trial.visits) > *day)
            };
            found.push(EventCount {
                event: kind.name.clone(),
                strategy: kind.strategy,
                arm: arm.to_string(),
                participants: days.len(),
                values: results.iter().filter(after).count(),
            });
        }
    }
    found
}
