//! The tables that `curve` reads.

use std::path::Path;

use crate::curve::Point;
use crate::sheet::table::Record;
use crate::sheet::{Book, Code, NumberNotation, Problem, Problems, Table};

/// The wells of one curve.
pub(super) struct CurveWells {
    /// Its name; empty where the table has no column `curve`.
    pub name: String,
    pub points: Vec<Point>,
}

/// A response to be read as a concentration.
pub(super) struct SampleResponse {
    pub mean: f64,
    /// The curve to read it from; all where the table has no column `curve`.
    pub curve: Option<String>,
}

/// Parses `a=0.05`.
pub(super) fn known_parameter(text: &str) -> Result<(char, f64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as a=0.05")?;
    let name = match name.trim() {
        "a" => 'a',
        "b" => 'b',
        "c" => 'c',
        "d" => 'd',
        "g" => 'g',
        other => return Err(format!("'{other}' is not a parameter; expected a, b, c, d or g")),
    };
    let value = value.trim().parse().map_err(|_| format!("'{value}' is not a number"))?;
    Ok((name, value))
}

/// The curves of a table, in the order of their first wells.
pub(super) fn curves(path: &Path) -> Result<Vec<CurveWells>, Problems> {
    let mut curves: Vec<CurveWells> = Vec::new();
    let mut problems = Problems::default();
    read(path, &["concentration", "response"], &mut problems, |record, numbers| {
        let name = record.text("curve");
        let point = Point { concentration: numbers[0], response: numbers[1] };
        if point.concentration < 0.0 {
            return Some(
                Problem::new(
                    Code::new("points-concentration"),
                    record.location("concentration"),
                    format!("the concentration is {}", point.concentration),
                )
                .expected("a number ≥ 0"),
            );
        }
        match curves.iter_mut().find(|curve| curve.name == name) {
            Some(curve) => curve.points.push(point),
            None => curves.push(CurveWells { name, points: vec![point] }),
        }
        None
    })?;
    problems.or(curves)
}

/// The responses of a table.
pub(super) fn responses(path: &Path, curves: &[CurveWells]) -> Result<Vec<SampleResponse>, Problems> {
    let mut responses = Vec::new();
    let mut problems = Problems::default();
    read(path, &["response"], &mut problems, |record, numbers| {
        let name = record.text("curve");
        if !name.is_empty() && !curves.iter().any(|curve| curve.name == name) {
            return Some(
                Problem::new(
                    Code::new("points-unknown-curve"),
                    record.location("curve"),
                    format!("there is no curve '{name}'"),
                )
                .expected("a curve of the standards"),
            );
        }
        responses.push(SampleResponse { mean: numbers[0], curve: (!name.is_empty()).then_some(name) });
        None
    })?;
    problems.or(responses)
}

/// Reads the first sheet as a table with these columns of numbers and perhaps a column `curve`, and hands each record with
/// its numbers to `take`. The decimal mark is decided once for the file.
fn read(
    path: &Path,
    columns: &[&str],
    problems: &mut Problems,
    mut take: impl FnMut(&Record<'_>, &[f64]) -> Option<Problem>,
) -> Result<(), Problems> {
    let book = Book::open(path, &path.display().to_string())?;
    let Some(sheet) = book.sheets.first() else { return Ok(()) };
    let table = Table::new(sheet, columns, &["curve"])?;
    let written = NumberNotation::of(sheet, table.texts(columns))?;
    let mut any = false;
    for record in table.records() {
        any = true;
        let mut numbers = Vec::with_capacity(columns.len());
        for column in columns {
            let value = record.value(column);
            match written.number(value) {
                Some(number) => numbers.push(number),
                None => {
                    let advice = Some(written.advice(value)).filter(|advice| !advice.is_empty());
                    problems.push(
                        Problem::new(
                            Code::new("points-not-a-number"),
                            record.location(column),
                            format!("the {column} is '{}'", value.text()),
                        )
                        .expected("a number")
                        .advice(advice.unwrap_or_else(|| "Leave out the row of a well that was not measured".into())),
                    );
                }
            }
        }
        if numbers.len() == columns.len() {
            problems.extend(take(&record, &numbers));
        }
    }
    if !any {
        problems.push(Problem::new(Code::new("points-none"), sheet.whole(), "there are no rows below the header"));
    }
    Ok(())
}
