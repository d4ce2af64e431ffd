//! `decisions.jsonl`: what people decided about a study, and why. Append-only: one event a line, each line with the hash of the
//! one before, so that a line that was changed, removed or put in between is found.
//!
//! ```text
//! {"previous":"0000…","when":"2026-11-22T12:01:00+01:00[Europe/Berlin]","who":"…","action":"exclude",
//!  "target":{"plate":"P02","well":"E07"},"old":"used","new":"excluded","code":"bubble","reason":"…"}
//! ```
//!
//! `previous` is the SHA-256 of the bytes of the line before, without its line end; 64 zeros in the first line. By it a line that was
//! changed is found by the next one; that the last lines were changed or cut, or all of them written anew, is found by the [`LogHead`] in
//! the record of each run (`run.json`) and in each signature. Nothing is ever taken back by deleting: `undo` is a new event.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use jiff::fmt::temporal::Pieces;
use serde::{Deserialize, Serialize};

use super::chain::{BEGINNING, Lines, LogHead, RESTORE, broken};
use super::looked_at::LookedAt;
use crate::files::{InputFolder, sha256};
use crate::plate::WellPosition;
use crate::sheet::{Code, Location, Problem, Problems};

/// The name of the log in a study folder.
pub const DECISIONS_FILE: &str = "decisions.jsonl";

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
/// See [`Decision`] for an example.
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
/// See [`Decision`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Action {
    /// The target is left out.
    Exclude,
    /// An exclusion holds no longer.
    Undo,
    /// The findings of a plate were reviewed and its verdict stands as it is. It changes no verdict.
    Accept,
    /// The results of a plate are approved as they are. It changes no verdict.
    Approve,
}

impl Action {
    /// Whether it says of a plate that somebody looked at it and lets it stand.
    pub fn is_review(self) -> bool {
        matches!(self, Self::Accept | Self::Approve)
    }
}

/// One event of the log.
///
/// ```
/// use platewise::record::{Decisions, DecisionRequest, Target, CheckedDecision};
///
/// let target = Target { plate: "P02".into(), well: Some("E07".into()), standard: None };
/// let (who, code, reason) = ("A. B.".to_string(), "bubble".to_string(), "seen when it was read".to_string());
/// let decision = Decisions::default().event(&DecisionRequest { who, decision: CheckedDecision::Exclude(target), code, reason, seen: None })?;
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
    /// What was looked at, where a plate was reviewed or approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<LookedAt>,
}

/// The decisions of a study, in their order. The first is of line 1.
///
/// ```
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::record::{Decisions, DecisionRequest, Target, CheckedDecision, append};
///
/// let study = std::env::temp_dir().join(format!("platewise-decisions-{}", std::process::id()));
/// # std::fs::create_dir_all(&study).unwrap();
/// let target = Target { plate: "P02".into(), well: Some("E07".into()), standard: None };
/// let exclude = DecisionRequest { who: "A. B.".into(), decision: CheckedDecision::Exclude(target), code: "bubble".into(), reason: "seen".into(), seen: None };
/// let undo = DecisionRequest { decision: CheckedDecision::Undo(1), reason: "it was the well beside it".into(), ..exclude.clone() };
/// append(&study, &exclude)?;
/// append(&study, &undo)?;
/// let decisions = Decisions::read(&InputFolder::new(&study, LinkPolicy::Refused))?;
/// assert_eq!((decisions.lines().count(), decisions.in_force().count()), (2, 0), "both stay, none holds");
/// # std::fs::remove_dir_all(&study).ok();
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions {
    events: Vec<Decision>,
    head: LogHead,
    torn: Option<Problem>,
}

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
            Err(_) => Err(Problem::new(
                Code::new("decisions-not-utf8"),
                Location::file(DECISIONS_FILE),
                "is not a text in UTF-8",
            )
            .advice(RESTORE)
            .into()),
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
        let lines = Lines::of(text);
        let mut decisions = Self { events: Vec::new(), head: lines.head(), torn: lines.warning(DECISIONS_FILE) };
        let mut in_force = BTreeSet::new();
        let mut previous = BEGINNING.to_string();
        for (line, text) in (1..).zip(&lines.whole) {
            let at = || Location::line(DECISIONS_FILE, line as u32);
            let decision: Decision = match serde_json::from_str(text) {
                Ok(decision) => decision,
                Err(error) => {
                    problems.push(
                        Problem::new(Code::new("decision-unreadable"), at(), format!("not an event ({error})"))
                            .advice(RESTORE),
                    );
                    return Err(problems);
                }
            };
            if decision.previous != previous {
                problems.push(broken(DECISIONS_FILE, line, &previous));
                return Err(problems);
            }
            check(&decision, &in_force, &at(), &mut problems);
            match (decision.action, decision.undoes) {
                (Action::Exclude, _) => drop(in_force.insert(line)),
                (Action::Undo, Some(line)) => drop(in_force.remove(&line)),
                _ => {}
            }
            decisions.events.push(decision);
            previous = sha256(text.as_bytes());
        }
        problems.or(decisions)
    }

    /// The log with one more event.
    pub(super) fn followed_by(mut self, event: Decision) -> Self {
        let line = serde_json::to_string(&event).unwrap_or_default();
        self.head = LogHead { lines: self.head.lines + 1, sha256: sha256(line.as_bytes()) };
        self.events.push(event);
        self
    }

    /// How far the log has grown.
    pub fn head(&self) -> &LogHead {
        &self.head
    }

    /// That a last line was not written whole.
    pub fn torn(&self) -> Option<&Problem> {
        self.torn.as_ref()
    }

    /// Whether the log, as it was when its head was `earlier`, is the beginning of this one.
    ///
    /// ```
    /// use platewise::record::{Decisions, LogHead};
    /// assert!(Decisions::default().continues(&LogHead::default()));
    /// assert!(!Decisions::default().continues(&LogHead { lines: 1, sha256: "ab".into() }), "it was cut");
    /// ```
    pub fn continues(&self, earlier: &LogHead) -> bool {
        let hash = match self.events.get(earlier.lines) {
            Some(next) => &next.previous,
            None if earlier.lines == self.events.len() => &self.head.sha256,
            None => return false,
        };
        *hash == earlier.sha256
    }

    /// The exclusions that hold, each with its line.
    pub fn in_force(&self) -> impl Iterator<Item = (usize, &Decision)> {
        let ended: BTreeSet<usize> = self.events.iter().filter_map(|decision| decision.undoes).collect();
        self.lines().filter(move |(line, decision)| decision.action == Action::Exclude && !ended.contains(line))
    }

    /// Every event with its line.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &Decision)> {
        self.events.iter().enumerate().map(|(index, decision)| (index + 1, decision))
    }
}

