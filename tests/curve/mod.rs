//! The standard curve against reference fits, its verdict and its intervals.

mod coverage;
mod global_minimum;
mod missed_minima;
mod optimum;
mod reference;
mod suspicious;
mod two_component;
mod verdict;
