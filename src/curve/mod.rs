//! Standard curves: pure mathematics of (concentration, response) points. Ground floor: knows nothing of plates.

#![allow(clippy::needless_range_loop, reason = "the algebra of small matrices reads as its equations do, with indices")]

pub(crate) mod numerics;
mod definition;
mod fitting;
mod answers;
mod several;

// From wells and a method to a curve.
mod fit;
mod many;
mod local;
mod restart;

pub use answers::curve_verdict::CurveVerdict;
pub use answers::influence::{CurveWithoutWell, Residual};
pub use answers::inverse::{Inverse, InverseStatus};
pub use answers::lack_of_fit::LackOfFit;
pub use answers::level::Level;
pub use answers::profile::Interval;
pub use answers::reason::Reason;
pub use answers::redraw::Redraw;
pub use answers::shared_error::{SharedError, interval_holds};
pub use answers::standard_curve::StandardCurve;
pub use definition::blank::Blank;
pub use definition::method::{Bounds, FitError, Fixed, Method};
pub use definition::model::{Model, Parameters};
pub use definition::point::Point;
pub use definition::variance::{Variance, VarianceFrom};
pub use definition::{blank, notation};
pub use fit::{fit, pooled_variance_parameter};
pub use fitting::lower_curve::LowerCurve;
pub use local::{LocalFit, fit_locally};
pub use many::fit_many;
pub use several::shared;
pub use several::variance_choice::VarianceChoice;
