//! Tables of who is in the analysis and who is not: the join of results and arms, and every record that is left out.

use super::{Columns, Table};
use crate::report::StudyReport;
use crate::study::{Comparison, ExcludedRecord, FlowStep, JoinedSubject};

/// One row per subject of either list.
pub(super) fn join(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    let columns = Columns::<&JoinedSubject>::study(report)
        .column("USUBJID", "the subject", |row| &row.subject)
        .column("TRTP", "the arm, as the list of arms says it", |row| row.arm.clone())
        .column("STATUS", "matched, no arm, no results or not randomised", |row| row.status)
        .column("CONFLICT", "the name in the other list that is probably the same subject's", |row| {
            row.conflicts_with.clone()
        })
        .column("N", "results", |row| row.results)
        .column("N_EXCLUDED", "of these excluded from every analysis", |row| row.excluded)
        .column("MATRIX", "the matrices of the analysed samples", |row| row.matrices.join("; "))
        .column("KIT_LOT", "the kit lots of their plates", |row| row.kit_lots.join("; "))
        .simulated_data(report);
    columns.fill("join", "a subject, as results and arms were joined", &comparison.join.subjects)
}

/// One row per record that is left out.
pub(super) fn excluded(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    let columns = Columns::<&ExcludedRecord>::study(report)
        .column("USUBJID", "the subject", |row| &row.subject)
        .column("TRTP", "the arm, as the list of arms says it", |row| row.arm.clone())
        .column("AVISIT", "the visit", |row| &row.visit)
        .column("AVISITN", "week of the visit", |row| row.week)
        .column("SAMPLE", "the sample; empty where there is none", |row| &row.sample)
        .column("PLATE", "the plate of the result", |row| row.plate.clone())
        .column("RESULT", "the result as reported, a text", |row| row.reported.clone())
        .column(
            "SCOPE",
            "what it is left out of: every analysis, analyses by the declared rule for limits, analyses of change, or analyses adjusted for covariates",
            |row| row.scope.to_string(),
        )
        .column(
            "RULE",
            "no arm, not randomised, visit window, duplicate visit, mixed matrices, mixed kit lots, not reported, not measured, no \
             sample, limit rule, no baseline or no later result",
            |row| row.rule.to_string(),
        )
        .column("EXCLREAS", "the reason in words", |row| &row.reason)
        .simulated_data(report);
    columns.fill("excluded", "a record that is left out", &comparison.excluded)
}

/// One row per arm and step of the flow.
pub(super) fn flow(report: &StudyReport<'_>, comparison: &Comparison) -> Table {
    let lost = |row: &&FlowStep| row.lost.iter().map(|(_, n)| n).sum::<usize>();
    let reasons =
        |row: &&FlowStep| row.lost.iter().map(|(why, n)| format!("{why}: {n}")).collect::<Vec<_>>().join("; ");
    let columns = Columns::<&FlowStep>::study(report)
        .column("TRTP", "the arm", |row| &row.arm)
        .column("STEP", "randomised, sampled, measured, reported, analysed", |row| row.step)
        .column("N", "participants who got this far with what the primary analysis needs", |row| row.participants)
        .column("N_LOST", "participants lost on the way to it", lost)
        .column("REASONS", "why, one reason for each participant", reasons)
        .column(
            "N_SAMPLES",
            "samples of all visits that got this far; of the first step those that the visits ask for",
            |row| row.samples,
        )
        .simulated_data(report);
    columns.fill("flow", "a step from randomisation to the primary analysis, of one arm", &comparison.flow)
}
