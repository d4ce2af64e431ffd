//! An export in the making: a format says where the values of each read stand, and accounts for every row of the file. What the
//! cells say is read from them later, once for all formats (`finish`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::plate::read::{ExportBlock, ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Code, Problem, Problems, Sheet, Value};

/// A cell: sheet, row and column, all from 0.
pub(super) type CellIndex = (usize, usize, usize);

/// What a format has found in a file so far: [`examine`](super::examine) makes it, lets the format fill it, and turns it into an
/// export.
///
/// ```
/// use platewise::plate::formats::{self, Draft};
/// use platewise::sheet::Book;
///
/// let book = Book::from_bytes(b",1,2\nA,0.1,0.2\nB,0.3,0.4\n", "plate.csv")?;
/// let mut draft = Draft::new(&book);
/// formats::by_name("grid").unwrap().read(&mut draft);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub struct Draft<'a> {
    /// The file.
    pub(super) book: &'a Book,
    /// What kind of read it is.
    pub(super) kind: ExportKind,
    /// The plates, in the order of the file.
    pub(super) plates: Vec<PlateDraft>,
    /// Samples whose plate the file does not say: well, the plate's name if there is one, what is said of it.
    pub(super) unassigned: Vec<(WellPosition, Option<String>, SampleDraft)>,
    /// What the user should know.
    pub(super) warnings: Vec<Problem>,
    /// What is wrong.
    pub(super) problems: Problems,
    /// What is no end-point read: what it is, where, and that in words.
    pub(super) others: Vec<(ExportKind, CellIndex, &'static str)>,
    /// What was made of each block, with its sheet and first row.
    pub(super) blocks: Vec<(usize, usize, ExportBlock)>,
    /// Texts at the right end of the lines of a layout that say what a line is.
    pub(super) line_labels: BTreeSet<String>,
    /// Per sheet, which rows are accounted for.
    pub(super) accounted: Vec<Vec<bool>>,
    /// Whether the user has named the format: then what it holds is meant as readings, as far as it can be.
    pub(super) is_named: bool,
    /// The column that the user has named as that of the readings.
    pub(super) column: Option<ReadingColumn>,
    /// Per sheet, whether it is not for this format: another program's, or a copy of somebody's.
    foreign: Vec<bool>,
    /// The cells of readings and of what is said of wells.
    pub(super) used: Vec<CellIndex>,
}

/// A column of a plain table that holds the readings because the user says so.
pub(super) struct ReadingColumn {
    pub(super) title: String,
    pub(super) is_found: bool,
}

/// A plate in the making.
#[derive(Default)]
pub(super) struct PlateDraft {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// Where the file does not say it, the smallest plate that holds all wells.
    pub(super) size: Option<PlateSize>,
    pub(super) reads: Vec<ReadDraft>,
    pub(super) samples: BTreeMap<WellPosition, SampleDraft>,
    /// What else was measured on it, and is no end point.
    pub(super) other: Option<(ExportKind, Mode)>,
    /// The cell where the plate begins.
    pub(super) at: CellIndex,
}

/// A read in the making: what it is, and where its values stand.
#[derive(Clone)]
pub(super) struct ReadDraft {
    pub(super) mode: Mode,
    pub(super) wavelength_nm: Option<f64>,
    pub(super) stated_nm: Option<f64>,
    pub(super) reference_nm: Option<f64>,
    pub(super) excitation_nm: Option<f64>,
    pub(super) label: String,
    pub(super) unit: Option<String>,
    pub(super) derived: bool,
    /// Wells with their cells; all in one sheet.
    pub(super) cells: Vec<(WellPosition, CellIndex)>,
}

impl ReadDraft {
    /// A raw read in the usual unit of its mode.
    pub(super) fn raw(mode: Mode, label: impl Into<String>, cells: Vec<(WellPosition, CellIndex)>) -> Self {
        let unit = match mode {
            Mode::Absorbance => Some("OD"),
            Mode::Fluorescence => Some("RFU"),
            Mode::Luminescence => Some("RLU"),
            Mode::Alpha | Mode::Unknown => None,
        };
        Self {
            mode,
            wavelength_nm: None,
            stated_nm: None,
            reference_nm: None,
            excitation_nm: None,
            label: label.into(),
            unit: unit.map(str::to_string),
            derived: false,
            cells,
        }
    }

    /// A grid that the reader's software computed.
    pub(super) fn derived(mode: Mode, label: impl Into<String>, cells: Vec<(WellPosition, CellIndex)>) -> Self {
        Self { unit: None, derived: true, ..Self::raw(mode, label, cells) }
    }

    /// The read at a wavelength, for fluorescence the emission.
    #[must_use]
    pub(super) fn at(mut self, wavelength_nm: Option<f64>) -> Self {
        self.wavelength_nm = wavelength_nm;
        self
    }

    /// The read with an excitation wavelength.
    #[must_use]
    pub(super) fn excited_at(mut self, excitation_nm: Option<f64>) -> Self {
        self.excitation_nm = excitation_nm;
        self
    }
}

/// What the file says of a well; numbers are still text.
#[derive(Clone, Default)]
pub(super) struct SampleDraft {
    pub(super) name: Option<String>,
    pub(super) role: Option<&'static str>,
    pub(super) group: Option<String>,
    pub(super) concentration: Option<String>,
    pub(super) concentration_unit: Option<String>,
    pub(super) dilution: Option<String>,
    pub(super) masked: bool,
    /// Where it stands.
    pub(super) at: CellIndex,
}

