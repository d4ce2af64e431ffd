//! What a file says of the content of its wells: what `layout = "from-export"` would take as the layout, in full.

use std::io::{self, Write};

use crate::plate::read::{ExportedPlate, ExportedSample};
use crate::plate::{WellPosition, dilution};
use crate::sheet::{NumberNotation, Value};

/// One line for each content, with all its wells, in the order of the plate.
pub(super) fn write(plate: &ExportedPlate, out: &mut dyn Write) -> io::Result<()> {
    if plate.samples.is_empty() {
        return Ok(());
    }
    let mut contents: Vec<(&ExportedSample, Vec<WellPosition>)> = Vec::new();
    for (&well, sample) in &plate.samples {
        match contents.iter_mut().find(|(known, _)| *known == sample) {
            Some((_, wells)) => wells.push(well),
            None => contents.push((sample, vec![well])),
        }
    }
    writeln!(out, "  what the file says of {} wells", plate.samples.len())?;
    for (sample, wells) in contents {
        let wells: Vec<String> = wells.iter().map(WellPosition::to_string).collect();
        writeln!(out, "    {}: {}", wells.join(" "), words(sample))?;
    }
    Ok(())
}

fn words(sample: &ExportedSample) -> String {
    let mut words = vec![sample.role.clone().unwrap_or_else(|| "no role".to_string())];
    if let Some(name) = &sample.name {
        words[0] += &format!(" '{name}'");
    }
    if let Some(group) = &sample.group {
        words.push(format!("group '{group}'"));
    }
    if let Some(concentration) = sample.concentration {
        let unit = sample.concentration_unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
        words.push(format!("concentration {concentration}{unit}"));
    }
    if let Some(number) = sample.dilution {
        let doubt = if dilution::parse(&Value::Number(number), NumberNotation::default()).is_err() {
            " (a fraction or a mistaken factor)"
        } else {
            ""
        };
        words.push(format!("dilution {number}{doubt}"));
    }
    if sample.masked {
        words.push("masked in the reader's software".to_string());
    }
    words.join(", ")
}
