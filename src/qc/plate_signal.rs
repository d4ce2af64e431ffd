//! Whether there is anything in the wells: an empty plate, or one without substrate, has readings like any other, but no more
//! difference between what should differ than between replicates.
//!
//! ```text
//! range = largest − smallest median of the groups of wells that hold the same
//! scatter = 1.4826 · median |reading − median of its group| · √2      (pairs: a well is half their difference from the middle)
//! ```
//!
//! The median lets one well that went wrong count as one. The range of the means of fifty pairs of pure noise is about 3 scatters, of two hundred 4;
//! a plate with less than `RANGE` is empty. So is one whose second highest well is within half of the second lowest, which
//! needs no replicates.

use std::collections::BTreeMap;

use super::arrangement::Contents;
use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::plate::AssayPlate;
use crate::stats::quartile::{median, sorted};

pub(super) const PLATE_SIGNAL: RuleId = RuleId::of(
    &PlateRule::new("plate_signal", "signal of the plate", "the right read or layout; else a new plate")
        .of(RuleUnit::Times),
);

/// The least range of the groups, in scatters of replicates.
const RANGE: f64 = 8.0;
/// The fewest wells with a replicate for their scatter to be known.
const REPLICATES: usize = 8;
/// The least ratio of the second highest to the second lowest reading.
const RATIO: f64 = 1.5;

/// Judges the readings of the wells that hold something.
pub fn judge(plate: &AssayPlate) -> Finding {
    let finding = |observed: String, outcome| {
        let limit = format!("wells that differ by a factor of {RATIO}, and by {RANGE} times what replicates scatter");
        Finding::new(PLATE_SIGNAL, "plate", observed, limit, outcome)
    };
    let mut readings: Vec<f64> = plate.wells.iter().filter_map(|well| well.reading.measured()).collect();
    if readings.len() < 4 {
        return finding(format!("{} wells were measured", readings.len()), Outcome::NotEvaluable);
    }
    readings.sort_by(f64::total_cmp);
    let (low, high) = (readings[1], readings[readings.len() - 2]);
    let empty = |why: String| {
        finding(
            format!("the plate looks empty: {why}. Check that it is the plate that was meant, and read it again"),
            Outcome::Fail,
        )
    };
    if low > 0.0 && high < RATIO * low {
        return empty(format!("readings from {low} to {high}, but for one well at each end"));
    }
    match in_scatters(plate) {
        Some(range) if range < RANGE => {
            empty(format!("what should differ differs by {range:.1} times what replicates scatter"))
                .numbers(range, RANGE)
        }
        Some(range) => {
            finding(format!("the groups range over {range:.0} times what replicates scatter"), Outcome::Pass)
                .numbers(range, RANGE)
        }
        None => finding(format!("readings from {low} to {high}, but for one well at each end"), Outcome::Pass),
    }
}

/// The range of the groups' medians in scatters; `None` without enough replicates, or when these do not scatter.
fn in_scatters(plate: &AssayPlate) -> Option<f64> {
    let readings: BTreeMap<_, f64> =
        plate.wells.iter().filter_map(|well| Some((well.position, well.reading.measured()?))).collect();
    let groups: Vec<Vec<f64>> = Contents::of(plate)
        .groups()
        .into_iter()
        .map(|wells| sorted(&wells.iter().filter_map(|well| readings.get(well).copied()).collect::<Vec<_>>()))
        .collect();
    let medians: Vec<f64> = groups.iter().filter_map(|group| median(group)).collect();
    let distances: Vec<f64> = groups
        .iter()
        .filter(|group| group.len() > 1)
        .flat_map(|group| group.iter().filter_map(|reading| Some((reading - median(group)?).abs())))
        .collect();
    if distances.len() < REPLICATES {
        return None;
    }
    let scatter = 1.4826 * std::f64::consts::SQRT_2 * median(&sorted(&distances))?;
    let range = medians.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        - medians.iter().copied().fold(f64::INFINITY, f64::min);
    (scatter > 0.0).then(|| range / scatter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::{AssayWell, PlateSize, Reading, WellPosition, WellRole};

    /// Samples, so many wells of each in a row, with these readings.
    fn plate(groups: &[&[f64]]) -> AssayPlate {
        let well = |(group, column, value): (usize, usize, f64)| {
            let role = WellRole::Sample { id: format!("S{group}"), dilution: Some(1.0) };
            AssayWell::of_reading(WellPosition::new(group, column), role, Reading::Measured(value))
        };
        let each = |(group, values): (usize, &&[f64])| {
            values.iter().enumerate().map(move |(column, &value)| (group, column, value)).collect::<Vec<_>>()
        };
        AssayPlate::of_wells("P", PlateSize::WELLS_384, groups.iter().enumerate().flat_map(each).map(well).collect())
    }

    fn outcome(groups: &[&[f64]]) -> Outcome {
        judge(&plate(groups)).outcome
    }

    /// The second lowest of 1.0 and the second highest differ by a factor of 1.5 or more; one well at each end is not looked at.
    #[test]
    fn wells_differ_by_a_factor_but_for_one_at_each_end() {
        let singles = |second_highest: f64| outcome(&[&[0.1], &[1.0], &[1.2], &[second_highest], &[9.0]]);
        assert_eq!([singles(1.49), singles(1.5)], [Outcome::Fail, Outcome::Pass]);
        assert_eq!(outcome(&[&[0.0], &[0.0], &[0.0], &[0.0]]), Outcome::Pass, "nothing to divide by, nor replicates");
        assert_eq!(
            [outcome(&[&[1.0], &[2.0], &[3.0]]), outcome(&[&[1.0], &[1.0], &[2.0], &[2.0]])],
            [Outcome::NotEvaluable, Outcome::Pass]
        );
    }

    /// Four pairs, each well 0.1 from its middle: 1.4826 · √2 · 0.1 = 0.20967 is the scatter, and eight times that 1.677.
    #[test]
    fn groups_range_over_eight_scatters_of_replicates() {
        let range = |range: f64| {
            let pair = |middle: f64| [middle - 0.1, middle + 0.1];
            let (low, mid, high) = (pair(1.0), pair(1.3), pair(1.0 + range));
            let found = judge(&plate(&[&low, &mid, &mid, &high]));
            (found.outcome, found.value.unwrap())
        };
        assert_eq!(range(1.67).0, Outcome::Fail);
        assert_eq!(range(1.69).0, Outcome::Pass);
        assert!((range(1.69).1 - 1.69 / (1.4826 * 0.1 * std::f64::consts::SQRT_2)).abs() < 1e-9);
    }

    /// Scatter is known from eight wells with a replicate; wells without one say nothing of it, and wells that all read the same have none.
    #[test]
    fn scatter_takes_eight_wells_with_a_replicate() {
        let pairs: [&[f64]; 4] = [&[1.0, 2.0], &[1.1, 2.1], &[1.2, 2.2], &[1.3, 2.3]];
        assert_eq!(outcome(&pairs), Outcome::Fail);
        let three = [pairs[0], pairs[1], pairs[2], &[1.9], &[2.3]];
        assert_eq!((outcome(&three), judge(&plate(&three)).value), (Outcome::Pass, None));
        let same: [&[f64]; 4] = [&[1.0, 1.0], &[2.0, 2.0], &[3.0, 3.0], &[4.0, 4.0]];
        assert_eq!((outcome(&same), judge(&plate(&same)).value), (Outcome::Pass, None));
    }
}
