//! What people see of the results: tables, figures, the page, the workbook. Shows numbers; makes none.

pub mod adam;
mod all_figures;
mod analytes;
mod analytes_files;
mod audience;
pub mod csv;
mod error;
pub mod explain;
pub mod figure;
mod figure_files;
pub mod figures;
pub mod layout_form;
pub mod page;
pub mod rtf;
mod study_report;
pub mod table;
pub mod validation;
pub mod workbook;
pub(crate) mod words;

use crate::files::OutputFile;
use crate::record::RUN_FILE;
use all_figures::Figures;

pub use analytes::AnalytesReport;
pub use analytes_files::files_of_analytes;
pub use error::ReportError;
pub use explain::Explanation;
pub use study_report::StudyReport;

/// The table of concentrations as it is written into `concentrations.csv`. It depends on nothing that is known of the arms.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub fn concentrations(report: &StudyReport<'_>) -> Result<Vec<u8>, ReportError> {
    let table = table::concentrations(report);
    csv::write(&table).map_err(|cause| ReportError::Csv { table: table.name, cause })
}

/// One page, one workbook and the record of the run: for plates that belong to no study.
///
/// # Errors
/// When something cannot be made.
pub fn page_and_workbook(report: &StudyReport<'_>) -> Result<Vec<OutputFile>, ReportError> {
    let tables = table::tables(report);
    let figures = Figures::of(report);
    let mut files = pages(report, &tables, &figures);
    files.push(OutputFile { name: "results.xlsx".into(), bytes: workbook::write(report, &tables)? });
    files.push(run_record(report)?);
    Ok(files)
}

/// All outputs of a study, as files of one folder.
///
/// Pictures are drawn side by side: rendering them is what takes the time. `drawn` is told after each how many there are. `blinded`
/// is the report without anything of the arms, where `report` has them: the laboratory's page is of that.
///
/// # Errors
/// When something cannot be made.
pub fn files(
    report: &StudyReport<'_>,
    blinded: Option<&StudyReport<'_>>,
    drawn: &(dyn Fn(usize) + Sync),
) -> Result<Vec<OutputFile>, ReportError> {
    let tables = table::tables(report);
    let figures = Figures::of(report);
    let mut files = pages(report, &tables, &figures);
    files.extend(blinded.and_then(|blinded| laboratory_page(blinded, &figures)));
    files.push(OutputFile { name: "results.xlsx".into(), bytes: workbook::write(report, &tables)? });
    for table in &tables {
        let bytes = csv::write(table).map_err(|cause| ReportError::Csv { table: table.name, cause })?;
        files.push(OutputFile { name: format!("{}.csv", table.name), bytes });
    }
    files.extend(figure_files::draw_for_print(report, &figures, drawn)?);
    if let Some(comparison) = report.comparison {
        let datasets = adam::datasets(comparison);
        for dataset in &datasets {
            let file = dataset.file();
            let bytes = adam::dataset_json::write(dataset, report.record)?;
            files.push(OutputFile { name: format!("{file}.json"), bytes });
            // Where it cannot be written, a warning of the report says why.
            if let Ok(bytes) = adam::xport::write(dataset, &report.record.started) {
                files.push(OutputFile { name: format!("{file}.xpt"), bytes });
            }
        }
        files.push(OutputFile { name: "define.xml".into(), bytes: adam::define::write(report, &datasets) });
        files.push(OutputFile { name: "tables.rtf".into(), bytes: rtf::write(report, comparison) });
    }
    files.push(run_record(report)?);
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let start = page::start(report, &page::Beside { tables: &tables, figures: figures.shown(), files: &names });
    files.push(OutputFile { name: start.name, bytes: start.html.into_bytes() });
    Ok(files)
}

fn run_record(report: &StudyReport<'_>) -> Result<OutputFile, ReportError> {
    let mut bytes = serde_json::to_vec_pretty(report.record)?;
    bytes.push(b'\n');
    Ok(OutputFile { name: RUN_FILE.into(), bytes })
}

fn pages(report: &StudyReport<'_>, tables: &[table::Table], figures: &Figures) -> Vec<OutputFile> {
    let pages = page::write(report, tables, figures.shown()).into_iter();
    pages.map(|page| OutputFile { name: page.name, bytes: page.html.into_bytes() }).collect()
}

/// The page of a study without the arms, beside the whole one. Pages of single plates hold nothing of the arms, and serve both.
fn laboratory_page(blinded: &StudyReport<'_>, figures: &Figures) -> Option<OutputFile> {
    let shown = figures.shown().without_arms();
    let page = page::write(blinded, &table::tables(blinded), shown).into_iter().next()?;
    Some(OutputFile { name: "laboratory.html".into(), bytes: page.html.into_bytes() })
}
