//! What is asked, and the page that answers it. The files of the study are looked at with every request: what changed outside is on the
//! next page.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::pipeline::{DecidedBy, DecisionBasis, Desk, NotDecided, RequestedDecision};
use crate::record::{ReviewKind, Target};
use crate::report::page::review::{Proposal, QueueFilter, Reviewed, plate_address};
use crate::report::table::{self, ReportTable};
use crate::sheet::{Code, Location, Problem, Problems};

/// A study with its tables, made once for as long as nothing changes.
#[derive(Debug)]
pub(super) struct OpenStudy {
    desk: Desk,
    tables: Vec<ReportTable>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PageRequest {
    /// The queue.
    Queue(Filter),
    /// A plate.
    Plate(PlateRequest),
    /// What a decision would change.
    Propose(PlatePart),
    /// A decision.
    Decide(Form),
}

impl From<Filter> for PageRequest {
    fn from(filter: Filter) -> Self {
        Self::Queue(filter)
    }
}

impl From<PlateRequest> for PageRequest {
    fn from(plate: PlateRequest) -> Self {
        Self::Plate(plate)
    }
}

impl From<PlatePart> for PageRequest {
    fn from(part: PlatePart) -> Self {
        Self::Propose(part)
    }
}

/// Which plates of the queue.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    show: String,
}

/// A plate, a part of it picked out, and what was just decided.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct PlateRequest {
    id: String,
    well: Option<String>,
    standard: Option<f64>,
    done: Option<usize>,
}

/// What would be left out, or used again.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct PlatePart {
    plate: String,
    well: Option<String>,
    standard: Option<f64>,
    undo: Option<usize>,
    whole: Option<String>,
}

/// The form of a decision.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Form {
    what: DecisionKind,
    plate: String,
    /// What its page showed, as that page has it.
    seen: String,
    well: Option<String>,
    standard: Option<f64>,
    line: Option<usize>,
    /// Said where a whole plate is to be left out.
    whole: Option<String>,
    code: String,
    reason: String,
    pub(super) who: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DecisionKind {
    Exclude,
    Undo,
    Accept,
    Approve,
}

/// What is answered.
#[derive(Debug)]
pub(super) enum Reply {
    /// A page.
    Page(StatusCode, String),
    /// The decision is written: the page that shows it.
    See(String),
}

/// Who asks, and what marks the page as ours.
#[derive(Debug, Clone)]
pub(super) struct Requester {
    pub(super) who: String,
    pub(super) nonce: String,
}

impl OpenStudy {
    pub(super) fn new(desk: Desk) -> Self {
        let tables = table::tables(&desk.run().report());
        Self { desk, tables }
    }

    /// Answers what is asked.
    pub(super) fn answer(&mut self, ask: PageRequest, asker: &Requester) -> Reply {
        if let Err(problems) = self.refresh() {
            let back = ("/", "Try again");
            return self.refused(asker, "The study cannot be read as it is now", &problems, back, StatusCode::CONFLICT);
        }
        match ask {
            PageRequest::Queue(filter) => {
                let page = self.shown(asker, |reviewed| reviewed.queue(QueueFilter::of(&filter.show)));
                Reply::Page(StatusCode::OK, page)
            }
            PageRequest::Plate(plate) => self.plate(&plate, asker),
            PageRequest::Propose(part) => self.propose(part, asker),
            PageRequest::Decide(form) => self.decide(form, asker),
        }
    }

    fn refresh(&mut self) -> Result<(), Problems> {
        if self.desk.refresh()? {
            self.tables = table::tables(&self.desk.run().report());
        }
        Ok(())
    }

