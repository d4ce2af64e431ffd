//! Every analysis of a two-arm trial with its options and result, for analysts who start from values.
//!
//! Names of analyses, options and fields are those of the reference results (`fixtures/stats`), so that a result is found by
//! analysis and options alone. What is not defined for the data stands there with its reason.

mod account;
mod analysis;
mod chosen;
mod models;
mod one_arm;
mod request;
mod responders;
mod input;
mod two_arms;

use crate::stats::Undefined;
use input::AnalysisInput;

pub use analysis::Analysis;
pub use request::{AnalysisRequest, Extent};

/// All analyses that were asked for, in a fixed order.
///
/// # Errors
/// For a trial without a baseline visit.
pub fn analyses(request: &AnalysisRequest<'_>) -> Result<Vec<Analysis>, Undefined> {
    let input = AnalysisInput::of(request)?;
    let found =
        [one_arm::analyses(&input), two_arms::analyses(&input), models::analyses(&input), responders::analyses(&input)];
    Ok(found.concat())
}
