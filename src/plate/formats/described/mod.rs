//! Formats that a laboratory describes itself, in one TOML file: where the plates or the list of wells begin, what was measured, and which
//! rows say nothing about readings.
//!
//! A description is taken at its word and no further: it is accepted for a file only if it accounts for every cell in it, so that
//! what the description forgot cannot be lost in silence.

mod declared_format;
mod grid;
mod list;
mod propose;
mod sheet_rows;

use super::draft::Draft;
use super::{Description, Format};
use std::path::Path;

use crate::protocol::is_format_file;
use crate::sheet::{Book, Problems, Sheet, plain_file};
use declared_format::DeclaredFormat;
use sheet_rows::{SheetRows, UnaccountedRow};

pub use propose::propose;

/// A format that a file describes; such a file is named where a reader is, and ends in `.toml`.
///
/// ```
/// use platewise::plate::formats::{self, ReadOptions, DescribedFormat, Reader};
/// use platewise::sheet::Book;
///
/// let text = "[format]\nname = 'Our reader'\nknown_by = 'OurReader'\nignored = ['OurReader']\n\
///             [list]\nwell = 'Pos'\nwells = 96\ncounted = 'down'\n[[list.read]]\ncolumn = 'Abs'\nwavelength = 450\n";
/// let format = DescribedFormat::parse("our-reader.toml", text)?;
/// let book = Book::from_bytes(b"OurReader 2\nPos,Abs\n1,0.1\n2,0.2\n9,0.3\n", "plate.csv")?;
/// let (export, problems) = formats::examine(&book, ReadOptions { reader: Some(Reader::Described(&format)), column: None })?;
/// assert!(problems.0.is_empty());
/// let read = &export.plates[0].reads[0];
/// assert_eq!(read.reading("B1".parse().unwrap()).unwrap().measured(), Some(0.2), "the second well down the first column");
///
/// // A row that the description does not know is refused, not passed over.
/// let book = Book::from_bytes(b"OurReader 2\nPos,Abs\n1,0.1\n2,0.2\n\nsee the second page\n", "plate.csv")?;
/// let (_, problems) = formats::examine(&book, ReadOptions { reader: Some(Reader::Described(&format)), column: None })?;
/// assert!(problems.to_string().contains("plate.csv, line 6"), "{problems}");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedFormat {
    /// The file of the description, as the user named it.
    pub file: String,
    /// What stands in it.
    pub text: String,
    declared: DeclaredFormat,
}

impl DescribedFormat {
    /// Reads a description, called `file` in messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let declared = DeclaredFormat::parse(file, text)?;
        Ok(Self { file: file.to_string(), text: text.to_string(), declared })
    }

    /// Reads a description from the bytes of its file.
    ///
    /// # Errors
    /// As [`DescribedFormat::parse`], and when it is no text in UTF-8.
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<Self, Problems> {
        declared_format::in_utf8(file, bytes).and_then(|text| Self::parse(file, text))
    }

    /// The description in the file that is named as a reader; `None` where the name is that of a reader.
    ///
    /// # Errors
    /// As [`DescribedFormat::from_bytes`], and when the file cannot be read.
    pub fn named(reader: Option<&str>) -> Result<Option<Self>, Problems> {
        let Some(path) = reader.filter(|reader| is_format_file(reader)) else { return Ok(None) };
        let bytes = plain_file::read(Path::new(path)).map_err(|error| error.problem(path))?;
        Self::from_bytes(path, &bytes).map(Some)
    }

    /// The name of its file, without folders.
    pub fn file_name(&self) -> String {
        Path::new(&self.file).file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

impl Format for DescribedFormat {
    fn description(&self) -> Description<'_> {
        Description {
            name: &self.file,
            title: &self.declared.name,
            written_by: "what its description says",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let known_by = &self.declared.known_by;
        let begins =
            |sheet: &Sheet| sheet.rows.iter().flatten().any(|cell| declared_format::begins(&cell.text(), known_by));
        if book.sheets.iter().filter(|sheet| !sheet.hidden).any(begins) {
            Ok(())
        } else {
            Err(format!("no cell begins with '{known_by}', by which {} knows its files", self.file))
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let left = self.read_all(draft);
        sheet_rows::complain(draft, &self.declared, &left);
    }
}

impl DescribedFormat {
    /// Reads what is described, and answers what of the file is not.
    fn read_all(&self, draft: &mut Draft<'_>) -> Vec<UnaccountedRow> {
        let mut found = vec![false; self.declared.grids.len()];
        let (mut lists, mut left) = (0, Vec::new());
        for (index, sheet) in draft.sheets() {
            let ignored = &self.declared.ignored_sheets;
            if sheet.name.as_deref().is_some_and(|name| declared_format::is_one_of(name, ignored)) {
                draft.note(index, 0..sheet.rows.len(), "sheet", "ignored: the description says so");
                continue;
            }
            let mut rows = SheetRows::new(draft, index, sheet, &self.declared);
            grid::read(draft, &mut rows, &mut found);
            lists += list::read(draft, &mut rows);
            left.extend(rows.finish(draft));
        }
        grid::all_found(draft, &self.declared, &found);
        if let (Some(list), 0) = (&self.declared.list, lists) {
            list::missing(draft, &self.declared, list);
        }
        left
    }
}
