//! Tables across plates: control charts, broken rules, what moved, and the history for the next study.

use super::{Columns, Table, Unit};
use crate::qc::over_plates::{Basis, Chart, ChartPoint, Effect, Movement, Observation, Precision, Rule, Scope};
use crate::report::StudyReport;

mod samples;

/// All of them.
pub(super) fn tables(report: &StudyReport<'_>) -> Vec<Table> {
    vec![
        charts(report),
        westgard(report),
        movements(report),
        precision(report),
        effects(report),
        samples::parallelism(report),
        samples::spikes(report),
        samples::isr(report),
        samples::lots(report),
        history(report),
    ]
}

/// The columns of a number of a plate, here or of an earlier study.
impl<'a, R> Columns<'a, R> {
    fn number(of: impl Fn(&R) -> &'a Observation + Copy + 'a) -> Self {
        Self::new()
            .column("study", "identifier of the study that the plate belongs to", move |row| of(row).study.as_str())
            .column("plate", "name of the plate in its study", move |row| of(row).plate.as_str())
            .column("kit_lot", "lot of the kit; each lot has its own charts", move |row| of(row).kit_lot.as_str())
            .column("accepted", "Y when the plate was accepted", move |row| of(row).accepted)
            .column("kind", "control, parameter (of the curve), standard (back-calculated) or response", move |row| {
                of(row).item.kind()
            })
            .column("name", "level of the control, letter of the parameter, blank or top", move |row| {
                of(row).item.name().to_string()
            })
            .column("nominal", "nominal concentration of a control or standard", move |row| of(row).item.nominal())
            .column("set", "which of the plate's numbers of this kind, from 1", move |row| of(row).set)
            .column("value", "the number: concentration, parameter, bias in percent, or response", move |row| {
                of(row).value
            })
            .column("unit", "its unit; empty for responses", move |row| of(row).unit.as_str())
    }
}

/// One row per number that is charted, in the order of the plates.
fn charts(report: &StudyReport<'_>) -> Table {
    let columns = Columns::number(|row: &&ChartPoint| &row.observation)
        .column("run", "place of the plate in the order of the history, from 1", |row| row.run + 1)
        .column("mean", "mean that it is compared with", |row| row.limits.map(|limits| limits.mean))
        .column("sd", "standard deviation that it is compared with", |row| row.limits.map(|limits| limits.sd))
        .column("z", "(value − mean) / sd", |row| row.z())
        .column(
            "limits",
            "fixed (by the first plates of the lot), provisional (all other plates of the lot) or none yet",
            |row| row.limits.map_or("none yet", |limits| if limits.fixed { "fixed" } else { "provisional" }),
        )
        .column("limits_plates", "accepted plates that mean and sd come from", |row| {
            row.limits.map(|limits| limits.plates)
        })
        .column("rules", "Westgard rules that this number breaks", |row| {
            row.broken.iter().map(|(rule, _)| rule.name()).collect::<Vec<_>>().join(" ")
        })
        .simulated(report);
    let rows = report.over_plates.charts.iter().flat_map(|chart| &chart.points);
    columns.fill("charts", "a number of a plate in its control chart", rows)
}

/// One row per broken rule.
fn westgard(report: &StudyReport<'_>) -> Table {
    type Row<'a> = (&'a Chart, &'a ChartPoint, &'a (Rule, String));
    let columns = Columns::new()
        .column("study", "identifier of the study that the plate belongs to", |row: &Row<'_>| {
            row.1.observation.study.as_str()
        })
        .column("plate", "the plate whose number breaks the rule", |row| row.1.observation.plate.as_str())
        .column("kit_lot", "lot of the kit", |row| row.0.kit_lot.as_str())
        .column("item", "what is charted", |row| row.0.item.to_string())
        .column("set", "which of the plate's numbers, from 1", |row| row.1.observation.set)
        .column("rule", "the rule, as Westgard writes it", |row| row.2.0.name())
        .column("means", "the rule in words", |row| row.2.0.words())
        .column("kind", "warning (1_2s) or rejection; a rejection decides only where the method says so", |row| {
            if row.2.0.warns_only() { "warning" } else { "rejection" }
        })
        .column("points_to", "random error, systematic error or either", |row| row.2.0.points_to())
        .column("limits", "fixed or provisional", |row| {
            row.1.limits.map(|limits| if limits.fixed { "fixed" } else { "provisional" })
        })
        .column("values", "the numbers that take part, with their z", |row| row.2.1.as_str())
        .simulated(report);
    let rows = report.over_plates.charts.iter().flat_map(|chart| {
        chart.points.iter().flat_map(move |point| point.broken.iter().map(move |broken| (chart, point, broken)))
    });
    columns.fill("westgard", "a Westgard rule that a number breaks", rows)
}

/// One row per plate: whether a control moved alone or the plate did.
fn movements(report: &StudyReport<'_>) -> Table {
    let list = |items: &[(String, f64)]| {
        items.iter().map(|(item, z)| format!("{item} {z:+.1}")).collect::<Vec<_>>().join("; ")
    };
    let columns = Columns::new()
        .column("study", "identifier of the study", |_: &&Movement| &report.protocol.assay.study.id)
        .column("plate", "name of the plate", |row| row.plate.as_str())
        .column("moved", "what moved: nothing, one control alone, the whole plate, controls to both sides", |row| {
            row.mover.words()
        })
        .column(
            "controls",
            "each level with its deviation: mean of its sets' z times √sets; before there are limits, z is 2 × bias / its limit",
            move |row| list(&row.levels),
        )
        .column("curve", "parameters, blank and top response beyond ±2 s, with their z", move |row| list(&row.curve))
        .simulated(report);
    columns.fill("movements", "a plate: was the plate off, or only a control?", &report.over_plates.movements)
}

