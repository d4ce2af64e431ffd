//! Decisions, and what the plates and samples are with and without the exclusions.

use super::columns_of::{DecisionsTable, ExclusionsTable, SignaturesTable};
use super::{Column, ColumnKind, Columns, ReportTable};
use crate::concentration::quantity::significant;
use crate::concentration::{PlateConcentrations, Quantity};
use crate::curve::{Model, Variance};
use crate::qc::JudgedPlate;
use crate::record::{Action, Decision, SignatureState};
use crate::report::StudyReport;

/// One row per decision.
pub(super) fn decisions(report: &StudyReport<'_>) -> ReportTable {
    type Row<'a> = (usize, &'a Decision, bool);
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &Row<'_>| {
            &report.protocol.assay.study.id
        })
        .column(DecisionsTable::LINE, |row| row.0)
        .column(DecisionsTable::WHEN, |row| &row.1.when)
        .column(DecisionsTable::WHO, |row| &row.1.who)
        .column(DecisionsTable::ACTION, |row| match row.1.action {
            Action::Exclude => "exclude",
            Action::Undo => "undo",
            Action::Accept => "accept",
            Action::Approve => "approve",
        })
        .column(DecisionsTable::TARGET, |row| row.1.target.to_string())
        .column(DecisionsTable::OLD, |row| &row.1.old)
        .column(DecisionsTable::NEW, |row| &row.1.new)
        .column(DecisionsTable::UNDOES, |row| row.1.undoes)
        .column(DecisionsTable::CODE, |row| &row.1.code)
        .column(DecisionsTable::REASON, |row| &row.1.reason)
        .column(DecisionsTable::IN_FORCE, |row| row.2)
        .simulated(report);
    let log = &report.exclusions.decisions;
    let in_force: std::collections::BTreeSet<usize> = log.in_force().map(|(line, _)| line).collect();
    let rows = log.lines().map(|(line, decision)| (line, decision, in_force.contains(&line)));
    columns.fill(DecisionsTable::TABLE, "a decision that someone made about a plate, a standard or a well", rows)
}

/// One row per statement in `signatures/`.
pub(super) fn signatures(report: &StudyReport<'_>) -> ReportTable {
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &&SignatureState| {
            &report.protocol.assay.study.id
        })
        .column(("file", "the statement, beside which its signature stands"), |row| &row.signature.file)
        .column(SignaturesTable::MEANING, |row| row.signature.statement.meaning.to_string())
        .column(SignaturesTable::NAME, |row| &row.signature.statement.name)
        .column(SignaturesTable::WHEN, |row| &row.signature.statement.when)
        .column(SignaturesTable::SIGNER, |row| row.signature.signer.to_string())
        .column(SignaturesTable::COVERS, |row| row.changed.is_empty())
        .column(SignaturesTable::CHANGED, |row| row.changed.join(" "))
        .simulated(report);
    columns.fill(SignaturesTable::TABLE, "what someone signed of the study", report.signatures)
}

/// A thing that an exclusion may change.
struct ExclusionEffect {
    plate: String,
    decisions: String,
    what: String,
    before: String,
    after: String,
    change_percent: Option<f64>,
}

/// One row per thing that exclusions may change, of the plates that have some, and of all where the plates have the exponent of
/// their variance in common: without and with them.
pub(in crate::report) fn exclusions(report: &StudyReport<'_>) -> ReportTable {
    let columns = Columns::new()
        .column(Column::new("study", "identifier of the study").kind(ColumnKind::Study), |_: &ExclusionEffect| {
            &report.protocol.assay.study.id
        })
        .column(ExclusionsTable::PLATE, |row| row.plate.clone())
        .column(ExclusionsTable::DECISIONS, |row| row.decisions.clone())
        .column(ExclusionsTable::ITEM, |row| row.what.clone())
        .column(ExclusionsTable::BEFORE, |row| row.before.clone())
        .column(ExclusionsTable::AFTER, |row| row.after.clone())
        .column(ExclusionsTable::CHANGE_PERCENT, |row| row.change_percent)
        .column(ExclusionsTable::CHANGED, |row| row.before != row.after)
        .simulated(report);
    columns.fill(
        ExclusionsTable::TABLE,
        "a number of a plate, before and after the exclusions that someone decided",
        items(report),
    )
}

