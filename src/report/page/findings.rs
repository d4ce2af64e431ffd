//! The findings on a plate: what needs a person first, each with what would change it; then the rules that were met, a line each.

use maud::{Markup, html};

use super::show::badge;
use crate::qc::{Finding, JudgedPlate, Outcome, RuleId};

/// The section.
pub(super) fn section(plate: &JudgedPlate) -> Markup {
    let (open, met) = (plate.verdict.to_look_at(), met(&plate.verdict.findings));
    html! {
        h3 { "Findings" }
        @if open.is_empty() { p { "Every rule was met." } } @else { (to_look_at(&open)) }
        @if !met.is_empty() { (rules_met(&met)) }
    }
}

fn to_look_at(open: &[&Finding]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Findings that need a person" { table.open {
            thead { tr { @for name in ["Outcome", "Rule", "Of", "Observed", "Limit", "What would change it"] { th scope="col" { (name) } } } }
            tbody { @for finding in open {
                tr {
                    td { (badge(&finding.outcome.to_string())) }
                    th scope="row" { (finding.rule.words()) " " code { (finding.rule) } }
                    td { (finding.subject) } td.long { (finding.observed) } td { (finding.limit) }
                    td.long { (finding.rule.would_change(finding.outcome)) }
                }
            } }
        } }
    }
}

/// The findings of one rule that were met under one limit.
struct MetFindings<'a> {
    rule: RuleId,
    limit: &'a str,
    seen: Vec<String>,
}

/// In the order of the verdict.
fn met(findings: &[Finding]) -> Vec<MetFindings<'_>> {
    let mut all: Vec<MetFindings<'_>> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.outcome == Outcome::Pass) {
        let seen = format!("{}: {}", finding.subject, finding.observed);
        match all.iter_mut().find(|met| met.rule == finding.rule && met.limit == finding.limit) {
            Some(met) => met.seen.push(seen),
            None => all.push(MetFindings { rule: finding.rule, limit: &finding.limit, seen: vec![seen] }),
        }
    }
    all
}

fn rules_met(met: &[MetFindings<'_>]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Rules that were met" { table.met {
            caption { "Rules that were met" }
            thead { tr { th scope="col" { "Rule" } th scope="col" { "Limit" } th scope="col" { "Observed" } } }
            tbody { @for met in met {
                tr { th scope="row" { (met.rule.words()) " " code { (met.rule) } } td { (met.limit) } td.long { (met.seen.join("; ")) } }
            } }
        } }
    }
}
