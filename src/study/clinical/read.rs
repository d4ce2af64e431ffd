//! The list of clinical measurements.

use serde::Serialize;

use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Sheet, Table};

/// One line of the list.
///
/// See [`clinical`](super) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClinicalValue {
    /// The subject.
    pub subject: String,
    /// The week.
    pub week: f64,
    /// The measure.
    pub measure: String,
    /// Its value; `None` for an empty cell.
    pub value: Option<f64>,
    /// Where it stands.
    #[serde(skip)]
    pub location: Location,
}

/// Reads a table with the columns `subject`, `week`, `measure`, `value`.
///
/// # Errors
/// All of these at once: empty subjects and measures, weeks and values that are not numbers. An empty value is a missing one.
pub fn read_clinical(sheet: &Sheet) -> Result<Vec<ClinicalValue>, Problems> {
    let table = Table::new(sheet, &["subject", "week", "measure", "value"], &[])?;
    let written = NumberNotation::of(sheet, table.texts(&["week", "value"]))?;
    let mut problems = Problems::default();
    let mut values = Vec::new();
    for record in table.records() {
        for column in ["subject", "measure"] {
            if record.text(column).is_empty() {
                problems.push(
                    Problem::new(
                        Code::new("clinical-empty-cell"),
                        record.location(column),
                        format!("the column '{column}' is empty"),
                    )
                    .expected(format!("the {column} of every value")),
                );
            }
            problems.extend(record.name(column).err());
        }
        let mut number = |column: &str| {
            let found = record.value(column);
            let number = written.number(found);
            if number.is_none() && !(column == "value" && found.is_empty()) {
                problems.push(
                    Problem::new(
                        Code::new("clinical-not-a-number"),
                        record.location(column),
                        format!("'{}' is not a {column}", found.text()),
                    )
                    .expected("a number")
                    .advice(written.advice(found)),
                );
            }
            number
        };
        let (week, value) = (number("week"), number("value"));
        values.extend(week.map(|week| ClinicalValue {
            subject: record.text("subject"),
            week: week + 0.0,
            measure: record.text("measure"),
            value,
            location: record.location("value"),
        }));
    }
    problems.or(values)
}
