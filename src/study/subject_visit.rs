//! The result of one subject at one visit.

use serde::Serialize;

use super::exclusion::Exclusion;
use crate::concentration::Quantity;

/// The result of one subject at one visit. The result knows nothing of arms.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct SubjectVisit {
    /// The subject.
    pub subject: String,
    /// Name of the visit, as the study declares it.
    pub visit: String,
    /// Week of the visit.
    pub week: f64,
    /// The sample.
    pub sample: String,
    /// The plate of the result.
    pub plate: Option<String>,
    /// The result.
    pub quantity: Quantity,
    /// LLOQ and ULOQ of its dilution on its plate, where the plate has them.
    pub limits: Option<[f64; 2]>,
    /// Study day of collection, where the list of samples has it.
    pub day: Option<i32>,
    /// Serum, plasma …, where the list of samples has it.
    pub matrix: Option<String>,
    /// The kit lot of the plate, where the study has it.
    pub kit_lot: Option<String>,
    /// Why it takes no part in any analysis; `None` when it does.
    pub excluded: Option<Exclusion>,
    /// The visit whose result stands here, by the strategy for an event; `None` for its own.
    pub carried_from: Option<String>,
    /// Whether the subject had an event that is a failure by its strategy.
    pub failed: bool,
}

impl SubjectVisit {
    /// A result of which nothing else is known.
    pub fn new(subject: &str, visit: &str, week: f64, quantity: Quantity) -> Self {
        Self {
            subject: subject.to_string(),
            visit: visit.to_string(),
            week,
            sample: String::new(),
            plate: None,
            quantity,
            limits: None,
            day: None,
            matrix: None,
            kit_lot: None,
            excluded: None,
            carried_from: None,
            failed: false,
        }
    }
}
