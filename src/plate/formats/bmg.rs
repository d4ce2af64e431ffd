//! BMG LABTECH MARS and SMART Control: the csv export, and the workbook with numbered blocks.

use super::draft::{COLUMN_NOT_USED, Draft, PlateDraft, ReadDraft, SampleDraft};
use super::grid::{Grid, find};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Problem, Sheet};

/// The format.
pub(super) struct Bmg;

impl Format for Bmg {
    fn description(&self) -> Description<'_> {
        Description {
            name: "bmg",
            title: "BMG MARS",
            written_by: "BMG LABTECH MARS and SMART Control, csv and workbook (CLARIOstar, PHERAstar, Omega); the table with one row \
                         per well is provisional",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(|sheet| header_has(sheet, "User:") && header_has(sheet, "Test Name:")) {
            Ok(())
        } else {
            Err("there are no 'User:' and 'Test name:' in the first lines".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let plates_drawn = draft.sheets().any(|(_, sheet)| header_has(sheet, "User:") && !find(sheet).is_empty());
        for (index, sheet) in draft.sheets().filter(|(_, sheet)| header_has(sheet, "User:")) {
            let table = (0..sheet.rows.len()).find(|&row| {
                sheet.text(row, 0) == "Well"
                    && (1..4).any(|column| sheet.text(row, column).parse::<WellPosition>().is_ok())
            });
            match (table, WellColumns::of(sheet)) {
                (Some(row), _) => wells_across(draft, index, sheet, row, plates_drawn),
                (None, Some(columns)) => wells_down(draft, index, sheet, &columns, plates_drawn),
                (None, None) => drawn(draft, index, sheet),
            }
        }
    }
}

/// Whether one of the first cells begins with the key, whatever its case.
fn header_has(sheet: &Sheet, key: &str) -> bool {
    header(sheet, key).is_some()
}

/// The text after a key in the first rows; several keys may share a row.
fn header(sheet: &Sheet, key: &str) -> Option<String> {
    sheet.rows.iter().take(14).flatten().find_map(|cell| {
        let text = cell.text();
        let start = text.get(..key.len()).filter(|start| start.eq_ignore_ascii_case(key))?;
        Some(text[start.len()..].trim().to_string())
    })
}

fn mode(sheet: &Sheet) -> Mode {
    let says = |word: &str| {
        sheet.rows.iter().take(14).any(|row| row.first().is_some_and(|cell| cell.text().starts_with(word)))
    };
    if says("Absorbance") {
        Mode::Absorbance
    } else if says("Fluorescence") || says("Time resolved") {
        Mode::Fluorescence
    } else if says("Luminescence") {
        Mode::Luminescence
    } else if says("Alpha") {
        Mode::Alpha
    } else {
        Mode::Unknown
    }
}

/// The plate of a sheet without reads: its id is the first of the three that the user can fill in.
fn plate_of(sheet: &Sheet, at: (usize, usize, usize)) -> PlateDraft {
    let id = header(sheet, "ID1:").filter(|id| !id.is_empty());
    PlateDraft { name: id.clone(), id, at, ..PlateDraft::default() }
}

fn note_header(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, end: usize) {
    let modes = ["ID1:", "Absorbance", "Fluorescence", "Time resolved", "Luminescence", "Alpha"];
    for row in (0..end).filter(|&row| !sheet.is_blank(row)) {
        let first = sheet.text(row, 0);
        if modes.iter().any(|mode| first.starts_with(mode)) {
            draft.note_setting(index, row);
        } else {
            draft.note_key(index, row);
        }
    }
}

/// A sheet of grids, each under its title.
fn drawn(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let grids = find(sheet);
    let Some(first) = grids.first() else { return };
    let mode = mode(sheet);
    let mut plate = plate_of(sheet, (index, first.header, first.corner));
    plate.size = first.size();
    if let Some(row) = second_cycle(sheet) {
        draft.note(index, 0..sheet.rows.len(), "plates of one cycle after the other", "a kinetic read: not read");
        plate.other = Some((ExportKind::Kinetic, mode));
        draft.plates.push(plate);
        draft.no_end_point(ExportKind::Kinetic, (index, row, 0), "a kinetic read");
        return;
    }
    let titled = |grid: &Grid| {
        (grid.header.saturating_sub(2)..grid.header).rev().find(|&row| !sheet.is_blank(row)).unwrap_or(grid.header)
    };
    note_header(draft, index, sheet, titled(first));
    for grid in &grids {
        let title_row = titled(grid);
        let title =
            (0..3).map(|column| sheet.text(title_row, column)).find(|title| !title.is_empty()).unwrap_or_default();
        // The workbook numbers its blocks.
        let title = title
            .split_once(". ")
            .filter(|(number, _)| number.parse::<u8>().is_ok())
            .map_or(title.as_str(), |(_, rest)| rest)
            .to_string();
        let rows = title_row..grid.end();
        if title == "Layout" {
            layout(sheet, &mut plate, grid, index);
            draft.note(index, rows, title, "names and roles of the wells");
        } else if title.starts_with("Standard Concentrations") || title == "Dilutions" {
            numbers(sheet, &mut plate, grid, index, &title);
            draft.note(index, rows, title, "kept with the wells");
        } else {
            let read = read_of(&title, mode, grid.cells(index));
            draft.note(index, rows, title, if read.derived { "derived, kept beside" } else { "read" });
            plate.reads.push(read);
        }
    }
    draft.plates.push(plate);
}

/// The line `Cycle 2 (0 min 38 s)`: SMART Control draws the plate anew for each cycle of a kinetic read.
fn second_cycle(sheet: &Sheet) -> Option<usize> {
    (0..sheet.rows.len()).find(|&row| sheet.text(row, 0).starts_with("Cycle 2 ("))
}

fn layout(sheet: &Sheet, plate: &mut PlateDraft, grid: &Grid, index: usize) {
    for (well, at) in grid.cells(index) {
        let name = sheet.text(at.1, at.2);
        if !name.is_empty() {
            let role = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
                "S" => Some("standard"),
                "X" => Some("sample"),
                "B" => Some("blank"),
                "N" | "P" | "C" => Some("control"),
                _ => None,
            };
            plate.samples.insert(well, SampleDraft { name: Some(name), role, at, ..SampleDraft::default() });
        }
    }
}

/// `Standard Concentrations in ng/mL`, `Standard Concentrations [ng/mL]` or `Dilutions`.
fn numbers(sheet: &Sheet, plate: &mut PlateDraft, grid: &Grid, index: usize, title: &str) {
    let unit = title
        .split_once(" in ")
        .map(|(_, unit)| unit)
        .or_else(|| title.split_once('[').map(|(_, unit)| unit.trim_end_matches(']')));
    for (well, at) in grid.cells(index) {
        let value = Some(sheet.text(at.1, at.2)).filter(|value| !value.is_empty());
        if let (Some(value), Some(sample)) = (value, plate.samples.get_mut(&well)) {
            if title == "Dilutions" {
                sample.dilution = Some(value);
            } else {
                sample.concentration = Some(value);
                sample.concentration_unit = unit.map(|unit| unit.trim().to_string());
            }
        }
    }
}

/// `Raw Data (450 1)`: wavelength 450, chromatic 1; `(485/520)`: excitation and emission; `(480-14/520-30)`: with bandwidths;
/// `(355, 460)`: the same in older versions; `(No filter)`. Every other title is computed.
fn read_of(title: &str, mode: Mode, cells: Vec<(WellPosition, (usize, usize, usize))>) -> ReadDraft {
    let words: Vec<&str> = title.split_whitespace().collect();
    if !matches!(words[..], ["Raw", data, ..] if data.eq_ignore_ascii_case("data")) {
        return ReadDraft::derived(mode, title, cells);
    }
    let inside = title.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside);
    let centre = |text: &str| text.trim().split([' ', '-']).next().and_then(|nm| nm.parse::<f64>().ok());
    let (excitation, wavelength) = match inside.split_once(['/', ',']) {
        Some((excitation, emission)) => (centre(excitation), centre(emission)),
        None => (None, centre(inside)),
    };
    ReadDraft::raw(mode, title, cells).at(wavelength).excited_at(excitation)
}

