//! The plates: one overview with verdicts, control charts, then everything of each plate in a section that folds.

use maud::{Markup, html};

use super::picture;
use super::show::{Shown, badge};
use crate::concentration::quantity::significant;
use crate::qc::{JudgedPlate, Outcome, Verdict};
use crate::report::StudyReport;
use crate::report::figures::NamedFigure;
use crate::report::table::Table;

/// The place of a plate in the page.
pub(super) fn anchor(report: &StudyReport<'_>, id: &str) -> String {
    let index = report.plates.iter().position(|plate| plate.id == id).unwrap_or_default();
    format!("plate-{}", index + 1)
}

/// All plates with their verdicts, and the controls over them.
pub(super) fn overview(report: &StudyReport<'_>, controls: &[NamedFigure]) -> Markup {
    html! {
        section id="plates" aria-labelledby="plates-title" {
            h2 id="plates-title" { "Plates" }
            div.scroll tabindex="0" role="group" aria-label="All plates" { table {
                caption { "Every plate with its verdict, by the " (report.protocol.criteria_words()) "; follow its name to the evidence" }
                thead { tr {
                    th scope="col" { "Plate" } th scope="col" { "Verdict" } th scope="col" { "Kit lot" }
                    th.number scope="col" { "Standards passed" } th.number scope="col" { "Controls passed" }
                    th.number scope="col" { "Range (" (report.protocol.study.unit) ")" } th.number scope="col" { "Samples" }
                    th scope="col" { "Reason" }
                } }
                tbody { @for plate in report.plates { (overview_row(report, plate)) } }
            } }
            @if !controls.is_empty() {
                details open[report.plates.len() <= 60] {
                    summary { "Controls over the plates" small { (controls.len()) " levels" } }
                    div.figures { @for chart in controls { (picture(chart)) } }
                }
            }
        }
    }
}

fn overview_row(report: &StudyReport<'_>, plate: &JudgedPlate) -> Markup {
    let results = plate.concentrations.as_ref();
    html! { tr {
        th scope="row" { a href={ "#" (anchor(report, &plate.id)) } { (plate.id) } }
        td { (badge(&plate.verdict.verdict.to_string())) }
        td.short { (results.and_then(|results| results.plate.kit_lot.clone()).unwrap_or_default()) }
        td.number { (passed(plate, "standard_bias_percent")) }
        td.number { (passed(plate, "control_bias_percent")) }
        td.number { @if let Some(range) = results.and_then(|results| results.range.as_ref()) { (significant(range.lloq, 4)) " to " (significant(range.uloq, 4)) } }
        td.number { @if let Some(results) = results { (results.samples.len()) } }
        td { (plate.verdict.reason) }
    } }
}

/// `7 of 7`: how often a rule was met on a plate.
fn passed(plate: &JudgedPlate, rule: &str) -> String {
    let of_rule: Vec<_> = plate.verdict.findings.iter().filter(|finding| finding.rule == rule).collect();
    let passed = of_rule.iter().filter(|finding| finding.outcome == Outcome::Pass).count();
    if of_rule.is_empty() { String::new() } else { format!("{passed} of {}", of_rule.len()) }
}

/// Everything of each plate. Sections of plates that are not accepted stand open.
pub(super) fn sections(report: &StudyReport<'_>, tables: &[Table], figures: &[Vec<NamedFigure>]) -> Markup {
    html! {
        section aria-labelledby="each-title" {
            h2 id="each-title" { "Each plate" }
            div.buttons { button type="button" id="open" { "Open all" } button type="button" id="close" { "Close all" } }
            @for (plate, figures) in report.plates.iter().zip(figures) { (section(report, plate, tables, figures)) }
        }
    }
}

fn section(report: &StudyReport<'_>, plate: &JudgedPlate, tables: &[Table], figures: &[NamedFigure]) -> Markup {
    let (first, rest) = figures.split_at(figures.len().min(1));
    html! {
        details.plate id=(anchor(report, &plate.id)) open[plate.verdict.verdict != Verdict::Accepted] {
            summary { (plate.id) (badge(&plate.verdict.verdict.to_string())) small {
                @if let Some(results) = &plate.concentrations { (results.plate.export) ", " (results.plate.format) ", " (results.plate.size) }
            } }
            @if !plate.verdict.reason.is_empty() { div.reason { p { (plate.verdict.reason) } } }
            @if plate.concentrations.is_some() {
                div.figures {
                    @for figure in first { (picture(figure)) }
                    div {
                        h3 { "Standards read back" }
                        (standards(report, plate, tables))
                        h3 { "Controls" }
                        (Shown::new(tables, "controls").only("plate", &plate.id).columns(&[
                            ("control", "Control"), ("wells", "Wells"), ("nominal", "Nominal"), ("reported", "Found"),
                            ("bias_percent", "Bias (%)"), ("cv_percent", "CV (%)"),
                        ]).caption(&format!("Concentrations in {}", report.protocol.study.unit)).markup())
                    }
                    @for figure in rest { (picture(figure)) }
                }
            }
            h3 { "Findings" }
            (Shown::new(tables, "findings").only("plate", &plate.id).columns(&[
                ("rule", "Rule"), ("subject", "Of"), ("observed", "Observed"), ("limit", "Limit"), ("outcome", "Outcome"),
            ]).markup())
            @if plate.concentrations.is_some() {
                h3 { "Samples" }
                (Shown::new(tables, "measurements").only("plate", &plate.id).columns(&[
                    ("sample", "Sample"), ("wells", "Wells"), ("dilution", "Dilution"), ("mean_response", "Mean response"),
                    ("reported", "Measured"), ("lower", "Lower"), ("upper", "Upper"), ("cv_percent", "CV (%)"), ("chosen", "Reported"), ("flags", "Flags"),
                ]).markup())
            }
        }
    }
}

/// The standards read back; where one was rejected, from the fit before and the fit after, with both fits.
fn standards(report: &StudyReport<'_>, plate: &JudgedPlate, tables: &[Table]) -> Markup {
    let unit = &report.protocol.study.unit;
    let first = plate.concentrations.as_ref().and_then(|results| results.first_fit.as_ref());
    let columns = [
        ("nominal", "Nominal"),
        ("wells", "n"),
        ("mean_response", "Mean response"),
        ("response_cv_percent", "CV of response (%)"),
        ("back_calculated", "Found"),
        ("bias_percent", "Bias (%)"),
        ("concentration_cv_percent", "CV (%)"),
    ];
    let fit = first.map(|_| ("fit", "Fit"));
    let shown: Vec<(&str, &str)> = fit.into_iter().chain(columns).chain([("failure", "Fails in")]).collect();
    html! {
        (Shown::new(tables, "standards").only("plate", &plate.id).columns(&shown).caption(&format!("Concentrations in {unit}")).markup())
        @if let Some(first) = first {
            h3 { "Both fits" }
            p { "The standard " (significant(first.rejected, 6)) " " (unit) " was rejected (" (first.why) "), and the curve fitted once more without \
                it. Results come from the final fit." }
            (Shown::new(tables, "curves").only("plate", &plate.id).columns(&[
                ("fit", "Fit"), ("wells", "Wells"), ("a", "a"), ("d", "d"), ("c", "c"), ("b", "b"), ("g", "g"), ("residual_sd", "Residual SD"),
                ("lloq", "LLOQ"), ("uloq", "ULOQ"),
            ]).markup())
            // On their own: beside ten numbers, sentences would be squeezed to a word per line.
            (Shown::new(tables, "curves").only("plate", &plate.id).columns(&[("fit", "Fit"), ("remarks", "Remarks")]).markup())
        }
    }
}
