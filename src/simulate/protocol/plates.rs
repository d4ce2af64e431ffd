//! The plates of a simulation: what each is for, and in which formats its files are written.

use jiff::civil::DateTime;

/// What a plate is for.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlatePurpose<'a> {
    /// Samples that were not run before.
    First,
    /// The samples of a plate that was rejected, again.
    Repeat(&'a str),
    /// Samples without a usable result, again.
    Rerun,
}

/// `[[plate]]`: one plate.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedPlate {
    /// Its name in the study.
    pub id: String,
    /// Its export; plates with the same one are written into one file.
    pub export: String,
    /// The format of the export.
    pub format: ExportFormat,
    /// Its layout. Plates with the same one are sheets of one workbook.
    pub layout: String,
    /// How the layout is written.
    pub layout_form: LayoutForm,
    /// Whether the layout leaves the dilutions to `samples.csv`.
    pub dilutions_in_samples: bool,
    /// Lot of the kit.
    pub kit_lot: String,
    /// When it is read.
    pub read_at: DateTime,
    /// The plate whose samples it repeats.
    pub repeats: Option<String>,
    /// Whether it holds samples that have to be run again.
    pub reruns: bool,
}

impl PlannedPlate {
    /// What the plate is for.
    pub fn purpose(&self) -> PlatePurpose<'_> {
        match &self.repeats {
            Some(repeated) => PlatePurpose::Repeat(repeated),
            None if self.reruns => PlatePurpose::Rerun,
            None => PlatePurpose::First,
        }
    }

    /// A plate like this one, of that number, with files of its own.
    pub(in crate::simulate) fn numbered(&self, number: usize) -> Self {
        let id = format!("P{number:04}");
        let own = |path: &str| match path.rsplit_once('/').zip(path.rsplit_once('.')) {
            Some(((folder, _), (_, extension))) => format!("{folder}/{id}.{extension}"),
            None => id.clone(),
        };
        Self { export: own(&self.export), layout: own(&self.layout), id, ..self.clone() }
    }
}

/// Formats in which plates are written.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// SoftMax Pro, text.
    SoftmaxText,
    /// Gen5, text.
    Gen5Text,
    /// Gen5, workbook.
    Gen5Workbook,
    /// A workbook of grids.
    GridWorkbook,
}

impl ExportFormat {
    /// What the reader's software writes for a well above what it can measure.
    pub fn saturated(self) -> &'static str {
        match self {
            Self::SoftmaxText => "#SAT",
            Self::Gen5Text | Self::Gen5Workbook => "OVRFLW",
            Self::GridWorkbook => "OVER",
        }
    }

    /// What it writes for a well that was not measured.
    pub fn missing(self) -> &'static str {
        match self {
            Self::Gen5Text | Self::Gen5Workbook => "MISSED",
            Self::SoftmaxText | Self::GridWorkbook => "",
        }
    }
}

/// Forms in which layouts are written.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutForm {
    /// Plate-shaped grids, in a text file.
    Grids,
    /// Plate-shaped grids, in a sheet of a workbook.
    Sheet,
    /// One line per well.
    Long,
}
