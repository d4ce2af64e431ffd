//! The standard curve against reference fits, its verdict and its intervals.

mod coverage;
mod global_minimum;
mod optimum;
mod reference;
mod suspicious;
mod verdict;
