//! What an earlier run of a study recorded of its logs (`run.json` in the folder of its results): by it a log that was cut, edited or
//! written anew is found.

use std::io;
use std::path::Path;

use serde::Deserialize;

use super::chain::LogHead;
use super::decisions::{DECISIONS_FILE, Decisions};
use super::opening::{OPENINGS_FILE, Opening};
use super::run::RUN_FILE;
use crate::files::InputFile;
use crate::sheet::{Code, Location, Problem, plain_file};

/// What `run.json` says of the logs of a study.
///
/// ```
/// use std::path::Path;
/// use platewise::record::EarlierRun;
/// let none = EarlierRun::read(Path::new("no such folder"), "S")?;
/// assert!(none.openings.is_empty() && none.decisions.is_empty());
/// # Ok::<(), platewise::sheet::Problem>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EarlierRun {
    file: String,
    /// The openings of the list of arms until then.
    pub openings: Vec<Opening>,
    /// How far the log of decisions had grown, by that run; by those before where it missed lines of theirs.
    pub decisions: Vec<LogHead>,
    /// SHA-256 of its concentrations, where it has them.
    pub concentrations: Option<String>,
    /// The files that it read; none where there was no run.
    pub inputs: Vec<InputFile>,
    /// The statements in `signatures/` that it showed.
    pub signatures: Vec<String>,
    /// The run: the same inputs, settings and version have the same.
    pub run_id: String,
    /// The version of the program.
    pub version: String,
    /// When it started.
    pub started: String,
    /// Whether it opened the list of arms.
    pub unblinded: bool,
}

/// The part of `run.json` that is about logs, and which study it is of.
#[derive(Deserialize)]
struct EarlierRecord {
    #[serde(default)]
    arms_opened: Vec<Opening>,
    #[serde(default)]
    decisions: LogHead,
    #[serde(default)]
    decisions_lost: Vec<LogHead>,
    #[serde(default)]
    concentrations_sha256: Option<String>,
    #[serde(default)]
    inputs: Vec<InputFile>,
    #[serde(default)]
    signatures: Vec<String>,
    #[serde(default)]
    run_id: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    started: String,
    #[serde(default)]
    unblinded: bool,
    protocol: KnownProtocol,
}

#[derive(Deserialize)]
struct KnownProtocol {
    study: KnownStudy,
}

#[derive(Deserialize)]
struct KnownStudy {
    id: String,
}

const ADVICE: &str = "Put the file back as it was; if that cannot be done, say so in the report";

impl EarlierRun {
    /// What the run whose results are in a folder recorded of the study. Results of another study, which are replaced, know nothing of
    /// this one.
    ///
    /// # Errors
    /// When its record is there and cannot be read.
    pub fn read(results: &Path, study: &str) -> Result<Self, Problem> {
        let path = results.join(RUN_FILE);
        let unknown = |error: &dyn std::error::Error| {
            Problem::new(
                Code::new("earlier-run-unreadable"),
                Location::file(path.display().to_string()),
                format!("cannot be read ({error})"),
            )
            .expected("the record of an earlier run, which says when the arms were opened and what was decided")
            .advice(ADVICE)
        };
        let text = match plain_file::read_text(&path).map_err(io::Error::from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unknown(&error)),
            Ok(text) => text,
        };
        let known: EarlierRecord = serde_json::from_str(&text).map_err(|error| unknown(&error))?;
        if known.protocol.study.id != study {
            return Ok(Self::default());
        }
        // A log that had lost lines by then is no measure of what it should be.
        let decisions = if known.decisions_lost.is_empty() { vec![known.decisions] } else { known.decisions_lost };
        Ok(Self {
            file: path.display().to_string(),
            openings: known.arms_opened,
            decisions,
            concentrations: known.concentrations_sha256,
            inputs: known.inputs,
            signatures: known.signatures,
            run_id: known.run_id,
            version: known.version,
            started: known.started,
            unblinded: known.unblinded,
        })
    }

    /// What has to be said of openings that it knew and the log does not.
    pub fn lost_openings(&self, openings: &[Opening]) -> Option<Problem> {
        let key = |one: &Opening| (one.started.clone(), one.by.clone(), one.concentrations_sha256.clone());
        let is_lost = |known: &&Opening| !openings.iter().any(|opening| key(opening) == key(known));
        let lost: Vec<&Opening> = self.openings.iter().filter(is_lost).collect();
        let first = lost.first()?;
        let found = format!(
            "openings of the arms are not in it that {} records: {}, the first on {} by {}",
            self.file,
            lost.len(),
            first.started,
            first.by
        );
        Some(
            Problem::new(Code::new("openings-lost"), Location::file(OPENINGS_FILE), found)
                .expected("every opening since the first")
                .advice(ADVICE),
        )
    }

    /// How far the log of decisions had grown where it is no longer that log; and what has to be said of it.
    pub fn lost_decisions(&self, decisions: &Decisions) -> (Vec<LogHead>, Option<Problem>) {
        let lost: Vec<LogHead> = self.decisions.iter().filter(|head| !decisions.continues(head)).cloned().collect();
        let problem = lost.iter().max_by_key(|head| head.lines).map(|longest| {
            let (then, now) = (longest.lines, decisions.head().lines);
            let found = match now < then {
                true => format!("the log had {} by {}, and has {now}", lines(then), self.file),
                false => format!("line {then} or one before it is not what it was by {}", self.file),
            };
            Problem::new(Code::new("decisions-lost"), Location::file(DECISIONS_FILE), found)
                .expected("a log that is only ever added to")
                .advice(ADVICE)
        });
        (lost, problem)
    }
}

fn lines(number: usize) -> String {
    format!("{number} line{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::super::opening::OpeningOutcome;
    use super::*;

    fn opening(by: &str) -> Opening {
        Opening {
            started: "2026-03-01T09:00:00Z".into(),
            by: by.into(),
            list: "arms.csv".into(),
            analyte: None,
            concentrations_sha256: "x".into(),
            ended: None,
        }
    }

    #[test]
    fn openings_that_an_earlier_run_knew_are_missed() {
        let results = tempfile::tempdir().unwrap();
        let ended = OpeningOutcome { run_id: "1".into(), arms_sha256: "a".into(), failure: None };
        let known = [opening("A"), Opening { ended: Some(ended), ..opening("B") }];
        let lost = |openings: &[Opening]| match EarlierRun::read(results.path(), "S") {
            Ok(earlier) => earlier.lost_openings(openings).map(|problem| problem.to_string()),
            Err(problem) => Some(problem.to_string()),
        };
        let remember = |text: &str| std::fs::write(results.path().join(RUN_FILE), text).unwrap();
        assert_eq!(lost(&[]), None);
        let record = |study: &str| {
            let protocol = serde_json::json!({ "study": { "id": study } });
            serde_json::to_string(&serde_json::json!({ "arms_opened": known, "protocol": protocol })).unwrap()
        };
        remember(&record("S"));
        assert_eq!(lost(&known), None);
        let said = lost(&known[..1]).unwrap();
        assert!(said.contains("records: 1, the first on 2026-03-01T09:00:00Z by B"), "{said}");
        remember(&record("another study"));
        assert_eq!(lost(&[]), None);
        // Of versions before the log, and damaged.
        remember(&record("S").replace("\"list\":\"arms.csv\",", ""));
        assert!(lost(&[]).unwrap().contains("records: 2"));
        remember("{");
        assert!(lost(&known).unwrap().contains("when the arms were opened"));
    }
}
