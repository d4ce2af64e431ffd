//! `validation.html`: the report of a validation, to be read, printed and signed.

use maud::{Markup, html};

use super::{Case, CheckValue, Function, SpoiledCase, Validation, ValidationCheck};
use crate::report::page::without_study;

/// The whole page.
///
/// See [`Validation`] for an example.
pub fn page(validation: &Validation) -> String {
    let installation = &validation.installation;
    let program = format!("{} {}", installation.program, installation.version);
    let title = format!("Validation of {program}");
    let body = html! {
        header {
            h1 { (title) }
            ul.meta { li { (validation.made) } li { "By " (installation.user) } li { (installation.system) } }
        }
        main id="main" {
            (headline(validation))
            (of_installation(validation))
            (overview(validation))
            @for function in &validation.functions { (details(function)) }
            (beyond())
            (signatures())
        }
    };
    without_study(&title, &program, &body)
}

fn outcome(passes: bool) -> Markup {
    html! { @if passes { span.badge.good-word { "passed" } } @else { span.badge.bad-word { "FAILED" } } }
}

fn headline(validation: &Validation) -> Markup {
    let counts = validation.functions.iter().map(Function::counts);
    let (passed, all) = counts.fold((0, 0), |(passed, all), (more, of)| (passed + more, all + of));
    let cases: usize = validation.functions.iter().map(|function| function.cases.len()).sum();
    let spoiled = || validation.functions.iter().flat_map(|function| &function.spoiled);
    let seen = spoiled().filter(|spoiled| spoiled.is_seen()).count();
    let passes = validation.passes();
    html! {
        div.cards {
            section class=(if passes { "card good" } else { "card bad" }) {
                p.what { "Outcome" } p.big { @if passes { "Passed" } @else { "Failed" } }
                p { "Every function below did what is expected of it: " (if passes { "yes" } else { "no" }) }
            }
            section.card { p.what { "Answers compared" } p.big { (passed) " of " (all) } p { "as expected, in " (cases) " cases" } }
            section.card { p.what { "Spoiled on purpose" } p.big { (seen) " of " (spoiled().count()) } p { "found wrong, as they have to be" } }
        }
    }
}

fn of_installation(validation: &Validation) -> Markup {
    let installation = &validation.installation;
    let size = installation
        .bytes
        .map_or_else(|| "not known: the file could not be read".into(), |bytes| format!("{bytes} bytes"));
    html! {
        section aria-labelledby="installation" {
            h2 id="installation" { "What was checked" }
            dl.settings {
                dt { "Program" } dd { (installation.program) " " (installation.version) }
                dt { "File" } dd { code { (installation.executable) } ", " (size) }
                dt { "SHA-256 of the file" } dd { code.copy { (installation.sha256.as_deref().unwrap_or("not known")) } }
                dt { "System" } dd { (installation.system) ", " (installation.threads) " threads" }
                dt { "When" } dd { (validation.made) }
            }
        }
    }
}

fn overview(validation: &Validation) -> Markup {
    html! {
        section aria-labelledby="functions" {
            h2 id="functions" { "Functions, their risk, and how they were checked" }
            div.scroll { table {
                thead { tr { th { "Function" } th { "Intended use" } th { "Risk, and what a failure would do" } th { "Assurance activity" }
                    th.number { "Answers" } th { "Outcome" } } }
                tbody { @for function in &validation.functions {
                    tr {
                        th scope="row" { a href={ "#" (anchor(function)) } { (function.name) } }
                        td.long { (function.intended_use) }
                        td.long { (function.risk.words()) ": " (function.failure) }
                        td.long { (function.activity) }
                        td.number { (function.counts().0) " of " (function.counts().1) }
                        td { (outcome(function.passes())) }
                    }
                } }
            } }
            p.muted { "Terms after FDA, Computer Software Assurance for Production and Quality System Software, September 2025." }
        }
    }
}

