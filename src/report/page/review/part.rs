//! A well or a standard that was picked out: its reading and the cell that it came from, what the curve makes of it, and how much
//! depends on it.

use maud::{Markup, html};

use super::links::exclude;
use super::{Links, Reviewed};
use crate::concentration::quantity::significant;
use crate::concentration::{GroupResult, PlateConcentrations, WellResult};
use crate::curve::{CurveWithoutWell, Residual, StandardCurve};
use crate::qc::JudgedPlate;
use crate::record::Target;
use crate::report::words;

impl Reviewed<'_> {
    /// The part of the plate; `None` where it has no such part.
    pub(super) fn part(&self, plate: &JudgedPlate, part: &Target) -> Option<Markup> {
        let found = plate.concentrations.as_ref()?;
        let wells: Vec<&WellResult> = match (&part.well, part.standard) {
            (Some(name), _) => found.wells.iter().filter(|well| well.position.to_string() == *name).collect(),
            (None, Some(nominal)) => {
                found.wells.iter().filter(|well| well.role == "standard" && well.nominal == Some(nominal)).collect()
            }
            (None, None) => return None,
        };
        let first = wells.first()?;
        let unit = &self.report.protocol.assay.study.unit;
        let title = match part.standard {
            Some(nominal) => format!("Standard {nominal} {unit}"),
            None => format!("Well {}: {} {}", first.position, first.role, first.name),
        };
        let is_excluded = part.well.is_some() && first.excluded.is_some();
        Some(html! {
            section.part id="part" aria-label=(title) {
                h3 { (title) }
                @for well in &wells { (self.well(plate, found, well, wells.len() > 1)) }
                @if part.well.is_some() { (beside(plate, found, first)) }
                @if !is_excluded { p { a href=(exclude(part)) data-key="x" { @match part.standard {
                    Some(_) => "Show what would change without this standard",
                    None => "Show what would change without this well",
                } } } }
            }
        })
    }

    fn well(&self, plate: &JudgedPlate, found: &PlateConcentrations, well: &WellResult, named: bool) -> Markup {
        let unit = &self.report.protocol.assay.study.unit;
        let back = if well.role == "standard" { "Back-calculated" } else { "Concentration" };
        let left_out = well.excluded.as_ref().map(|of| format!("by decision {}: {}", of.line, of.reason));
        let mut facts = vec![
            ("Reading", Some(words::reading(&well.reading))),
            ("From", Some(well.location.to_string())),
            ("Reference", well.reference.as_ref().map(words::reading)),
            ("Response", Some(words::reading(&well.response))),
            ("Dilution", (well.dilution > 1.0).then(|| format!("1:{}", significant(well.dilution, 4)))),
            (back, (well.role != "blank").then(|| format!("{} {unit}", well.quantity))),
            ("Left out", left_out),
        ];
        if let Some(group) = group_of(found, well) {
            facts.push(("CV of its replicates", group.cv_percent.map(|cv| format!("{cv:.1} %"))));
            facts.push(("Result of them all", Some(format!("{} {unit}", group.quantity))));
            facts.push(("Remarks", (!group.flags.is_empty()).then(|| group.flags.join("; "))));
        }
        if let Some(standing) = WellStanding::of(found, well) {
            facts.extend(standing.facts(unit));
        }
        html! {
            @if named { p { b { a href=(Links { plate: &plate.id }.well(&well.position.to_string())) { (well.position) } } } }
            dl.facts { @for (name, fact) in facts { @if let Some(fact) = fact { div { dt { (name) } dd { (fact) } } } } }
        }
    }
}

/// The sample or control whose well it is.
fn group_of<'a>(found: &'a PlateConcentrations, well: &WellResult) -> Option<&'a GroupResult> {
    let groups = found.samples.iter().chain(found.controls.iter().map(|control| &control.group));
    groups.into_iter().find(|group| group.wells.contains(&well.position))
}

/// The other wells of the same sample, control or standard.
fn beside(plate: &JudgedPlate, found: &PlateConcentrations, well: &WellResult) -> Markup {
    let same = |other: &&WellResult| {
        let of_group = group_of(found, well).is_some_and(|group| group.wells.contains(&other.position));
        let of_level = well.role == "standard" && other.role == "standard" && other.nominal == well.nominal;
        other.position != well.position && (of_group || of_level)
    };
    let others: Vec<&WellResult> = found.wells.iter().filter(same).collect();
    let links = Links { plate: &plate.id };
    html! { @if !others.is_empty() { ul.fields {
        li { "Replicates:" }
        @for other in others { li { a href=(links.well(&other.position.to_string())) { (other.position) } " " (words::reading(&other.response)) } }
    } } }
}

/// Where a well of a standard stands beside the curve, and what the curve is without it.
struct WellStanding {
    residual: Residual,
    without: Option<CurveWithoutWell>,
}

impl WellStanding {
    /// `None` of a well that is not in the fit.
    fn of(found: &PlateConcentrations, well: &WellResult) -> Option<Self> {
        let curve: &StandardCurve = found.curve.as_ref().ok()?;
        let (nominal, response) = (well.nominal.filter(|_| well.role == "standard")?, well.response.measured()?);
        // Wells with the same numbers have the same residual.
        let index =
            curve.points().iter().position(|point| (point.concentration, point.response) == (nominal, response))?;
        let residual = curve.residuals().into_iter().find(|one| one.index == index)?;
        let all = curve.leave_one_out().unwrap_or_default();
        Some(Self { residual, without: all.into_iter().find(|one| one.index == index) })
    }

    fn facts(&self, unit: &str) -> Vec<(&'static str, Option<String>)> {
        let without = self.without.map(|without| {
            let at = significant(without.concentration, 4);
            match without.change_percent {
                Some(change) => format!("readings change by at most {change:+.1} %, at {at} {unit}"),
                None => format!("the curve no longer reaches the response at {at} {unit}"),
            }
        });
        vec![
            ("On the curve", Some(significant(self.residual.fitted, 4))),
            ("Residual", Some(significant(self.residual.residual, 3))),
            ("Studentised residual", self.residual.studentised.map(|t| format!("{t:.2}"))),
            ("Leverage", self.residual.leverage.map(|h| format!("{h:.2}"))),
            ("Without it", without),
        ]
    }
}
