//! A plate as the assay sees it: each well's role from the layout, joined to its reading from the export.

use serde::Serialize;

use super::layout::WellRole;
use super::reading::Reading;
use super::well::{PlateSize, WellPosition};
use crate::sheet::{Location, Problem};

/// A well with its role and its response.
#[derive(Debug, Clone, Serialize)]
pub struct AssayWell {
    /// Where on the plate.
    pub position: WellPosition,
    /// What it holds.
    #[serde(flatten)]
    pub role: WellRole,
    /// The raw reading, in the unit of the read.
    pub reading: Reading,
    /// The reading at the reference wavelength, where the method subtracts one.
    pub reference: Option<Reading>,
    /// What is analysed: the reading, less the reference where the method says so.
    pub response: Reading,
    /// The cell of the raw reading.
    pub location: Location,
}

/// A plate of a study: wells with roles and responses.
#[derive(Debug, Clone, Serialize)]
pub struct AssayPlate {
    /// Its name in the study.
    pub id: String,
    /// The export that it was read from, as the study names it.
    pub export: String,
    /// The format of the export.
    pub format: &'static str,
    /// What was read, as `450 nm − 570 nm`.
    pub read: String,
    /// Kit lot, where the study says it.
    pub kit_lot: Option<String>,
    /// Its size.
    pub size: PlateSize,
    /// Its wells with a role, in plate order; unused wells are left out.
    pub wells: Vec<AssayWell>,
    /// What should be known of it and did not stop the reading.
    pub warnings: Vec<Problem>,
}
