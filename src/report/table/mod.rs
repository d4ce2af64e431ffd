//! Results as tables: one description of each table serves the CSV file, the sheet of the workbook and its explanation.
//!
//! Bench tables have plain lower-case names; tables for analysts have the names of CDISC's ADaM. The unit is a column or part
//! of a column's name. A value below or above a limit is a text with that limit and never a number in a column of values.
//! Every table has a column that says whether the data were simulated: a comment line would break the programs that read
//! CSV, and a column stays with its rows wherever they are copied.

pub(in crate::report) mod analytes;
mod arms;
mod bench;
mod cell;
mod clinical;
mod columns;
pub(in crate::report) mod columns_of;
mod criteria;
mod events;
mod exclusions;
mod head;
mod missing_data;
mod across_plates;
mod plates;
mod robustness;
mod subjects;
mod supplementary;

pub use bench::concentrations;
pub use cell::Cell;
pub(in crate::report) use exclusions::exclusions;
pub use head::{Column, ColumnKind, ReportTable, Unit};
pub(in crate::report) use head::{EstimateColumns, TableMaker};

use rayon::prelude::*;

use super::{StudyReport, adam};
use cell::{number, token};
use columns::Columns;

/// The tables that every study has, in their order; those across plates follow.
const OF_PLATES: [TableMaker; 15] = [
    bench::concentrations,
    bench::reruns,
    bench::repeats,
    bench::identity,
    plates::verdicts,
    plates::findings,
    criteria::criteria,
    exclusions::decisions,
    exclusions::signatures,
    exclusions::exclusions,
    plates::curves,
    plates::standards,
    plates::controls,
    bench::measurements,
    plates::wells,
];

/// Every table of a study: those of the bench, then, when the arms were compared, those of the analysis.
pub fn tables(report: &StudyReport<'_>) -> Vec<ReportTable> {
    let mut tables: Vec<ReportTable> = of_plates().par_iter().map(|maker| made(*maker, report)).collect();
    tables.extend(of_arms(report));
    tables
}

/// What makes the tables that grow with the plates, in their order: whoever writes them need not hold all of them.
pub(in crate::report) fn of_plates() -> Vec<TableMaker> {
    OF_PLATES.into_iter().chain(across_plates::TABLES).collect()
}

/// One of them.
pub(in crate::report) fn made(maker: TableMaker, report: &StudyReport<'_>) -> ReportTable {
    let table = maker(report);
    if report.protocol.trial.is_none() { without_trial(table) } else { table }
}

/// The tables of the analysis, where the arms were compared.
pub(in crate::report) fn of_arms(report: &StudyReport<'_>) -> Vec<ReportTable> {
    let mut tables = Vec::new();
    if let Some(comparison) = report.comparison {
        tables.extend([
            arms::comparison(report, comparison),
            arms::summary(report, comparison),
            arms::responders(report, comparison),
            arms::change(report, comparison),
            subjects::join(report, comparison),
            subjects::flow(report, comparison),
            subjects::excluded(report, comparison),
        ]);
        tables.extend(adam::tables(comparison));
        if !report.has_grid() {
            tables.push(arms::sensitivity(report, comparison));
        }
        tables.extend(missing_data::tables(report, &comparison.missing_data));
        tables.extend(supplementary::tables(report, comparison));
    }
    tables.extend(report.events.map(|counts| events::table(report, counts)));
    tables.extend(report.clinical.into_iter().flat_map(|clinical| clinical::tables(report, clinical)));
    tables.extend(report.robustness.into_iter().flat_map(|robustness| robustness::tables(report, robustness)));
    tables
}

/// A table of plates that belong to no trial: there is no study, subject or visit to name.
fn without_trial(mut table: ReportTable) -> ReportTable {
    let keep: Vec<bool> = table.columns.iter().map(|column| !column.is_of_a_trial()).collect();
    let mut kept = keep.iter();
    table.columns.retain(|_| kept.next().copied().unwrap_or(true));
    for row in &mut table.rows {
        let mut kept = keep.iter();
        row.retain(|_| kept.next().copied().unwrap_or(true));
    }
    table
}
