//! `report.html` over several analytes of one study: one answer each, the picture of their ratios, the families of tests, who stands
//! behind them, and the way to each analyte's own page.

use maud::{Markup, html};

use super::show::ShownTable;
use super::{document, picture};
use crate::report::analytes::AnalytesReport;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::columns_of::{AdjustedColumns, AnalytesTable, FamiliesTable, ParticipantsTable};
use crate::report::table::{Cell, ReportTable};

/// Writes the page.
pub(in crate::report) fn of_analytes(
    report: &AnalytesReport<'_>,
    tables: &[ReportTable],
    figures: &[NamedFigure],
) -> String {
    let mut styles = Styles::default();
    let record = report.record;
    let body = html! {
        header {
            @if report.simulated { (document::simulated_data()) }
            h1 { (report.title) ": " (record.analytes.len()) " analytes" }
            ul.meta {
                li { "Study " (record.study) }
                li { "Run " (record.run_id) }
                li { (record.program) " " (record.version) }
                li { "Unblinded: the list of arms was opened" }
            }
        }
        main id="main" {
            (answers(report, tables, figures, &mut styles))
            (families(tables))
            (participants(report, tables))
            (warnings(report))
            (provenance(report))
        }
        footer { p { (record.study) ", run " (record.run_id) ". " (record.program) " " (record.version)
            ". Pictures and page need no network; the analytes' own pages stand in their folders." @if report.simulated { " Simulated data." } } }
    };
    let name = if report.simulated { format!("{} (simulated data)", record.study) } else { record.study.clone() };
    let margin = format!("{} analytes, run {}", record.analytes.len(), record.run_id);
    document::over_analytes(&format!("{name}: every analyte"), [&name, &margin], &body, &styles)
}

fn answers(
    report: &AnalytesReport<'_>,
    tables: &[ReportTable],
    figures: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    let link = |cell: &Cell| match cell {
        Cell::Text(folder) => Some(page_of(folder)),
        _ => None,
    };
    let failed = report.record.analytes.iter().filter_map(|one| Some((one, one.failure.as_ref()?)));
    html! {
        section id="answer" aria-labelledby="answer-title" {
            h2 id="answer-title" { "One answer each" }
            p { "Ratio of the arms' geometric mean ratios to baseline, by the primary analysis, with its confidence interval. Each analyte leads to its own \
                 page: plates, curves, and what its answer depends on." }
            (ShownTable::new(tables, AnalytesTable::TABLE).columns(&[
                (AnalytesTable::PARAM, "Analyte"), (AnalytesTable::TRTP, "Arm"), (AnalytesTable::TRTP_REF, "Against"), (AnalytesTable::AVISIT, "Visit"), (AnalytesTable::RATIO.estimate, "Ratio"), (AnalytesTable::RATIO.lower, "Lower"),
                (AnalytesTable::RATIO.upper, "Upper"), (AnalytesTable::P, "p"), (AdjustedColumns::P_ADJUSTED, "p adjusted"), (AdjustedColumns::FAMILY, "Family"), (AnalytesTable::N, "n"), (AnalytesTable::N_ARM, "of"),
                (AnalytesTable::N_REF, "n against"), (AnalytesTable::N_ARM_REF, "of"), (AnalytesTable::REASON, "Why there is none"),
            ]).linked(AnalytesTable::FOLDER, &link).markup())
            p { (report.over.multiplicity) }
            @for (one, why) in failed { div.reason { p { a href=(page_of(&one.folder)) { (one.folder) } ": " (why) } } }
            @for named in figures { (picture(named, styles)) }
        }
    }
}

/// An analyte's own page, from the folder of the results over all.
fn page_of(folder: &str) -> String {
    format!("../{folder}/results/report.html")
}

