//! What a curve is: families and their kernels, variance models, wells, and what a method says of all of it.

pub(super) mod model;
pub(super) mod kernel;
pub(super) mod variance;
pub(super) mod variance_law;
pub(super) mod point;
pub(super) mod method;
pub mod blank;
pub mod notation;