    fn shown<T>(&self, asker: &Requester, page: impl FnOnce(&Reviewed<'_>) -> T) -> T {
        let report = self.desk.run().report();
        page(&Reviewed { report: &report, tables: &self.tables, nonce: &asker.nonce, who: &asker.who })
    }

    /// What a page of a plate carries with its decisions.
    fn seen(&self, plate: &str) -> String {
        self.desk.seen(plate).and_then(|seen| serde_json::to_string(&seen).ok()).unwrap_or_default()
    }

    fn plate(&self, of: &PlateRequest, asker: &Requester) -> Reply {
        let part = target(&of.id, of.well.as_deref(), of.standard);
        let part = (of.well.is_some() || of.standard.is_some()).then_some(&part);
        let seen = self.seen(&of.id);
        match self.shown(asker, |reviewed| reviewed.plate(&of.id, part, &seen, of.done)) {
            Some(page) => Reply::Page(StatusCode::OK, page),
            None => {
                let what = part.map_or_else(|| format!("plate {}", of.id), ToString::to_string);
                let found = Problem::new(
                    Code::new("review-nothing-there"),
                    Location::file("study.toml"),
                    format!("there is no {what}"),
                );
                let (problems, back) = (found.into(), ("/", "All plates"));
                self.refused(asker, "There is nothing like that in the study", &problems, back, StatusCode::NOT_FOUND)
            }
        }
    }

    fn propose(&self, part: PlatePart, asker: &Requester) -> Reply {
        let back = plate_address(&part.plate);
        let back = (back.as_str(), "Back to the plate");
        let some_part = part.well.is_some() || part.standard.is_some() || part.whole.is_some();
        let asked = match part.undo {
            Some(line) => RequestedDecision::Undo(line),
            None if some_part => RequestedDecision::Exclude(target(&part.plate, part.well.as_deref(), part.standard)),
            None => {
                let found = Problem::new(
                    Code::new("review-nothing-named"),
                    Location::file("decisions.jsonl"),
                    "nothing was named that could be left out",
                );
                let problems = found.expected("a well, a standard or the whole plate").into();
                return self.refused(asker, "Nothing was proposed", &problems, back, StatusCode::BAD_REQUEST);
            }
        };
        let proposed = match self.desk.propose(&part.plate, asked) {
            Ok(proposed) => proposed,
            Err(problems) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return self.refused(asker, "This cannot be decided", &problems, back, status);
            }
        };
        let (after, seen) = (proposed.run.report(), self.seen(&part.plate));
        let proposal = Proposal { plate: &part.plate, decision: &proposed.decision, after: &after, seen: &seen };
        match self.shown(asker, |reviewed| reviewed.proposal(&proposal)) {
            Some(page) => Reply::Page(StatusCode::OK, page),
            None => {
                let found = Problem::new(
                    Code::new("review-no-plate"),
                    Location::file("study.toml"),
                    format!("there is no plate {}", part.plate),
                );
                self.refused(asker, "Nothing was proposed", &found.into(), ("/", "All plates"), StatusCode::NOT_FOUND)
            }
        }
    }

    fn decide(&mut self, form: Form, asker: &Requester) -> Reply {
        let back = plate_address(&form.plate);
        let decided = self.decided(&form);
        if let Err(problems) = self.refresh() {
            let status = StatusCode::CONFLICT;
            return self.refused(asker, "The study cannot be read as it is now", &problems, ("/", "Try again"), status);
        }
        match decided {
            Ok(line) => Reply::See(format!("{back}&done={line}")),
            Err(NotDecided::Changed(changed)) => {
                let page = self.shown(asker, |reviewed| reviewed.changed_since(&form.plate, &changed));
                Reply::Page(StatusCode::CONFLICT, page)
            }
            Err(NotDecided::Refused(problems)) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                self.refused(asker, "Nothing was written", &problems, (&back, "Back to the plate"), status)
            }
        }
    }

    /// Makes the decision of a form; gives its line.
    fn decided(&mut self, form: &Form) -> Result<usize, NotDecided> {
        let refuse = |code: Code, found: &str, expected: &str| {
            NotDecided::from(Problem::new(code, Location::file("decisions.jsonl"), found).expected(expected))
        };
        let seen: DecisionBasis = serde_json::from_str(&form.seen).map_err(|_| {
            refuse(
                Code::new("review-nothing-looked-at"),
                "it is not said what was looked at",
                "a decision from the page of a plate",
            )
        })?;
        let part = target(&form.plate, form.well.as_deref(), form.standard);
        let review =
            |kind| RequestedDecision::Review { kind, plate: form.plate.clone(), who: form.who.clone(), results: None };
        let asked = match (form.what, form.line) {
            (DecisionKind::Exclude, _) if part.well.is_none() && part.standard.is_none() && form.whole.is_none() => {
                return Err(refuse(
                    Code::new("review-whole-plate-not-meant"),
                    "the whole plate would be left out",
                    "that this is said on the page",
                ));
            }
            (DecisionKind::Exclude, _) => RequestedDecision::Exclude(part),
            (DecisionKind::Undo, Some(line)) => RequestedDecision::Undo(line),
            (DecisionKind::Undo, None) => {
                return Err(refuse(
                    Code::new("review-nothing-to-undo"),
                    "no decision to undo",
                    "the line of an exclusion",
                ));
            }
            (DecisionKind::Accept, _) => review(ReviewKind::Reviewed),
            (DecisionKind::Approve, _) => review(ReviewKind::Approved),
        };
        let (who, code, reason) = (form.who.clone(), form.code.clone(), form.reason.clone());
        self.desk.decide(&form.plate, &seen, asked, DecidedBy { who, code, reason }).map(|(line, _)| line)
    }

    fn refused(&self, asker: &Requester, title: &str, why: &Problems, back: (&str, &str), status: StatusCode) -> Reply {
        let why: Vec<String> = why.0.iter().map(ToString::to_string).collect();
        Reply::Page(status, self.shown(asker, |reviewed| reviewed.refused(title, &why, back)))
    }
}

fn target(plate: &str, well: Option<&str>, standard: Option<f64>) -> Target {
    // As it is written on plates: an empty field of a form is none.
    let well = well.map(|well| well.trim().to_uppercase()).filter(|well| !well.is_empty());
    Target { plate: plate.to_string(), standard: standard.filter(|_| well.is_none()), well }
}
