//! Tables across plates: control charts, broken rules, what moved, and the history for the next study.

use super::columns_of::{EffectsTable, MovementsTable, PrecisionTable, WestgardTable};
use super::{Column, ColumnKind, Columns, ReportTable, TableMaker, Unit};
use crate::qc::across_plates::{
    Basis, Chart, ChartPoint, Effect, Movement, Observation, Precision, PrecisionScope, Rule,
};
use crate::report::StudyReport;

mod samples;

/// All of them.
pub(super) const TABLES: [TableMaker; 10] = [
    charts,
    westgard,
    movements,
    precision,
    effects,
    samples::parallelism,
    samples::spikes,
    samples::isr,
    samples::lots,
    history,
];

/// The columns of a number of a plate, here or of an earlier study.
impl<'a, R> Columns<'a, R> {
    fn number(of: impl Fn(&R) -> &'a Observation + Copy + 'a) -> Self {
        Self::new()
            .column(
                Column::new("study", "identifier of the study that the plate belongs to").kind(ColumnKind::Study),
                move |row| of(row).study.as_str(),
            )
            .column(Column::new("plate", "name of the plate in its study").kind(ColumnKind::Key), move |row| {
                of(row).plate.as_str()
            })
            .column(("kit_lot", "lot of the kit; each lot has its own charts"), move |row| of(row).kit_lot.as_str())
            .column(("accepted", "Y when the plate was accepted"), move |row| of(row).accepted)
            .column(("kind", "control, parameter (of the curve), standard (back-calculated) or response"), move |row| {
                of(row).item.kind()
            })
            .column(("name", "level of the control, letter of the parameter, blank or top"), move |row| {
                of(row).item.name().to_string()
            })
            .column(("nominal", "nominal concentration of a control or standard"), move |row| of(row).item.nominal())
            .column(("set", "which of the plate's numbers of this kind, from 1"), move |row| of(row).set)
            .column(("value", "the number: concentration, parameter, bias in percent, or response"), move |row| {
                of(row).value
            })
            .column(("unit", "its unit; empty for responses"), move |row| of(row).unit.as_str())
    }
}

/// One row per number that is charted, in the order of the plates.
fn charts(report: &StudyReport<'_>) -> ReportTable {
    let columns = Columns::number(|row: &&ChartPoint| &row.observation)
        .column(("run", "place of the plate in the order of the history, from 1"), |row| row.run + 1)
        .column(("mean", "mean that it is compared with"), |row| row.limits.map(|limits| limits.mean))
        .column(("sd", "standard deviation that it is compared with"), |row| row.limits.map(|limits| limits.sd))
        .column(("z", "(value − mean) / sd"), |row| row.z())
        .column(
            ("limits", "fixed (by the first plates of the lot), provisional (all other plates of the lot) or none yet"),
            |row| row.limits.map_or("none yet", |limits| if limits.fixed { "fixed" } else { "provisional" }),
        )
        .column(("limits_plates", "accepted plates that mean and sd come from"), |row| {
            row.limits.map(|limits| limits.plates)
        })
        .column(("rules", "Westgard rules that this number breaks"), |row| {
            row.broken.iter().map(|(rule, _)| rule.name()).collect::<Vec<_>>().join(" ")
        })
        .simulated(report);
    let rows = report.across_plates.charts.iter().flat_map(|chart| &chart.points);
    columns.fill("charts", "a number of a plate in its control chart", rows)
}

