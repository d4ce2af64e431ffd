//! What people decided, and every result that an exclusion changes without it and with it.

use maud::{Markup, html};

use super::plates::Places;
use super::show::Shown;
use crate::qc::JudgedPlate;
use crate::report::StudyReport;
use crate::report::table::Table;

/// Changed items of a plate beyond which they are folded.
const MOST_OPEN: usize = 40;

/// The section; nothing where nobody decided anything.
pub(super) fn section(report: &StudyReport<'_>, places: &Places<'_>, tables: &[Table]) -> Markup {
    let decisions = &report.exclusions.decisions;
    let plates_before = &report.exclusions.plates_before;
    html! {
        @if decisions.lines().next().is_some() {
            section id="exclusions" aria-labelledby="exclusions-title" {
                h2 id="exclusions-title" { "Exclusions, before and after" }
                (Shown::new(tables, "decisions").columns(&[
                    ("line", "Decision"), ("action", "What"), ("target", "About"), ("undoes", "Ends decision"), ("code", "Code"),
                    ("reason", "Reason"), ("who", "Who"), ("when", "When"), ("old", "Before"), ("new", "Now"), ("in_force", "Exclusion holds"),
                ]).caption("Every decision, in its order, by its line in decisions.jsonl").markup())
                @if plates_before.is_empty() {
                    p { "No exclusion is in force: every result is what the wells give." }
                }
                @for plate in plates_before { (both(report, places, plate, tables)) }
            }
        }
    }
}

/// What the exclusions of a plate change, side by side.
fn both(report: &StudyReport<'_>, places: &Places<'_>, plate: &JudgedPlate, tables: &[Table]) -> Markup {
    let of_plate = || Shown::new(tables, "exclusions").only("plate", &plate.id);
    let (all, changed) = (of_plate().len(), of_plate().only("changed", "Y").len());
    html! {
        details open[changed <= MOST_OPEN] {
            summary { "Plate " (plate.id) small { (changed) " of " (all) " items change" } }
            (of_plate().only("changed", "Y").columns(&[
                ("item", "Item"), ("before", "Without the exclusions"), ("after", "With them: this counts"), ("decisions", "Decisions"),
            ]).caption(&format!("Concentrations in {}; what stays the same is in exclusions.csv.", report.protocol.study.unit)).markup())
            p { a href=(places.link(&plate.id)) { "The evidence of " (plate.id) } " is that with the exclusions." }
        }
    }
}
