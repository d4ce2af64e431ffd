//! A description proposed for a file that no format knows: what can be made out of it, for a person to check.

use std::collections::BTreeSet;

use super::DescribedFormat;
use crate::plate::formats::draft::Draft;
use crate::plate::formats::grid::{Grid, column_numbers, find, is_number};
use crate::plate::formats::title::Title;
use crate::plate::reading::Reading;
use crate::plate::well::{PlateSize, WellPosition};
use crate::protocol::quoted;
use crate::sheet::{Book, Decimal, Sheet, Value};

/// A description of the file, as TOML with remarks; `None` where neither a plate nor a list of wells can be made out. What a file does not say
/// (in which order wells are counted, which wavelength it was) stands there as a remark.
///
/// ```
/// use platewise::plate::formats::{DescribedFormat, propose};
/// use platewise::sheet::Book;
///
/// let text = b"Acme reader 2\nOperator,M\nPos,Time,Abs 450\nA1,0.5,0.1\nA2,0.6,0.2\nA3,0.7,0.3\nA4,0.8,0.1\nA5,0.9,0.2\nA6,1.0,0.2\n";
/// let proposed = propose(&Book::from_bytes(text, "plate.csv")?).unwrap();
/// assert!(proposed.contains("well = \"Pos\"") && proposed.contains("wavelength = 450"), "{proposed}");
/// assert!(DescribedFormat::parse("acme.toml", &proposed).is_ok());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub fn propose(book: &Book) -> Option<String> {
    let shown: Vec<&Sheet> = book.sheets.iter().filter(|sheet| !sheet.hidden).collect();
    let grids: Vec<(&Sheet, Vec<DrawnPlate>)> = shown.iter().map(|sheet| (*sheet, drawn(sheet))).collect();
    let lists: Vec<(&Sheet, ListProposal)> =
        shown.iter().filter_map(|sheet| Some((*sheet, ListProposal::of(sheet)?))).collect();
    let has_grids = grids.iter().any(|(_, drawn)| !drawn.is_empty());
    let read: Vec<&Sheet> = match has_grids {
        true => grids.iter().filter(|(_, drawn)| !drawn.is_empty()).map(|(sheet, _)| *sheet).collect(),
        false => lists.iter().map(|(sheet, _)| *sheet).collect(),
    };
    let first = read.first()?;
    let parts = if has_grids { grids_in_words(&grids) } else { lists.first().map(|(_, list)| list.words())? };
    let is_read = |sheet: &&&Sheet| read.iter().any(|read| read.name == sheet.name);
    let others: Vec<String> = shown
        .iter()
        .filter(|sheet| !is_read(sheet))
        .filter_map(|sheet| Some(sheet.name.as_ref()?.to_string()))
        .collect();
    let known_by = known_by(first);
    let describe = |ignored: &[String]| {
        let mut text = String::from(
            "# How an export is read whose format platewise does not know. Proposed from one file: check every line.\n[format]\n",
        );
        text += &format!("name = {}\n", quoted(&known_by));
        text += &format!("known_by = {}    # a cell of every such file begins with this\n", quoted(&known_by));
        text +=
            &listed("ignored", ignored, "rows whose first cell begins with one of these say nothing about readings");
        text += &listed("ignored_sheets", &others, "sheets that say nothing about readings");
        text + &parts
    };
    // Which rows are left does not depend on how wells are counted, which a person has to say.
    let as_if_known = describe(&[]).replace(COUNTED, "counted = \"along\"\n");
    let format = DescribedFormat::parse("proposed", &as_if_known).ok()?;
    let left = format.read_all(&mut Draft::new(book));
    let mut ignored = Vec::new();
    for left in left.iter().filter(|left| left.is_whole) {
        let text = beginning(&book.sheets[left.sheet].text(left.row, left.column));
        if !ignored.contains(&text) {
            ignored.push(text);
        }
    }
    Some(describe(&ignored))
}

