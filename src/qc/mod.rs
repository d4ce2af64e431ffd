//! Whether a plate may be believed: one rule, one file; the limits are settings of the method and stand beside each finding.

pub mod arrangement;
pub mod before_curve;
pub mod bracket;
pub mod controls;
pub mod curve_usable;
pub mod excluded;
pub mod judge;
pub mod kit_expiry;
pub mod over_plates;
pub mod plate_read_once;
pub mod plate_signal;
pub mod reader_maximum;
pub mod signal;
pub mod stability;
pub mod standards;
pub mod verdict;

pub use judge::JudgedPlate;
pub use verdict::{Finding, Outcome, PlateVerdict, Verdict};
