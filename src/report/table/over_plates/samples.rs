//! Tables of what tests the method: dilution series, spikes, incurred samples, kit lots.

use super::super::{Columns, Table, Unit};
use crate::concentration::quantity::significant;
use crate::qc::over_plates::{IncurredPair, LotBridge, Parallelism, Spike};
use crate::report::StudyReport;

fn study<'a, R>(report: &'a StudyReport<'_>) -> Columns<'a, R> {
    Columns::new().column("study", "identifier of the study", move |_| &report.protocol.assay.study.id)
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
pub(super) fn parallelism(report: &StudyReport<'_>) -> Table {
    let agreement = |row: &&Parallelism| row.agreement.as_ref().ok().copied();
    let shape = |row: &&Parallelism| row.shape.as_ref().ok().copied();
    let columns = study(report)
        .column("plate", "name of the plate", |row: &&Parallelism| row.plate.as_str())
        .column("sample", "the sample", |row| row.sample.as_str())
        .column("dilutions", "each dilution factor with its corrected concentration; – outside the range", |row| {
            let one = |(dilution, value): &(f64, Option<f64>)| {
                let value = value.map_or_else(|| "–".to_string(), |value| significant(value, 4));
                format!("1:{} {value}", significant(*dilution, 6))
            };
            row.dilutions.iter().map(one).collect::<Vec<_>>().join("; ")
        })
        .column("n", "dilutions inside the range", move |row| agreement(row).map(|found| found.n))
        .column("cv_percent", "CV of the corrected concentrations inside the range", move |row| {
            agreement(row).map(|found| found.cv_percent)
        })
        .column("limit_percent", "largest CV that passes", |_| report.protocol.assay.over_plates.parallelism_cv_percent)
        .column("outcome", "pass, fail, or not evaluable, by the CV", move |row| {
            outcome(agreement(row).map(|found| found.within))
        })
        .column("slope", "trend: slope of ln concentration on ln dilution; 0 is parallel", move |row| {
            agreement(row).map(|found| found.slope)
        })
        .column("slope_lower", "lower end of its confidence interval", move |row| {
            agreement(row).map(|found| found.slope_lower)
        })
        .column("slope_upper", "upper end of its confidence interval", move |row| {
            agreement(row).map(|found| found.slope_upper)
        })
        .column("slope_p", "p-value of no trend", move |row| agreement(row).map(|found| found.p))
        .column("shape_f", "F of separate against shared shape of the sample's curve and the standard's", move |row| {
            shape(row)?.test.map(|test| test.f)
        })
        .column("shape_p", "its p-value: small when the shapes differ", move |row| {
            shape(row)?.test.map(|test| test.p_value)
        })
        .column_in(Unit::Study, "concentration", "by the mid-point under a shared shape, in `unit`", move |row| {
            shape(row).map(|shape| shape.concentration)
        })
        .column_in(Unit::Study, "lower", "lower end of its confidence interval, in `unit`", move |row| {
            shape(row)?.lower
        })
        .column_in(Unit::Study, "upper", "upper end of its confidence interval, in `unit`", move |row| {
            shape(row)?.upper
        })
        .column("unit", "unit of the concentrations", |_| &report.protocol.assay.study.unit)
        .column("remarks", "why a number is missing", |row| {
            let why = [row.agreement.as_ref().err(), row.shape.as_ref().err()];
            why.into_iter().flatten().cloned().collect::<Vec<_>>().join("; ")
        })
        .simulated(report);
    columns.fill("parallelism", "a sample measured at several dilutions on one plate", &report.over_plates.parallelism)
}

/// One row per spiked sample.
pub(super) fn spikes(report: &StudyReport<'_>) -> Table {
    let of = |row: &&Spike| row.recovery.as_ref().ok().copied();
    let columns = study(report)
        .column("sample", "the spiked sample", |row: &&Spike| row.sample.as_str())
        .column("of", "the sample that it was made from", |row| row.of.as_str())
        .column_in(Unit::Study, "added", "what was added, in `unit`, of the undiluted sample", |row| row.added)
        .column("unit", "unit of the concentrations", |_| &report.protocol.assay.study.unit)
        .column("spiked", "result of the spiked sample", |row| row.spiked.as_ref().map(ToString::to_string))
        .column("unspiked", "result of the sample without the spike", |row| {
            row.unspiked.as_ref().map(ToString::to_string)
        })
        .column("recovery_percent", "100 × (spiked − unspiked) / added", move |row| {
            of(row).map(|found| found.percent)
        })
        .column_in(
            Unit::Percent,
            "lower",
            "lower end of its interval, in percent, both results taken as independent",
            move |row| Some(of(row)?.interval?.0),
        )
        .column_in(Unit::Percent, "upper", "upper end of its interval, in percent", move |row| {
            Some(of(row)?.interval?.1)
        })
        .column("limit_percent", "how far from 100 a recovery passes", |_| {
            report.protocol.assay.over_plates.spike_recovery_percent
        })
        .column("outcome", "pass, fail or not evaluable", move |row| outcome(of(row).map(|found| found.within)))
        .column("remarks", "why there is no recovery", |row| row.recovery.as_ref().err().cloned())
        .simulated(report);
    columns.fill("spikes", "a spiked sample and its recovery", &report.over_plates.tests.spikes)
}

/// One row per incurred sample that was measured again.
pub(super) fn isr(report: &StudyReport<'_>) -> Table {
    let isr = report.over_plates.tests.isr.as_ref();
    let columns = study(report)
        .column("sample", "name of the repeat", |row: &&IncurredPair| row.sample.as_str())
        .column("of", "the sample", |row| row.of.as_str())
        .column("first", "first result, which stays the reported one", |row| {
            row.first.as_ref().map(ToString::to_string)
        })
        .column("repeat", "result of the repeat", |row| row.repeat.as_ref().map(ToString::to_string))
        .column("unit", "unit of the concentrations", |_| &report.protocol.assay.study.unit)
        .column("difference_percent", "100 × (repeat − first) / mean of the two", |row| {
            row.difference_percent.clone().ok()
        })
        .column("limit_percent", "largest difference that passes", |_| {
            report.protocol.assay.over_plates.isr_difference_percent
        })
        .column("outcome", "pass, fail or not evaluable; what cannot be computed does not pass", |row| {
            outcome(row.difference_percent.is_ok().then_some(row.within))
        })
        .column("pairs_within", "of the study: pairs that pass", move |_| isr.map(|isr| isr.within))
        .column("pairs", "of the study: all pairs, those that are not evaluable among them", move |_| {
            isr.map(|isr| isr.pairs.len())
        })
        .column("pairs_needed_percent", "share of the pairs that has to pass", |_| {
            report.protocol.assay.over_plates.isr_pass_percent
        })
        .column("study_outcome", "the verdict on the reanalysis as a whole: pass or fail", move |_| {
            isr.map(|isr| outcome(Some(isr.passed)))
        })
        .column("remarks", "why there is no difference", |row| row.difference_percent.as_ref().err().cloned())
        .simulated(report);
    let pairs = isr.into_iter().flat_map(|isr| &isr.pairs);
    columns.fill("isr", "an incurred sample and its repeat", pairs)
}

/// One row per kit lot and the one before.
pub(super) fn lots(report: &StudyReport<'_>) -> Table {
    let ratio = |row: &&LotBridge| row.ratio.as_ref().ok().copied();
    let shape = |row: &&LotBridge| row.shape.as_ref().ok().copied();
    let columns = study(report)
        .column("from", "the earlier kit lot", |row: &&LotBridge| row.from.as_str())
        .column("to", "the later kit lot", |row| row.to.as_str())
        .column("plates_from", "accepted plates of the earlier lot", |row| row.plates.0)
        .column("plates_to", "accepted plates of the later lot", |row| row.plates.1)
        .column("ratio", "ratio of the mid-points, later / earlier", move |row| ratio(row).map(|ratio| ratio.ratio))
        .column("lower", "lower end of its confidence interval", move |row| ratio(row)?.lower)
        .column("upper", "upper end of its confidence interval", move |row| ratio(row)?.upper)
        .column(
            "interval_from",
            "what the interval accounts for: plates of a lot, or only the wells of a plate",
            move |row| ratio(row).map(|ratio| ratio.from),
        )
        .column("shape_f", "F of a shape per lot against one shape for both", move |row| {
            shape(row).map(|shape| shape.f)
        })
        .column("df_lots", "its degrees of freedom", move |row| shape(row).map(|shape| shape.df_lots))
        .column("df_noise", "degrees of freedom of what the lots are compared with", move |row| {
            shape(row).map(|shape| shape.df_noise)
        })
        .column("shape_p", "its p-value: small when the lots have different shapes", move |row| {
            shape(row).map(|shape| shape.p)
        })
        .column("shape_against", "what the lots are compared with", move |row| shape(row).map(|shape| shape.against))
        .column("remarks", "why a number is missing", |row| {
            let why = [row.ratio.as_ref().err(), row.shape.as_ref().err()];
            why.into_iter().flatten().cloned().collect::<Vec<_>>().join("; ")
        })
        .simulated(report);
    columns.fill("lots", "a kit lot compared with the one before", &report.over_plates.lots)
}
