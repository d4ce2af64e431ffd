//! Which tables have a sheet, and how its cells are kept until the workbook is saved.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use crate::files;
use crate::report::ReportError;
use crate::report::table::{Cell, ReportTable};

/// Makes sure that there is room for the temporary files of long tables. The library that writes them panics where there is none.
pub(super) fn has_room_for_long(tables: &[ReportTable]) -> Result<(), ReportError> {
    // What stands around a value in its sheet, and the longest that a sign of a text becomes there.
    const CELL: u64 = 64;
    const SIGN: u64 = 6;
    let bytes = |cell: &Cell| match cell {
        Cell::Empty => 0,
        Cell::Number(_) => CELL,
        Cell::Text(text) => CELL + SIGN * text.len() as u64,
    };
    let long = tables.iter().filter(|table| has_sheet(table) && is_long(table));
    let needed: u64 = long.flat_map(|table| table.rows.iter().flatten()).map(bytes).sum();
    let folder = std::env::temp_dir();
    if needed == 0 {
        return Ok(());
    }
    files::has_room(&folder, needed).map_err(|cause| ReportError::Temporary { folder, cause })
}

/// Adds a sheet for a table.
pub(super) fn add<'w>(workbook: &'w mut Workbook, table: &ReportTable) -> Result<&'w mut Worksheet, XlsxError> {
    if is_long(table) { workbook.add_worksheet_with_constant_memory() } else { Ok(workbook.add_worksheet()) }
}

/// Whether a table has a sheet: one with rows, as many as a sheet can hold below its head.
pub(super) fn has_sheet(table: &ReportTable) -> bool {
    !table.rows.is_empty() && table.rows.len() < MOST_ROWS
}

/// Rows of a sheet, the head among them.
const MOST_ROWS: usize = 1_048_576;

/// Whether the cells of a table go through a file on the disk, row by row, instead of being held until the workbook is saved. Their texts
/// then stand in the cells, and not in the list of all texts: places of origin, of which each is another, make that list long. Nor are they
/// wrapped, since the height of each row would be held: such a table is filtered, and not printed.
pub(super) fn is_long(table: &ReportTable) -> bool {
    const CELLS: usize = 100_000;
    table.rows.len() * table.columns.len() > CELLS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_no_sheet_holds_has_none() {
        let with = |rows| ReportTable { name: "wells", about: "", columns: Vec::new(), rows: vec![Vec::new(); rows] };
        assert_eq!([0, 1, MOST_ROWS - 1, MOST_ROWS].map(|rows| has_sheet(&with(rows))), [false, true, true, false]);
    }
}
