//! Variance models: how the variance of a response depends on its mean. Outputs name the model; the word *weights* is not
//! used, because it means opposite things in different programs.

use serde::Serialize;

/// Variance model of a response, by the power of its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Variance {
    /// The same everywhere.
    Constant,
    /// Variance ∝ mean.
    Proportional,
    /// Variance ∝ mean².
    Squared,
    /// Variance ∝ mean^(2θ), θ estimated.
    Power,
}

/// Which mean the variance follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VarianceFrom {
    /// The fitted response, iterated.
    Fitted,
    /// The observed mean of the level.
    Observed,
}
