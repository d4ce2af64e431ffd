//! Tables of what the comparison is held against. They exist only after the list of arms was opened.

use super::{Columns, Table};
use crate::report::StudyReport;
use crate::study::Robustness;
use crate::study::assay_error::{AssayError, AssayShare, CarriedInterval};

/// The tables, in the order in which the page shows them.
pub(super) fn tables(report: &StudyReport<'_>, robustness: &Robustness) -> Vec<Table> {
    vec![assay_error(report, &robustness.assay_error)]
}

/// A row of `assay_error`: one interval of one comparison; or only the reason where there is none.
struct AssayRow<'a> {
    of: &'a AssayError,
    interval: Option<&'a CarriedInterval>,
}

fn assay_error(report: &StudyReport<'_>, errors: &[AssayError]) -> Table {
    let rows = errors.iter().flat_map(|of| {
        let intervals: Vec<Option<&CarriedInterval>> =
            if of.intervals.is_empty() { vec![None] } else { of.intervals.iter().map(Some).collect() };
        intervals.into_iter().map(move |interval| AssayRow { of, interval })
    });
    let share = |row: &AssayRow<'_>, arm: usize, of: fn(&AssayShare) -> Option<f64>| row.of.arms.get(arm).and_then(of);
    let columns = Columns::<AssayRow<'_>>::study(report)
        .column("ASSAY_ERROR", "which error of the assay the interval holds", |row| {
            row.interval.map(|interval| interval.assay_error)
        })
        .column("AVISIT", "the visit", |row| &row.of.visit)
        .column("TRTP", "the arm in the numerator", |row| &row.of.active)
        .column("TRTP_REF", "the reference arm", |row| &row.of.reference)
        .interval(
            ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
            "ratio of the geometric mean ratios to baseline, arm / reference",
            |row| row.interval?.ratio,
        )
        .column("SE_LOG", "standard error of ln RATIO", |row| row.interval?.standard_error)
        .column("DF", "degrees of freedom", |row| row.interval.map(|interval| interval.df).filter(|df| df.is_finite()))
        .column("P", "two-sided p-value", |row| row.interval?.p)
        .column("VAR_ASSAY", "variance of ln RATIO that the assay adds", |row| row.of.assay_variance)
        .column("VAR_SEEN", "what of it the residuals of the analysis show", |row| row.of.seen_variance)
        .column("SHIFT", "mean of the drawn ln RATIO less the estimate", |row| row.of.shift)
        .column("SD_CHG", "standard deviation of the log change in the arm", move |row| share(row, 0, |arm| arm.sd))
        .column("SD_ASSAY", "standard deviation of the assay's part of it", move |row| {
            share(row, 0, |arm| arm.assay_sd)
        })
        .column("PCT_ASSAY", "share of its variance that is assay, percent", move |row| {
            share(row, 0, |arm| arm.assay_percent)
        })
        .column("SD_CHG_REF", "the same of the reference arm", move |row| share(row, 1, |arm| arm.sd))
        .column("SD_ASSAY_REF", "the same of the reference arm", move |row| share(row, 1, |arm| arm.assay_sd))
        .column("PCT_ASSAY_REF", "the same of the reference arm", move |row| share(row, 1, |arm| arm.assay_percent))
        .column("REPLICATES", "whole studies that were drawn anew", |row| row.of.replicates)
        .column("USED", "of these, those that gave an estimate", |row| row.of.used)
        .column("SEED", "seed of the draws", |row| row.of.seed.to_string())
        .column("REASON", "why there is no interval", |row| {
            row.interval.map_or_else(|| row.of.reason.clone(), |interval| interval.reason.clone())
        })
        .column("CONF_LEVEL", "level of the interval, such as 0.95", |_| report.protocol.method.confidence)
        .simulated_data(report);
    columns.fill("assay_error", "the primary comparison with one way of taking the error of the assay", rows)
}
