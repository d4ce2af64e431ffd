//! What people see of the results: tables, figures, the page, the workbook. Shows numbers; makes none.

pub mod adam;
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
mod outputs;
pub mod page;
mod plate_files;
pub mod rtf;
mod study_figures;
mod study_report;
pub mod table;
pub mod validation;
pub mod workbook;
pub(crate) mod words;

pub use analytes::AnalytesReport;
pub use analytes_files::files_of_analytes;
pub use error::ReportError;
pub use explain::Explanation;
pub use outputs::{WrittenOutputs, concentrations, page_and_workbook, write_outputs};
pub use study_report::StudyReport;
