//! Samples between controls: the first and the last position of the samples of a plate are controls (ICH M10 4.3.1).

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::concentration::{GroupResult, PlateConcentrations};
use crate::plate::WellPosition;
use crate::protocol::{Acceptance, Bracket, BracketOutcome};

const CONTROLS_BRACKET: RuleId = RuleId::of(
    &PlateRule::new(
        "controls_bracket",
        "controls around the samples",
        "controls before, between and after the samples: the layout of the next plate",
    )
    .of(RuleUnit::Samples),
);

/// The rules of this file.
pub(super) const RULES: JudgedBy = JudgedBy {
    rules: &[CONTROLS_BRACKET],
    needs_curve: true,
    judge: |of| judge(of.plate, &of.assay.acceptance).into_iter().collect(),
};

/// The place of a well in the order in which a plate is filled.
pub(in crate::qc) type FillOrder = fn(&WellPosition) -> (u16, u16);

/// That order; `None` where the method asks for none.
pub(in crate::qc) fn filled(order: Bracket) -> Option<FillOrder> {
    match order {
        Bracket::Unchecked => None,
        Bracket::ByColumn => Some(|at| (at.column, at.row)),
        Bracket::ByRow => Some(|at| (at.row, at.column)),
    }
}

/// Judges the layout: every sample after the first control and before the last, in the order in which the plate is filled.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Option<Finding> {
    let order = filled(acceptance.controls_bracket)?;
    // Replicates go together: a group stands where its first well does.
    let of = |groups: &mut dyn Iterator<Item = &GroupResult>| {
        let mut wells: Vec<WellPosition> =
            groups.filter_map(|group| group.wells.iter().copied().min_by_key(order)).collect();
        wells.sort_by_key(order);
        wells
    };
    let controls = of(&mut plate.controls.iter().map(|control| &control.group));
    let samples = of(&mut plate.samples.iter());
    // Without controls it is their number that decides.
    let (first, last) = (controls.first()?, controls.last()?);
    let outside: Vec<&WellPosition> =
        samples.iter().filter(|at| order(at) < order(first) || order(at) > order(last)).collect();
    let words = match outside.as_slice() {
        [] => format!("samples between {first} and {last}"),
        [one] => format!("the sample at {one} is not between controls"),
        [from, .., to] => format!("{} samples are not between controls, {from} to {to}", outside.len()),
    };
    let limit = match acceptance.controls_bracket {
        Bracket::ByRow => "row by row, a control before the first and after the last sample",
        _ => "column by column, a control before the first and after the last sample",
    };
    let outcome = match (outside.is_empty(), acceptance.controls_bracket_outcome) {
        (true, _) => Outcome::Pass,
        (false, BracketOutcome::Warn) => Outcome::Warning,
        (false, BracketOutcome::Reject) => Outcome::Fail,
    };
    Some(Finding::new(CONTROLS_BRACKET, "layout", words, limit, outcome).numbers(outside.len() as f64, 0.0))
}
