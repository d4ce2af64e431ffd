//! The two forms in which a layout is written, and what their cells say of each well before it is understood.
//!
//! * plate-shaped: grids named after what they hold (`role`, `sample`, `concentration`, `dilution`). The top left cell holds
//!   that name, the rest of the row the column numbers, the first column the row letters. Dilutions that are fractions (0.1 for
//!   one part in ten) are declared as such by the name `dilution_fraction`;
//! * long: a table with the columns `well, role` and any of `sample, concentration, dilution`.

use std::collections::BTreeMap;

use super::dilution;
use super::well::{PlateSize, WellPosition, row_from_letters};
use crate::sheet::{Location, Problem, Problems, Sheet, Table, Value};

/// The cells that are said of one well, before they are understood.
#[derive(Default)]
pub(super) struct Said<'a> {
    pub(super) role: Option<(&'a Value, Location)>,
    pub(super) sample: Option<(&'a Value, Location)>,
    pub(super) concentration: Option<(&'a Value, Location)>,
    pub(super) dilution: Option<(&'a Value, Location)>,
    pub(super) fraction: Option<(&'a Value, Location)>,
}

/// What a grid or column of a layout may hold.
pub(super) const FIELDS: [&str; 5] = ["role", "sample", "concentration", "dilution", "dilution_fraction"];

impl<'a> Said<'a> {
    /// The texts that should be numbers, without the spelling of a dilution.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (String, Location)> {
        let text =
            |(value, at): &(&Value, Location)| matches!(value, Value::Text(_)).then(|| (value.text(), at.clone()));
        let dilution = |(value, at): &(&Value, Location)| {
            matches!(value, Value::Text(_)).then(|| (dilution::digits(value), at.clone()))
        };
        let concentration = self.concentration.as_ref().and_then(text);
        let dilutions = [&self.dilution, &self.fraction].map(|said| said.as_ref().and_then(dilution));
        concentration.into_iter().chain(dilutions.into_iter().flatten())
    }

    fn set(&mut self, field: &str, value: &'a Value, location: Location) {
        let slot = match field {
            "role" => &mut self.role,
            "sample" => &mut self.sample,
            "concentration" => &mut self.concentration,
            "dilution" => &mut self.dilution,
            _ => &mut self.fraction,
        };
        *slot = (!value.is_empty()).then_some((value, location));
    }
}

/// What a layout looks like.
pub(super) const EXPECTED: &str = "grids with 'role', 'sample', 'concentration', 'dilution' or 'dilution_fraction' in their top left cell, or a table with \
                        the columns well, role, sample, concentration, dilution";

/// What is said of each well, and the size of the plate where the form shows it.
pub(super) type Wells<'a> = (BTreeMap<WellPosition, Said<'a>>, Option<PlateSize>);

/// What a table says.
pub(super) fn said_in_table<'a>(table: &'a Table<'a>) -> Result<Wells<'a>, Problems> {
    let mut problems = Problems::default();
    let mut wells: BTreeMap<WellPosition, Said<'a>> = BTreeMap::new();
    for record in table.records() {
        match record.text("well").parse::<WellPosition>() {
            Err(wrong) => problems.push(Problem::new(record.location("well"), wrong.to_string())),
            Ok(position) => {
                let mut said = Said::default();
                for field in FIELDS {
                    said.set(field, record.value(field), record.location(field));
                }
                if wells.insert(position, said).is_some() {
                    let found = format!("well {position} is there twice");
                    problems.push(Problem::new(record.location("well"), found).advice("Remove one of the two lines"));
                }
            }
        }
    }
    problems.or((wells, None))
}

/// What grids say.
pub(super) fn said_in_grids<'a>(sheet: &'a Sheet, unit: &str) -> Result<Wells<'a>, Problems> {
    let mut problems = Problems::default();
    let mut wells: BTreeMap<WellPosition, Said<'a>> = BTreeMap::new();
    let mut first: Option<(&str, PlateSize)> = None;
    let mut seen: Vec<&str> = Vec::new();
    let mut row = 0;
    while row < sheet.rows.len() {
        if sheet.rows[row].iter().all(Value::is_empty) {
            row += 1;
            continue;
        }
        let Some(grid) = Grid::at(sheet, row, unit) else {
            problems.push(no_grid(sheet, row, unit));
            return Err(problems);
        };
        match first {
            None => first = Some((grid.field, grid.size)),
            Some((name, size)) if size != grid.size => {
                let found = format!("the grid '{}' is for {}, the grid '{name}' for {size}", grid.field, grid.size);
                problems.push(Problem::new(sheet.location(row, 0), found).expected("grids of one size"));
            }
            Some(_) => {}
        }
        if seen.contains(&grid.field) {
            let found = format!("the grid '{}' is there twice", grid.field);
            problems.push(Problem::new(sheet.location(row, 0), found).expected("each grid once"));
        }
        seen.push(grid.field);
        grid.check(sheet, &mut problems);
        for position in grid.size.wells() {
            let (at_row, at_column) = (row + 1 + usize::from(position.row), 1 + usize::from(position.column));
            wells.entry(position).or_default().set(
                grid.field,
                sheet.value(at_row, at_column),
                sheet.location(at_row, at_column),
            );
        }
        row += 1 + grid.size.rows;
    }
    problems.or((wells, first.map(|(_, size)| size)))
}

