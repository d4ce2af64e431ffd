//! Intercurrent events. Only where the study declares them, and only after the list of arms was opened.

use super::{Columns, Table};
use crate::report::StudyReport;
use crate::study::events::EventCount;

pub(super) fn table(report: &StudyReport<'_>, counts: &[EventCount]) -> Table {
    let columns = Columns::<&EventCount>::study(report)
        .column("EVENT", "the kind of event", |row| &row.event)
        .column("STRATEGY", "how the question takes it", |row| row.strategy.to_string())
        .column("EFFECT", "what that does to values after it", |row| row.strategy.words())
        .column("TRTP", "the arm", |row| &row.arm)
        .column("N", "subjects of the arm with such an event", |row| row.participants)
        .column("N_AFTER", "their results after baseline that were collected after the first of them", |row| row.values)
        .simulated_data(report);
    columns.fill("events", "intercurrent events of one kind in one arm", counts)
}
