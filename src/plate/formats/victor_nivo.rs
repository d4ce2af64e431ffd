//! PerkinElmer (Revvity) Victor Nivo: csv or workbook of operations, each with a table of wells.
//!
//! `WELL RESULTS` holds a block `3 OPERATION,ABS (F)` for each operation that measured: a table whose first column is `Well`. Each
//! further column is a cycle of a plate; the lines above it say which (`,Cycle,1,2`, `,Plate,0,0`, `,Barcode,…`). `PARAMETERS` holds the
//! settings of every operation under the same number, and a plate map that marks the wells that are measured. Known from a kinetic
//! export; the table of an end point has one value per well and plate.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::draft::{COLUMN_NOT_USED, Draft, PlateDraft, ReadDraft};
use super::grid::{Grid, is_number};
use super::time::is_kinetic;
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Problem, Sheet};

/// The format.
pub(super) struct VictorNivo;

impl Format for VictorNivo {
    fn description(&self) -> Description<'_> {
        Description {
            name: "victor-nivo",
            title: "Victor Nivo",
            written_by: "PerkinElmer and Revvity Victor Nivo, csv and workbook",
            general: false,
            provisional: true,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let has = |sheet: &Sheet, key: &str| (0..sheet.rows.len()).any(|row| key_of(sheet, row) == key);
        let is_it = |sheet: &Sheet| {
            (has(sheet, "PLATE FORMAT") || has(sheet, "WELL RESULTS"))
                && (0..sheet.rows.len()).any(|row| number(sheet, row).is_some())
        };
        if book.sheets.iter().any(is_it) {
            Ok(())
        } else {
            Err("there is no 'OPERATION' with 'PLATE FORMAT' or 'WELL RESULTS'".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        // A workbook has results and parameters in sheets of their own, a text one after the other.
        let parts: Vec<(usize, &Sheet, SheetSections)> =
            draft.sheets().map(|(index, sheet)| (index, sheet, SheetSections::of(sheet))).collect();
        let mut settings: BTreeMap<Option<String>, (usize, Range<usize>)> = BTreeMap::new();
        for (index, sheet, parts) in &parts {
            for rows in blocks(sheet, parts.parameters..parts.map) {
                settings.entry(number(sheet, rows.start)).or_insert((*index, rows));
            }
        }
        let heads: Vec<FileHeader> = parts.iter().map(|(_, sheet, _)| FileHeader::of(sheet)).collect();
        let size = heads.iter().find_map(|head| head.size);
        for ((index, sheet, parts), head) in parts.iter().zip(&heads) {
            let results = blocks(sheet, 0..parts.parameters.min(parts.map));
            let repeated = in_cycles(sheet, &results);
            for rows in results {
                let number = number(sheet, rows.start);
                let (settings, in_cycles) = (settings.get(&number).cloned(), repeated.contains(&number));
                Operation { index: *index, sheet, head, size, rows, settings, in_cycles }.read(draft);
            }
            if parts.map < sheet.rows.len() {
                draft.note(
                    *index,
                    parts.map..sheet.rows.len(),
                    "PLATE MAP",
                    "the wells that were to be measured: not used",
                );
            }
        }
    }
}

/// Where parameters and plate map of a sheet begin; its end where it has none.
struct SheetSections {
    parameters: usize,
    map: usize,
}

impl SheetSections {
    fn of(sheet: &Sheet) -> Self {
        let last = sheet.rows.len();
        let find = |key: &str| (0..last).find(|&row| key_of(sheet, row) == key).unwrap_or(last);
        Self { parameters: find("PARAMETERS"), map: find("PLATE MAP") }
    }
}

/// The operations that stand there again with another cycle (`Cycle,2`).
fn in_cycles(sheet: &Sheet, results: &[Range<usize>]) -> BTreeSet<Option<String>> {
    let mut cycles: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
    for rows in results {
        let of_cycle = rows.clone().filter(|&row| key_of(sheet, row) == "CYCLE").map(|row| sheet.text(row, 1));
        cycles.entry(number(sheet, rows.start)).or_default().extend(of_cycle.filter(|cycle| !cycle.is_empty()));
    }
    cycles.into_iter().filter(|(_, cycles)| cycles.len() > 1).map(|(number, _)| number).collect()
}

fn key_of(sheet: &Sheet, row: usize) -> String {
    sheet.text(row, 0).trim_end_matches(':').trim().to_uppercase()
}

/// The number of the operation that a row begins: `3` of `3 OPERATION`.
fn number(sheet: &Sheet, row: usize) -> Option<String> {
    let key = key_of(sheet, row);
    let number = key.strip_suffix("OPERATION")?.trim();
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.to_string())
}

/// The rows of each operation.
fn blocks(sheet: &Sheet, rows: Range<usize>) -> Vec<Range<usize>> {
    let starts: Vec<usize> = rows.clone().filter(|&row| number(sheet, row).is_some()).collect();
    let ends = starts.iter().skip(1).copied().chain([rows.end]);
    starts.iter().zip(ends).map(|(&start, end)| start..end).collect()
}

/// Where the file says what holds for all operations.
struct FileHeader {
    size: Option<PlateSize>,
    barcode: Option<usize>,
    plate: Option<usize>,
}

impl FileHeader {
    fn of(sheet: &Sheet) -> Self {
        let find = |key: &str| (0..sheet.rows.len()).find(|&row| key_of(sheet, row) == key);
        let named = (0..sheet.rows.len()).find(|&row| key_of(sheet, row).contains("BARCODE"));
        // `PLATE FORMAT,96 wells …`.
        let size = find("PLATE FORMAT")
            .and_then(|row| sheet.text(row, 1).split_whitespace().next()?.parse().ok())
            .and_then(PlateSize::with_wells);
        Self { size, barcode: find("BARCODE").or(named), plate: find("PLATE") }
    }
}

/// An operation with what it measured.
struct Operation<'a> {
    index: usize,
    sheet: &'a Sheet,
    head: &'a FileHeader,
    size: Option<PlateSize>,
    rows: Range<usize>,
    /// Its sheet and rows in the parameters.
    settings: Option<(usize, Range<usize>)>,
    /// Whether the file has it once for each of several cycles.
    in_cycles: bool,
}

