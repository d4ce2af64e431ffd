//! Permutation test of the difference of two means: how often does a random reassignment of the arms give a difference as large?
//!
//! ```text
//! p = (1 + number of random reassignments with |difference| ≥ |observed|) / (1 + number of reassignments)
//! ```
//!
//! Never zero, and valid at any number of reassignments (Phipson & Smyth, Stat Appl Genet Mol Biol 2010;9:39).

use rayon::prelude::*;
use serde::Serialize;

use super::random::Random;
use super::undefined::Undefined;

/// A permutation test.
///
/// ```
/// use platewise::stats::{Permutation, permutation};
///
/// // Of the 20 reassignments of three and three, two are as extreme.
/// let test: Permutation = permutation(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0], 10_000, 1)?;
/// assert_eq!(test.diff, 3.0);
/// assert!((test.p - 0.1).abs() < 4.0 * test.p_mc_se);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Permutation {
    /// Number of values in the active arm.
    pub n_active: usize,
    /// Number of values in the placebo arm.
    pub n_placebo: usize,
    /// Difference of means, active − placebo.
    pub diff: f64,
    /// Number of random reassignments.
    pub resamples: usize,
    /// Two-sided p-value.
    pub p: f64,
    /// Its Monte Carlo standard error.
    pub p_mc_se: f64,
}

/// Tests whether the means of `active` and `placebo` differ, by `resamples` reassignments that follow from `seed`.
///
/// # Errors
/// With nobody in an arm.
pub fn permutation(active: &[f64], placebo: &[f64], resamples: usize, seed: u64) -> Result<Permutation, Undefined> {
    let (m, n) = (active.len(), placebo.len());
    Undefined::unless_enough("values in the active arm", m, 1)?;
    Undefined::unless_enough("values in the placebo arm", n, 1)?;
    Undefined::unless_enough("reassignments", resamples, 1)?;
    let all: Vec<f64> = active.iter().chain(placebo).copied().collect();
    Undefined::unless_finite(&all)?;
    let total: f64 = all.iter().sum();
    let difference = |sum: f64| sum / m as f64 - (total - sum) / n as f64;
    let diff = difference(active.iter().sum());
    let scale = all.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    // Equal but for the order of summation counts as equal.
    let bound = diff.abs() - 1e-12 * scale;
    let as_large = (0..resamples as u64)
        .into_par_iter()
        .map_init(Vec::new, |values: &mut Vec<f64>, replicate| {
            values.clone_from(&all);
            let mut random = Random::of_replicate(seed, replicate);
            // The first m of a shuffle (Fisher–Yates).
            for i in 0..m {
                let j = i + random.below(values.len() - i);
                values.swap(i, j);
            }
            usize::from(difference(values[..m].iter().sum()).abs() >= bound)
        })
        .sum::<usize>();
    let p = (1 + as_large) as f64 / (1 + resamples) as f64;
    let p_mc_se = (p * (1.0 - p) / resamples as f64).sqrt();
    Ok(Permutation { n_active: m, n_placebo: n, diff, resamples, p, p_mc_se })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_full_enumeration() {
        // Of the C(7,3) = 35 assignments, those as extreme as {10, 11, 12} against {1, 2, 3, 4}: one.
        let test = permutation(&[10.0, 11.0, 12.0], &[1.0, 2.0, 3.0, 4.0], 20_000, 1).unwrap();
        assert!((test.p - 1.0 / 35.0).abs() < 5.0 * test.p_mc_se, "{test:?}");
        assert_eq!(test.diff, 8.5);
        assert!((test.p_mc_se / (test.p * (1.0 - test.p) / 20_000.0).sqrt() - 1.0).abs() < 1e-12);
        let same = permutation(&[1.0; 3], &[1.0; 4], 100, 1).unwrap();
        assert_eq!(same.p, 1.0);
    }
}