fn anchor(function: &Function) -> String {
    function.name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

fn details(function: &Function) -> Markup {
    html! {
        section aria-labelledby=(anchor(function)) {
            h2 id=(anchor(function)) { (function.name) " " (outcome(function.passes())) }
            (failures(function))
            details open[!function.passes()] {
                summary { "Evidence: " (function.cases.len()) " cases" small { "of each the answer that is nearest to its tolerance; all answers are in validation.json" } }
                div.scroll { table {
                    thead { tr { th { "Case" } th { "Expected by" } th.number { "Answers" } th { "Nearest to its tolerance" }
                        th { "Expected" } th { "Obtained" } th.number { "Tolerance" } th { "Outcome" } } }
                    tbody { @for case in &function.cases { (row(case)) } }
                } }
            }
            h3 { "Spoiled on purpose" }
            div.scroll { table {
                thead { tr { th { "What was changed" } th { "Found" } th { "Expected" } th { "Obtained" } th { "Outcome" } } }
                tbody { @for spoiled in &function.spoiled { (spoiled_row(spoiled)) } }
            } }
        }
    }
}

fn row(case: &Case) -> Markup {
    let passed = case.checks.iter().filter(|check| check.passes()).count();
    html! {
        tr {
            td { (case.id) }
            td.long { (case.source) }
            td.number { (passed) " of " (case.checks.len()) }
            @match (&case.error, case.nearest()) {
                (Some(error), _) => td.long colspan="4" { (error) },
                (None, Some(check)) => (compared(check)),
                (None, None) => td colspan="4" { "nothing was compared" },
            }
            td { (outcome(case.passes())) }
        }
    }
}

fn compared(check: &ValidationCheck) -> Markup {
    html! {
        td { (check.what) }
        td { (shown(&check.expected)) }
        td { (shown(&check.obtained)) }
        td.number { @if check.tolerance > 0.0 { (format!("{:.1e}", check.tolerance)) } @else { "the same" } }
    }
}

/// A number to the twelve digits that a reader can compare; words whole.
fn shown(answer: &CheckValue) -> String {
    match answer {
        CheckValue::Number(number) if *number != 0.0 && !(1e-4..1e9).contains(&number.abs()) => {
            format!("{number:.11e}")
        }
        CheckValue::Number(number) => {
            let text = format!("{number:.12}");
            text.trim_end_matches('0').trim_end_matches('.').to_string()
        }
        other => other.to_string(),
    }
}

/// Every answer that is not as expected.
fn failures(function: &Function) -> Markup {
    let failed = || {
        let of = |case: &'_ Case| case.checks.iter().filter(|check| !check.passes()).cloned().collect::<Vec<_>>();
        function.cases.iter().map(move |case| (case, of(case))).filter(|(_, failed)| !failed.is_empty())
    };
    html! {
        @if failed().next().is_some() {
            h3 { "Not as expected" }
            div.scroll { table {
                thead { tr { th { "Case" } th { "Answer" } th { "Expected" } th { "Obtained" } th.number { "Tolerance" } } }
                tbody { @for (case, checks) in failed() { @for check in &checks { tr { td { (case.id) } (compared(check)) } } } }
            } }
        }
    }
}

fn spoiled_row(spoiled: &SpoiledCase) -> Markup {
    html! {
        tr {
            td.long { (spoiled.how) }
            @match &spoiled.found {
                Some(check) => { td { (check.what) } td { (shown(&check.expected)) } td.long { (shown(&check.obtained)) } },
                None => td colspan="3" { "nothing was found wrong" },
            }
            td { @if spoiled.is_seen() { span.badge.good-word { "found" } } @else { span.badge.bad-word { "NOT FOUND" } } }
        }
    }
}

fn beyond() -> Markup {
    html! {
        section aria-labelledby="beyond" {
            h2 id="beyond" { "What this does not show" }
            p { "It shows that this file gives expected answers on this machine (installation and operational qualification). That the method of \
                 the laboratory, its layouts and its limits are right for its purpose, and that its people use the program as they should, \
                 is for the laboratory to show with its own data (performance qualification)." }
        }
    }
}

fn signatures() -> Markup {
    html! {
        section.signatures {
            dl { @for role in ["Performed by", "Reviewed by"] {
                div { dt { (role) } dd { span { "Name" } span { "Date" } span { "Signature" } } }
            } }
        }
    }
}
