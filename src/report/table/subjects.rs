//! Tables of who is in the analysis and who is not: the join of results and arms, and every record that is left out.

use super::columns_of::{ExcludedTable, FlowTable};
use super::{Column, ColumnKind, Columns, ReportTable};
use crate::report::StudyReport;
use crate::study::{Comparison, ExcludedRecord, FlowStep, JoinedSubject};

/// One row per subject of either list.
pub(super) fn join(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    let columns = Columns::<&JoinedSubject>::study(report)
        .column(Column::new("USUBJID", "the subject").kind(ColumnKind::Key), |row| &row.subject)
        .column(Column::new("TRTP", "the arm, as the list of arms says it").kind(ColumnKind::Key), |row| {
            row.arm.clone()
        })
        .column(("STATUS", "matched, no arm, no results or not randomised"), |row| row.status)
        .column(("CONFLICT", "the name in the other list that is probably the same subject's"), |row| {
            row.conflicts_with.clone()
        })
        .column(("N", "results"), |row| row.results)
        .column(("N_EXCLUDED", "of these excluded from every analysis"), |row| row.excluded)
        .column(("MATRIX", "the matrices of the analysed samples"), |row| row.matrices.join("; "))
        .column(("KIT_LOT", "the kit lots of their plates"), |row| row.kit_lots.join("; "))
        .simulated_data(report);
    columns.fill("join", "a subject, as results and arms were joined", &comparison.join.subjects)
}

/// One row per record that is left out.
pub(super) fn excluded(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    let columns = Columns::<&ExcludedRecord>::study(report)
        .column(ExcludedTable::USUBJID, |row| &row.subject)
        .column(ExcludedTable::TRTP, |row| row.arm.clone())
        .column(ExcludedTable::AVISIT, |row| &row.visit)
        .column(("AVISITN", "week of the visit"), |row| row.week)
        .column(ExcludedTable::SAMPLE, |row| &row.sample)
        .column(("PLATE", "the plate of the result"), |row| row.plate.clone())
        .column(ExcludedTable::RESULT, |row| row.reported.clone())
        .column(ExcludedTable::SCOPE, |row| row.scope.to_string())
        .column(ExcludedTable::RULE, |row| row.rule.to_string())
        .column(ExcludedTable::EXCLREAS, |row| &row.reason)
        .simulated_data(report);
    columns.fill(ExcludedTable::TABLE, "a record that is left out", &comparison.excluded)
}

/// One row per arm and step of the flow.
pub(super) fn flow(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    let lost = |row: &&FlowStep| row.lost.iter().map(|(_, n)| n).sum::<usize>();
    let reasons =
        |row: &&FlowStep| row.lost.iter().map(|(why, n)| format!("{why}: {n}")).collect::<Vec<_>>().join("; ");
    let columns = Columns::<&FlowStep>::study(report)
        .column(FlowTable::TRTP, |row| &row.arm)
        .column(FlowTable::STEP, |row| row.step)
        .column(FlowTable::N, |row| row.participants)
        .column(FlowTable::N_LOST, lost)
        .column(FlowTable::REASONS, reasons)
        .column(FlowTable::N_SAMPLES, |row| row.samples)
        .simulated_data(report);
    columns.fill(FlowTable::TABLE, "a step from randomisation to the primary analysis, of one arm", &comparison.flow)
}
