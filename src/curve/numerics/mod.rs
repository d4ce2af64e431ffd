//! Numerics of the curves: roots, exponentials, four numbers side by side, coefficients of variation, normal equations of curves that
//! share parameters.

pub(super) mod arrowhead;
pub(super) mod bracket;
pub(crate) mod cv;
pub(super) mod exponential;
pub(super) mod lanes;
