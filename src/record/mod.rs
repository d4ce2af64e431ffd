//! What a result was made from: hashes of the inputs and the record of the run.

pub mod hash;
pub mod run;

pub use hash::sha256;
pub use run::{InputFile, RunRecord, now};
