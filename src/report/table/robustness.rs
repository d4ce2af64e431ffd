//! Tables of what the comparison is checked against. They exist only after the list of arms was opened.

use super::columns_of::{AssayErrorTable, ComparisonTable, PlateEffectTable};
use super::{Column, ColumnKind, Columns, EstimateColumns, ReportTable, Unit, supplementary};
use crate::report::StudyReport;
use crate::study::Robustness;
use crate::study::assay_error::{AssayError, AssayShare, CarriedInterval};
use crate::study::design::{BlockEffect, Design, DesignCount, Influence};
use crate::study::sensitivity_grid::{GridCell, SensitivityGrid};

/// The tables, in the order in which the page shows them.
pub(super) fn tables(report: &StudyReport<'_>, robustness: &Robustness) -> Vec<ReportTable> {
    let mut tables = vec![assay_error(report, &robustness.assay_error)];
    if !robustness.grids.is_empty() {
        tables.push(sensitivity(report, &robustness.grids));
    }
    let design = &robustness.design;
    if !robustness.next_trial.is_empty() {
        tables.push(supplementary::next_trial(report, &robustness.next_trial));
    }
    tables.extend([self::design(report, design), plate_effect(report, design), influence(report, design)]);
    tables
}

/// A row of `assay_error`: one interval of one comparison; or only the reason where there is none.
struct AssayRow<'a> {
    of: &'a AssayError,
    interval: Option<&'a CarriedInterval>,
}

fn assay_error(report: &StudyReport<'_>, errors: &[AssayError]) -> ReportTable {
    let rows = errors.iter().flat_map(|of| {
        let intervals: Vec<Option<&CarriedInterval>> =
            if of.intervals.is_empty() { vec![None] } else { of.intervals.iter().map(Some).collect() };
        intervals.into_iter().map(move |interval| AssayRow { of, interval })
    });
    let share = |row: &AssayRow<'_>, arm: usize, of: fn(&AssayShare) -> Option<f64>| row.of.arms.get(arm).and_then(of);
    let columns = Columns::<AssayRow<'_>>::study(report)
        .column(AssayErrorTable::ASSAY_ERROR, |row| row.interval.map(|interval| interval.assay_error))
        .column(AssayErrorTable::AVISIT, |row| &row.of.visit)
        .column(AssayErrorTable::TRTP, |row| &row.of.active)
        .column(AssayErrorTable::TRTP_REF, |row| &row.of.reference)
        .interval(AssayErrorTable::RATIO, |row| row.interval?.ratio)
        .column(AssayErrorTable::SE_LOG, |row| row.interval?.standard_error)
        .column(AssayErrorTable::DF, |row| row.interval.map(|interval| interval.df))
        .column(AssayErrorTable::P, |row| row.interval?.p)
        .column(("VAR_ASSAY", "variance of ln RATIO that the assay adds"), |row| row.of.assay_variance)
        .column(("VAR_SEEN", "what of it the residuals of the analysis show"), |row| row.of.seen_variance)
        .column(("SHIFT", "mean of the drawn ln RATIO less the estimate"), |row| row.of.shift)
        .column(("SD_CHG", "standard deviation of the log change in the arm"), move |row| share(row, 0, |arm| arm.sd))
        .column(("SD_ASSAY", "standard deviation of the assay's part of it"), move |row| {
            share(row, 0, |arm| arm.assay_sd)
        })
        .column(
            Column::new("PCT_ASSAY", "share of its variance that is assay, in percent").of(Unit::Percent),
            move |row| share(row, 0, |arm| arm.assay_percent),
        )
        .column(("SD_CHG_REF", "SD_CHG of the reference arm"), move |row| share(row, 1, |arm| arm.sd))
        .column(("SD_ASSAY_REF", "SD_ASSAY of the reference arm"), move |row| share(row, 1, |arm| arm.assay_sd))
        .column(
            Column::new("PCT_ASSAY_REF", "PCT_ASSAY of the reference arm, in percent").of(Unit::Percent),
            move |row| share(row, 1, |arm| arm.assay_percent),
        )
        .column(("REPLICATES", "whole studies that were resampled"), |row| row.of.replicates)
        .column(("USED", "of these, those that gave an estimate"), |row| row.of.used)
        .column(("SEED", "seed of the draws"), |row| row.of.seed.to_string())
        .column(AssayErrorTable::REASON, |row| {
            row.interval.map_or_else(|| row.of.reason.clone(), |interval| interval.reason.clone())
        })
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(AssayErrorTable::TABLE, "the primary comparison under one way of accounting for assay error", rows)
}

