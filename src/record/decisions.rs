//! `decisions.jsonl`: what people decided about a study, and why. Append-only: one event a line, each line with the hash of the
//! one before, so that a line that was changed, removed or put in between is found.
//!
//! ```text
//! {"previous":"0000…","when":"2026-11-22T12:01:00+01:00[Europe/Berlin]","who":"…","action":"exclude",
//!  "target":{"plate":"P02","well":"E07"},"old":"used","new":"excluded","code":"bubble","reason":"…"}
//! ```
//!
//! `previous` is the SHA-256 of the bytes of the line before, without its line end; 64 zeros in the first line. The chain shows
//! changes to all lines but the last; the record of each run (`run.json`) holds the hash of the whole file as it was then.
//! Nothing is ever taken back by deleting: `undo` is a new event.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::{self, InputFolder, Links, sha256};
use crate::plate::WellPosition;
use crate::sheet::{Location, Problem, Problems};

/// The name of the log in a study folder.
pub const DECISIONS_FILE: &str = "decisions.jsonl";

/// `previous` of the first line.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The reasons that have a code, each with its words. A code without a reason in words is not enough.
pub const REASON_CODES: [(&str, &str); 10] = [
    ("pipetting", "pipetting error seen at the bench"),
    ("bubble", "bubble in the well when it was read"),
    ("spill", "well spilled, dried or contaminated by its neighbour"),
    ("washing", "washing failed"),
    ("wrong-dilution", "not diluted as declared"),
    ("wrong-sample", "not the sample that the layout declares"),
    ("reagent", "wrong, expired or badly stored reagent"),
    ("instrument", "reader or incubator failed"),
    ("reviewed", "findings reviewed by a second person"),
    ("other", "said in the reason"),
];

/// What a decision is about.
///
/// ```
/// use platewise::record::Target;
/// let target = Target { plate: "P02".into(), well: None, standard: Some(250.0) };
/// assert_eq!(target.to_string(), "standard 250 of plate P02");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The plate, by its name in the study.
    pub plate: String,
    /// One well of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub well: Option<String>,
    /// All wells of one level of its standards, by the nominal concentration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<f64>,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.well, self.standard) {
            (Some(well), _) => write!(f, "well {well} of plate {}", self.plate),
            (None, Some(standard)) => write!(f, "standard {standard} of plate {}", self.plate),
            (None, None) => write!(f, "plate {}", self.plate),
        }
    }
}

/// What was decided.
///
/// ```
/// use platewise::record::Action;
/// assert_eq!(serde_json::to_string(&Action::Undo)?, "\"undo\""); // as in the log
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The target is left out.
    Exclude,
    /// An exclusion holds no longer.
    Undo,
    /// The findings of a plate were reviewed and its verdict stands as it is. It changes no verdict.
    Accept,
}

/// One event of the log.
///
/// ```
/// use platewise::record::{Decisions, Request, Target, Wish};
///
/// let target = Target { plate: "P02".into(), well: Some("E07".into()), standard: None };
/// let (who, code, reason) = ("A. B.".to_string(), "bubble".to_string(), "seen when it was read".to_string());
/// let decision = Decisions::default().event(&Request { who, wish: Wish::Exclude(target), code, reason })?;
/// assert_eq!((decision.old.as_str(), decision.new.as_str()), ("used", "excluded"));
/// # Ok::<(), platewise::sheet::Problem>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// SHA-256 of the line before.
    pub previous: String,
    /// When, with the time zone.
    pub when: String,
    /// Who decided.
    pub who: String,
    /// What was decided.
    pub action: Action,
    /// About what.
    pub target: Target,
    /// The line of the exclusion that an undo ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<usize>,
    /// What held before.
    pub old: String,
    /// What holds now.
    pub new: String,
    /// Code of the reason, one of [`REASON_CODES`].
    pub code: String,
    /// The reason in words.
    pub reason: String,
}

/// What somebody wants to decide.
///
/// ```
/// use platewise::record::{Decisions, Request, Wish};
///
/// // No reason, no decision.
/// let silent = Request { who: "A. B.".into(), wish: Wish::Undo(1), code: "other".into(), reason: " ".into() };
/// assert!(Decisions::default().event(&silent).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who.
    pub who: String,
    /// What about.
    pub wish: Wish,
    /// Code of the reason.
    pub code: String,
    /// The reason in words.
    pub reason: String,
}

