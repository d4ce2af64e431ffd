//! The plates: one overview with verdicts, control charts, then each plate: in a section that folds, or in a page of its own.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::show::{PlateRows, badge};
use super::{Page, document, picture, plate};
use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::qc::{self, JudgedPlate, Outcome, RuleId, Verdict};
use crate::record::Review;
use crate::report::figure::Styles;
use crate::report::figures::{NamedFigure, PlateFigures};
use crate::report::{StudyReport, words};

/// Where the evidence of each plate stands.
pub(super) struct Places<'a> {
    links: BTreeMap<&'a str, String>,
    in_one_page: bool,
}

impl<'a> Places<'a> {
    /// In the page itself; in pages of their own, whose names begin with `stems`, where the study has more plates than a page holds.
    pub(super) fn new(report: &'a StudyReport<'_>, stems: &[String]) -> Self {
        let in_one_page = !report.is_large();
        let link = |(index, (plate, stem)): (usize, (&'a JudgedPlate, &String))| {
            let link = if in_one_page { format!("#plate-{}", index + 1) } else { page_name(stem) };
            (plate.id.as_str(), link)
        };
        Self { links: report.plates.iter().zip(stems).enumerate().map(link).collect(), in_one_page }
    }

    /// Whether the plates are sections of the page.
    pub(super) fn in_one_page(&self) -> bool {
        self.in_one_page
    }

    /// The link from `report.html` to a plate.
    pub(super) fn link(&self, plate: &str) -> &str {
        self.links.get(plate).map_or("#plates", String::as_str)
    }
}

/// The page of a plate that has its own.
pub(super) fn page_name(stem: &str) -> String {
    format!("plates/{stem}.html")
}

/// A line with a link to each plate: QC begins there.
pub(super) fn contents(report: &StudyReport<'_>, places: &Places<'_>) -> Markup {
    const MOST: usize = 60;
    let verdict = |plate: &JudgedPlate| plate.verdict.verdict.to_string();
    html! {
        @if (2..=MOST).contains(&report.plates.len()) {
            ul.to-plates aria-label="To the plates" { @for plate in report.plates {
                li { a href=(places.link(&plate.id)) { (plate.id) } " " @if plate.verdict.verdict != Verdict::Accepted { (badge(&verdict(plate))) } }
            } }
        }
    }
}

/// All plates with their verdicts, and the controls over them.
pub(super) fn overview(
    report: &StudyReport<'_>,
    places: &Places<'_>,
    controls: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    let reviews: Vec<&Review> = report.plates.iter().map(|plate| report.review(plate)).collect();
    let reviews = reviews.iter().any(|review| **review != Review::Open).then_some(reviews);
    html! {
        section id="plates" aria-labelledby="plates-title" {
            h2 id="plates-title" { "Plates" }
            div.scroll tabindex="0" role="group" aria-label="All plates" { table {
                caption { "Every plate with its verdict, by the " (report.protocol.assay.criteria_words()) "; follow its name to the evidence" }
                thead { tr {
                    th scope="col" { "Plate" } th scope="col" { "Verdict" } th scope="col" { "Kit lot" }
                    th.number scope="col" { "Standards passed" } th.number scope="col" { "Controls passed" }
                    th.number scope="col" { "Range (" (report.protocol.assay.study.unit) ")" } th.number scope="col" { "Samples" }
                    @if reviews.is_some() { th scope="col" { "Review" } }
                    th scope="col" { "Reason or remarks" }
                } }
                tbody { @for (index, plate) in report.plates.iter().enumerate() {
                    (overview_row(places, plate, reviews.as_ref().map(|reviews| reviews[index])))
                } }
            } }
            @if !controls.is_empty() {
                details open[(2..=60).contains(&report.plates.len())] {
                    summary { "Controls across plates" small { (controls.len()) " levels" } }
                    div.figures.charts { @for chart in controls { (picture(chart, styles)) } }
                }
            }
        }
    }
}

fn overview_row(places: &Places<'_>, plate: &JudgedPlate, review: Option<&Review>) -> Markup {
    let results = plate.concentrations.as_ref();
    html! { tr {
        th scope="row" { a href=(places.link(&plate.id)) { (plate.id) } }
        td { (badge(&plate.verdict.verdict.to_string())) }
        td.short { (results.and_then(|results| results.plate.kit_lot.clone()).unwrap_or_default()) }
        td.number { (passed(plate, qc::standards::BIAS)) }
        td.number { (passed(plate, qc::controls::BIAS)) }
        td.number { @if let Some(range) = results.and_then(|results| results.range.as_ref()) { (significant(range.lloq, 4)) " to " (significant(range.uloq, 4)) } }
        td.number { @if let Some(results) = results { (results.samples.len()) } }
        @if let Some(review) = review {
            td.short { (review.state()) @if let Some(decision) = review.decision() { " (" (decision.who) ")" } }
        }
        td.long { (words::why(&plate.verdict)) }
    } }
}

/// `7 of 7`: how often a rule was met on a plate.
pub(super) fn passed(plate: &JudgedPlate, rule: RuleId) -> String {
    let of_rule: Vec<_> = plate.verdict.findings.iter().filter(|finding| finding.rule == rule).collect();
    let passed = of_rule.iter().filter(|finding| finding.outcome == Outcome::Pass).count();
    if of_rule.is_empty() { String::new() } else { format!("{passed} of {}", of_rule.len()) }
}

/// Everything of each plate. Sections of plates that are not accepted stand open, and that of an only plate, which is what the page is about.
pub(super) fn sections(
    report: &StudyReport<'_>,
    places: &Places<'_>,
    rows: &PlateRows<'_>,
    figures: &[Option<PlateFigures>],
    styles: &mut Styles,
) -> Markup {
    html! {
        section aria-labelledby="each-title" {
            h2 id="each-title" { "Each plate" }
            div.buttons { button type="button" id="open" { "Open all" } button type="button" id="close" { "Close all" } }
            @for (plate, figures) in report.plates.iter().zip(figures) {
                details.plate id=(places.link(&plate.id).trim_start_matches('#')) open[!plate.verdict.verdict.is_accepted() || report.plates.len() == 1] {
                    summary { (plate.id) (badge(&plate.verdict.verdict.to_string())) small { (origin(plate)) } }
                    (plate::evidence(report, plate, rows, figures.as_ref(), styles, None))
                }
            }
        }
    }
}

/// The pages of plates that each have their own.
pub(in crate::report) struct PlatePages<'a> {
    report: &'a StudyReport<'a>,
    places: Places<'a>,
    rows: &'a PlateRows<'a>,
}

