//! All tables as one workbook: a sheet that leads, a sheet per table that has rows, what every column means, and the files that were read.
//!
//! Every sheet prints on A4 across: a narrow table on one page in width, a wide one on several, each with the head of the table and
//! the columns that name a row.

mod cells;
mod leading;
mod sheets;
mod style;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_xlsxwriter::{
    ConditionalFormatText, ConditionalFormatTextRule, DocProperties, ExcelDateTime, Format, Workbook, Worksheet,
    XlsxError,
};

use super::audience::Audience;
use super::figure::palette;
use super::table::{Cell, Column, ColumnKind, ReportTable};
use super::{ReportError, StudyReport};
use crate::sheet::saved::without_system;
use cells::write_rows;
use sheets::{add, has_room_for_long, has_sheet};
use style::{color, header, print_set_up};

/// Writes the workbook. The same results give the same bytes: the time of the run stands in `run.json` only.
///
/// # Errors
/// When there is no room for temporary files, or a name is not one of a sheet.
pub fn write(report: &StudyReport<'_>, tables: &[ReportTable]) -> Result<Vec<u8>, ReportError> {
    has_room_for_long(tables)?;
    let written = catch_unwind(AssertUnwindSafe(|| sheets_of(report, tables)));
    // The library panics where a temporary file cannot be written, which it can unless the disk was filled just now.
    Ok(written.unwrap_or_else(|_| Err(XlsxError::IoError(io::ErrorKind::StorageFull.into())))?)
}

/// Deflate at the level that zlib calls fast: a file that is a fifth larger than at the usual 6, in a small part of the time, which was a fifth of that of
/// `quantify`.
const COMPRESSION: u8 = 2;

fn sheets_of(report: &StudyReport<'_>, tables: &[ReportTable]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(COMPRESSION);
    let study = &report.protocol.assay.study;
    let properties = DocProperties::new()
        .set_title(format!("{}: results", if study.id.is_empty() { "Plates" } else { &study.id }))
        .set_subject(&study.title)
        .set_author(format!("{} {}", report.record.program, report.record.version))
        .set_comment(if study.simulated { "Simulated data" } else { "" })
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    leading::index(workbook.add_worksheet(), report, tables)?;
    for audience in Audience::ALL {
        for table in tables.iter().filter(|table| has_sheet(table) && Audience::of(table) == audience) {
            let page = add(&mut workbook, table)?;
            page.set_tab_color(color(audience.ink()));
            sheet(page, table, &study.unit)?;
            print_set_up(page, report, table.name)?;
        }
    }
    leading::columns(workbook.add_worksheet(), report, tables)?;
    leading::inputs(workbook.add_worksheet(), report)?;
    saved(workbook)
}

/// The bytes of a workbook, the same on every system.
#[expect(clippy::disallowed_methods, reason = "the only place here where a workbook is saved")]
pub(super) fn saved(mut workbook: Workbook) -> Result<Vec<u8>, XlsxError> {
    Ok(without_system(workbook.save_to_buffer()?)?)
}

/// Characters that fit across a page of A4 at 60 percent, the smallest scale at which a table is read on paper.
const ACROSS: f64 = 235.0;
const SMALLEST: u16 = 60;

/// The columns that stay in sight when the sheet is scrolled to the right: up to the one that names the row.
fn fixed_columns(table: &ReportTable) -> u16 {
    let first = (1u16..).zip(table.columns.iter().take(5));
    first.filter(|(_, column)| column.kind == ColumnKind::Key).map(|(place, _)| place).last().unwrap_or(1)
}

/// The columns that are printed: study and whether its data are simulated stand in the margin of every page.
fn printed(table: &ReportTable) -> std::ops::RangeInclusive<u16> {
    let is = |column: Option<&Column>, kind: ColumnKind| column.is_some_and(|column| column.kind == kind);
    let first = u16::from(is(table.columns.first(), ColumnKind::Study));
    let last = (table.columns.len() as u16).saturating_sub(1);
    first..=last.saturating_sub(u16::from(is(table.columns.last(), ColumnKind::Simulated)))
}