/// What a decision can be.
///
/// ```
/// use platewise::record::{Decisions, Request, Wish};
///
/// let undo = Request { who: "A. B.".into(), wish: Wish::Undo(7), code: "other".into(), reason: "the well beside it".into() };
/// let refused = Decisions::default().event(&undo).map_err(|problem| problem.to_string());
/// assert!(refused.is_err_and(|words| words.contains("line 7 is no exclusion in force")));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Leave the target out.
    Exclude(Target),
    /// End the exclusion of this line.
    Undo(usize),
    /// Let the verdict on the plate of this name stand; `old` is the verdict.
    Accept {
        /// The plate.
        plate: String,
        /// Its verdict now.
        verdict: String,
    },
}

/// The decisions of a study, in their order. The first is of line 1.
///
/// ```
/// use platewise::files::{InputFolder, Links};
/// use platewise::record::{Decisions, Request, Target, Wish, append};
///
/// let study = std::env::temp_dir().join(format!("platewise-decisions-{}", std::process::id()));
/// # std::fs::create_dir_all(&study).unwrap();
/// let target = Target { plate: "P02".into(), well: Some("E07".into()), standard: None };
/// let exclude = Request { who: "A. B.".into(), wish: Wish::Exclude(target), code: "bubble".into(), reason: "seen".into() };
/// let undo = Request { wish: Wish::Undo(1), reason: "it was the well beside it".into(), ..exclude.clone() };
/// append(&study, &exclude)?;
/// append(&study, &undo)?;
/// let decisions = Decisions::read(&InputFolder::new(&study, Links::Refused))?;
/// assert_eq!((decisions.lines().count(), decisions.in_force().count()), (2, 0), "both stay, none holds");
/// # std::fs::remove_dir_all(&study).ok();
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Decisions(pub Vec<Decision>);

impl Decisions {
    /// Reads the log of a study; a study without one has no decisions.
    ///
    /// # Errors
    /// As [`Decisions::parse`], and when the file cannot be read.
    pub fn read(study: &InputFolder) -> Result<Self, Problems> {
        let path = Path::new(DECISIONS_FILE);
        let input = match study.try_read(path) {
            Ok(input) => input,
            Err(error) if error.is_missing() => return Ok(Self::default()),
            Err(error) => return Err(study.problem(path, &error).into()),
        };
        match std::str::from_utf8(&input.bytes) {
            Ok(text) => Self::parse(text),
            Err(_) => {
                Err(Problem::new(Location::file(DECISIONS_FILE), "is not a text in UTF-8").advice(RESTORE).into())
            }
        }
    }

