//! Statistics of a two-arm trial with a baseline: plain slices in, named structs out.
//!
//! Ground floor: knows nothing of the crate. One statistical idea, one file; each names its equations and their source. The
//! structs serialise under the names of their fields, which are those of the project's reference results, so that a number
//! can be looked up by analysis and field alone.
//!
//! The two arms are called *active* and *placebo*; `placebo` is the reference arm whatever the trial calls it, and every
//! difference is active − placebo.
//!
//! What cannot be computed is an [`Undefined`] with its reason, or an `Option` that is `None` beside a `status`; never a NaN.
//! P-values come from survival functions, never from 1 − cdf.

pub mod undefined;
pub mod distribution;
pub mod moments;
pub mod quartile;
pub mod descriptive;
pub mod inference;
pub mod one_sample_t;
pub mod two_sample_t;
pub mod linear_model;
pub mod ancova;

pub use ancova::{Ancova, StratumWeights, Vcov, ancova};
pub use descriptive::{Description, Geometric, describe};
pub use inference::{Ratio, Status, TInference};
pub use moments::Moments;
pub use one_sample_t::{OneSampleT, one_sample_t};
pub use two_sample_t::{TwoSampleT, student_t, welch_t};
pub use undefined::Undefined;

use serde::Serialize;

/// One of the two arms that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The arm in the numerator.
    Active,
    /// The reference arm.
    Placebo,
}
