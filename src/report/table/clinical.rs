//! What is made of the clinical measures. Only where the study declares them, and only after the list of arms was opened.

use super::{Columns, Table, Unit};
use crate::report::StudyReport;
use crate::study::clinical::{Clinical, MeasureChange, MeasureCorrelation, MeasureResponders, Way};

/// The three tables.
pub(super) fn tables(report: &StudyReport<'_>, clinical: &Clinical) -> Vec<Table> {
    vec![changes(report, clinical), responders(report, clinical), correlations(report, clinical)]
}

/// A correlation as a reader knows it.
fn way(way: Way) -> &'static str {
    match way {
        Way::Spearman => "Spearman, percent changes",
        Way::Pearson => "Pearson, log ratios to baseline",
        Way::WithinParticipants => "within participants over visits, logs",
    }
}

fn changes(report: &StudyReport<'_>, clinical: &Clinical) -> Table {
    let columns = Columns::<&MeasureChange>::new()
        .column("STUDYID", "identifier of the study", |_| &report.protocol.assay.study.id)
        .column("MEASURE", "the clinical measure", |row| &row.measure)
        .column("AVISIT", "the visit", |row| &row.visit)
        .column("AVISITN", "week of the visit", |row| row.week)
        .column("TRTP", "the arm", |row| &row.active)
        .column("TRTP_REF", "the reference arm", |row| &row.reference)
        .column("N_ARM", "randomised subjects of the arm", |row| row.randomised[0])
        .column("N_ARM_REF", "of the reference arm", |row| row.randomised[1])
        .column("N", "of the arm, those with both values", |row| row.n[0])
        .column("N_REF", "the same of the reference arm", |row| row.n[1])
        .column("N_ADJ", "of the N, those whose covariates are known: in the adjusted comparison", |row| {
            row.n_adjusted[0]
        })
        .column("N_ADJ_REF", "the same of the reference arm", |row| row.n_adjusted[1])
        .column("BASE_MEAN", "mean at baseline of the N", |row| row.base_mean[0])
        .column("BASE_MEAN_REF", "the same of the reference arm", |row| row.base_mean[1])
        .column_in(Unit::Percent, "PCHG_MEDIAN", "median percent change from baseline of the arm", |row| {
            row.median_percent_change[0]
        })
        .column_in(Unit::Percent, "PCHG_MEDIAN_REF", "the same of the reference arm, in percent", |row| {
            row.median_percent_change[1]
        })
        .interval(Unit::One, ["ADJ_CHG", "ADJ_CHG_LOWER", "ADJ_CHG_UPPER"], "adjusted mean change of the arm", |row| {
            row.adjusted.map(|[arm, _]| arm)
        })
        .interval(
            Unit::One,
            ["ADJ_CHG_REF", "ADJ_CHG_REF_LOWER", "ADJ_CHG_REF_UPPER"],
            "the same of the reference arm",
            |row| row.adjusted.map(|[_, reference]| reference),
        )
        .interval(Unit::One, ["DIFFERENCE", "DIFFERENCE_LOWER", "DIFFERENCE_UPPER"], "ADJ_CHG − ADJ_CHG_REF", |row| {
            row.difference
        })
        .column("SE", "standard error of DIFFERENCE", |row| row.standard_error)
        .column("DF", "degrees of freedom", |row| row.df)
        .column("P", "two-sided p-value", |row| row.p)
        .column("MODEL", "the model in words", |row| &row.model)
        .column("REASON", "why there is no comparison", |row| &row.reason)
        .column("CONF_LEVEL", "level of the intervals, such as 0.95", |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill("clinical_change", "the change of a clinical measure at one visit, in two arms", &clinical.changes)
}

fn responders(report: &StudyReport<'_>, clinical: &Clinical) -> Table {
    let columns = Columns::<&MeasureResponders>::new()
        .column("STUDYID", "identifier of the study", |_| &report.protocol.assay.study.id)
        .column("MEASURE", "the clinical measure", |row| &row.measure)
        .column("RESPONSE", "name of the definition, such as EASI-75", |row| &row.name)
        .counted(|row| &row.counted)
        .column("REASON", "why there is no comparison or no test", |row| &row.counted.reason)
        .simulated_data(report);
    let about = "responders by a clinical measure in two arms, under one definition";
    columns.fill("clinical_responders", about, &clinical.responders)
}

fn correlations(report: &StudyReport<'_>, clinical: &Clinical) -> Table {
    let columns = Columns::<&MeasureCorrelation>::study(report)
        .column("MEASURE", "the clinical measure", |row| &row.measure)
        .column("CORRELATION", "which correlation", |row| way(row.way))
        .column("AVISIT", "the visit; empty for all", |row| row.visit.clone())
        .column("TRTP", "the arm; ALL for all together, which also holds what the treatment does to both", |row| {
            row.arm.clone().unwrap_or_else(|| "ALL".to_string())
        })
        .column("N_SUBJECTS", "subjects that the correlation is of", |row| row.participants)
        .column("N", "pairs", |row| row.n)
        .column("N_LIMIT", "of these, pairs whose analyte is at a limit of quantification", |row| row.at_limit)
        .column("N_NO_LOG", "further pairs that have no logarithm: a value of zero", |row| row.without_logarithm)
        .interval(Unit::One, ["R", "R_LOWER", "R_UPPER"], "the correlation", |row| row.r)
        .column("DF", "degrees of freedom", |row| row.df)
        .column("P", "two-sided p-value", |row| row.p)
        .column("REASON", "why there is none", |row| &row.reason)
        .column("CONF_LEVEL", "level of the interval, such as 0.95", |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    let about = "the correlation of the analyte with a clinical measure, in one arm or all";
    columns.fill("correlation", about, &clinical.correlations)
}
