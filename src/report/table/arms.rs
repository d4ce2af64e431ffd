//! Tables of the analysis, with CDISC names. They exist only after the list of arms was opened.

use super::{Columns, Table, Unit};
use crate::concentration::Quantity;
use crate::report::{StudyReport, words};
use crate::study::primary::declared_rule;
use crate::study::records::outside;
use crate::study::{Adjusted, ArmComparison, ArmSummary, Change, Comparison, Interval, Responders};

impl<'a, R> Columns<'a, R> {
    /// The columns that every table of the analysis begins with.
    pub(super) fn study(report: &'a StudyReport<'_>) -> Self {
        let study = &report.protocol.assay.study;
        Self::new()
            .column("STUDYID", "identifier of the study", move |_| &study.id)
            .column("PARAMCD", "code of the analyte", move |_| &study.paramcd)
            .column("PARAM", "the analyte with its unit", move |_| format!("{} ({})", study.analyte, study.unit))
    }

    /// The columns of a p-value that is adjusted within a family of tests.
    pub(super) fn adjusted(self, of: impl Fn(&R) -> Option<&Adjusted> + Copy + 'a) -> Self {
        self.column("FAMILY", "the family of tests that the study declares", move |row| {
            of(row).map(|adjusted| adjusted.family.clone())
        })
        .column(
            "ADJUSTMENT",
            "how its p-values are adjusted: Holm, Hochberg, BH, or hierarchical in the declared order",
            move |row| of(row).map(|adjusted| words::adjustment(adjusted.method)),
        )
        .column("P_ADJUSTED", "the adjusted p-value", move |row| of(row).map(|adjusted| adjusted.p))
    }

    /// The last column: in capitals here.
    pub(super) fn simulated_data(self, report: &'a StudyReport<'_>) -> Self {
        self.column("SIMULATED", "Y when the data of the study are simulated", move |_| {
            report.protocol.assay.study.simulated
        })
    }

