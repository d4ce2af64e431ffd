//! Standard curves: pure mathematics of (concentration, response) points. Ground floor: knows nothing of plates.

#![allow(clippy::needless_range_loop, reason = "the algebra of small matrices reads as its equations do, with indices")]

// What goes in.
pub mod model;
pub mod variance;
pub mod method;
pub mod blank;
mod point;

// The fit: shape, sum of squares, solver, global search.
mod kernel;
mod step;
mod projection;
mod slopes;
mod quad;
mod newton_step;
mod search_state;
mod solver;
mod minimise;
mod shape;
mod valley;
mod quasi;
mod rough;
mod descent;
mod settle;
mod fitted;
mod lower;
mod weighting;
mod iterate;
mod exponent;
mod family;
mod start;
mod limit_search;
mod search;
mod fit;
mod local;
mod many;

// What comes out.
mod covariance;
mod level;
mod curve_verdict;
mod standard_curve;
mod read_back;
mod judged;
mod inverse;
mod profile;
mod lack_of_fit;
mod stands;
mod restart;
mod influence;
mod bootstrap;
mod lanes;
mod redraw;
mod limits;
mod variance_choice;
mod variance_law;
pub mod detection;
pub mod notation;
mod share;
pub mod shared;
mod joint;
mod reason;
mod verdict;

// Numerics.
mod arrowhead;
mod bracket;
mod exponential;
mod four;

pub use blank::Blank;
pub use bootstrap::bootstrap;
pub use curve_verdict::CurveVerdict;
pub use fit::{fit, pooled_variance_parameter};
pub use influence::{LeftOut, Residual};
pub use inverse::{Inverse, InverseStatus, SharedError, interval_holds};
pub use lack_of_fit::LackOfFit;
pub use level::Level;
pub use limits::{LimitCriteria, passing_standards};
pub use local::{LocalFit, fit_locally};
pub use lower::Lower;
pub use many::fit_many;
pub use method::{Bounds, FitError, Fixed, Method};
pub use model::{Model, Parameters};
pub use point::Point;
pub use profile::Interval;
pub use reason::Reason;
pub use redraw::Redraw;
pub use standard_curve::StandardCurve;
pub use variance::{Variance, VarianceFrom};
pub use variance_choice::VarianceChoice;
