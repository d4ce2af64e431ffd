//! What is written about one curve.

use crate::curve::{FitError, Interval, Inverse, StandardCurve};

/// One curve of the input with all that is written about it.
pub(super) struct CurveAnswer {
    /// Its name in the input; empty where there is only one.
    pub(super) name: String,
    pub(super) outcome: Result<StandardCurve, FitError>,
    /// Of a, d, c, b, g.
    pub(super) intervals: [Option<Interval>; 5],
    pub(super) inverse: Vec<Inverse>,
}
