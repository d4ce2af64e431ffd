//! Tables of the analysis, with CDISC names. They exist only after the list of arms was opened.

use super::columns_of::{AdjustedColumns, ComparisonTable, CountedColumns, RespondersTable, SummaryTable};
use super::{Column, ColumnKind, Columns, EstimateColumns, ReportTable, Unit};
use crate::concentration::Quantity;
use crate::report::{StudyReport, words};
use crate::study::primary::declared_rule;
use crate::study::records::outside;
use crate::study::{AdjustedPValue, ArmComparison, ArmSummary, Change, Comparison, Responders};

impl<'a, R> Columns<'a, R> {
    /// The columns that every table of the analysis begins with.
    pub(super) fn study(report: &'a StudyReport<'_>) -> Self {
        let study = &report.protocol.assay.study;
        Self::new()
            .column(Column::new("STUDYID", "identifier of the study").kind(ColumnKind::Study), move |_| &study.id)
            .column(("PARAMCD", "code of the analyte"), move |_| &study.paramcd)
            .column(("PARAM", "the analyte with its unit"), move |_| format!("{} ({})", study.analyte, study.unit))
    }

    /// The columns of a p-value that is adjusted within a family of tests.
    pub(super) fn adjusted(self, of: impl Fn(&R) -> Option<&AdjustedPValue> + Copy + 'a) -> Self {
        self.column(AdjustedColumns::FAMILY, move |row| of(row).map(|adjusted| adjusted.family.clone()))
            .column(AdjustedColumns::ADJUSTMENT, move |row| of(row).map(|adjusted| words::adjustment(adjusted.method)))
            .column(AdjustedColumns::P_ADJUSTED, move |row| of(row).map(|adjusted| adjusted.p))
    }

    /// The last column: in capitals here.
    pub(super) fn simulated_data(self, report: &'a StudyReport<'_>) -> Self {
        self.column(
            Column::new("SIMULATED", "Y when the data of the study are simulated").kind(ColumnKind::Simulated),
            move |_| report.protocol.assay.study.simulated,
        )
    }
}

/// One row per subject and visit after baseline.
pub(super) fn change(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    let rule = report.protocol.analysis().map(declared_rule);
    let imputed = move |quantity: &Option<Quantity>| rule?.number(quantity.as_ref()?)?.derivation;
    let columns = Columns::<&Change>::study(report)
        .column(Column::new("USUBJID", "the subject").kind(ColumnKind::Key), |row| &row.subject)
        .column(Column::new("TRTP", "the arm").kind(ColumnKind::Key), |row| &row.arm)
        .column(("AVISIT", "the visit"), |row| &row.visit)
        .column(("AVISITN", "week of the visit"), |row| row.week)
        .column(Column::new("AVAL", "the number of the visit that was analysed, in the unit of PARAM; imputed where DTYPE says so").of(Unit::Param),
            |row| row.aval,
        )
        .column(("AVALC", "the result as reported, where it is not a number: <312, >20000, or why there is none"),
            |row| not_a_number(row.endpoint.as_ref(), row.left_out[1]),
        )
        .column(("DTYPE", "how AVAL was imputed: HALFLLOQ, SQRT2LLOQ, LLOQ or ULOQ, or LOCF where it is that of an earlier visit by the strategy for an \
             event; empty where it was measured"),
            move |row| if row.carried { Some("LOCF") } else { imputed(&row.endpoint) },
        )
        .column(("BASEVIS", "the visit of the baseline"), |row| &row.baseline_visit)
        .column(Column::new("BASE", "the number of the baseline that was analysed, in the unit of PARAM; imputed where BASEDTYP says so").of(Unit::Param),
            |row| row.base,
        )
        .column(("BASEC", "the baseline as reported, where it is not a number"), |row| {
            not_a_number(row.baseline.as_ref(), row.left_out[0])
        })
        .column(("BASEDTYP", "how BASE was imputed"), move |row| imputed(&row.baseline))
        .column(Column::new("CHG", "AVAL − BASE, in the unit of PARAM").of(Unit::Param), |row| row.change)
        .column(Column::new("PCHG", "100 × (AVAL − BASE) / BASE, in percent").of(Unit::Percent), |row| row.percent_change)
        .column(("LOGCHG", "ln AVAL − ln BASE"), |row| row.log_change)
        .column(("ANL01FL", "Y when the subject is in the analysis of this visit"), |row| {
            if row.excluded.is_empty() { "Y" } else { "" }
        })
        .column(("EXCLREAS", "why it is not"), |row| &row.excluded)
        .simulated_data(report);
    columns.fill("change", "the change of a subject from baseline to a visit", &comparison.changes)
}

