//! `platewise` takes the files that a plate reader writes and ends with the answer of a trial: concentrations, and their
//! change from baseline to the end-point visit, per arm, every number traceable to a cell.
//!
//! The modules stand in the order in which the data flow; see each for what it takes and gives.

// Ground floor: know nothing of each other or of the rest.
pub mod stats;
pub mod sheet;
pub mod curve;

// The way of the data.
pub mod protocol;
pub mod plate;
pub mod record;
pub mod concentration;
pub mod qc;
pub mod reportable;
pub mod study;
pub mod report;

// The steps in order, and around them.
pub mod pipeline;
pub mod simulate;
pub mod cli;
