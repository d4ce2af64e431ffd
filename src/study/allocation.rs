//! An arm's place in a list of subjects.

use serde::Serialize;

use super::covariates::CovariateOf;

/// An arm's place in a list of subjects.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allocation {
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// The stratum, where there is one.
    pub stratum: Option<String>,
    /// Age in years at the randomisation, where the list has it.
    pub age: Option<f64>,
    /// The covariates that the study declares, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<CovariateOf>,
}
