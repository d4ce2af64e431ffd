//! When the list of arms was opened, by whom, and on which concentrations: the record of unblinding.
//!
//! It is a log in the study folder, `arms-opened.jsonl`, wherever the results go. A line is written, and on the disk, before the
//! list is opened: whatever then becomes of the run, who ran it may have seen the arms. What became of it is a line of its own.
//!
//! ```text
//! {"previous":"0000…","event":"opened","started":"2026-11-22T12:01:00Z","by":"…","list":"arms.csv","concentrations_sha256":"…"}
//! {"previous":"5d1f…","event":"ended","opening":1,"run_id":"…","arms_sha256":"…"}
//! ```
//!
//! Its lines are a chain, as those of the decisions are. The record of each run (`run.json`) holds the openings until then: what is
//! missing from the log is found by them. Concentrations that are not those of the first opening are named as such by every later run.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::chain::{BEGINNING, Lines, RESTORE, broken};
use crate::files::{self, LogLine, sha256};
use crate::sheet::{Code, Location, Problem};

/// The name of the log in a study folder.
pub const OPENINGS_FILE: &str = "arms-opened.jsonl";

/// One opening of the list of arms.
///
/// ```
/// use platewise::record::{Opening, opening::changed_since};
///
/// let opened = |concentrations: &str| Opening {
///     analyte: None,
///     started: "2026-11-22T12:00:00Z".into(),
///     by: "A. B.".into(),
///     list: "arms.csv".into(),
///     concentrations_sha256: concentrations.into(),
///     ended: None,
/// };
/// assert!(changed_since(&[opened("aa")], None, "aa").is_none());
/// assert!(changed_since(&[opened("aa")], None, "bb").is_some(), "named by every later run");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// When it was opened, in UTC.
    pub started: String,
    /// Who ran the program.
    pub by: String,
    /// The list of arms.
    #[serde(default)] // versions before the log did not say it
    pub list: String,
    /// For which analyte, by its folder, in a study of several; `None` in a study of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyte: Option<String>,
    /// SHA-256 of `concentrations.csv`, the concentrations on which the arms were compared.
    pub concentrations_sha256: String,
    /// What became of it; `None` where the run did not end.
    #[serde(flatten)]
    pub ended: Option<OpeningOutcome>,
}

