//! EnVision and EnSpire: the exports with one row per well.

use std::ops::Range;

use super::draft::{COLUMN_NOT_USED, Draft, NOT_A_WELL, PlateDraft, ReadDraft, SampleDraft};
use super::envision_settings::EnvisionSettings;
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::WellPosition;
use crate::sheet::{Problem, Sheet};

/// EnSpire's list: names of columns such as `MeasA:Result`. With wavelengths or times that change from row to row it is a
/// spectrum or a kinetic read. The end-point form is written from that of the spectra: provisional.
pub(super) fn list(
    draft: &mut Draft<'_>,
    settings: &EnvisionSettings<'_>,
    info: &str,
    plate: usize,
    rows: Range<usize>,
) {
    let sheet = settings.sheet;
    let head = rows.start;
    let at = (0, head, 0);
    let names: Vec<String> = (0..sheet.rows[head].len()).map(|column| sheet.text(head, column)).collect();
    let end = (head + 1..rows.end).find(|&row| sheet.is_blank(row)).unwrap_or(rows.end);
    let wells: Vec<(WellPosition, usize)> =
        (head + 1..end).filter_map(|row| Some((sheet.text(row, 0).parse().ok()?, row))).collect();
    let first = wells.first().map(|&(well, _)| well);
    let repeats = wells.iter().filter(|&&(well, _)| Some(well) == first).count() > 1;
    if repeats {
        let is_spectrum = names.iter().any(|name| name.contains(":Wavelength"));
        let (kind, what) = if is_spectrum {
            (ExportKind::Spectrum, "a spectrum")
        } else {
            (ExportKind::Kinetic, "a read with several values per well")
        };
        draft.note(0, head..end, "list with several rows per well", "not read");
        draft.plates[plate].other = Some((kind, Mode::Unknown));
        draft.no_end_point(kind, at, what);
        return;
    }
    draft.note(0, head..end, "list with one row per well", "read");
    for row in (head + 1..end).filter(|&row| sheet.text(row, 0).parse::<WellPosition>().is_err()) {
        draft.problem(NOT_A_WELL, (0, row, 0), format!("'{}' is not a well", sheet.text(row, 0))).expected =
            "a well such as A01".into();
    }
    for (column, name) in names.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty()) {
        let cells = || wells.iter().map(|&(well, row)| (well, (0, row, column)));
        match name.split_once(':') {
            Some((label, "Result" | "Signal")) => {
                // `MeasA` is the measurement `Meas A` of the settings.
                let label =
                    label.strip_prefix("Meas").map_or(label.to_string(), |letter| format!("Meas {}", letter.trim()));
                let read = settings.raw(&label, info, None, cells().collect());
                draft.plates[plate].reads.push(read);
            }
            None if name == "Sample" => {
                for (well, at) in cells() {
                    let name = Some(sheet.text(at.1, at.2)).filter(|name| !name.is_empty() && name != "-");
                    if name.is_some() {
                        let sample = SampleDraft { name, at, ..SampleDraft::default() };
                        draft.plates[plate].samples.insert(well, sample);
                    }
                }
            }
            _ => draft.warnings.push(Problem::new(
                COLUMN_NOT_USED,
                sheet.location(head, column),
                format!("the column '{name}' is not used"),
            )),
        }
    }
}

/// Columns of values in the list over all plates.
const VALUES: [&str; 3] = ["Result", "Signal", "CalcResult"];

/// The line of names of EnVision's list over all plates: `Plate`, `Well`, and a column for each result.
pub(super) fn list_of_plates(sheet: &Sheet) -> Option<usize> {
    let is_head = |row: &usize| {
        sheet.text(*row, 0) == "Plate"
            && sheet.text(*row, 1) == "Well"
            && VALUES.contains(&sheet.text(*row, 2).as_str())
    };
    (0..sheet.rows.len().min(40)).find(is_head)
}

/// Reads that list. What a column holds stands in the line above the names: `PltRpt=1 Group=1 A450(1) De=1st Ex=Btm …` for a
/// measurement, `PltRpt=1 Calc 1: …` for a formula; both may be called `CalcResult`.
pub(super) fn read_list_of_plates(draft: &mut Draft<'_>, settings: &EnvisionSettings<'_>, head: usize) {
    let sheet = settings.sheet;
    let above = head.checked_sub(1).filter(|&row| !sheet.is_blank(row));
    if let Some(above) = above {
        draft.note(0, above..above + 1, "what each column of the list holds", "labels, and how it was measured");
    }
    let end = (head + 1..sheet.rows.len()).find(|&row| sheet.is_blank(row)).unwrap_or(sheet.rows.len());
    draft.note(0, head..end, "list of plates and wells", "read");
    let mut columns = Vec::new();
    for column in 2..sheet.rows[head].len() {
        let name = sheet.text(head, column);
        if VALUES.contains(&name.as_str()) {
            columns.push((
                column,
                read_of(settings, &name, &above.map_or_else(String::new, |row| sheet.text(row, column))),
            ));
        } else if !name.is_empty() {
            let problem =
                Problem::new(COLUMN_NOT_USED, sheet.location(head, column), format!("the column '{name}' is not used"));
            draft.warnings.push(problem);
        }
    }
    for row in head + 1..end {
        let (number, well) = (sheet.text(row, 0), sheet.text(row, 1));
        let Ok(well) = well.parse::<WellPosition>() else {
            draft.problem(NOT_A_WELL, (0, row, 1), format!("'{well}' is not a well")).expected =
                "a well such as A01".into();
            continue;
        };
        let name = Some(format!("Plate {number}"));
        let at = draft.plates.iter().position(|plate| plate.name == name).unwrap_or_else(|| {
            let reads = columns.iter().map(|(_, read)| read.clone()).collect();
            draft.plates.push(PlateDraft {
                name,
                size: settings.plate_size(),
                reads,
                at: (0, row, 0),
                ..PlateDraft::default()
            });
            draft.plates.len() - 1
        });
        if draft.plates[at].reads.iter().any(|read| read.cells.iter().any(|&(known, _)| known == well)) {
            draft.plates.clear();
            draft.no_end_point(ExportKind::Kinetic, (0, row, 1), "a read with several values per well");
            return;
        }
        for (read, &(column, _)) in draft.plates[at].reads.iter_mut().zip(&columns) {
            read.cells.push((well, (0, row, column)));
        }
    }
}

/// A column of that list as a read without wells.
fn read_of(settings: &EnvisionSettings<'_>, name: &str, description: &str) -> ReadDraft {
    if let Some((before, info)) = description.split_once(" De=") {
        // `PltRpt=1 Group=1 ` stands before the label.
        let label = before.split(' ').skip_while(|word| word.contains('=')).collect::<Vec<_>>().join(" ");
        return settings.raw(label.trim(), &format!("De={info}"), None, Vec::new());
    }
    let label = description.split(' ').skip_while(|word| word.contains('=')).collect::<Vec<_>>().join(" ");
    let label = if label.is_empty() { name.to_string() } else { label };
    if name == "CalcResult" || label.starts_with("Calc ") {
        ReadDraft::derived(Mode::Unknown, label, Vec::new())
    } else {
        ReadDraft::raw(Mode::Unknown, label, Vec::new())
    }
}
