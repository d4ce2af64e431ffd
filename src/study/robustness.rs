//! How far the answer depends on the assay, on choices, and on the design: what stands beside the comparison.

use serde::Serialize;

use super::assay_error::AssayError;
use super::design::Design;
use super::next_trial::NextTrial;
use super::sensitivity_grid::SensitivityGrid;

/// What a comparison of arms is checked against. It exists only after the list of arms was opened.
///
/// See [`Compared`](crate::pipeline::Compared) for an example.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Robustness {
    /// The measurement error of the plates carried through, one for each arm that is compared with the reference; empty when
    /// the study asks for no replicates.
    pub assay_error: Vec<AssayError>,
    /// The sensitivity grid from the wells, one for each arm; empty when the study does not ask for it.
    pub grids: Vec<SensitivityGrid>,
    /// What the next trial needs, one for each arm; empty when the study does not ask for it.
    pub next_trial: Vec<NextTrial>,
    /// Arms and visits across plates and lots, plate effects, influence of single subjects.
    pub design: Design,
}
