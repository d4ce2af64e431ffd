//! From the bytes of a file to its sheets: each container has its reader.

use std::path::Path;
use std::sync::Arc;

use super::book::{Book, Sheet};
use super::container::Container;
use super::limits::{MAX_CELLS, MAX_STUDY_FIELDS};
use super::location::Location;
use super::problem::{Code, Problem, Problems};
use super::{isolated, plain_file, text, workbook, xlsx};

impl Book {
    /// Reads the file at `path`, called `name` in messages.
    ///
    /// # Errors
    /// Every problem found: not readable, empty, too large, not a file of a known container, damaged.
    pub fn open(path: &Path, name: &str) -> Result<Self, Problems> {
        let bytes = plain_file::read(path).map_err(|error| error.problem(name))?;
        Self::from_bytes(&bytes, name)
    }

    /// Reads a file that is already in memory, called `name` in messages. What it is, is told by its content.
    ///
    /// # Errors
    /// As [`Book::open`].
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, Problems> {
        Self::within(MAX_CELLS, bytes, name)
    }

    /// Reads a file that belongs to the study itself and is already in memory: its lists may be longer than any export.
    ///
    /// # Errors
    /// As [`Book::open`].
    pub fn of_study(bytes: &[u8], name: &str) -> Result<Self, Problems> {
        Self::within(MAX_STUDY_FIELDS, bytes, name)
    }

    /// The most fields hold for texts; a workbook has the limits of one, whoever wrote it.
    fn within(most_fields: usize, bytes: &[u8], name: &str) -> Result<Self, Problems> {
        let file: Arc<str> = name.into();
        match Container::of(bytes) {
            Container::Text => Self::from_text(bytes, file, most_fields),
            Container::Xlsx => xlsx::read(bytes, &file),
            Container::Xls | Container::Xlsb | Container::Ods => isolated::read(bytes, &file),
            Container::Protected => Err(workbook::protected(&file).into()),
            Container::Other(what) => Err(Problem::new(
                Code::new("file-of-another-kind"),
                Location::file(file),
                format!("the file is {what}"),
            )
            .expected("a workbook (xlsx, xlsm, xls, xlsb, ods) or text (csv, tsv, txt)")
            .advice("Export the plate from the reader's software as a table or as text")
            .into()),
        }
    }

    fn from_text(bytes: &[u8], file: Arc<str>, most_fields: usize) -> Result<Self, Problems> {
        let decoded = text::decode(bytes);
        if decoded.trim().is_empty() {
            return Err(Problem::new(Code::new("file-empty"), Location::file(file), "the file is empty")
                .expected("an export or a table")
                .advice("Export or save it once more")
                .into());
        }
        let mut sheet = Sheet::new(file.clone(), None);
        let delimiter = text::delimiter(&decoded);
        sheet.delimiter = Some(delimiter);
        sheet.rows = text::rows(&decoded, delimiter, most_fields).map_err(|error| {
            Problem::new(Code::new("text-not-fields"), Location::line(file.clone(), error.line), error.found)
                .expected("fields separated by tabs, semicolons or commas")
        })?;
        Ok(Self { file, sheets: vec![sheet] })
    }
}
