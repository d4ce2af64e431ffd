//! The truth of a simulated trial, as tables.

use super::common::{table, word_or};
use crate::plate::{Reading, WellRole};
use crate::simulate::FileError;
use crate::simulate::SimulatedTrial;

/// Participants in order of enrolment, with arm.
pub(crate) fn participants(trial: &SimulatedTrial) -> Result<Vec<u8>, FileError> {
    let records = trial
        .participants
        .iter()
        .map(|participant| [participant.id.clone(), participant.arm.clone(), participant.dropped_out.to_string()]);
    table(&["subject", "arm", "dropped_out"], records)
}

/// Samples with the concentration that they truly have.
pub(crate) fn samples(trial: &SimulatedTrial) -> Result<Vec<u8>, FileError> {
    let records = trial.samples.iter().map(|sample| {
        let participant = &trial.participants[sample.participant];
        let visit = trial.protocol.visits[sample.visit].name.clone();
        [sample.id.clone(), participant.id.clone(), participant.arm.clone(), visit, sample.concentration.to_string()]
    });
    table(&["sample", "subject", "arm", "visit", "concentration"], records)
}

/// Plates with their true curve, and what went wrong on them.
pub(crate) fn plates(trial: &SimulatedTrial) -> Result<Vec<u8>, FileError> {
    let records = trial.plates.iter().map(|plate| {
        let mut mishaps: Vec<String> = plate
            .wells
            .iter()
            .filter(|well| !well.mishap.is_empty())
            .map(|well| format!("{} {}", well.position, well.mishap))
            .collect();
        mishaps.dedup();
        let curve = &plate.curve;
        [
            plate.plate.id.clone(),
            curve.a.to_string(),
            curve.d.to_string(),
            curve.c.to_string(),
            curve.b.to_string(),
            curve.g.to_string(),
            mishaps.join("; "),
        ]
    });
    table(&["plate", "a", "d", "c", "b", "g", "mishaps"], records)
}

/// Wells that are used, with the concentration that is truly in them, the mean of their response, and both readings.
pub(crate) fn wells(trial: &SimulatedTrial) -> Result<Vec<u8>, FileError> {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let word = |reading: &Reading| word_or(reading, |value| value.to_string());
    let records = trial.plates.iter().flat_map(|plate| {
        plate.wells.iter().filter(|well| well.role != WellRole::Unused).map(move |well| {
            let (role, name) = match &well.role {
                WellRole::Standard { concentration } => ("standard", concentration.to_string()),
                WellRole::Control { level, .. } => ("control", level.clone()),
                WellRole::Sample { id, .. } => ("sample", id.clone()),
                WellRole::Blank => ("blank", String::new()),
                WellRole::Unused => ("", String::new()),
            };
            [
                plate.plate.id.clone(),
                well.position.to_string(),
                role.to_string(),
                name,
                number(well.concentration),
                number(well.mean),
                word(&well.reading),
                word(&well.reference),
                well.mishap.to_string(),
            ]
        })
    });
    let header = ["plate", "well", "role", "name", "concentration", "mean", "reading", "reference", "mishap"];
    table(&header, records)
}
