//! How far the answer depends on the assay, on choices, and on the design: what stands beside the comparison.

use serde::Serialize;

use super::assay_error::AssayError;

/// What a comparison of arms is held against. It exists only after the list of arms was opened.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Robustness {
    /// The measurement error of the plates carried through, one for each arm that is compared with the reference; empty when
    /// the study asks for no replicates.
    pub assay_error: Vec<AssayError>,
}
