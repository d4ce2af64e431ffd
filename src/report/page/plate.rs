//! One plate: what was read, curve, standards, controls, map, findings, samples, and who signed it.

use maud::{Markup, html};

use super::review::Links;
use super::show::{PlateRows, ShownTable, badge};
use super::{findings, picture, plate_map};
use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::curve::{Model, StandardCurve, interval_holds};
use crate::qc::{self, JudgedPlate, RuleId, Verdict};
use crate::record::Action;
use crate::report::figure::Styles;
use crate::report::figures::PlateFigures;
use crate::report::table::Cell;
use crate::report::table::columns_of::{
    ControlsTable, MeasurementsTable, QuantityColumns, SampleColumns, StabilityColumns, StandardsTable,
};
use crate::report::{StudyReport, words};

/// Everything of a plate, in the order in which a reviewer looks at it. Under review its wells and standards are links.
pub(super) fn evidence(
    report: &StudyReport<'_>,
    plate: &JudgedPlate,
    rows: &PlateRows<'_>,
    figures: Option<&PlateFigures>,
    styles: &mut Styles,
    links: Option<Links<'_>>,
) -> Markup {
    html! {
        @if plate.verdict.verdict != Verdict::Accepted { div.reason { p { (words::why(&plate.verdict)) } } }
        @if let Some(results) = &plate.concentrations { (facts(report, results)) }
        @if let (Some(figures), Some(results)) = (figures, &plate.concentrations) {
            div.evidence {
                div {
                    (picture(&figures.curve, styles))
                    @if let Some(read_back) = &figures.standards { (picture(read_back, styles)) }
                }
                div {
                    (curve(report, results))
                    (standards(report, plate, rows, links))
                    (controls(report, plate, rows, links))
                }
            }
            (plate_map::table(&figures.wells, links))
        }
        (findings::section(plate))
        @if figures.is_some() { (samples(report, plate, rows, links)) }
        (signatures(report, plate))
    }
}

/// What was read, when, on what, by whom; the method and the range.
fn facts(report: &StudyReport<'_>, results: &PlateConcentrations) -> Markup {
    let (assay, plate) = (&report.protocol.assay, &results.plate);
    let said = &plate.acquisition;
    let unit = &assay.study.unit;
    let reader = match (&said.reader, &said.serial) {
        (Some(reader), Some(serial)) => Some(format!("{reader}, serial number {serial}")),
        (Some(reader), None) => Some(format!("{reader}; the export has no serial number")),
        (None, Some(serial)) => Some(format!("serial number {serial}")),
        (None, None) => None,
    };
    let range = results.range.as_ref();
    let facts = [
        ("Export", Some(format!("{} ({})", plate.export, plate.format))),
        ("Read", Some(plate.read.clone())),
        ("Read on", read_on(results)),
        ("Reader", reader),
        ("Operator", said.operator.clone()),
        ("Kit lot", kit(results)),
        ("Method", Some(format!("{}, version {}", assay.method.name, assay.method.version))),
        (
            "Range in the well",
            range.map(|range| format!("{} to {} {unit}", significant(range.lloq, 4), significant(range.uloq, 4))),
        ),
    ];
    html! {
        dl.facts { @for (name, fact) in facts {
            div { dt { (name) } dd { @match fact { Some(fact) => (fact), None => span.muted { (not_said(name)) } } } }
        } }
    }
}

/// When it was read: in the words of the export, with the day where `study.toml` says it.
fn read_on(results: &PlateConcentrations) -> Option<String> {
    let (moment, handling) = (results.plate.acquisition.moment(), &results.plate.handling);
    match (moment, handling.declared_read_on) {
        (Some(moment), Some(day)) => Some(format!("{moment}; by study.toml {day}")),
        (None, Some(day)) => Some(format!("{day}, by study.toml")),
        (moment, None) => moment,
    }
}

/// The lot of the kit, and until when it may be used.
fn kit(results: &PlateConcentrations) -> Option<String> {
    let expires = results.plate.handling.kit_expiry.map(|day| format!("expires {day}"));
    let parts: Vec<String> = results.plate.kit_lot.iter().cloned().chain(expires).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Why a fact is missing.
fn not_said(name: &str) -> &'static str {
    match name {
        "Range in the well" => "none",
        "Kit lot" => "not declared",
        _ => "not in the export",
    }
}