/// What stands in a description whose list counts wells.
const COUNTED: &str = "# wells are counted, and the file does not say how: keep the line of the two that is true, without its #\n\
    # counted = \"along\"    # along the rows: 2 is A2\n\
    # counted = \"down\"     # down the columns: 2 is B1\n";

/// A list of texts as a setting, with what it is; nothing where it has none.
fn listed(key: &str, texts: &[String], what: &str) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("# {what}\n{key} = [{}]\n", texts.join(", "))
}

/// The part of a text that other files of the same kind are likely to share: up to a colon, an equals sign or a number.
fn beginning(text: &str) -> String {
    let end = text.find(|c: char| c == ':' || c == '=' || c.is_ascii_digit()).unwrap_or(text.len());
    let start = text[..end].trim();
    if start.chars().count() > 1 { start.to_string() } else { text.to_string() }
}

/// The first text of a sheet.
fn known_by(sheet: &Sheet) -> String {
    let is_words = |cell: &&Value| matches!(cell, Value::Text(text) if !text.trim().is_empty() && !is_number(text));
    sheet.rows.iter().flatten().find(is_words).map(|cell| beginning(&cell.text())).unwrap_or_default()
}

/// A plate that is drawn in a sheet.
struct DrawnPlate {
    size: PlateSize,
    letters: bool,
    numbers: bool,
    /// Its first value: row and column.
    first: (usize, usize),
    /// The text above it.
    title: Option<String>,
}

/// The plates of a sheet: those with names of rows and columns, and full blocks of numbers of the size of a plate.
fn drawn(sheet: &Sheet) -> Vec<DrawnPlate> {
    /// Sheets that are larger are no drawings of plates.
    const LARGEST: (usize, usize) = (4_000, 200);
    if sheet.rows.len() > LARGEST.0 || sheet.rows.iter().any(|cells| cells.len() > LARGEST.1) {
        return Vec::new();
    }
    let mut drawn: Vec<DrawnPlate> =
        find(sheet).into_iter().filter_map(|grid| DrawnPlate::named(sheet, &grid)).collect();
    let mut row = 0;
    while row < sheet.rows.len() {
        let is_free = |column: usize| drawn.iter().all(|drawn| !drawn.covers(row, column));
        let block = (0..sheet.rows[row].len())
            .filter(|&column| is_free(column))
            .find_map(|column| DrawnPlate::block(sheet, row, column));
        match block {
            Some(block) => drawn.push(block),
            None => row += 1,
        }
    }
    drawn.sort_by_key(|drawn| drawn.first);
    drawn
}

impl DrawnPlate {
    /// A grid with row letters and column numbers, of a whole plate.
    fn named(sheet: &Sheet, grid: &Grid) -> Option<Self> {
        let size =
            PlateSize::ALL.into_iter().find(|size| (size.rows, size.columns) == (grid.rows.len(), grid.columns))?;
        let first = (grid.header + 1, grid.corner + 1);
        let title = title_above(sheet, grid.header);
        (!grid.census(sheet).is_names()).then_some(Self { size, letters: true, numbers: true, first, title })
    }

    /// A full block of values of the size of a plate whose first value stands in the cell.
    fn block(sheet: &Sheet, row: usize, column: usize) -> Option<Self> {
        const SMALLEST: usize = 24;
        let is_value = |row: usize, column: usize| is_reading(sheet.value(row, column));
        // A block begins where no value stands at its left, and ends where none stands at its right or below.
        if !is_value(row, column) || column > 0 && is_value(row, column - 1) {
            return None;
        }
        let sizes = PlateSize::ALL.into_iter().rev().filter(|size| size.count() >= SMALLEST);
        let fits = |size: &PlateSize| {
            column_numbers(sheet, row, column) != Some((0, size.columns))
                && !is_value(row, column + size.columns)
                && !is_value(row + size.rows, column)
                && (0..size.rows).all(|down| (0..size.columns).all(|across| is_value(row + down, column + across)))
        };
        let size = { sizes }.find(fits)?;
        let numbers = row > 0 && column_numbers(sheet, row - 1, column) == Some((0, size.columns));
        let letter = |at: usize| crate::plate::well::row_from_letters(&sheet.text(row + at, column - 1));
        let letters = column > 0 && (0..size.rows).all(|at| letter(at) == Some(at));
        let title = title_above(sheet, row - usize::from(numbers));
        Some(Self { size, letters, numbers, first: (row, column), title })
    }

