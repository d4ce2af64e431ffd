//! Tables over several analytes of one study, with CDISC names.

use super::columns_of::{AnalytesTable, FamiliesTable, ParticipantsTable};
use super::{Column, ColumnKind, Columns, EstimateColumns, ReportTable, Unit};
use crate::report::adam::{self, adlb};
use crate::report::analytes::AnalytesReport;
use crate::report::words;
use crate::study::{
    AdjustedPValue, AnalyteAnswer, AnalyteParticipant, AnalyteRatio, ArmComparison, FamilyMember, IntervalEstimate,
};

/// The tables over all analytes: one answer each; the tests of every family; every ratio of the picture; who has results of which.
pub(in crate::report) fn tables(report: &AnalytesReport<'_>) -> Vec<ReportTable> {
    let mut tables = vec![answers(report)];
    if !report.over.tests.is_empty() {
        tables.push(families(report));
    }
    tables.extend([ratios(report), participants(report)]);
    let adlb = adlb::dataset_of_several(&report.over.records);
    if !adlb.rows.is_empty() {
        tables.push(adam::table(adlb));
    }
    tables
}

impl<'a, R> Columns<'a, R> {
    fn over_analytes(report: &'a AnalytesReport<'_>) -> Self {
        Self::new().column(Column::new("STUDYID", "identifier of the study").kind(ColumnKind::Study), move |_| {
            &report.record.study
        })
    }

    fn simulated_analytes(self, report: &'a AnalytesReport<'_>) -> Self {
        self.column(
            Column::new("SIMULATED", "Y when the data of the study are simulated").kind(ColumnKind::Simulated),
            move |_| report.simulated,
        )
    }
}

fn row(answer: &AnalyteAnswer) -> Option<&ArmComparison> {
    answer.row.as_ref()
}

fn answers(report: &AnalytesReport<'_>) -> ReportTable {
    Columns::<&AnalyteAnswer>::over_analytes(report)
        .column(("PARAMCD", "code of the analyte"), |one| &one.paramcd)
        .column(AnalytesTable::PARAM, |one| format!("{} ({})", one.analyte, one.unit))
        .column(AnalytesTable::FOLDER, |one| &one.folder)
        .column(("ANALYSIS", "the primary analysis"), |one| row(one).map(|row| row.analysis.name()))
        .column(("MODEL", "its model in words"), |one| row(one).map(|row| row.model.clone()))
        .column(AnalytesTable::AVISIT, |one| row(one).map(|row| row.visit.clone()))
        .column(AnalytesTable::TRTP, |one| row(one).map(|row| row.active.clone()))
        .column(AnalytesTable::TRTP_REF, |one| row(one).map(|row| row.reference.clone()))
        .column(AnalytesTable::N_ARM, |one| one.randomised.map(|[active, _]| active))
        .column(AnalytesTable::N_ARM_REF, |one| one.randomised.map(|[_, reference]| reference))
        .column(AnalytesTable::N, |one| row(one).map(|row| row.n[0]))
        .column(AnalytesTable::N_REF, |one| row(one).map(|row| row.n[1]))
        .interval(AnalytesTable::RATIO, |one: &&AnalyteAnswer| row(one)?.ratio)
        .column(AnalytesTable::P, |one| row(one)?.p)
        .adjusted(|one: &&AnalyteAnswer| adjusted(one))
        .column(("LIMIT_RULE", "the rule for values outside the limits"), |one| {
            row(one).map(|row| row.below_limit_rule.clone())
        })
        .column(AnalytesTable::REASON, |one| &one.reason)
        .column(("CONF_LEVEL", "level of the interval"), |one| one.confidence)
        .simulated_analytes(report)
        .fill(AnalytesTable::TABLE, "an answer of an analyte", &report.over.answers)
}

fn adjusted(answer: &AnalyteAnswer) -> Option<&AdjustedPValue> {
    row(answer)?.adjusted.as_ref()
}

fn families(report: &AnalytesReport<'_>) -> ReportTable {
    Columns::<&FamilyMember>::over_analytes(report)
        .column(FamiliesTable::FAMILY, |one| &one.family)
        .column(FamiliesTable::ADJUSTMENT, |one| words::adjustment(one.method))
        .column(FamiliesTable::PLACE, |one| one.place + 1)
        .column(FamiliesTable::PARAMCD, |one| &one.paramcd)
        .column(FamiliesTable::ANALYSIS, |one| one.analysis.name())
        .column(FamiliesTable::AVISIT, |one| &one.visit)
        .column(FamiliesTable::TRTP, |one| &one.active)
        .column(FamiliesTable::TRTP_REF, |one| &one.reference)
        .column(FamiliesTable::P, |one| one.p)
        .column(FamiliesTable::P_ADJUSTED, |one| one.adjusted)
        .simulated_analytes(report)
        .fill(FamiliesTable::TABLE, "a test of a family", &report.over.tests)
}

fn ratios(report: &AnalytesReport<'_>) -> ReportTable {
    Columns::<&AnalyteRatio>::over_analytes(report)
        .column(("PARAMCD", "code of the analyte"), |one| &one.paramcd)
        .column(("ANALYSIS", "the analysis"), |one| one.analysis.name())
        .column(("PRIMARY", "Y for the primary comparison"), |one| one.primary)
        .column(("AVISIT", "the visit"), |one| &one.visit)
        .column(Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key), |one| &one.active)
        .column(("TRTP_REF", "the reference arm"), |one| &one.reference)
        .interval(
            EstimateColumns::new(
                Unit::One,
                ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
                "ratio of the geometric mean ratios to baseline, TRTP over TRTP_REF",
            ),
            |one: &&AnalyteRatio| -> Option<IntervalEstimate> { one.ratio },
        )
        .column(Column::new("P", "its p-value, adjusted for nothing").kind(ColumnKind::PValue), |one| one.p)
        .column(("REASON", "why there is none; empty where there is one"), |one| &one.reason)
        .simulated_analytes(report)
        .fill("ratios", "a ratio of an analyte: a cell of the heat map", &report.over.ratios)
}

fn participants(report: &AnalytesReport<'_>) -> ReportTable {
    let rows = report.over.participants.iter().flat_map(|one| one.status.iter().map(move |status| (one, status)));
    Columns::<(&AnalyteParticipant, &(String, &'static str))>::over_analytes(report)
        .column(ParticipantsTable::USUBJID, |(one, _)| &one.subject)
        .column(ParticipantsTable::TRTP, |(one, _)| one.arm.clone())
        .column(ParticipantsTable::PARAMCD, |(_, (code, _))| code)
        .column(ParticipantsTable::STATUS, |(_, (_, status))| *status)
        .simulated_analytes(report)
        .fill(ParticipantsTable::TABLE, "a participant and an analyte", rows)
}