fn sheet(sheet: &mut Worksheet, table: &ReportTable, unit: &str) -> Result<(), XlsxError> {
    sheet.set_name(table.name)?;
    let header = header().set_text_wrap();
    let printed = printed(table);
    let mut across = 0.0;
    let mut widths = Vec::new();
    for (column, head) in (0u16..).zip(&table.columns) {
        let heading = head.heading(unit);
        let width = width(table, column.into(), &heading);
        widths.push(width);
        if printed.contains(&column) {
            across += width;
        }
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, heading, &header)?;
    }
    sheet.set_row_height(0, 30.0)?;
    write_rows(sheet, table, &widths)?;
    let fixed = fixed_columns(table);
    sheet.set_freeze_panes(1, fixed)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_print_area(0, *printed.start(), table.rows.len() as u32, *printed.end())?;
    if across <= ACROSS {
        sheet.set_print_fit_to_pages(1, 0);
    } else {
        sheet.set_print_scale(SMALLEST);
        sheet.set_page_order(true);
        sheet.set_repeat_columns(*printed.start(), fixed.saturating_sub(1).max(*printed.start()))?;
    }
    let (rows, columns) = (table.rows.len() as u32, table.columns.len() as u16);
    if rows > 0 && columns > 0 {
        sheet.autofilter(0, 0, rows, columns - 1)?;
    }
    for (column, head) in (0u16..).zip(&table.columns) {
        if head.kind == ColumnKind::Verdict && rows > 0 {
            color_verdicts(sheet, column, rows)?;
        }
    }
    Ok(())
}

/// Good in green, bad in vermilion, the rest in amber: the word stays, the colour only helps the eye.
fn color_verdicts(sheet: &mut Worksheet, column: u16, rows: u32) -> Result<(), XlsxError> {
    let words = [
        // Amber first: "accepted, with remarks" begins with "accepted", and the first rule that holds is the one that is shown.
        (
            palette::AMBER,
            ["accepted, with remarks", "remark", "not evaluable", "warning", "below LLOQ", "above ULOQ"].as_slice(),
        ),
        (palette::GREEN, ["accepted", "pass", "quantified"].as_slice()),
        (palette::VERMILION, ["rejected", "fail", "not reported"].as_slice()),
    ];
    for (ink, words) in words {
        for word in words {
            let rule = ConditionalFormatText::new()
                .set_rule(ConditionalFormatTextRule::BeginsWith((*word).to_string()))
                .set_format(Format::new().set_bold().set_font_color(color(ink)));
            sheet.add_conditional_format(1, column, rows, column, &rule)?;
        }
    }
    Ok(())
}

/// Width for nearly all of the first texts of a column, within reason: longer ones are wrapped.
fn width(table: &ReportTable, column: usize, heading: &str) -> f64 {
    const MOST: usize = 42;
    let length = |cell: &Cell| match cell {
        Cell::Text(text) => text.chars().count(),
        Cell::Number(value) => value.to_string().len().min(12),
        Cell::Empty => 0,
    };
    let mut cells: Vec<usize> = table.rows.iter().take(500).filter_map(|row| row.get(column)).map(length).collect();
    cells.sort_unstable();
    let nearly_all = cells.get(cells.len().saturating_sub(1) * 9 / 10).copied().unwrap_or(0);
    let longest = cells.last().copied().unwrap_or(0).min(20);
    // The unit of a heading may stand below it; the sign of the filter needs room too.
    let head = heading.split(' ').map(|part| part.chars().count()).max().unwrap_or(0) + 3;
    nearly_all.max(longest).max(head).clamp(6, MOST) as f64 + 1.5
}

#[cfg(test)]
mod tests {
    use super::sheets::is_long;
    use super::*;
    use crate::report::table::Unit;

    fn table(rows: usize) -> ReportTable {
        let head = |name: &'static str| Column::new(name, "").of(Unit::Study);
        let row = |at: usize| {
            let text = format!("exports/P{at}.txt, line {at}: a place & what is < there, longer than a column is wide");
            let numbers = (0..8).map(|column| Cell::Number(at as f64 + f64::from(column) / 8.0));
            [Cell::Text(text.into()), Cell::Empty].into_iter().chain(numbers).collect()
        };
        let columns = ["source", "none", "a", "b", "c", "d", "e", "f", "g", "h"].map(head).to_vec();
        ReportTable { name: "wells", about: "", columns, rows: (0..rows).map(row).collect() }
    }

    #[test]
    fn a_long_table_is_in_its_sheet_to_the_last_cell() {
        let (short, long) = (table(100), table(10_001));
        assert!(!is_long(&short) && is_long(&long));
        for table in [short, long] {
            let mut workbook = Workbook::new();
            sheet(add(&mut workbook, &table).unwrap(), &table, "pg/mL").unwrap();
            let book = crate::sheet::Book::from_bytes(&saved(workbook).unwrap(), "results.xlsx").unwrap();
            let read = &book.sheets[0];
            assert_eq!(read.rows.len(), table.rows.len() + 1);
            assert_eq!(read.text(0, 9), "h (pg/mL)");
            for (at, row) in table.rows.iter().enumerate() {
                for (column, cell) in row.iter().enumerate() {
                    let found = read.text(at + 1, column);
                    match cell {
                        Cell::Empty => assert_eq!(found, ""),
                        Cell::Text(text) => assert_eq!(found, *text),
                        Cell::Number(value) => assert_eq!(found.parse(), Ok(*value)),
                    }
                }
            }
        }
    }
}
