//! How the numbers of a file are written that people make for a study: layouts, lists of samples, points, values.
//!
//! ```text
//! separated by      31.25     31,25     64.000, and no number that tells
//! commas            31.25     refused   64
//! anything else     31.25     31.25     refused: 64 or 64000
//! ```
//!
//! Whoever separates by semicolons or tabs mostly does so because the comma is taken for decimals, and then the point separates
//! thousands. So one number that can only be read in one way decides for the whole file, and where there is none the file is refused
//! with both readings. Numbers that a workbook holds as numbers are what they are.

use super::book::Sheet;
use super::cell::Value;
use super::location::Location;
use super::mistakes::{changed_number, letters_for_digits};
use super::number::{Decimal, UndecidedDecimal, may_be_thousands, only_thousands};
use super::problem::{Code, Problem};

/// How the numbers of one file are written.
///
/// ```
/// use platewise::sheet::{Book, Value, NumberNotation};
///
/// let written = |text: &str| {
///     let book = Book::from_bytes(text.as_bytes(), "layout.csv").expect("a table");
///     let sheet = &book.sheets[0];
///     let cells = (1..sheet.rows.len()).map(|row| (sheet.text(row, 1), sheet.location(row, 1)));
///     NumberNotation::of(sheet, cells)
/// };
/// let comma = written("well;concentration\nA1;62,5\nA2;1.000\n").unwrap_err();
/// assert!(comma.to_string().contains("one decimal mark in the whole file"));
/// assert_eq!(written("well;concentration\nA1;62,5\nA2;1000\n").unwrap().number(&Value::Text("62,5".into())), Some(62.5));
/// let either = written("well;concentration\nA1;64.000\nA2;32.000\n").unwrap_err();
/// assert!(either.to_string().contains("64 with a decimal point, or 64000 with a point between thousands"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NumberNotation {
    decimal: Decimal,
    separated_by_commas: bool,
}

impl NumberNotation {
    /// Decides from the texts of `sheet` that should be numbers, each with its place.
    ///
    /// # Errors
    /// Both marks are used for decimals, or every number that has a mark may be read in two ways.
    pub fn of(sheet: &Sheet, cells: impl IntoIterator<Item = (String, Location)>) -> Result<Self, Problem> {
        let separated_by_commas = sheet.delimiter == Some(',');
        let cells: Vec<(String, Location)> = cells.into_iter().filter(|(text, _)| text.contains(['.', ','])).collect();
        if separated_by_commas {
            return Ok(Self { decimal: Decimal::Point, separated_by_commas });
        }
        let ambiguous = |at: usize, mark: char| {
            let (text, location) = &cells[at];
            let (read, other) = both_readings(text, mark);
            let name = if mark == '.' { "point" } else { "comma" };
            two_readings(text, mark, location.clone()).advice(format!(
                "Write {read} or {other}: without the {name}, or with decimals that cannot be thousands"
            ))
        };
        let decimal = match Decimal::of(cells.iter().map(|(text, _)| text.as_str())) {
            Ok(Decimal::Point) => match only_thousands(cells.iter().map(|(text, _)| text.as_str())) {
                Some(first) => return Err(ambiguous(first, '.')),
                None => Decimal::Point,
            },
            Ok(Decimal::Comma) => Decimal::Comma,
            Err(UndecidedDecimal::Thousands(at)) => return Err(ambiguous(at, ',')),
            Ok(Decimal::Either) | Err(UndecidedDecimal::Mixed(..)) => return Err(mixed(&cells)),
        };
        Ok(Self { decimal, separated_by_commas })
    }

    /// The finite number in a cell.
    pub fn number(self, value: &Value) -> Option<f64> {
        match value {
            Value::Number(number) => Some(*number).filter(|number| number.is_finite()),
            Value::Text(text) => self.number_in(text),
            _ => None,
        }
    }

    /// The finite number that a text is.
    pub fn number_in(self, text: &str) -> Option<f64> {
        self.decimal.parse(text)
    }

    /// What to do about a cell that should hold a number and does not; empty where nothing is known of it.
    pub fn advice(self, value: &Value) -> String {
        let text = value.text();
        if let Some(letters) = letters_for_digits(&text.replace(',', ".")) {
            return letters.into();
        }
        if let Some(original) = changed_number(value) {
            return original;
        }
        let digits = text.chars().filter(char::is_ascii_digit).count() > 0;
        match (text.contains('.'), text.contains(',')) {
            (true, true) if digits => "Write the number without anything between thousands".into(),
            (false, true) if digits && self.separated_by_commas && is_thousands(&text) => {
                "Write a decimal point as '.', and nothing between thousands".into()
            }
            (false, true) if digits && self.separated_by_commas => "Write the decimal point as '.'".into(),
            _ => String::new(),
        }
    }
}