    /// The three columns of an estimate with its interval.
    pub(super) fn interval(
        self,
        unit: Unit,
        [name, lower, upper]: [&'static str; 3],
        meaning: &'static str,
        of: impl Fn(&R) -> Option<Interval> + Copy + 'a,
    ) -> Self {
        let ends = match unit {
            Unit::Study => {
                ["lower end of its confidence interval, in `unit`", "upper end of its confidence interval, in `unit`"]
            }
            Unit::Param => [
                "lower end of its confidence interval, in the unit of PARAM",
                "upper end of its confidence interval, in the unit of PARAM",
            ],
            Unit::Percent => {
                ["lower end of its confidence interval, in percent", "upper end of its confidence interval, in percent"]
            }
            Unit::One => ["lower end of its confidence interval", "upper end of its confidence interval"],
        };
        self.column_in(unit, name, meaning, move |row| of(row).map(|interval| interval.estimate))
            .column_in(unit, lower, ends[0], move |row| of(row).map(|interval| interval.lower))
            .column_in(unit, upper, ends[1], move |row| of(row).map(|interval| interval.upper))
    }
}

/// One row per subject and visit after baseline.
pub(super) fn change(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    let rule = report.protocol.analysis().map(declared_rule);
    let imputed = move |quantity: &Option<Quantity>| rule?.number(quantity.as_ref()?)?.derivation;
    let columns = Columns::<&Change>::study(report)
        .column("USUBJID", "the subject", |row| &row.subject)
        .column("TRTP", "the arm", |row| &row.arm)
        .column("AVISIT", "the visit", |row| &row.visit)
        .column("AVISITN", "week of the visit", |row| row.week)
        .column_in(
            Unit::Param,
            "AVAL",
            "the number of the visit that was analysed, in the unit of PARAM; imputed where DTYPE says so",
            |row| row.aval,
        )
        .column(
            "AVALC",
            "the result as reported, where it is not a number: <312, >20000, or why there is none",
            |row| not_a_number(row.endpoint.as_ref(), row.left_out[1]),
        )
        .column(
            "DTYPE",
            "how AVAL was imputed: HALFLLOQ, SQRT2LLOQ, LLOQ or ULOQ, or LOCF where it is that of an earlier visit by the strategy for an \
             event; empty where it was measured",
            move |row| if row.carried { Some("LOCF") } else { imputed(&row.endpoint) },
        )
        .column("BASEVIS", "the visit of the baseline", |row| &row.baseline_visit)
        .column_in(
            Unit::Param,
            "BASE",
            "the number of the baseline that was analysed, in the unit of PARAM; imputed where BASEDTYP says so",
            |row| row.base,
        )
        .column("BASEC", "the baseline as reported, where it is not a number", |row| {
            not_a_number(row.baseline.as_ref(), row.left_out[0])
        })
        .column("BASEDTYP", "how BASE was imputed", move |row| imputed(&row.baseline))
        .column_in(Unit::Param, "CHG", "AVAL − BASE, in the unit of PARAM", |row| row.change)
        .column_in(Unit::Percent, "PCHG", "100 × (AVAL − BASE) / BASE, in percent", |row| row.percent_change)
        .column("LOGCHG", "ln AVAL − ln BASE", |row| row.log_change)
        .column("ANL01FL", "Y when the subject is in the analysis of this visit", |row| {
            if row.excluded.is_empty() { "Y" } else { "" }
        })
        .column("EXCLREAS", "why it is not", |row| &row.excluded)
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
pub(super) fn summary(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    let columns = Columns::<&ArmSummary>::study(report)
        .column("TRTP", "the arm", |row| &row.arm)
        .column("AVISIT", "the visit", |row| &row.visit)
        .column("AVISITN", "week of the visit", |row| row.week)
        .column("N_ARM", "subjects of the arm", |row| row.randomised)
        .column("N", "subjects with a value or a limit at the visit: the n of MEDIAN, Q1, Q3, MIN and MAX", |row| row.n)
        .column("N_BELOW", "of these below the LLOQ", |row| row.below)
        .column("N_ABOVE", "of these above the ULOQ", |row| row.above)
        .column("N_MISSING", "subjects without a result at the visit", |row| row.missing)
        .column(
            "N_MEAN",
            "numbers that MEAN, SD, SE, GEOMEAN and GEOCV are of; 0 where these are not estimable",
            |row| row.n_mean,
        )
        .column_in(Unit::Param, "MEAN", "mean, in the unit of PARAM", |row| row.mean)
        .column_in(Unit::Param, "SD", "standard deviation, in the unit of PARAM", |row| row.sd)
        .column_in(Unit::Param, "SE", "standard error of the mean, in the unit of PARAM", |row| row.se)
        .column_in(
            Unit::Param,
            "MEDIAN",
            "median, in the unit of PARAM; <312.5 where it is known by a limit only",
            |row| row.median,
        )
        .column_in(
            Unit::Param,
            "Q1",
            "first quartile by SAS's default definition (type 2), in the unit of PARAM, or its limit",
            |row| row.q1,
        )
        .column_in(
            Unit::Param,
            "Q3",
            "third quartile by the same definition, in the unit of PARAM, or its limit",
            |row| row.q3,
        )
        .column_in(Unit::Param, "MIN", "smallest result, in the unit of PARAM, or its limit", |row| row.min)
        .column_in(Unit::Param, "MAX", "largest result, in the unit of PARAM, or its limit", |row| row.max)
        .interval(
            Unit::Param,
            ["GEOMEAN", "GEOMEAN_LOWER", "GEOMEAN_UPPER"],
            "geometric mean, in the unit of PARAM",
            |row: &&ArmSummary| row.geometric_mean,
        )
        .column_in(Unit::Percent, "GEOCV", "geometric coefficient of variation, in percent", |row| {
            row.geometric_cv_percent
        })
        .interval(
            Unit::Param,
            ["GEOMEAN_CENS", "GEOMEAN_CENS_LOWER", "GEOMEAN_CENS_UPPER"],
            "geometric mean with values outside the limits treated as censored (Tobit), in the unit of PARAM",
            |row: &&ArmSummary| row.censored_geometric_mean,
        )
        .column_in(
            Unit::Param,
            "GEOMEAN_ROS",
            "geometric mean by regression on order statistics, where values are below the limit, in the unit of PARAM; an estimate without an \
             interval, beside GEOMEAN_CENS which has one",
            |row| row.ros_geometric_mean,
        )
        .column("NOT_ESTIMABLE", "why there is no mean: too many values are outside the limits, or nobody has one", |row| {
            &row.not_estimable
        })
        .column("N_CHG", "subjects whose change the following is of; 0 where it is not estimable", |row| row.n_change)
        .interval(
            Unit::Param,
            ["CHG_MEAN", "CHG_LOWER", "CHG_UPPER"],
            "mean change, in the unit of PARAM",
            |row: &&ArmSummary| row.mean_change,
        )
        .interval(
            Unit::Percent,
            ["PCHG_MEAN", "PCHG_LOWER", "PCHG_UPPER"],
            "mean change relative to baseline, in percent",
            |row: &&ArmSummary| row.mean_percent_change,
        )
        .column("N_PCHG", "subjects with a value or a limit at both visits: the n of the following five", |row| {
            row.percent_change.n
        })
        .column_in(
            Unit::Percent,
            "PCHG_MEDIAN",
            "median change relative to baseline, in percent; <-80 where it is known by a limit only",
            |row| row.percent_change.median,
        )
        .column_in(Unit::Percent, "PCHG_Q1", "its first quartile (type 2)", |row| row.percent_change.q1)
        .column_in(Unit::Percent, "PCHG_Q3", "its third quartile (type 2)", |row| row.percent_change.q3)
        .column_in(
            Unit::Percent,
            "PCHG_MEDIAN_LOWER",
            "lower end of the interval for the median, by order statistics; empty where there are too few for the level",
            |row| row.percent_change.lower,
        )
        .column_in(Unit::Percent, "PCHG_MEDIAN_UPPER", "upper end of the same", |row| row.percent_change.upper)
        .interval(
            Unit::One,
            ["GMR", "GMR_LOWER", "GMR_UPPER"],
            "geometric mean of visit / baseline",
            |row: &&ArmSummary| row.geometric_mean_ratio,
        )
        .column("P_PAIRED_T", "p-value of the paired t test of the log change", |row| row.p_paired_t)
        .column("P_SIGNED_RANK", "p-value of the signed-rank test of the log change (exact, zeros dropped)", |row| {
            row.p_signed_rank
        })
        .interval(
            Unit::One,
            ["HL", "HL_LOWER", "HL_UPPER"],
            "Hodges–Lehmann estimate of visit / baseline with its exact interval",
            |row: &&ArmSummary| row.hodges_lehmann_ratio,
        )
        .interval(
            Unit::One,
            ["GMR_CENS", "GMR_CENS_LOWER", "GMR_CENS_UPPER"],
            "geometric mean of visit / baseline with values outside the limits treated as censored (Tobit)",
            |row: &&ArmSummary| row.censored_ratio,
        )
        .column(
            "GMR_ROS",
            "geometric mean of visit / baseline by regression on order statistics, where values are below the limit; an estimate without \
             an interval, beside GMR_CENS which has one",
            |row| row.ros_ratio,
        )
        .column("CHG_NOT_ESTIMABLE", "why there is no mean change: too many values are outside the limits, or nobody has both", |row| {
            &row.change_not_estimable
        })
        .column("CONF_LEVEL", "level of the intervals, such as 0.95", |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill("summary", "an arm at a visit", &comparison.arms)
}

/// One row per comparison of two arms, values outside the limits by the declared rule.
pub(super) fn comparison(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    comparisons(report, "comparison", "a comparison of two arms", &comparison.comparisons)
}

/// One row per rule for values below the limit: how far the answer depends on it.
pub(super) fn sensitivity(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    let about = "the primary comparison under one rule for values below the limit";
    comparisons(report, "sensitivity", about, &comparison.sensitivity)
}

fn comparisons(report: &StudyReport<'_>, name: &'static str, about: &'static str, rows: &[ArmComparison]) -> Table {
    let columns = Columns::<&ArmComparison>::study(report)
        .column("ANALYSIS", "name of the analysis", |row| &row.analysis)
        .column("PRIMARY", "Y for the declared primary analysis", |row| row.primary)
        .column("MODEL", "the model in words", |row| &row.model)
        .column("AVISIT", "the visit", |row| &row.visit)
        .column("TRTP", "the arm in the numerator", |row| &row.active)
        .column("TRTP_REF", "the reference arm", |row| &row.reference)
        .column("N", "subjects of the arm that were used", |row| row.n[0])
        .column("N_REF", "subjects of the reference arm that were used", |row| row.n[1])
        .interval(
            Unit::One,
            ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
            "ratio of the geometric mean ratios to baseline, arm / reference",
            |row| row.ratio,
        )
        .column("SE_LOG", "standard error of ln RATIO", |row| row.standard_error)
        .interval(
            Unit::One,
            ["ADJ_GMR", "ADJ_GMR_LOWER", "ADJ_GMR_UPPER"],
            "adjusted geometric mean of visit / baseline of the arm, at the mean log baseline",
            |row| row.adjusted_means.map(|[arm, _]| arm),
        )
        .interval(
            Unit::One,
            ["ADJ_GMR_REF", "ADJ_GMR_REF_LOWER", "ADJ_GMR_REF_UPPER"],
            "the same of the reference arm; RATIO is the one over the other",
            |row| row.adjusted_means.map(|[_, reference]| reference),
        )
        .column("STATISTIC", "test statistic", |row| row.statistic)
        .column("DF", "degrees of freedom", |row| row.df)
        .column("P", "two-sided p-value", |row| row.p)
        .adjusted(|row: &&ArmComparison| row.adjusted.as_ref())
        .column("LEFT_OUT", "randomised subjects who were not used, arm + reference, by reason", |row| left_out(row))
        .column("LIMIT_RULE", "what stood for values outside the limits", |row| &row.below_limit_rule)
        .column("REASON", "why there is no estimate", |row| &row.reason)
        .column("CONF_LEVEL", "level of the interval, such as 0.95", |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(name, about, rows)
}

impl<'a, R: 'a> Columns<'a, R> {
    /// Responders in two arms, under one definition, and their comparison.
    pub(super) fn counted(self, of: impl Fn(&R) -> &'a Responders + Copy + 'a) -> Self {
        self.column("DEFINITION", "who responds", move |row| &of(row).definition)
            .column("DENOMINATOR", "who is counted", move |row| &of(row).denominator)
            .column("AVISIT", "the visit", move |row| &of(row).visit)
            .column("TRTP", "the arm", move |row| &of(row).active)
            .column("TRTP_REF", "the reference arm", move |row| &of(row).reference)
            .column("RESPONDERS", "responders of the arm", move |row| of(row).responders[0])
            .column("N", "subjects of the arm that are counted", move |row| of(row).n[0])
            .column("RESPONDERS_REF", "responders of the reference arm", move |row| of(row).responders[1])
            .column("N_REF", "subjects of the reference arm that are counted", move |row| of(row).n[1])
            .interval(
                Unit::One,
                ["DIFFERENCE", "DIFFERENCE_LOWER", "DIFFERENCE_UPPER"],
                "difference of the proportions, arm − reference, with Newcombe's interval",
                move |row| of(row).difference,
            )
            .column("P_FISHER", "two-sided p-value of Fisher's exact test", move |row| of(row).p_fisher)
            .column("P_PEARSON", "p-value of Pearson's χ² without continuity correction", move |row| {
                of(row).p_pearson
            })
            .column("TEST", "the declared test", move |row| words::responder_test(of(row).test))
            .column("P", "its p-value", move |row| of(row).p)
    }
}

/// One row per definition of a responder.
pub(super) fn responders(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    let columns = Columns::<&Responders>::study(report)
        .counted(|row| *row)
        .adjusted(|row: &&Responders| row.adjusted.as_ref())
        .column("REASON", "why there is no comparison or no test", |row| &row.reason)
        .simulated_data(report);
    columns.fill("responders", "responders in two arms, under one definition", &comparison.responders)
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
