//! A file as sheets of cells, whatever its container: workbook, delimited text, text in any encoding.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cell::Value;
use super::location::{Location, Place};

/// One sheet of a workbook, or a whole text file (then without a name).
///
/// ```
/// use platewise::sheet::Book;
///
/// let book = Book::from_bytes(b"\nwell;OD\nA1;0.25\n", "plate.csv")?;
/// let sheet = &book.sheets[0];
/// assert_eq!(sheet.first_row(), 1);
/// assert_eq!(sheet.text(2, 1), "0.25");
/// assert_eq!(sheet.location(2, 1).to_string(), "plate.csv, line 3, field 2");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The file it comes from, as the user named it.
    pub file: Arc<str>,
    /// The name of the sheet; `None` for a text file.
    pub name: Option<Arc<str>>,
    /// The rows; ragged, without trailing empty rows.
    pub rows: Vec<Vec<Value>>,
    /// What separates the fields of a text file; `None` in a workbook.
    pub delimiter: Option<char>,
    /// Whether the workbook hides the sheet.
    pub hidden: bool,
    /// First and last cell (row, column from 0) of each merged area: its value stands in the first.
    pub merged: Vec<((u32, u32), (u32, u32))>,
    /// The cells (row, column from 0) whose value a formula of the workbook computed; the value is what the program stored last.
    pub formulas: BTreeSet<(u32, u32)>,
}

impl Sheet {
    /// A sheet without cells.
    pub fn new(file: Arc<str>, name: Option<Arc<str>>) -> Self {
        Self {
            file,
            name,
            rows: Vec::new(),
            delimiter: None,
            hidden: false,
            merged: Vec::new(),
            formulas: BTreeSet::new(),
        }
    }

    /// The text of a cell, from 0, without surrounding white space and with plain spaces.
    pub fn text(&self, row: usize, column: usize) -> String {
        let text = self.value(row, column).text();
        if text.contains('\u{a0}') { text.replace('\u{a0}', " ").trim().to_string() } else { text }
    }

    /// The first row, from 0, in which something stands; 0 for a sheet without any.
    pub fn first_row(&self) -> usize {
        self.rows.iter().position(|cells| cells.iter().any(|cell| !cell.is_empty())).unwrap_or(0)
    }

    /// Whether nothing stands in the row, from 0.
    pub fn is_blank(&self, row: usize) -> bool {
        self.rows.get(row).is_none_or(|cells| cells.iter().all(Value::is_empty))
    }

    /// The value at row and column, both from 0; empty outside what was written.
    pub fn value(&self, row: usize, column: usize) -> &Value {
        self.rows.get(row).and_then(|cells| cells.get(column)).unwrap_or(&Value::Empty)
    }

    /// The value at row and column, both from 0; in a merged area, that of the area, which stands in its first cell.
    pub fn merged_value(&self, row: usize, column: usize) -> &Value {
        let value = self.value(row, column);
        if !value.is_empty() {
            return value;
        }
        let (at_row, at_column) = (row as u32, column as u32);
        let holds = |&&((top, left), (bottom, right)): &&((u32, u32), (u32, u32))| {
            (top..=bottom).contains(&at_row) && (left..=right).contains(&at_column)
        };
        self.merged.iter().find(holds).map_or(value, |((top, left), _)| self.value(*top as usize, *left as usize))
    }

    /// Whether a formula computed the value at row and column, both from 0: it is no value that anybody measured or typed.
    pub fn is_formula(&self, row: usize, column: usize) -> bool {
        self.formulas.contains(&(row as u32, column as u32))
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
///
/// ```
/// use platewise::sheet::{Book, Value};
///
/// // UTF-16 with byte order mark and tabs, as SoftMax Pro writes: told by the content.
/// let text: Vec<u8> = "\u{feff}A\t0.5".encode_utf16().flat_map(u16::to_le_bytes).collect();
/// let book = Book::from_bytes(&text, "plate.xls")?;
/// assert_eq!(book.sheets[0].rows[0], [Value::Text("A".into()), Value::Text("0.5".into())]);
///
/// let refused = Book::from_bytes(b"%PDF-1.7", "plate.pdf").unwrap_err();
/// assert!(refused.to_string().contains("a PDF document"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Book {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// Its sheets; exactly one without a name for a text file.
    pub sheets: Vec<Sheet>,
}
