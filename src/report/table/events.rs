//! Intercurrent events. Only where the study declares them, and only after the list of arms was opened.

use super::columns_of::EventsTable;
use super::{Columns, ReportTable};
use crate::report::StudyReport;
use crate::study::events::EventCount;

pub(super) fn table(report: &StudyReport<'_>, counts: &[EventCount]) -> ReportTable {
    let columns = Columns::<&EventCount>::study(report)
        .column(EventsTable::EVENT, |row| &row.event)
        .column(EventsTable::STRATEGY, |row| row.strategy.to_string())
        .column(EventsTable::EFFECT, |row| row.strategy.words())
        .column(EventsTable::TRTP, |row| &row.arm)
        .column(EventsTable::N, |row| row.participants)
        .column(EventsTable::N_AFTER, |row| row.values)
        .simulated_data(report);
    columns.fill(EventsTable::TABLE, "intercurrent events of one kind in one arm", counts)
}
