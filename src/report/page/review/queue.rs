//! The queue: every plate with its verdict and the state of its review; what needs somebody first.

use maud::{Markup, html};

use super::links::undo;
use super::{Reviewed, plate_address, state};
use crate::qc::{self, JudgedPlate, Verdict};
use crate::record::{Review, ReviewKind};
use crate::report::figure::Styles;
use crate::report::page::show::{ShownTable, badge};
use crate::report::page::{document, plates};
use crate::report::table::columns_of::SignaturesTable;
use crate::report::{StudyReport, words};

/// Which plates the queue shows.
///
/// ```
/// use platewise::report::page::review::QueueFilter;
/// assert_eq!((QueueFilter::of("to-do"), QueueFilter::of("anything else")), (QueueFilter::ToDo, QueueFilter::All));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFilter {
    /// All of them.
    All,
    /// Those that nobody reviewed, and those whose review does not count.
    ToDo,
    /// Those that were not accepted, or with remarks.
    Flagged,
    /// Those that were reviewed or approved as they are.
    Done,
}

impl QueueFilter {
    const ALL: [Self; 4] = [Self::All, Self::ToDo, Self::Flagged, Self::Done];

    /// By its name in the address.
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|show| show.name() == name).unwrap_or(Self::All)
    }

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::ToDo => "to-do",
            Self::Flagged => "flagged",
            Self::Done => "done",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::All => ("All", "1"),
            Self::ToDo => ("To review", "2"),
            Self::Flagged => ("Not accepted or with remarks", "3"),
            Self::Done => ("Reviewed or approved", "4"),
        }
    }

    fn holds(self, report: &StudyReport<'_>, plate: &JudgedPlate) -> bool {
        match self {
            Self::All => true,
            Self::ToDo => !is_done(report, plate),
            Self::Flagged => plate.verdict.verdict != Verdict::Accepted,
            Self::Done => is_done(report, plate),
        }
    }
}

/// Whether somebody reviewed or approved the plate as it is.
pub(super) fn is_done(report: &StudyReport<'_>, plate: &JudgedPlate) -> bool {
    matches!(report.review(plate), Review::InDate(..))
}

/// The plates in the order in which they need somebody: a review that does not count, then what was not accepted, remarks, the others;
/// then what was reviewed, and what was approved. Within each as in the study.
pub(super) fn order<'r>(report: &StudyReport<'r>) -> Vec<&'r JudgedPlate> {
    let rank = |plate: &&JudgedPlate| match (report.review(plate), plate.verdict.verdict) {
        (Review::OutOfDate(..) | Review::SamePerson(..), _) => 0,
        (Review::Open, Verdict::Rejected | Verdict::NotEvaluable) => 1,
        (Review::Open, Verdict::AcceptedWithRemarks) => 2,
        (Review::Open, Verdict::Accepted) => 3,
        (Review::InDate(ReviewKind::Reviewed, _), _) => 4,
        (Review::InDate(ReviewKind::Approved, _), _) => 5,
    };
    let mut plates: Vec<&JudgedPlate> = report.plates.iter().collect();
    plates.sort_by_key(rank);
    plates
}

impl Reviewed<'_> {
    /// The page with all plates.
    pub fn queue(&self, show: QueueFilter) -> String {
        let report = self.report;
        let done = report.plates.iter().filter(|plate| is_done(report, plate)).count();
        let plates: Vec<&JudgedPlate> = order(report).into_iter().filter(|plate| show.holds(report, plate)).collect();
        let next = plates.iter().find(|plate| !is_done(report, plate));
        let nav = html! { @for other in QueueFilter::ALL {
            @let (words, key) = other.words();
            li { a href={ "/?show=" (other.name()) } data-key=(key) aria-current=[(other == show).then_some("page")] {
                (words) " (" (report.plates.iter().filter(|plate| other.holds(report, plate)).count()) ")"
            } }
        } };
        let title = format!("Review: {}", document::title(report));
        let body = html! {
            (self.header(&title, &nav))
            main id="main" {
                p.lead { (done) " of " (report.plates.len()) @if report.plates.len() == 1 { " plate" } @else { " plates" } " reviewed or approved"
                    @if let Some(next) = next { ". Next: " a href=(plate_address(&next.id)) data-key="n" { (next.id) } } }
                @if plates.is_empty() { p { "None." } } @else { (self.table(&plates)) }
                (self.in_force())
                (self.signatures())
                (self.warnings())
            }
        };
        self.page(&title, &body, &Styles::default())
    }

    fn table(&self, plates: &[&JudgedPlate]) -> Markup {
        html! { div.scroll tabindex="0" role="group" aria-label="Plates" { table {
            caption { "What needs somebody comes first" }
            thead { tr {
                th scope="col" { "Plate" } th scope="col" { "Review" } th scope="col" { "Verdict" } th.number scope="col" { "Findings to look at" }
                th.number scope="col" { "Standards passed" } th.number scope="col" { "Controls passed" } th scope="col" { "Why" }
            } }
            tbody { @for plate in plates { (self.row(plate)) } }
        } } }
    }

    fn row(&self, plate: &JudgedPlate) -> Markup {
        let review = self.report.review(plate);
        html! { tr {
            th scope="row" { a href=(plate_address(&plate.id)) { (plate.id) } }
            td.short { (state(review)) }
            td { (badge(&plate.verdict.verdict.to_string())) }
            td.number { (plate.verdict.to_look_at().len()) }
            td.number { (plates::passed(plate, qc::standards::BIAS)) }
            td.number { (plates::passed(plate, qc::controls::BIAS)) }
            td.long { @if let Some(doubt) = review.doubt() { strong { (doubt) ". " } } (words::why(&plate.verdict)) }
        } }
    }

    /// Every exclusion that holds.
    fn in_force(&self) -> Markup {
        let decisions = &self.report.exclusions.decisions;
        let in_force: Vec<_> = decisions.in_force().collect();
        html! { @if !in_force.is_empty() {
            h2 { "Exclusions in force" }
            ul { @for (line, of) in in_force {
                li { a href=(plate_address(&of.target.plate)) { (of.target) } " (" (of.code) ": " (of.reason) "), by " (of.who) ", " (words::moment(&of.when))
                    ", decision " (line) ". " a href=(undo(&of.target.plate, line)) { "Undo …" } }
            } }
        } }
    }

    fn signatures(&self) -> Markup {
        html! { @if !self.report.signatures.is_empty() {
            h2 { "Signatures" }
            (ShownTable::new(self.tables, SignaturesTable::TABLE).columns(&[
                (SignaturesTable::MEANING, "Meaning"), (SignaturesTable::NAME, "Name"), (SignaturesTable::WHEN, "When"), (SignaturesTable::SIGNER, "Signature"), (SignaturesTable::COVERS, "Covers what there is"),
                (SignaturesTable::CHANGED, "Changed since"),
            ]).markup())
        } }
    }

    fn warnings(&self) -> Markup {
        html! { @if !self.report.warnings.is_empty() { details {
            summary { (self.report.warnings.len()) @if self.report.warnings.len() == 1 { " warning" } @else { " warnings" } }
            ul { @for warning in self.report.warnings { li { (warning) } } }
        } } }
    }
}
