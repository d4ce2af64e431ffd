//! Tables over time or wavelength, with one column per well: whoever wrote them, they are no end-point reads.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::time::{are_times, is_time};
use super::{Description, Format};
use crate::plate::read::ExportKind;
use crate::plate::well::WellPosition;
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct PlainSeries;

impl Format for PlainSeries {
    fn description(&self) -> Description<'_> {
        Description {
            name: "series",
            title: "table over time or wavelength",
            written_by: "any program: one column per well, or a column of times beside the wells; said what it is, not read",
            general: true,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().filter(|sheet| !sheet.hidden).any(|sheet| series(sheet).is_some()) {
            Ok(())
        } else {
            Err("there is no column of times, cycles or wavelengths beside columns of wells".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            if let Some((row, kind, what)) = series(sheet) {
                draft.note(index, row..sheet.rows.len(), what, "not read");
                draft.no_end_point(kind, (index, row, 0), what);
                return;
            }
        }
    }
}

/// The header of a series, what it is, and that in words.
pub(super) fn series(sheet: &Sheet) -> Option<(usize, ExportKind, &'static str)> {
    (0..sheet.rows.len().min(200)).find_map(|row| {
        let names: Vec<String> =
            (0..sheet.rows[row].len()).map(|column| sheet.text(row, column).to_lowercase()).collect();
        let is_well = |name: &&String| name.parse::<WellPosition>().is_ok();
        let across = names.iter().filter(is_well).count() >= 4;
        let down = names.iter().any(|name| name == "well");
        let axis =
            |starts: &[&str]| names.iter().take(4).any(|name| starts.iter().any(|start| name.starts_with(start)));
        match () {
            () if !across && !down => None,
            () if axis(&["time (", "time [", "time(", "time[", "cycle"]) || across && axis(&["time"]) => {
                Some((row, ExportKind::Kinetic, "a kinetic read"))
            }
            () if down && axis(&["wavel", "lambda"]) && has_few_wavelengths(sheet, row, &names) => None,
            () if axis(&["wavel", "lambda"]) => Some((row, ExportKind::Spectrum, "a spectrum")),
            // Magellan writes the times below an empty field.
            () if across && times_below(sheet, row) => Some((row, ExportKind::Kinetic, "a kinetic read")),
            () if down && are_times(names.iter()) => Some((row, ExportKind::Kinetic, "a kinetic read")),
            () => None,
        }
    })
}

/// A spectrum has more wavelengths in a well; a few are reads of an end point.
const A_FEW: usize = 8;

/// Whether a table with one row per well and wavelength has no more than a few wavelengths.
fn has_few_wavelengths(sheet: &Sheet, header: usize, names: &[String]) -> bool {
    let is_axis = |name: &String| name.starts_with("wavel") || name.starts_with("lambda");
    let Some(column) = names.iter().position(is_axis) else { return false };
    let found: BTreeSet<String> = (header + 1..sheet.rows.len()).map(|row| sheet.text(row, column)).collect();
    found.iter().filter(|text| !text.is_empty()).count() <= A_FEW
}

/// Whether the lines below the names of wells begin with points of time.
fn times_below(sheet: &Sheet, header: usize) -> bool {
    (header + 1..sheet.rows.len().min(header + 6)).filter(|&row| is_time(&sheet.text(row, 0))).count() > 1
}
