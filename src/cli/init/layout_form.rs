//! A layout to fill in: the grids that a layout is made of, with whatever the export says of its wells.

use crate::plate::well::row_letters;
use crate::plate::{ExportedPlate, ExportedSample, Reading};

/// The name of a grid, and what it shows of a well.
type Grid = (&'static str, fn(&ExportedSample) -> String);

/// The grids of a layout, in the order in which people fill them in.
const GRIDS: [Grid; 4] = [("role", role), ("sample", name), ("concentration", concentration), ("dilution", dilution)];

/// Writes the layout of a plate as delimited text: four grids, wells that were not read marked as unused.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub(super) fn write(plate: &ExportedPlate) -> Result<Vec<u8>, csv::Error> {
    let mut text = Vec::new();
    for (index, (title, of)) in GRIDS.into_iter().enumerate() {
        if index > 0 {
            text.push(b'\n');
        }
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        let columns = (1..=plate.size.columns).map(|column| column.to_string());
        writer.write_record(std::iter::once(title.to_string()).chain(columns))?;
        let cells: Vec<String> = plate
            .size
            .wells()
            .map(|well| match plate.samples.get(&well) {
                Some(sample) => of(sample),
                None if title == "role" && unread(plate, well) => "unused".to_string(),
                None => String::new(),
            })
            .collect();
        for (row, cells) in cells.chunks(plate.size.columns).enumerate() {
            writer.write_record(std::iter::once(&row_letters(row)).chain(cells))?;
        }
        text.extend(writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?);
    }
    Ok(text)
}

/// Whether no read has anything at the well, and some read has something elsewhere.
fn unread(plate: &ExportedPlate, well: crate::plate::WellPosition) -> bool {
    !plate.reads.is_empty() && plate.reads.iter().all(|read| read.reading(well).is_none_or(Reading::is_unread))
}

fn role(sample: &ExportedSample) -> String {
    sample.role.clone().unwrap_or_default()
}

/// What a layout calls `sample`: a sample's name, a control's level. Standards go by their concentration, blanks by nothing.
fn name(sample: &ExportedSample) -> String {
    let named = !matches!(sample.role.as_deref(), Some("standard" | "blank" | "unused"));
    sample.name.clone().filter(|_| named).unwrap_or_default()
}

fn concentration(sample: &ExportedSample) -> String {
    let nominal = matches!(sample.role.as_deref(), Some("standard" | "control"));
    sample.concentration.filter(|value| nominal && *value >= 0.0).map(|value| value.to_string()).unwrap_or_default()
}

/// A dilution is taken where it can only be a factor; a fraction is left for the laboratory to say what it means.
fn dilution(sample: &ExportedSample) -> String {
    let diluted = matches!(sample.role.as_deref(), Some("sample" | "control"));
    sample.dilution.filter(|factor| diluted && *factor >= 1.0).map(|factor| factor.to_string()).unwrap_or_default()
}
