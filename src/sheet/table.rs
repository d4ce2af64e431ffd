//! A table with a header row: the form of `samples.csv`, `arms.csv` and long layouts.

use super::book::Sheet;
use super::cell::Value;
use super::location::Location;
use super::mistakes::date_for_name;
use super::problem::{Code, Problem, Problems};

/// A column that nothing is known of.
pub const COLUMN_UNKNOWN: Code = Code::new("table-column-unknown");

/// A sheet read as a table: the first row names the columns, every further row is a record.
///
/// ```
/// use platewise::sheet::{Book, Table};
///
/// let book = Book::from_bytes(b"subject,arm\nS01,AtMSC\n", "arms.csv")?;
/// let table = Table::new(&book.sheets[0], &["subject", "arm"], &[])?;
/// let first = table.records().next().unwrap();
/// assert_eq!(first.text("arm"), "AtMSC");
/// assert!(Table::new(&book.sheets[0], &["subject", "visit"], &[]).is_err());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Table<'a> {
    sheet: &'a Sheet,
    header_row: usize,
    columns: Vec<(String, usize)>,
}

impl<'a> Table<'a> {
    /// Reads `sheet` as a table that has all of `required` and perhaps some of `optional` columns. Names are compared
    /// without regard to case and surrounding white space.
    ///
    /// # Errors
    /// Every column that is missing, unknown or duplicate.
    pub fn new(sheet: &'a Sheet, required: &[&str], optional: &[&str]) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let Some(header_row) = sheet.rows.iter().position(|row| row.iter().any(|cell| !cell.is_empty())) else {
            return Err(Problem::new(Code::new("table-empty"), sheet.whole(), "there is nothing in it")
                .expected(format!("a table with the columns {}", required.join(", ")))
                .into());
        };
        if let Some(problem) = undivided(sheet, header_row, required) {
            return Err(problem.into());
        }
        let mut columns: Vec<(String, usize)> = Vec::new();
        for (at, cell) in sheet.rows[header_row].iter().enumerate() {
            let name = cell.text().to_lowercase();
            if name.is_empty() {
                let used =
                    sheet.rows[header_row + 1..].iter().any(|row| row.get(at).is_some_and(|cell| !cell.is_empty()));
                if used {
                    problems.push(
                        Problem::new(
                            Code::new("table-column-without-name"),
                            sheet.location(header_row, at),
                            "a column without a name holds values",
                        )
                        .advice("Name the column, or remove it"),
                    );
                }
                continue;
            }
            if columns.iter().any(|(known, _)| *known == name) {
                problems.push(
                    Problem::new(
                        Code::new("table-column-twice"),
                        sheet.location(header_row, at),
                        format!("the column '{name}' appears twice"),
                    )
                    .advice("Remove one of the two"),
                );
            } else if !required.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
                let known: Vec<&str> = required.iter().chain(optional).copied().collect();
                problems.push(
                    Problem::new(COLUMN_UNKNOWN, sheet.location(header_row, at), format!("unknown column '{name}'"))
                        .expected(format!("one of {}", known.join(", ")))
                        .advice("Rename or remove it: nothing in an input is ignored"),
                );
            } else {
                columns.push((name, at));
            }
        }
        // `2,1,5` for 1.5 in a file of commas would otherwise be read as 1.
        let width = sheet.rows[header_row].len();
        for (row, cells) in sheet.rows.iter().enumerate().skip(header_row + 1) {
            if let Some(at) = (width..cells.len()).find(|&at| !cells[at].is_empty()) {
                problems.push(
                    Problem::new(
                        Code::new("table-beyond-last-column"),
                        sheet.location(row, at),
                        format!("'{}' stands beyond the last column", cells[at].text()),
                    )
                    .expected(format!("{width} columns, as in the header"))
                    .advice("A decimal comma in a file that separates by commas does this: write decimals with points"),
                );
            }
        }
        for name in required {
            if !columns.iter().any(|(known, _)| known == name) {
                problems.push(
                    Problem::new(
                        Code::new("table-column-missing"),
                        sheet.location(header_row, 0),
                        format!("there is no column '{name}'"),
                    )
                    .expected(format!("the columns {}", required.join(", "))),
                );
            }
        }
        problems.or(Self { sheet, header_row, columns })
    }

    /// Whether the table has the column.
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(name, _)| name == column)
    }

    /// The texts in these columns, with their places: what there is to tell how its numbers are written.
    pub fn texts(&self, columns: &[&str]) -> impl Iterator<Item = (String, Location)> {
        let text = |record: Record<'_>, column: &&str| match record.value(column) {
            Value::Text(text) => Some((text.trim().to_string(), record.location(column))),
            _ => None,
        };
        self.records().flat_map(move |record| columns.iter().filter_map(move |column| text(record, column)))
    }

    /// The records, in order, without rows that are empty throughout.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (self.header_row + 1..self.sheet.rows.len())
            .filter(|&row| self.sheet.rows[row].iter().any(|cell| !cell.is_empty()))
            .map(|row| Record { table: self, row })
    }
}

