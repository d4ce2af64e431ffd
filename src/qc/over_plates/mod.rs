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

mod watch;

pub use chart::{Chart, ChartPoint, Limits};
pub use history::{History, Observation};
pub use item::Item;
pub use movement::{Movement, Mover};
pub use watch::OverPlates;
pub use westgard::{ControlValue, Rule, Violation};
