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
