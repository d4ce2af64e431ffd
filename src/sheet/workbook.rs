//! What all workbooks have in common: cells that come one by one, each into its place of the sheet.

use std::sync::Arc;

use calamine::{Data, ExcelDateTime};

use super::book::Sheet;
use super::cell::Value;
use super::limits::{MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT_BYTES};
use super::location::Location;
use super::problem::{Code, Problem, Problems};

/// What a workbook may still hold.
pub(super) struct Budget {
    cells: usize,
    text_bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { cells: MAX_CELLS, text_bytes: MAX_TEXT_BYTES }
    }
}

/// Puts the cells of one sheet into place and notes what is wrong with them.
pub(super) struct Cells<'a> {
    sheet: &'a mut Sheet,
    budget: &'a mut Budget,
    last: Option<(u32, u32)>,
    computed: Vec<((u32, u32), (u32, u32))>,
    problems: Problems,
}

impl<'a> Cells<'a> {
    pub(super) fn new(sheet: &'a mut Sheet, budget: &'a mut Budget) -> Self {
        Self { sheet, budget, last: None, computed: Vec::new(), problems: Problems::default() }
    }

    /// Puts a value into the cell at row and column, from 0. Answers whether more cells may come.
    pub(super) fn put(&mut self, row: u32, column: u32, value: Value) -> bool {
        self.last = Some((row, column));
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            self.problems.push(Problem::new(
                Code::new("workbook-cell-outside"),
                self.sheet.whole(),
                format!(
                    "a cell at row {}, column {} is outside of any sheet",
                    u64::from(row) + 1,
                    u64::from(column) + 1
                ),
            ));
            return false;
        }
        if value == Value::Empty {
            return true;
        }
        let (row, column) = (row as usize, column as usize);
        let rows = &mut self.sheet.rows;
        let new = (row + 1).saturating_sub(rows.len()) + (column + 1).saturating_sub(rows.get(row).map_or(0, Vec::len));
        if new > self.budget.cells {
            self.problems.push(
                Problem::new(
                    Code::new("workbook-too-large"),
                    self.sheet.whole(),
                    format!("more than {MAX_CELLS} cells"),
                )
                .expected("the export of a plate reader"),
            );
            return false;
        }
        self.budget.cells -= new;
        let text_bytes = if let Value::Text(text) = &value { text.len() } else { 0 };
        if text_bytes > self.budget.text_bytes {
            self.problem(
                Code::new("workbook-texts-too-long"),
                row,
                column,
                "the texts of the cells are too long",
                "Export it again",
            );
            return false;
        }
        self.budget.text_bytes -= text_bytes;
        if rows.len() <= row {
            rows.resize_with(row + 1, Vec::new);
        }
        let cells = &mut rows[row];
        if cells.len() <= column {
            cells.resize(column + 1, Value::Empty);
        }
        let twice = cells[column] != Value::Empty;
        let infinite = matches!(value, Value::Number(number) if !number.is_finite());
        cells[column] = value;
        if twice {
            self.problem(
                Code::new("workbook-cell-twice"),
                row,
                column,
                "the cell appears twice",
                "Save the workbook again in a spreadsheet program",
            );
        }
        if infinite {
            self.problem(
                Code::new("workbook-number-not-finite"),
                row,
                column,
                "the number is not finite",
                "Correct the cell",
            );
        }
        self.problems.0.len() < 100
    }

    fn problem(&mut self, code: Code, row: usize, column: usize, found: &str, advice: &str) {
        self.problems.push(Problem::new(code, self.sheet.location(row, column), found).advice(advice));
    }

    /// Notes that a formula computes the cells from `first` to `last` (row, column from 0), as far as values stand there.
    pub(super) fn computed(&mut self, first: (u32, u32), last: (u32, u32)) {
        self.computed.push((first, last));
    }

    /// Notes that the sheet could not be read to its end.
    pub(super) fn fail(&mut self, error: impl std::fmt::Display) {
        let (location, where_) = match self.last {
            Some((row, column)) => {
                (self.sheet.location(row as usize, column as usize), "the cell after this one cannot be read")
            }
            None => (self.sheet.whole(), "the sheet cannot be read"),
        };
        self.problems.push(
            Problem::new(Code::new("workbook-cell-error"), location, format!("{where_} ({error})"))
                .advice("Look at that cell: an error such as #SPILL! or a damaged value stands there"),
        );
    }

    /// Ends the sheet: marks the cells that formulas computed, and gives what is wrong.
    pub(super) fn into_problems(self) -> Problems {
        for ((top, left), (bottom, right)) in self.computed {
            // An area may reach to the end of a sheet; only cells that hold something are marked.
            for row in top..=bottom.min(self.sheet.rows.len() as u32) {
                let cells = self.sheet.rows.get(row as usize).map_or(&[][..], Vec::as_slice);
                let filled = (left..=right.min(cells.len() as u32))
                    .filter(|&column| cells.get(column as usize).is_some_and(|value| *value != Value::Empty));
                self.sheet.formulas.extend(filled.map(|column| (row, column)));
            }
        }
        self.problems
    }
}

/// A cell of the library as a value. Dates and durations become ISO 8601 text.
pub(super) fn value_of(data: Data) -> Value {
    match data {
        Data::Empty => Value::Empty,
        Data::String(text) => Value::Text(text),
        Data::Int(number) => Value::Number(number as f64),
        Data::Float(number) => Value::Number(number),
        Data::Bool(value) => Value::Boolean(value),
        Data::DateTime(time) => Value::DateTime(iso(&time)),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Value::DateTime(text),
        Data::Error(error) => Value::Error(error.to_string()),
    }
}

/// `2024-03-07T12:45:07`, `2024-03-07` at midnight, `12:45:07` for a time without a day.
fn iso(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    let serial = time.as_f64();
    if time.is_duration() {
        format!("P{serial}D")
    } else if (0.0..1.0).contains(&serial) {
        clock
    } else if serial.fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{clock}")
    }
}

/// A workbook that only its password opens.
pub(super) fn protected(file: &Arc<str>) -> Problem {
    Problem::new(
        Code::new("workbook-protected"),
        Location::file(file.clone()),
        "the workbook is protected with a password",
    )
    .expected("a workbook that opens without one")
    .advice("Open it in a spreadsheet program, remove the password, and save it")
}
