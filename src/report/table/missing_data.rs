//! What was assumed of values that are missing. Only where the study asks for it, and only after the list of arms was opened.

use super::columns_of::MissingDataTable;
use super::{Column, ColumnKind, Columns, EstimateColumns, ReportTable, Unit};
use crate::report::StudyReport;
use crate::study::missing_data::{ImputedRatio, MissingData, ShiftedRatio, in_words};

/// The two tables; none where the study does not ask for them.
pub(super) fn tables(report: &StudyReport<'_>, found: &[MissingData]) -> Vec<ReportTable> {
    if found.is_empty() { Vec::new() } else { vec![assumptions(report, found), tipping_point(report, found)] }
}

/// The ratio under one assumption; or only the reason where nothing was imputed.
struct Assumption<'a> {
    of: &'a MissingData,
    row: Option<&'a ImputedRatio>,
}

fn assumptions(report: &StudyReport<'_>, found: &[MissingData]) -> ReportTable {
    let rows = found.iter().flat_map(|of| {
        let rows: Vec<Option<&ImputedRatio>> =
            if of.assumptions.is_empty() { vec![None] } else { of.assumptions.iter().map(Some).collect() };
        rows.into_iter().map(move |row| Assumption { of, row })
    });
    let columns = Columns::<Assumption<'_>>::study(report)
        .column(MissingDataTable::ASSUMPTION, |row| row.row.map(|row| in_words(row.assumption)))
        .column(MissingDataTable::AVISIT, |row| &row.of.visit)
        .column(MissingDataTable::TRTP, |row| &row.of.active)
        .column(MissingDataTable::TRTP_REF, |row| &row.of.reference)
        .column(MissingDataTable::N, |row| row.of.n[0])
        .column(MissingDataTable::N_REF, |row| row.of.n[1])
        .column(MissingDataTable::N_IMPUTED, |row| row.of.imputed[0])
        .column(MissingDataTable::N_IMPUTED_REF, |row| row.of.imputed[1])
        .column(
            ("N_NO_BASE", "subjects of the arm without a baseline or a covariate, who are not in the analysis"),
            |row| row.of.without_baseline[0],
        )
        .column(("N_NO_BASE_REF", "the same of the reference arm"), |row| row.of.without_baseline[1])
        .interval(MissingDataTable::RATIO, |row| row.row?.ratio)
        .column(MissingDataTable::SE_LOG, |row| row.row.map(|row| row.standard_error))
        .column(MissingDataTable::DF, |row| row.row.map(|row| row.df))
        .column(MissingDataTable::P, |row| row.row?.p)
        .column(("MISSING_SHARE", "share of the variance that is due to what is missing"), |row| {
            row.row.map(|row| row.missing_share)
        })
        .column(MissingDataTable::MC_ERROR, |row| row.row.map(|row| row.monte_carlo_error))
        .column(("IMPUTATIONS", "how many times what is missing was filled"), |row| row.of.imputations)
        .column(("SEED", "seed of the draws"), |row| row.of.seed.to_string())
        .column(MissingDataTable::REASON, |row| &row.of.reason)
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(
        MissingDataTable::TABLE,
        "the primary comparison with missing values imputed under one assumption",
        rows,
    )
}

/// The ratio at one factor.
struct ShiftPoint<'a> {
    of: &'a MissingData,
    row: &'a ShiftedRatio,
    plausible: f64,
}

fn tipping_point(report: &StudyReport<'_>, found: &[MissingData]) -> ReportTable {
    let rows = found.iter().filter_map(|of| Some((of, of.tipping.as_ref()?))).flat_map(|(of, tipping)| {
        tipping.points.iter().map(move |row| ShiftPoint { of, row, plausible: tipping.plausible_factor })
    });
    let columns = Columns::<ShiftPoint<'_>>::study(report)
        .column(("FACTOR", "imputed values of the arm, as a multiple of those under missing at random"), |row| {
            row.row.factor
        })
        .column(("TIPS", "Y where the interval first lies on another side of 1 than at FACTOR 1"), |row| row.row.tips)
        .column(("PLAUSIBLE", "Y up to the plausible_factor of the study, up or down"), |row| {
            // Written so that the factor itself counts, whatever the rounding of its logarithm.
            let factor = row.row.factor.max(1.0 / row.row.factor);
            factor <= row.plausible * (1.0 + 1e-12)
        })
        .column(("AVISIT", "the visit"), |row| &row.of.visit)
        .column(Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key), |row| &row.of.active)
        .column(("TRTP_REF", "the reference arm"), |row| &row.of.reference)
        .interval(
            EstimateColumns::new(
                Unit::One,
                ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
                "ratio of the geometric mean ratios to baseline, arm / reference",
            ),
            |row| row.row.ratio,
        )
        .column(Column::new("P", "two-sided p-value").kind(ColumnKind::PValue), |row| row.row.p)
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill("tipping_point", "the primary comparison with imputed values of the arm times a factor", rows)
}
