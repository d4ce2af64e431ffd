//! A table as CSV: UTF-8, commas, a header, numbers with every digit that they have.
//!
//! A text that a spreadsheet program would take for a formula is written with an apostrophe in front.

use std::borrow::Cow;
use std::io::Write as _;

use super::table::{Cell, Column, ReportTable};

/// Writes a table.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub fn write(table: &ReportTable) -> Result<Vec<u8>, csv::Error> {
    write_rows(&table.columns, &table.rows)
}

/// The same of columns and rows, each of which may be gone once it is written.
pub(super) fn write_rows<R: AsRef<[Cell]>>(
    columns: &[Column],
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| column.name.as_ref()))?;
    let mut digits = Vec::new();
    for row in rows {
        for cell in row.as_ref() {
            match cell {
                Cell::Empty => writer.write_field("")?,
                Cell::Number(value) => writer.write_field(number(*value, &mut digits)?)?,
                Cell::Text(text) => writer.write_field(harmless(text).as_ref())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// The shortest text that reads back as the same number. It is made in `digits`, so that no cell has memory of its own.
fn number(value: f64, digits: &mut Vec<u8>) -> std::io::Result<&[u8]> {
    digits.clear();
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-5..1e16).contains(&magnitude) {
        write!(digits, "{value:e}")?;
    } else {
        write!(digits, "{value}")?;
    }
    Ok(digits)
}

/// The text, so that no spreadsheet program takes it for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::Column;

    #[test]
    fn formulas_are_disarmed_and_numbers_keep_their_digits() {
        let head = |name: &'static str| Column::new(name, "");
        let rows = ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", "S12", "a,\"b\"\nc"]
            .map(|text| vec![Cell::from(text), Cell::from(-0.1 - 0.2), Cell::from(1.25e-20), Cell::from(f64::NAN)]);
        let columns = ["text", "number", "tiny", "none"].map(head).to_vec();
        let table = ReportTable { name: "t", about: "", columns, rows: rows.to_vec() };
        let bytes = write(&table).unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let read: Vec<csv::StringRecord> = reader.records().map(|record| record.unwrap()).collect();
        let texts: Vec<&str> = read.iter().map(|record| &record[0]).collect();
        assert_eq!(texts, ["'=1+1", "'+cmd", "'-2", "'@SUM(A1)", "'\t=1", "S12", "a,\"b\"\nc"]);
        assert_eq!(read[0][1].parse::<f64>().unwrap(), -0.1 - 0.2);
        assert_eq!(&read[0][2], "1.25e-20");
        assert_eq!(&read[0][3], "");
    }
}
