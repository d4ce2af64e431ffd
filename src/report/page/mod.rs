//! `report.html`: one file that needs nothing else, for the bench, the reviewer and the analyst.
//!
//! Headline first, then what to do, then the evidence. The style sheet, the pictures and the few lines of script (which only
//! open and close the folded sections) are inside; nothing is loaded. Colours follow the reader's screen; paper is light.
//!
//! A plate of 96 wells takes about 110 kB: ten plates make a page of 1.2 MB, 500 plates one of 56 MB (6 MB compressed).
//! Headless Chromium opens the latter, also on two cores that have much else to do, in half a minute; folded sections are laid out
//! only when they are opened.

mod analysis;
mod exclusions;
mod over_plates;
mod plates;
mod robustness;
mod show;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::figure::palette;
use super::figures::NamedFigure;
use super::table::Table;
use super::{StudyReport, words};
use crate::qc::Verdict;
use show::{Shown, badge};

/// The figures of a page.
///
/// ```
/// use platewise::report::page::PageFigures;
/// let blinded = PageFigures { plates: &[], controls: &[], curves: &[], comparison: &[], robustness: &[] };
/// assert!(blinded.comparison.is_empty());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PageFigures<'a> {
    /// Of each plate, in the order of the report's plates.
    pub plates: &'a [Vec<NamedFigure>],
    /// Of the controls over all plates.
    pub controls: &'a [NamedFigure],
    /// Of what the curves did over all plates.
    pub curves: &'a [NamedFigure],
    /// Of the comparison; empty in a blinded report.
    pub comparison: &'a [NamedFigure],
    /// Of what it is held against; empty in a blinded report.
    pub robustness: &'a [NamedFigure],
}

/// Opens and closes all sections of plates, and opens all before printing.
const SCRIPT: &str = "const all=o=>document.querySelectorAll('details').forEach(d=>d.open=o);\
document.getElementById('open').onclick=()=>all(true);document.getElementById('close').onclick=()=>all(false);\
let was=[];addEventListener('beforeprint',()=>{was=[...document.querySelectorAll('details')].filter(d=>!d.open);was.forEach(d=>d.open=true)});\
addEventListener('afterprint',()=>was.forEach(d=>d.open=false));\
const show=()=>{const d=document.getElementById(location.hash.slice(1));if(d&&d.tagName=='DETAILS')d.open=true};\
addEventListener('hashchange',show);show();";