fn families(tables: &[ReportTable]) -> Markup {
    html! { @if tables.iter().any(|table| table.name == "families") {
        section id="families" aria-labelledby="families-title" {
            h2 id="families-title" { "Families of tests" }
            (ShownTable::new(tables, FamiliesTable::TABLE).columns(&[
                (FamiliesTable::FAMILY, "Family"), (FamiliesTable::ADJUSTMENT, "Adjusted by"), (FamiliesTable::PLACE, "Place"), (FamiliesTable::PARAMCD, "Analyte"), (FamiliesTable::ANALYSIS, "Test"), (FamiliesTable::AVISIT, "Visit"),
                (FamiliesTable::TRTP, "Arm"), (FamiliesTable::TRTP_REF, "Reference"), (FamiliesTable::P, "p"), (FamiliesTable::P_ADJUSTED, "p adjusted"),
            ]).caption("Every test of every declared family, over all analytes. A test without a p-value is not counted, but in a hierarchy nothing after it counts.").markup())
        }
    } }
}

fn participants(report: &AnalytesReport<'_>, tables: &[ReportTable]) -> Markup {
    let all = report.over.participants.len();
    let everywhere = |status: &[(String, &str)]| status.iter().all(|(_, status)| *status == "matched");
    let whole = report.over.participants.iter().filter(|one| everywhere(&one.status)).count();
    html! {
        section id="participants" aria-labelledby="participants-title" {
            h2 id="participants-title" { "Who stands behind the answers" }
            p { (whole) " of " (all) " participants have an arm and results of every analyte that was compared. The arms of all analytes are those of one list." }
            details {
                summary { "Each participant and analyte" small { (all) " participants" } }
                (ShownTable::new(tables, ParticipantsTable::TABLE).columns(&[
                    (ParticipantsTable::USUBJID, "Participant"), (ParticipantsTable::TRTP, "Arm"), (ParticipantsTable::PARAMCD, "Analyte"), (ParticipantsTable::STATUS, "Results and arm"),
                ]).markup())
            }
        }
    }
}

fn warnings(report: &AnalytesReport<'_>) -> Markup {
    html! {
        section id="warnings" aria-labelledby="warnings-title" {
            h2 id="warnings-title" { "Warnings" }
            @let warnings = report.warnings();
            @if warnings.is_empty() { p { "None over the analytes; each analyte's page has its own." } }
            @else { ul { @for warning in &warnings { li { (warning) } } } }
        }
    }
}

fn provenance(report: &AnalytesReport<'_>) -> Markup {
    html! {
        section id="provenance" aria-labelledby="provenance-title" {
            h2 id="provenance-title" { "How this was made" }
            p { "From the runs of its analytes, each of which records its own files, settings and plates, and from the files that they share. In this run all were \
                 quantified before the list of arms was opened for the first of them." }
            div.scroll tabindex="0" role="group" aria-label="Runs of the analytes" { table {
                thead { tr { th scope="col" { "Analyte" } th scope="col" { "Run" } th scope="col" { "Record" } th scope="col" { "SHA-256 of its concentrations" } } }
                tbody { @for one in &report.record.analytes { tr {
                    th scope="row" { (one.paramcd) }
                    td { @match &one.run_id { Some(run) => (run), None => "could not be run" } }
                    td { @if one.run_id.is_some() { a href=(one.record) { (one.record) } } }
                    td { @if let Some(hash) = &one.concentrations_sha256 { code { (hash) } } }
                } } }
            } }
            p { "adlb.csv, adlb.json and adlb.xpt hold the records of all analytes, each a parameter with its PARAMCD; adsl and define.xml are those of each \
                 analyte, since who can be evaluated differs." }
            div.scroll tabindex="0" role="group" aria-label="Shared files" { table {
                thead { tr { th scope="col" { "Shared file" } th.number scope="col" { "Bytes" } th scope="col" { "SHA-256" } } }
                tbody { @for input in &report.record.inputs { tr {
                    th scope="row" { (input.file) } td.number { (input.bytes) } td { code { (input.sha256) } }
                } } }
            } }
        }
    }
}