/// The parameters of the curve; of both fits side by side where a standard was rejected.
fn curve(report: &StudyReport<'_>, results: &PlateConcentrations) -> Markup {
    let method = &report.protocol.assay.method;
    let last = match &results.curve {
        Ok(curve) => curve,
        Err(error) => return html! { h3 { "Standard curve" } p { "None: " (error) "." } },
    };
    let first = results.first_fit.as_ref();
    let fits: Vec<&StandardCurve> = first.map(|first| &first.curve).into_iter().chain([last]).collect();
    let unit = &report.protocol.assay.study.unit;
    html! {
        h3 { "Standard curve" }
        @if let Some(first) = first {
            p { "The standard " (significant(first.rejected, 6)) " " (unit) " was rejected (" (first.why) "), and the curve fitted once more \
                without it. Results come from the final fit." }
        }
        div.scroll tabindex="0" role="group" aria-label="Parameters of the standard curve" { table {
            caption { (words::curve_in_words(method.model)) ". Variance " (words::variance(method)) "." }
            thead { tr {
                th scope="col" { "Parameter" }
                @for index in 0..fits.len() {
                    th.number scope="col" { (fit_name(index, fits.len())) }
                    th.number scope="col" { "SE" }
                }
            } }
            tbody { @for row in parameters(method.model, unit) {
                tr { th scope="row" { (row.name) }
                    @for fit in &fits {
                        td.number { ((row.value)(fit).map(|value| significant(value, 4)).unwrap_or_default()) }
                        td.number { ((row.error)(fit).map(|error| significant(error, 2)).unwrap_or_default()) }
                    }
                }
            } }
        } }
        @for (index, fit) in fits.iter().enumerate() {
            @let remarks = results.remarks(fit).join("; ");
            @if !remarks.is_empty() { p { @if fits.len() > 1 { b { (fit_name(index, fits.len())) ": " } } (remarks) } }
        }
    }
}

fn fit_name(index: usize, fits: usize) -> &'static str {
    match (index, fits) {
        (_, 1) => "Estimate",
        (0, _) => "First fit",
        _ => "Final fit",
    }
}

/// A line of the table of parameters.
struct Parameter {
    name: String,
    value: fn(&StandardCurve) -> Option<f64>,
    error: fn(&StandardCurve) -> Option<f64>,
}

fn parameters(model: Model, unit: &str) -> Vec<Parameter> {
    fn error<const INDEX: usize>(curve: &StandardCurve) -> Option<f64> {
        curve.standard_errors()?[INDEX]
    }
    let none: fn(&StandardCurve) -> Option<f64> = |_| None;
    let row = |name: &str, value, error| Parameter { name: name.into(), value, error };
    let mut rows = vec![
        row("a: response at concentration 0", |curve| Some(curve.parameters().a), error::<0>),
        row("d: response at infinite concentration", |curve| Some(curve.parameters().d), error::<1>),
        row(&format!("c: mid-point ({unit})"), |curve| Some(curve.parameters().c), error::<2>),
        row("b: slope", |curve| Some(curve.parameters().b), error::<3>),
    ];
    if model != Model::FourParameter {
        rows.push(row("g: asymmetry", |curve| Some(curve.parameters().g), error::<4>));
    }
    rows.extend([
        row("residual SD (scale of the variance model)", StandardCurve::residual_sd, none),
        row("R² (for information)", |curve| Some(curve.r_squared()), none),
        row("wells", |curve| Some(curve.points().len() as f64), none),
        row("degrees of freedom", |curve| Some(curve.df() as f64), none),
    ]);
    rows
}

/// The standards read back; where one was rejected, from the fit before and the fit after.
fn standards(report: &StudyReport<'_>, plate: &JudgedPlate, rows: &PlateRows<'_>, links: Option<Links<'_>>) -> Markup {
    let has_both = plate.concentrations.as_ref().is_some_and(|results| results.first_fit.is_some());
    let fits: &[&str] = if has_both { &["first", "final"] } else { &["final"] };
    html! {
        h3 { "Back-calculated standards" }
        @for fit in fits {
            @let fitted = if has_both { format!("The {fit} fit. ") } else { String::new() };
            (ShownTable::of_plate(rows, StandardsTable::TABLE, &plate.id).only(StandardsTable::FIT, fit).columns(&[
                (StandardsTable::NOMINAL, "Nominal"), (StandardsTable::RESPONSES, "Responses"), (StandardsTable::RESPONSE_CV_PERCENT, "CV (%)"), (StandardsTable::BACK_CALCULATED, "Found"),
                (StandardsTable::BIAS_PERCENT, "Bias (%)"), (StandardsTable::CONCENTRATION_CV_PERCENT, "CV of conc. (%)"), (StandardsTable::OUTCOME, "Outcome"), (StandardsTable::FAILURE, "Fails in"),
            ]).linked(StandardsTable::NOMINAL, &|nominal| to_standard(links, nominal))
            .caption(&format!("{fitted}Concentrations in {}", report.protocol.assay.study.unit)).markup())
        }
        (what_follows(plate, &[qc::standards::PASS_PERCENT, qc::standards::MIN_LEVELS]))
    }
}

