//! What somebody wants to decide, and how it becomes a line of the log.

use std::io;
use std::path::Path;

use super::chain::{Lines, LogHead};
use super::decisions::{Action, DECISIONS_FILE, Decision, Decisions, REASON_CODES, Target};
use super::looked_at::LookedAt;
use super::review::ReviewKind;
use super::run::moment_here;
use crate::files::{self, InputFolder, LinkPolicy, LogLine};
use crate::sheet::{Code, Location, Problem, Problems, has_controls};

/// What somebody wants to decide.
///
/// ```
/// use platewise::record::{Decisions, DecisionRequest, CheckedDecision};
///
/// // No reason, no decision.
/// let silent = DecisionRequest { who: "A. B.".into(), decision: CheckedDecision::Undo(1), code: "other".into(), reason: " ".into(), seen: None };
/// assert!(Decisions::default().event(&silent).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRequest {
    /// Who.
    pub who: String,
    /// What about.
    pub decision: CheckedDecision,
    /// Code of the reason.
    pub code: String,
    /// The reason in words.
    pub reason: String,
    /// How far the log had grown that they saw: where it has grown since, they have not seen what was decided, and nothing is written.
    /// `None` where nobody was shown it.
    pub seen: Option<LogHead>,
}

/// A decision that was checked against the study, as it would be written.
///
/// ```
/// use platewise::record::{Decisions, DecisionRequest, CheckedDecision};
///
/// let undo = DecisionRequest { who: "A. B.".into(), decision: CheckedDecision::Undo(7), code: "other".into(), reason: "the well beside it".into(), seen: None };
/// let refused = Decisions::default().event(&undo).map_err(|problem| problem.to_string());
/// assert!(refused.is_err_and(|words| words.contains("line 7 is no exclusion in force")));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum CheckedDecision {
    /// Leave the target out.
    Exclude(Target),
    /// End the exclusion of this line.
    Undo(usize),
    /// Let the verdict and the results of a plate stand as they are.
    Review {
        /// Whether it was reviewed or is approved.
        kind: ReviewKind,
        /// The plate.
        plate: String,
        /// Its verdict now.
        verdict: String,
        /// What was looked at.
        looked_at: LookedAt,
    },
}
impl Decisions {
    /// The event that a request becomes.
    ///
    /// # Errors
    /// When it has no reason or nobody who decides, an unknown code, excludes what is excluded, or undoes what is not.
    pub fn event(&self, request: &DecisionRequest) -> Result<Decision, Problem> {
        let refuse = |code: Code, found: String, expected: &str| {
            Problem::new(code, Location::file(DECISIONS_FILE), found).expected(expected)
        };
        if request.who.trim().is_empty() || request.reason.trim().is_empty() {
            return Err(refuse(
                Code::new("decision-without-person-or-reason"),
                "a decision without a person or without a reason".into(),
                "both; nothing was written",
            ));
        }
        if has_controls(&request.who) || has_controls(&request.reason) {
            return Err(refuse(
                Code::new("decision-control-characters"),
                "a name or a reason with control characters".into(),
                "text; nothing was written",
            ));
        }
        if let Some(seen) = request.seen.as_ref().filter(|seen| *seen != self.head()) {
            let found = format!("it had {} lines when this was decided, and has {} now", seen.lines, self.head().lines);
            return Err(refuse(Code::new("decision-on-older-log"), found, "the log that was looked at")
                .advice("Nothing was written: look again, and decide then"));
        }
        if !REASON_CODES.iter().any(|(code, _)| *code == request.code) {
            let codes = REASON_CODES.map(|(code, _)| code).join(", ");
            return Err(refuse(
                Code::new("decision-reason-code-unknown"),
                format!("reason code '{}'", request.code),
                &format!("one of {codes}"),
            ));
        }
        let (action, target, undoes, old, new) = match &request.decision {
            CheckedDecision::Exclude(target) => {
                if let Some((line, _)) = self.in_force().find(|(_, decision)| decision.target == *target) {
                    return Err(refuse(
                        Code::new("decision-excluded-already"),
                        format!("{target} is excluded already, by line {line}"),
                        "something still in use",
                    ));
                }
                (Action::Exclude, target.clone(), None, "used".to_string(), "excluded")
            }
            CheckedDecision::Undo(line) => {
                let Some((_, undone)) = self.in_force().find(|(at, _)| at == line) else {
                    return Err(refuse(
                        Code::new("decision-nothing-to-undo"),
                        format!("line {line} is no exclusion in force"),
                        "the line of one",
                    ));
                };
                (Action::Undo, undone.target.clone(), Some(*line), "excluded".to_string(), "used")
            }
            CheckedDecision::Review { kind, plate, verdict, .. } => {
                let target = Target { plate: plate.clone(), well: None, standard: None };
                let (action, new) = match kind {
                    ReviewKind::Reviewed => (Action::Accept, "reviewed"),
                    ReviewKind::Approved => (Action::Approve, "approved"),
                };
                (action, target, None, verdict.clone(), new)
            }
        };
        let looked_at = match &request.decision {
            CheckedDecision::Review { looked_at, .. } => Some(looked_at.clone()),
            _ => None,
        };
        Ok(Decision {
            previous: String::new(),
            when: moment_here(),
            who: request.who.trim().into(),
            action,
            target,
            undoes,
            old,
            new: new.into(),
            code: request.code.clone(),
            reason: request.reason.trim().into(),
            looked_at,
        })
    }

    /// The log as it would be with one more decision, which nobody has made yet: for what is shown before it is written.
    ///
    /// # Errors
    /// As [`Decisions::event`].
    pub fn with(&self, decision: &CheckedDecision) -> Result<Self, Problem> {
        let (who, code, reason) = ("nobody yet".into(), "other".into(), "proposed".into());
        let mut event = self.event(&DecisionRequest { who, decision: decision.clone(), code, reason, seen: None })?;
        event.previous = self.head().sha256.clone();
        Ok(self.clone().followed_by(event))
    }
}

