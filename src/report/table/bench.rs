//! Tables of the samples: the result of each, everything measured of it, and what has to be run again.

use std::collections::BTreeMap;

use super::columns_of::{
    ConcentrationsTable, IdentityTable, MeasurementsTable, RerunsTable, SampleColumns, StabilityColumns,
};
use super::{Cell, Column, ColumnKind, Columns, ReportTable, Unit};
use crate::concentration::{PlateConcentrations, WellResult};
use crate::plate::{Age, Handling, Storage, WellPosition};
use crate::qc::stability::StorageStatus;
use crate::report::{StudyReport, words};
use crate::reportable::{Candidate, IdentityFinding, ReportableResult, Rerun};
use crate::study::SubjectVisit;

/// Whose a sample is.
fn subjects<'a>(report: &'a StudyReport<'_>) -> BTreeMap<&'a str, &'a SubjectVisit> {
    report.visits.iter().map(|visit| (visit.sample.as_str(), visit)).collect()
}

impl<'a, R> Columns<'a, R> {
    /// The columns that every table of samples begins with.
    fn sample(
        report: &'a StudyReport<'_>,
        subjects: &'a BTreeMap<&'a str, &'a SubjectVisit>,
        sample: impl Fn(&R) -> &'a str + Copy + 'a,
    ) -> Self {
        let visit = move |row: &R| subjects.get(sample(row)).copied();
        Self::new()
            .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), move |_| {
                &report.protocol.assay.study.id
            })
            .column(SampleColumns::SUBJECT, move |row| visit(row).map(|visit| &visit.subject))
            .column(SampleColumns::VISIT, move |row| visit(row).map(|visit| &visit.visit))
            .column(Column::new("week", "week of the visit").kind(ColumnKind::OfTrial), move |row| {
                visit(row).map(|visit| visit.week)
            })
            .column(SampleColumns::SAMPLE, sample)
    }
}

/// How the samples of each plate were kept.
type Handlings<'a> = BTreeMap<&'a str, &'a Handling>;

fn handlings<'a>(report: &'a StudyReport<'_>) -> Handlings<'a> {
    let evaluated = report.plates.iter().filter_map(|plate| Some((plate.id.as_str(), plate.concentrations.as_ref()?)));
    evaluated.map(|(id, results)| (id, &results.plate.handling)).collect()
}

impl From<Age> for Cell {
    fn from(age: Age) -> Self {
        if age.least == age.most { f64::from(age.least).into() } else { age.to_string().into() }
    }
}

impl<'a, R> Columns<'a, R> {
    /// Whether a sample was kept as the method's stability covers it, until its plate was read.
    fn stability(
        self,
        report: &'a StudyReport<'_>,
        handlings: &'a Handlings<'a>,
        of: impl Fn(&R) -> Option<(&'a str, &'a str)> + 'a,
    ) -> Self {
        let stability = &report.protocol.assay.stability;
        self.column(StabilityColumns::STABILITY, move |row| {
            let (plate, sample) = of(row)?;
            Some(StorageStatus::of_sample(handlings.get(plate)?, sample, stability)?.to_string())
        })
    }
}

/// One row per sample of the study: its result. Samples that test the method are nobody's results: they are in `measurements`, and
/// what they say in `spikes` and `isr`.
pub fn concentrations(report: &StudyReport<'_>) -> ReportTable {
    let (subjects, handlings) = (subjects(report), handlings(report));
    let columns = Columns::sample(report, &subjects, |row: &&ReportableResult| &row.sample)
        .quantity(&report.protocol.assay.study.unit, |row: &&ReportableResult| &row.quantity)
        .shared_error(report, |row: &&ReportableResult| &row.quantity)
        .column(ConcentrationsTable::PLATE, |row| row.plate.clone())
        .column(ConcentrationsTable::DILUTION, |row| row.dilution)
        .column(("wells", "its wells"), |row| words::wells(chosen(row).map_or(&[], |of| &of.group.wells)))
        .column(
            Column::new("cv_percent", "CV of its replicates' concentrations, in percent").of(Unit::Percent),
            |row| chosen(row)?.group.cv_percent,
        )
        .column(("rule", "the rule that chose it"), |row| chosen(row).map(|of| of.why.clone()))
        .column(ConcentrationsTable::MEASUREMENTS, |row| row.candidates.len())
        .column(ConcentrationsTable::FLAGS, |row| row.flags.join("; "))
        .stability(report, &handlings, |row| Some((row.plate.as_deref()?, row.sample.as_str())))
        .simulated(report);
    columns.fill(ConcentrationsTable::TABLE, "a sample, with the result reported for it", report.results)
}

/// The measurement that is reported.
fn chosen(result: &ReportableResult) -> Option<&Candidate> {
    result.candidates.iter().find(|candidate| candidate.chosen)
}

/// One row per sample and repeat of it: first result, repeat and final result side by side.
pub(super) fn repeats(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a ReportableResult, &'a Candidate, &'a Candidate);
    let subjects = subjects(report);
    let columns = Columns::sample(report, &subjects, |row: &Row<'_>| &row.0.sample)
        .column(("initial_plate", "the plate of the first measurement"), |row| &row.1.plate)
        .column(("initial_dilution", "its dilution factor"), |row| row.1.group.dilution)
        .column(("initial", "its result as measured, a text"), |row| row.1.group.quantity.to_string())
        .column(("reason", "why it was repeated: what the first result is after the verdict on its plate"), |row| {
            row.1.quantity.to_string()
        })
        .column(("repeat_plate", "the plate of the repeat"), |row| &row.2.plate)
        .column(("repeat_dilution", "its dilution factor"), |row| row.2.group.dilution)
        .column(("repeat", "its result after the verdict on its plate, a text"), |row| row.2.quantity.to_string())
        .column(("final", "the result that is reported, a text"), |row| row.0.quantity.to_string())
        .column(("final_plate", "its plate"), |row| row.0.plate.clone())
        .column(("rule", "the rule that chose it"), |row| {
            chosen(row.0).map_or_else(|| "no result can be reported".to_string(), |of| of.why.clone())
        })
        .column(("unit", "unit of the concentrations"), |_| &report.protocol.assay.study.unit)
        .simulated(report);
    let rows = report.results.iter().flat_map(|result| {
        let first = result.candidates.first();
        let again = result.candidates.iter().filter(move |of| first.is_some_and(|first| first.plate != of.plate));
        again.filter_map(move |repeat| Some((result, first?, repeat)))
    });
    columns.fill("repeats", "a repeat of a sample, with its first and its final result", rows)
}