/// Writes the page.
pub fn write(report: &StudyReport<'_>, tables: &[Table], figures: PageFigures<'_>) -> String {
    let study = &report.protocol.study;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (study.id) ": results" @if study.simulated { " (simulated data)" } }
                style { (PreEscaped(colors())) (PreEscaped(include_str!("style.css"))) (PreEscaped(page_margins(report))) }
            }
            body {
                a.skip href="#main" { "Skip to the results" }
                (header(report))
                main id="main" {
                    (headline(report))
                    (to_do(report, tables))
                    @if let Some(comparison) = report.comparison { (analysis::section(report, comparison, tables, figures.comparison)) }
                    @if let Some(robustness) = report.robustness { (robustness::section(robustness, tables, figures.robustness)) }
                    (plates::overview(report, figures.controls))
                    (over_plates::section(report, tables, figures.curves))
                    (exclusions::section(report, tables))
                    (plates::sections(report, tables, figures.plates))
                    (results(report, tables))
                    (warnings(report))
                    (provenance(report, tables))
                }
                (footer(report))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// The palette as custom properties, and the rules that recolour pictures on dark screens: a picture is drawn in the light
/// colours, each of which has one dark counterpart.
fn colors() -> String {
    let properties = |dark: bool| -> String {
        let of = |ink: palette::Ink| palette::hex(if dark { ink.dark } else { ink.light });
        palette::ALL.iter().map(|ink| format!("--{}:{};", ink.name, of(*ink))).collect()
    };
    let recolored: String = palette::ALL
        .iter()
        .map(|ink| {
            let (light, dark) = (palette::hex(ink.light), palette::hex(ink.dark));
            format!("svg [fill=\"{light}\"]{{fill:{dark}}}svg [stroke=\"{light}\"]{{stroke:{dark}}}")
        })
        .collect();
    format!(
        ":root{{{}}}@media screen and (prefers-color-scheme:dark){{:root{{{}}}{recolored}}}",
        properties(false),
        properties(true)
    )
}

/// What stands in the margins of each printed page.
fn page_margins(report: &StudyReport<'_>) -> String {
    let text = |text: &str| {
        let safe = |c: &char| !c.is_control() && !"\\\"<>".contains(*c);
        text.chars().filter(safe).collect::<String>()
    };
    let (study, method) = (&report.protocol.study, &report.protocol.method);
    let left = format!("{}{}", study.id, if study.simulated { " (simulated data)" } else { "" });
    format!(
        "@page{{size:A4;margin:17mm 14mm 15mm;@top-left{{content:\"{}\";font:8pt sans-serif;color:#555}}@top-right{{content:\"{} v{}, run {}\";font:8pt sans-serif;color:#555}}@bottom-right{{content:counter(page) \" / \" counter(pages);font:8pt sans-serif;color:#555}}}}",
        text(&left),
        text(&method.name),
        text(&method.version),
        text(&report.record.run_id)
    )
}

fn header(report: &StudyReport<'_>) -> Markup {
    let (study, method, record) = (&report.protocol.study, &report.protocol.method, report.record);
    html! {
        header {
            @if study.simulated {
                p.simulated { "Simulated data: no real participant stands behind any number on this page" }
            }
            h1 { (study.title) }
            ul.meta {
                li { "Study " (study.id) }
                li { (study.analyte) ", " (study.unit) }
                li { "Method " (method.name) " v" (method.version) }
                li { "Run " (record.run_id) }
                li { (record.program) " " (record.version) }
                li { @if report.comparison.is_some() { "Unblinded: the list of arms was opened" } @else { "Blinded: the list of arms was not opened" } }
            }
            nav aria-label="Sections" { ul {
                li { a href="#to-do" { "What to do next" } }
                @if report.comparison.is_some() { li { a href="#answer" { "The answer" } } }
                @if report.robustness.is_some() { li { a href="#robustness" { "What it depends on" } } }
                li { a href="#plates" { "Plates" } }
                @if report.exclusions.decisions.lines().next().is_some() { li { a href="#exclusions" { "Exclusions" } } }
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
    let samples = |status: &str| report.results.iter().filter(|result| result.quantity.status() == status).count();
    let accepted = plates(Verdict::Accepted);
    let not_reported = samples("not reported");
    let primary = report.comparison.and_then(|comparison| comparison.comparisons.iter().find(|row| row.primary));
    html! {
        section aria-label="Headline" { div.cards {
            div class=(if accepted == report.plates.len() { "card good" } else { "card bad" }) {
                p.what { "Plates accepted" }
                p.big { (accepted) " of " (report.plates.len()) }
                p { (plates(Verdict::Rejected)) " rejected, " (plates(Verdict::NotEvaluable)) " not evaluable" }
            }
            div class=(if not_reported == 0 { "card good" } else { "card bad" }) {
                p.what { "Samples quantified" }
                p.big { (samples("quantified")) " of " (report.results.len()) }
                p { (samples("below LLOQ")) " below LLOQ, " (samples("above ULOQ")) " above ULOQ, " (not_reported) " not reported" }
            }
            div class=(if report.reruns.is_empty() { "card good" } else { "card bad" }) {
                p.what { "To run again" }
                p.big { (report.reruns.len()) }
                p { @if report.reruns.is_empty() { "nothing left to measure" } @else { a href="#to-do" { "the work list" } ", also in reruns.csv" } }
            }
            @if let Some(row) = primary { (analysis::card(report, row)) }
        } }
    }
}

/// What the bench does next: rejected plates, then samples with their dilutions.
fn to_do(report: &StudyReport<'_>, tables: &[Table]) -> Markup {
    let failed: Vec<_> = report.plates.iter().filter(|plate| plate.verdict.verdict != Verdict::Accepted).collect();
    html! {
        section id="to-do" aria-labelledby="to-do-title" {
            h2 id="to-do-title" { "What to do next" }
            @if failed.is_empty() && report.reruns.is_empty() {
                p { "Nothing: every plate was accepted, and every sample has a result that can be reported." }
            }
            @if !failed.is_empty() {
                h3 { "Plates that are not accepted" }
                @for plate in &failed {
                    div.reason { p {
                        a href={ "#" (plates::anchor(report, &plate.id)) } { (plate.id) } " " (badge(&plate.verdict.verdict.to_string())) " "
                        (plate.verdict.reason) "."
                        @if let Some(repeat) = report.protocol.plates.iter().find(|entry| entry.repeats.as_deref() == Some(&plate.id)) {
                            " It was repeated as " a href={ "#" (plates::anchor(report, &repeat.id)) } { (repeat.id) } "."
                        }
                    } }
                }
            }
            @if !report.reruns.is_empty() {
                h3 { "Samples to run again" }
                (Shown::new(tables, "reruns").columns(&[
                    ("sample", "Sample"), ("subject", "Subject"), ("visit", "Visit"), ("plate", "Measured on"),
                    ("reason", "Why"), ("dilution", "Dilution then"), ("suggested_dilution", "Dilution now"), ("advice", "What to do"),
                ]).markup())
            }
        }
    }
}

fn results(report: &StudyReport<'_>, tables: &[Table]) -> Markup {
    html! {
        section id="results" aria-labelledby="results-title" {
            h2 id="results-title" { "Results" }
            details {
                summary { "One result per sample" small { (report.results.len()) " samples, in " (report.protocol.study.unit) } }
                (Shown::new(tables, "concentrations").columns(&[
                    ("sample", "Sample"), ("subject", "Subject"), ("visit", "Visit"), ("reported", "Result"), ("lower", "Lower"),
                    ("upper", "Upper"), ("status", "Status"), ("plate", "Plate"), ("dilution", "Dilution"),
                    ("measurements", "Measured"), ("flags", "Flags"),
                ]).caption(&format!("Lower and upper: {} % confidence interval. All measurements of a sample are in measurements.csv.",
                    words::percent(report.protocol.method.confidence))).markup())
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

fn provenance(report: &StudyReport<'_>, tables: &[Table]) -> Markup {
    let (method, acceptance) = (&report.protocol.method, &report.protocol.acceptance);
    html! {
        section id="provenance" aria-labelledby="provenance-title" {
            h2 id="provenance-title" { "How this was made" }
            p { "By " (report.record.program) " " (report.record.version) " from the files below. The same files give the same page, byte for byte; "
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
                    @match method.lloq { Some(limit) => { "LLOQ " (limit) " " (report.protocol.study.unit) " by the method" }, None => { "LLOQ: lowest standard that passes" } } "; "
                    @match method.uloq { Some(limit) => { "ULOQ " (limit) " " (report.protocol.study.unit) " by the method" }, None => { "ULOQ: highest standard that passes" } }
                }
                dt { "Standards" } dd { "bias within ±" (acceptance.standard_bias_percent) " % (LLOQ ±" (acceptance.standard_bias_percent_at_lloq)
                    " %, ULOQ ±" (acceptance.standard_bias_percent_at_uloq) " %); at least " (acceptance.standards_pass_percent) " % and "
                    (acceptance.standards_min_levels) " levels pass" }
                dt { "Controls" } dd { "bias within ±" (acceptance.control_bias_percent) " %; at least " (acceptance.controls_pass_percent)
                    " % of all and " (acceptance.controls_level_pass_percent) " % of each level pass" }
                dt { "Replicates" } dd { "CV at most " (acceptance.replicate_cv_percent) " %" }
                dt { "Values outside the limits" } dd { (words::limit_rule(&report.protocol.analysis)) }
                dt { "Intervals" } dd { (words::percent(method.confidence)) " %" }
            }
            h3 { "Input files" }
            div.scroll { table {
                caption { "With the SHA-256 of their bytes" }
                thead { tr { th scope="col" { "File" } th.number scope="col" { "Bytes" } th scope="col" { "SHA-256" } } }
                tbody { @for input in &report.record.inputs {
                    tr { th scope="row" { (input.file) } td.number { (input.bytes) } td { code { (input.sha256) } } }
                } }
            } }
            h3 { "Files beside this page" }
            ul {
                li { "results.xlsx: all tables in one workbook, with a sheet that explains every column" }
                @for table in tables { li { (table.name) ".csv: " (table.about) } }
                li { "figures/: every picture as SVG and PNG" }
                li { "run.json: program, settings, inputs, time" }
            }
        }
    }
}

fn footer(report: &StudyReport<'_>) -> Markup {
    let study = &report.protocol.study;
    html! {
        footer {
            p { (study.id) ", run " (report.record.run_id) ". " (report.record.program) " " (report.record.version)
                ". Pictures and page need no network and no other file." @if study.simulated { " Simulated data." } }
        }
    }
}

/// A picture in the page. The element itself carries title and description.
fn picture(named: &NamedFigure) -> Markup {
    let class = if named.figure.size().0 > 800 { "wide" } else { "narrow" };
    html! { figure class=(class) { (PreEscaped(named.figure.inline_svg())) } }
}
