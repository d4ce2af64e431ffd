//! Where in an input something stands, in the words that its users use: file, sheet and cell, or file and line.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place in an input file. Rows, lines and columns count from 1, as spreadsheets and editors show them.
///
/// Prints as `exports/P01.xlsx, sheet 'Plate 1', cell C7` or `exports/P01.txt, line 12, field 3`.
///
/// ```
/// use platewise::sheet::Location;
///
/// assert_eq!(Location::line("arms.csv", 3).to_string(), "arms.csv, line 3");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Location {
    /// The file, as the user named it (relative to the study folder where there is one).
    pub file: Arc<str>,
    /// The sheet of a workbook; `None` in text files.
    pub sheet: Option<Arc<str>>,
    /// The place in the sheet or text.
    pub place: Place,
}

/// The place inside a file or sheet.
///
/// ```
/// use platewise::sheet::Place;
///
/// assert_eq!(Place::Cell { row: 7, column: 28 }.to_string(), "cell AB7");
/// assert_eq!(Place::Line { line: 12, field: Some(3) }.to_string(), "line 12, field 3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// The file or sheet as a whole.
    Whole,
    /// A line of a text file; `field` is the delimited field in it.
    Line {
        /// Line, from 1.
        line: u32,
        /// Field in the line, from 1.
        field: Option<u32>,
    },
    /// A cell of a sheet.
    Cell {
        /// Row, from 1.
        row: u32,
        /// Column, from 1 (`A`).
        column: u32,
    },
}

impl Location {
    /// The file as a whole.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), sheet: None, place: Place::Whole }
    }

    /// A line of a text file, from 1.
    pub fn line(file: impl Into<Arc<str>>, line: u32) -> Self {
        Self { file: file.into(), sheet: None, place: Place::Line { line, field: None } }
    }
}

/// The letters of a spreadsheet column: 1 is `A`, 27 is `AA`.
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Whole => Ok(()),
            Self::Line { line, field: None } => write!(f, "line {line}"),
            Self::Line { line, field: Some(field) } => write!(f, "line {line}, field {field}"),
            Self::Cell { row, column } => write!(f, "cell {}{row}", column_letters(column)),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, ", sheet '{sheet}'")?;
        }
        if self.place != Place::Whole {
            write!(f, ", {}", self.place)?;
        }
        Ok(())
    }
}

// Written for people as a text; for the program itself, which reads it back, as it is.
impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { Self::serialize(self, serializer) }
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_read_as_spreadsheets_name_them() {
        let cell = Location {
            file: "a.xlsx".into(),
            sheet: Some("Plate 1".into()),
            place: Place::Cell { row: 7, column: 28 },
        };
        assert_eq!(cell.to_string(), "a.xlsx, sheet 'Plate 1', cell AB7");
        let field = Location { file: "a.txt".into(), sheet: None, place: Place::Line { line: 12, field: Some(3) } };
        assert_eq!(field.to_string(), "a.txt, line 12, field 3");
        assert_eq!(Location::file("a.txt").to_string(), "a.txt");
        assert_eq!([1, 26, 27, 702, 703, 16384].map(column_letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }
}
