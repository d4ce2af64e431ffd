//! Tables over several analytes of one study, with CDISC names.

use super::{Columns, Table, Unit};
use crate::report::adam::{self, adlb};
use crate::report::analytes::AnalytesReport;
use crate::report::words;
use crate::study::{Adjusted, AnalyteAnswer, AnalyteParticipant, AnalyteRatio, ArmComparison, FamilyMember, Interval};

/// The tables over all analytes: one answer each; the tests of every family; every ratio of the picture; who has results of which.
pub(in crate::report) fn tables(report: &AnalytesReport<'_>) -> Vec<Table> {
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
        Self::new().column("STUDYID", "identifier of the study", move |_| &report.record.study)
    }

    fn simulated_analytes(self, report: &'a AnalytesReport<'_>) -> Self {
        self.column("SIMULATED", "Y when the data of the study are simulated", move |_| report.simulated)
    }
}

fn row(answer: &AnalyteAnswer) -> Option<&ArmComparison> {
    answer.row.as_ref()
}

fn answers(report: &AnalytesReport<'_>) -> Table {
    Columns::<&AnalyteAnswer>::over_analytes(report)
        .column("PARAMCD", "code of the analyte", |one| &one.paramcd)
        .column("PARAM", "the analyte with its unit", |one| format!("{} ({})", one.analyte, one.unit))
        .column("FOLDER", "its folder in the study", |one| &one.folder)
        .column("ANALYSIS", "the primary analysis", |one| row(one).map(|row| row.analysis.clone()))
        .column("MODEL", "its model in words", |one| row(one).map(|row| row.model.clone()))
        .column("AVISIT", "the visit", |one| row(one).map(|row| row.visit.clone()))
        .column("TRTP", "the arm in the numerator", |one| row(one).map(|row| row.active.clone()))
        .column("TRTP_REF", "the reference arm", |one| row(one).map(|row| row.reference.clone()))
        .column("N_ARM", "participants randomised to TRTP", |one| one.randomised.map(|[active, _]| active))
        .column("N_ARM_REF", "participants randomised to TRTP_REF", |one| {
            one.randomised.map(|[_, reference]| reference)
        })
        .column("N", "of these in the analysis, of TRTP", |one| row(one).map(|row| row.n[0]))
        .column("N_REF", "of these in the analysis, of TRTP_REF", |one| row(one).map(|row| row.n[1]))
        .interval(
            Unit::One,
            ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
            "ratio of the geometric mean ratios to baseline, TRTP over TRTP_REF",
            |one: &&AnalyteAnswer| row(one)?.ratio,
        )
        .column("P", "p-value of the ratio, two-sided, adjusted for nothing", |one| row(one)?.p)
        .adjusted(|one: &&AnalyteAnswer| adjusted(one))
        .column("LIMIT_RULE", "the rule for values outside the limits", |one| {
            row(one).map(|row| row.below_limit_rule.clone())
        })
        .column("REASON", "why there is no answer; empty where there is one", |one| &one.reason)
        .column("CONF_LEVEL", "level of the interval", |one| one.confidence)
        .simulated_analytes(report)
        .fill("analytes", "an answer of an analyte", &report.over.answers)
}

fn adjusted(answer: &AnalyteAnswer) -> Option<&Adjusted> {
    row(answer)?.adjusted.as_ref()
}

fn families(report: &AnalytesReport<'_>) -> Table {
    Columns::<&FamilyMember>::over_analytes(report)
        .column("FAMILY", "the family of tests that the study declares", |one| &one.family)
        .column(
            "ADJUSTMENT",
            "how its p-values are adjusted: Holm, Hochberg, BH, or hierarchical in the declared order",
            |one| words::adjustment(one.method),
        )
        .column("PLACE", "place of the test in the declared list, from 1: its step in a hierarchy", |one| one.place + 1)
        .column("PARAMCD", "code of the analyte", |one| &one.paramcd)
        .column("ANALYSIS", "the test", |one| &one.analysis)
        .column("AVISIT", "the visit", |one| &one.visit)
        .column("TRTP", "the arm", |one| &one.active)
        .column("TRTP_REF", "the reference arm", |one| &one.reference)
        .column(
            "P",
            "its p-value; empty where it has none, and then it does not count among the tests of the family",
            |one| one.p,
        )
        .column("P_ADJUSTED", "the p-value adjusted for the others of the family", |one| one.adjusted)
        .simulated_analytes(report)
        .fill("families", "a test of a family", &report.over.tests)
}

fn ratios(report: &AnalytesReport<'_>) -> Table {
    Columns::<&AnalyteRatio>::over_analytes(report)
        .column("PARAMCD", "code of the analyte", |one| &one.paramcd)
        .column("ANALYSIS", "the analysis", |one| &one.analysis)
        .column("PRIMARY", "Y for the primary comparison", |one| one.primary)
        .column("AVISIT", "the visit", |one| &one.visit)
        .column("TRTP", "the arm in the numerator", |one| &one.active)
        .column("TRTP_REF", "the reference arm", |one| &one.reference)
        .interval(
            Unit::One,
            ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
            "ratio of the geometric mean ratios to baseline, TRTP over TRTP_REF",
            |one: &&AnalyteRatio| -> Option<Interval> { one.ratio },
        )
        .column("P", "its p-value, adjusted for nothing", |one| one.p)
        .column("REASON", "why there is none; empty where there is one", |one| &one.reason)
        .simulated_analytes(report)
        .fill("ratios", "a ratio of an analyte: a cell of the heat map", &report.over.ratios)
}

fn participants(report: &AnalytesReport<'_>) -> Table {
    let rows = report.over.participants.iter().flat_map(|one| one.status.iter().map(move |status| (one, status)));
    Columns::<(&AnalyteParticipant, &(String, &'static str))>::over_analytes(report)
        .column("USUBJID", "the subject", |(one, _)| &one.subject)
        .column("TRTP", "the arm", |(one, _)| one.arm.clone())
        .column("PARAMCD", "code of the analyte", |(_, (code, _))| code)
        .column("STATUS", "matched, no arm, no results or not randomised", |(_, (_, status))| *status)
        .simulated_analytes(report)
        .fill("participants", "a participant and an analyte", rows)
}
