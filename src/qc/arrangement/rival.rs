//! Whether another arrangement explains the wells far better than the declared one.
//!
//! The two are compared over the wells of which either says something, by the ratio of their likelihoods, each with its own
//! scatter:
//!
//! ```text
//! ln ratio = n/2 · ln(S_declared / S_other)        S: sum of squares of the n wells' capped distances
//! ```
//!
//! A well of which only one of the two says something is empty by the other, as a rule, and empty wells are alike: it counts by how
//! far it is from the middle of all wells of which the other says nothing, and at most as [`UNSAID`], for they may hold anything.
//! Without this a plate that was shifted could be told by its controls only: the column from which it was shifted away, and which
//! is empty, would speak as much against the shift as the others for it.
//!
//! A ratio alone would blame the layout for controls that failed or a well that was forgotten. So the other arrangement also has to
//! leave several wells fewer that disagree; what it says anew of wells (another concentration, other replicates) has to hold; and
//! leaving out one level of the declared standards or controls must not explain what it explains.

use std::collections::BTreeSet;

use super::agreement::{Distances, FITS, distances, square};
use super::alternatives::Alternative;
use super::contents::{Contents, WellContent};
use super::direction::Direction;
use super::scale::Signals;
use crate::plate::WellPosition;
use crate::stats::quartile::{median, sorted};

/// The least ln ratio.
const LN_RATIO: f64 = 8.0;
/// Two arrangements within this ln ratio explain the wells equally well.
pub(super) const AS_GOOD: f64 = 2.0;
/// The least ln ratio when one level of the declared standards or controls is left out.
const LN_RATIO_WITHOUT: f64 = 3.0;
/// How many wells fewer must disagree with the other arrangement, and how many must agree with what it says anew.
const WELLS: usize = 3;
/// However little the wells scatter, a well within this distance fits.
const LEAST_FITS: f64 = 0.1;
/// The most that a well counts of which an arrangement says nothing: just too far to fit.
const UNSAID: f64 = 0.36;
/// The share of wells that have to fit the other arrangement: of all, and of those of which it says something new.
const FITTING: f64 = 0.8;
/// Scatter below this, 2 % of a response, is taken for this: no likelihood grows without end.
const LEAST_SCATTER: f64 = 0.02;

/// Another arrangement that explains the wells far better.
pub(super) struct Rival {
    pub(super) words: String,
    pub(super) ln_ratio: f64,
    /// Wells of which either arrangement says something.
    pub(super) compared: usize,
    /// Those that do not fit the declared layout.
    pub(super) unfit_declared: Vec<WellPosition>,
    /// Those that do not fit this one.
    pub(super) unfit_other: Vec<WellPosition>,
}

/// The arrangements among `alternatives` that explain the wells far better, best first.
pub(super) fn rivals(
    signals: &Signals,
    declared: &Contents,
    alternatives: Vec<Alternative>,
    direction: Option<Direction>,
) -> Vec<Rival> {
    let by_declared = distances(signals, declared, direction);
    if by_declared.values().filter(|&&distance| distance > LEAST_FITS).count() < WELLS {
        return Vec::new(); // nothing to put right
    }
    let open = open(signals, declared);
    let without_a_level: Vec<Distances> =
        without_a_level(declared).iter().map(|contents| distances(signals, contents, direction)).collect();
    let mut rivals: Vec<Rival> = alternatives
        .into_iter()
        .filter_map(|other| {
            let by_other = distances(signals, &other.contents, direction);
            let open_in_other = self::open(signals, &other.contents);
            let compare =
                |by_declared: &Distances| ArrangementComparison::of([by_declared, &by_other], [&open, &open_in_other]);
            let better = without_a_level.iter().all(|rest| compare(rest).ln_ratio() >= LN_RATIO_WITHOUT);
            let compared = compare(&by_declared);
            (better && compared.far_better() && holds(declared, &other.contents, &by_other))
                .then(|| compared.rival(other.words))
        })
        .collect();
    rivals.sort_by(|one, other| other.ln_ratio.total_cmp(&one.ln_ratio));
    rivals
}

/// The distances of the wells of which an arrangement says nothing, from each other's middle, capped.
fn open(signals: &Signals, contents: &Contents) -> Distances {
    let wells: Vec<(WellPosition, f64)> =
        signals.iter().filter(|(well, _)| !contents.wells.contains_key(well)).map(|(&well, &z)| (well, z)).collect();
    let middle = median(&sorted(&wells.iter().map(|&(_, z)| z).collect::<Vec<_>>()));
    let (Some(middle), 2..) = (middle, wells.len()) else { return Distances::new() };
    let n = wells.len() as f64;
    let inflate = libm::sqrt(n / (n - 1.0));
    wells.into_iter().map(|(well, z)| (well, (inflate * (z - middle).abs()).min(UNSAID))).collect()
}

