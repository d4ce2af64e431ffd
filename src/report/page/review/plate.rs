//! A plate under review: what can be decided, the part of it that was picked out, then its evidence as in the report.

use maud::{Markup, html};

use super::links::{exclude, undo};
use super::queue::{is_done, order};
use super::{Links, Reviewed, plate_address, state, to_queue};
use crate::qc::JudgedPlate;
use crate::record::Target;
use crate::report::figure::Styles;
use crate::report::figures::{self, ResponseScale};
use crate::report::page::show::{PlateRows, badge};
use crate::report::page::{picture, plate};
use crate::report::words;

impl Reviewed<'_> {
    /// The page of a plate, a part of it picked out where one is asked for, and the decision of line `done` said as made just now.
    /// `seen` goes with every decision that is made from it. `None` where the study has no such plate, or the plate no such part.
    pub fn plate(&self, id: &str, part: Option<&Target>, seen: &str, done: Option<usize>) -> Option<String> {
        let report = self.report;
        let at = report.plates.iter().position(|plate| plate.id == id)?;
        let plate = &report.plates[at];
        let picked = match part {
            Some(part) => Some(self.part(plate, part)?),
            None => None,
        };
        let mut styles = Styles::default();
        let links = Links { plate: id };
        let figures = figures::of_plate(report, plate, id, ResponseScale::of(report));
        let charts = figures::control_charts(report);
        let title = format!("Plate {id}");
        let body = html! {
            (self.header(&title, &self.neighbours(at)))
            main id="main" data-plate=(id) {
                p.verdicts { (badge(&plate.verdict.verdict.to_string())) " Review: " (state(report.review(plate))) }
                @if let Some(doubt) = report.review(plate).doubt() { div.reason { p { strong { "The review does not count: " } (doubt) "." } } }
                (self.done(done))
                @if let Some(picked) = picked { (picked) }
                (self.decide(plate, seen))
                (plate::evidence(report, plate, &PlateRows::new(self.tables), figures.as_ref(), &mut styles, Some(links)))
                @if !charts.is_empty() {
                    h3 { "Controls across plates" }
                    div.figures.charts { @for chart in &charts { (picture(chart, &mut styles)) } }
                }
                (self.history(plate))
            }
        };
        Some(self.page(&title, &body, &styles))
    }

    /// The plates before and after it, and the next one that needs somebody.
    fn neighbours(&self, at: usize) -> Markup {
        let plates = self.report.plates;
        let to = |words: &str, key: &str, plate: Option<&JudgedPlate>| {
            html! { @if let Some(plate) = plate { li { (words) a href=(plate_address(&plate.id)) data-key=(key) { (plate.id) } } } }
        };
        let needed =
            order(self.report).into_iter().find(|plate| !is_done(self.report, plate) && plate.id != plates[at].id);
        html! {
            (to_queue())
            (to("Before: ", "k", at.checked_sub(1).and_then(|before| plates.get(before))))
            (to("After: ", "j", plates.get(at + 1)))
            (to("Next to review: ", "n", needed))
        }
    }

    /// What was decided just now, from the log itself.
    fn done(&self, line: Option<usize>) -> Markup {
        let made = line.and_then(|line| self.report.exclusions.decisions.lines().find(|(at, _)| *at == line));
        html! { @if let Some((line, of)) = made {
            div.done role="status" { p { "Decision " (line) " is written: " (of.target) " was " (of.old) ", is " (of.new) " (" (of.code) ": " (of.reason) "; " (of.who) ")." } }
        } }
    }

    fn decide(&self, plate: &JudgedPlate, seen: &str) -> Markup {
        html! {
            section.decide id="decide" aria-label="Decide" {
                div {
                    h3 { "Let it stand" }
                    form method="post" action="/decide" {
                        input type="hidden" name="plate" value=(plate.id); input type="hidden" name="seen" value=(seen);
                        (self.why("reviewed"))
                        div.buttons {
                            button name="what" value="accept" data-key="r" { "Findings reviewed" }
                            button name="what" value="approve" data-key="a" { "Results approved" }
                        }
                    }
                    @if self.report.protocol.assay.review.second_person {
                        p.muted { "Not by whoever excluded something of this plate: the method asks for a second person." }
                    }
                }
                (self.exclude(plate))
            }
        }
    }

    /// What can be left out, what is, and how much the method allows.
    fn exclude(&self, plate: &JudgedPlate) -> Markup {
        let whole = |well, standard| Target { plate: plate.id.clone(), well, standard };
        let excluded: Vec<_> = self.report.exclusions.decisions.exclusions_of(&plate.id).collect();
        let standards = plate.concentrations.iter().flat_map(|found| &found.standards);
        html! {
            div {
                h3 { "Leave something out" }
                p { "What it would change is shown before anything is written. " (self.limits(plate)) }
                @if plate.concentrations.is_some() {
                    form method="get" action="/propose" {
                        input type="hidden" name="plate" value=(plate.id);
                        label { span data-key="w" { "A well" } input name="well" required maxlength="4" placeholder="E07" autocomplete="off"; }
                        div.buttons { button { "Show what would change" } }
                    }
                    ul.fields { li { "A standard:" } @for standard in standards {
                        li { a href=(exclude(&whole(None, Some(standard.nominal)))) { (standard.nominal) } }
                    } }
                }
                p { a href=(exclude(&whole(None, None))) { "The whole plate …" } }
                @if !excluded.is_empty() {
                    h3 { "Left out" }
                    ul { @for (line, of) in &excluded {
                        li { (of.target) " (" (of.code) ": " (of.reason) "), by " (of.who) ", " (words::moment(&of.when)) ". "
                            a href=(undo(&plate.id, *line)) data-key=[(excluded.len() == 1).then_some("u")] { "Undo decision " (line) " …" } }
                    } }
                }
            }
        }
    }

    /// How much the method allows, and how much of it is used.
    fn limits(&self, plate: &JudgedPlate) -> String {
        let allowed = &self.report.protocol.assay.acceptance;
        let wells = plate.concentrations.iter().flat_map(|found| &found.plate.wells);
        let used = wells.filter(|well| well.is_left_out()).count();
        let neighbours = match allowed.excluded_standards_in_a_row {
            1 => "never of two neighbouring ones".to_string(),
            most => format!("of at most {most} neighbouring ones"),
        };
        format!(
            "The method allows at most {} wells of a plate to be left out ({used} are), of at most {} % of the standards, and {neighbours}.",
            allowed.excluded_wells, allowed.excluded_standards_percent
        )
    }

    /// Every decision about the plate, in its order.
    fn history(&self, plate: &JudgedPlate) -> Markup {
        let of_plate: Vec<_> =
            self.report.exclusions.decisions.lines().filter(|(_, of)| of.target.plate == plate.id).collect();
        html! { @if !of_plate.is_empty() {
            h3 id="history" { "Decisions about this plate" }
            ol { @for (line, of) in of_plate {
                li value=(line) { (of.target) " was " (of.old) ", is " (of.new) " (" (of.code) ": " (of.reason) "); " (of.who) ", " (words::moment(&of.when)) }
            } }
        } }
    }
}