impl Operation<'_> {
    fn read(&self, draft: &mut Draft<'_>) {
        let sheet = self.sheet;
        let name = sheet.text(self.rows.start, 1);
        let table = self.rows.clone().find(|&row| key_of(sheet, row) == "WELL");
        let grids = if table.is_some() { Vec::new() } else { self.grids() };
        let values = table.or(grids.first().map(|grid| grid.header)).unwrap_or(self.rows.start + 1);
        let keys = (self.rows.start..values).map(|row| (self.index, row));
        let book = draft.book;
        for (index, row) in self.settings().chain(keys) {
            let sheet = &book.sheets[index];
            if sheet.is_blank(row) {
                continue;
            }
            if number(sheet, row).is_some() || wavelength(sheet, row).is_some() {
                draft.note_setting(index, row);
            } else {
                draft.note_key(index, row);
            }
        }
        if let Some(head) = table {
            self.read_table(draft, &name, head);
        }
        let mut above = self.rows.start;
        for grid in grids {
            self.read_grid(draft, &name, &grid, above);
            above = grid.end();
        }
    }

    /// The plates that are drawn.
    fn grids(&self) -> Vec<Grid> {
        let mut grids: Vec<Grid> = Vec::new();
        for row in self.rows.clone() {
            if grids.last().is_none_or(|last| row >= last.end()) {
                grids.extend(Grid::at(self.sheet, row, 0));
            }
        }
        grids
    }

    /// The sheets and rows of its settings.
    fn settings(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        self.settings.clone().into_iter().flat_map(|(index, rows)| rows.map(move |row| (index, row)))
    }

    /// A plate that is drawn; `above` is the first row that may say whose it is.
    fn read_grid(&self, draft: &mut Draft<'_>, name: &str, grid: &Grid, above: usize) {
        let said = |key: &str| {
            let row = (above..grid.header).rev().find(|&row| key_of(self.sheet, row) == key)?;
            Some(self.sheet.text(row, 1)).filter(|text| !text.is_empty())
        };
        let barcode = said("BARCODE").or_else(|| self.of_file(self.head.barcode)).unwrap_or_default();
        let plate =
            said("PLATE").or_else(|| self.of_file(self.head.plate)).filter(|plate| plate != "0").unwrap_or_default();
        let rows = grid.header..grid.end();
        if self.in_cycles || is_kinetic(name) {
            draft.note(self.index, rows, format!("{name}: plate of one cycle"), "not an end-point read: not read");
            let of_plate = self.plate(draft, &barcode, &plate);
            of_plate.size = of_plate.size.or(grid.size());
            if of_plate.other.replace((ExportKind::Kinetic, mode_of(name))).is_none() {
                draft.no_end_point(ExportKind::Kinetic, (self.index, grid.header, 0), "a kinetic read");
            }
            return;
        }
        draft.note(self.index, rows, format!("{name}: plate"), "read");
        let mut read = self.empty_read(draft.book, name);
        read.cells = grid.cells(self.index);
        self.plate(draft, &barcode, &plate).reads.push(read);
    }

    /// What the file says above this operation.
    fn of_file(&self, row: Option<usize>) -> Option<String> {
        row.filter(|&row| row < self.rows.start).map(|row| self.sheet.text(row, 1))
    }

    /// The table of wells: a column for each plate, or for each cycle of one.
    fn read_table(&self, draft: &mut Draft<'_>, name: &str, head: usize) {
        let sheet = self.sheet;
        let well = |row: usize| sheet.text(row, 0).parse::<WellPosition>().ok();
        let end = (head + 1..self.rows.end).find(|&row| well(row).is_none()).unwrap_or(self.rows.end);
        let wells: Vec<(WellPosition, usize)> = (head + 1..end).filter_map(|row| Some((well(row)?, row))).collect();
        let has_values = |&column: &usize| wells.iter().any(|&(_, row)| is_number(&sheet.text(row, column)));
        let is_time = |column: usize| sheet.text(head, column).to_lowercase().starts_with("time");
        let (values, others): (Vec<usize>, Vec<usize>) = (1..sheet.rows[head].len())
            .filter(|&column| !is_time(column) && !sheet.text(head, column).is_empty())
            .partition(has_values);
        // What the lines above the table say of a column.
        let above = |key: &str, column: usize| {
            let row = (self.rows.start..head).rev().find(|&row| sheet.text(row, 1) == key)?;
            Some(sheet.text(row, column))
        };
        let plate = |column: usize| {
            let barcode = above("Barcode", column).or_else(|| self.of_file(self.head.barcode)).unwrap_or_default();
            (barcode, above("Plate", column).or_else(|| self.of_file(self.head.plate)).unwrap_or_default())
        };
        let is_timed = |column: usize| is_number(&sheet.text(head, column));
        let again = |at: usize| values[..at].iter().any(|&before| plate(before) == plate(values[at]));
        let over_time = self.in_cycles
            || is_kinetic(name)
            || (0..values.len()).any(|at| is_timed(values[at]) && again(at))
            || (1..sheet.rows[head].len()).any(|column| is_time(column) && has_values(&column) && values.len() > 1);
        if over_time {
            draft.note(self.index, head..end, format!("{name}: table over time"), "not an end-point read: not read");
            let (barcode, number) = values.first().map(|&column| plate(column)).unwrap_or_default();
            let mode = mode_of(name);
            self.plate(draft, &barcode, &number).other.get_or_insert((ExportKind::Kinetic, mode));
            draft.no_end_point(ExportKind::Kinetic, (self.index, head, 0), "a kinetic read");
            return;
        }
        draft.note(self.index, head..end, format!("{name}: table of wells"), "read");
        for column in others.into_iter().filter(|&column| !is_timed(column)) {
            let found = format!("the column '{}' is not used", sheet.text(head, column));
            draft.warnings.push(Problem::new(COLUMN_NOT_USED, sheet.location(head, column), found));
        }
        for column in values {
            let (barcode, number) = plate(column);
            let mut read = self.empty_read(draft.book, name);
            read.cells = wells.iter().map(|&(well, row)| (well, (self.index, row, column))).collect();
            self.plate(draft, &barcode, &number).reads.push(read);
        }
    }

    /// The plate of that barcode or, where it has none (written as 0), of that number.
    fn plate<'d>(&self, draft: &'d mut Draft<'_>, barcode: &str, number: &str) -> &'d mut PlateDraft {
        let id = Some(barcode.to_string()).filter(|barcode| !matches!(barcode.as_str(), "" | "0"));
        let name = id.clone().or_else(|| (!number.is_empty()).then(|| format!("Plate {number}")));
        let at = draft.plates.iter().position(|plate| plate.name == name).unwrap_or_else(|| {
            let at = (self.index, self.rows.start, 0);
            draft.plates.push(PlateDraft { id, name, size: self.size, at, ..PlateDraft::default() });
            draft.plates.len() - 1
        });
        &mut draft.plates[at]
    }

    /// A read as the settings describe it, without wells.
    fn empty_read(&self, book: &Book, name: &str) -> ReadDraft {
        let mode = mode_of(name);
        let light = |emission: bool| {
            let rows = self.settings().chain(self.rows.clone().map(|row| (self.index, row)));
            let mut is_it =
                rows.filter(|&(index, row)| key_of(&book.sheets[index], row).contains("EMISSION") == emission);
            is_it.find_map(|(index, row)| wavelength(&book.sheets[index], row))
        };
        let read = ReadDraft::raw(mode, name, Vec::new());
        match mode {
            Mode::Absorbance => read.at(light(false)),
            Mode::Fluorescence => read.at(light(true)).excited_at(light(false)),
            _ => read.at(light(true)),
        }
    }
}

/// `ABS (F)`, `LUM`, `FI`, `TRF`, `ALPHA`.
fn mode_of(name: &str) -> Mode {
    let name = name.to_uppercase();
    let modes = [
        ("ABS", Mode::Absorbance),
        ("LUM", Mode::Luminescence),
        ("FI", Mode::Fluorescence),
        ("FL", Mode::Fluorescence),
        ("TRF", Mode::Fluorescence),
        ("ALPHA", Mode::Alpha),
    ];
    modes.into_iter().find(|(start, _)| name.starts_with(start)).map_or(Mode::Unknown, |(_, mode)| mode)
}

/// The centre of a filter or monochromator: a number of nanometres beside a key that names one of the two.
fn wavelength(sheet: &Sheet, row: usize) -> Option<f64> {
    let key = key_of(sheet, row);
    if !key.contains("FILTER") && !key.contains("WAVELENGTH") {
        return None;
    }
    let text = sheet.text(row, 1);
    let number = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 3 || digits.len() == 4)?;
    number.parse().ok().filter(|nm| (200.0..=1100.0).contains(nm))
}
