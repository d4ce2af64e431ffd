//! PerkinElmer (Revvity) Victor Nivo: csv or workbook of operations, each with a table of wells.
//!
//! Written from programs that read its kinetic export: `PLATE FORMAT`, then for each read a block `OPERATION` with settings and a
//! table whose first column is `Well`; over time the second is `Time`. The table of an end point has one value per well.

use std::ops::Range;

use super::draft::{Draft, PlateDraft, ReadDraft};
use super::grid::Grid;
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Problem, Sheet};

/// The format.
pub(super) struct VictorNivo;

const START: &str = "OPERATION";

impl Format for VictorNivo {
    fn description(&self) -> Description {
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
        if book
            .sheets
            .iter()
            .any(|sheet| has(sheet, START) && (has(sheet, "PLATE FORMAT") || has(sheet, "WELL RESULTS")))
        {
            Ok(())
        } else {
            Err(format!("there is no '{START}' with 'PLATE FORMAT' or 'WELL RESULTS'"))
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            let starts: Vec<usize> = (0..sheet.rows.len()).filter(|&row| key_of(sheet, row) == START).collect();
            let Some(&first) = starts.first() else { continue };
            let mut plate = PlateDraft { at: (index, first, 0), size: size(sheet), ..PlateDraft::default() };
            let barcode = (0..sheet.rows.len()).find(|&row| key_of(sheet, row).contains("BARCODE"));
            plate.id = barcode.map(|row| sheet.text(row, 1)).filter(|id| !id.is_empty());
            plate.name.clone_from(&plate.id);
            for (at, &start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(sheet.rows.len());
                operation(draft, &mut plate, index, sheet, start..end);
            }
            draft.plates.push(plate);
        }
    }
}

fn key_of(sheet: &Sheet, row: usize) -> String {
    sheet.text(row, 0).trim_end_matches(':').trim().to_uppercase()
}

/// `PLATE FORMAT,96 wells …`.
fn size(sheet: &Sheet) -> Option<PlateSize> {
    let row = (0..sheet.rows.len()).find(|&row| key_of(sheet, row) == "PLATE FORMAT")?;
    sheet.text(row, 1).split_whitespace().next()?.parse().ok().and_then(PlateSize::with_wells)
}

/// One block: settings, then a table of wells or a drawn plate.
fn operation(draft: &mut Draft<'_>, plate: &mut PlateDraft, index: usize, sheet: &Sheet, rows: Range<usize>) {
    let name = sheet.text(rows.start, 1);
    let mode = mode_of(&name);
    let wavelength = rows.clone().find_map(|row| wavelength(sheet, row)).filter(|_| mode == Mode::Absorbance);
    let table = rows.clone().find(|&row| key_of(sheet, row) == "WELL");
    let drawn = rows.clone().find_map(|row| Grid::at(sheet, row, 0));
    let settings = rows.start..table.or(drawn.as_ref().map(|grid| grid.header)).unwrap_or(rows.start + 1);
    for row in settings.filter(|&row| !sheet.is_blank(row)) {
        if row == rows.start || self::wavelength(sheet, row).is_some() {
            draft.note_setting(index, row);
        } else {
            draft.note_key(index, row);
        }
    }
    if let Some(head) = table {
        let end = (head + 1..rows.end).find(|&row| sheet.is_blank(row)).unwrap_or(rows.end);
        let columns: Vec<usize> = (1..sheet.rows[head].len()).filter(|&at| !sheet.text(head, at).is_empty()).collect();
        let is_time = |&&column: &&usize| sheet.text(head, column).to_lowercase().starts_with("time");
        if columns.iter().any(|column| is_time(&column)) && columns.len() > 2 || name.to_lowercase().contains("kinetic")
        {
            draft.note(index, head..end, format!("{name}: table over time"), "not an end-point read: not read");
            plate.other = plate.other.or(Some((ExportKind::Kinetic, mode)));
            draft.no_end_point(ExportKind::Kinetic, (index, head, 0), "a kinetic read");
            return;
        }
        draft.note(index, head..end, format!("{name}: table of wells"), "read");
        let wells: Vec<(WellPosition, usize)> =
            (head + 1..end).filter_map(|row| Some((sheet.text(row, 0).parse().ok()?, row))).collect();
        for column in columns.iter().filter(|column| !is_time(column)) {
            let cells: Vec<_> = wells.iter().map(|&(well, row)| (well, (index, row, *column))).collect();
            let title = sheet.text(head, *column);
            let is_value = cells.iter().any(|&(_, at)| super::grid::is_number(&sheet.text(at.1, at.2)));
            if is_value {
                plate.reads.push(ReadDraft::raw(mode, name.as_str(), cells).at(wavelength));
            } else {
                let problem = Problem::new(sheet.location(head, *column), format!("the column '{title}' is not used"));
                draft.warnings.push(problem);
            }
        }
    } else if let Some(grid) = drawn {
        draft.note(index, grid.header..grid.end(), format!("{name}: plate"), "read");
        plate.reads.push(ReadDraft::raw(mode, name.as_str(), grid.cells(index)).at(wavelength));
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