    fn covers(&self, row: usize, column: usize) -> bool {
        let (top, left) = (self.first.0 - usize::from(self.numbers), self.first.1 - usize::from(self.letters));
        (top..self.first.0 + self.size.rows).contains(&row)
            && (left..self.first.1 + self.size.columns).contains(&column)
    }
}

fn is_reading(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Text(text) if !text.trim().is_empty() => {
            [Decimal::Point, Decimal::Comma].into_iter().any(|mark| Reading::of_text(text, mark).is_some())
        }
        _ => false,
    }
}

/// The only text of the nearest row above that is not blank.
fn title_above(sheet: &Sheet, row: usize) -> Option<String> {
    let above = (row.saturating_sub(3)..row).rev().find(|&row| !sheet.is_blank(row))?;
    let texts: Vec<String> = (0..sheet.rows[above].len()).map(|column| sheet.text(above, column)).collect();
    let first = texts.iter().find(|text| !text.is_empty())?;
    (!is_number(first)).then(|| first.clone())
}

/// All plates that are drawn, each kind once.
fn grids_in_words(sheets: &[(&Sheet, Vec<DrawnPlate>)]) -> String {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut text = String::new();
    let mut again = false;
    for drawn in sheets.iter().flat_map(|(_, drawn)| drawn) {
        let begins = match &drawn.title {
            Some(title) => format!("below = {}", quoted(title)),
            None => {
                let (row, column) = drawn.first;
                format!(
                    "at = {}",
                    quoted(&format!("{}{}", crate::sheet::location::column_letters(column as u32 + 1), row + 1))
                )
            }
        };
        if !known.insert(begins.clone()) {
            again = true;
            continue;
        }
        let names = match (drawn.letters, drawn.numbers) {
            (true, true) => "rows and columns",
            (true, false) => "rows",
            (false, true) => "columns",
            (false, false) => "none",
        };
        text += &format!(
            "\n[[grid]]\n{begins}\nwells = {}\nnames = \"{names}\"    # which names are drawn with it\n",
            drawn.size.count()
        );
        text += &measured(drawn.title.as_deref().unwrap_or_default());
    }
    let plate = sheets.iter().filter(|_| again).find_map(|(sheet, _)| plate_key(sheet));
    match (again, plate) {
        (true, Some(key)) => format!("plate = {}    # how the cell begins that names a plate\n{text}", quoted(&key)),
        (true, None) if sheets.len() < 2 => {
            format!("# plate = \"…\"    how the cell begins that names a plate: several are in the file\n{text}")
        }
        _ => text,
    }
}

/// How the cells begin that name the plates of a sheet.
fn plate_key(sheet: &Sheet) -> Option<String> {
    let begins = |row: &Vec<Value>| {
        let text = row.iter().find(|cell| !cell.is_empty())?.text();
        let lower = text.to_lowercase();
        ["plate name", "plate id", "plate", "barcode"]
            .iter()
            .find(|key| lower.starts_with(**key))
            .map(|key| text.chars().take(key.len()).collect())
    };
    sheet.rows.iter().find_map(begins)
}

