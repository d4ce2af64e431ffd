//! What people decided, and every result that an exclusion changes without it and with it.

use maud::{Markup, html};

use super::plates::Places;
use super::show::ShownTable;
use crate::qc::JudgedPlate;
use crate::report::StudyReport;
use crate::report::table::ReportTable;
use crate::report::table::columns_of::{DecisionsTable, ExclusionsTable};

/// Changed items of a plate beyond which they are folded.
const MOST_OPEN: usize = 40;

/// Whether anybody decided anything, or a well was masked in the reader's software.
pub(super) fn is_shown(report: &StudyReport<'_>) -> bool {
    report.exclusions.decisions.lines().next().is_some() || !masked(report).is_empty()
}

/// The wells of each plate that were masked in the reader's software, by nobody's recorded decision.
fn masked<'r>(report: &'r StudyReport<'_>) -> Vec<(&'r str, String)> {
    let of_plate = |plate: &'r JudgedPlate| {
        let wells = plate.concentrations.iter().flat_map(|found| &found.plate.wells);
        let masked = wells.filter(|well| well.is_left_out() && well.excluded.is_none());
        let names: Vec<String> = masked.map(|well| well.position.to_string()).collect();
        (!names.is_empty()).then(|| (plate.id.as_str(), names.join(" ")))
    };
    report.plates.iter().filter_map(of_plate).collect()
}

/// The section; nothing where nothing is to be shown.
pub(super) fn section(report: &StudyReport<'_>, places: &Places<'_>, tables: &[ReportTable]) -> Markup {
    html! {
        @if is_shown(report) {
            section id="exclusions" aria-labelledby="exclusions-title" {
                h2 id="exclusions-title" { "Exclusions, before and after" }
                @if report.exclusions.decisions.lines().next().is_some() { (decided(report, places, tables)) }
                @for (plate, wells) in masked(report) {
                    p { "Plate " (plate) ": " (wells) " masked in the reader's software and left out; nobody's reason is recorded." }
                }
            }
        }
    }
}

/// The decisions, and what the exclusions in force change.
fn decided(report: &StudyReport<'_>, places: &Places<'_>, tables: &[ReportTable]) -> Markup {
    let plates_before = &report.exclusions.plates_before;
    html! {
        (ShownTable::new(tables, DecisionsTable::TABLE).columns(&[
            (DecisionsTable::LINE, "Decision"), (DecisionsTable::ACTION, "What"), (DecisionsTable::TARGET, "About"), (DecisionsTable::UNDOES, "Ends decision"), (DecisionsTable::CODE, "Code"),
            (DecisionsTable::REASON, "Reason"), (DecisionsTable::WHO, "Who"), (DecisionsTable::WHEN, "When"), (DecisionsTable::OLD, "Before"), (DecisionsTable::NEW, "Now"), (DecisionsTable::IN_FORCE, "Exclusion holds"),
        ]).caption("Every decision, in its order, by its line in decisions.jsonl").markup())
        @if plates_before.is_empty() {
            p { "No exclusion is in force: every result is what the wells give." }
        }
        @for plate in plates_before { (both(report, places, plate, tables)) }
    }
}

/// What the exclusions of a plate change, side by side.
fn both(report: &StudyReport<'_>, places: &Places<'_>, plate: &JudgedPlate, tables: &[ReportTable]) -> Markup {
    let of_plate = || ShownTable::new(tables, ExclusionsTable::TABLE).only(ExclusionsTable::PLATE, &plate.id);
    let (all, changed) = (of_plate().len(), of_plate().only(ExclusionsTable::CHANGED, "Y").len());
    html! {
        details open[changed <= MOST_OPEN] {
            summary { "Plate " (plate.id) small { (changed) " of " (all) " items change" } }
            (of_plate().only(ExclusionsTable::CHANGED, "Y").columns(&[
                (ExclusionsTable::ITEM, "Item"), (ExclusionsTable::BEFORE, "Without the exclusions"), (ExclusionsTable::AFTER, "With them: this counts"),
                (ExclusionsTable::CHANGE_PERCENT, "Change (%)"), (ExclusionsTable::DECISIONS, "Decisions"),
            ]).caption(&format!("Concentrations in {}; what stays the same is in exclusions.csv.", report.protocol.assay.study.unit)).markup())
            p { a href=(places.link(&plate.id)) { "The evidence of " (plate.id) } " is that with the exclusions." }
        }
    }
}
