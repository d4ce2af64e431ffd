//! A study on the desk of a reviewer: quantified, kept, read again when one of its files has changed; what a decision would change,
//! before it is made; and decisions, made on what was looked at. Blind, as everything that is quantified.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::decide::{RequestedDecision, decision_for};
use super::run::Run;
use super::study_files::StudyFiles;
use crate::files::{InputFolder, LinkPolicy};
use crate::protocol::PlateEntry;
use crate::record::{self, CheckedDecision, DECISIONS_FILE, Decision, DecisionRequest, Decisions, LookedAt, opening};
use crate::sheet::{Code, Location, Problem, Problems};

/// A study that is being reviewed.
///
/// ```
/// use std::path::Path;
/// use platewise::files::LinkPolicy;
/// use platewise::pipeline::{RequestedDecision, Desk};
/// use platewise::record::Target;
///
/// let mut desk = Desk::open(Path::new("plates"), LinkPolicy::Refused)?;
/// assert!(!desk.refresh()?, "no file has changed");
/// // What the first plate would be without one well of a standard; nothing is written.
/// let target = Target { plate: "P01".into(), well: Some("A01".into()), standard: None };
/// let proposed = desk.propose("P01", RequestedDecision::Exclude(target))?;
/// assert_eq!(proposed.run.quantified.exclusions.plates_before[0].id, "P01");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug)]
pub struct Desk {
    folder: PathBuf,
    links: LinkPolicy,
    /// The files as they were read: what a proposal is computed from.
    files: StudyFiles,
    bytes: Vec<Bytes>,
    run: Run,
}

/// A file of the study and the hash of its bytes; none where it cannot be read.
type Bytes = (PathBuf, Option<String>);

/// What somebody had before them when they decided about a plate. A page carries it with each of its forms.
///
/// ```
/// use platewise::pipeline::DecisionBasis;
/// let seen = DecisionBasis { lines: 3, looked_at: Default::default() };
/// assert!(serde_json::to_string(&seen)?.starts_with("{\"lines\":3,"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionBasis {
    /// The lines of the log of decisions.
    pub lines: usize,
    /// What there was to look at of the plate.
    pub looked_at: LookedAt,
}

/// What a decision would change.
///
/// ```
/// use platewise::{files::LinkPolicy, pipeline::{RequestedDecision, Desk}, record::{Target, CheckedDecision}};
///
/// let desk = Desk::open(std::path::Path::new("plates"), LinkPolicy::Refused)?;
/// let whole = Target { plate: "P02".into(), well: None, standard: None };
/// let proposed = desk.propose("P02", RequestedDecision::Exclude(whole.clone()))?;
/// assert_eq!(proposed.decision, CheckedDecision::Exclude(whole));
/// assert!(!proposed.run.quantified.plates[1].verdict.verdict.is_accepted());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug)]
pub struct ProposedChange {
    /// The decision, as it would be written.
    pub decision: CheckedDecision,
    /// The study with it. What counts now stands beside it, as what would be without exclusions does in a run: every plate that
    /// changes is in [`Exclusions::plates_before`](crate::reportable::Exclusions::plates_before) as it is now.
    pub run: Run,
}

/// Who decides, and why.
///
/// ```
/// let by = platewise::pipeline::DecidedBy { who: "A. B.".into(), code: "bubble".into(), reason: "seen".into() };
/// assert_eq!(by.code, "bubble");
/// ```
#[derive(Debug, Clone)]
pub struct DecidedBy {
    /// Who.
    pub who: String,
    /// Code of the reason.
    pub code: String,
    /// The reason in words.
    pub reason: String,
}

/// Why nothing was decided.
///
/// ```
/// use platewise::pipeline::NotDecided;
/// let since = NotDecided::Changed(vec!["the layout has changed".into()]);
/// assert_eq!(since.to_string(), "nothing was written: the layout has changed");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotDecided {
    /// What was looked at is no longer what there is: what has changed, each in words.
    #[error("nothing was written: {}", .0.join("; "))]
    Changed(Vec<String>),
    /// It cannot be decided.
    #[error(transparent)]
    Refused(#[from] Problems),
}