/// One row per broken rule.
fn westgard(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (&'a Chart, &'a ChartPoint, &'a (Rule, String));
    let columns = Columns::new()
        .column(WestgardTable::STUDY, |row: &Row<'_>| row.1.observation.study.as_str())
        .column(WestgardTable::PLATE, |row| row.1.observation.plate.as_str())
        .column(("kit_lot", "lot of the kit"), |row| row.0.kit_lot.as_str())
        .column(WestgardTable::ITEM, |row| row.0.item.to_string())
        .column(("set", "which of the plate's numbers, from 1"), |row| row.1.observation.set)
        .column(WestgardTable::RULE, |row| row.2.0.name())
        .column(WestgardTable::MEANS, |row| row.2.0.words())
        .column(WestgardTable::KIND, |row| if row.2.0.warns_only() { "warning" } else { "rejection" })
        .column(("points_to", "random error, systematic error or either"), |row| row.2.0.points_to())
        .column(WestgardTable::LIMITS, |row| {
            row.1.limits.map(|limits| if limits.fixed { "fixed" } else { "provisional" })
        })
        .column(WestgardTable::VALUES, |row| row.2.1.as_str())
        .simulated(report);
    let rows = report.across_plates.charts.iter().flat_map(|chart| {
        chart.points.iter().flat_map(move |point| point.broken.iter().map(move |broken| (chart, point, broken)))
    });
    columns.fill(WestgardTable::TABLE, "a Westgard rule that a number breaks", rows)
}

/// One row per plate: whether a control moved alone or the plate did.
fn movements(report: &StudyReport<'_>) -> ReportTable {
    let list = |items: &[(String, f64)]| {
        items.iter().map(|(item, z)| format!("{item} {z:+.1}")).collect::<Vec<_>>().join("; ")
    };
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &&Movement| {
            &report.protocol.assay.study.id
        })
        .column(MovementsTable::PLATE, |row| row.plate.as_str())
        .column(MovementsTable::MOVED, |row| row.mover.words())
        .column(MovementsTable::CONTROLS, move |row| list(&row.levels))
        .column(MovementsTable::CURVE, move |row| list(&row.curve))
        .simulated(report);
    columns.fill(
        MovementsTable::TABLE,
        "a plate: was the plate off, or only a control?",
        &report.across_plates.movements,
    )
}

/// The numbers of all plates up to this run: the history that the next study names as its input.
fn history(report: &StudyReport<'_>) -> ReportTable {
    let columns = Columns::number(|row: &&Observation| row).simulated(report);
    columns.fill(
        "history",
        "a number of a plate, from this study and earlier ones: name a copy as [across_plates] history of the next study",
        &report.across_plates.history.observations,
    )
}

/// One row per level of a control, kit lot and basis.
fn precision(report: &StudyReport<'_>) -> ReportTable {
    fn cv(index: usize, of: fn(&Precision) -> Option<[f64; 3]>) -> impl Fn(&&Precision) -> Option<f64> {
        move |row| Some(of(row)?[index])
    }
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &&Precision| {
            &report.protocol.assay.study.id
        })
        .column(PrecisionTable::SCOPE, |row| match row.scope {
            PrecisionScope::Study => "study",
            PrecisionScope::History => "history",
        })
        .column(PrecisionTable::KIT_LOT, |row| match &row.kit_lot {
            Some(lot) => lot.clone(),
            None => "all".into(),
        })
        .column(PrecisionTable::CONTROL, |row| row.item.name().to_string())
        .column(PrecisionTable::NOMINAL, |row| row.item.nominal())
        .column(("unit", "unit of the concentrations"), |_| &report.protocol.assay.study.unit)
        .column(PrecisionTable::BASIS, |row| match row.basis {
            Basis::Sets => "sets",
            Basis::Wells => "wells",
        })
        .column(PrecisionTable::PLATES, |row| row.plates)
        .column(PrecisionTable::VALUES, |row| row.values)
        .column(PrecisionTable::MEAN, |row| row.mean)
        .column(PrecisionTable::BIAS_PERCENT, |row| row.bias_percent())
        .column(PrecisionTable::INTRA_CV_PERCENT, cv(0, Precision::intra_cv_percent))
        .column(
            Column::new("intra_lower", "lower end of its confidence interval, in percent").of(Unit::Percent),
            cv(1, Precision::intra_cv_percent),
        )
        .column(
            Column::new("intra_upper", "upper end of its confidence interval, in percent").of(Unit::Percent),
            cv(2, Precision::intra_cv_percent),
        )
        .column(PrecisionTable::INTER_CV_PERCENT, cv(0, Precision::inter_cv_percent))
        .column(
            Column::new("inter_lower", "lower end of its confidence interval, in percent").of(Unit::Percent),
            cv(1, Precision::inter_cv_percent),
        )
        .column(
            Column::new("inter_upper", "upper end of its confidence interval, in percent").of(Unit::Percent),
            cv(2, Precision::inter_cv_percent),
        )
        .column(PrecisionTable::TOTAL_ERROR_PERCENT, |row| row.total_error_percent())
        .column(PrecisionTable::REMARKS, |row| {
            precision_remarks(row, report.protocol.assay.acceptance.control_bias_percent)
        })
        .simulated(report);
    columns.fill(
        PrecisionTable::TABLE,
        "a control level across the accepted plates of a kit lot: precision, bias, total error",
        &report.across_plates.precision,
    )
}

/// ICH M10 4.3.2: mean accuracy or CV of a level beyond the limit of its single values has to be investigated.
fn precision_remarks(row: &Precision, limit: f64) -> String {
    let mut remarks = Vec::new();
    match &row.components {
        Err(why) => remarks.push(why.to_string()),
        Ok(components) if components.between_negative => {
            remarks.push("the component between plates is negative and taken as 0".to_string());
        }
        Ok(_) => {}
    }
    let beyond = |value: Option<f64>| value.is_some_and(|value| value.abs() > limit);
    if beyond(row.bias_percent()) || beyond(row.inter_cv_percent().map(|cv| cv[0])) {
        remarks.push(format!("bias or CV beyond {limit} %: investigate"));
    }
    remarks.join("; ")
}

/// One row per effect that was asked for.
fn effects(report: &StudyReport<'_>) -> ReportTable {
    let of = |row: &&Effect| row.found.as_ref().ok().copied();
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &&Effect| {
            &report.protocol.assay.study.id
        })
        .column(EffectsTable::PLATE, |row| match &row.plate {
            Some(plate) => plate.clone(),
            None => "all".into(),
        })
        .column(EffectsTable::EFFECT, |row| row.name.as_str())
        .column(("groups", "groups of replicates (for drift: levels of controls) that bear on it"), move |row| {
            of(row).map(|found| found.groups)
        })
        .column(EffectsTable::PERCENT, move |row| of(row).map(|found| found.percent))
        .column(EffectsTable::LOWER, move |row| of(row).map(|found| found.lower))
        .column(EffectsTable::UPPER, move |row| of(row).map(|found| found.upper))
        .column(EffectsTable::P, move |row| of(row).map(|found| found.p))
        .column(EffectsTable::THRESHOLD, move |row| of(row).map(|found| found.threshold))
        .column(EffectsTable::OUTCOME, move |row| match of(row) {
            Some(found) if found.warned() => "warning",
            Some(_) => "pass",
            None => "not evaluable",
        })
        .column(("remarks", "why it could not be tested"), |row| row.found.as_ref().err().cloned())
        .simulated(report);
    columns.fill(EffectsTable::TABLE, "an effect of position, or of drift, on a plate", &report.across_plates.effects)
}
