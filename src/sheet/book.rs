//! A file as sheets of cells, whatever its container: workbook, delimited text, text in any encoding.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::limits::{MAX_CELLS, MAX_STUDY_FIELDS};
use super::location::{Location, Place};
use super::problem::{Problem, Problems};
use super::{isolated, plain_file, text, workbook, xlsx};

/// What a cell holds, as the file wrote it.
///
/// ```
/// use platewise::sheet::Value;
///
/// assert_eq!(Value::Text(" OVRFLW ".to_string()).text(), "OVRFLW");
/// assert_eq!(Value::Number(0.5).text(), "0.5");
/// assert!(Value::Empty.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
            Container::Other(what) => Err(Problem::new(Location::file(file), format!("the file is {what}"))
                .expected("a workbook (xlsx, xlsm, xls, xlsb, ods) or text (csv, tsv, txt)")
                .advice("Export the plate from the reader's software as a table or as text")
                .into()),
        }
    }

    fn from_text(bytes: &[u8], file: Arc<str>, most_fields: usize) -> Result<Self, Problems> {
        let decoded = text::decode(bytes);
        if decoded.trim().is_empty() {
            return Err(Problem::new(Location::file(file), "the file is empty")
                .expected("an export or a table")
                .advice("Export or save it once more")
                .into());
        }
        let mut sheet = Sheet::new(file.clone(), None);
        let delimiter = text::delimiter(&decoded);
        sheet.delimiter = Some(delimiter);
        sheet.rows = text::rows(&decoded, delimiter, most_fields).map_err(|error| {
            Problem::new(Location::line(file.clone(), error.line), error.found)
                .expected("fields separated by tabs, semicolons or commas")
        })?;
        Ok(Self { file, sheets: vec![sheet] })
    }
}

/// What a file is, by its first bytes and the names in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Text,
    Xlsx,
    Xls,
    Xlsb,
    Ods,
    /// An OLE file around an encrypted workbook.
    Protected,
    /// Something else, in words.
    Other(&'static str),
}

impl Container {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let holds = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
        let holds_utf16 = |name: &str| holds(&name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            // The names of the parts stand in clear text in the container.
            if holds(b"xl/workbook.bin") {
                Self::Xlsb
            } else if holds(b"xl/") || holds(b"[Content_Types].xml") {
                Self::Xlsx
            } else if holds(b"opendocument.spreadsheet") {
                Self::Ods
            } else {
                Self::Other("a zip archive without a workbook")
            }
        } else if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            if holds_utf16("EncryptedPackage") {
                Self::Protected
            } else if holds_utf16("Workbook") || holds_utf16("Book") {
                Self::Xls
            } else {
                Self::Other("an OLE document without a workbook")
            }
        } else {
            const KNOWN: [(&[u8], &str); 7] = [
                (b"\x89PNG", "a picture (PNG)"),
                (b"\xFF\xD8\xFF", "a picture (JPEG)"),
                (b"GIF8", "a picture (GIF)"),
                (b"BM\x00", "a picture (BMP)"),
                (b"%PDF", "a PDF document"),
                (b"\x1F\x8B", "a compressed file (gzip)"),
                (b"7z\xBC\xAF", "a compressed file (7z)"),
            ];
            match KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
                Some((_, what)) => Self::Other(what),
                None if looks_binary(bytes) => Self::Other("neither text nor a workbook"),
                None => Self::Text,
            }
        }
    }
}

/// Text holds no control characters but tabs, line ends and form feeds; UTF-16 is full of zero bytes, but not of others.
fn looks_binary(bytes: &[u8]) -> bool {
    let sample = &text::decode(&bytes[..bytes.len().min(8192)]);
    let odd =
        sample.chars().filter(|&c| c.is_control() && !matches!(c, '\t' | '\n' | '\u{c}' | '\u{80}'..='\u{9f}')).count();
    odd * 50 > sample.chars().count()
}
