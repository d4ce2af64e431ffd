//! What people see of the results: tables, figures, the page, the workbook. Shows numbers; makes none.

pub mod adam;
pub mod csv;
pub mod explain;
pub mod figure;
pub mod figures;
pub mod output;
pub mod page;
pub mod table;
pub mod workbook;
mod words;

use std::path::{Path, PathBuf};

use crate::protocol::Protocol;
use crate::qc::JudgedPlate;
use crate::qc::over_plates::OverPlates;
use crate::record::{RUN_FILE, RunRecord};
use crate::reportable::{Exclusions, ReportableResult, Rerun};
use crate::sheet::Problem;
use crate::study::{Comparison, Robustness, SubjectVisit};

pub use explain::Explanation;
use figures::NamedFigure;
pub use output::OutputError;
use output::OutputFile;

/// Everything that a report shows.
#[derive(Debug, Clone, Copy)]
pub struct StudyReport<'a> {
    /// What was declared.
    pub protocol: &'a Protocol,
    /// Every plate, in the order of the study.
    pub plates: &'a [JudgedPlate],
    /// What they say together.
    pub over_plates: &'a OverPlates,
    /// One result per sample.
    pub results: &'a [ReportableResult],
    /// What has to be run again.
    pub reruns: &'a [Rerun],
    /// The decisions of people, and what the study is without their exclusions.
    pub exclusions: &'a Exclusions,
    /// The results by subject and visit.
    pub visits: &'a [SubjectVisit],
    /// The comparison of the arms; `None` keeps every output blinded.
    pub comparison: Option<&'a Comparison>,
    /// What it is held against; `None` wherever there is no comparison.
    pub robustness: Option<&'a Robustness>,
    /// With which program, settings and inputs.
    pub record: &'a RunRecord,
    /// What should be known and did not stop anything.
    pub warnings: &'a [Problem],
}

/// Why a report could not be written. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The folder or a file.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A figure.
    #[error(transparent)]
    Figure(#[from] figure::FigureError),
    /// A table as CSV.
    #[error("cannot write the table {table}.csv: {cause}")]
    Csv {
        /// The table.
        table: &'static str,
        /// What went wrong.
        cause: ::csv::Error,
    },
    /// The workbook.
    #[error("cannot write results.xlsx: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The run record, or the dataset as JSON.
    #[error("cannot write as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The table of concentrations as it is written into `concentrations.csv`. It depends on nothing that is known of the arms.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub fn concentrations(report: &StudyReport<'_>) -> Result<Vec<u8>, ReportError> {
    let table = table::concentrations(report);
    csv::write(&table).map_err(|cause| ReportError::Csv { table: table.name, cause })
}

/// Writes all outputs of a study into the folder `out`, all or none, and gives their paths.
///
/// # Errors
/// When something cannot be made or written; the folder is then as it was.
pub fn write(report: &StudyReport<'_>, out: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let tables = table::tables(report);
    let range = figures::response_range(report);
    let plates: Vec<_> = report.plates.iter().map(|plate| figures::of_plate(report, plate, range)).collect();
    let controls = figures::control_charts(report);
    let curves = figures::charts_of_curves(report);
    let comparison = report.comparison.map(|comparison| figures::of_comparison(report, comparison)).unwrap_or_default();
    let shown = page::PageFigures { plates: &plates, controls: &controls, curves: &curves, comparison: &comparison };

    let mut files = vec![
        OutputFile { name: "report.html".into(), bytes: page::write(report, &tables, shown).into_bytes() },
        OutputFile { name: "results.xlsx".into(), bytes: workbook::write(report, &tables)? },
    ];
    for table in &tables {
        let bytes = csv::write(table).map_err(|cause| ReportError::Csv { table: table.name, cause })?;
        files.push(OutputFile { name: format!("{}.csv", table.name), bytes });
    }
    for NamedFigure { name, figure } in plates.iter().flatten().chain(&controls).chain(&curves).chain(&comparison) {
        files.push(OutputFile { name: format!("figures/{name}.svg"), bytes: figure.svg().into_bytes() });
        files.push(OutputFile { name: format!("figures/{name}.png"), bytes: figure.png(2.0)? });
    }
    if let Some(comparison) = report.comparison {
        let bytes = adam::dataset_json::write(&comparison.records, report.record)?;
        files.push(OutputFile { name: "adlb.json".into(), bytes });
        // Where it cannot be written, a warning of the report says why.
        if let Ok(bytes) = adam::xport::write(&comparison.records) {
            files.push(OutputFile { name: "adlb.xpt".into(), bytes });
        }
    }
    let mut record = serde_json::to_vec_pretty(report.record)?;
    record.push(b'\n');
    files.push(OutputFile { name: RUN_FILE.into(), bytes: record });
    Ok(output::write(out, &files)?)
}