fn controls(report: &StudyReport<'_>, plate: &JudgedPlate, rows: &PlateRows<'_>, links: Option<Links<'_>>) -> Markup {
    html! {
        h3 { "Controls" }
        (ShownTable::of_plate(rows, ControlsTable::TABLE, &plate.id).columns(&[
            (ControlsTable::CONTROL, "Control"), (ControlsTable::WELLS, "Wells"), (ControlsTable::NOMINAL, "Nominal"), (QuantityColumns::REPORTED, "Found"), (ControlsTable::BIAS_PERCENT, "Bias (%)"),
            (ControlsTable::CV_PERCENT, "CV (%)"),
        ]).linked(ControlsTable::WELLS, &|wells| to_well(links, wells)).caption(&format!("Concentrations in {}", report.protocol.assay.study.unit)).markup())
        (what_follows(plate, &[qc::controls::PASS_PERCENT]))
    }
}

/// Where a level of the standards is looked at, on a page with links.
fn to_standard(links: Option<Links<'_>>, nominal: &Cell) -> Option<String> {
    match nominal {
        Cell::Number(nominal) => Some(links?.standard(*nominal)),
        _ => None,
    }
}

/// Where the first of several wells is looked at.
fn to_well(links: Option<Links<'_>>, wells: &Cell) -> Option<String> {
    match wells {
        Cell::Text(wells) => Some(links?.well(wells.split(' ').next()?)),
        _ => None,
    }
}

/// What the rules over all standards, or all controls, make of them.
fn what_follows(plate: &JudgedPlate, rules: &[RuleId]) -> Markup {
    let of = plate.verdict.findings.iter().filter(|finding| rules.contains(&finding.rule));
    html! {
        ul.plain { @for finding in of {
            li { (badge(&finding.outcome.to_string())) " " (finding.observed) "; limit: " (finding.limit) }
        } }
    }
}

fn samples(report: &StudyReport<'_>, plate: &JudgedPlate, rows: &PlateRows<'_>, links: Option<Links<'_>>) -> Markup {
    let mut columns = vec![
        (SampleColumns::SAMPLE, "Sample"),
        (SampleColumns::SUBJECT, "Subject"),
        (SampleColumns::VISIT, "Visit"),
        (MeasurementsTable::WELLS, "Wells"),
        (MeasurementsTable::DILUTION, "Dilution"),
        (MeasurementsTable::MEAN_RESPONSE, "Mean response"),
        (QuantityColumns::REPORTED, "Measured"),
        (QuantityColumns::LOWER, "Lower"),
        (QuantityColumns::UPPER, "Upper"),
        (MeasurementsTable::CV_PERCENT, "CV (%)"),
        (MeasurementsTable::CHOSEN, "Reported"),
        (MeasurementsTable::FLAGS, "Flags"),
    ];
    let is_kept = plate.concentrations.as_ref().is_some_and(|results| results.plate.handling.says_of_samples());
    if is_kept || !report.protocol.assay.stability.is_undeclared() {
        columns.extend([
            (MeasurementsTable::AGE_DAYS, "Age (days)"),
            (MeasurementsTable::THAWS, "Thaws"),
            (StabilityColumns::STABILITY, "Stability"),
        ]);
    }
    html! {
        h3 { "Samples" }
        (ShownTable::of_plate(rows, MeasurementsTable::TABLE, &plate.id).columns(&columns).linked(MeasurementsTable::WELLS, &|wells| to_well(links, wells)).caption(&format!("Concentrations in {}, the dilution included; lower and upper: {} % confidence interval. {}",
            report.protocol.assay.study.unit, words::percent(report.protocol.assay.method.confidence),
            interval_holds(report.protocol.assay.method.shared_error.as_ref()))).markup())
    }
}

/// Who reviewed and approved the plate by the log of decisions, whether that counts, and lines for those who sign on paper.
fn signatures(report: &StudyReport<'_>, plate: &JudgedPlate) -> Markup {
    let reviewed = report.exclusions.decisions.lines().map(|(_, decision)| decision);
    let reviewed = reviewed.filter(|decision| decision.action.is_review() && decision.target.plate == plate.id);
    html! {
        div.signatures {
            @for decision in reviewed {
                p { @match decision.action { Action::Approve => "Results approved by ", _ => "Findings reviewed by " }
                    b { (decision.who) } ", " (words::moment(&decision.when)) ": " (decision.reason)
                    " (decisions.jsonl; a named decision, not a signature)" }
            }
            @if let Some(doubt) = report.review(plate).doubt() {
                p { strong { "It does not count: " } (doubt) "." }
            }
            dl { @for who in ["Reviewed by", "Approved by"] {
                div { dt { (who) } dd { span { "Name" } span { "Date" } span { "Signature" } } }
            } }
        }
    }
}
