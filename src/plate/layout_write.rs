//! A layout as delimited text.

use super::layout::Layout;
use super::well_role::WellRole;

/// Writes a layout as a long table in delimited text: what every well holds, with nothing left to a list elsewhere.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub fn write(layout: &Layout) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(["well", "role", "sample", "concentration", "dilution"])?;
    for (position, well) in &layout.wells {
        let (sample, concentration, dilution) = match &well.role {
            WellRole::Standard { concentration } => ("", Some(*concentration), None),
            WellRole::Control { level, nominal, dilution } => (level.as_str(), *nominal, Some(*dilution)),
            WellRole::Sample { id, dilution } => (id.as_str(), None, *dilution),
            WellRole::Blank | WellRole::Unused => ("", None, None),
        };
        let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
        let row = [&position.to_string(), well.role.name(), sample, &number(concentration), &number(dilution)];
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
