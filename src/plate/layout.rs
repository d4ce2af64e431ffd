//! What is in each well: standards, controls, blanks, samples. Declared by the laboratory, never guessed from a name.

use std::collections::BTreeMap;

use serde::Serialize;

use super::well::{PlateSize, WellPosition};
use crate::sheet::Location;

/// What a well holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "role")]
pub enum WellRole {
    /// A calibrator of known concentration; 0 is the zero standard.
    Standard {
        /// Nominal concentration, in the unit of the study.
        concentration: f64,
    },
    /// A quality control.
    Control {
        /// Its level, such as `low`.
        level: String,
        /// Nominal concentration, in the unit of the study, as it is in the undiluted control.
        nominal: f64,
        /// Dilution factor, ≥ 1.
        dilution: f64,
    },
    /// Everything but the analyte.
    Blank,
    /// A sample of the study.
    Sample {
        /// The name that `samples.csv` explains.
        id: String,
        /// Dilution factor, ≥ 1: 10 means one part in ten. `None` where `samples.csv` has to say it.
        dilution: Option<f64>,
    },
    /// Nothing.
    Unused,
}

/// A well of a layout, with the place where it is declared.
#[derive(Debug, Clone)]
pub struct LayoutWell {
    /// What it holds.
    pub role: WellRole,
    /// Where that is declared.
    pub location: Location,
}

/// The layout of a plate. Wells that are not in it are unused.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Size of the plate that it is for.
    pub size: PlateSize,
    /// Its wells, in plate order.
    pub wells: BTreeMap<WellPosition, LayoutWell>,
}