/// The text of a result that is not a number, `None` for a number: CDISC wants AVALC one-to-one with AVAL, and 15.6 may be
/// measured in one subject and stand for `<31.2` in another.
fn not_a_number(quantity: Option<&Quantity>, left_out: bool) -> Option<String> {
    match quantity {
        Some(Quantity::Quantified(_)) => None,
        // The same text as in the analysis dataset.
        Some(quantity) => outside(quantity).or_else(|| Some(quantity.to_string())),
        None => Some(if left_out { "left out" } else { "no result" }.into()),
    }
}

/// `no value at Week 16: 5 + 5; …`.
fn left_out(row: &ArmComparison) -> String {
    let reasons = row.left_out.iter().map(|left| format!("{}: {} + {}", left.reason, left.n[0], left.n[1]));
    reasons.collect::<Vec<_>>().join("; ")
}

/// One row per arm and visit.
pub(super) fn summary(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    let columns = Columns::<&ArmSummary>::study(report)
        .column(SummaryTable::TRTP, |row| &row.arm)
        .column(SummaryTable::AVISIT, |row| &row.visit)
        .column(("AVISITN", "week of the visit"), |row| row.week)
        .column(("N_ARM", "subjects of the arm"), |row| row.randomised)
        .column(SummaryTable::N, |row| row.n)
        .column(SummaryTable::N_BELOW, |row| row.below)
        .column(SummaryTable::N_ABOVE, |row| row.above)
        .column(SummaryTable::N_MISSING, |row| row.missing)
        .column(SummaryTable::N_MEAN, |row| row.n_mean)
        .column(Column::new("MEAN", "mean, in the unit of PARAM").of(Unit::Param), |row| row.mean)
        .column(Column::new("SD", "standard deviation, in the unit of PARAM").of(Unit::Param), |row| row.sd)
        .column(Column::new("SE", "standard error of the mean, in the unit of PARAM").of(Unit::Param), |row| row.se)
        .column(SummaryTable::MEDIAN, |row| row.median)
        .column(SummaryTable::Q1, |row| row.q1)
        .column(SummaryTable::Q3, |row| row.q3)
        .column(Column::new("MIN", "smallest result, in the unit of PARAM, or its limit").of(Unit::Param), |row| {
            row.min
        })
        .column(Column::new("MAX", "largest result, in the unit of PARAM, or its limit").of(Unit::Param), |row| row.max)
        .interval(SummaryTable::GEOMEAN, |row: &&ArmSummary| row.geometric_mean)
        .column(Column::new("GEOCV", "geometric coefficient of variation, in percent").of(Unit::Percent), |row| {
            row.geometric_cv_percent
        })
        .interval(SummaryTable::GEOMEAN_CENS, |row: &&ArmSummary| row.censored_geometric_mean)
        .column(SummaryTable::GEOMEAN_ROS, |row| row.ros_geometric_mean)
        .column(SummaryTable::NOT_ESTIMABLE, |row| &row.not_estimable)
        .column(SummaryTable::N_CHG, |row| row.n_change)
        .interval(SummaryTable::CHG_MEAN, |row: &&ArmSummary| row.mean_change)
        .interval(SummaryTable::PCHG_MEAN, |row: &&ArmSummary| row.mean_percent_change)
        .column(SummaryTable::N_PCHG, |row| row.percent_change.n)
        .column(SummaryTable::PCHG_MEDIAN, |row| row.percent_change.median)
        .column(SummaryTable::PCHG_Q1, |row| row.percent_change.q1)
        .column(SummaryTable::PCHG_Q3, |row| row.percent_change.q3)
        .column(SummaryTable::PCHG_MEDIAN_LOWER, |row| row.percent_change.lower)
        .column(SummaryTable::PCHG_MEDIAN_UPPER, |row| row.percent_change.upper)
        .interval(SummaryTable::GMR, |row: &&ArmSummary| row.geometric_mean_ratio)
        .column(
            Column::new("P_PAIRED_T", "p-value of the paired t test of the log change").kind(ColumnKind::PValue),
            |row| row.p_paired_t,
        )
        .column(
            Column::new("P_SIGNED_RANK", "p-value of the signed-rank test of the log change (exact, zeros dropped)")
                .kind(ColumnKind::PValue),
            |row| row.p_signed_rank,
        )
        .interval(
            EstimateColumns::new(
                Unit::One,
                ["HL", "HL_LOWER", "HL_UPPER"],
                "Hodges–Lehmann estimate of visit / baseline with its exact interval",
            ),
            |row: &&ArmSummary| row.hodges_lehmann_ratio,
        )
        .interval(SummaryTable::GMR_CENS, |row: &&ArmSummary| row.censored_ratio)
        .column(SummaryTable::GMR_ROS, |row| row.ros_ratio)
        .column(SummaryTable::CHG_NOT_ESTIMABLE, |row| &row.change_not_estimable)
        .column(("CONF_LEVEL", "level of the intervals, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(SummaryTable::TABLE, "an arm at a visit", &comparison.arms)
}

/// One row per comparison of two arms, values outside the limits by the declared rule.
pub(super) fn comparison(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    comparisons(report, "comparison", "a comparison of two arms", &comparison.comparisons)
}

/// One row per rule for values below the limit: how far the answer depends on it.
pub(super) fn sensitivity(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    let about = "the primary comparison under one rule for values below the limit";
    comparisons(report, "sensitivity", about, &comparison.sensitivity)
}

fn comparisons(
    report: &StudyReport<'_>,
    name: &'static str,
    about: &'static str,
    rows: &[ArmComparison],
) -> ReportTable {
    let columns = Columns::<&ArmComparison>::study(report)
        .column(ComparisonTable::ANALYSIS, |row| row.analysis.name())
        .column(ComparisonTable::PRIMARY, |row| row.primary)
        .column(ComparisonTable::MODEL, |row| &row.model)
        .column(ComparisonTable::AVISIT, |row| &row.visit)
        .column(ComparisonTable::TRTP, |row| &row.active)
        .column(ComparisonTable::TRTP_REF, |row| &row.reference)
        .column(ComparisonTable::N, |row| row.n[0])
        .column(ComparisonTable::N_REF, |row| row.n[1])
        .interval(ComparisonTable::RATIO, |row| row.ratio)
        .column(("SE_LOG", "standard error of ln RATIO"), |row| row.standard_error)
        .interval(ComparisonTable::ADJ_GMR, |row| row.adjusted_means.map(|[arm, _]| arm))
        .interval(ComparisonTable::ADJ_GMR_REF, |row| row.adjusted_means.map(|[_, reference]| reference))
        .column(ComparisonTable::STATISTIC, |row| row.statistic)
        .column(ComparisonTable::DF, |row| row.df)
        .column(ComparisonTable::P, |row| row.p)
        .adjusted(|row: &&ArmComparison| row.adjusted.as_ref())
        .column(("LEFT_OUT", "randomised subjects who were not used, arm + reference, by reason"), |row| left_out(row))
        .column(ComparisonTable::LIMIT_RULE, |row| &row.below_limit_rule)
        .column(ComparisonTable::REASON, |row| &row.reason)
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(name, about, rows)
}

impl<'a, R: 'a> Columns<'a, R> {
    /// Responders in two arms, under one definition, and their comparison.
    pub(super) fn counted(self, of: impl Fn(&R) -> &'a Responders + Copy + 'a) -> Self {
        self.column(CountedColumns::DEFINITION, move |row| &of(row).definition)
            .column(CountedColumns::DENOMINATOR, move |row| &of(row).denominator)
            .column(CountedColumns::AVISIT, move |row| &of(row).visit)
            .column(CountedColumns::TRTP, move |row| &of(row).active)
            .column(CountedColumns::TRTP_REF, move |row| &of(row).reference)
            .column(CountedColumns::RESPONDERS, move |row| of(row).responders[0])
            .column(CountedColumns::N, move |row| of(row).n[0])
            .column(CountedColumns::RESPONDERS_REF, move |row| of(row).responders[1])
            .column(CountedColumns::N_REF, move |row| of(row).n[1])
            .interval(CountedColumns::DIFFERENCE, move |row| of(row).difference)
            .column(
                Column::new("P_FISHER", "two-sided p-value of Fisher's exact test").kind(ColumnKind::PValue),
                move |row| of(row).p_fisher,
            )
            .column(
                Column::new("P_PEARSON", "p-value of Pearson's χ² without continuity correction")
                    .kind(ColumnKind::PValue),
                move |row| of(row).p_pearson,
            )
            .column(CountedColumns::TEST, move |row| words::responder_test(of(row).test))
            .column(CountedColumns::P, move |row| of(row).p)
    }
}

/// One row per definition of a responder.
pub(super) fn responders(report: &StudyReport<'_>, comparison: &Comparison) -> ReportTable {
    let columns = Columns::<&Responders>::study(report)
        .counted(|row| *row)
        .adjusted(|row: &&Responders| row.adjusted.as_ref())
        .column(RespondersTable::REASON, |row| &row.reason)
        .simulated_data(report);
    columns.fill(RespondersTable::TABLE, "responders in two arms, under one definition", &comparison.responders)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two limits that agree in four digits stand for two numbers.
    #[test]
    fn a_limit_has_all_its_digits() {
        let text = |limit: f64| not_a_number(Some(&Quantity::BelowLloq { limit }), false);
        assert_eq!((text(234.375), text(234.4)), (Some("<234.375".into()), Some("<234.4".into())));
        assert_eq!([false, true].map(|left_out| not_a_number(None, left_out).unwrap()), ["no result", "left out"]);
    }
}
