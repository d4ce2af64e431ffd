//! Why a file of a simulated trial could not be made.

/// Why a file could not be made.
///
/// ```
/// use platewise::simulate::FileError;
/// let error = FileError::from(std::io::Error::other("no room"));
/// assert_eq!(error.to_string(), "cannot make the file: no room");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// By the writer of workbooks.
    #[error("cannot make the workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// By the writer of tables.
    #[error("cannot make the table: {0}")]
    Table(#[from] csv::Error),
    /// In memory.
    #[error("cannot make the file: {0}")]
    Memory(#[from] std::io::Error),
}
