//! Why the files of a report could not be made.

use super::figure::FigureError;

/// Why the files of a report could not be made.
///
/// ```
/// use platewise::report::ReportError;
///
/// let wrong = serde_json::from_str::<f64>("x").unwrap_err();
/// assert!(ReportError::from(wrong).to_string().starts_with("cannot write as JSON"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A figure.
    #[error(transparent)]
    Figure(#[from] FigureError),
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
    /// The files through which the long sheets of the workbook go.
    #[error(
        "cannot write results.xlsx: its long sheets go through the folder for temporary files, {}, which cannot take them ({cause}). Make \
         room there, or name another folder with the variable TMPDIR (TEMP on Windows)",
        folder.display()
    )]
    Temporary {
        /// The folder.
        folder: std::path::PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The run record, or the dataset as JSON.
    #[error("cannot write as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
