//! The limits of all rules: in force, and those of the preset.

use super::{Column, ColumnKind, Columns, ReportTable};
use crate::protocol::{LimitInForce, PRESETS_VERSION};
use crate::report::StudyReport;

/// One row per limit.
pub(super) fn criteria(report: &StudyReport<'_>) -> ReportTable {
    let method = &report.protocol.assay.method;
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &LimitInForce| {
            &report.protocol.assay.study.id
        })
        .column(("method", "name of the assay method"), |_| &method.name)
        .column(("method_version", "its version"), |_| &method.version)
        .column(("preset", "the preset of criteria that the method begins with"), |_| method.criteria.name())
        .column(("preset_version", "its version"), |_| PRESETS_VERSION)
        .column(("limit", "its key in [acceptance] of study.toml"), |row| row.key)
        .column(("value", "its value in force; none where it is not set"), |row| row.value.clone())
        .column(("preset_value", "the value of the preset"), |row| row.preset.clone())
        .column(("overridden", "Y where the study says otherwise than its preset"), LimitInForce::overridden)
        .column(("meaning", "what it limits"), |row| row.meaning)
        .column(("source", "source of the value of the preset ich-m10"), |row| row.source)
        .simulated(report);
    columns.fill("criteria", "a limit that verdicts depend on", report.protocol.assay.limits_in_force())
}
