//! What no plate shows by itself: whether the assay holds still from plate to plate, and what its own test samples say of it.
//!
//! Blind, and of no consequence for a concentration: nothing here changes a value, and unless the method says so nothing
//! decides on a plate. One question, one file.

// What is watched: the numbers of each plate, those of earlier plates, and the limits that follow.
pub mod item;
pub mod history;
pub mod chart;
pub mod westgard;
pub mod movement;

// What is asked of all plates together.
pub mod precision;
pub mod effect;
pub mod lots;

// What samples say that were measured to test the method.
pub mod parallelism;
pub mod test_samples;

mod watch;
#[cfg(test)]
pub(in crate::qc) mod example;

pub use chart::{Chart, ChartPoint, Limits};
pub use effect::{Effect, TestedEffect};
pub use history::{History, Observation};
pub use item::Item;
pub use lots::{LotBridge, LotRatio, LotShape};
pub use movement::{MovedItem, Movement};
pub use parallelism::{Agreement, Parallelism, SharedShape};
pub use precision::{Basis, Precision, PrecisionScope};
pub use test_samples::{IncurredPair, IncurredReanalysis, MeasuredQuantity, Recovery, Spike, TestSamples};
pub use watch::AcrossPlates;
pub use westgard::{ControlValue, Rule, Violation};