/// Why the text in the first cell of `row` begins no grid: another unit, rows and columns exchanged, or anything else.
fn no_grid(sheet: &Sheet, row: usize, unit: &str) -> Problem {
    let title = sheet.value(row, 0).text();
    let problem = Problem::new(sheet.location(row, 0), format!("'{title}' begins no grid"));
    let (name, other) =
        title.split_once('(').map_or((title.trim(), ""), |(name, unit)| (name.trim(), unit.trim_end_matches(')')));
    if !FIELDS.contains(&name.to_lowercase().as_str()) {
        return problem.expected(EXPECTED);
    }
    let letters = row_from_letters(&sheet.value(row, 1).text()) == Some(0);
    if letters && sheet.value(row + 1, 0).text() == "1" {
        return problem
            .expected("column numbers to its right and row letters below it")
            .advice("Rows and columns are exchanged: transpose the grid");
    }
    if !other.is_empty() && other != unit {
        return problem
            .expected(format!("concentrations in {unit}, the unit of the study"))
            .advice(format!("Convert what is in {other}, or correct the unit in study.toml"));
    }
    problem.expected(
        "the column numbers 1, 2, 3 … to its right and the row letters A, B, C … below it, for the whole plate",
    )
}

/// A grid of a plate-shaped layout.
struct Grid {
    field: &'static str,
    size: PlateSize,
    row: usize,
}

impl Grid {
    /// The grid whose header is in `row`: a field's name (a concentration may say its unit), then 1, 2, 3 …
    fn at(sheet: &Sheet, row: usize, unit: &str) -> Option<Self> {
        let title = sheet.value(row, 0).text().to_lowercase();
        let bare = title.trim_end_matches(&format!("({})", unit.to_lowercase())).trim();
        let field = FIELDS.into_iter().find(|field| *field == bare)?;
        let columns = (1..).take_while(|&column| sheet.value(row, column).text() == column.to_string()).count();
        let rows = (0..).take_while(|&at| row_from_letters(&sheet.value(row + 1 + at, 0).text()) == Some(at)).count();
        let size = PlateSize::ALL.into_iter().find(|size| size.columns == columns && size.rows == rows)?;
        Some(Self { field, size, row })
    }

    /// Names every cell beside the grid: it would be ignored.
    fn check(&self, sheet: &Sheet, problems: &mut Problems) {
        for row in self.row..=self.row + self.size.rows {
            let cells = sheet.rows.get(row).map_or(0, Vec::len);
            for column in self.size.columns + 1..cells {
                if !sheet.value(row, column).is_empty() {
                    let found =
                        format!("'{}' stands beside the grid '{}'", sheet.value(row, column).text(), self.field);
                    problems.push(Problem::new(sheet.location(row, column), found).expected("nothing there"));
                }
            }
        }
    }
}