fn sensitivity(report: &StudyReport<'_>, grids: &[SensitivityGrid]) -> ReportTable {
    let choice = |row: &&GridCell, at: usize| row.choices()[at].1.clone();
    let columns = Columns::<&GridCell>::study(report)
        .column(("PRIMARY", "Y for the declared primary analysis"), |row| row.comparison.primary)
        .column(("CURVE", "curve model"), move |row| choice(row, 0))
        .column(("VARIANCE", "variance model of the responses"), move |row| choice(row, 1))
        .column(("BLANK", "what is done with the blanks"), move |row| choice(row, 2))
        .column(("PLATES", "which plates count"), move |row| choice(row, 3))
        .column(("LIMIT_RULE", "what stands for values outside the limits"), |row| &row.comparison.below_limit_rule)
        .column(("ANALYSIS", "name of the analysis"), |row| row.comparison.analysis.name())
        .column(("N_PLATES", "plates that counted"), |row| row.plates_used)
        .column(("AVISIT", "the visit"), |row| &row.comparison.visit)
        .column(Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key), |row| &row.comparison.active)
        .column(("TRTP_REF", "the reference arm"), |row| &row.comparison.reference)
        .column(("N", "subjects of the arm that were used"), |row| row.comparison.n[0])
        .column(("N_REF", "subjects of the reference arm that were used"), |row| row.comparison.n[1])
        .interval(
            EstimateColumns::new(
                Unit::One,
                ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
                "ratio of the geometric mean ratios to baseline, arm / reference",
            ),
            |row| row.comparison.ratio,
        )
        .column(("SE_LOG", "standard error of ln RATIO"), |row| row.comparison.standard_error)
        .column(Column::new("P", "two-sided p-value").kind(ColumnKind::PValue), |row| row.comparison.p)
        .column(("REASON", "why there is no estimate"), |row| &row.comparison.reason)
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    let about = "the primary comparison under one combination of all choices, from the wells";
    columns.fill(ComparisonTable::SENSITIVITY, about, grids.iter().flat_map(|grid| &grid.cells))
}

fn design(report: &StudyReport<'_>, design: &Design) -> ReportTable {
    let columns = Columns::<&DesignCount>::study(report)
        .column(("FACTOR", "plate or kit lot"), |row| row.factor)
        .column(("LEVEL", "its name"), |row| &row.level)
        .column(("AVISIT", "the visit"), |row| &row.visit)
        .column(Column::new("TRTP", "the arm").kind(ColumnKind::Key), |row| &row.arm)
        .column(("N", "reported results"), |row| row.n)
        .simulated_data(report);
    columns.fill("design", "results of an arm at a visit on a plate, or of a kit lot", &design.counts)
}

fn plate_effect(report: &StudyReport<'_>, design: &Design) -> ReportTable {
    let columns = Columns::<&BlockEffect>::study(report)
        .column(PlateEffectTable::TERM, |row| &row.term)
        .column(PlateEffectTable::TRTP, |row| &row.active)
        .column(PlateEffectTable::TRTP_REF, |row| &row.reference)
        .column(PlateEffectTable::N, |row| row.n)
        .interval(PlateEffectTable::RATIO, |row| row.without)
        .interval(PlateEffectTable::RATIO_TERM, |row| row.with)
        .column(PlateEffectTable::INFLATION, |row| row.inflation)
        .column(("F", "F of the term"), |row| row.f)
        .column(("DF_TERM", "its degrees of freedom"), |row| row.df.map(|df| df[0]))
        .column(("DF", "residual degrees of freedom"), |row| row.df.map(|df| df[1]))
        .column(PlateEffectTable::P, |row| row.p)
        .column(("CONFOUNDED", "Y when arm and term cannot be told apart"), |row| row.confounded)
        .column(PlateEffectTable::REASON, |row| &row.reason)
        .column(("CONF_LEVEL", "level of the intervals, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(
        PlateEffectTable::TABLE,
        "the analysis of covariance with a term for plates, kit lots or matrices, and without",
        &design.effects,
    )
}

fn influence(report: &StudyReport<'_>, design: &Design) -> ReportTable {
    let columns = Columns::<&Influence>::study(report)
        .column(Column::new("USUBJID", "the subject who is left out").kind(ColumnKind::Key), |row| &row.subject)
        .column(Column::new("TRTP", "the subject's arm").kind(ColumnKind::Key), |row| &row.arm)
        .column(("TRTP_ACTIVE", "the arm in the numerator"), |row| &row.active)
        .column(("TRTP_REF", "the reference arm"), |row| &row.reference)
        .interval(
            EstimateColumns::new(
                Unit::One,
                ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
                "ratio of the geometric mean ratios to baseline without the subject",
            ),
            |row| row.ratio,
        )
        .column(("PCT_CHANGE", "by how much that changes the ratio, percent"), |row| row.change_percent)
        .column(Column::new("P", "two-sided p-value without the subject").kind(ColumnKind::PValue), |row| row.p)
        .column(
            ("MOVES", "Y when the interval holds 1 with the subject and not without, or the other way round"),
            |row| row.moves,
        )
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill("influence", "the primary comparison, leaving out a subject", &design.influence)
}
