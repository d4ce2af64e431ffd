//! What is made of the clinical measures. Only where the study declares them, and only after the list of arms was opened.

use super::columns_of::{ClinicalChangeTable, ClinicalRespondersTable, CorrelationTable};
use super::{Column, ColumnKind, Columns, ReportTable};
use crate::report::StudyReport;
use crate::study::clinical::{Clinical, CorrelationMethod, MeasureChange, MeasureCorrelation, MeasureResponders};

/// The three tables.
pub(super) fn tables(report: &StudyReport<'_>, clinical: &Clinical) -> Vec<ReportTable> {
    vec![changes(report, clinical), responders(report, clinical), correlations(report, clinical)]
}

/// A correlation as a reader knows it.
fn way(way: CorrelationMethod) -> &'static str {
    match way {
        CorrelationMethod::Spearman => "Spearman, percent changes",
        CorrelationMethod::Pearson => "Pearson, log ratios to baseline",
        CorrelationMethod::WithinParticipants => "within participants over visits, logs",
    }
}

fn changes(report: &StudyReport<'_>, clinical: &Clinical) -> ReportTable {
    let columns = Columns::<&MeasureChange>::new()
        .column(Column::new("STUDYID", "identifier of the study").kind(ColumnKind::Study), |_| {
            &report.protocol.assay.study.id
        })
        .column(ClinicalChangeTable::MEASURE, |row| &row.measure)
        .column(ClinicalChangeTable::AVISIT, |row| &row.visit)
        .column(("AVISITN", "week of the visit"), |row| row.week)
        .column(ClinicalChangeTable::TRTP, |row| &row.active)
        .column(ClinicalChangeTable::TRTP_REF, |row| &row.reference)
        .column(("N_ARM", "randomised subjects of the arm"), |row| row.randomised[0])
        .column(("N_ARM_REF", "of the reference arm"), |row| row.randomised[1])
        .column(ClinicalChangeTable::N, |row| row.n[0])
        .column(ClinicalChangeTable::N_REF, |row| row.n[1])
        .column(ClinicalChangeTable::N_ADJ, |row| row.n_adjusted[0])
        .column(ClinicalChangeTable::N_ADJ_REF, |row| row.n_adjusted[1])
        .column(("BASE_MEAN", "mean at baseline of the N"), |row| row.base_mean[0])
        .column(("BASE_MEAN_REF", "the same of the reference arm"), |row| row.base_mean[1])
        .column(ClinicalChangeTable::PCHG_MEDIAN, |row| row.median_percent_change[0])
        .column(ClinicalChangeTable::PCHG_MEDIAN_REF, |row| row.median_percent_change[1])
        .interval(ClinicalChangeTable::ADJ_CHG, |row| row.adjusted.map(|[arm, _]| arm))
        .interval(ClinicalChangeTable::ADJ_CHG_REF, |row| row.adjusted.map(|[_, reference]| reference))
        .interval(ClinicalChangeTable::DIFFERENCE, |row| row.difference)
        .column(("SE", "standard error of DIFFERENCE"), |row| row.standard_error)
        .column(("DF", "degrees of freedom"), |row| row.df)
        .column(ClinicalChangeTable::P, |row| row.p)
        .column(ClinicalChangeTable::MODEL, |row| &row.model)
        .column(ClinicalChangeTable::REASON, |row| &row.reason)
        .column(("CONF_LEVEL", "level of the intervals, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(
        ClinicalChangeTable::TABLE,
        "the change of a clinical measure at one visit, in two arms",
        &clinical.changes,
    )
}

fn responders(report: &StudyReport<'_>, clinical: &Clinical) -> ReportTable {
    let columns = Columns::<&MeasureResponders>::new()
        .column(Column::new("STUDYID", "identifier of the study").kind(ColumnKind::Study), |_| {
            &report.protocol.assay.study.id
        })
        .column(("MEASURE", "the clinical measure"), |row| &row.measure)
        .column(ClinicalRespondersTable::RESPONSE, |row| &row.name)
        .counted(|row| &row.counted)
        .column(ClinicalRespondersTable::REASON, |row| &row.counted.reason)
        .simulated_data(report);
    let about = "responders by a clinical measure in two arms, under one definition";
    columns.fill(ClinicalRespondersTable::TABLE, about, &clinical.responders)
}

fn correlations(report: &StudyReport<'_>, clinical: &Clinical) -> ReportTable {
    let columns = Columns::<&MeasureCorrelation>::study(report)
        .column(CorrelationTable::MEASURE, |row| &row.measure)
        .column(CorrelationTable::CORRELATION, |row| way(row.way))
        .column(CorrelationTable::AVISIT, |row| row.visit.clone())
        .column(CorrelationTable::TRTP, |row| row.arm.clone().unwrap_or_else(|| "ALL".to_string()))
        .column(CorrelationTable::N_SUBJECTS, |row| row.participants)
        .column(CorrelationTable::N, |row| row.n)
        .column(CorrelationTable::N_LIMIT, |row| row.at_limit)
        .column(CorrelationTable::N_NO_LOG, |row| row.without_logarithm)
        .interval(CorrelationTable::R, |row| row.r)
        .column(("DF", "degrees of freedom"), |row| row.df)
        .column(CorrelationTable::P, |row| row.p)
        .column(CorrelationTable::REASON, |row| &row.reason)
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    let about = "the correlation of the analyte with a clinical measure, in one arm or all";
    columns.fill(CorrelationTable::TABLE, about, &clinical.correlations)
}
