//! The rules of the verdicts, on one plate and across plates.

mod arrangement;
mod below_limit;
mod mistyped;
mod across_plates;
mod properties;
mod rules;
mod storage;
mod truth;