/// A sheet with one column per well. It repeats the drawn plates, unless there are none; over time it is a kinetic read.
fn wells_across(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, row: usize, plates_drawn: bool) {
    let rows = row..sheet.rows.len();
    note_header(draft, index, sheet, row);
    let axis = rows.clone().take(6).flat_map(|row| (0..3).map(move |column| sheet.text(row, column).to_lowercase()));
    let other = axis.into_iter().find_map(|text| match () {
        () if text.starts_with("time [") || text.starts_with("cycle") => Some((ExportKind::Kinetic, "a kinetic read")),
        () if text.starts_with("wavelength [") => Some((ExportKind::Spectrum, "a spectrum")),
        () => None,
    });
    if let Some((kind, what)) = other {
        draft.note(index, rows, "table with one column per well", format!("{what}: not read"));
        let other = Some((kind, mode(sheet)));
        draft.plates.push(PlateDraft { other, ..plate_of(sheet, (index, row, 0)) });
        draft.no_end_point(kind, (index, row, 0), what);
    } else if plates_drawn {
        draft.note(index, rows, "table with one column per well", "the same as the drawn plates: not read twice");
    } else {
        let wells: Vec<(WellPosition, usize)> = (1..sheet.rows[row].len())
            .filter_map(|column| Some((sheet.text(row, column).parse().ok()?, column)))
            .collect();
        let mut plate = plate_of(sheet, (index, row, 0));
        let mode = mode(sheet);
        for line in rows.clone().skip(1).filter(|&line| !sheet.is_blank(line)) {
            let title = sheet.text(line, 0);
            if title.starts_with("Raw Data") || title.contains("corrected") {
                plate.reads.push(read_of(
                    &title,
                    mode,
                    wells.iter().map(|&(well, column)| (well, (index, line, column))).collect(),
                ));
                draft.note(index, line..line + 1, title, "read");
            }
        }
        draft.note(index, row..row + 1, "Well", "the wells of the columns below");
        draft.plates.push(plate);
    }
}

