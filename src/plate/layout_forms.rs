//! The forms in which a layout is written, and what their cells say of each well before it is understood.
//!
//! * plate-shaped: grids named after what they hold (`role`, `sample`, `concentration`, `dilution`). The corner holds that name, the
//!   rest of the row the column numbers, the first column the row letters (`layout_grid.rs`). Dilutions that are fractions (0.1
//!   for one part in ten) are declared as such by the name `dilution_fraction`;
//! * a map: one grid without such a name, in whose cells everything is said (`layout_map.rs`);
//! * long: a table with the columns `well, role` and any of `sample, concentration, dilution`; further columns are named and not used.
//!
//! In each form a column or grid `analyte` may say which of several analytes a well is for (`layout_analytes.rs`).

use std::collections::BTreeMap;

use super::dilution;
use super::layout_grid::LayoutGrid;
use super::well::{PlateSize, WellPosition};
use crate::sheet::{Code, Location, Problem, Problems, Sheet, Table, Value};

/// The cells that are said of one well, before they are understood.
#[derive(Default)]
pub(super) struct WellCells<'a> {
    pub(super) role: Option<(&'a Value, Location)>,
    pub(super) sample: Option<(&'a Value, Location)>,
    pub(super) concentration: Option<(&'a Value, Location)>,
    pub(super) dilution: Option<(&'a Value, Location)>,
    pub(super) fraction: Option<(&'a Value, Location)>,
    pub(super) analyte: Option<(&'a Value, Location)>,
}

/// What a grid or column of a layout may hold.
pub(super) const FIELDS: [&str; 6] = ["role", "sample", "concentration", "dilution", "dilution_fraction", "analyte"];

impl<'a> WellCells<'a> {
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
            "analyte" => &mut self.analyte,
            _ => &mut self.fraction,
        };
        *slot = (!value.is_empty()).then_some((value, location));
    }
}

/// What a layout looks like.
pub(super) const EXPECTED: &str = "grids with 'role', 'sample', 'concentration', 'dilution' or 'dilution_fraction' in their top left cell, a table with \
                        the columns well, role, sample, concentration, dilution, or one map of the plate whose cells say it all, such as Std 2000, QC low, Blank";

/// What is said of each well, and the size of the plate where the form shows it.
pub(super) type CellsByWell<'a> = (BTreeMap<WellPosition, WellCells<'a>>, Option<PlateSize>);

/// What a table says.
pub(super) fn said_in_table<'a>(table: &'a Table<'a>) -> Result<CellsByWell<'a>, Problems> {
    let mut problems = Problems::default();
    let mut wells: BTreeMap<WellPosition, WellCells<'a>> = BTreeMap::new();
    for record in table.records() {
        match record.text("well").parse::<WellPosition>() {
            Err(wrong) => {
                problems.push(Problem::new(Code::new("layout-not-a-well"), record.location("well"), wrong.to_string()))
            }
            Ok(position) => {
                let mut said = WellCells::default();
                for field in FIELDS {
                    said.set(field, record.value(field), record.location(field));
                }
                if wells.insert(position, said).is_some() {
                    let found = format!("well {position} appears twice");
                    problems.push(
                        Problem::new(Code::new("layout-well-twice"), record.location("well"), found)
                            .advice("Remove one of the two lines"),
                    );
                }
            }
        }
    }
    problems.or((wells, None))
}

/// What grids of fields say.
pub(super) fn said_in_grids<'a>(
    sheet: &'a Sheet,
    grids: &[LayoutGrid],
    unit: &str,
) -> Result<CellsByWell<'a>, Problems> {
    let mut problems = Problems::default();
    let mut wells: BTreeMap<WellPosition, WellCells<'a>> = BTreeMap::new();
    let mut seen: Vec<(&str, PlateSize)> = Vec::new();
    for grid in grids {
        let Some(field) = grid.field else {
            problems.push(no_grid(sheet, grid.place(), unit));
            continue;
        };
        if let Some((name, size)) = seen.first().filter(|(_, size)| *size != grid.size) {
            let found = format!("the grid '{field}' is for {}, the grid '{name}' for {size}", grid.size);
            problems.push(
                Problem::new(Code::new("layout-grids-of-two-sizes"), grid.corner(sheet), found)
                    .expected("grids of one size"),
            );
        }
        if seen.iter().any(|(known, _)| *known == field) {
            let found = format!("the grid '{field}' appears twice");
            problems.push(
                Problem::new(Code::new("layout-grid-twice"), grid.corner(sheet), found).expected("each grid once"),
            );
        }
        seen.push((field, grid.size));
        for position in grid.size.wells() {
            let (value, location) = grid.cell(sheet, position);
            wells.entry(position).or_default().set(field, value, location);
        }
    }
    problems.or((wells, seen.first().map(|(_, size)| *size)))
}

/// Why a sheet without grids has none: what the first text that stands in it lacks.
pub(super) fn no_grids(sheet: &Sheet, unit: &str) -> Problem {
    no_grid(sheet, (sheet.first_row(), 0), unit)
}

/// Why the text in a cell is not the title of a grid: a name that is none, another unit, or labels that are none.
fn no_grid(sheet: &Sheet, (row, column): (usize, usize), unit: &str) -> Problem {
    let title = sheet.text(row, column);
    let problem = Problem::new(
        Code::new("layout-not-a-grid-title"),
        sheet.location(row, column),
        format!("'{title}' is not the title of a grid"),
    );
    let (name, other) =
        title.split_once('(').map_or((title.trim(), ""), |(name, unit)| (name.trim(), unit.trim_end_matches(')')));
    let right = sheet.text(row, column + 1);
    // A table of other columns begins with the name of one.
    let is_table = !right.is_empty() && right.parse::<u32>().is_err() && right.chars().count() > 1;
    if is_table {
        return problem.expected(EXPECTED);
    }
    if !FIELDS.contains(&name.to_lowercase().as_str()) {
        return problem.expected(EXPECTED);
    }
    if !other.is_empty() && other != unit {
        return problem
            .expected(format!("concentrations in {unit}, the unit of all concentrations"))
            .advice(format!("Convert what is in {other}, or correct the unit: in study.toml, or --unit"));
    }
    problem.expected(
        "the column numbers 1, 2, 3 … to its right and the row letters A, B, C … below it, for the whole plate",
    )
}
