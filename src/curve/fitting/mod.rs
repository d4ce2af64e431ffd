//! How a curve is fitted: the least sum of squares over all of its family and its limits, with variances that follow from it.

pub(super) mod quad;
pub(super) mod slopes;
pub(super) mod projection;
pub(super) mod newton_step;
pub(super) mod search_state;
pub(super) mod solver;
pub(super) mod step;
pub(super) mod curve_family;
pub(super) mod start;
pub(super) mod shape;
pub(super) mod lower_curve;
pub(super) mod valley;
pub(super) mod minimise;
pub(super) mod lower_bound;
pub(super) mod limit_search;
pub(super) mod search;
pub(super) mod quasi;
pub(super) mod descent;
pub(super) mod weighting;
pub(super) mod rough;
pub(super) mod settle;
pub(super) mod fitted_curve;
pub(super) mod exponent;
pub(super) mod iterate;
