//! From responses to concentrations: each well and each group of replicates of a plate, with interval and limits.

mod evaluate;
pub mod level_off;
mod plate_to_fit;
pub mod quantity;
pub mod range;
mod redraw;
mod replicates;
mod result;
mod shared_error;
mod standards;
mod variance;

pub use evaluate::PlateConcentrations;
pub use level_off::LevelOff;
pub use quantity::{Estimate, NotReported, Quantity};
pub use redraw::PlateRedraw;
pub use result::{ControlResult, GroupResult, Range, StandardResult, WellResult};
pub use shared_error::shared_error;
pub use standards::{FirstFit, FittedStandards, StandardsToFit};
pub use variance::{pooled_variance_parameter, variance_choice};

#[cfg(test)]
mod tests;
