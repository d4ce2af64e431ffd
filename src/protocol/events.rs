//! `[events]` and `[[event]]`: what may happen to a participant after baseline, and how the question takes it (ICH E9(R1)).

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// `[events]`: the list of intercurrent events, and the strategy for each kind.
///
/// ```
/// use platewise::protocol::EventStrategy;
///
/// let text = r#"
///     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
///     method = { name = "ELISA", version = "1" }
///     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
///     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
///     events = { list = "events.csv" }
///     event = [{ name = "rescue", strategy = "hypothetical" }]
/// "#;
/// let events = platewise::protocol::parse(text)?.trial.events.unwrap();
/// assert_eq!((events.kinds[0].name.as_str(), events.kinds[0].strategy), ("rescue", EventStrategy::Hypothetical));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EventSettings {
    /// The list, relative to the study folder. It is opened with the list of arms and not before.
    pub list: PathBuf,
    /// The kinds of events.
    pub kinds: Vec<EventKind>,
}

/// `[[event]]`: one kind of event.
///
/// See [`EventSettings`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventKind {
    /// Its name in the list.
    pub name: String,
    /// How the question takes it.
    pub strategy: EventStrategy,
}

/// How the question takes an event.
///
/// See [`EventSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EventStrategy {
    /// The value counts, whatever happened before it.
    TreatmentPolicy,
    /// What would have been without the event: values after it are missing.
    Hypothetical,
    /// The event is a failure: no response.
    Composite,
    /// What was up to the event: the last value before it stands for those after it.
    WhileOnTreatment,
}

impl fmt::Display for EventStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TreatmentPolicy => "treatment policy",
            Self::Hypothetical => "hypothetical",
            Self::Composite => "composite",
            Self::WhileOnTreatment => "while on treatment",
        })
    }
}

impl EventStrategy {
    /// What it does, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::TreatmentPolicy => "values after it count",
            Self::Hypothetical => "values after it count as missing",
            Self::Composite => {
                "who has it before the end point does not respond; the change has no value for a failure and is taken as it was measured"
            }
            Self::WhileOnTreatment => "the last value between baseline and the event stands for those after it",
        }
    }
}

/// Reads both; `None` for a study that declares no list.
pub(super) fn read(section: Section<'_>, kinds: Vec<Section<'_>>, problems: &mut Problems) -> Option<EventSettings> {
    let list = section.list_of(&kinds, "event", "events.csv", problems);
    let mut known: Vec<EventKind> = Vec::new();
    for mut kind in kinds {
        let name = kind.required_text("name", problems);
        if !kind.holds("strategy") {
            problems.push(
                Problem::new(
                    Code::new("event-without-strategy"),
                    kind.location().clone(),
                    format!("the event '{name}' has no strategy"),
                )
                .expected("strategy = \"treatment-policy\", \"hypothetical\", \"composite\" or \"while-on-treatment\""),
            );
        }
        if known.iter().any(|one| one.name == name) {
            problems.push(Problem::new(
                Code::new("event-twice"),
                kind.location().clone(),
                format!("the event '{name}' appears twice"),
            ));
        }
        let strategy = kind.choice(
            "strategy",
            &[
                ("treatment-policy", EventStrategy::TreatmentPolicy),
                ("hypothetical", EventStrategy::Hypothetical),
                ("composite", EventStrategy::Composite),
                ("while-on-treatment", EventStrategy::WhileOnTreatment),
            ],
            problems,
        );
        kind.finish(problems);
        known.push(EventKind { name, strategy });
    }
    Some(EventSettings { list: list?, kinds: known })
}
