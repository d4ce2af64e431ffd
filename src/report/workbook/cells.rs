//! The cells of a sheet: what each holds, in which format, and how high its row is.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::sheets::is_long;
use crate::concentration::quantity::significant;
use crate::report::table::{Cell, Column, ReportTable, Unit};

/// Writes the rows of a table below its head, in columns of these widths.
pub(super) fn write_rows(sheet: &mut Worksheet, table: &ReportTable, widths: &[f64]) -> Result<(), XlsxError> {
    let wraps = !is_long(table);
    let formats = Formats::new(wraps);
    let usual: Vec<Look> = (0..table.columns.len()).map(|column| usual_look(table, column)).collect();
    for (column, look) in (0u16..).zip(&usual) {
        sheet.set_column_format(column, formats.of(*look))?;
    }
    for (row, cells) in (1u32..).zip(&table.rows) {
        if wraps {
            let lines = cells.iter().zip(widths).map(|(cell, width)| lines(cell, *width)).max().unwrap_or(1);
            if lines > 1 {
                sheet.set_row_height(row, (LINE * lines as f64).min(HIGHEST))?;
            }
        }
        for (((column, cell), head), usual) in (0u16..).zip(cells).zip(&table.columns).zip(&usual) {
            let Some(look) = look(cell, head) else { continue };
            // The format of the column is that of a cell without one of its own, which saves looking it up for each.
            let own = (look != *usual).then(|| formats.of(look));
            match (cell, own) {
                (Cell::Empty, _) => continue,
                (Cell::Number(value), Some(format)) => sheet.write_number_with_format(row, column, *value, format)?,
                (Cell::Number(value), None) => sheet.write_number(row, column, *value)?,
                (Cell::Text(text), Some(format)) => sheet.write_string_with_format(row, column, cut(text), format)?,
                (Cell::Text(text), None) => sheet.write_string(row, column, cut(text))?,
            };
        }
    }
    Ok(())
}

/// How a cell is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Text,
    /// A number with so many decimals.
    Decimals(usize),
}

/// `None` for an empty cell.
fn look(cell: &Cell, column: &Column) -> Option<Look> {
    match cell {
        Cell::Empty => None,
        Cell::Number(value) => Some(Look::Decimals(decimals(*value, column).min(MOST_DECIMALS))),
        Cell::Text(_) => Some(Look::Text),
    }
}

/// The look that most of the first cells of a column have.
fn usual_look(table: &ReportTable, column: usize) -> Look {
    let head = &table.columns[column];
    let mut looks: Vec<Look> = table.rows.iter().take(100).filter_map(|row| look(row.get(column)?, head)).collect();
    looks.sort_unstable();
    let runs = looks.chunk_by(|a, b| a == b);
    runs.max_by_key(|run| run.len()).and_then(|run| run.first().copied()).unwrap_or(Look::Text)
}

/// The formats of all looks.
struct Formats {
    text: Format,
    numbers: Vec<Format>,
}

impl Formats {
    fn new(wraps: bool) -> Self {
        let text = Format::new().set_align(FormatAlign::Top).set_indent(1);
        let text = if wraps { text.set_text_wrap() } else { text };
        Self { text, numbers: (0..=MOST_DECIMALS).map(decimals_format).collect() }
    }

    fn of(&self, look: Look) -> &Format {
        match look {
            Look::Text => &self.text,
            Look::Decimals(decimals) => &self.numbers[decimals],
        }
    }
}

/// More decimals than these say nothing.
const MOST_DECIMALS: usize = 12;

/// Decimals of a number as the page shows it: one for percent, else so many that it has four digits. The cell holds all of them.
fn decimals(value: f64, column: &Column) -> usize {
    if column.unit == Unit::Percent {
        return 1;
    }
    let shown = significant(value, 4);
    shown.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

fn decimals_format(decimals: usize) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    if decimals == 0 {
        format.set_num_format("0")
    } else {
        format.set_num_format(format!("0.{}", "0".repeat(decimals)))
    }
}

/// Height of a line in points, and the most that a row may have.
const LINE: f64 = 15.0;
const HIGHEST: f64 = 409.0;

/// Lines that a text takes in a column of this width, broken between words. A row says its height: not every spreadsheet program measures
/// wrapped texts when it opens a file.
fn lines(cell: &Cell, width: f64) -> usize {
    let Cell::Text(text) = cell else { return 1 };
    // The indent, and the sign between two words.
    let room = (width as usize).saturating_sub(2).max(1);
    let of_line = |line: &str| {
        let (mut lines, mut used) = (1, 0);
        for word in line.split_whitespace().map(|word| word.chars().count()) {
            if used > 0 && used + 1 + word > room {
                lines += 1;
                used = 0;
            }
            lines += word.saturating_sub(1) / room;
            used = if word > room { word % room } else { used + usize::from(used > 0) + word };
        }
        lines
    };
    text.lines().map(of_line).sum::<usize>().max(1)
}

/// A sheet's cell holds 32,767 characters at most.
fn cut(text: &str) -> String {
    const MOST: usize = 32_767;
    if text.chars().count() <= MOST { text.to_string() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_high_as_its_longest_text() {
        let of = |text: &str, width: f64| lines(&Cell::Text(text.into()), width);
        // 10 characters fit into a width of 12.
        assert_eq!([of("", 12.0), of("0123456789", 12.0), of("01234 6789", 12.0)], [1, 1, 1]);
        assert_eq!([of("01234 67890", 12.0), of("one two three four", 12.0), of("two\nlines", 12.0)], [2, 2, 2]);
        assert_eq!(
            [of("0123456789a", 12.0), of(&"x".repeat(35), 12.0)],
            [2, 4],
            "a word longer than the column is cut"
        );
        assert_eq!(lines(&Cell::Number(1.0 / 3.0), 6.0), 1, "numbers are not wrapped");
    }
}