/// One row per thing that leaves room for another person's result.
pub(super) fn identity(report: &StudyReport<'_>) -> ReportTable {
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &&IdentityFinding| {
            &report.protocol.assay.study.id
        })
        .column(IdentityTable::RULE, |row| row.rule.to_string())
        .column(IdentityTable::OF, |row| &row.of)
        .column(IdentityTable::FOUND, |row| &row.problem.found)
        .column(IdentityTable::PLACE, |row| row.problem.location.to_string())
        .column(("expected", "what was expected"), |row| &row.problem.expected)
        .column(IdentityTable::ADVICE, |row| &row.problem.advice)
        .simulated(report);
    columns.fill(IdentityTable::TABLE, "a finding that leaves it in doubt whose result this is", report.identity)
}

/// One row per sample and measurement of it.
pub(super) fn measurements(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a ReportableResult, &'a Candidate);
    let subjects = subjects(report);
    let (wells, handlings) = (wells(report), handlings(report));
    let storage =
        |row: &Row<'_>| -> Option<&Storage> { handlings.get(row.1.plate.as_str())?.samples.get(&row.0.sample) };
    let columns = Columns::sample(report, &subjects, |row: &Row<'_>| &row.0.sample)
        .column(("purpose", "study; spike or isr for a sample that tests the method"), |row| {
            report.across_plates.tests.purpose(&row.0.sample)
        })
        .column(MeasurementsTable::PLATE, |row| &row.1.plate)
        .column(MeasurementsTable::WELLS, |row| words::wells(&row.1.group.wells))
        .column(MeasurementsTable::DILUTION, |row| row.1.group.dilution)
        .column(MeasurementsTable::MEAN_RESPONSE, |row| row.1.group.mean_response)
        .column(MeasurementsTable::CV_PERCENT, |row| row.1.group.cv_percent)
        .quantity(&report.protocol.assay.study.unit, |row: &Row<'_>| &row.1.group.quantity)
        .shared_error(report, |row: &Row<'_>| &row.1.group.quantity)
        .column(("after_verdict", "as it may be reported, after the verdict on its plate"), |row| {
            row.1.quantity.to_string()
        })
        .column(MeasurementsTable::CHOSEN, |row| row.1.chosen)
        .column(("why", "why it is, or is not"), |row| &row.1.why)
        .column(MeasurementsTable::FLAGS, |row| row.1.group.flags.join("; "))
        .column(("collected", "when the sample was collected, with every day that the list's date may mean"), |row| {
            storage(row)?.collected.as_ref().map(ToString::to_string)
        })
        .column(MeasurementsTable::AGE_DAYS, |row| handlings.get(row.1.plate.as_str())?.age(&row.0.sample))
        .column(MeasurementsTable::THAWS, |row| storage(row)?.thaws)
        .stability(report, &handlings, |row| Some((row.1.plate.as_str(), row.0.sample.as_str())))
        .column(("source", "the cells of its raw readings"), move |row| sources(&wells, row.1))
        .simulated(report);
    let rows = report
        .measured()
        .into_iter()
        .flat_map(|result| result.candidates.iter().map(move |candidate| (result, candidate)));
    columns.fill(
        MeasurementsTable::TABLE,
        "a measurement of a sample: its replicates at one dilution on one plate",
        rows,
    )
}

type WellResults<'a> = BTreeMap<(&'a str, WellPosition), &'a WellResult>;

fn wells<'a>(report: &'a StudyReport<'_>) -> WellResults<'a> {
    let of = |plate: &'a PlateConcentrations| {
        plate.wells.iter().map(|well| ((plate.plate.id.as_str(), well.position), well))
    };
    report.plates.iter().filter_map(|plate| plate.concentrations.as_ref()).flat_map(of).collect()
}

fn sources(wells: &WellResults<'_>, candidate: &Candidate) -> String {
    let found = candidate.group.wells.iter().filter_map(|well| wells.get(&(candidate.plate.as_str(), *well)));
    found.map(|well| well.location.to_string()).collect::<Vec<_>>().join("; ")
}

/// One row per sample of the study that has to be run again. Whether a spike or a repeat of an incurred sample that gave no number
/// is made anew is the laboratory's plan for them, not the bench's work list: their tables say why there is none.
pub(super) fn reruns(report: &StudyReport<'_>) -> ReportTable {
    let subjects = subjects(report);
    let columns = Columns::sample(report, &subjects, |row: &&Rerun| &row.sample)
        .column(RerunsTable::PLATE, |row| &row.plate)
        .column(RerunsTable::REASON, |row| &row.reason)
        .column(RerunsTable::DILUTION, |row| row.dilution)
        .column(RerunsTable::SUGGESTED_DILUTION, |row| row.suggested_dilution)
        .column(RerunsTable::ADVICE, |row| &row.advice)
        .simulated(report);
    columns.fill(RerunsTable::TABLE, "a sample to measure again: the bench's work list", report.reruns)
}
