//! Tables of what tests the method: dilution series, spikes, incurred samples, kit lots.

use super::super::columns_of::{IsrTable, LotsTable, ParallelismTable, SpikesTable};
use super::super::{Column, ColumnKind, Columns, ReportTable, Unit};
use crate::concentration::quantity::significant;
use crate::qc::across_plates::{IncurredPair, LotBridge, Parallelism, Spike};
use crate::report::StudyReport;

fn study<'a, R>(report: &'a StudyReport<'_>) -> Columns<'a, R> {
    Columns::new().column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), move |_| {
        &report.protocol.assay.study.id
    })
}

/// What a limit makes of a number; `None`: there is no number, and what cannot be computed does not pass.
fn outcome(within: Option<bool>) -> &'static str {
    match within {
        Some(true) => "pass",
        Some(false) => "fail",
        None => "not evaluable",
    }
}

/// One row per sample that stands on a plate at three dilutions or more.
pub(super) fn parallelism(report: &StudyReport<'_>) -> ReportTable {
    let agreement = |row: &&Parallelism| row.agreement.as_ref().ok().copied();
    let shape = |row: &&Parallelism| row.shape.as_ref().ok().copied();
    let columns = study(report)
        .column(ParallelismTable::PLATE, |row: &&Parallelism| row.plate.as_str())
        .column(ParallelismTable::SAMPLE, |row| row.sample.as_str())
        .column(ParallelismTable::DILUTIONS, |row| {
            let one = |(dilution, value): &(f64, Option<f64>)| {
                let value = value.map_or_else(|| "–".to_string(), |value| significant(value, 4));
                format!("1:{} {value}", significant(*dilution, 6))
            };
            row.dilutions.iter().map(one).collect::<Vec<_>>().join("; ")
        })
        .column(("n", "dilutions inside the range"), move |row| agreement(row).map(|found| found.n))
        .column(ParallelismTable::CV_PERCENT, move |row| agreement(row).map(|found| found.cv_percent))
        .column(Column::new("limit_percent", "largest CV that passes").of(Unit::Percent), |_| {
            report.protocol.assay.across_plates.parallelism_cv_percent
        })
        .column(ParallelismTable::OUTCOME, move |row| outcome(agreement(row).map(|found| found.within)))
        .column(ParallelismTable::SLOPE, move |row| agreement(row).map(|found| found.slope))
        .column(("slope_lower", "lower end of its confidence interval"), move |row| {
            agreement(row).map(|found| found.slope_lower)
        })
        .column(("slope_upper", "upper end of its confidence interval"), move |row| {
            agreement(row).map(|found| found.slope_upper)
        })
        .column(ParallelismTable::SLOPE_P, move |row| agreement(row).map(|found| found.p))
        .column(
            ("shape_f", "F of separate against shared shape of the sample's curve and the standard's"),
            move |row| shape(row)?.test.map(|test| test.f),
        )
        .column(
            Column::new("shape_p", "its p-value: small when the shapes differ").kind(ColumnKind::PValue),
            move |row| shape(row)?.test.map(|test| test.p_value),
        )
        .column(ParallelismTable::CONCENTRATION, move |row| shape(row).map(|shape| shape.concentration))
        .column(ParallelismTable::LOWER, move |row| shape(row)?.lower)
        .column(ParallelismTable::UPPER, move |row| shape(row)?.upper)
        .column(("unit", "unit of the concentrations"), |_| &report.protocol.assay.study.unit)
        .column(ParallelismTable::REMARKS, |row| {
            let why = [row.agreement.as_ref().err(), row.shape.as_ref().err()];
            why.into_iter().flatten().cloned().collect::<Vec<_>>().join("; ")
        })
        .simulated(report);
    columns.fill(
        ParallelismTable::TABLE,
        "a sample measured at several dilutions on one plate",
        &report.across_plates.parallelism,
    )
}

/// One row per spiked sample.
pub(super) fn spikes(report: &StudyReport<'_>) -> ReportTable {
    let of = |row: &&Spike| row.recovery.as_ref().ok().copied();
    let columns = study(report)
        .column(SpikesTable::SAMPLE, |row: &&Spike| row.sample.as_str())
        .column(SpikesTable::OF, |row| row.of.as_str())
        .column(SpikesTable::ADDED, |row| row.added)
        .column(("unit", "unit of the concentrations"), |_| &report.protocol.assay.study.unit)
        .column(SpikesTable::SPIKED, |row| row.spiked.as_ref().map(ToString::to_string))
        .column(SpikesTable::UNSPIKED, |row| row.unspiked.as_ref().map(ToString::to_string))
        .column(SpikesTable::RECOVERY_PERCENT, move |row| of(row).map(|found| found.percent))
        .column(SpikesTable::LOWER, move |row| Some(of(row)?.interval?.0))
        .column(SpikesTable::UPPER, move |row| Some(of(row)?.interval?.1))
        .column(Column::new("limit_percent", "how far from 100 a recovery passes").of(Unit::Percent), |_| {
            report.protocol.assay.across_plates.spike_recovery_percent
        })
        .column(SpikesTable::OUTCOME, move |row| outcome(of(row).map(|found| found.within)))
        .column(SpikesTable::REMARKS, |row| row.recovery.as_ref().err().cloned())
        .simulated(report);
    columns.fill(SpikesTable::TABLE, "a spiked sample and its recovery", &report.across_plates.tests.spikes)
}

