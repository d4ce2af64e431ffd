//! `report.html`: one file that needs nothing else, for the bench, the reviewer and the analyst; `index.html`, which names every file.
//!
//! Headline first, then what to do, then the evidence. The style sheet, the pictures and the few lines of script (which
//! open and close the folded sections, and serve the keyboard) are inside; nothing is loaded. Colours follow the reader's screen; paper is light.
//!
//! A plate of 96 wells takes about 50 kB: 200 plates with their samples make a page of about 13 MB, which is what one file carries by default. In a larger
//! study each plate has a page of its own (`plates/P01.html`), and `report.html` the rest.

mod analysis;
mod analytes;
mod clinical;
mod document;
mod exclusions;
mod across_plates;
mod findings;
mod finished;
mod missing_data;
mod pictures;
mod plate;
mod plate_map;
mod plates;
pub mod review;
mod robustness;
mod show;
mod start;
mod supplementary;

use maud::{Markup, html};

use super::figure::Styles;
use super::table::ReportTable;
use super::{StudyReport, words};
use crate::curve::interval_holds;
use crate::qc::Verdict;
use crate::report::table::columns_of::{
    ConcentrationsTable, IdentityTable, QuantityColumns, RerunsTable, SampleColumns,
};
pub(super) use analytes::of_analytes;
pub use finished::Page;
pub use pictures::PageFigures;
use pictures::picture;
use plates::Places;
pub(super) use plates::PlatePages;
pub(super) use show::PlateRows;
use show::{ShownTable, badge};
pub(super) use start::{FolderContents, write as start};

/// The page of the results.
pub const PAGE: &str = "report.html";

/// A page of the same make that is of no study.
pub(super) fn without_study(title: &str, program: &str, body: &Markup) -> String {
    document::without_study(title, program, body)
}

/// Writes `report.html`. In a study with more plates than `[report] plates_in_page` each has a page of its own, whose name begins as
/// `stems` say, and here a link to it.
pub(super) fn write(
    report: &StudyReport<'_>,
    stems: &[String],
    tables: &[ReportTable],
    figures: PageFigures<'_>,
) -> Page {
    let places = Places::new(report, stems);
    let mut styles = Styles::default();
    let main = html! {
        (headline(report))
        (plates::contents(report, &places))
        (to_do(report, &places, tables))
        @if let Some(comparison) = report.comparison { (analysis::section(report, comparison, tables, figures, &mut styles)) }
        @if report.clinical.is_some() { (clinical::section(report, tables, figures.clinical, &mut styles)) }
        @if let Some(robustness) = report.robustness { (robustness::section(robustness, tables, figures.robustness, &mut styles)) }
        (plates::overview(report, &places, figures.controls, &mut styles))
        (across_plates::section(report, tables, figures.curves, &mut styles))
        (exclusions::section(report, &places, tables))
        @if places.in_one_page() { (plates::sections(report, &places, &PlateRows::new(tables), figures.plates, &mut styles)) }
        (results(report, tables))
        (warnings(report))
        (provenance(report))
    };
    let title = format!("{}: results", document::short_title(report));
    let html = document::write(report, &title, &html! { (header(report)) main id="main" { (main) } }, &styles);
    Page { name: PAGE.into(), html }
}

fn header(report: &StudyReport<'_>) -> Markup {
    html! {
        header {
            (document::simulated(report))
            h1 { (document::title(report)) }
            (document::meta(report))
            nav aria-label="Sections" { ul {
                li { a href="#to-do" { "What to do next" } }
                @if report.comparison.is_some() { li { a href="#answer" { "The answer" } } }
                @if report.clinical.is_some() { li { a href="#clinical" { "Clinical measures" } } }
                @if report.robustness.is_some() { li { a href="#robustness" { "What it depends on" } } }
                li { a href="#plates" { "Plates" } }
                li { a href="#across-plates" { @if report.has_charts() { "Across plates" } @else { "Position, drift and dilutions" } } }
                @if exclusions::is_shown(report) { li { a href="#exclusions" { "Exclusions" } } }
                li { a href="#results" { "Results" } }
                li { a href="#warnings" { "Warnings" } }
                li { a href="#provenance" { "How this was made" } }
            } }
        }
    }
}

