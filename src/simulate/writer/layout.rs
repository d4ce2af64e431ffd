//! Layouts of plates in the forms that the program reads: grids named after what they hold, as text or as sheets, and one
//! line per well.

use std::collections::BTreeMap;

use rust_xlsxwriter::XlsxError;

use super::common::{new_workbook, saved, table};
use crate::plate::well::row_letters;
use crate::plate::{PlateSize, WellRole};
use crate::simulate::FileError;
use crate::simulate::SimulatedPlate;

/// The dilutions that `samples.csv` says, by sample.
pub(crate) type ListedDilutions<'a> = BTreeMap<&'a str, f64>;

/// What a layout says of each well.
const FIELDS: [&str; 4] = ["role", "sample", "concentration", "dilution"];

/// What is said of a well, field by field; empty where it does not apply, or where `samples.csv` says it.
fn words(plate: &SimulatedPlate, role: &WellRole, listed: &ListedDilutions) -> [String; 4] {
    let in_list = |id: &str| plate.plate.dilutions_in_samples && listed.contains_key(id);
    let (role, sample, concentration, dilution) = match role {
        WellRole::Standard { concentration } => ("standard", "", Some(*concentration), None),
        WellRole::Control { level, nominal, .. } => ("control", level.as_str(), *nominal, None),
        WellRole::Sample { id, dilution } => ("sample", id.as_str(), None, dilution.filter(|_| !in_list(id))),
        WellRole::Blank => ("blank", "", None, None),
        WellRole::Unused => ("", "", None, None),
    };
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    [role.to_string(), sample.to_string(), number(concentration), number(dilution)]
}

/// The grids of a plate by name, row by row; without those that are empty.
fn grids_of(plate: &SimulatedPlate, listed: &ListedDilutions) -> Vec<(&'static str, Vec<Vec<String>>)> {
    let wells: Vec<[String; 4]> = plate.wells.iter().map(|well| words(plate, &well.role, listed)).collect();
    let grid = |field: usize| {
        let row = |wells: &[[String; 4]]| wells.iter().map(|words| words[field].clone()).collect();
        wells.chunks(PlateSize::WELLS_96.columns).map(row).collect()
    };
    let used = |field: usize| wells.iter().any(|words| !words[field].is_empty());
    (0..FIELDS.len()).filter(|&field| used(field)).map(|field| (FIELDS[field], grid(field))).collect()
}

/// Grids as text, a blank line between them.
pub(crate) fn grids(plate: &SimulatedPlate, listed: &ListedDilutions) -> Result<Vec<u8>, FileError> {
    let columns: Vec<String> = (1..=PlateSize::WELLS_96.columns).map(|column| column.to_string()).collect();
    let mut parts = Vec::new();
    for (name, rows) in grids_of(plate, listed) {
        let header: Vec<&str> = std::iter::once(name).chain(columns.iter().map(String::as_str)).collect();
        let records = rows.into_iter().enumerate().map(|(row, cells)| std::iter::once(row_letters(row)).chain(cells));
        parts.push(table(&header, records)?);
    }
    Ok(parts.join(&b'\n'))
}

/// One line per well that is used.
pub(crate) fn long(plate: &SimulatedPlate, listed: &ListedDilutions) -> Result<Vec<u8>, FileError> {
    let used = plate.wells.iter().filter(|well| well.role != WellRole::Unused);
    let records = used.map(|well| std::iter::once(well.position.to_string()).chain(words(plate, &well.role, listed)));
    let header: Vec<&str> = std::iter::once("well").chain(FIELDS).collect();
    table(&header, records)
}

/// A workbook of grids, one sheet per plate, each named after its plate.
pub(crate) fn workbook(plates: &[&SimulatedPlate], listed: &ListedDilutions) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = new_workbook("SIMULATED: layouts of plates", plates)?;
    for plate in plates {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&plate.plate.id)?;
        let mut top = 0;
        for (name, rows) in grids_of(plate, listed) {
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
    saved(workbook)
}
