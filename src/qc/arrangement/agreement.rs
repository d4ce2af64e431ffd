//! How far each well is from what an arrangement says of it.
//!
//! Standards and controls lie on a curve that rises (or falls) with concentration and has no other shape: isotonic regression.
//! Replicates of a sample lie about their median. Distances are on the scale of `scale`, where 0.1 is about 10 % of a response;
//! each counts at most as [`CAP`], so that it matters how many wells disagree, not how wildly one does.
//!
//! Standards that span less than 40 % of what the arrangement's wells show are no curve: what is missing counts against each of
//! them. Otherwise a plate whose standards are read where blank-like samples are would agree with any arrangement.

use std::collections::BTreeMap;

use super::contents::{Contents, WellContent};
use super::direction::Direction;
use super::scale::Signals;
use crate::plate::WellPosition;
use crate::stats::isotonic::isotonic;
use crate::stats::quartile::{median, sorted};

/// The most that one well counts: a factor of two.
pub(super) const CAP: f64 = 0.7;

/// A well within this distance, a factor of about 1.4, fits.
pub(super) const FITS: f64 = 0.35;

/// The share of the wells' span that standards must have.
const SPAN: f64 = 0.4;

/// Distances of the wells of which the arrangement says something that can be judged.
pub(super) type Distances = BTreeMap<WellPosition, f64>;

/// The distances under an arrangement; in the direction that agrees better where none is given.
pub(super) fn distances(signals: &Signals, contents: &Contents, direction: Option<Direction>) -> Distances {
    match direction {
        Some(direction) => in_direction(signals, contents, direction),
        None => {
            let [rising, falling] =
                [Direction::Rising, Direction::Falling].map(|direction| in_direction(signals, contents, direction));
            if sum(&falling) < sum(&rising) { falling } else { rising }
        }
    }
}

/// The sum of squares of capped distances.
pub(super) fn sum(distances: &Distances) -> f64 {
    distances.values().map(|&distance| square(distance)).sum()
}

/// The square of a capped distance.
pub(super) fn square(distance: f64) -> f64 {
    let capped = distance.min(CAP);
    capped * capped
}

fn in_direction(signals: &Signals, contents: &Contents, direction: Direction) -> Distances {
    let mut distances = calibrators(signals, contents, direction);
    let mut groups: Vec<Vec<WellPosition>> = contents.samples().into_values().collect();
    if direction == Direction::Falling {
        // Where the response falls, a blank may be without label as well as without analyte: replicates, no more.
        let blanks = contents.wells.iter().filter(|(_, content)| **content == WellContent::Blank);
        groups.push(blanks.map(|(&well, _)| well).collect());
    }
    for wells in groups {
        let read: Vec<(WellPosition, f64)> =
            wells.iter().filter_map(|well| Some((*well, *signals.get(well)?))).collect();
        if read.len() < 2 {
            continue;
        }
        let Some(middle) = median(&sorted(&read.iter().map(|&(_, z)| z).collect::<Vec<_>>())) else { continue };
        // The distance from the middle of n wells is smaller than that from the truth.
        let inflate = libm::sqrt(read.len() as f64 / (read.len() as f64 - 1.0));
        distances.extend(read.into_iter().map(|(well, z)| (well, inflate * (z - middle).abs())));
    }
    distances
}

/// The distances of standards and controls, and of blanks where the response rises, from the nearest monotone curve.
fn calibrators(signals: &Signals, contents: &Contents, direction: Direction) -> Distances {
    let sign = if direction == Direction::Rising { 1.0 } else { -1.0 };
    let mut wells: Vec<(f64, WellPosition, f64)> = Vec::new();
    for (&well, content) in &contents.wells {
        let x = match content {
            // Nothing is below a blank.
            WellContent::Blank if direction == Direction::Rising => Some(-1.0),
            other => other.known(),
        };
        if let (Some(x), Some(z)) = (x, signals.get(&well)) {
            wells.push((x, well, sign * z));
        }
    }
    wells.sort_by(|one, other| one.0.total_cmp(&other.0));
    let levels: Vec<&[(f64, WellPosition, f64)]> = wells.chunk_by(|one, other| one.0 == other.0).collect();
    let means: Vec<(f64, f64)> = levels
        .iter()
        .map(|level| (level.iter().map(|well| well.2).sum::<f64>() / level.len() as f64, level.len() as f64))
        .collect();
    let curve = isotonic(&means);
    let span = curve.last().zip(curve.first()).map_or(0.0, |(last, first)| last - first);
    let missing = (SPAN * span_of_all(signals, contents) - span).max(0.0);
    levels
        .iter()
        .zip(&curve)
        .flat_map(|(level, fitted)| level.iter().map(move |&(_, well, z)| (well, (z - fitted).abs() + missing)))
        .collect()
}

/// From the second-lowest to the second-highest in a hundred of the wells of which the arrangement says something.
fn span_of_all(signals: &Signals, contents: &Contents) -> f64 {
    let mut values: Vec<f64> = contents.wells.keys().filter_map(|well| signals.get(well).copied()).collect();
    values.sort_by(f64::total_cmp);
    let at = values.len() / 50;
    if values.is_empty() { 0.0 } else { values[values.len() - 1 - at] - values[at] }
}
