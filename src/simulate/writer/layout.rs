//! Layouts of plates in the forms that the program reads: grids named after what they hold, as text or as sheets, and one
//! line per well.

use rust_xlsxwriter::XlsxError;

use super::{new_workbook, table};
use crate::plate::well::row_letters;
use crate::plate::{PlateSize, WellRole};
use crate::simulate::SimulatedPlate;
use crate::simulate::files::FileError;

/// What is said of a well: role, sample, concentration, dilution; each empty where it does not apply.
fn words(plate: &SimulatedPlate, role: &WellRole) -> [String; 4] {
    let [none, number] = [|_| String::new(), |value: f64| value.to_string()];
    let dilution = if plate.plate.dilutions_in_samples { none } else { number };
    let (role, sample, concentration, dilution) = match role {
        WellRole::Standard { concentration } => ("standard", "", number(*concentration), String::new()),
        WellRole::Control { level, nominal, .. } => ("control", level.as_str(), number(*nominal), String::new()),
        WellRole::Sample { id, dilution: factor } => {
            ("sample", id.as_str(), String::new(), factor.map(dilution).unwrap_or_default())
        }
        WellRole::Blank => ("blank", "", String::new(), String::new()),
        WellRole::Unused => ("", "", String::new(), String::new()),
    };
    [role.to_string(), sample.to_string(), concentration, dilution]
}

/// The grids of a plate by name, row by row; without the dilutions where `samples.csv` has them.
fn grids_of(plate: &SimulatedPlate) -> Vec<(&'static str, Vec<Vec<String>>)> {
    let names = ["role", "sample", "concentration", "dilution"];
    let used = if plate.plate.dilutions_in_samples { 3 } else { 4 };
    let grid = |at: usize| {
        let row = |wells: &[super::super::SimulatedWell]| {
            wells.iter().map(|well| words(plate, &well.role)[at].clone()).collect()
        };
        plate.wells.chunks(PlateSize::WELLS_96.columns).map(row).collect()
    };
    names.iter().copied().enumerate().take(used).map(|(at, name)| (name, grid(at))).collect()
}

/// Grids as text, a blank line between them.
pub(crate) fn grids(plate: &SimulatedPlate) -> Result<Vec<u8>, FileError> {
    let columns: Vec<String> = (1..=PlateSize::WELLS_96.columns).map(|column| column.to_string()).collect();
    let mut parts = Vec::new();
    for (name, rows) in grids_of(plate) {
        let header: Vec<&str> = std::iter::once(name).chain(columns.iter().map(String::as_str)).collect();
        let records = rows.into_iter().enumerate().map(|(row, cells)| std::iter::once(row_letters(row)).chain(cells));
        parts.push(table(&header, records)?);
    }
    Ok(parts.join(&b'\n'))
}

/// One line per well that is used.
pub(crate) fn long(plate: &SimulatedPlate) -> Result<Vec<u8>, FileError> {
    let used = plate.wells.iter().filter(|well| well.role != WellRole::Unused);
    let records = used.map(|well| std::iter::once(well.position.to_string()).chain(words(plate, &well.role)));
    table(&["well", "role", "sample", "concentration", "dilution"], records)
}

/// A workbook of grids, one sheet per plate, each named after its plate.
pub(crate) fn workbook(plates: &[&SimulatedPlate]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = new_workbook("SIMULATED: layouts of plates", plates)?;
    for plate in plates {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&plate.plate.id)?;
        let mut top = 0;
        for (name, rows) in grids_of(plate) {
            sheet.write(top, 0, name)?;
            for column in 1..=PlateSize::WELLS_96.columns as u16 {
                sheet.write(top, column, column)?;
            }
            for (row, cells) in (top + 1..).zip(rows) {
                sheet.write(row, 0, row_letters((row - top - 1) as usize))?;
                for (column, cell) in (1..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                    match cell.parse::<f64>() {
                        Ok(number) => sheet.write(row, column, number)?,
                        Err(_) => sheet.write(row, column, cell)?,
                    };
                }
            }
            top += PlateSize::WELLS_96.rows as u32 + 2;
        }
    }
    workbook.save_to_buffer()
}
