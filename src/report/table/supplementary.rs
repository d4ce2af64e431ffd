//! Tables of the analyses beside the primary one. Each exists only where the study declares it.

use super::columns_of::{NextTrialTable, RespondersStandardisedTable, SubgroupsTable};
use super::{Column, ColumnKind, Columns, EstimateColumns, ReportTable, Unit};
use crate::report::StudyReport;
use crate::study::next_trial::{NextTrial, SizeFor};
use crate::study::standardised::StandardisedResponders;
use crate::study::subgroups::{Subgroup, Subgroups, in_words};
use crate::study::{Comparison, Responders};

/// The tables of the comparison.
pub(super) fn tables(report: &StudyReport<'_>, comparison: &Comparison) -> Vec<ReportTable> {
    let standardised = comparison.responders.iter().any(|row| row.standardised.is_some());
    let subgroups = (!comparison.subgroups.is_empty()).then(|| subgroups(report, &comparison.subgroups));
    let responders = standardised.then(|| self::standardised(report, &comparison.responders));
    subgroups.into_iter().chain(responders).collect()
}

/// One group of one factor.
struct GroupRow<'a> {
    of: &'a Subgroups,
    group: &'a Subgroup,
}

fn subgroups(report: &StudyReport<'_>, found: &[Subgroups]) -> ReportTable {
    let rows = found.iter().flat_map(|of| of.groups.iter().map(move |group| GroupRow { of, group }));
    let columns = Columns::<GroupRow<'_>>::study(report)
        .column(SubgroupsTable::FACTOR, |row| in_words(row.of.factor))
        .column(SubgroupsTable::GROUP, |row| &row.group.name)
        .column(("AVISIT", "the visit"), |row| &row.of.visit)
        .column(SubgroupsTable::TRTP, |row| &row.of.active)
        .column(SubgroupsTable::TRTP_REF, |row| &row.of.reference)
        .column(SubgroupsTable::N, |row| row.group.n[0])
        .column(SubgroupsTable::N_REF, |row| row.group.n[1])
        .interval(SubgroupsTable::RATIO, |row| row.group.ratio)
        .column(("SE_LOG", "standard error of ln RATIO"), |row| row.group.standard_error)
        .column(
            Column::new("P", "two-sided p-value of RATIO; that groups differ is what P_INTERACTION is about")
                .kind(ColumnKind::PValue),
            |row| row.group.p,
        )
        .column(("F", "F statistic of the interaction of arm and group"), |row| row.of.f)
        .column(("DF1", "its degrees of freedom"), |row| row.of.df.map(|df| df[0]))
        .column(("DF2", "those of the residuals"), |row| row.of.df.map(|df| df[1]))
        .column(SubgroupsTable::P_INTERACTION, |row| row.of.p)
        .column(("N_WITHOUT", "subjects of both arms of whom the factor is not known"), |row| row.of.without)
        .column(("MODEL", "the model in words"), |row| &row.of.model)
        .column(SubgroupsTable::REASON, |row| &row.group.reason)
        .column(("REASON_INTERACTION", "why there is no test of the interaction"), |row| &row.of.reason)
        .column(("CONF_LEVEL", "level of the interval, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(SubgroupsTable::TABLE, "the primary comparison in one group of participants", rows)
}

fn standardised(report: &StudyReport<'_>, responders: &[Responders]) -> ReportTable {
    type Row<'a> = (&'a Responders, &'a StandardisedResponders);
    let rows = responders.iter().filter_map(|row| Some((row, row.standardised.as_ref()?)));
    let columns = Columns::<Row<'_>>::study(report)
        .column(RespondersStandardisedTable::DEFINITION, |row| &row.0.definition)
        .column(RespondersStandardisedTable::DENOMINATOR, |row| &row.0.denominator)
        .column(("AVISIT", "the visit"), |row| &row.0.visit)
        .column(RespondersStandardisedTable::TRTP, |row| &row.0.active)
        .column(RespondersStandardisedTable::TRTP_REF, |row| &row.0.reference)
        .column(RespondersStandardisedTable::N, |row| row.1.n[0])
        .column(RespondersStandardisedTable::N_REF, |row| row.1.n[1])
        .column(RespondersStandardisedTable::PROPORTION, |row| row.1.proportions.map(|[arm, _]| arm))
        .column(RespondersStandardisedTable::PROPORTION_REF, |row| row.1.proportions.map(|[_, reference]| reference))
        .interval(RespondersStandardisedTable::RISK_RATIO, |row| row.1.ratio)
        .interval(
            EstimateColumns::new(
                Unit::One,
                ["DIFFERENCE", "DIFFERENCE_LOWER", "DIFFERENCE_UPPER"],
                "PROPORTION − PROPORTION_REF",
            ),
            |row| row.1.difference,
        )
        .column(RespondersStandardisedTable::P, |row| row.1.p)
        .column(("MODEL", "the model in words"), |row| &row.1.model)
        .column(RespondersStandardisedTable::REASON, |row| &row.1.reason)
        .column(("CONF_LEVEL", "level of the intervals, such as 0.95"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(
        RespondersStandardisedTable::TABLE,
        "standardised proportions of responders, under one definition",
        rows,
    )
}

/// The size under one assumption; or only the reason where there is none.
struct SizeRow<'a> {
    of: &'a NextTrial,
    size: Option<&'a SizeFor>,
}

/// The table of what the next trial needs.
pub(super) fn next_trial(report: &StudyReport<'_>, found: &[NextTrial]) -> ReportTable {
    let rows = found.iter().flat_map(|of| {
        let sizes: Vec<Option<&SizeFor>> =
            if of.sizes.is_empty() { vec![None] } else { of.sizes.iter().map(Some).collect() };
        sizes.into_iter().map(move |size| SizeRow { of, size })
    });
    let columns = Columns::<SizeRow<'_>>::study(report)
        .column(("AVISIT", "the visit"), |row| &row.of.visit)
        .column(NextTrialTable::TRTP, |row| &row.of.active)
        .column(NextTrialTable::TRTP_REF, |row| &row.of.reference)
        .column(NextTrialTable::ASSUMPTION, |row| row.size.map(|size| size.assumption))
        .column(NextTrialTable::SD_LOG, |row| row.size.map(|size| size.sd))
        .column(NextTrialTable::RATIO, |row| row.of.asked.ratio)
        .column(NextTrialTable::POWER, |row| row.of.asked.power_percent)
        .column(NextTrialTable::N_EVALUABLE, |row| row.size?.evaluable)
        .column(Column::new("DROPOUT", "share without an end point, in percent").of(Unit::Percent), |row| {
            row.of.asked.dropout_percent
        })
        .column(NextTrialTable::N_RANDOMISED, |row| row.size?.randomised)
        .column(NextTrialTable::POWER_NOW, |row| Some(100.0 * row.size?.power?))
        .column(
            Column::new(
                "PCT_ASSAY",
                "share of the spread of the log changes that is assay error, in percent; taken to be that of SD_LOG",
            )
            .of(Unit::Percent),
            |row| row.of.assay_percent,
        )
        .column(NextTrialTable::REASON, |row| {
            row.size.map_or_else(|| row.of.reason.clone(), |size| size.reason.clone())
        })
        .column(("CONF_LEVEL", "one less the level of the two-sided test"), |_| report.protocol.assay.method.confidence)
        .simulated_data(report);
    columns.fill(NextTrialTable::TABLE, "the size of the next trial under one assumption", rows)
}