impl From<Problem> for NotDecided {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.into())
    }
}

impl Desk {
    /// Reads and quantifies a study.
    ///
    /// # Errors
    /// As [`quantify`](super::quantify()).
    pub fn open(folder: &Path, links: LinkPolicy) -> Result<Self, Problems> {
        let study = InputFolder::new(folder, links);
        let files = StudyFiles::read(&study, None)?;
        let bytes = bytes(&study, &names(&files));
        let mut run = Run::new(files.clone().quantified(None, &|_| ())?, None, record::now())?;
        show_signatures(&mut run, folder);
        // A log that is no longer what the last run knew is said here as well.
        let openings = opening::openings(&run.quantified.protocol.trial.folder(folder));
        run.record.arms_opened = openings.as_ref().cloned().unwrap_or_default();
        run.warn(openings.err(), &folder.join("results"));
        Ok(Self { folder: folder.to_path_buf(), links, files, bytes, run })
    }

    /// Reads the study again where a file of it has changed, or what people signed; says whether anything had.
    ///
    /// # Errors
    /// As [`Desk::open`]; what was read before stays.
    pub fn refresh(&mut self) -> Result<bool, Problems> {
        let names: Vec<PathBuf> = self.bytes.iter().map(|(name, _)| name.clone()).collect();
        if bytes(&InputFolder::new(&self.folder, self.links), &names) == self.bytes {
            let signed = self.run.signatures.clone();
            show_signatures(&mut self.run, &self.folder);
            return Ok(self.run.signatures != signed);
        }
        *self = Self::open(&self.folder, self.links)?;
        Ok(true)
    }

    /// The study as it is: what a report shows of it.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// What there is to look at of a plate now; `None` where the study has no such plate.
    pub fn seen(&self, plate: &str) -> Option<DecisionBasis> {
        let study = &self.run.quantified;
        let at = study.plates.iter().position(|one| one.id == plate)?;
        Some(DecisionBasis { lines: self.decisions().head().lines, looked_at: study.looked_at[at].clone() })
    }

    fn decisions(&self) -> &Decisions {
        &self.run.quantified.exclusions.decisions
    }

    /// What a decision about a plate would change. Nothing is written.
    ///
    /// # Errors
    /// As [`check_decision`](super::check_decision), and when what is to be excluded is, or what is to be undone is not.
    pub fn propose(&self, plate: &str, requested: RequestedDecision) -> Result<ProposedChange, Problems> {
        let now = &self.run.quantified;
        let decision = self.checked(plate, requested)?;
        let mut files = self.files.clone();
        files.decisions = files.decisions.with(&decision)?;
        let mut study = files.quantified(None, &|_| ())?;
        let both = now.plates.iter().zip(now.looked_at.iter().zip(&study.looked_at));
        let changed = both.filter(|(_, (before, after))| before.results != after.results);
        study.exclusions.plates_before = changed.map(|(plate, _)| plate.clone()).collect();
        study.exclusions.results_before = now.results.iter().chain(&now.test_results).cloned().collect();
        study.exclusions.results_before.sort_by(|one, other| one.sample.cmp(&other.sample));
        Ok(ProposedChange { decision, run: Run::new(study, None, record::now())? })
    }

