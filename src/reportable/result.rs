//! One result per sample, and everything that was measured of it and not chosen.

use serde::Serialize;

use crate::concentration::{GroupResult, Quantity};

/// One measurement of a sample: a group of replicates on a plate, with what the plate's verdict makes of it.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    /// The plate.
    pub plate: String,
    /// As measured.
    pub group: GroupResult,
    /// As it may be reported: the measured quantity, or not reported because of the plate.
    pub quantity: Quantity,
    /// The ULOQ of its plate × its dilution factor.
    pub uloq: Option<f64>,
    /// Whether it is the one that is reported.
    pub chosen: bool,
    /// Why it is or is not.
    pub why: String,
}

/// The result of a sample.
#[derive(Debug, Clone, Serialize)]
pub struct ReportableResult {
    /// The sample.
    pub sample: String,
    /// Its result.
    pub quantity: Quantity,
    /// The plate of the chosen measurement; `None` where there is none.
    pub plate: Option<String>,
    /// The dilution factor of the chosen measurement.
    pub dilution: Option<f64>,
    /// Everything measured of it, in the order of the plates.
    pub candidates: Vec<Candidate>,
    /// Flags of the chosen measurement.
    pub flags: Vec<String>,
}

/// One line of the work list for the bench.
#[derive(Debug, Clone, Serialize)]
pub struct Rerun {
    /// The sample.
    pub sample: String,
    /// The plate of the measurement that has to be repeated.
    pub plate: String,
    /// Why.
    pub reason: String,
    /// The dilution factor that it had.
    pub dilution: Option<f64>,
    /// The dilution factor to use now.
    pub suggested_dilution: Option<f64>,
    /// What to do, in words.
    pub advice: String,
}