/// The cards: plates, samples, re-runs, and the answer where there is one.
fn headline(report: &StudyReport<'_>) -> Markup {
    let plates = |verdict| report.plates.iter().filter(|plate| plate.verdict.verdict == verdict).count();
    let remarked = plates(Verdict::AcceptedWithRemarks);
    let samples = |status: &str| report.results.iter().filter(|result| result.quantity.status() == status).count();
    let accepted = plates(Verdict::Accepted) + remarked;
    let not_reported = samples("not reported");
    let primary = report.comparison.and_then(|comparison| comparison.comparisons.iter().find(|row| row.primary));
    html! {
        section aria-label="Headline" { div.cards {
            div class=(if accepted == report.plates.len() { "card good" } else { "card bad" }) {
                p.what { "Plates accepted" }
                p.big { (accepted) " of " (report.plates.len()) }
                p { @if remarked > 0 { (remarked) " with remarks, " } (plates(Verdict::Rejected)) " rejected, " (plates(Verdict::NotEvaluable)) " not evaluable" }
            }
            div class=(if not_reported == 0 { "card good" } else { "card bad" }) {
                p.what { "Samples quantified" }
                p.big { (samples("quantified")) " of " (report.results.len()) }
                p { (samples("below LLOQ")) " below LLOQ, " (samples("above ULOQ")) " above ULOQ, " (not_reported) " not reported" }
            }
            div class=(if report.reruns.is_empty() { "card good" } else { "card bad" }) {
                p.what { "To run again" }
                p.big { (report.reruns.len()) }
                p { @if report.reruns.is_empty() { "nothing left to measure" } @else { a href="#to-do" { "the work list" } @if report.protocol.trial.is_some() { ", also in reruns.csv" } } }
            }
            @if let Some(row) = primary { (analysis::card(report, row)) }
        } }
    }
}

/// What the bench does next: rejected plates, then samples with their dilutions.
fn to_do(report: &StudyReport<'_>, places: &Places<'_>, tables: &[ReportTable]) -> Markup {
    let failed: Vec<_> = report.plates.iter().filter(|plate| !plate.verdict.verdict.is_accepted()).collect();
    let remarked: Vec<_> =
        report.plates.iter().filter(|plate| plate.verdict.verdict == Verdict::AcceptedWithRemarks).collect();
    let handled: Vec<_> = report.plates.iter().filter(|plate| plate.handling().next().is_some()).collect();
    let of_plates = failed.is_empty() && remarked.is_empty() && handled.is_empty();
    let of_samples = report.reruns.is_empty() && report.identity.is_empty() && report.not_joined.is_empty();
    let nothing = of_plates && of_samples;
    html! {
        section id="to-do" aria-labelledby="to-do-title" {
            h2 id="to-do-title" { "What to do next" }
            @if !report.not_joined.is_empty() {
                h3 { "The list of samples: until it is right no change and no arm can be looked at" }
                @for problem in report.not_joined { div.reason { p { (problem) } } }
            }
            @if nothing {
                p { "Nothing: every plate was accepted, and every sample has a result that can be reported." }
            }
            @if !failed.is_empty() {
                h3 { "Plates that are not accepted" }
                @for plate in &failed {
                    div.reason { p {
                        a href=(places.link(&plate.id)) { (plate.id) } " " (badge(&plate.verdict.verdict.to_string())) " "
                        (words::why(&plate.verdict)) "."
                        @if let Some(repeat) = report.protocol.assay.plates.iter().find(|entry| entry.repeats.contains(&plate.id)) {
                            " It was repeated as " a href=(places.link(&repeat.id)) { (repeat.id) } "."
                        }
                    } }
                }
            }
            @if !remarked.is_empty() {
                h3 { "Plates accepted with remarks: look at what was left out or narrowed" }
                ul { @for plate in &remarked { li { a href=(places.link(&plate.id)) { (plate.id) } ": " (words::why(&plate.verdict)) } } }
            }
            @if !handled.is_empty() {
                h3 { "Kit and storage of samples: whether such results may stand is the laboratory's decision" }
                ul { @for plate in &handled { @for finding in plate.handling() {
                    li { a href=(places.link(&plate.id)) { (plate.id) } ", " (finding.rule.words()) ": " (finding.observed)
                        " (limit: " (finding.limit) ")" }
                } } }
            }
            @if !report.identity.is_empty() {
                h3 { "Whose result is it?" }
                (ShownTable::new(tables, IdentityTable::TABLE).columns(&[
                    (IdentityTable::RULE, "What"), (IdentityTable::OF, "Of"), (IdentityTable::FOUND, "Found"), (IdentityTable::PLACE, "Where"), (IdentityTable::ADVICE, "What to do"),
                ]).markup())
            }
            @if !report.reruns.is_empty() {
                h3 { "Samples to run again" }
                (ShownTable::new(tables, RerunsTable::TABLE).columns(&[
                    (SampleColumns::SAMPLE, "Sample"), (SampleColumns::SUBJECT, "Subject"), (SampleColumns::VISIT, "Visit"), (RerunsTable::PLATE, "Measured on"),
                    (RerunsTable::REASON, "Why"), (RerunsTable::DILUTION, "Dilution then"), (RerunsTable::SUGGESTED_DILUTION, "Dilution now"), (RerunsTable::ADVICE, "What to do"),
                ]).markup())
            }
        }
    }
}

