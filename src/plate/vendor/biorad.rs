//! Bio-Rad microplate readers (Model 550 and 680): the text that the reader itself sends or prints.
//!
//! Written from the manuals of Model 550 and 680: a line with the model, the filters, and between `.begin` and `.end` eight rows
//! of twelve absorbances, first of the measurement, then of the reference wavelength. Both are raw: nothing is subtracted. (The
//! printed *raw data report* of a dual read is a difference, and does not say so; it has no `.begin`.)

use super::draft::{At, Draft, PlateDraft, ReadDraft};
use super::{Description, Format};
use crate::plate::read::Mode;
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct BioRad;

impl Format for BioRad {
    fn description(&self) -> Description {
        Description {
            name: "bio-rad",
            title: "Bio-Rad reader text",
            written_by: "Bio-Rad Model 550 and Model 680, text of the serial line",
            general: false,
            provisional: true,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let is_model = |sheet: &Sheet| (0..6).any(|row| line(sheet, row).to_uppercase().starts_with("BIO-RAD"));
        let has_data = |sheet: &Sheet| (0..sheet.rows.len()).any(|row| is_mark(sheet, row, "begin"));
        if book.sheets.first().is_some_and(|sheet| is_model(sheet) && has_data(sheet)) {
            Ok(())
        } else {
            Err("there are no 'BIO-RAD' and '.begin'".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        let mut plate = PlateDraft { size: Some(PlateSize::WELLS_96), ..PlateDraft::default() };
        let filters = [filter(sheet, "Mes."), filter(sheet, "Ref.")];
        let begins: Vec<usize> = (0..sheet.rows.len()).filter(|&row| is_mark(sheet, row, "begin")).collect();
        for (at, &begin) in begins.iter().enumerate() {
            let end = (begin..sheet.rows.len()).find(|&row| is_mark(sheet, row, "end")).unwrap_or(sheet.rows.len());
            let label = if at == 0 { "Measurement" } else { "Reference" };
            let rows: Vec<usize> =
                (begin + 1..end).filter(|&row| sheet.rows[row].len() == PlateSize::WELLS_96.columns).collect();
            if rows.len() != PlateSize::WELLS_96.rows {
                draft
                    .problem((0, begin, 0), format!("there are {} rows of 12 values after '.begin'", rows.len()))
                    .expected = "8 rows".into();
            }
            let well = |r: usize, c: usize| (WellPosition::new(r, c), (0, rows[r], c));
            let cells: Vec<(WellPosition, At)> =
                (0..rows.len().min(8)).flat_map(|r| (0..12).map(move |c| (r, c))).map(|(r, c)| well(r, c)).collect();
            plate.reads.push(ReadDraft::raw(Mode::Absorbance, label, cells).at(filters.get(at).copied().flatten()));
            draft.note(0, begin..end + 1, format!("{label} data"), "read; the check sum is not verified");
        }
        for row in (0..begins.first().copied().unwrap_or(0)).filter(|&row| !sheet.is_blank(row)) {
            draft.note_key(0, row);
        }
        draft.plates.push(plate);
    }
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
    let row = (0..sheet.rows.len().min(12)).find(|&row| line(sheet, row).starts_with(which))?;
    let number: f64 = line(sheet, row).split_once(':')?.1.trim_end_matches("nm").trim().parse().ok()?;
    (number >= 200.0).then_some(number)
}