    /// Reads and checks a log.
    ///
    /// # Errors
    /// Every line that is not an event, does not follow the line before, or undoes nothing.
    ///
    /// ```
    /// use platewise::record::Decisions;
    /// let log = "{\"previous\":\"0\",\"when\":\"2026-11-22T12:01:00+01:00\",\"who\":\"A. B.\",\"action\":\"exclude\",\
    ///            \"target\":{\"plate\":\"P01\",\"well\":\"A03\"},\"old\":\"used\",\"new\":\"excluded\",\
    ///            \"code\":\"bubble\",\"reason\":\"seen\"}";
    /// assert!(Decisions::parse(log).unwrap_err().to_string().contains("line 1: the chain is broken"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut decisions = Self::default();
        let mut in_force = BTreeSet::new();
        let mut previous = BEGINNING.to_string();
        for (index, line) in text.lines().enumerate() {
            let at = || Location::line(DECISIONS_FILE, index as u32 + 1);
            match serde_json::from_str::<Decision>(line) {
                Err(error) => {
                    let found = format!("not an event ({error})");
                    problems.push(Problem::new(at(), found).advice(RESTORE));
                    return Err(problems);
                }
                Ok(decision) => {
                    if decision.previous != previous {
                        let found = "the chain is broken: this line does not follow the one before";
                        problems.push(
                            Problem::new(at(), found).expected(format!("previous = \"{previous}\"")).advice(RESTORE),
                        );
                        return Err(problems);
                    }
                    check(&decision, &in_force, &at(), &mut problems);
                    match (decision.action, decision.undoes) {
                        (Action::Exclude, _) => drop(in_force.insert(index + 1)),
                        (Action::Undo, Some(line)) => drop(in_force.remove(&line)),
                        _ => {}
                    }
                    decisions.0.push(decision);
                }
            }
            previous = sha256(line.as_bytes());
        }
        problems.or(decisions)
    }

    /// The exclusions that hold, each with its line.
    pub fn in_force(&self) -> impl Iterator<Item = (usize, &Decision)> {
        let ended: BTreeSet<usize> = self.0.iter().filter_map(|decision| decision.undoes).collect();
        self.lines().filter(move |(line, decision)| decision.action == Action::Exclude && !ended.contains(line))
    }

    /// Every event with its line.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &Decision)> {
        self.0.iter().enumerate().map(|(index, decision)| (index + 1, decision))
    }

    /// The event that a request becomes.
    ///
    /// # Errors
    /// When it has no reason or nobody who decides, an unknown code, excludes what is excluded, or undoes what is not.
    pub fn event(&self, request: &Request) -> Result<Decision, Problem> {
        let refuse =
            |found: String, expected: &str| Problem::new(Location::file(DECISIONS_FILE), found).expected(expected);
        if request.who.trim().is_empty() || request.reason.trim().is_empty() {
            return Err(refuse("a decision without a person or without a reason".into(), "both; nothing was written"));
        }
        if !REASON_CODES.iter().any(|(code, _)| *code == request.code) {
            let codes = REASON_CODES.map(|(code, _)| code).join(", ");
            return Err(refuse(format!("reason code '{}'", request.code), &format!("one of {codes}")));
        }
        let (action, target, undoes, old, new) = match &request.wish {
            Wish::Exclude(target) => {
                if let Some((line, _)) = self.in_force().find(|(_, decision)| decision.target == *target) {
                    return Err(refuse(
                        format!("{target} is excluded already, by line {line}"),
                        "something still in use",
                    ));
                }
                (Action::Exclude, target.clone(), None, "used".to_string(), "excluded")
            }
            Wish::Undo(line) => {
                let Some((_, undone)) = self.in_force().find(|(at, _)| at == line) else {
                    return Err(refuse(format!("line {line} is no exclusion in force"), "the line of one"));
                };
                (Action::Undo, undone.target.clone(), Some(*line), "excluded".to_string(), "used")
            }
            Wish::Accept { plate, verdict } => {
                let target = Target { plate: plate.clone(), well: None, standard: None };
                (Action::Accept, target, None, verdict.clone(), "reviewed")
            }
        };
        Ok(Decision {
            previous: String::new(),
            when: jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z[%Q]").to_string(),
            who: request.who.trim().into(),
            action,
            target,
            undoes,
            old,
            new: new.into(),
            code: request.code.clone(),
            reason: request.reason.trim().into(),
        })
    }
}

/// What must hold of an event besides the chain, when these lines are in force before it.
fn check(decision: &Decision, in_force: &BTreeSet<usize>, at: &Location, problems: &mut Problems) {
    let missing = [("who", &decision.who), ("code", &decision.code), ("reason", &decision.reason)];
    for (field, _) in missing.into_iter().filter(|(_, text)| text.trim().is_empty()) {
        problems.push(Problem::new(at.clone(), format!("no {field}")).expected("no decision without one"));
    }
    if let Some(well) = &decision.target.well
        && let Err(wrong) = well.parse::<WellPosition>()
    {
        problems.push(Problem::new(at.clone(), wrong.to_string()));
    }
    let ends = decision.undoes.map(|line| in_force.contains(&line));
    let fits = match decision.action {
        Action::Undo => ends == Some(true),
        _ => ends.is_none(),
    };
    if !fits {
        problems.push(
            Problem::new(at.clone(), "it undoes no exclusion that is in force").expected("undoes = the line of one"),
        );
    }
}

const RESTORE: &str = "The log is append-only: put the file back as it was";

