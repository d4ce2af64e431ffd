//! Workbooks of Excel's XML format (xlsx, xlsm), read cell by cell.
//!
//! The library's range functions allocate the whole rectangle between the first and the last cell, and its cell references
//! overflow silently: a file of 5 kB can end the process or put a value into the wrong cell. So the parts are inflated once
//! and counted, their cell references checked, and only then the cells are streamed, each into its place, within [`limits`].

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{Data, Reader, SheetType, SheetVisible, Xlsx, XlsxError, XlsxFormulaMetadata};

use super::book::{Book, Sheet};
use super::cell::Value;
use super::limits;
use super::parts::{self, Arrays, Parts, damaged};
use super::problem::{Code, Problem, Problems};
use super::workbook::{Budget, Cells, value_of};

/// Reads a workbook from the bytes of its container.
pub(super) fn read(bytes: &[u8], file: &Arc<str>) -> Result<Book, Problems> {
    let parts = parts::check(bytes, file)?;
    // The parser behind this is young: whatever it does not foresee is an error of the file, not the end of the run.
    catch_unwind(AssertUnwindSafe(|| sheets(file, &parts)))
        .unwrap_or_else(|_| Err(damaged(file, "its content breaks the rules of the format").into()))
}

fn sheets(file: &Arc<str>, parts: &Parts) -> Result<Book, Problems> {
    let open = |container| {
        Xlsx::new(Cursor::new(container)).map_err(|error| match error {
            XlsxError::Password => super::workbook::protected(file),
            error => damaged(file, error),
        })
    };
    let mut workbook = open(&parts.whole[..])?;
    let mut without_cells = parts.without_cells.as_deref().map(open).transpose()?;
    let listed = workbook.sheets_metadata().to_vec();
    let mut problems = Problems::default();
    let mut book = Book { file: file.clone(), sheets: Vec::new() };
    let mut budget = Budget::default();
    if listed.len() > limits::MAX_SHEETS {
        return Err(damaged(file, format!("{} sheets", listed.len())).into());
    }
    for entry in listed.iter().filter(|entry| entry.typ == SheetType::WorkSheet) {
        let mut sheet = Sheet::new(file.clone(), Some(entry.name.as_str().into()));
        sheet.hidden = entry.visible != SheetVisible::Visible;
        let mut cells = Cells::new(&mut sheet, &mut budget);
        if let Err(error) = stream(&mut workbook, &entry.name, &parts.arrays, &mut cells) {
            cells.fail(error);
        }
        problems.extend(cells.into_problems());
        let merged = without_cells.as_mut().map(|workbook| workbook.merge_cells_by_sheet_name(&entry.name));
        match merged.unwrap_or_else(|| Ok(Vec::new())) {
            Ok(merged) => sheet.merged = merged.iter().map(|area| (area.start, area.end)).collect(),
            Err(error) => problems.push(Problem::new(
                Code::new("workbook-merged-cells"),
                sheet.whole(),
                format!("its merged cells cannot be read ({error})"),
            )),
        }
        book.sheets.push(sheet);
    }
    problems.or(book)
}

/// The cells of a sheet, one by one. The library does not say how far the formula of an array reaches, whose further cells hold
/// values alone: `arrays` does.
fn stream(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    arrays: &Arrays,
    cells: &mut Cells<'_>,
) -> Result<(), XlsxError> {
    let mut reader = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        let (row, column) = cell.pos;
        if cell.formula.is_some() {
            cells.computed(cell.pos, arrays.end_of(cell.pos, text_of(cell.formula.as_ref())).unwrap_or(cell.pos));
        }
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

fn text_of(formula: Option<&XlsxFormulaMetadata>) -> &str {
    match formula {
        Some(XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. }) => formula,
        _ => "",
    }
}
