//! What every page has: head, style sheet, the words that say whose it is, footer, script.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::plate::PlateSize;
use crate::report::StudyReport;
use crate::report::figure::{MapRole, Styles, palette};

/// Opens and closes all sections of plates, opens all before printing, and the one that a link leads to.
const SCRIPT: &str = include_str!("script.js");

/// What a page has that is served: a file has nothing of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ServedPage<'a> {
    /// What marks its styles and scripts as ours.
    pub(super) nonce: &'a str,
    /// Styles beside those of every page.
    pub(super) style: &'a str,
    /// A script beside that of every page.
    pub(super) script: &'a str,
}

/// The whole page around its body.
pub(super) fn write(report: &StudyReport<'_>, title: &str, body: &Markup, styles: &Styles) -> String {
    serve(report, title, body, styles, &ServedPage::default())
}

/// The same for a page that is served.
pub(super) fn serve(
    report: &StudyReport<'_>,
    title: &str,
    body: &Markup,
    styles: &Styles,
    served: &ServedPage<'_>,
) -> String {
    whole(title, &page_margins(report), &html! { (body) (footer(report)) }, styles, served)
}

/// A page that is of no study.
pub(super) fn without_study(title: &str, program: &str, body: &Markup) -> String {
    let margins = margins(title, program);
    let footer =
        html! { footer { p { "Made by " (program) ". This file needs nothing else: no network, no other file." } } };
    whole(title, &margins, &html! { (body) (footer) }, &Styles::default(), &ServedPage::default())
}

/// A page over several analytes of one study, with what stands in the margins of each printed page, left and right.
pub(super) fn over_analytes(title: &str, [left, right]: [&str; 2], body: &Markup, styles: &Styles) -> String {
    whole(title, &margins(left, right), body, styles, &ServedPage::default())
}

fn whole(title: &str, margins: &str, body: &Markup, styles: &Styles, served: &ServedPage<'_>) -> String {
    let nonce = (!served.nonce.is_empty()).then_some(served.nonce);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style nonce=[nonce] {
                    (PreEscaped(colors())) (PreEscaped(include_str!("style.css"))) (PreEscaped(wells()))
                    (PreEscaped(styles.css())) (PreEscaped(margins)) (PreEscaped(served.style))
                }
            }
            body {
                a.skip href="#main" { "Skip to the results" }
                (body)
                script nonce=[nonce] { (PreEscaped(SCRIPT)) (PreEscaped(served.script)) }
            }
        }
    };
    page.into_string()
}

/// The palette as custom properties: pictures and page turn dark together.
fn colors() -> String {
    let properties = |dark: bool| -> String {
        let of = |ink: palette::Ink| palette::hex(if dark { ink.dark } else { ink.light });
        palette::ALL.iter().map(|ink| format!("--{}:{};", ink.name, of(*ink))).collect()
    };
    format!(
        ":root{{{}}}@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}",
        properties(false),
        properties(true)
    )
}

/// The maps of plates: how wide each size is, and wells by role, letter and colour as in the picture of a plate.
fn wells() -> String {
    let rule = |role: MapRole| {
        let (letter, ink, percent) = (role.letter(), role.ink().name, role.tint() * 100.0);
        format!(
            ":is(.map,.legend) .{letter}{{border-color:var(--{ink});background:color-mix(in srgb,var(--{ink}) {percent}%,transparent)}}\
             :is(.map,.legend) .{letter}::before{{content:\"{letter}\";color:color-mix(in srgb,var(--{ink}) 80%,var(--text))}}"
        )
    };
    let width = |size: PlateSize| format!(".columns-{0}{{--columns:{0}}}", size.columns);
    PlateSize::ALL.into_iter().map(width).chain(MapRole::ALL.into_iter().map(rule)).collect()
}

/// What stands in the margins of each printed page.
fn page_margins(report: &StudyReport<'_>) -> String {
    let method = &report.protocol.assay.method;
    let run = format!("{} v{}, run {}", method.name, method.version, report.record.run_id);
    margins(&short_title(report), &run)
}

fn margins(left: &str, right: &str) -> String {
    let text = |text: &str| {
        let safe = |c: &char| !c.is_control() && !"\\\"<>".contains(*c);
        text.chars().filter(safe).collect::<String>()
    };
    format!(
        "@page{{size:A4;margin:17mm 14mm 15mm;@top-left{{content:\"{}\";font:8pt sans-serif;color:#555}}@top-right{{content:\"{}\";font:8pt sans-serif;color:#555}}@bottom-right{{content:counter(page) \" / \" counter(pages);font:8pt sans-serif;color:#555}}}}",
        text(left),
        text(right)
    )
}

/// What the page is about: the study by its title, plates without a study by their names.
pub(super) fn title(report: &StudyReport<'_>) -> String {
    let study = &report.protocol.assay.study;
    if report.protocol.trial.is_some() || !study.title.is_empty() {
        return study.title.clone();
    }
    match report.plates {
        [plate] => format!("Plate {}", plate.id),
        [first, .., last] => format!("{} plates, {} to {}", report.plates.len(), first.id, last.id),
        [] => String::new(),
    }
}

/// What a tab of the browser is called by.
pub(super) fn short_title(report: &StudyReport<'_>) -> String {
    let study = &report.protocol.assay.study;
    let name = if study.id.is_empty() { title(report) } else { study.id.clone() };
    if study.simulated { format!("{name} (simulated data)") } else { name }
}

/// The banner of simulated data.
pub(super) fn simulated(report: &StudyReport<'_>) -> Markup {
    html! {
        @if report.protocol.assay.study.simulated { (simulated_data()) }
    }
}

/// The same, wherever it is so.
pub(super) fn simulated_data() -> Markup {
    html! { p.simulated { "Simulated data: no real participant stands behind any number on this page" } }
}

/// Study, method, run, program, and whether the arms are in it.
pub(super) fn meta(report: &StudyReport<'_>) -> Markup {
    let (study, method, record) = (&report.protocol.assay.study, &report.protocol.assay.method, report.record);
    html! {
        ul.meta {
            @if !study.id.is_empty() { li { "Study " (study.id) } }
            li { @if !study.analyte.is_empty() { (study.analyte) ", " } (study.unit) }
            li { "Method " (method.name) " v" (method.version) }
            li { "Run " (record.run_id) }
            li { (record.program) " " (record.version) }
            @if report.protocol.trial.is_some() { li { @if report.comparison.is_some() { "Unblinded: the list of arms was opened" } @else { "Blinded: nothing on this page is of the arms" } } }
        }
    }
}

fn footer(report: &StudyReport<'_>) -> Markup {
    let study = &report.protocol.assay.study;
    html! {
        footer {
            p { @if !study.id.is_empty() { (study.id) ", " } "run " (report.record.run_id) ". " (report.record.program) " " (report.record.version)
                ". Pictures and page need no network and no other file." @if study.simulated { " Simulated data." } }
        }
    }
}
