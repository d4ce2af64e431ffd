//! What is asked of a curve: its uncertainty, its verdict, concentrations, limits, what each well does to it, resampled plates.

pub(super) mod covariance;
pub(super) mod level;
pub(super) mod reason;
pub(super) mod curve_verdict;
pub(super) mod standard_curve;
pub(super) mod read_back;
pub(super) mod verdict;
pub(super) mod judged;
pub(super) mod stands;
pub(super) mod influence;
pub(super) mod shared_error;
pub(super) mod band;
pub(super) mod inverse;
pub(super) mod profile;
pub(super) mod lack_of_fit;
pub(super) mod redraw;

#[cfg(test)]
mod tests;
