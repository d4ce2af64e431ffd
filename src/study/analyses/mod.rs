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
mod scope;
mod two_arms;

use crate::stats::Undefined;
use scope::Scope;

pub use analysis::Analysis;
pub use request::{Extent, Request};

/// All analyses that were asked for, in a fixed order.
///
/// # Errors
/// For a trial without a baseline visit.
pub fn analyses(request: &Request<'_>) -> Result<Vec<Analysis>, Undefined> {
    let scope = Scope::of(request)?;
    let found =
        [one_arm::analyses(&scope), two_arms::analyses(&scope), models::analyses(&scope), responders::analyses(&scope)];
    Ok(found.concat())
}
