//! `index.html`: what is in the folder of the results, and whom each file serves.

use maud::{Markup, html};

use super::plates::page_name;
use super::{Page, PageFigures, document};
use crate::report::StudyReport;
use crate::report::audience::Audience;
use crate::report::figure::Styles;
use crate::report::figure_files::PictureFormats;
use crate::report::figures::{NamedFigure, names_of_plate};
use crate::report::table::ReportTable;

/// What is written beside the start page. Every file of the folder is named by it.
pub(in crate::report) struct FolderContents<'a> {
    /// Every table: a file each.
    pub(in crate::report) tables: &'a [ReportTable],
    /// The figures that are not of a single plate.
    pub(in crate::report) figures: PageFigures<'a>,
    /// What the names of the files of each plate begin with.
    pub(in crate::report) stems: &'a [String],
    /// The names of the other files: data sets and the record of the run.
    pub(in crate::report) rest: &'a [&'a str],
}

/// Writes the start page.
pub(in crate::report) fn write(report: &StudyReport<'_>, beside: &FolderContents<'_>) -> Page {
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
fn tables(beside: &FolderContents<'_>) -> Markup {
    html! { @for audience in Audience::ALL {
        @let of_audience: Vec<&ReportTable> = beside.tables.iter().filter(|table| Audience::of(table) == audience).collect();
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
fn figures(report: &StudyReport<'_>, beside: &FolderContents<'_>) -> Markup {
    let shown = &beside.figures;
    let of_study: Vec<&NamedFigure> = shown.of_study().collect();
    html! {
        section {
            h2 { "Figures, for papers and slides" }
            div.scroll tabindex="0" role="group" aria-label="Figures of the plates" { table {
                thead { tr { th scope="col" { "Plate" } th scope="col" { "Figures" } } }
                tbody { @for (plate, stem) in report.plates.iter().zip(beside.stems) { tr {
                    @let figures = names_of_plate(plate, stem);
                    th scope="row" { (plate_name(&plate.id, report.is_large().then_some(stem))) }
                    td {
                        @match PictureFormats::of_plate(report, plate) {
                            _ if figures.is_empty() => "none: the plate could not be evaluated",
                            PictureFormats::Nowhere => "only in the pages, as [report] figures says",
                            written => ul.to-plates { @for (name, what) in figures { li { (what) (links(&name, written)) } } },
                        }
                    }
                } } }
            } }
            @if !of_study.is_empty() {
                div.scroll tabindex="0" role="group" aria-label="Figures of the study" { table {
                    thead { tr { th scope="col" { "Figure of the study" } th scope="col" { "Files" } } }
                    tbody { @for named in of_study { tr { th scope="row" { (named.figure.title()) } td { (links(&named.name, PictureFormats::OF_STUDY)) } } } }
                } }
            }
        }
    }
}

/// The name of a plate: a link where it has a page of its own.
fn plate_name(plate: &str, page: Option<&String>) -> Markup {
    html! { @match page { Some(stem) => a href=(page_name(stem)) { (plate) }, None => (plate) } }
}

/// The files of a figure.
fn links(name: &str, written: PictureFormats) -> Markup {
    let file = |ending: &str| format!("figures/{name}.{ending}");
    html! { " " a href=(file("svg")) { "SVG" } @if written == PictureFormats::SvgAndPng { " " a href=(file("png")) { "PNG" } } }
}

/// The data set in the formats of statistics programs, and the record of the run.
fn the_rest(beside: &FolderContents<'_>) -> Markup {
    let written = |name: &str| beside.rest.contains(&name);
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