/// Appends what is requested to the log of the study in `folder`, under a lock, and gives the line with its event. The log that
/// is there is checked first.
///
/// # Errors
/// As [`Decisions::parse`] and [`Decisions::event`], and when the file cannot be written. Nothing was written then.
pub fn append(folder: &Path, request: &Request) -> Result<(usize, Decision), Problems> {
    // What is refused leaves no file behind, which would be an input of the next run. Under the lock it is asked once more: the
    // log may have grown.
    Decisions::read(&InputFolder::new(folder, Links::Refused))?.event(request)?;
    let cannot = |error: io::Error| {
        Problems::from(Problem::new(Location::file(DECISIONS_FILE), format!("cannot be written ({error})")))
    };
    files::append(&folder.join(DECISIONS_FILE), |text| {
        let mut event = Decisions::parse(text)?.event(request)?;
        event.previous = text.lines().last().map_or_else(|| BEGINNING.to_string(), |line| sha256(line.as_bytes()));
        let line = serde_json::to_string(&event).map_err(|error| cannot(error.into()))?;
        Ok((line, (text.lines().count() + 1, event)))
    })
    .map_err(cannot)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclude(well: &str) -> Request {
        let target = Target { plate: "P01".into(), well: Some(well.into()), standard: None };
        Request { who: "A. Analyst".into(), wish: Wish::Exclude(target), code: "bubble".into(), reason: "seen".into() }
    }

    fn log(requests: &[Request]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        for request in requests {
            append(folder.path(), request).unwrap();
        }
        let text = std::fs::read_to_string(folder.path().join(DECISIONS_FILE)).unwrap();
        (folder, text)
    }

    #[test]
    fn undo_is_a_new_event_and_the_first_stays() {
        let undo = Request { wish: Wish::Undo(1), ..exclude("A01") };
        let (folder, text) = log(&[exclude("A03"), exclude("B03"), undo.clone()]);
        let decisions = Decisions::read(&InputFolder::new(folder.path(), Links::Refused)).unwrap();
        assert_eq!(text.lines().count(), 3);
        let in_force: Vec<usize> = decisions.in_force().map(|(line, _)| line).collect();
        assert_eq!(in_force, [2]);
        let again = append(folder.path(), &undo).unwrap_err().to_string();
        assert!(again.contains("line 1 is no exclusion in force"), "{again}");
        let twice = append(folder.path(), &exclude("B03")).unwrap_err().to_string();
        assert!(twice.contains("is excluded already, by line 2"), "{twice}");
        // What was undone may be excluded once more.
        assert_eq!(append(folder.path(), &exclude("A03")).unwrap().0, 4);
        assert!(decisions.0[0].when.contains('['), "the time zone: {}", decisions.0[0].when);
    }

    #[test]
    fn a_broken_chain_names_the_line() {
        let (_, text) = log(&[exclude("A03"), exclude("B03"), exclude("C03")]);
        let lines: Vec<&str> = text.lines().collect();
        let broken = |lines: &[&str]| Decisions::parse(&lines.join("\n")).unwrap_err().to_string();
        // A line that was changed, removed, exchanged or put in between breaks the next one.
        let changed = lines[0].replace("seen", "later");
        assert!(broken(&[&changed, lines[1], lines[2]]).contains("line 2: the chain is broken"));
        assert!(broken(&[lines[0], lines[2]]).contains("line 2: the chain is broken"));
        assert!(broken(&[lines[1], lines[0]]).contains("line 1: the chain is broken"));
        assert!(broken(&[lines[0], "", lines[1]]).contains("line 2: not an event"));
        assert!(broken(&[lines[0], &lines[1][..40]]).contains("line 2: not an event"));
    }

    #[test]
    fn no_reason_no_decision() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |request: Request| append(folder.path(), &request).unwrap_err().to_string();
        assert!(refused(Request { reason: "  ".into(), ..exclude("A03") }).contains("without a reason"));
        assert!(refused(Request { who: String::new(), ..exclude("A03") }).contains("without a person"));
        assert!(refused(Request { code: "ugly".into(), ..exclude("A03") }).contains("one of pipetting, bubble"));
        assert!(!folder.path().join(DECISIONS_FILE).exists(), "nothing was written, not even an empty log");
    }
}