/// What was measured, as far as a title says it.
fn measured(title: &str) -> String {
    let title = Title::of(title);
    let mode = match title.mode {
        crate::plate::Mode::Fluorescence => "mode = \"fluorescence\"\n",
        crate::plate::Mode::Luminescence => "mode = \"luminescence\"\n",
        _ => "mode = \"absorbance\"    # or fluorescence, luminescence, alpha\n",
    };
    let wavelength = match title.wavelength_nm {
        Some(nm) => format!("wavelength = {nm}\n"),
        None => "# wavelength = 450    nm: the file does not say it here\n".into(),
    };
    let computed =
        if title.is_derived { "computed = true    # the reader's software computed these values\n" } else { "" };
    format!("{mode}{wavelength}{computed}")
}

/// A list of wells in a sheet.
struct ListProposal {
    well: String,
    is_counted: bool,
    wells: usize,
    ignored: Vec<String>,
    reads: Vec<String>,
}

impl ListProposal {
    /// The first row below which a column names wells, or counts them.
    fn of(sheet: &Sheet) -> Option<Self> {
        /// The head of a list stands near the beginning.
        const FIRST_ROWS: usize = 200;
        (0..sheet.rows.len().min(FIRST_ROWS)).find_map(|head| Self::below(sheet, head))
    }

    fn below(sheet: &Sheet, head: usize) -> Option<Self> {
        /// So many wells make a list.
        const FEWEST: usize = 6;
        let titles: Vec<String> = (0..sheet.rows[head].len()).map(|column| sheet.text(head, column)).collect();
        let rows = |is_well: &dyn Fn(usize, &str) -> bool, column: usize| {
            (head + 1..sheet.rows.len()).take_while(|&row| is_well(row - head, &sheet.text(row, column))).count()
        };
        let named = |_: usize, text: &str| text.parse::<WellPosition>().is_ok();
        let counted = |number: usize, text: &str| text.parse() == Ok(number);
        let titled = || (0..titles.len()).filter(|&column| !titles[column].is_empty());
        let of_names = titled().find(|&column| rows(&named, column) >= FEWEST).map(|column| (column, false));
        let (well, is_counted) = of_names
            .or_else(|| titled().find(|&column| rows(&counted, column) >= FEWEST).map(|column| (column, true)))?;
        let count = if is_counted { rows(&counted, well) } else { rows(&named, well) };
        let last = head + count;
        let is_read = |column: usize| {
            let texts: Vec<String> =
                (head + 1..=last).map(|row| sheet.text(row, column)).filter(|text| !text.is_empty()).collect();
            let title = Title::of(&titles[column]);
            let is_numbers = !texts.is_empty()
                && (head + 1..=last)
                    .all(|row| sheet.value(row, column).is_empty() || is_reading(sheet.value(row, column)));
            is_numbers && (title.is_measured && !title.is_layout)
        };
        let others = || titled().filter(|&column| column != well);
        let reads: Vec<usize> = others().filter(|&column| is_read(column)).collect();
        let texts =
            |columns: &mut dyn Iterator<Item = usize>| columns.map(|column| titles[column].clone()).collect::<Vec<_>>();
        let ignored = texts(&mut others().filter(|column| !reads.contains(column)));
        let wells = PlateSize::ALL.into_iter().map(PlateSize::count).find(|&size| size >= count).unwrap_or(1536);
        let reads = texts(&mut reads.into_iter());
        (!reads.is_empty()).then(|| Self { well: titles[well].clone(), is_counted, wells, ignored, reads })
    }

    fn words(&self) -> String {
        let mut text = format!("\n[list]\nwell = {}\n", quoted(&self.well));
        if self.is_counted {
            text += &format!("wells = {}\n{COUNTED}", self.wells);
        }
        text += "# plate, sample, role, concentration, dilution: the titles of the columns that say these\n";
        text += &listed("ignored", &self.ignored, "columns that are not used");
        for read in &self.reads {
            text += &format!("\n[[list.read]]\ncolumn = {}\n{}", quoted(read), measured(read));
        }
        text
    }
}