fn items(report: &StudyReport<'_>) -> Vec<ExclusionEffect> {
    let mut items = Vec::new();
    for before in &report.exclusions.plates_before {
        let Some(after) = report.plates.iter().find(|plate| plate.id == before.id) else { continue };
        let in_force = report.exclusions.decisions.in_force();
        let lines: Vec<String> =
            in_force.filter(|(_, of)| of.target.plate == before.id).map(|(line, _)| line.to_string()).collect();
        let (old, new) = (shown(before, report, true), shown(after, report, false));
        let item = |one: &ItemText| {
            let of = |side: &[ItemText]| {
                side.iter().find(|other| other.what == one.what).map(|of| (of.text.clone(), of.number))
            };
            let ((before_text, old), (after_text, new)) = (of(&old).unwrap_or_default(), of(&new).unwrap_or_default());
            let numbers = old.zip(new).filter(|(old, _)| *old != 0.0);
            ExclusionEffect {
                plate: before.id.clone(),
                decisions: lines.join(" "),
                what: one.what.clone(),
                before: before_text,
                after: after_text,
                change_percent: numbers.map(|(old, new)| 100.0 * (new - old) / old),
            }
        };
        // A plate that has a curve on one side only has its parameters there.
        let only_new = new.iter().filter(|one| !old.iter().any(|other| other.what == one.what));
        // A result that is reported as it was measured here, before and after, is said once.
        let is_repeated = |one: &&ItemText| {
            let same = |of: &[ItemText]| {
                let text = |what: &str| of.iter().find(|other| other.what == what).map(|other| other.text.as_str());
                one.measured_as.as_deref().is_some_and(|measured| text(&one.what) == text(measured))
            };
            same(&old) && same(&new)
        };
        let mut of_plate: Vec<(u8, ExclusionEffect)> =
            old.iter().chain(only_new).filter(|one| !is_repeated(one)).map(|one| (one.class, item(one))).collect();
        of_plate.sort_by(|one, other| one.0.cmp(&other.0).then(weight(other).total_cmp(&weight(one))));
        items.extend(of_plate.into_iter().map(|(_, item)| item));
    }
    items
}

/// Within the samples the largest change comes first; before it, what became a number or ceased to be one.
fn weight((class, item): &(u8, ExclusionEffect)) -> f64 {
    match (*class == SAMPLES, item.change_percent) {
        (false, _) => 0.0,
        (true, Some(percent)) => percent.abs(),
        (true, None) => {
            if item.before == item.after {
                -1.0
            } else {
                f64::INFINITY
            }
        }
    }
}

/// The place of an item on the list: the plate and its curve, then standards and controls, then samples.
const PLATE: u8 = 0;
const STANDARDS: u8 = 1;
const SAMPLES: u8 = 2;

/// An item and its value as a text: a value outside the limits is never a number.
struct ItemText {
    class: u8,
    what: String,
    text: String,
    number: Option<f64>,
    /// The item of the measurement, of one that is about the result of the sample.
    measured_as: Option<String>,
}

impl ItemText {
    fn text(class: u8, what: impl Into<String>, text: impl Into<String>) -> Self {
        Self { class, what: what.into(), text: text.into(), number: None, measured_as: None }
    }

    fn quantity(class: u8, what: String, quantity: &Quantity) -> Self {
        Self { class, what, text: quantity.to_string(), number: quantity.value(), measured_as: None }
    }
}

fn shown(plate: &JudgedPlate, report: &StudyReport<'_>, before: bool) -> Vec<ItemText> {
    let mut shown = vec![ItemText::text(PLATE, "verdict", plate.verdict.verdict.to_string())];
    let Some(found) = &plate.concentrations else { return shown };
    shown.extend(of_curve(found).into_iter().map(|(what, text)| ItemText::text(PLATE, what, text)));
    shown.extend(found.standards.iter().flat_map(|standard| {
        let cv = |cv: f64| format!("{cv:.1} %");
        let cv = standard.concentration_cv_percent.map(cv).unwrap_or_default();
        let bias = match standard.bias_percent {
            // In words: a text that begins with a sign is one that a spreadsheet program would take for a formula.
            Some(bias) if bias < 0.0 => format!("{:.1} % below", -bias),
            Some(bias) => format!("{bias:.1} % above"),
            None if standard.n == 0 => "no well used".into(),
            None => String::new(),
        };
        let nominal = standard.nominal;
        [(format!("bias of standard {nominal}"), bias), (format!("CV of standard {nominal}, concentrations"), cv)]
            .map(|(what, text)| ItemText::text(STANDARDS, what, text))
    }));
    shown.extend(found.controls.iter().map(|control| {
        let what = format!("control {} at {}", control.group.name, control.group.wells[0]);
        ItemText::quantity(STANDARDS, what, &control.group.quantity)
    }));
    for group in &found.samples {
        let sample = &group.name;
        let measured = format!("sample {sample} at dilution {}", group.dilution);
        shown.push(ItemText::quantity(SAMPLES, measured.clone(), &group.quantity));
        let result = if before { report.exclusions.result_before(sample) } else { report.result(sample) };
        shown.extend(result.map(|result| {
            let reported = ItemText::quantity(SAMPLES, format!("reported for sample {sample}"), &result.quantity);
            ItemText { measured_as: Some(measured), ..reported }
        }));
    }
    shown
}

fn of_curve(found: &PlateConcentrations) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    if let Ok(curve) = &found.curve {
        let parameters = curve.parameters();
        let errors = curve.standard_errors();
        let values = [parameters.a, parameters.d, parameters.c, parameters.b, parameters.g];
        for (at, (name, value)) in ["a", "d", "c", "b", "g"].into_iter().zip(values).enumerate() {
            shown.push((format!("curve {name}"), parameter(value)));
            // The asymmetry of a 4PL is 1 and has no error.
            if name != "g" || curve.method().model != Model::FourParameter {
                let error = errors.and_then(|errors| errors[at]);
                let error = error.map_or_else(|| "not determined".into(), |error| significant(error, 3));
                shown.push((format!("curve {name}, SE"), error));
            }
        }
        if let Some(sd) = curve.residual_sd() {
            shown.push(("residual SD".into(), significant(sd, 4)));
        }
        shown.push(("R²".into(), significant(curve.r_squared(), 6)));
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
