//! Bio-Rad microplate readers: the text that Model 550 and 680 send, and the reports of iMark and Microplate Manager.
//!
//! Written from the manuals. Model 550 and 680 send a line with the model, the filters, and between `.begin` and `.end` eight rows of
//! twelve absorbances, first of the measurement, then of the reference wavelength. Both are raw: nothing is subtracted. A *report*
//! (iMark, Microplate Manager) draws the plate under its name: of a read at two wavelengths its `Raw data` are already measurement
//! less reference; `Absorbance` is blank-corrected; limit and matrix reports hold marks. The kinetic text formats of Microplate
//! Manager begin with `Col`, `Row` or `MTX`.

use super::draft::{CellIndex, Draft, PlateDraft, ReadDraft};
use super::grid::{Grid, find};
use super::{Code, Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct BioRad;

impl Format for BioRad {
    fn description(&self) -> Description<'_> {
        Description {
            name: "bio-rad",
            title: "Bio-Rad reader text",
            written_by: "Bio-Rad Model 550 and 680, text of the serial line; reports of iMark and Microplate Manager",
            general: false,
            provisional: true,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(is_own) {
            Ok(())
        } else {
            Err("there are neither 'BIO-RAD' and '.begin', nor 'iMark' or 'Microplate Manager' above a plate"
                .to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        // A sheet that somebody added says nothing of the reader.
        for (index, sheet) in draft.sheets().filter(|(_, sheet)| is_own(sheet)) {
            if kinetic(sheet) {
                let other = Some((ExportKind::Kinetic, Mode::Absorbance));
                draft.note(index, 0..sheet.rows.len(), "kinetic text of Microplate Manager", "not read");
                draft.plates.push(PlateDraft { other, at: (index, 0, 0), ..PlateDraft::default() });
                draft.no_end_point(ExportKind::Kinetic, (index, 0, 0), "a kinetic read");
            } else if begins(sheet).is_empty() {
                report(draft, index, sheet);
            } else {
                sent(draft, index, sheet);
            }
        }
    }
}

/// Whether a sheet holds what the reader or its program wrote.
fn is_own(sheet: &Sheet) -> bool {
    let is_model = (0..6).any(|row| line(sheet, row).to_uppercase().starts_with("BIO-RAD"));
    is_model && !begins(sheet).is_empty() || names_program(sheet) && !find(sheet).is_empty() || kinetic(sheet)
}

/// What the reader sends: two blocks of bare rows.
fn sent(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let mut plate = PlateDraft { size: Some(PlateSize::WELLS_96), at: (index, 0, 0), ..PlateDraft::default() };
    let filters = [filter(sheet, "Mes"), filter(sheet, "Ref")];
    let begins = begins(sheet);
    for (at, &begin) in begins.iter().enumerate() {
        let end = (begin..sheet.rows.len()).find(|&row| is_mark(sheet, row, "end")).unwrap_or(sheet.rows.len());
        let label = if at == 0 { "Measurement" } else { "Reference" };
        let rows: Vec<usize> =
            (begin + 1..end).filter(|&row| sheet.rows[row].len() == PlateSize::WELLS_96.columns).collect();
        if rows.len() != PlateSize::WELLS_96.rows {
            draft
                .problem(
                    Code::new("biorad-rows"),
                    (index, begin, 0),
                    format!("there are {} rows of 12 values after '.begin'", rows.len()),
                )
                .expected = "8 rows".into();
        }
        let well = |r: usize, c: usize| (WellPosition::new(r, c), (index, rows[r], c));
        let cells: Vec<(WellPosition, CellIndex)> =
            (0..rows.len().min(8)).flat_map(|r| (0..12).map(move |c| (r, c))).map(|(r, c)| well(r, c)).collect();
        plate.reads.push(ReadDraft::raw(Mode::Absorbance, label, cells).at(filters.get(at).copied().flatten()));
        draft.note(index, begin..end + 1, format!("{label} data"), "read; the check sum is not verified");
    }
    note_head(draft, index, sheet, begins.first().copied().unwrap_or(0));
    draft.plates.push(plate);
}

/// Drawn plates, each under the name of its report.
fn report(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let grids = find(sheet);
    let mut plate = PlateDraft { at: (index, 0, 0), ..PlateDraft::default() };
    for grid in &grids {
        let (row, title) = title(sheet, grid);
        let rows = row..grid.end();
        let lower = title.to_lowercase();
        if lower.starts_with("limit") || lower.starts_with("matrix") || grid.census(sheet).is_names() {
            draft.note(index, rows, title, "marks or names, no readings: not used");
            continue;
        }
        let read = if lower.starts_with("raw") {
            let mut read = ReadDraft::raw(Mode::Absorbance, title.as_str(), grid.cells(index)).at(filter(sheet, "Mes"));
            read.reference_nm = filter(sheet, "Ref");
            read
        } else {
            ReadDraft::derived(Mode::Absorbance, title.as_str(), grid.cells(index))
        };
        draft.note(index, rows, title, if read.derived { "derived, kept beside" } else { "read" });
        plate.size = plate.size.or(grid.size());
        plate.reads.push(read);
    }
    note_head(draft, index, sheet, grids.first().map_or(0, |grid| title(sheet, grid).0));
    if !plate.reads.is_empty() {
        draft.plates.push(plate);
    }
}

/// The line above a grid that names its report.
fn title(sheet: &Sheet, grid: &Grid) -> (usize, String) {
    let names = ["raw", "absorbance", "limit", "matrix", "cutoff", "concentration", "difference", "curve"];
    let is_name = |text: &str| names.iter().any(|name| text.to_lowercase().starts_with(name));
    (grid.header.saturating_sub(6)..grid.header)
        .rev()
        .map(|row| (row, line(sheet, row)))
        .find(|(_, text)| is_name(text))
        .unwrap_or((grid.header, "Raw data".to_string()))
}

fn note_head(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, end: usize) {
    for row in (0..end).filter(|&row| !sheet.is_blank(row)) {
        let is_filter = ["Mes", "Ref"].iter().any(|which| line(sheet, row).starts_with(which));
        if is_filter { draft.note_setting(index, row) } else { draft.note_key(index, row) }
    }
}

/// Whether the first lines name the reader or its program.
fn names_program(sheet: &Sheet) -> bool {
    let lines = (0..sheet.rows.len().min(12)).map(|row| line(sheet, row).to_lowercase());
    lines.into_iter().any(|line| line.contains("imark") || line.contains("microplate manager"))
}

/// `Col`, `Row` or `MTX`, then the number of readings.
fn kinetic(sheet: &Sheet) -> bool {
    let first = sheet.first_row();
    matches!(line(sheet, first).as_str(), "Col" | "Row" | "MTX") && line(sheet, first + 1).parse::<u32>().is_ok()
}

fn begins(sheet: &Sheet) -> Vec<usize> {
    (0..sheet.rows.len()).filter(|&row| is_mark(sheet, row, "begin")).collect()
}

fn line(sheet: &Sheet, row: usize) -> String {
    let cells = sheet.rows.get(row).into_iter().flatten();
    cells.map(crate::sheet::Value::text).collect::<Vec<_>>().join(" ").trim().to_string()
}

/// `.begin`, `. begin`, ` begin`.
fn is_mark(sheet: &Sheet, row: usize, mark: &str) -> bool {
    line(sheet, row).trim_start_matches(['.', ' ']).eq_ignore_ascii_case(mark)
}

/// The wavelength of `Mes. filter:450`; Model 550 writes the position of the filter instead, which is no wavelength.
fn filter(sheet: &Sheet, which: &str) -> Option<f64> {
    let row = (0..sheet.rows.len().min(16)).find(|&row| line(sheet, row).starts_with(which))?;
    let number: f64 = line(sheet, row).split_once(':')?.1.trim().trim_end_matches("nm").trim().parse().ok()?;
    (number >= 200.0).then_some(number)
}