/// One row per incurred sample that was measured again.
pub(super) fn isr(report: &StudyReport<'_>) -> ReportTable {
    let isr = report.across_plates.tests.isr.as_ref();
    let columns = study(report)
        .column(IsrTable::SAMPLE, |row: &&IncurredPair| row.sample.as_str())
        .column(IsrTable::OF, |row| row.of.as_str())
        .column(IsrTable::FIRST, |row| row.first.as_ref().map(ToString::to_string))
        .column(IsrTable::REPEAT, |row| row.repeat.as_ref().map(ToString::to_string))
        .column(("unit", "unit of the concentrations"), |_| &report.protocol.assay.study.unit)
        .column(IsrTable::DIFFERENCE_PERCENT, |row| row.difference_percent.clone().ok())
        .column(Column::new("limit_percent", "largest difference that passes").of(Unit::Percent), |_| {
            report.protocol.assay.across_plates.isr_difference_percent
        })
        .column(IsrTable::OUTCOME, |row| outcome(row.difference_percent.is_ok().then_some(row.within)))
        .column(("pairs_within", "of the study: pairs that pass"), move |_| isr.map(|isr| isr.within))
        .column(("pairs", "of the study: all pairs, those that are not evaluable among them"), move |_| {
            isr.map(|isr| isr.pairs.len())
        })
        .column(Column::new("pairs_needed_percent", "share of the pairs that has to pass").of(Unit::Percent), |_| {
            report.protocol.assay.across_plates.isr_pass_percent
        })
        .column(("study_outcome", "the verdict on the reanalysis as a whole: pass or fail"), move |_| {
            isr.map(|isr| outcome(Some(isr.passed)))
        })
        .column(IsrTable::REMARKS, |row| row.difference_percent.as_ref().err().cloned())
        .simulated(report);
    let pairs = isr.into_iter().flat_map(|isr| &isr.pairs);
    columns.fill(IsrTable::TABLE, "an incurred sample and its repeat", pairs)
}

/// One row per kit lot and the one before.
pub(super) fn lots(report: &StudyReport<'_>) -> ReportTable {
    let ratio = |row: &&LotBridge| row.ratio.as_ref().ok().copied();
    let shape = |row: &&LotBridge| row.shape.as_ref().ok().copied();
    let columns = study(report)
        .column(LotsTable::FROM, |row: &&LotBridge| row.from.as_str())
        .column(LotsTable::TO, |row| row.to.as_str())
        .column(("plates_from", "accepted plates of the earlier lot"), |row| row.plates.0)
        .column(("plates_to", "accepted plates of the later lot"), |row| row.plates.1)
        .column(LotsTable::RATIO, move |row| ratio(row).map(|ratio| ratio.ratio))
        .column(LotsTable::LOWER, move |row| ratio(row)?.lower)
        .column(LotsTable::UPPER, move |row| ratio(row)?.upper)
        .column(LotsTable::INTERVAL_FROM, move |row| ratio(row).map(|ratio| ratio.from))
        .column(LotsTable::SHAPE_F, move |row| shape(row).map(|shape| shape.f))
        .column(("df_lots", "its degrees of freedom"), move |row| shape(row).map(|shape| shape.df_lots))
        .column(("df_noise", "degrees of freedom of what the lots are compared with"), move |row| {
            shape(row).map(|shape| shape.df_noise)
        })
        .column(LotsTable::SHAPE_P, move |row| shape(row).map(|shape| shape.p))
        .column(("shape_against", "what the lots are compared with"), move |row| shape(row).map(|shape| shape.against))
        .column(LotsTable::REMARKS, |row| {
            let why = [row.ratio.as_ref().err(), row.shape.as_ref().err()];
            why.into_iter().flatten().cloned().collect::<Vec<_>>().join("; ")
        })
        .simulated(report);
    columns.fill(LotsTable::TABLE, "a kit lot compared with the one before", &report.across_plates.lots)
}
