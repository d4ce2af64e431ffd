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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::example;

    fn wells(names: &[&str]) -> Vec<WellPosition> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    /// A plate with these controls and samples, each in these wells.
    fn judged(order: Bracket, reject: bool, controls: &[&[&str]], samples: &[&[&str]]) -> Option<(String, Outcome)> {
        let mut plate = example::plate("P", &[], 1.0, 1);
        plate.controls.truncate(controls.len());
        plate.controls.iter_mut().zip(controls).for_each(|(control, names)| control.group.wells = wells(names));
        plate.samples.truncate(samples.len());
        plate.samples.iter_mut().zip(samples).for_each(|(sample, names)| sample.wells = wells(names));
        let outcome = if reject { BracketOutcome::Reject } else { BracketOutcome::Warn };
        let m10 = crate::protocol::Criteria::IchM10.acceptance();
        let found = judge(&plate, &Acceptance { controls_bracket: order, controls_bracket_outcome: outcome, ..m10 })?;
        assert_eq!(found.limit.starts_with("row by row"), order == Bracket::ByRow);
        Some((found.observed, found.outcome))
    }

    /// Down the columns A02 comes before B02 and both before A11; along the rows B11 is the last of these.
    #[test]
    fn samples_stand_between_the_first_control_and_the_last() {
        let (down, along) = (Bracket::ByColumn, Bracket::ByRow);
        let controls: &[&[&str]] = &[&["A2"], &["B11"]];
        let of = |order, samples: &[&[&str]]| judged(order, false, controls, samples);
        let between = |words: &str| Some((words.to_string(), Outcome::Pass));
        let outside = |words: &str| Some((words.to_string(), Outcome::Warning));
        assert_eq!(of(down, &[&["B2"], &["A11"]]), between("samples between A02 and B11"));
        assert_eq!(of(along, &[&["A3"], &["B10"]]), between("samples between A02 and B11"));
        assert_eq!(of(down, &[&["H1"], &["A3"]]), outside("the sample at H01 is not between controls"));
        assert_eq!(of(along, &[&["A1"], &["A3"]]), outside("the sample at A01 is not between controls"));
        assert_eq!(of(along, &[&["H1"]]), outside("the sample at H01 is not between controls"));
        assert_eq!(of(down, &[&["C11"], &["H5"], &["A1"]]), outside("2 samples are not between controls, A01 to C11"));
        // Replicates go together: the group stands where its first well does.
        assert_eq!(of(down, &[&["A12", "C4"]]), between("samples between A02 and B11"));
        assert_eq!(of(along, &[&["A12", "C4"]]), between("samples between A02 and B11"));
        assert_eq!(of(down, &[&["C12", "A12"]]), outside("the sample at A12 is not between controls"));
    }

    #[test]
    fn the_method_says_what_follows_and_whether_it_is_asked() {
        let (controls, outside): (&[&[&str]], &[&[&str]]) = (&[&["A2"], &["B11"]], &[&["A12"]]);
        let of = |order, reject, controls| judged(order, reject, controls, outside).map(|(_, outcome)| outcome);
        assert_eq!(of(Bracket::ByColumn, true, controls), Some(Outcome::Fail));
        assert_eq!(of(Bracket::ByColumn, false, controls), Some(Outcome::Warning));
        assert_eq!(of(Bracket::Unchecked, true, controls), None);
        assert_eq!(of(Bracket::ByColumn, true, &[]), None, "without controls their number decides");
    }
}