impl<'a> PlatePages<'a> {
    /// Of plates whose file names begin with `stems`, with their rows of the tables.
    pub(in crate::report) fn new(report: &'a StudyReport<'a>, stems: &[String], rows: &'a PlateRows<'a>) -> Self {
        Self { report, places: Places::new(report, stems), rows }
    }

    /// The page of the plate at `at`, with links to those before and after it.
    pub(in crate::report) fn page(&self, at: usize, figures: Option<&PlateFigures>) -> Page {
        let report = self.report;
        let plate = &report.plates[at];
        let link = |index: Option<usize>| {
            report.plates.get(index?).map(|plate| (plate.id.as_str(), self.places.link(&plate.id)))
        };
        let mut styles = Styles::default();
        let neighbours = [("Before: ", link(at.checked_sub(1))), ("Next: ", link(Some(at + 1)))];
        let body = html! {
            header {
                (document::simulated(report))
                h1 { "Plate " (plate.id) " " (badge(&plate.verdict.verdict.to_string())) }
                (document::meta(report))
                p { (origin(plate)) }
                nav aria-label="Plates" { ul {
                    li { a href="../report.html#plates" { "All plates" } }
                    @for (word, link) in neighbours { @if let Some((id, link)) = link { li { (word) a href={ "../" (link) } { (id) } } } }
                } }
            }
            main id="main" { (plate::evidence(report, plate, self.rows, figures, &mut styles, None)) }
        };
        let title = format!("{}, plate {}", report.protocol.assay.study.id, plate.id);
        let html = document::write(report, &title, &body, &styles);
        Page { name: self.places.link(&plate.id).to_string(), html }
    }
}

/// File, format and size of a plate that was read.
fn origin(plate: &JudgedPlate) -> String {
    let words = |results: &PlateConcentrations| {
        format!("{}, {}, {}", results.plate.export, results.plate.format, results.plate.size)
    };
    plate.concentrations.as_ref().map(words).unwrap_or_default()
}
