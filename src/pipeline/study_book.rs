//! A file that somebody made for the study: its exports come from elsewhere.

use std::path::Path;

use crate::files::InputFolder;
use crate::sheet::{Book, Problems};

/// Opens it.
///
/// # Errors
/// When it cannot be read.
pub(super) fn open(study: &InputFolder, path: &Path) -> Result<Book, Problems> {
    let input = study.read(path)?;
    Book::of_study(&input.bytes, &input.name)
}
