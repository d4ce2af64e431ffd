//! Files in the true formats of readers and laboratories, each written from the description of its format.

pub(super) mod layout;
pub(super) mod study;
pub(super) mod truth;
mod common;
mod gen5;
mod grid_workbook;
mod softmax;

use super::file_error::FileError;
use super::protocol::ExportFormat;
use super::{SimulatedPlate, SimulatedTrial};

/// The export of the plates that share a file; all have the format of the first.
pub(super) fn export(trial: &SimulatedTrial, plates: &[&SimulatedPlate]) -> Result<Vec<u8>, FileError> {
    match plates.first().map(|plate| plate.plate.format) {
        Some(ExportFormat::SoftmaxText) => Ok(softmax::export(trial, plates)),
        Some(ExportFormat::Gen5Text) => Ok(gen5::text(trial, plates)),
        Some(ExportFormat::Gen5Workbook) => Ok(gen5::workbook(trial, plates)?),
        Some(ExportFormat::GridWorkbook) => Ok(grid_workbook::export(trial, plates)?),
        None => Ok(Vec::new()),
    }
}