/// The header of a table with one row per well: `Well Row`, `Well Col` (or `Well`), `Content`, and columns of values.
struct WellColumns {
    header: usize,
    /// Column of the well, or of its row and of its column.
    well: (usize, Option<usize>),
    content: usize,
}

impl WellColumns {
    fn of(sheet: &Sheet) -> Option<Self> {
        (0..sheet.rows.len()).find_map(|header| {
            // Names may be broken over two lines within their cells.
            let names: Vec<String> = sheet.rows[header].iter().map(|cell| cell.text().replace('\n', " ")).collect();
            let find = |known: &str| names.iter().position(|name| name.eq_ignore_ascii_case(known));
            let well = find("Well").map(|well| (well, None)).or_else(|| Some((find("Well Row")?, find("Well Col"))))?;
            Some(Self { header, well, content: find("Content")? })
        })
    }

    fn well(&self, sheet: &Sheet, row: usize) -> Option<WellPosition> {
        let (well, column) = self.well;
        let name = sheet.text(row, well) + &column.map(|column| sheet.text(row, column)).unwrap_or_default();
        name.parse().ok()
    }
}

/// The cycle that a column's title names below the read, as `Raw Data (355, 460)`, `2 - 0 min 15 s` on two lines.
fn cycle(title: &str) -> Option<usize> {
    let (cycle, _time) = title.split_once('\n')?.1.split_once(" - ")?;
    cycle.trim().parse().ok()
}

/// A sheet with one row per well: contents and values. It repeats the drawn plates, unless there are none.
fn wells_down(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, columns: &WellColumns, plates_drawn: bool) {
    let head = columns.header;
    note_header(draft, index, sheet, head);
    let Some(first) = (head + 1..sheet.rows.len()).find(|&row| columns.well(sheet, row).is_some()) else { return };
    // Some exports have an empty line after every line.
    let lines = (first..sheet.rows.len()).filter(|&row| !sheet.is_blank(row));
    let wells: Vec<(WellPosition, usize)> = lines.map_while(|row| Some((columns.well(sheet, row)?, row))).collect();
    let rows = head..wells.last().map_or(first, |&(_, row)| row) + 1;
    // Between header and wells stand the times of a kinetic read or the wavelengths of a spectrum.
    let axis = (head + 1..first)
        .map(|row| sheet.rows[row].iter().find(|cell| !cell.is_empty()).map(|cell| cell.text().to_lowercase()));
    let is_second_cycle = |column: usize| cycle(&sheet.text(head, column)).is_some_and(|cycle| cycle > 1);
    let in_titles = (0..sheet.rows[head].len()).any(is_second_cycle).then(|| "cycle".to_string());
    let other = axis.flatten().chain(in_titles).find_map(|text| match () {
        () if text.starts_with("time") || text.starts_with("cycle") => Some((ExportKind::Kinetic, "a kinetic read")),
        () if text.starts_with("wavelength") => Some((ExportKind::Spectrum, "a spectrum")),
        () => None,
    });
    let mut plate = plate_of(sheet, (index, head, 0));
    if let Some((kind, what)) = other {
        draft.note(index, rows, "table with one row per well", format!("{what}: not read"));
        plate.other = Some((kind, mode(sheet)));
        plate.size = PlateSize::ALL.into_iter().find(|size| wells.iter().all(|&(well, _)| size.contains(well)));
        draft.plates.push(plate);
        draft.no_end_point(kind, (index, head, 0), what);
        return;
    }
    if plates_drawn {
        draft.note(index, rows, "table with one row per well", "the same as the drawn plates: not read twice");
        return;
    }
    let mode = mode(sheet);
    let used = |column: usize| column == columns.well.0 || Some(column) == columns.well.1 || column == columns.content;
    for column in (0..sheet.rows[head].len()).filter(|&column| !used(column)) {
        let title = sheet.text(head, column).replace('\n', " ");
        let cells = wells.iter().map(|&(well, row)| (well, (index, row, column))).collect();
        if title.starts_with("Raw Data") || title.contains("based on") {
            plate.reads.push(read_of(&title, mode, cells));
        } else if !title.is_empty() {
            let found = format!("the column '{title}' is not used");
            draft.warnings.push(Problem::new(COLUMN_NOT_USED, sheet.location(head, column), found));
        }
    }
    for &(well, row) in &wells {
        let content = sheet.text(row, columns.content);
        // `Standard S1`, `Sample X12`, `Blank B`: the role in words, then the code of the layout.
        let (role, name) = content.rsplit_once(' ').unwrap_or(("", &content));
        let role =
            ["standard", "sample", "blank", "control"].into_iter().find(|known| role.to_lowercase().contains(known));
        if !content.is_empty() {
            let name = Some(name.to_string());
            plate
                .samples
                .insert(well, SampleDraft { name, role, at: (index, row, columns.content), ..SampleDraft::default() });
        }
    }
    draft.note(index, rows, "table with one row per well", "contents and values of the wells");
    draft.plates.push(plate);
}
