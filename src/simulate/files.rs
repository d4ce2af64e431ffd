//! The files of a simulated trial: its study folder, and the truth.

use super::file_error::FileError;
use super::protocol::{LayoutForm, PlannedPlate};
use super::{SimulatedPlate, SimulatedTrial, writer};
use crate::files::OutputFile;

/// The study folder, as a laboratory and a statistician would hand it over, without any truth: `study.toml`, exports,
/// layouts, `samples.csv`, `arms.csv`, and a `README.md` that says how it was made.
///
/// ```
/// use platewise::simulate::{self, SimulationProtocol};
///
/// let trial = simulate::trial(&SimulationProtocol::from_toml("", "protocol.toml")?, 1)?;
/// let files = simulate::study_files(&trial)?;
/// assert!(files.iter().any(|file| file.name == "study.toml"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the library that writes workbooks or tables refuses a content.
pub fn study_files(trial: &SimulatedTrial) -> Result<Vec<OutputFile>, FileError> {
    let mut files = vec![
        OutputFile { name: "README.md".to_string(), bytes: writer::study::readme(trial).into_bytes() },
        OutputFile { name: "arms.csv".to_string(), bytes: writer::study::arms(trial)? },
        OutputFile { name: "samples.csv".to_string(), bytes: writer::study::samples(trial)? },
        OutputFile { name: "study.toml".to_string(), bytes: writer::study::study_toml(trial).into_bytes() },
    ];
    for (path, plates) in together(&trial.plates, |plate| &plate.export) {
        files.push(OutputFile { bytes: writer::export(trial, &plates)?, name: path });
    }
    let listed = writer::study::listed_dilutions(trial);
    for (path, plates) in together(&trial.plates, |plate| &plate.layout) {
        let bytes = match plates.as_slice() {
            [plate] if plate.plate.layout_form == LayoutForm::Grids => writer::layout::grids(plate, &listed)?,
            [plate] if plate.plate.layout_form == LayoutForm::Long => writer::layout::long(plate, &listed)?,
            sheets => writer::layout::workbook(sheets, &listed)?,
        };
        files.push(OutputFile { name: path, bytes });
    }
    Ok(files)
}

/// What is true of the trial: participants with arms, samples with concentrations, plates with curves, wells with what is
/// in them. It belongs beside the study, not in it.
///
/// # Errors
/// When the library that writes tables refuses a content.
pub fn truth_files(trial: &SimulatedTrial) -> Result<Vec<OutputFile>, FileError> {
    Ok(vec![
        OutputFile { name: "participants.csv".to_string(), bytes: writer::truth::participants(trial)? },
        OutputFile { name: "samples.csv".to_string(), bytes: writer::truth::samples(trial)? },
        OutputFile { name: "plates.csv".to_string(), bytes: writer::truth::plates(trial)? },
        OutputFile { name: "wells.csv".to_string(), bytes: writer::truth::wells(trial)? },
    ])
}

/// Plates that share a file, in the order of their first.
fn together<'a>(
    plates: &'a [SimulatedPlate],
    path: impl Fn(&'a PlannedPlate) -> &'a String,
) -> Vec<(String, Vec<&'a SimulatedPlate>)> {
    let mut files: Vec<(String, Vec<&SimulatedPlate>)> = Vec::new();
    for plate in plates {
        let path = path(&plate.plate);
        match files.iter_mut().find(|(known, _)| known == path) {
            Some((_, plates)) => plates.push(plate),
            None => files.push((path.clone(), vec![plate])),
        }
    }
    files
}