/// Results that the page lists. A browser shows a page of more only slowly, and whoever looks for a sample among so many does it in a
/// table.
const MOST_RESULTS: usize = 40_000;

fn results(report: &StudyReport<'_>, tables: &[ReportTable]) -> Markup {
    let count = report.results.len();
    html! {
        section id="results" aria-labelledby="results-title" {
            h2 id="results-title" { "Results" }
            @if count > MOST_RESULTS {
                p { (count) " samples, in " (report.protocol.assay.study.unit) ": more than a page lists. The result of each is in concentrations.csv, \
                    in the workbook and on the page of its plate." }
            } @else {
                details {
                    summary { "One result per sample" small { (count) " samples, in " (report.protocol.assay.study.unit) } }
                    (ShownTable::new(tables, ConcentrationsTable::TABLE).columns(&[
                        (SampleColumns::SAMPLE, "Sample"), (SampleColumns::SUBJECT, "Subject"), (SampleColumns::VISIT, "Visit"), (QuantityColumns::REPORTED, "Result"), (QuantityColumns::LOWER, "Lower"),
                        (QuantityColumns::UPPER, "Upper"), (QuantityColumns::STATUS, "Status"), (ConcentrationsTable::PLATE, "Plate"), (ConcentrationsTable::DILUTION, "Dilution"),
                        (ConcentrationsTable::MEASUREMENTS, "Measured"), (ConcentrationsTable::FLAGS, "Flags"),
                    ]).caption(&format!("Lower and upper: {} % confidence interval. {} All measurements of a sample are in the table measurements.",
                        words::percent(report.protocol.assay.method.confidence), interval_holds(report.protocol.assay.method.shared_error.as_ref()))).markup())
                }
            }
        }
    }
}

fn warnings(report: &StudyReport<'_>) -> Markup {
    html! {
        section id="warnings" aria-labelledby="warnings-title" {
            h2 id="warnings-title" { "Warnings" }
            @if report.warnings.is_empty() {
                p { "None." }
            } @else {
                details {
                    summary { (report.warnings.len()) @if report.warnings.len() == 1 { " warning" } @else { " warnings" } }
                    ul { @for warning in report.warnings { li { (warning) } } }
                }
            }
        }
    }
}

/// Who signed the results, with which meaning and when, and whether what was signed is what is shown.
fn signatures(report: &StudyReport<'_>) -> Markup {
    html! { @if !report.signatures.is_empty() {
        h3 { "Signatures" }
        ul { @for one in report.signatures {
            @let statement = &one.signature.statement;
            li { (statement.meaning) " by " b { (statement.name) } ", " (words::moment(&statement.when)) ": " (one.words())
                " (" code { (one.signature.file) } ")" }
        } }
    } }
}