/// `2,000`: nothing but digits, and a comma before every three.
fn is_thousands(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b',') && may_be_thousands(text, ',')
}

/// A number whose mark may be that of decimals or stand between thousands, in a file without a number that tells.
pub(crate) fn two_readings(text: &str, mark: char, location: Location) -> Problem {
    let name = if mark == '.' { "point" } else { "comma" };
    let (read, other) = both_readings(text, mark);
    let found = format!("'{text}' is {read} with a decimal {name}, or {other} with a {name} between thousands");
    Problem::new(Code::new("number-reads-two-ways"), location, found)
        .expected("numbers that can be read in one way only; no other number of the file tells which it is")
}

/// A number with its mark taken for decimals, and without it.
fn both_readings(text: &str, mark: char) -> (String, String) {
    let read = Decimal::Point.parse(&text.replace(mark, "."));
    (read.map(|read| read.to_string()).unwrap_or_default(), text.replace(mark, ""))
}

/// Numbers with a point and numbers with a comma in one file.
fn mixed(cells: &[(String, Location)]) -> Problem {
    let first = |mark: char, other: char| {
        cells.iter().find(|(text, _)| text.contains(mark) && !text.contains(other)).cloned().unwrap_or_else(|| {
            // Not reached: the file was found to have both.
            (String::new(), cells[0].1.clone())
        })
    };
    let ((point, _), (comma, at)) = (first('.', ','), first(',', '.'));
    Problem::new(
        Code::new("number-marks-mixed"),
        at,
        format!("the number '{comma}' has a comma, and '{point}' has a point"),
    )
    .expected("one decimal mark in the whole file")
    .advice("Write all decimals with points, or all with commas, and nothing between thousands")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Book;

    fn written(separator: char, numbers: &[&str]) -> Result<NumberNotation, String> {
        let text: String = numbers.iter().map(|number| format!("x{separator}{number}\n")).collect();
        let book = Book::from_bytes(text.as_bytes(), "layout.csv").unwrap();
        let sheet = &book.sheets[0];
        let cells = (0..sheet.rows.len()).map(|row| (sheet.text(row, 1), sheet.location(row, 1)));
        NumberNotation::of(sheet, cells).map_err(|problem| problem.to_string())
    }

    #[test]
    fn one_number_that_tells_decides_for_the_file() {
        let read = |separator, numbers: &[&str], text: &str| written(separator, numbers).unwrap().number_in(text);
        for separator in [';', '\t'] {
            assert_eq!(read(separator, &["64.000", "62.5"], "64.000"), Some(64.0));
            assert_eq!(read(separator, &["64.000", "0.000"], "64.000"), Some(64.0));
            assert_eq!(read(separator, &["64", "32"], "64"), Some(64.0));
            assert_eq!(read(separator, &["62,5", "1,234"], "1,234"), Some(1.234));
            assert_eq!(read(separator, &["62,5", "1000"], "1.000"), None);
        }
        assert_eq!(read(',', &["64.000", "32.000"], "64.000"), Some(64.0));
    }

    /// Every list of thousands, and every list of decimals that look like them, is refused with both readings.
    #[test]
    fn what_can_be_read_in_two_ways_is_refused_with_both() {
        for separator in [';', '\t'] {
            for (mark, name) in [('.', "point"), (',', "comma")] {
                for whole in [1, 12, 64, 123, 999] {
                    let text = format!("{whole}{mark}000");
                    let problem = written(separator, &[&text, "2"]).unwrap_err();
                    let said = format!("{whole} with a decimal {name}, or {whole}000 with a {name} between thousands");
                    assert!(problem.contains(&said), "{problem}");
                }
            }
            assert!(written(separator, &["1.000", "62,5"]).unwrap_err().contains("one decimal mark"));
            assert!(written(separator, &["1.5", "62,5"]).unwrap_err().contains("'62,5' has a comma, and '1.5' has a"));
        }
    }

    #[test]
    fn what_is_no_number_gets_its_advice() {
        let (comma, semicolon) = (written(',', &["1"]).unwrap(), written(';', &["1,5"]).unwrap());
        let advice = |written: NumberNotation, text: &str| written.advice(&Value::Text(text.into()));
        assert_eq!(advice(comma, "31,25"), "Write the decimal point as '.'");
        assert_eq!(advice(comma, "2,000"), "Write a decimal point as '.', and nothing between thousands");
        assert_eq!(advice(semicolon, "1.234,5"), "Write the number without anything between thousands");
        assert!(advice(semicolon, "62,O").contains("O for 0"));
        assert!(advice(comma, "31. Mai").is_empty());
    }
}