/// Appends what is requested to the log of the study in `folder`, under a lock, and gives the line with its event. The log that
/// is there is checked first.
///
/// # Errors
/// As [`Decisions::parse`] and [`Decisions::event`], and when the file cannot be written. Nothing was written then.
pub fn append(folder: &Path, request: &DecisionRequest) -> Result<(usize, Decision), Problems> {
    // What is refused leaves no file behind, which would be an input of the next run. Under the lock it is asked once more: the
    // log may have grown.
    Decisions::read(&InputFolder::new(folder, LinkPolicy::Refused))?.event(request)?;
    let cannot = |error: io::Error| {
        Problems::from(Problem::new(
            Code::new("decisions-not-written"),
            Location::file(DECISIONS_FILE),
            format!("cannot be written ({error})"),
        ))
    };
    files::append(&folder.join(DECISIONS_FILE), |text| {
        let decisions = Decisions::parse(text)?;
        let mut event = decisions.event(request)?;
        event.previous = decisions.head().sha256.clone();
        let line = serde_json::to_string(&event).map_err(|error| cannot(error.into()))?;
        Ok(LogLine { after: Lines::of(text).bytes, text: line, value: (decisions.head().lines + 1, event) })
    })
    .map_err(cannot)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclude(well: &str) -> DecisionRequest {
        let target = Target { plate: "P01".into(), well: Some(well.into()), standard: None };
        DecisionRequest {
            who: "A. Analyst".into(),
            decision: CheckedDecision::Exclude(target),
            code: "bubble".into(),
            reason: "seen".into(),
            seen: None,
        }
    }

    fn log(requests: &[DecisionRequest]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        for request in requests {
            append(folder.path(), request).unwrap();
        }
        let text = std::fs::read_to_string(folder.path().join(DECISIONS_FILE)).unwrap();
        (folder, text)
    }

    #[test]
    fn undo_is_a_new_event_and_the_first_stays() {
        let undo = DecisionRequest { decision: CheckedDecision::Undo(1), ..exclude("A01") };
        let (folder, text) = log(&[exclude("A03"), exclude("B03"), undo.clone()]);
        let decisions = Decisions::read(&InputFolder::new(folder.path(), LinkPolicy::Refused)).unwrap();
        assert_eq!(text.lines().count(), 3);
        let in_force: Vec<usize> = decisions.in_force().map(|(line, _)| line).collect();
        assert_eq!(in_force, [2]);
        let again = append(folder.path(), &undo).unwrap_err().to_string();
        assert!(again.contains("line 1 is no exclusion in force"), "{again}");
        let twice = append(folder.path(), &exclude("B03")).unwrap_err().to_string();
        assert!(twice.contains("is excluded already, by line 2"), "{twice}");
        // What was undone may be excluded once more.
        assert_eq!(append(folder.path(), &exclude("A03")).unwrap().0, 4);
        let first = decisions.lines().next().unwrap().1;
        assert!(first.when.contains('['), "the time zone: {}", first.when);
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
        assert!(broken(&[lines[0], &lines[1][..40], ""]).contains("line 2: not an event"));
    }

    #[test]
    fn a_last_line_that_was_not_written_whole_costs_no_earlier_one() {
        let (folder, text) = log(&[exclude("A03"), exclude("B03")]);
        let path = folder.path().join(DECISIONS_FILE);
        let first = text.lines().next().unwrap();
        for cut in first.len() + 2..text.len() - 1 {
            std::fs::write(&path, &text[..cut]).unwrap();
            let found = Decisions::read(&InputFolder::new(folder.path(), LinkPolicy::Refused)).unwrap();
            assert_eq!(found.lines().count(), 1, "cut at {cut}");
            assert!(found.torn().is_some_and(|problem| problem.to_string().contains("line 2")), "cut at {cut}");
        }
        assert_eq!(append(folder.path(), &exclude("C03")).unwrap().0, 2);
        let found = Decisions::read(&InputFolder::new(folder.path(), LinkPolicy::Refused)).unwrap();
        let wells: Vec<_> = found.lines().map(|(_, event)| event.target.well.clone().unwrap()).collect();
        assert_eq!((wells, found.torn()), (vec!["A03".to_string(), "C03".to_string()], None));
    }

    #[test]
    fn marks_of_editors_are_no_fault() {
        let (folder, text) = log(&[exclude("A03"), exclude("B03")]);
        let path = folder.path().join(DECISIONS_FILE);
        std::fs::write(&path, format!("\u{feff}{}\r\n\r\n", text.trim_end().replace('\n', "\r\n"))).unwrap();
        assert_eq!(append(folder.path(), &exclude("C03")).unwrap().0, 3);
        let found = Decisions::read(&InputFolder::new(folder.path(), LinkPolicy::Refused)).unwrap();
        assert_eq!(found.lines().count(), 3);
    }

    #[test]
    fn no_reason_no_decision() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |request: DecisionRequest| append(folder.path(), &request).unwrap_err().to_string();
        assert!(refused(DecisionRequest { reason: "  ".into(), ..exclude("A03") }).contains("without a reason"));
        assert!(refused(DecisionRequest { who: String::new(), ..exclude("A03") }).contains("without a person"));
        assert!(
            refused(DecisionRequest { code: "ugly".into(), ..exclude("A03") }).contains("one of pipetting, bubble")
        );
        assert!(!folder.path().join(DECISIONS_FILE).exists(), "nothing was written, not even an empty log");
    }
}