/// What a hidden sheet is called.
const HIDDEN: &str = "hidden sheet";
const SHEET_HIDDEN: Code = Code::new("sheet-hidden");

/// A column that nothing is read from.
pub(super) const COLUMN_NOT_USED: Code = Code::new("column-not-used");
/// A name where a well should stand.
pub(super) const NOT_A_WELL: Code = Code::new("export-not-a-well");

impl<'a> Draft<'a> {
    /// A draft of a file in which nothing has been found yet.
    pub fn new(book: &'a Book) -> Self {
        let mut draft = Self {
            book,
            kind: ExportKind::Endpoint,
            plates: Vec::new(),
            unassigned: Vec::new(),
            warnings: Vec::new(),
            problems: Problems::default(),
            others: Vec::new(),
            blocks: Vec::new(),
            line_labels: BTreeSet::new(),
            accounted: book.sheets.iter().map(|sheet| vec![false; sheet.rows.len()]).collect(),
            is_named: false,
            column: None,
            foreign: vec![false; book.sheets.len()],
            used: Vec::new(),
        };
        for (index, sheet) in book.sheets.iter().enumerate().filter(|(_, sheet)| sheet.hidden) {
            draft.note(index, 0..sheet.rows.len(), HIDDEN, "not read");
            draft.warnings.push(Problem::new(
                SHEET_HIDDEN,
                sheet.whole(),
                "the sheet is hidden: nothing in it is read",
            ));
        }
        draft
    }

    /// The sheets that are shown and not another's, with their index.
    pub(super) fn sheets(&self) -> impl Iterator<Item = (usize, &'a Sheet)> + use<'a> {
        let foreign = self.foreign.clone();
        self.book.sheets.iter().enumerate().filter(move |(index, sheet)| !sheet.hidden && !foreign[*index])
    }

    /// Keeps sheets from the format that reads the draft.
    pub(super) fn hide(&mut self, sheets: &[bool]) {
        self.foreign = sheets.to_vec();
    }

    /// Adds what another format has found in other sheets of the file.
    pub(super) fn append(&mut self, other: Self) {
        let hidden =
            |(sheet, _, block): &(usize, usize, ExportBlock)| self.book.sheets[*sheet].hidden && block.what == HIDDEN;
        self.plates.extend(other.plates);
        self.unassigned.extend(other.unassigned);
        self.warnings.extend(other.warnings.into_iter().filter(|warning| warning.code != SHEET_HIDDEN));
        self.problems.extend(other.problems);
        self.others.extend(other.others);
        self.blocks.extend(other.blocks.into_iter().filter(|block| !hidden(block)));
        self.line_labels.extend(other.line_labels);
        for (mine, others) in self.accounted.iter_mut().zip(other.accounted) {
            mine.iter_mut().zip(others).for_each(|(mine, other)| *mine |= other);
        }
        self.foreign.iter_mut().zip(other.foreign).for_each(|(mine, other)| *mine &= other);
    }

    /// Accounts for rows of a sheet: what they are, and what was made of them.
    pub(super) fn note(&mut self, sheet: usize, rows: Range<usize>, what: impl Into<String>, made: impl Into<String>) {
        let location = self.book.sheets[sheet].location(rows.start, 0);
        self.blocks.push((
            sheet,
            rows.start,
            ExportBlock { location, rows: rows.len(), what: what.into(), made: made.into() },
        ));
        for row in rows {
            if let Some(seen) = self.accounted[sheet].get_mut(row) {
                *seen = true;
            }
        }
    }

    /// Notes a row of keys and values in the file's own words.
    pub(super) fn note_key(&mut self, sheet: usize, row: usize) {
        let words = row_words(&self.book.sheets[sheet], row);
        self.note(sheet, row..row + 1, words, "information, not used");
    }

    /// Notes a row of keys and values of which something is used for the plate or its reads.
    pub(super) fn note_setting(&mut self, sheet: usize, row: usize) {
        let words = row_words(&self.book.sheets[sheet], row);
        self.note(sheet, row..row + 1, words, "used: it names or describes the plate or its reads");
    }

    /// Adds a problem at a cell.
    pub(super) fn problem(
        &mut self,
        code: Code,
        (sheet, row, column): CellIndex,
        found: impl Into<String>,
    ) -> &mut Problem {
        let location = self.book.sheets[sheet].location(row, column);
        self.problems.push(Problem::new(code, location, found));
        let last = self.problems.0.len() - 1;
        &mut self.problems.0[last]
    }

    /// Notes something that is no end-point read. A file that also holds end points is read for them, with a word on this; one
    /// that holds nothing else is refused for what it is.
    pub(super) fn no_end_point(&mut self, kind: ExportKind, at: CellIndex, what: &'static str) {
        self.others.push((kind, at, what));
    }
}

/// The first fields of a row, for a list of what is in the file.
pub(super) fn row_words(sheet: &Sheet, row: usize) -> String {
    let cells = sheet.rows.get(row).into_iter().flatten();
    let words: Vec<String> = cells.filter(|cell| !cell.is_empty()).take(4).map(Value::text).collect();
    shortened(&words.join(" | "))
}

pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text.to_string() }
}
