//! What the answer depends on: assay error, the analysis choices, the design. Only in a page that is not
//! blinded.

use maud::{Markup, html};

use super::show::ShownTable;
use super::{picture, supplementary};
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::ReportTable;
use crate::report::table::columns_of::{AssayErrorTable, PlateEffectTable};
use crate::study::Robustness;

/// Rows of a table beyond which it is in its file only.
const MOST_ROWS: usize = 12;

/// The section.
pub(super) fn section(
    robustness: &Robustness,
    tables: &[ReportTable],
    figures: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    html! {
        section id="robustness" aria-labelledby="robustness-title" {
            h2 id="robustness-title" { "What the answer depends on" }
            @if !robustness.assay_error.is_empty() { (assay_error(robustness, tables)) }
            @if !robustness.grids.is_empty() {
                h3 { "Choices" }
                @for grid in &robustness.grids { p { (grid.words) } }
                div.figures { @for figure in figures { (picture(figure, styles)) } }
                p { "Every combination is in sensitivity.csv." }
            }
            (design(robustness, tables))
            (supplementary::next_trial(robustness, tables))
        }
    }
}

fn assay_error(robustness: &Robustness, tables: &[ReportTable]) -> Markup {
    html! {
        h3 { "Assay error" }
        @for error in &robustness.assay_error {
            @if error.reason.is_empty() { p { (error.words) } } @else { p { "Not carried through: " (error.reason) "." } }
        }
        (ShownTable::new(tables, AssayErrorTable::TABLE).columns(&[
            (AssayErrorTable::ASSAY_ERROR, "Interval"), (AssayErrorTable::AVISIT, "Visit"), (AssayErrorTable::TRTP, "Arm"), (AssayErrorTable::TRTP_REF, "Reference"), (AssayErrorTable::RATIO.estimate, "Ratio"),
            (AssayErrorTable::RATIO.lower, "Lower"), (AssayErrorTable::RATIO.upper, "Upper"), (AssayErrorTable::SE_LOG, "SE of ln ratio"), (AssayErrorTable::DF, "df"), (AssayErrorTable::P, "p"),
            (AssayErrorTable::REASON, "Why no interval"),
        ]).caption("The ratio without the assay's error, as observed (with it, taken for independent between samples), and with what \
            the samples of a plate share").markup())
    }
}

fn design(robustness: &Robustness, tables: &[ReportTable]) -> Markup {
    let design = &robustness.design;
    html! {
        h3 { "Design" }
        @for warning in &design.warnings { div.reason { p { (warning.found) } } }
        p { (design.words) }
        (ShownTable::new(tables, PlateEffectTable::TABLE).columns(&[
            (PlateEffectTable::TERM, "Term"), (PlateEffectTable::TRTP, "Arm"), (PlateEffectTable::TRTP_REF, "Reference"), (PlateEffectTable::N, "n"), (PlateEffectTable::RATIO.estimate, "Ratio without"), (PlateEffectTable::RATIO.lower, "Lower"),
            (PlateEffectTable::RATIO.upper, "Upper"), (PlateEffectTable::RATIO_TERM.estimate, "Ratio with"), (PlateEffectTable::RATIO_TERM.lower, "Lower"), (PlateEffectTable::RATIO_TERM.upper, "Upper"),
            (PlateEffectTable::INFLATION, "Inflation"), (PlateEffectTable::P, "p of the term"), (PlateEffectTable::REASON, "Why no ratio"),
        ]).caption("The ratio with a term for the plates, kit lots or matrices of a visit, and without. Inflation: by how much the variance grows \
            because the arms are spread unevenly").markup())
        details {
            summary { "Arms and visits across plates, kit lots and matrices" small { (design.counts.len()) " counts, also in design.csv" } }
            (cross_table(robustness, "plate"))
            (cross_table(robustness, "kit lot"))
            (cross_table(robustness, "matrix"))
        }
        @if !design.influence.is_empty() {
            details {
                summary { "Single subjects" small { "the ratio without each, the " (MOST_ROWS) " of most influence; all in influence.csv" } }
                (most_influential(robustness))
            }
        }
    }
}

/// Levels of a factor by arm and visit.
fn cross_table(robustness: &Robustness, factor: &str) -> Markup {
    let counts: Vec<_> = robustness.design.counts.iter().filter(|count| count.factor == factor).collect();
    let mut levels: Vec<&str> = Vec::new();
    let mut columns: Vec<(&str, &str)> = Vec::new();
    for count in &counts {
        if !levels.contains(&count.level.as_str()) {
            levels.push(&count.level);
        }
        if !columns.contains(&(count.visit.as_str(), count.arm.as_str())) {
            columns.push((&count.visit, &count.arm));
        }
    }
    let n = |level: &str, (visit, arm): (&str, &str)| {
        let of = counts.iter().find(|count| count.level == level && count.visit == visit && count.arm == arm);
        of.map_or(0, |count| count.n)
    };
    html! {
        @if !levels.is_empty() {
            div.scroll tabindex="0" role="group" aria-label={ "Reported results by " (factor) } { table {
                caption { "Reported results by " (factor) ", visit and arm" }
                thead { tr { th scope="col" { (factor) } @for (visit, arm) in &columns { th.number scope="col" { (visit) ", " (arm) } } } }
                tbody { @for level in levels {
                    tr { th scope="row" { (level) } @for &column in &columns { td.number { (n(level, column)) } } }
                } }
            } }
        }
    }
}

fn most_influential(robustness: &Robustness) -> Markup {
    let size = |change: Option<f64>| change.map_or(0.0, f64::abs);
    let mut rows: Vec<_> = robustness.design.influence.iter().collect();
    rows.sort_by(|one, other| size(other.change_percent).total_cmp(&size(one.change_percent)));
    html! {
        div.scroll tabindex="0" role="group" aria-label="The ratio without each subject" { table {
            thead { tr {
                th scope="col" { "Left out" } th scope="col" { "Arm" } th.number scope="col" { "Ratio" } th.number scope="col" { "Lower" }
                th.number scope="col" { "Upper" } th.number scope="col" { "Change (%)" } th scope="col" { "Changes the conclusion" }
            } }
            tbody { @for row in rows.into_iter().take(MOST_ROWS) {
                tr {
                    th scope="row" { (row.subject) } td { (row.arm) }
                    @for value in [row.ratio.map(|ratio| ratio.estimate), row.ratio.map(|ratio| ratio.lower), row.ratio.map(|ratio| ratio.upper)] {
                        td.number { @if let Some(value) = value { (format!("{value:.3}")) } }
                    }
                    td.number { @if let Some(change) = row.change_percent { (format!("{change:+.1}")) } }
                    td { @if row.moves { "yes" } @else { "no" } }
                }
            } }
        } }
    }
}
