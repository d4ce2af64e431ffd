//! Standard curves: pure mathematics of (concentration, response) points. Ground floor: knows nothing of plates.

// What goes in.
pub mod model;
pub mod variance;
pub mod method;
mod point;

// The fit: shape, sum of squares, solver, global search.
mod kernel;
mod step;
mod projection;
mod solver;
mod search;
mod fit;

// What comes out.
mod covariance;
mod standard_curve;
mod inverse;
mod verdict;

// Numerics.
mod bracket;
mod distribution;

pub use fit::fit;
pub use inverse::{Inverse, InverseStatus};
pub use method::{Bounds, FitError, Fixed, Method};
pub use model::{Model, Parameters};
pub use point::Point;
pub use standard_curve::{Level, StandardCurve};
pub use variance::{Variance, VarianceFrom};
pub use verdict::{CurveVerdict, Reason};
