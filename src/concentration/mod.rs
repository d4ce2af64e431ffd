//! From responses to concentrations: each well and each group of replicates of a plate, with interval and limits.

pub mod evaluate;
mod exponent;
pub mod level_off;
pub mod quantity;
pub mod range;
pub mod redraw;
mod replicates;
pub mod result;
mod standards;

pub use evaluate::PlateConcentrations;
pub use exponent::{pooled_exponent, variance_choice};
pub use level_off::LevelOff;
pub use quantity::{Estimate, NotReported, Quantity};
pub use redraw::PlateRedraw;
pub use result::{ControlResult, GroupResult, Range, StandardResult, WellResult};
pub use standards::FirstFit;
