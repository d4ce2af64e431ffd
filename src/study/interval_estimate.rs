//! A number with its interval.

use std::cmp::Ordering;

use serde::Serialize;

/// A number with its interval.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IntervalEstimate {
    /// The estimate.
    pub estimate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl IntervalEstimate {
    /// On which side of 1 the whole interval of a ratio lies: `Less` or `Greater`; `Equal` where it includes 1. Two analyses
    /// come to the same conclusion where this is the same.
    pub fn side_of_one(&self) -> Ordering {
        if self.upper < 1.0 {
            Ordering::Less
        } else if self.lower > 1.0 {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}