/// A header in one piece, although several columns are needed: the file is separated by something that we do not know.
fn undivided(sheet: &Sheet, header_row: usize, required: &[&str]) -> Option<Problem> {
    let cells: Vec<String> = sheet.rows[header_row].iter().map(Value::text).filter(|text| !text.is_empty()).collect();
    let [header] = cells.as_slice() else { return None };
    let lower = header.to_lowercase();
    (required.len() > 1 && lower.len() > required[0].len() && required.iter().all(|name| lower.contains(name))).then(
        || {
            Problem::new(
                Code::new("table-undivided"),
                sheet.location(header_row, 0),
                format!("the header is one field, '{header}'"),
            )
            .expected(format!("the columns {}, separated by commas, semicolons or tabs", required.join(", ")))
            .advice("Save the file with one of these between its columns")
        },
    )
}

/// One row of a [`Table`].
///
/// ```
/// use platewise::sheet::{Book, Table};
///
/// let book = Book::from_bytes(b"well;role\nA1;blank\n", "layout.csv")?;
/// let table = Table::new(&book.sheets[0], &["well", "role"], &[])?;
/// let record = table.records().next().unwrap();
/// assert_eq!(record.location("role").to_string(), "layout.csv, line 2, field 2");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    table: &'a Table<'a>,
    row: usize,
}

impl<'a> Record<'a> {
    /// The value in a column; empty where the table does not have it.
    pub fn value(&self, column: &str) -> &'a Value {
        self.at(column).map_or(&Value::Empty, |at| self.table.sheet.value(self.row, at))
    }

    /// The text in a column, trimmed; empty where the table does not have it.
    pub fn text(&self, column: &str) -> String {
        self.value(column).text()
    }

    /// The name in a column, trimmed; empty where the table does not have it.
    ///
    /// # Errors
    /// A cell that holds a date: a spreadsheet program made it of a name, and the name is lost.
    pub fn name(&self, column: &str) -> Result<String, Problem> {
        let value = self.value(column);
        let is_date = |advice| {
            Problem::new(
                Code::new("table-name-is-a-date"),
                self.location(column),
                format!("the {column} is '{}', a date or time", value.text()),
            )
            .expected("a name")
            .advice(advice)
        };
        date_for_name(value).map_or_else(|| Ok(value.text()), |advice| Err(is_date(advice)))
    }

    /// Where the value of a column stands; the row's start where the table does not have the column.
    pub fn location(&self, column: &str) -> Location {
        self.table.sheet.location(self.row, self.at(column).unwrap_or(0))
    }

    fn at(&self, column: &str) -> Option<usize> {
        self.table.columns.iter().find(|(name, _)| name == column).map(|(_, at)| *at)
    }
}
