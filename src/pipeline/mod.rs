//! The steps in order: a study folder in, results out. The only place that runs things side by side.

pub mod assay_error;
pub mod compare;
pub mod decide;
mod judge;
mod layouts;
pub mod quantify;
pub mod reconcile;
pub mod sensitivity_grid;
pub mod threads;

pub use compare::{Compared, NotCompared, compare};
pub use decide::check_wish;
pub use quantify::{Quantified, quantify};
pub use threads::with_threads;
