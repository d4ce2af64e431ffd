//! `tables.rtf`: the tables of a trial in the shape that reports use, for a word processor: demographics and baseline, the change per arm
//! and visit, the comparison, responders, and the listing of what is left out.
//!
//! Each has its number, title and population, and footnotes with the method and the program. The numbers are those of the other outputs,
//! rounded for reading.

pub mod document;
mod tables;

use super::StudyReport;
use crate::study::Comparison;

/// The file.
pub fn write(report: &StudyReport<'_>, comparison: &Comparison) -> Vec<u8> {
    let study = &report.protocol.assay.study;
    let simulated = if study.simulated { " (simulated data)" } else { "" };
    let head = format!("{}: {}{simulated}", study.id, study.title);
    let record = report.record;
    let program = format!("{} {}, run {}, {}", record.program, record.version, record.run_id, record.started);
    document::write(&tables::tables(report, comparison), &head, &program).into_bytes()
}
