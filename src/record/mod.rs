//! What a result was made from: hashes of the inputs and the record of the run.

pub mod hash;
pub mod opening;
pub mod run;

pub use hash::sha256;
pub use opening::Opening;
pub use run::{InputFile, RUN_FILE, RunRecord, now};
