//! `platewise validate`: whether this very program, on this very machine, gives the answers that other programs and people give.
//!
//! Everything that is compared comes with the program: NIST's certified values, fits and statistics of R, SciPy and others, exports of
//! known content, a study whose answers are known by hand, a log and a signature made by other programs. Nothing is loaded. Of every
//! function one input is spoiled on purpose, and the comparison has to say so: a check that cannot fail shows nothing.
//!
//! The report has the shape of FDA's guidance on computer software assurance: see [`crate::report::validation`].

pub mod curves;
mod installation;
mod known_study;
mod readers;
pub mod statistics;
mod trail;

use crate::record::moment_here;
use crate::report::validation::Validation;

/// Checks everything. Workbooks as xls and ods are read by the installed program only: in another program that uses this library their
/// cases fail and say so (see [`crate::sheet::isolated`]).
pub fn validate() -> Validation {
    let functions = vec![
        installation::function(),
        readers::function(),
        curves::function(),
        statistics::function(),
        known_study::function(),
        trail::function(),
    ];
    Validation { made: moment_here(), installation: installation::installation(), functions }
}
