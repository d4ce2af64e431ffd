//! Standard curves: pure mathematics of (concentration, response) points. Ground floor: knows nothing of plates.

pub mod model;
pub mod variance;

pub use model::{Model, Parameters};
pub use variance::{Variance, VarianceFrom};