    /// Writes a decision about a plate that somebody made with `seen` before them; gives its line.
    ///
    /// # Errors
    /// When anything of the plate, or what was decided about it, is no longer what they saw; when it cannot be decided; when it cannot be
    /// written. Nothing was written then.
    pub fn decide(
        &mut self,
        plate: &str,
        seen: &DecisionBasis,
        requested: RequestedDecision,
        by: DecidedBy,
    ) -> Result<(usize, Decision), NotDecided> {
        self.refresh()?;
        let Some(now) = self.seen(plate) else {
            return Err(NotDecided::Changed(vec![format!("there is no plate {plate} in the study any more")]));
        };
        let changed = self.changes(plate, seen, &now);
        if !changed.is_empty() {
            return Err(NotDecided::Changed(changed));
        }
        let decision = self.checked(plate, requested)?;
        let DecidedBy { who, code, reason } = by;
        let head = self.decisions().head().clone();
        let decided = record::append(&self.folder, &DecisionRequest { who, decision, code, reason, seen: Some(head) })?;
        self.refresh()?;
        Ok(decided)
    }

    /// What is asked, checked: it is about the plate that was looked at.
    fn checked(&self, plate: &str, requested: RequestedDecision) -> Result<CheckedDecision, Problems> {
        let decision = decision_for(&self.run.quantified, &self.folder, requested)?;
        let of = match &decision {
            CheckedDecision::Exclude(target) => Some(&target.plate),
            CheckedDecision::Review { plate, .. } => Some(plate),
            CheckedDecision::Undo(line) => {
                self.decisions().lines().find(|(at, _)| at == line).map(|(_, of)| &of.target.plate)
            }
        };
        match of {
            Some(of) if of != plate => {
                let found = format!("it is about plate {of}");
                let problem = Problem::new(Code::new("decision-on-other-plate"), Location::file(DECISIONS_FILE), found)
                    .expected(format!("plate {plate}"));
                Err(problem.advice("Nothing was written: decide from the page of that plate").into())
            }
            // That a line is no exclusion is said where the event is made.
            _ => Ok(decision),
        }
    }

    /// What is not as it was seen, each in words.
    fn changes(&self, plate: &str, seen: &DecisionBasis, now: &DecisionBasis) -> Vec<String> {
        if now.lines < seen.lines {
            let (had, has) = (seen.lines, now.lines);
            return vec![format!("{DECISIONS_FILE} had {had} lines and has {has}: it was cut")];
        }
        let since = self.decisions().lines().filter(|(line, of)| *line > seen.lines && of.target.plate == plate);
        let mut changed: Vec<String> = since
            .map(|(line, of)| {
                let (who, target, new, reason) = (&of.who, &of.target, &of.new, &of.reason);
                format!("decision {line} by {who}: {target} is {new} ({}: {reason})", of.code)
            })
            .collect();
        // A decision that was just named is why its exclusions differ.
        let decided = !changed.is_empty();
        let parts = seen.looked_at.changes(&now.looked_at);
        let others = parts.into_iter().filter(|part| !(decided && *part == "the exclusions"));
        changed.extend(others.map(|part| format!("{} changed", part.trim_end_matches(','))));
        changed
    }
}

/// What people signed, beside what there is now.
fn show_signatures(run: &mut Run, folder: &Path) {
    match record::signatures(folder) {
        Ok(signatures) => {
            run.signatures_unread = Problems::default();
            run.show_signatures(signatures);
        }
        Err(problems) => run.signatures_unread = problems,
    }
}

/// Every file on which the study depends: those that were read, and those that were not there to be read.
fn names(files: &StudyFiles) -> Vec<PathBuf> {
    let read = files.inputs.iter().map(|input| PathBuf::from(&input.file));
    let plates = &files.protocol.assay.plates;
    let exports = plates.iter().map(|entry| entry.export.clone());
    let layouts = plates.iter().filter_map(PlateEntry::layout_file).cloned();
    let mut names: Vec<PathBuf> = read.chain(exports).chain(layouts).chain([DECISIONS_FILE.into()]).collect();
    names.sort();
    names.dedup();
    names
}

fn bytes(study: &InputFolder, names: &[PathBuf]) -> Vec<Bytes> {
    let hash = |name: &PathBuf| study.try_read(name).ok().map(|input| input.record.sha256.clone());
    names.par_iter().map(|name| (name.clone(), hash(name))).collect()
}
