//! What a result was made from: hashes of the inputs, the decisions of people, and the record of the run.

pub mod decisions;
mod exclusions;
pub mod opening;
pub mod run;

pub use crate::files::{InputFile, sha256};
pub use decisions::{Action, DECISIONS_FILE, Decision, Decisions, REASON_CODES, Request, Target, Wish, append};
pub use opening::Opening;
pub use run::{RUN_FILE, RunRecord, now};
