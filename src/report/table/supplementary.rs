//! Tables of the analyses beside the primary one. Each exists only where the study declares it.

use super::{Columns, Table, Unit};
use crate::report::StudyReport;
use crate::study::next_trial::{NextTrial, SizeFor};
use crate::study::standardised::Standardised;
use crate::study::subgroups::{Group, Subgroups, in_words};
use crate::study::{Comparison, Responders};

/// The tables of the comparison.
pub(super) fn tables(report: &StudyReport<'_>, comparison: &Comparison) -> Vec<Table> {
    let standardised = comparison.responders.iter().any(|row| row.standardised.is_some());
    let subgroups = (!comparison.subgroups.is_empty()).then(|| subgroups(report, &comparison.subgroups));
    let responders = standardised.then(|| self::standardised(report, &comparison.responders));
    subgroups.into_iter().chain(responders).collect()
}

/// One group of one factor.
struct GroupRow<'a> {
    of: &'a Subgroups,
    group: &'a Group,
}

fn subgroups(report: &StudyReport<'_>, found: &[Subgroups]) -> Table {
    let rows = found.iter().flat_map(|of| of.groups.iter().map(move |group| GroupRow { of, group }));
    let columns = Columns::<GroupRow<'_>>::study(report)
        .column("FACTOR", "what the groups are by", |row| in_words(row.of.factor))
        .column("GROUP", "the group", |row| &row.group.name)
        .column("AVISIT", "the visit", |row| &row.of.visit)
        .column("TRTP", "the arm in the numerator", |row| &row.of.active)
        .column("TRTP_REF", "the reference arm", |row| &row.of.reference)
        .column("N", "subjects of the arm in the group", |row| row.group.n[0])
        .column("N_REF", "subjects of the reference arm in the group", |row| row.group.n[1])
        .interval(
            Unit::One,
            ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
            "ratio of the geometric mean ratios to baseline, arm / reference, in the group",
            |row| row.group.ratio,
        )
        .column("SE_LOG", "standard error of ln RATIO", |row| row.group.standard_error)
        .column("P", "two-sided p-value of RATIO; that groups differ is what P_INTERACTION is about", |row| row.group.p)
        .column("F", "F statistic of the interaction of arm and group", |row| row.of.f)
        .column("DF1", "its degrees of freedom", |row| row.of.df.map(|df| df[0]))
        .column("DF2", "those of the residuals", |row| row.of.df.map(|df| df[1]))
        .column("P_INTERACTION", "p-value of the interaction", |row| row.of.p)
        .column("N_WITHOUT", "subjects of both arms of whom the factor is not known", |row| row.of.without)
        .column("MODEL", "the model in words", |row| &row.of.model)
        .column("REASON", "why there is no ratio", |row| &row.group.reason)
        .column("REASON_INTERACTION", "why there is no test of the interaction", |row| &row.of.reason)
        .column("CONF_LEVEL", "level of the interval, such as 0.95", |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill("subgroups", "the primary comparison in one group of participants", rows)
}

fn standardised(report: &StudyReport<'_>, responders: &[Responders]) -> Table {
    type Row<'a> = (&'a Responders, &'a Standardised);
    let rows = responders.iter().filter_map(|row| Some((row, row.standardised.as_ref()?)));
    let columns = Columns::<Row<'_>>::study(report)
        .column("DEFINITION", "who responds", |row| &row.0.definition)
        .column("DENOMINATOR", "who is counted", |row| &row.0.denominator)
        .column("AVISIT", "the visit", |row| &row.0.visit)
        .column("TRTP", "the arm", |row| &row.0.active)
        .column("TRTP_REF", "the reference arm", |row| &row.0.reference)
        .column("N", "subjects of the arm in the model: of those counted the ones with a baseline", |row| row.1.n[0])
        .column("N_REF", "the same of the reference arm", |row| row.1.n[1])
        .column("PROPORTION", "standardised proportion: as if everybody had been in the arm", |row| {
            row.1.proportions.map(|[arm, _]| arm)
        })
        .column("PROPORTION_REF", "the same of the reference arm", |row| {
            row.1.proportions.map(|[_, reference]| reference)
        })
        .interval(
            Unit::One,
            ["RISK_RATIO", "RISK_RATIO_LOWER", "RISK_RATIO_UPPER"],
            "PROPORTION / PROPORTION_REF",
            |row| row.1.ratio,
        )
        .interval(
            Unit::One,
            ["DIFFERENCE", "DIFFERENCE_LOWER", "DIFFERENCE_UPPER"],
            "PROPORTION − PROPORTION_REF",
            |row| row.1.difference,
        )
        .column("P", "two-sided p-value of RISK_RATIO", |row| row.1.p)
        .column("MODEL", "the model in words", |row| &row.1.model)
        .column("REASON", "why there is no estimate", |row| &row.1.reason)
        .column("CONF_LEVEL", "level of the intervals, such as 0.95", |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill("responders_standardised", "standardised proportions of responders, under one definition", rows)
}

/// The size under one assumption; or only the reason where there is none.
struct SizeRow<'a> {
    of: &'a NextTrial,
    size: Option<&'a SizeFor>,
}

/// The table of what the next trial needs.
pub(super) fn next_trial(report: &StudyReport<'_>, found: &[NextTrial]) -> Table {
    let rows = found.iter().flat_map(|of| {
        let sizes: Vec<Option<&SizeFor>> =
            if of.sizes.is_empty() { vec![None] } else { of.sizes.iter().map(Some).collect() };
        sizes.into_iter().map(move |size| SizeRow { of, size })
    });
    let columns = Columns::<SizeRow<'_>>::study(report)
        .column("AVISIT", "the visit", |row| &row.of.visit)
        .column("TRTP", "the arm in the numerator", |row| &row.of.active)
        .column("TRTP_REF", "the reference arm", |row| &row.of.reference)
        .column("ASSUMPTION", "what is assumed of the standard deviation", |row| row.size.map(|size| size.assumption))
        .column("SD_LOG", "standard deviation of the log change of a participant, after adjustment", |row| {
            row.size.map(|size| size.sd)
        })
        .column("RATIO", "the ratio that is to be found", |row| row.of.asked.ratio)
        .column_in(Unit::Percent, "POWER", "the power asked for, in percent", |row| row.of.asked.power_percent)
        .column("N_EVALUABLE", "participants with an end point in each arm", |row| row.size?.evaluable)
        .column_in(Unit::Percent, "DROPOUT", "share without an end point, in percent", |row| {
            row.of.asked.dropout_percent
        })
        .column("N_RANDOMISED", "participants to be randomised to each arm", |row| row.size?.randomised)
        .column_in(
            Unit::Percent,
            "POWER_NOW",
            "the power with as many in each arm as the smaller arm had in this analysis, in percent",
            |row| Some(100.0 * row.size?.power?),
        )
        .column_in(
            Unit::Percent,
            "PCT_ASSAY",
            "share of the spread of the log changes that is assay error, in percent; taken to be that of SD_LOG",
            |row| row.of.assay_percent,
        )
        .column("REASON", "why there is no size", |row| {
            row.size.map_or_else(|| row.of.reason.clone(), |size| size.reason.clone())
        })
        .column("CONF_LEVEL", "one less the level of the two-sided test", |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill("next_trial", "the size of the next trial under one assumption", rows)
}
