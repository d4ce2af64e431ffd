//! Wallac and PerkinElmer 1420 Victor: workbooks with a list of wells, and the list as text.

use super::draft::{Draft, NOT_A_WELL, PlateDraft, ReadDraft};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::WellPosition;
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct Victor;

impl Format for Victor {
    fn description(&self) -> Description<'_> {
        Description {
            name: "victor",
            title: "Victor 1420",
            written_by: "Wallac and PerkinElmer 1420 Victor, workbook and text list",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(is_list) {
            Ok(())
        } else {
            Err("there is no list with the columns Plate, Repeat, Well, Type".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            if is_list(sheet) {
                list(draft, index, sheet);
            } else if let Some(made) = own_sheet(sheet) {
                let name = sheet.name.as_deref().unwrap_or_default();
                draft.note(index, 0..sheet.rows.len(), format!("sheet '{name}'"), made);
            }
        }
    }
}

/// What is made of the program's other sheets; any other is the user's, and nothing in it is read.
fn own_sheet(sheet: &Sheet) -> Option<&'static str> {
    match sheet.name.as_deref()? {
        "Plate" => Some("the same values without letters: not read twice"),
        "Protocol" | "Notes" | "Error" | "Errors" => Some("information, not used"),
        _ => None,
    }
}

fn is_list(sheet: &Sheet) -> bool {
    ["Plate", "Repeat", "Well", "Type"]
        .iter()
        .enumerate()
        .all(|(column, name)| sheet.text(sheet.first_row(), column) == *name)
}

fn list(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let head = sheet.first_row();
    let names: Vec<String> = (0..sheet.rows[head].len()).map(|column| sheet.text(head, column)).collect();
    // After the type, columns come in pairs: the time of a read, then its value.
    let values: Vec<usize> =
        (4..names.len()).filter(|&column| !names[column].is_empty() && !names[column].starts_with("Time")).collect();
    let key = |row: usize, column: usize| sheet.text(row, column);
    draft.note(index, head..sheet.rows.len(), "list of wells", "read");
    for row in head + 1..sheet.rows.len() {
        let Ok(well) = key(row, 2).parse::<WellPosition>() else {
            if !sheet.is_blank(row) && !key(row, 2).is_empty() {
                draft.problem(NOT_A_WELL, (index, row, 2), format!("'{}' is not a well", key(row, 2)));
            }
            continue;
        };
        let name = Some(format!("Plate {}", key(row, 0)));
        let at = draft.plates.iter().position(|plate| plate.name == name).unwrap_or_else(|| {
            let reads = values.iter().map(|&column| read_of(&names[column])).collect();
            draft.plates.push(PlateDraft { name, reads, at: (index, row, 0), ..PlateDraft::default() });
            draft.plates.len() - 1
        });
        if draft.plates[at].reads.iter().any(|read| read.cells.iter().any(|&(known, _)| known == well)) {
            draft.plates.clear();
            draft.no_end_point(ExportKind::Kinetic, (index, row, 2), "a read with several values per well, over time");
            return;
        }
        for (read, &column) in draft.plates[at].reads.iter_mut().zip(&values) {
            read.cells.push((well, (index, row, column)));
        }
    }
}

/// `CPS (CPS)` is luminescence; `Absorbance @ 450 (1.0s) (A)` absorbance; others are counts of fluorescence, whose name may hold
/// both wavelengths: `Fluorescein (485nm/535nm, 1.0s) (Counts)`.
fn read_of(name: &str) -> ReadDraft {
    let unit = name.rsplit_once('(').map(|(_, unit)| unit.trim_end_matches(')').to_string());
    let wavelengths: Vec<f64> = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 3 || digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|nm| (200.0..=1100.0).contains(nm))
        .collect();
    let mode = match unit.as_deref() {
        Some("CPS") => Mode::Luminescence,
        Some("A") => Mode::Absorbance,
        Some("Counts" | "RFU") => Mode::Fluorescence,
        _ => Mode::Unknown,
    };
    let read = ReadDraft::raw(mode, name, Vec::new());
    let read = match (mode, &wavelengths[..]) {
        (Mode::Absorbance, [nm, ..]) => read.at(Some(*nm)),
        (Mode::Fluorescence, [excitation, emission]) => read.at(Some(*emission)).excited_at(Some(*excitation)),
        _ => read,
    };
    ReadDraft { unit: if mode == Mode::Absorbance { read.unit } else { unit }, ..read }
}
