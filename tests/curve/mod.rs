//! The standard curve against reference fits, its verdict and its intervals.

mod coverage;
mod optimum;
mod reference;
mod suspicious;
mod verdict;
