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

#[cfg(test)]
mod tests {
    use super::super::example::{contents, signals, well};
    use super::*;

    /// The distances of the wells, in the order of their names, and their number.
    fn assert_distances(found: &Distances, expected: &[(&str, f64)]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (name, distance) in expected {
            assert!((found[&well(name)] - distance).abs() < 1e-12, "{name}: {found:?}");
        }
    }

    fn standards(levels: [f64; 4]) -> Contents {
        let [a, b, c, d] = levels.map(WellContent::Standard);
        contents(&[("A1", a), ("B1", b), ("C1", c), ("D1", d)])
    }

    /// 3 and 2 are out of order and share 2.5. Falling, all four share their mean of 1.5, which spans nothing: 40 % of 3 are missing
    /// and count against each.
    #[test]
    fn standards_are_as_far_as_from_the_nearest_monotone_curve() {
        let signals = signals(&[("A1", 0.0), ("B1", 1.0), ("C1", 3.0), ("D1", 2.0)]);
        let contents = standards([1.0, 2.0, 4.0, 8.0]);
        let rising = distances(&signals, &contents, Some(Direction::Rising));
        assert_distances(&rising, &[("A1", 0.0), ("B1", 0.0), ("C1", 0.5), ("D1", 0.5)]);
        let falling = distances(&signals, &contents, Some(Direction::Falling));
        assert_distances(&falling, &[("A1", 2.7), ("B1", 1.7), ("C1", 2.7), ("D1", 1.7)]);
        assert_eq!(distances(&signals, &contents, None), rising);
        let reversed = standards([8.0, 4.0, 2.0, 1.0]);
        let falling = distances(&signals, &reversed, Some(Direction::Falling));
        assert_eq!(falling, rising, "the same curve from its other end");
        assert_eq!(distances(&signals, &reversed, None), falling);
    }

    /// Wells of one level share its mean, which weighs as much as its wells: two wells at 3 and one at 0 are out of order about 2. A control
    /// is a level of its concentration; wells that were not read, or hold a sample, are none.
    #[test]
    fn a_level_weighs_as_much_as_its_wells() {
        let signals =
            signals(&[("A1", 0.0), ("A2", 0.2), ("B1", 2.9), ("B2", 3.1), ("C1", 0.0), ("D1", 5.0), ("H1", 3.0)]);
        let (zero, four) = (WellContent::Standard(0.0), WellContent::Standard(4.0));
        let contents = contents(&[
            ("A1", zero),
            ("A2", zero),
            ("B1", WellContent::Control(2.0)),
            ("B2", WellContent::Control(2.0)),
            ("C1", four),
            ("D1", WellContent::Standard(8.0)),
            ("E1", four),
            ("H1", WellContent::Sample(0)),
        ]);
        let expected = [("A1", 0.1), ("A2", 0.1), ("B1", 0.9), ("B2", 1.1), ("C1", 2.0), ("D1", 0.0)];
        assert_distances(&distances(&signals, &contents, Some(Direction::Rising)), &expected);
    }

    /// Where the response rises nothing is below a blank, not even the zero standard; where it falls a blank may be anything, and only
    /// its replicates are asked: two wells 0.6 apart are 0.3 from their middle, and √2 times that from the truth.
    #[test]
    fn a_blank_is_the_lowest_of_a_rising_curve_and_a_replicate_of_a_falling_one() {
        let contents = contents(&[
            ("A1", WellContent::Blank),
            ("A2", WellContent::Blank),
            ("B1", WellContent::Standard(0.0)),
            ("C1", WellContent::Standard(8.0)),
        ]);
        let rising = signals(&[("A1", 1.2), ("A2", 1.8), ("B1", 0.5), ("C1", 4.0)]);
        // Blanks of 1.5 by two wells, and 0.5 by one: 3.5 / 3.
        let shared = 3.5 / 3.0;
        let expected = [("A1", 1.2 - shared), ("A2", 1.8 - shared), ("B1", shared - 0.5), ("C1", 0.0)];
        assert_distances(&distances(&rising, &contents, Some(Direction::Rising)), &expected);
        let falling = signals(&[("A1", 0.1), ("A2", 0.7), ("B1", 4.0), ("C1", 0.5)]);
        let off = 0.3 * std::f64::consts::SQRT_2;
        let expected = [("A1", off), ("A2", off), ("B1", 0.0), ("C1", 0.0)];
        assert_distances(&distances(&falling, &contents, Some(Direction::Falling)), &expected);
    }

    /// Distances of replicates are from their median, larger by √(n / (n − 1)); one well alone says nothing.
    #[test]
    fn replicates_are_as_far_as_from_their_median() {
        let signals =
            signals(&[("A1", 1.0), ("A2", 1.4), ("B1", 0.0), ("B2", 0.3), ("B3", 0.9), ("C1", 7.0), ("C2", 7.0)]);
        let of = |number| WellContent::Sample(number);
        let contents = contents(&[
            ("A1", of(0)),
            ("A2", of(0)),
            ("B1", of(1)),
            ("B2", of(1)),
            ("B3", of(1)),
            ("C1", of(2)),
            ("C2", of(3)),
            ("C3", of(3)),
        ]);
        let (pair, three) = (0.2 * 2f64.sqrt(), 1.5f64.sqrt());
        let expected = [("A1", pair), ("A2", pair), ("B1", 0.3 * three), ("B2", 0.0), ("B3", 0.6 * three)];
        for direction in [Direction::Rising, Direction::Falling] {
            assert_distances(&distances(&signals, &contents, Some(direction)), &expected);
        }
    }

    /// The standards span 0.3 of the 1.0 that the wells show: 0.1 is missing.
    #[test]
    fn standards_that_span_too_little_are_no_curve() {
        let contents = contents(&[
            ("A1", WellContent::Standard(1.0)),
            ("B1", WellContent::Standard(2.0)),
            ("C1", WellContent::Sample(0)),
            ("D1", WellContent::Sample(1)),
        ]);
        let of = |top: f64| {
            let signals = signals(&[("A1", 0.2), ("B1", top), ("C1", 0.0), ("D1", 1.0)]);
            distances(&signals, &contents, Some(Direction::Rising))
        };
        assert_distances(&of(0.5), &[("A1", 0.1), ("B1", 0.1)]);
        assert_distances(&of(0.7), &[("A1", 0.0), ("B1", 0.0)]);
    }

    /// One well of fifty at either end does not count.
    #[test]
    fn the_span_of_all_leaves_out_the_ends() {
        let of = |n: usize| {
            let positions: Vec<WellPosition> = crate::plate::PlateSize::WELLS_384.wells().take(n).collect();
            let signals: Signals = positions.iter().enumerate().map(|(z, &well)| (well, z as f64)).collect();
            let wells = positions.iter().map(|&well| (well, WellContent::Blank)).collect();
            span_of_all(&signals, &Contents { size: crate::plate::PlateSize::WELLS_384, wells })
        };
        assert_eq!([0, 1, 49, 50, 99, 100].map(of), [0.0, 0.0, 48.0, 47.0, 96.0, 95.0]);
    }

    #[test]
    fn one_well_counts_as_a_factor_of_two_at_most() {
        assert_eq!([0.5, 0.7, 0.71, 30.0].map(square), [0.25, CAP * CAP, CAP * CAP, CAP * CAP]);
        let all: Distances = [("A1", 0.5), ("A2", 9.0)].map(|(name, distance)| (well(name), distance)).into();
        assert!((sum(&all) - 0.74).abs() < 1e-12);
    }
}
