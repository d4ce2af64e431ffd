//! What is asked of several curves: whether they have one shape, and which variance model their wells speak for.

pub(super) mod shared_parameters;
pub(super) mod joint;
pub mod shared;
pub(super) mod variance_choice;
