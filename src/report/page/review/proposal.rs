//! What a decision would change, before it is made: both curves, every number before and after, then the form.

use maud::{Markup, html};

use super::{Reviewed, plate_address, state, to_queue};
use crate::qc::JudgedPlate;
use crate::record::{CheckedDecision, Review};
use crate::report::figure::Styles;
use crate::report::figures::{self, NamedFigure};
use crate::report::page::picture;
use crate::report::page::show::{ShownTable, badge};
use crate::report::table::columns_of::ExclusionsTable;
use crate::report::table::{self, ReportTable};
use crate::report::{StudyReport, words};

/// A decision that may be made.
///
/// ```
/// use platewise::{files::LinkPolicy, pipeline::{RequestedDecision, Desk}, record::Target};
/// use platewise::report::page::review::{Proposal, Reviewed};
///
/// let desk = Desk::open(std::path::Path::new("plates"), LinkPolicy::Refused)?;
/// let standard = Target { plate: "P02".into(), well: None, standard: Some(250.0) };
/// let proposed = desk.propose("P02", RequestedDecision::Exclude(standard))?;
/// let (now, after) = (desk.run().report(), proposed.run.report());
/// let proposal = Proposal { plate: "P02", decision: &proposed.decision, after: &after, seen: "" };
/// let page = Reviewed { report: &now, tables: &[], nonce: "n", who: "" }.proposal(&proposal);
/// assert!(page.is_some_and(|page| page.contains("Nothing is written yet")));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// The plate.
    pub plate: &'a str,
    /// The decision.
    pub decision: &'a CheckedDecision,
    /// The study with it; what counts now stands in its exclusions, as what was before.
    pub after: &'a StudyReport<'a>,
    /// What was looked at, which goes with the decision.
    pub seen: &'a str,
}

impl Reviewed<'_> {
    /// The page. `None` where the study has no such plate, or a review is proposed, which changes no number.
    pub fn proposal(&self, proposal: &Proposal<'_>) -> Option<String> {
        let of = |report: &StudyReport<'_>| report.plates.iter().position(|plate| plate.id == proposal.plate);
        let (now, after) = (&self.report.plates[of(self.report)?], &proposal.after.plates[of(proposal.after)?]);
        let title = match proposal.decision {
            CheckedDecision::Exclude(target) => format!("Without {target}?"),
            CheckedDecision::Undo(line) => format!("Undo decision {line} about plate {}?", proposal.plate),
            CheckedDecision::Review { .. } => return None,
        };
        let mut styles = Styles::default();
        let tables = [table::exclusions(proposal.after)];
        let plate = plate_address(proposal.plate);
        let body = html! {
            (self.header(&title, &html! { (to_queue()) li { a href=(plate) data-key="b" { "Back to plate " (proposal.plate) } } }))
            main id="main" {
                p.lead { "This is what would change. Nothing is written yet." }
                (verdicts(now, after))
                (self.reviews(proposal.after))
                (form(self, proposal))
                h2 { "What would change" }
                div.evidence {
                    @if let Some(figure) = figures::curve_and_before(proposal.after, after, now, "as it counts now") {
                        (picture(&NamedFigure { name: "proposal".into(), figure }, &mut styles))
                    }
                    div { (changes(proposal, &tables)) }
                }
            }
        };
        Some(self.page(&title, &body, &styles))
    }

    /// The reviews that would no longer count.
    fn reviews(&self, after: &StudyReport<'_>) -> Markup {
        let then = |plate: &&JudgedPlate| after.exclusions.review(&plate.id).doubt().is_some();
        let lost = |plate: &&JudgedPlate| matches!(self.report.review(plate), Review::InDate(..)) && then(plate);
        let lost: Vec<&JudgedPlate> = self.report.plates.iter().filter(lost).collect();
        html! { @for plate in lost {
            div.reason { p { "The review of plate " (plate.id) " (" (state(self.report.review(plate))) ") would be out of date." } }
        } }
    }
}

fn verdicts(now: &JudgedPlate, after: &JudgedPlate) -> Markup {
    html! {
        p.verdicts { "Verdict: " (badge(&now.verdict.verdict.to_string())) " → " (badge(&after.verdict.verdict.to_string())) }
        @let why = words::why(&after.verdict);
        @if !why.is_empty() { p { (why) "." } }
    }
}

fn form(reviewed: &Reviewed<'_>, proposal: &Proposal<'_>) -> Markup {
    let (what, well, standard, line) = match proposal.decision {
        CheckedDecision::Exclude(target) => ("exclude", target.well.clone(), target.standard, None),
        CheckedDecision::Undo(line) => ("undo", None, None, Some(*line)),
        CheckedDecision::Review { .. } => return html! {},
    };
    let whole = what == "exclude" && well.is_none() && standard.is_none();
    html! {
        section.decide aria-label="Decide" { form method="post" action="/decide" {
            input type="hidden" name="plate" value=(proposal.plate);
            input type="hidden" name="seen" value=(proposal.seen);
            input type="hidden" name="what" value=(what);
            @if let Some(well) = &well { input type="hidden" name="well" value=(well); }
            @if let Some(standard) = standard { input type="hidden" name="standard" value=(standard); }
            @if let Some(line) = line { input type="hidden" name="line" value=(line); }
            (reviewed.why(""))
            @if whole {
                label.check { input type="checkbox" name="whole" value="yes" required; "Leave the whole plate out: none of its results is reported" }
            }
            div.buttons {
                button.main data-key="s" { @if what == "undo" { "Save: end the exclusion" } @else { "Save the exclusion" } }
            }
        } }
    }
}

/// Every number of the plates that change, now and with the decision; what stays the same is folded.
fn changes(proposal: &Proposal<'_>, tables: &[ReportTable]) -> Markup {
    let plates = &proposal.after.exclusions.plates_before;
    let rows = |plate: &'_ JudgedPlate| {
        ShownTable::new(tables, ExclusionsTable::TABLE)
            .only(ExclusionsTable::PLATE, &plate.id)
            .only(ExclusionsTable::CHANGED, "Y")
            .len()
    };
    // Of the others a finding across plates has changed, and no number.
    let (changed, others): (Vec<&JudgedPlate>, Vec<&JudgedPlate>) = plates.iter().partition(|plate| rows(plate) > 0);
    html! {
        @if changed.is_empty() { p { "No number of any plate." } }
        @for plate in changed { (of_plate(proposal, plate, tables)) }
        @if !others.is_empty() {
            p { "Findings across plates, and no number, would change on "
                @for (at, plate) in others.iter().enumerate() { @if at > 0 { ", " } (plate.id) } "." }
        }
    }
}

fn of_plate(proposal: &Proposal<'_>, plate: &JudgedPlate, tables: &[ReportTable]) -> Markup {
    let unit = &proposal.after.protocol.assay.study.unit;
    let rows = |changed| {
        ShownTable::new(tables, ExclusionsTable::TABLE)
            .only(ExclusionsTable::PLATE, &plate.id)
            .only(ExclusionsTable::CHANGED, changed)
            .columns(&[
                (ExclusionsTable::ITEM, "What"),
                (ExclusionsTable::BEFORE, "As it counts now"),
                (ExclusionsTable::AFTER, "With this decision"),
                (ExclusionsTable::CHANGE_PERCENT, "Change (%)"),
            ])
    };
    let same = rows("N");
    html! {
        h3 { "Plate " (plate.id) }
        (rows("Y").caption(&format!("Concentrations in {unit}; of the samples the largest change first")).markup())
        @if same.len() > 0 { details { summary { (same.len()) " more stay as they are" } (same.markup()) } }
    }
}
