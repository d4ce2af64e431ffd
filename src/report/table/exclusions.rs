//! Decisions, and what the plates and samples are with and without the exclusions.

use super::{Columns, Table};
use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::curve::Variance;
use crate::qc::JudgedPlate;
use crate::record::{Action, Decision};
use crate::report::StudyReport;

/// One row per decision.
pub(super) fn decisions(report: &StudyReport<'_>) -> Table {
    type Row<'a> = (usize, &'a Decision, bool);
    let columns = Columns::new()
        .column("study", "identifier of the study", |_: &Row<'_>| &report.protocol.assay.study.id)
        .column("line", "line of decisions.jsonl", |row| row.0)
        .column("when", "when, with the time zone", |row| &row.1.when)
        .column("who", "who decided", |row| &row.1.who)
        .column("action", "exclude, undo or accept", |row| match row.1.action {
            Action::Exclude => "exclude",
            Action::Undo => "undo",
            Action::Accept => "accept",
        })
        .column("target", "what it is about", |row| row.1.target.to_string())
        .column("old", "what held before", |row| &row.1.old)
        .column("new", "what holds now", |row| &row.1.new)
        .column("undoes", "the line of the exclusion that an undo ends", |row| row.1.undoes)
        .column("code", "code of the reason", |row| &row.1.code)
        .column("reason", "the reason in words", |row| &row.1.reason)
        .column("in_force", "Y for an exclusion that holds", |row| row.2)
        .simulated(report);
    let log = &report.exclusions.decisions;
    let in_force: std::collections::BTreeSet<usize> = log.in_force().map(|(line, _)| line).collect();
    let rows = log.lines().map(|(line, decision)| (line, decision, in_force.contains(&line)));
    columns.fill("decisions", "one decision of a person about a plate, a standard or a well", rows)
}

/// A thing that an exclusion may change.
struct Item {
    plate: String,
    decisions: String,
    what: String,
    before: String,
    after: String,
}

/// One row per thing that exclusions may change, of the plates that have some, and of all where the plates have the exponent of
/// their variance in common: without and with them.
pub(super) fn exclusions(report: &StudyReport<'_>) -> Table {
    let columns = Columns::new()
        .column("study", "identifier of the study", |_: &Item| &report.protocol.assay.study.id)
        .column("plate", "the plate", |row| row.plate.clone())
        .column(
            "decisions",
            "lines of decisions.jsonl that exclude something of it; none where it shares the variance exponent of plates with some",
            |row| row.decisions.clone(),
        )
        .column("item", "what is shown without and with them", |row| row.what.clone())
        .column("before", "without the exclusions", |row| row.before.clone())
        .column("after", "with them: this counts", |row| row.after.clone())
        .column("changed", "Y where the two differ", |row| row.before != row.after)
        .simulated(report);
    columns.fill("exclusions", "one thing of a plate without and with the exclusions by decision", items(report))
}

fn items(report: &StudyReport<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for before in &report.exclusions.plates_before {
        let Some(after) = report.plates.iter().find(|plate| plate.id == before.id) else { continue };
        let in_force = report.exclusions.decisions.in_force();
        let lines: Vec<String> =
            in_force.filter(|(_, of)| of.target.plate == before.id).map(|(line, _)| line.to_string()).collect();
        let (before, after) = (shown(before, &before.id, report, true), shown(after, &after.id, report, false));
        for (id, what, value) in before {
            let after = after.iter().find(|other| other.1 == what).map_or("", |other| other.2.as_str());
            items.push(Item { plate: id, decisions: lines.join(" "), what, before: value, after: after.into() });
        }
    }
    items
}

/// Plate, item and its value as a text: a value outside the limits is never a number.
fn shown(plate: &JudgedPlate, id: &str, report: &StudyReport<'_>, before: bool) -> Vec<(String, String, String)> {
    let mut shown = vec![("verdict".to_string(), plate.verdict.verdict.to_string())];
    if let Some(found) = &plate.concentrations {
        shown.extend(of_curve(found));
        shown.extend(found.standards.iter().map(|standard| {
            let bias = match standard.bias_percent {
                // In words: a text that begins with a sign is one that a spreadsheet program would take for a formula.
                Some(bias) if bias < 0.0 => format!("{:.1} % below", -bias),
                Some(bias) => format!("{bias:.1} % above"),
                None if standard.n == 0 => "no well used".into(),
                None => String::new(),
            };
            (format!("bias of standard {}", standard.nominal), bias)
        }));
        shown.extend(found.controls.iter().map(|control| {
            let name = format!("control {} at {}", control.group.name, control.group.wells[0]);
            (name, control.group.quantity.to_string())
        }));
        for group in &found.samples {
            let sample = &group.name;
            shown.push((format!("sample {sample} at dilution {}", group.dilution), group.quantity.to_string()));
            let result = if before { report.exclusions.result_before(sample) } else { report.result(sample) };
            shown.extend(result.map(|result| (format!("reported for sample {sample}"), result.quantity.to_string())));
        }
    }
    shown.into_iter().map(|(what, value)| (id.to_string(), what, value)).collect()
}

fn of_curve(found: &PlateConcentrations) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    if let Ok(curve) = &found.curve {
        let parameters = curve.parameters();
        for (name, value) in
            [("a", parameters.a), ("d", parameters.d), ("c", parameters.c), ("b", parameters.b), ("g", parameters.g)]
        {
            shown.push((format!("curve {name}"), parameter(value)));
        }
        if let Some(parameter) = curve.variance_parameter() {
            let name = if curve.method().variance == Variance::Power { "exponent" } else { "crossover" };
            shown.push((format!("{name} of the variance"), significant(parameter, 6)));
        }
    }
    if let Some(range) = &found.range {
        shown.push(("LLOQ".into(), significant(range.lloq, 6)));
        shown.push(("ULOQ".into(), significant(range.uloq, 6)));
    }
    shown
}

/// A parameter of a curve. Where the least-squares infimum is not attained, a parameter that runs away has no value.
fn parameter(value: f64) -> String {
    if value.is_finite() { significant(value, 6) } else { "not determined".into() }
}