fn provenance(report: &StudyReport<'_>) -> Markup {
    let (method, acceptance) = (&report.protocol.assay.method, &report.protocol.assay.acceptance);
    html! {
        section id="provenance" aria-labelledby="provenance-title" {
            h2 id="provenance-title" { "How this was made" }
            p { "By " (report.record.program) " " (report.record.version) " from the files " @if !report.signatures.is_empty() { "and signatures " } "below. The same files give the same page, byte for byte; "
                "the time of the run and every setting stand in run.json." }
            h3 { "Method " (method.name) ", version " (method.version) }
            dl.settings {
                dt { "Curve" } dd { (words::model(method.model)) ", variance " (words::variance(method)) }
                dt { "Read" } dd { @match (method.read_nm, method.reference_nm) {
                    (Some(read), Some(reference)) => { (read) " nm − " (reference) " nm" },
                    (Some(read), None) => { (read) " nm" },
                    _ => { @match &method.derived {
                        Some(label) => { "'" (label) "', computed by the reader's software" },
                        None => { "the only raw read of each export" },
                    } },
                } }
                dt { "Limits of quantification" } dd {
                    @match method.lloq { Some(limit) => { "LLOQ " (limit) " " (report.protocol.assay.study.unit) " by the method" }, None => { "LLOQ: lowest standard that passes" } } "; "
                    @match method.uloq { Some(limit) => { "ULOQ " (limit) " " (report.protocol.assay.study.unit) " by the method" }, None => { "ULOQ: highest standard that passes" } }
                }
                dt { "Standards" } dd { "bias within ±" (acceptance.standard_bias_percent) " % (LLOQ ±" (acceptance.standard_bias_percent_at_lloq)
                    " %, ULOQ ±" (acceptance.standard_bias_percent_at_uloq) " %); at least " (acceptance.standards_pass_percent) " % and "
                    (acceptance.standards_min_levels) " levels pass" }
                dt { "Controls" } dd { "bias within ±" (acceptance.control_bias_percent) " %; at least " (acceptance.controls_pass_percent)
                    " % of all and " (acceptance.controls_level_pass_percent) " % of each level pass" }
                dt { "Replicates" } dd { "CV at most " (acceptance.replicate_cv_percent) " %" }
                @if let Some(analysis) = report.protocol.analysis() { dt { "Values outside the limits" } dd { (words::limit_rule(analysis)) } }
                dt { "Intervals" } dd { (words::percent(method.confidence)) " %" }
            }
            (signatures(report))
            h3 { "Input files" }
            div.scroll tabindex="0" role="group" aria-label="Input files" { table {
                caption { "With the SHA-256 of their bytes" }
                thead { tr { th scope="col" { "File" } th.number scope="col" { "Bytes" } th scope="col" { "SHA-256" } } }
                tbody { @for input in &report.record.inputs {
                    tr { th scope="row" { (input.file) @if let Some(to) = &input.link_to { " → " (to) } } td.number { (input.bytes) } td { code { (input.sha256) } } }
                } }
            } }
            h3 { "Files beside this page" }
            @if report.protocol.trial.is_some() {
                p { a href="index.html" { "index.html" } " names every file and what it holds: the workbook results.xlsx, a CSV file for each \
                    table, every figure as SVG and PNG, the record of the run." }
            } @else {
                ul {
                    li { "results.xlsx: all tables in one workbook, with an index and a sheet that explains every column" }
                    li { "run.json: program, settings, inputs, time" }
                    li { "manifest-sha256.txt: the SHA-256 of every file, which sha256sum -c checks" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_are_too_many_for_a_page_are_said_to_be_elsewhere() {
        let study = crate::files::InputFolder::new(
            &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"),
            crate::files::LinkPolicy::Refused,
        );
        let run = crate::pipeline::run(&study, &crate::pipeline::RunOptions::default(), &|_| {}).unwrap();
        let report = run.report();
        let tables = [crate::report::table::concentrations(&report)];
        let listed = results(&report, &tables).into_string();
        assert!(listed.contains(&report.results[0].sample) && !listed.contains("more than a page lists"));
        let many = vec![report.results[0].clone(); MOST_RESULTS + 1];
        let told = results(&StudyReport { results: &many, ..report }, &tables).into_string();
        assert!(told.contains("40001 samples") && told.contains("concentrations.csv") && told.len() < 400, "{told}");
    }
}
