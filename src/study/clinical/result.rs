//! Everything that is made of the clinical measures.

use serde::Serialize;

use super::change::MeasureChange;
use super::correlate::{ChangePair, MeasureCorrelation};
use super::responders::MeasureResponders;
use crate::sheet::Problem;

/// Everything that is made of the clinical measures.
///
/// See [`clinical`](super) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Clinical {
    /// The change of each measure, by measure, visit and arm that is compared.
    pub changes: Vec<MeasureChange>,
    /// Responders of each measure, by every definition.
    pub responders: Vec<MeasureResponders>,
    /// How the changes go together with those of the analyte.
    pub correlations: Vec<MeasureCorrelation>,
    /// The pairs of changes that they are of, at the end point.
    #[serde(skip)]
    pub pairs: Vec<ChangePair>,
    /// Values that are not used.
    #[serde(skip)]
    pub warnings: Vec<Problem>,
}