/// The numbers of all plates up to this run: the history that the next study names as its input.
fn history(report: &StudyReport<'_>) -> Table {
    let columns = Columns::number(|row: &&Observation| row).simulated(report);
    columns.fill(
        "history",
        "a number of a plate, from this study and earlier ones: name a copy as [over_plates] history of the next study",
        &report.over_plates.history.observations,
    )
}

/// One row per level of a control, kit lot and basis.
fn precision(report: &StudyReport<'_>) -> Table {
    fn cv(index: usize, of: fn(&Precision) -> Option<[f64; 3]>) -> impl Fn(&&Precision) -> Option<f64> {
        move |row| Some(of(row)?[index])
    }
    let columns = Columns::new()
        .column("study", "identifier of the study", |_: &&Precision| &report.protocol.assay.study.id)
        .column("scope", "study: its own plates; history: these and all earlier ones", |row| match row.scope {
            Scope::Study => "study",
            Scope::History => "history",
        })
        .column("kit_lot", "lot of the kit; `all` for all lots together", |row| match &row.kit_lot {
            Some(lot) => lot.clone(),
            None => "all".into(),
        })
        .column("control", "level of the control", |row| row.item.name().to_string())
        .column_in(Unit::Study, "nominal", "nominal concentration, in `unit`", |row| row.item.nominal())
        .column("unit", "unit of the concentrations", |_| &report.protocol.assay.study.unit)
        .column("basis", "sets: the reportable value of a set of replicates; wells: single wells", |row| {
            match row.basis {
                Basis::Sets => "sets",
                Basis::Wells => "wells",
            }
        })
        .column("plates", "accepted plates", |row| row.plates)
        .column("values", "values on them", |row| row.values)
        .column_in(Unit::Study, "mean", "their mean, in `unit`", |row| row.mean)
        .column("bias_percent", "100 × (mean − nominal) / nominal", |row| row.bias_percent())
        .column("intra_cv_percent", "CV within plates: s_r / mean", cv(0, Precision::intra_cv_percent))
        .column_in(
            Unit::Percent,
            "intra_lower",
            "lower end of its confidence interval, in percent",
            cv(1, Precision::intra_cv_percent),
        )
        .column_in(
            Unit::Percent,
            "intra_upper",
            "upper end of its confidence interval, in percent",
            cv(2, Precision::intra_cv_percent),
        )
        .column(
            "inter_cv_percent",
            "CV across plates, intermediate precision: √(s_r² + s_b²) / mean",
            cv(0, Precision::inter_cv_percent),
        )
        .column_in(
            Unit::Percent,
            "inter_lower",
            "lower end of its confidence interval, in percent",
            cv(1, Precision::inter_cv_percent),
        )
        .column_in(
            Unit::Percent,
            "inter_upper",
            "upper end of its confidence interval, in percent",
            cv(2, Precision::inter_cv_percent),
        )
        .column("total_error_percent", "|bias| + CV across plates", |row| row.total_error_percent())
        .column("remarks", "why a number is missing; a negative component of variance; a mean to investigate", |row| {
            precision_remarks(row, report.protocol.assay.acceptance.control_bias_percent)
        })
        .simulated(report);
    columns.fill(
        "precision",
        "a control level across the accepted plates of a kit lot: precision, bias, total error",
        &report.over_plates.precision,
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
fn effects(report: &StudyReport<'_>) -> Table {
    let of = |row: &&Effect| row.found.as_ref().ok().copied();
    let columns = Columns::new()
        .column("study", "identifier of the study", |_: &&Effect| &report.protocol.assay.study.id)
        .column("plate", "name of the plate; `all` for all plates together", |row| match &row.plate {
            Some(plate) => plate.clone(),
            None => "all".into(),
        })
        .column("effect", "edge, a row, a column, or drift from the first to the last controls", |row| {
            row.name.as_str()
        })
        .column("groups", "groups of replicates (for drift: levels of controls) that bear on it", move |row| {
            of(row).map(|found| found.groups)
        })
        .column("percent", "change of the response; for drift of the concentration", move |row| {
            of(row).map(|found| found.percent)
        })
        .column_in(Unit::Percent, "lower", "lower end of its confidence interval, in percent", move |row| {
            of(row).map(|found| found.lower)
        })
        .column_in(Unit::Percent, "upper", "upper end of its confidence interval, in percent", move |row| {
            of(row).map(|found| found.upper)
        })
        .column("p", "two-sided p-value", move |row| of(row).map(|found| found.p))
        .column(
            "threshold",
            "p below which there is a warning: false_alarm_percent, shared by the contrasts of a plate",
            move |row| of(row).map(|found| found.threshold),
        )
        .column("outcome", "pass, warning, or not evaluable; nothing is ever corrected", move |row| match of(row) {
            Some(found) if found.warned() => "warning",
            Some(_) => "pass",
            None => "not evaluable",
        })
        .column("remarks", "why it could not be tested", |row| row.found.as_ref().err().cloned())
        .simulated(report);
    columns.fill("effects", "an effect of position, or of drift, on a plate", &report.over_plates.effects)
}
