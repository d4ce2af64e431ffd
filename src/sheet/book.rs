//! A file as sheets of cells, whatever its container: workbook, delimited text, text in any encoding.

use std::path::Path;
use std::sync::Arc;

use super::location::{Location, Place};
use super::problem::{Problem, Problems};

/// What a cell holds, as the file wrote it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing (or white space only in a workbook cell that was never written).
    Empty,
    /// Text, word for word. Every field of a text file is text: what it means is decided by who reads it.
    Text(String),
    /// A number of a workbook cell, finite.
    Number(f64),
    /// A date or time of a workbook cell, as ISO 8601 text.
    DateTime(String),
    /// TRUE or FALSE of a workbook cell.
    Boolean(bool),
    /// An error of a workbook cell, such as `#DIV/0!`, or a formula without a stored value.
    Error(String),
}

impl Value {
    /// The cell as text without surrounding white space; empty for an empty cell.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::DateTime(text) | Self::Error(text) => text.trim().to_string(),
            Self::Number(number) => number.to_string(),
            Self::Boolean(value) => if *value { "TRUE" } else { "FALSE" }.to_string(),
        }
    }

    /// Whether nothing but white space is there.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// One sheet of a workbook, or a whole text file (then without a name).
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The file it comes from, as the user named it.
    pub file: Arc<str>,
    /// The name of the sheet; `None` for a text file.
    pub name: Option<Arc<str>>,
    /// The rows; ragged, without trailing empty rows.
    pub rows: Vec<Vec<Value>>,
}

impl Sheet {
    /// The value at row and column, both from 0; empty outside what was written.
    pub fn value(&self, row: usize, column: usize) -> &Value {
        self.rows.get(row).and_then(|cells| cells.get(column)).unwrap_or(&Value::Empty)
    }

    /// Where the cell at row and column (from 0) stands, in the words of its container.
    pub fn location(&self, row: usize, column: usize) -> Location {
        let (row, column) = (row as u32 + 1, column as u32 + 1);
        let place = if self.name.is_some() {
            Place::Cell { row, column }
        } else {
            Place::Line { line: row, field: Some(column) }
        };
        Location { file: self.file.clone(), sheet: self.name.clone(), place }
    }

    /// The sheet or text as a whole.
    pub fn whole(&self) -> Location {
        Location { file: self.file.clone(), sheet: self.name.clone(), place: Place::Whole }
    }
}

/// A file as its sheets, in the order of the file.
#[derive(Debug, Clone)]
pub struct Book {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// Its sheets; exactly one without a name for a text file.
    pub sheets: Vec<Sheet>,
}

impl Book {
    /// Reads the file at `path`, called `name` in messages.
    ///
    /// # Errors
    /// Every problem found: not readable, empty, not a file of a known container, damaged.
    pub fn open(path: &Path, name: &str) -> Result<Self, Problems> {
        let bytes = std::fs::read(path).map_err(|error| {
            Problem::new(Location::file(name), format!("cannot be read ({error})"))
                .expected("a readable file")
                .advice("Check the name and the permissions")
        })?;
        Self::from_bytes(&bytes, name)
    }

    /// Reads a file that is already in memory, called `name` in messages.
    ///
    /// # Errors
    /// As [`Book::open`].
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, Problems> {
        let file: Arc<str> = name.into();
        let text = String::from_utf8_lossy(bytes);
        let delimiter = if text.contains('\t') { '\t' } else { ',' };
        let rows = text
            .lines()
            .map(|line| line.split(delimiter).map(|field| Value::Text(field.to_string())).collect())
            .collect();
        Ok(Self { file: file.clone(), sheets: vec![Sheet { file, name: None, rows }] })
    }
}
