//! The JSON of `inspect`: an array with one object per file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::inspected::Inspected;
use crate::plate::read::{ExportKind, ExportedPlate, ExportedSample, Mode, OtherRead, PlateRead, SampleWithoutPlate};
use crate::plate::{Reading, WellPosition};
use crate::sheet::{Problem, Problems};

#[derive(Serialize)]
struct FileJson<'a> {
    file: &'a str,
    format: Option<&'a str>,
    kind: ExportKind,
    plates: Vec<PlateJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    samples_without_plate: Vec<UnassignedJson<'a>>,
    warnings: Vec<&'a Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RefusalJson<'a>>,
}

/// Why the file cannot be analysed: the first problem, and all of them.
#[derive(Serialize)]
struct RefusalJson<'a> {
    #[serde(flatten)]
    first: &'a Problem,
    problems: &'a Problems,
}

#[derive(Serialize)]
struct PlateJson<'a> {
    plate_id: Option<&'a str>,
    plate_name: Option<&'a str>,
    rows: Option<usize>,
    cols: Option<usize>,
    reads: Vec<AnyRead<'a>>,
    samples: BTreeMap<WellPosition, SampleJson<'a>>,
}

/// A read with its wells, or the name of one that is no end point and has none.
#[derive(Serialize)]
#[serde(untagged)]
enum AnyRead<'a> {
    EndPoint(ReadJson<'a>),
    Other(UnreadJson),
}

#[derive(Serialize)]
struct UnreadJson {
    mode: Option<OtherMode>,
    kinetic: bool,
    #[serde(rename = "type")]
    kind: ExportKind,
    wells: BTreeMap<WellPosition, ()>,
}

/// A picture is a way of measuring of its own.
#[derive(Serialize)]
#[serde(untagged)]
enum OtherMode {
    Measured(Mode),
    Picture(ExportKind),
}

#[derive(Serialize)]
struct UnassignedJson<'a> {
    well: WellPosition,
    plate: Option<&'a str>,
    #[serde(flatten)]
    sample: SampleJson<'a>,
}

#[derive(Serialize)]
struct ReadJson<'a> {
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
struct SampleJson<'a> {
    name: Option<&'a str>,
    role: Option<&'a str>,
    group: Option<&'a str>,
    concentration: Option<f64>,
    concentration_unit: Option<&'a str>,
    dilution: Option<f64>,
    masked: bool,
}

impl<'a> From<&'a ExportedSample> for SampleJson<'a> {
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
    let files: Vec<FileJson<'_>> = inspected.iter().map(file).collect();
    serde_json::to_writer_pretty(&mut *out, &files)?;
    writeln!(out)
}

fn file(found: &Inspected) -> FileJson<'_> {
    let export = found.export.as_ref();
    FileJson {
        file: &found.file,
        format: export.map(|export| export.format.as_str()),
        kind: export.map_or(ExportKind::Malformed, |export| export.kind),
        plates: export.map(|export| export.plates.iter().map(plate).collect()).unwrap_or_default(),
        samples_without_plate: export
            .map(|export| export.samples_without_plate.iter().map(unassigned).collect())
            .unwrap_or_default(),
        warnings: found.warnings().chain(&found.together).collect(),
        error: found.problems.0.first().map(|first| RefusalJson { first, problems: &found.problems }),
    }
}

fn unassigned(sample: &SampleWithoutPlate) -> UnassignedJson<'_> {
    UnassignedJson { well: sample.well, plate: sample.plate.as_deref(), sample: (&sample.sample).into() }
}

fn plate(plate: &ExportedPlate) -> PlateJson<'_> {
    // A plate without a read that was read may be of unknown size.
    let size = if plate.reads.is_empty() { plate.other.and_then(|other| other.size) } else { Some(plate.size) };
    let reads = plate.reads.iter().map(|end_point| AnyRead::EndPoint(read(end_point)));
    PlateJson {
        plate_id: plate.id.as_deref(),
        plate_name: plate.name.as_deref(),
        rows: size.map(|size| size.rows),
        cols: size.map(|size| size.columns),
        reads: reads.chain(plate.other.filter(|_| plate.reads.is_empty()).map(unread)).collect(),
        samples: plate.samples.iter().map(|(&well, sample)| (well, sample.into())).collect(),
    }
}

fn unread(other: OtherRead) -> AnyRead<'static> {
    AnyRead::Other(UnreadJson {
        mode: match other {
            OtherRead { kind: ExportKind::Image, .. } => Some(OtherMode::Picture(other.kind)),
            OtherRead { mode: Mode::Unknown, .. } => None,
            _ => Some(OtherMode::Measured(other.mode)),
        },
        kinetic: other.kind == ExportKind::Kinetic,
        kind: other.kind,
        wells: BTreeMap::new(),
    })
}

fn read(read: &PlateRead) -> ReadJson<'_> {
    let wells: BTreeMap<WellPosition, &Reading> =
        read.wells.indexed_iter().map(|((row, column), reading)| (WellPosition::new(row, column), reading)).collect();
    let is_masked = |reading: &Reading| matches!(reading, Reading::Masked { .. });
    ReadJson {
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
