//! The JSON of `inspect`: an array with one object per file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::Inspected;
use crate::plate::read::{ExportKind, ExportedPlate, ExportedSample, Mode, PlateRead};
use crate::plate::{Reading, WellPosition};
use crate::sheet::{Problem, Problems};

#[derive(Serialize)]
struct File<'a> {
    file: &'a str,
    format: Option<&'static str>,
    kind: ExportKind,
    plates: Vec<Plate<'a>>,
    warnings: &'a [Problem],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal<'a>>,
}

/// Why the file cannot be analysed: the first problem, and all of them.
#[derive(Serialize)]
struct Refusal<'a> {
    #[serde(flatten)]
    first: &'a Problem,
    problems: &'a Problems,
}

#[derive(Serialize)]
struct Plate<'a> {
    plate_id: Option<&'a str>,
    plate_name: Option<&'a str>,
    rows: usize,
    cols: usize,
    reads: Vec<Read<'a>>,
    samples: BTreeMap<WellPosition, Sample<'a>>,
}

#[derive(Serialize)]
struct Read<'a> {
    mode: Option<Mode>,
    wavelength_nm: Option<f64>,
    reference_nm: Option<f64>,
    excitation_nm: Option<f64>,
    kinetic: bool,
    label: Option<&'a str>,
    unit: Option<&'a str>,
    derived: bool,
    masked: Vec<WellPosition>,
    wells: BTreeMap<WellPosition, &'a Reading>,
}

#[derive(Serialize)]
struct Sample<'a> {
    name: Option<&'a str>,
    role: Option<&'a str>,
    group: Option<&'a str>,
    concentration: Option<f64>,
    concentration_unit: Option<&'a str>,
    dilution: Option<f64>,
    masked: bool,
}

impl<'a> From<&'a ExportedSample> for Sample<'a> {
    fn from(sample: &'a ExportedSample) -> Self {
        Self {
            name: sample.name.as_deref(),
            // Readers call a sample an unknown, and so does this format.
            role: sample.role.as_deref().map(|role| if role == "sample" { "unknown" } else { role }),
            group: sample.group.as_deref(),
            concentration: sample.concentration,
            concentration_unit: sample.concentration_unit.as_deref(),
            dilution: sample.dilution,
            masked: sample.masked,
        }
    }
}

pub(super) fn write(inspected: &[Inspected], out: &mut dyn Write) -> io::Result<()> {
    let files: Vec<File<'_>> = inspected.iter().map(file).collect();
    serde_json::to_writer_pretty(&mut *out, &files)?;
    writeln!(out)
}

fn file(found: &Inspected) -> File<'_> {
    let export = found.export.as_ref();
    File {
        file: &found.file,
        format: export.map(|export| export.format),
        kind: export.map_or(ExportKind::Malformed, |export| export.kind),
        plates: export.map(|export| export.plates.iter().map(plate).collect()).unwrap_or_default(),
        warnings: export.map(|export| export.warnings.as_slice()).unwrap_or_default(),
        error: found.problems.0.first().map(|first| Refusal { first, problems: &found.problems }),
    }
}

fn plate(plate: &ExportedPlate) -> Plate<'_> {
    Plate {
        plate_id: plate.id.as_deref(),
        plate_name: plate.name.as_deref(),
        rows: plate.size.rows,
        cols: plate.size.columns,
        reads: plate.reads.iter().map(read).collect(),
        samples: plate.samples.iter().map(|(&well, sample)| (well, sample.into())).collect(),
    }
}

fn read(read: &PlateRead) -> Read<'_> {
    let wells: BTreeMap<WellPosition, &Reading> =
        read.wells.indexed_iter().map(|((row, column), reading)| (WellPosition::new(row, column), reading)).collect();
    let is_masked = |reading: &Reading| matches!(reading, Reading::Masked { .. });
    Read {
        mode: Some(read.mode).filter(|&mode| mode != Mode::Unknown),
        wavelength_nm: read.wavelength_nm,
        reference_nm: read.reference_nm,
        excitation_nm: read.excitation_nm,
        kinetic: false,
        label: Some(read.label.as_str()).filter(|label| !label.is_empty()),
        unit: read.unit.as_deref(),
        derived: read.derived,
        masked: wells.iter().filter(|(_, reading)| is_masked(reading)).map(|(&well, _)| well).collect(),
        wells,
    }
}