/// The declared contents, each time without one level of its standards or controls.
fn without_a_level(declared: &Contents) -> Vec<Contents> {
    let mut known: Vec<WellContent> =
        declared.wells.values().filter(|content| content.known().is_some()).copied().collect();
    known.dedup();
    let mut contents: Vec<Contents> = Vec::new();
    for level in known {
        let mut rest = declared.clone();
        rest.wells.retain(|_, content| *content != level);
        if !contents.contains(&rest) {
            contents.push(rest);
        }
    }
    contents
}

/// Two arrangements beside each other, the declared one first.
struct ArrangementComparison {
    /// The wells of which either says something, with the distance from each.
    wells: Vec<(WellPosition, [Distance; 2])>,
    /// Up to this distance a well fits: three times the scatter of the wells about the other arrangement.
    fits: f64,
}

/// How far a well is from an arrangement.
#[derive(Clone, Copy)]
enum Distance {
    /// From what the arrangement says of it.
    Said(f64),
    /// From the other wells of which the arrangement says nothing.
    Open(f64),
}

impl ArrangementComparison {
    /// Compares by the distances of the wells of which each says something, and of those that each leaves open.
    fn of(said: [&Distances; 2], open: [&Distances; 2]) -> Self {
        let wells: BTreeSet<WellPosition> = said.iter().flat_map(|said| said.keys()).copied().collect();
        let distance = |well: &WellPosition, which: usize| match said[which].get(well) {
            Some(&distance) => Distance::Said(distance),
            None => Distance::Open(open[which].get(well).copied().unwrap_or(UNSAID)),
        };
        let scatter = 1.4826 * median(&sorted(&said[1].values().copied().collect::<Vec<_>>())).unwrap_or(0.0);
        Self {
            wells: wells.into_iter().map(|well| (well, [0, 1].map(|which| distance(&well, which)))).collect(),
            fits: (3.0 * scatter).clamp(LEAST_FITS, FITS),
        }
    }

    fn ln_ratio(&self) -> f64 {
        let n = self.wells.len() as f64;
        let [declared, other] = [0, 1].map(|which| {
            let of = |(_, distances): &(WellPosition, [Distance; 2])| match distances[which] {
                Distance::Said(distance) | Distance::Open(distance) => square(distance),
            };
            let sum: f64 = self.wells.iter().map(of).sum();
            sum.max(n * square(LEAST_SCATTER))
        });
        n / 2.0 * libm::log(declared / other)
    }

    /// The wells that do not fit the declared arrangement, or (1) the other.
    fn unfit(&self, which: usize) -> Vec<WellPosition> {
        let unfit = |distance: Distance| matches!(distance, Distance::Said(distance) if distance > self.fits);
        self.wells.iter().filter(|(_, distances)| unfit(distances[which])).map(|(well, _)| *well).collect()
    }

    fn far_better(&self) -> bool {
        self.unfit(0).len() >= self.unfit(1).len() + WELLS && self.ln_ratio() >= LN_RATIO
    }

    fn rival(&self, words: String) -> Rival {
        Rival {
            words,
            ln_ratio: self.ln_ratio(),
            compared: self.wells.len(),
            unfit_declared: self.unfit(0),
            unfit_other: self.unfit(1),
        }
    }
}

/// Whether what another arrangement says of the wells holds, and also what only it says.
fn holds(declared: &Contents, other: &Contents, by_other: &Distances) -> bool {
    let fits = |distances: &[f64]| {
        let fitting = distances.iter().filter(|&&distance| distance <= FITS).count();
        fitting >= WELLS && fitting as f64 >= FITTING * distances.len() as f64
    };
    let of = |only_new: bool| -> Vec<f64> {
        let wells = by_other.iter().filter(|(well, _)| !only_new || says_new(declared, other, **well));
        wells.map(|(_, &distance)| distance).collect()
    };
    fits(&of(false)) && fits(&of(true))
}

/// Whether `other` says of a well what the declared contents do not: another concentration, or other wells that hold the same.
fn says_new(declared: &Contents, other: &Contents, well: WellPosition) -> bool {
    let at = |contents: &Contents| contents.wells.get(&well).copied();
    match (at(declared), at(other)) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(one), Some(two)) => match (one.known(), two.known()) {
            (Some(one), Some(two)) => one != two,
            (None, Some(_)) => true,
            (_, None) => same(declared, well) != same(other, well),
        },
    }
}

/// The wells that are said to hold the same as a well.
fn same(contents: &Contents, well: WellPosition) -> Vec<WellPosition> {
    let content: Option<WellContent> = contents.wells.get(&well).copied();
    contents.wells.iter().filter(|(_, other)| Some(**other) == content).map(|(&at, _)| at).collect()
}

#[cfg(test)]
mod tests;
