//! The rules of the verdicts, on one plate and over plates.

mod arrangement;
mod below_limit;
mod mistyped;
mod over_plates;
mod properties;
mod rules;
mod storage;
mod truth;