/// What must hold of an event besides the chain, when these lines are in force before it.
fn check(decision: &Decision, in_force: &BTreeSet<usize>, at: &Location, problems: &mut Problems) {
    let missing = [("who", &decision.who), ("code", &decision.code), ("reason", &decision.reason)];
    for (field, _) in missing.into_iter().filter(|(_, text)| text.trim().is_empty()) {
        problems.push(
            Problem::new(Code::new("decision-field-missing"), at.clone(), format!("no {field}"))
                .expected("no decision without one"),
        );
    }
    if !REASON_CODES.iter().any(|(code, _)| *code == decision.code) && !decision.code.trim().is_empty() {
        let codes = REASON_CODES.map(|(code, _)| code).join(", ");
        problems.push(
            Problem::new(Code::new("decision-reason-code"), at.clone(), format!("reason code '{}'", decision.code))
                .expected(format!("one of {codes}")),
        );
    }
    if !is_moment(&decision.when) {
        let found = format!("'{}' is no moment", decision.when);
        problems.push(
            Problem::new(Code::new("decision-moment"), at.clone(), found)
                .expected("a date, a time and its distance from UTC"),
        );
    }
    if decision.action.is_review() && (decision.target.well.is_some() || decision.target.standard.is_some()) {
        problems.push(
            Problem::new(Code::new("decision-review-of-a-part"), at.clone(), "a review of a part of a plate")
                .expected("a review of a plate"),
        );
    }
    if let Some(well) = &decision.target.well
        && let Err(wrong) = well.parse::<WellPosition>()
    {
        problems.push(Problem::new(Code::new("decision-not-a-well"), at.clone(), wrong.to_string()));
    }
    let ends = decision.undoes.map(|line| in_force.contains(&line));
    let fits = match decision.action {
        Action::Undo => ends == Some(true),
        _ => ends.is_none(),
    };
    if !fits {
        problems.push(
            Problem::new(Code::new("decision-undoes-nothing"), at.clone(), "it undoes no exclusion that is in force")
                .expected("undoes = the line of one"),
        );
    }
}

/// Whether a text is a date with a time and its distance from UTC; the name of a zone is not looked up.
fn is_moment(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_some() && pieces.to_numeric_offset().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "{\"previous\":\"@\",\"when\":\"2026-11-22T12:01:00+01:00[Europe/Berlin]\",\"who\":\"A. B.\",\
        \"action\":\"exclude\",\"target\":{\"plate\":\"P01\",\"well\":\"A03\"},\"old\":\"used\",\"new\":\"excluded\",\
        \"code\":\"bubble\",\"reason\":\"seen\"}";

    #[test]
    fn what_nobody_can_have_decided_is_named() {
        let said = |from: &str, to: &str| {
            let text = EVENT.replace('@', BEGINNING).replace(from, to);
            Decisions::parse(&text).map_or_else(|problems| problems.to_string(), |_| String::new())
        };
        assert_eq!(said("@", "@"), "");
        assert_eq!(said("+01:00[Europe/Berlin]", "Z"), "");
        assert!(said("bubble", "ugly").contains("reason code 'ugly'"));
        assert!(said("11-22T", "13-45T").contains("is no moment"));
        assert!(said("T12:01:00+01:00[Europe/Berlin]", "").contains("is no moment"));
        assert!(said("exclude\",\"t", "approve\",\"t").contains("a review of a part of a plate"));
    }

    #[test]
    fn a_head_knows_its_log() {
        let first = EVENT.replace('@', BEGINNING);
        let second = EVENT.replace('@', &sha256(first.as_bytes())).replace("A03", "B03");
        let log = |lines: &[&str]| Decisions::parse(&lines.join("\n")).unwrap();
        let (one, two) = (log(&[&first]), log(&[&first, &second]));
        assert!(two.continues(&LogHead::default()) && two.continues(one.head()) && two.continues(two.head()));
        assert!(!one.continues(two.head()), "cut");
        assert!(!log(&[&first.replace("seen", "guessed")]).continues(one.head()), "the last line was changed");
        let rewritten = first.replace("A. B.", "C. D.");
        let next = second.replace(&sha256(first.as_bytes()), &sha256(rewritten.as_bytes()));
        assert!(!log(&[&rewritten, &next]).continues(one.head()), "written anew with right hashes");
    }
}
