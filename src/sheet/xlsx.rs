//! Workbooks of Excel's XML format (xlsx, xlsm), read cell by cell.
//!
//! The library's range functions allocate the whole rectangle between the first and the last cell, and its cell references
//! overflow silently: a file of 5 kB can end the process or put a value into the wrong cell. So the parts are inflated once
//! and counted, their cell references checked, and only then the cells are streamed, each into its place, within [`limits`].

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{Data, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::book::{Book, Sheet, Value};
use super::limits::{self, MAX_INFLATED_BYTES, MAX_RESIDENT_BYTES};
use super::location::Location;
use super::problem::{Problem, Problems};
use super::workbook::{Cells, value_of};

/// Reads a workbook from the bytes of its container.
pub(super) fn read(bytes: &[u8], file: &Arc<str>) -> Result<Book, Problems> {
    check_parts(bytes, file)?;
    // The parser behind this is young: whatever it does not foresee is an error of the file, not the end of the run.
    catch_unwind(AssertUnwindSafe(|| sheets(bytes, file)))
        .unwrap_or_else(|_| Err(damaged(file, "its content breaks the rules of the format").into()))
}

fn damaged(file: &Arc<str>, why: impl std::fmt::Display) -> Problem {
    Problem::new(Location::file(file.clone()), format!("the workbook is damaged ({why})"))
        .expected("a complete xlsx file")
        .advice("Export it again, or open it in a spreadsheet program and save it anew")
}

/// Inflates every part once, counting real bytes: the sizes that a container declares may lie.
fn check_parts(bytes: &[u8], file: &Arc<str>) -> Result<(), Problems> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(file, error))?;
    let mut problems = Problems::default();
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(file, error))?;
        let name = part.name().map_err(|error| damaged(file, error))?.into_owned();
        let is_sheet = name.starts_with("xl/worksheets/");
        let is_resident = name.ends_with(".xml") || name.ends_with(".rels");
        let most = if is_sheet || !is_resident { MAX_INFLATED_BYTES } else { MAX_RESIDENT_BYTES };
        let mut inflated = Vec::new();
        part.take(most + 1)
            .read_to_end(&mut inflated)
            .map_err(|error| damaged(file, format!("part {name}: {error}")))?;
        let size = inflated.len() as u64;
        total += size;
        if size > most || total > MAX_INFLATED_BYTES {
            return Err(Problem::new(
                Location::file(file.clone()),
                format!("its part {name} inflates to more than {} MB", most.min(MAX_INFLATED_BYTES) >> 20),
            )
            .expected("the export of a plate reader")
            .into());
        }
        if is_sheet && let Some(reference) = bad_reference(&inflated) {
            problems.push(
                damaged(file, format!("part {name} holds the cell reference '{reference}'"))
                    .expected("cells from A1 to XFD1048576"),
            );
        }
    }
    problems.or(())
}

/// The first `r="…"` attribute of a sheet that is neither a row nor a cell of a sheet.
fn bad_reference(xml: &[u8]) -> Option<String> {
    xml.windows(4).enumerate().find_map(|(at, window)| {
        if !matches!(window, b" r=\"" | b" r='") {
            return None;
        }
        let rest = &xml[at + 4..];
        let end = rest.iter().position(|&byte| byte == window[3]).unwrap_or(rest.len());
        let reference = &rest[..end];
        (!is_reference(reference)).then(|| String::from_utf8_lossy(&reference[..reference.len().min(40)]).into_owned())
    })
}

fn is_reference(reference: &[u8]) -> bool {
    let letters = reference.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (column, row) = reference.split_at(letters);
    let column = column.iter().take(4).fold(0, |sum, byte| sum * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    let row = if row.len() <= 7 { std::str::from_utf8(row).ok().and_then(|row| row.parse::<u32>().ok()) } else { None };
    letters <= 3 && column <= limits::MAX_COLUMNS && row.is_some_and(|row| (1..=limits::MAX_ROWS).contains(&row))
}

fn sheets(bytes: &[u8], file: &Arc<str>) -> Result<Book, Problems> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => super::workbook::protected(file),
        error => damaged(file, error),
    })?;
    let listed = workbook.sheets_metadata().to_vec();
    let mut problems = Problems::default();
    let mut book = Book { file: file.clone(), sheets: Vec::new() };
    let mut budget = limits::MAX_CELLS;
    if listed.len() > limits::MAX_SHEETS {
        return Err(damaged(file, format!("{} sheets", listed.len())).into());
    }
    for entry in listed.iter().filter(|entry| entry.typ == SheetType::WorkSheet) {
        let mut sheet = Sheet::new(file.clone(), Some(entry.name.as_str().into()));
        sheet.hidden = entry.visible != SheetVisible::Visible;
        let mut cells = Cells::new(&mut sheet, &mut budget);
        if let Err(error) = stream(&mut workbook, &entry.name, &mut cells) {
            cells.fail(error);
        }
        problems.extend(cells.into_problems());
        match workbook.merge_cells_by_sheet_name(&entry.name) {
            Ok(merged) => sheet.merged = merged.iter().map(|area| (area.start, area.end)).collect(),
            Err(error) => {
                problems.push(Problem::new(sheet.whole(), format!("its merged cells cannot be read ({error})")))
            }
        }
        book.sheets.push(sheet);
    }
    problems.or(book)
}

fn stream(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, cells: &mut Cells<'_>) -> Result<(), XlsxError> {
    let mut reader = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        let (row, column) = cell.pos;
        let value = match Data::from(cell.value) {
            Data::Empty if cell.formula.is_some() => Value::Error("a formula without a stored value".to_string()),
            data => value_of(data),
        };
        if !cells.put(row, column, value) {
            break;
        }
    }
    Ok(())
}