/// What became of an opening.
///
/// ```
/// use platewise::record::opening::OpeningOutcome;
///
/// let compared = OpeningOutcome { run_id: "00".into(), arms_sha256: "ff".into(), failure: None };
/// assert_eq!(serde_json::to_string(&compared)?, r#"{"run_id":"00","arms_sha256":"ff"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningOutcome {
    /// The run.
    pub run_id: String,
    /// SHA-256 of the list of arms; empty where it could not be read.
    pub arms_sha256: String,
    /// Why the arms could not be compared. Absent where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What a line of the log says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Opened(Opening),
    Ended {
        /// The line of the opening.
        opening: usize,
        #[serde(flatten)]
        ended: OpeningOutcome,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct ChainedLine<E> {
    previous: String,
    #[serde(flatten)]
    event: E,
}

/// The openings that the log of the study in `folder` records, in their order; none where there is no log.
///
/// # Errors
/// When the log cannot be read, or is not as it was written.
pub fn openings(folder: &Path) -> Result<Vec<Opening>, Problem> {
    let text = files::read_log(&folder.join(OPENINGS_FILE)).map_err(|error| {
        Problem::new(Code::new("openings-unreadable"), at(), format!("cannot be read ({error})"))
            .expected("the record of when the arms were opened")
            .advice(RESTORE)
    })?;
    parse(&Lines::of(&text).whole).map(|lines| lines.into_iter().flatten().collect())
}

/// Appends to the log of the study in `folder` that the list is about to be opened, and gives the line.
///
/// # Errors
/// When it cannot be written, or the log is not as it was written. The list must then stay closed.
pub fn record(folder: &Path, opening: &Opening) -> Result<usize, Problem> {
    append(folder, &Event::Opened(opening.clone()))
}

/// Appends what became of the opening of that line.
///
/// # Errors
/// As [`record`].
pub fn record_end(folder: &Path, opening: usize, ended: &OpeningOutcome) -> Result<(), Problem> {
    append(folder, &Event::Ended { opening, ended: ended.clone() }).map(drop)
}

fn append(folder: &Path, event: &Event) -> Result<usize, Problem> {
    let cannot = |error: io::Error| {
        Problem::new(Code::new("openings-not-written"), at(), format!("cannot be written ({error})"))
            .expected("a study folder in which the opening of the arms can be recorded before they are opened")
            .advice("The list of arms stays closed; `platewise quantify` needs no record")
    };
    files::append(&folder.join(OPENINGS_FILE), |text| {
        let lines = Lines::of(text);
        parse(&lines.whole)?;
        let previous = lines.head().sha256;
        let line = serde_json::to_string(&ChainedLine { previous, event }).map_err(|error| cannot(error.into()))?;
        // What would not be read again is not written.
        parse(&lines.whole.iter().copied().chain([line.as_str()]).collect::<Vec<_>>())?;
        Ok(LogLine { after: lines.bytes, value: lines.whole.len() + 1, text: line })
    })
    .map_err(cannot)?
}

fn at() -> Location {
    Location::file(OPENINGS_FILE)
}

/// The openings by line; `None` at lines that say how an opening ended.
fn parse(lines: &[&str]) -> Result<Vec<Option<Opening>>, Problem> {
    let mut openings: Vec<Option<Opening>> = Vec::new();
    let mut previous = BEGINNING.to_string();
    for (index, text) in lines.iter().enumerate() {
        let wrong = |code: Code, found: String| {
            Problem::new(code, Location::line(OPENINGS_FILE, index as u32 + 1), found).advice(RESTORE)
        };
        let line: ChainedLine<Event> = serde_json::from_str(text)
            .map_err(|error| wrong(Code::new("opening-unreadable"), format!("not an event ({error})")))?;
        if line.previous != previous {
            return Err(broken(OPENINGS_FILE, index + 1, &previous));
        }
        match line.event {
            Event::Opened(opening) => openings.push(Some(opening)),
            Event::Ended { opening, ended } => {
                match opening.checked_sub(1).and_then(|line| openings.get_mut(line)) {
                    Some(Some(opened)) if opened.ended.is_none() => opened.ended = Some(ended),
                    _ => {
                        return Err(wrong(
                            Code::new("opening-ended-twice"),
                            format!("line {opening} is no opening that goes on"),
                        ));
                    }
                }
                openings.push(None);
            }
        }
        previous = sha256(text.as_bytes());
    }
    Ok(openings)
}

/// What has to be said when `concentrations`, the SHA-256 of the concentrations now, is not what it was when the arms were first
/// opened. Of an analyte of several also when they had been opened before its concentrations were on record: for another one.
pub fn changed_since(openings: &[Opening], analyte: Option<&str>, concentrations: &str) -> Option<Problem> {
    let at = || Location::file("concentrations.csv");
    let very_first = openings.first()?;
    let own = openings.iter().find(|one| one.analyte.as_deref() == analyte);
    if own.is_none_or(|own| own.started != very_first.started) && very_first.analyte.as_deref() != analyte {
        let other = very_first.analyte.as_deref().unwrap_or("the study");
        let found = format!(
            "the arms were first opened on {} by {}, for {other}, when these concentrations were not on record",
            very_first.started, very_first.by
        );
        return Some(
            Problem::new(Code::new("arms-opened-before-analyte"), at(), found)
                .expected("concentrations of every analyte before the arms are known")
                .advice("Run the study of several analytes as a whole, or say in the report that this one came later"),
        );
    }
    let first = own?;
    (first.concentrations_sha256 != concentrations).then(|| {
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        let found = format!(
            "the concentrations are not those on which the arms were first opened, on {} by {}: SHA-256 {}… then, {}… now",
            first.started,
            first.by,
            short(&first.concentrations_sha256),
            short(concentrations)
        );
        Problem::new(Code::new("concentrations-changed-after-opening"), at(), found)
            .expected("concentrations that do not change once the arms are known")
            .advice("Say in the report what was changed, and why")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(by: &str, concentrations: &str) -> Opening {
        Opening {
            started: "2026-03-01T09:00:00Z".into(),
            by: by.into(),
            list: "arms.csv".into(),
            analyte: None,
            concentrations_sha256: concentrations.into(),
            ended: None,
        }
    }

    fn ended() -> OpeningOutcome {
        OpeningOutcome { run_id: "1".into(), arms_sha256: "a".into(), failure: None }
    }

    #[test]
    fn only_other_concentrations_than_the_first_are_named() {
        assert_eq!(changed_since(&[], None, "x"), None);
        assert_eq!(changed_since(&[opening("A", "x"), opening("B", "y")], None, "x"), None);
        let said = changed_since(&[opening("A", "x"), opening("B", "y")], None, "y").unwrap().to_string();
        assert!(said.contains("2026-03-01T09:00:00Z by A") && said.contains("x… then, y… now"), "{said}");
    }

    #[test]
    fn arms_that_were_opened_for_another_analyte_are_known() {
        let of = |analyte: &str, started: &str, concentrations: &str| Opening {
            started: started.into(),
            analyte: Some(analyte.into()),
            ..opening("A", concentrations)
        };
        let said = |openings: &[Opening], now: &str| {
            changed_since(openings, Some("il31"), now).map(|problem| problem.to_string())
        };
        // Both were quantified before the list was opened for either.
        let together = [of("tarc", "T1", "x"), of("il31", "T1", "y")];
        assert_eq!(said(&together, "y"), None);
        assert!(said(&together, "z").unwrap().contains("y… then, z… now"));
        // It came later, or is about to.
        let later = [of("tarc", "T1", "x"), of("il31", "T2", "y")];
        assert!(said(&later, "y").unwrap().contains("first opened on T1 by A, for tarc"), "{later:?}");
        assert!(said(&later[..1], "y").unwrap().contains("for tarc"));
    }

    #[test]
    fn an_opening_is_on_record_before_its_end_and_whatever_becomes_of_it() {
        let study = tempfile::tempdir().unwrap();
        assert_eq!(openings(study.path()).unwrap(), []);
        assert_eq!(record(study.path(), &opening("A", "x")).unwrap(), 1);
        assert_eq!(openings(study.path()).unwrap(), [opening("A", "x")], "of a run that was killed");
        let second = record(study.path(), &opening("B", "x")).unwrap();
        record_end(study.path(), second, &ended()).unwrap();
        let found = openings(study.path()).unwrap();
        assert_eq!((found[0].ended.clone(), found[1].ended.clone()), (None, Some(ended())));
        assert!(record_end(study.path(), second, &ended()).is_err(), "it ends once");
    }

    #[test]
    fn a_log_that_was_edited_is_said_and_not_added_to() {
        let study = tempfile::tempdir().unwrap();
        for by in ["A", "B", "C"] {
            record(study.path(), &opening(by, "x")).unwrap();
        }
        let log = study.path().join(OPENINGS_FILE);
        let whole = std::fs::read_to_string(&log).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        for edited in [
            lines[1..].join("\n"),
            whole.replacen("\"by\":\"A\"", "\"by\":\"Z\"", 1),
            lines[0][..40].to_string() + "\n",
        ] {
            std::fs::write(&log, &edited).unwrap();
            assert!(openings(study.path()).unwrap_err().to_string().contains("append-only"));
            assert!(record(study.path(), &opening("D", "x")).is_err());
            assert_eq!(std::fs::read_to_string(&log).unwrap(), edited);
        }
        // A last line that was not written whole is no event; the next one takes its place.
        std::fs::write(&log, &whole[..whole.len() - 40]).unwrap();
        assert_eq!(openings(study.path()).unwrap(), [opening("A", "x"), opening("B", "x")]);
        assert_eq!(record(study.path(), &opening("D", "x")).unwrap(), 3);
        assert_eq!(openings(study.path()).unwrap()[2], opening("D", "x"));
    }
}
