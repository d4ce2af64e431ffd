//! `index.html`: what is in the folder of the results, and whom each file serves.

use maud::{Markup, html};

use super::{Page, PageFigures, document};
use crate::report::StudyReport;
use crate::report::audience::Audience;
use crate::report::figure::Styles;
use crate::report::figure_files::Written;
use crate::report::figures::{NamedFigure, plate_file};
use crate::report::table::Table;

/// What is written beside the start page. Every file of the folder is named by it.
///
/// ```
/// use platewise::report::page::{Beside, PageFigures};
///
/// let figures = PageFigures { plates: &[], controls: &[], curves: &[], comparison: &[], clinical: &[], missing_data: &[], robustness: &[] };
/// let nothing = Beside { tables: &[], figures, files: &[] };
/// assert!(nothing.files.is_empty());
/// ```
pub struct Beside<'a> {
    /// Every table: a file each.
    pub tables: &'a [Table],
    /// Every figure.
    pub figures: PageFigures<'a>,
    /// The names of all files that were made, with forward slashes.
    pub files: &'a [String],
}

/// Writes the start page.
pub fn write(report: &StudyReport<'_>, beside: &Beside<'_>) -> Page {
    let body = html! {
        header {
            (document::simulated(report))
            h1 { (document::title(report)) }
            (document::meta(report))
        }
        main id="main" {
            (begin(report))
            (tables(beside))
            (figures(report, beside))
            (the_rest(beside))
        }
    };
    let title = format!("{}: start", document::short_title(report));
    Page { name: "index.html".into(), html: document::write(report, &title, &body, &Styles::default()) }
}

/// The pages, by who reads them, and the workbook.
fn begin(report: &StudyReport<'_>) -> Markup {
    let card = |who: &str, file: &str, about: &str| {
        html! { div.card { p.what { (who) } p.big { a href=(file) { (file) } } p { (about) } } }
    };
    html! {
        section aria-labelledby="begin-title" {
            h2 id="begin-title" { "Begin here" }
            div.cards {
                @if report.comparison.is_some() {
                    (card("Bench and QC", "laboratory.html", "Plates, curves, controls, results and what to do next. Nothing on it shows the arms."))
                    (card("Analysis", "report.html", "The same, and the comparison of the arms with what it depends on."))
                } @else {
                    (card("Bench, QC and analysis", "report.html", "Plates, curves, controls, results and what to do next. Nothing on it shows the arms: their list is closed."))
                }
                (card("Everyone", "results.xlsx", "Every table below as a sheet, with an index and a sheet that explains every column."))
            }
        }
    }
}

/// The tables, by who reads them.
fn tables(beside: &Beside<'_>) -> Markup {
    html! { @for audience in Audience::ALL {
        @let of_audience: Vec<&Table> = beside.tables.iter().filter(|table| Audience::of(table) == audience).collect();
        @if !of_audience.is_empty() {
            section {
                h2 { (audience.words()) }
                div.scroll tabindex="0" role="group" aria-label=(audience.words()) { table {
                    thead { tr { th scope="col" { "File" } th.number scope="col" { "Rows" } th scope="col" { "One row is" } } }
                    tbody { @for table in of_audience { tr {
                        @let file = format!("{}.csv", table.name);
                        th scope="row" { a href=(file) { (file) } }
                        td.number { (table.rows.len()) }
                        td { (table.about) }
                    } } }
                } }
            }
        }
    } }
}

/// The figures: a line for each plate, and one for each of the study.
fn figures(report: &StudyReport<'_>, beside: &Beside<'_>) -> Markup {
    let shown = &beside.figures;
    let of_study: Vec<&NamedFigure> = shown.of_study().collect();
    html! {
        section {
            h2 { "Figures, for papers and slides" }
            div.scroll tabindex="0" role="group" aria-label="Figures of the plates" { table {
                thead { tr { th scope="col" { "Plate" } th scope="col" { "Figures" } } }
                tbody { @for (plate, figures) in report.plates.iter().zip(shown.plates) { tr {
                    th scope="row" { (plate_name(report, &plate.id, beside)) }
                    td {
                        @match (figures, Written::of_plate(report, plate)) {
                            (Some(_), Written::Nowhere) => "only in the pages, as [report] figures says",
                            (Some(figures), written) => ul.to-plates {
                                @for (named, what) in figures.named() { li { (what) (links(named, written)) } }
                            },
                            (None, _) => "none: the plate could not be evaluated",
                        }
                    }
                } } }
            } }
            @if !of_study.is_empty() {
                div.scroll tabindex="0" role="group" aria-label="Figures of the study" { table {
                    thead { tr { th scope="col" { "Figure of the study" } th scope="col" { "Files" } } }
                    tbody { @for named in of_study { tr { th scope="row" { (named.figure.title()) } td { (links(named, Written::OF_STUDY)) } } } }
                } }
            }
        }
    }
}

/// The name of a plate: a link where it has a page of its own.
fn plate_name(report: &StudyReport<'_>, plate: &str, beside: &Beside<'_>) -> Markup {
    let page = format!("plates/{}.html", plate_file(report, plate));
    html! { @if beside.files.contains(&page) { a href=(page) { (plate) } } @else { (plate) } }
}

/// The files of a figure.
fn links(named: &NamedFigure, written: Written) -> Markup {
    let file = |ending: &str| format!("figures/{}.{ending}", named.name);
    html! { " " a href=(file("svg")) { "SVG" } @if written == Written::SvgAndPng { " " a href=(file("png")) { "PNG" } } }
}

/// The data set in the formats of statistics programs, and the record of the run.
fn the_rest(beside: &Beside<'_>) -> Markup {
    let written = |name: &str| beside.files.iter().any(|file| file == name);
    let files = [
        ("tables.rtf", "demographics, change, comparison, responders and left-out records, for a word processor"),
        ("define.xml", "what the data sets hold and where it comes from (Define-XML 2.1)"),
        ("adsl.json", "the data set of adsl.csv (ADaM) as Dataset-JSON 1.1"),
        ("adsl.xpt", "the same as SAS transport file (XPORT 5)"),
        ("adlb.json", "the data set of adlb.csv (ADaM) as Dataset-JSON 1.1"),
        ("adlb.xpt", "the same as SAS transport file (XPORT 5)"),
        ("run.json", "program, settings, input files with their SHA-256, and the time of the run"),
    ];
    html! {
        section {
            h2 { "Data set and record" }
            dl.settings {
                @for (name, about) in files.iter().filter(|(name, _)| written(name)) {
                    dt { a href=(name) { (name) } } dd { (about) }
                }
                dt { a href="manifest-sha256.txt" { "manifest-sha256.txt" } } dd { "the SHA-256 of every file in this folder; sha256sum -c checks it" }
            }
        }
    }
}
