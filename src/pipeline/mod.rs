//! The steps in order: a study folder in, results out. The only place that runs things side by side.

mod archive;
pub mod arms;
pub mod assay_error;
pub mod compare;
pub mod decide;
pub mod desk;
mod evaluated;
pub mod exports;
mod judge;
mod layouts;
mod looked_at;
mod older_version;
pub mod one_study;
pub mod plate_files;
mod plate_layouts;
pub mod plates;
pub mod quantify;
pub mod reconcile;
pub mod run;
mod signatures;
pub mod sensitivity_grid;
mod study_files;
pub mod threads;
mod verify;

pub use archive::{ArchivedArms, archive};
pub use arms::ArmList;
pub use compare::{Compared, compare};
pub use decide::{Asked, check_wish};
pub use desk::{DecidedBy, Desk, NotDecided, Proposed, Seen};
pub use plate_files::{OpenedPlates, PlateFiles, Unconfirmed};
pub use plates::PlatesRun;
pub use quantify::{Quantified, quantify, quantify_from};
pub use run::{Arms, Run, RunOptions, WriteError, run};
pub use signatures::{ToSign, sign};
pub use threads::with_threads;
pub use verify::{Check, Outcome, verify};
