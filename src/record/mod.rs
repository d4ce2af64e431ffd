//! What a result was made from: hashes of the inputs, the decisions of people, and the record of the run.

mod analytes;
mod chain;
mod decisions;
mod earlier_run;
mod exclusions;
mod looked_at;
pub mod opening;
mod request;
mod review;
mod ro_crate;
mod run;
#[cfg(feature = "report")]
mod signature;
#[cfg(feature = "report")]
mod statement;

pub use crate::files::{InputFile, sha256};
pub use analytes::{AnalyteRecord, AnalytesRecord};
pub use chain::LogHead;
pub use decisions::{Action, DECISIONS_FILE, Decision, Decisions, REASON_CODES, Target};
pub use earlier_run::EarlierRun;
pub use looked_at::LookedAt;
pub use opening::Opening;
pub use request::{CheckedDecision, DecisionRequest, append};
pub use review::{Review, ReviewKind, is_same_person};
pub use ro_crate::{CRATE_FILE, CrateFiles, describe};
pub use run::{PlateReading, RUN_FILE, RunRecord, moment_here, now};
#[cfg(feature = "report")]
pub use signature::{
    ALLOWED_SIGNERS, AllowedSigners, NAMESPACE, Signature, SignatureState, Signer, SigningKey, signatures,
};
#[cfg(feature = "report")]
pub use statement::{SIGNATURES, Statement};
