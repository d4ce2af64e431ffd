//! EnVision's plates of bare numbers: neither column numbers nor row letters, one line per row of the plate.
//!
//! Wells that were not read are empty fields, rows of them blank lines. The lines may begin with an empty field, where the row
//! letters would stand.

use std::ops::Range;

use super::draft::CellIndex;
use super::grid::is_number;
use crate::plate::reading::Reading;
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Code, Decimal, Problem, Sheet, Value};

/// A plate of bare numbers: its rows in the sheet and, if it can be told which well is which, its wells.
pub(super) struct Matrix {
    pub(super) rows: Range<usize>,
    pub(super) cells: Result<(PlateSize, Vec<(WellPosition, CellIndex)>), Problem>,
}

/// Whether the row holds readings and nothing else.
pub(super) fn holds_numbers(sheet: &Sheet, row: usize) -> bool {
    let is_reading = |value: &Value| match value {
        Value::Number(_) => true,
        value => {
            let text = value.text();
            is_number(&text) || Reading::of_text(&text, Decimal::Point).is_some()
        }
    };
    !sheet.is_blank(row) && sheet.rows[row].iter().all(|value| value.is_empty() || is_reading(value))
}

impl Matrix {
    /// The matrix whose first line is `open` and whose first numbers are in `row`; `size` is that of the settings. Where they are
    /// not exported, it is the plate that has as many rows and columns.
    pub(super) fn at(sheet: &Sheet, open: usize, row: usize, end: usize, size: Option<PlateSize>) -> Self {
        let filled = |row: usize| sheet.rows[row].iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        let run = row..(row..end).find(|&row| !holds_numbers(sheet, row)).unwrap_or(end);
        let rows = match size {
            // Every row of the plate has values: blank lines above them are none.
            Some(size) if run.len() == size.rows => run.clone(),
            // Blank lines at the end of a file are not in the sheet.
            Some(size) => open..(open + size.rows).min(end),
            None => run.clone(),
        };
        let last = (rows.start..rows.end.max(run.end)).filter(|&row| !sheet.is_blank(row)).max().unwrap_or(row);
        let columns = (row..=last).map(filled).max().unwrap_or(0);
        let refuse = |found: String| Self {
            rows: row..last + 1,
            cells: Err(Problem::new(Code::new("matrix-of-another-size"), sheet.location(row, 0), found)
                .expected(size.map_or_else(
                    || "a line for each row of the plate, and a field for each of its columns".to_string(),
                    |size| format!("{} lines of {} values", size.rows, size.columns),
                ))
                .advice("Export in a format with column numbers and row letters")),
        };
        let is_bare = |row: usize| sheet.is_blank(row) || holds_numbers(sheet, row);
        let known = size.or_else(|| {
            let fits =
                |size: &PlateSize| size.rows == run.len() && matches!(columns - size.columns.min(columns), 0 | 1);
            PlateSize::ALL.into_iter().find(|size| fits(size) && columns >= size.columns)
        });
        let found = || format!("{} lines of up to {columns} numbers have no row letters", last + 1 - row);
        let Some(known) = known else { return refuse(found()) };
        if row < rows.start || last >= rows.end || !rows.clone().all(is_bare) || columns > known.columns + 1 {
            return refuse(found());
        }
        let first_is_empty = rows.clone().all(|row| sheet.value(row, 0).is_empty());
        let first_column = match (first_is_empty, columns > known.columns) {
            (true, true) => 1,
            (false, false) => 0,
            (false, true) => return refuse(found()),
            (true, false) => return refuse("it cannot be told in which field the first column stands".to_string()),
        };
        let cell = |well: WellPosition| {
            (well, (0, rows.start + usize::from(well.row), first_column + usize::from(well.column)))
        };
        let in_sheet = |&(_, (_, row, _)): &(WellPosition, CellIndex)| row < rows.end;
        Self { rows: row..last + 1, cells: Ok((known, known.wells().map(cell).filter(in_sheet).collect())) }
    }
}
