//! Wilcoxon's signed-rank test of within-subject changes.
//!
//! ```text
//! W⁺ = sum of the midranks of |change| of the positive changes, with null mean Σr/2 and variance Σr²/4
//! ```
//!
//! Without ties the variance is n(n+1)(2n+1)/24. Zeros are dropped before ranking (Wilcoxon), or ranked and then dropped
//! (Pratt, JASA 1959;54:655). Exact: the distribution of the observed midranks under fair signs.

use serde::Serialize;

use super::distribution::normal_two_sided;
use super::ranks::{Midranks, NullDistribution, midranks, rounded};
use super::undefined::Undefined;

/// What is done with changes of zero.
///
/// See [`SignedRank`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Zeros {
    /// Left out before ranking.
    Drop,
    /// Ranked, then left out.
    Pratt,
}

/// How the p-value is found.
///
/// See [`SignedRank`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedRankMethod {
    /// Normal approximation, with or without a continuity correction of ½.
    Normal {
        /// Whether with the correction.
        continuity: bool,
    },
    /// The exact distribution.
    Exact,
}

/// Largest number of non-zero changes for which the exact distribution is computed (its cost grows with the cube).
pub const EXACT_LIMIT: usize = 600;

/// A signed-rank test.
///
/// ```
/// use platewise::stats::signed_rank::{SignedRankMethod, SignedRank, Zeros, signed_rank};
///
/// // Of the 32 signs of five ranks, three give a negative sum of at most 2.
/// let changes = [1.0, -2.0, 3.0, 4.0, 5.0, 0.0];
/// let test: SignedRank = signed_rank(&changes, Zeros::Drop, SignedRankMethod::Exact, true)?;
/// assert_eq!((test.n_zero, test.w_plus, test.w_minus), (1, 13.0, 2.0));
/// assert!((test.p - 2.0 * 3.0 / 32.0).abs() < 1e-15);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignedRank {
    /// Number of changes.
    pub n: usize,
    /// Of these, zero.
    pub n_zero: usize,
    /// Of these, not zero.
    pub n_used: usize,
    /// Sum of the ranks of positive changes.
    pub w_plus: f64,
    /// Sum of the ranks of negative changes.
    pub w_minus: f64,
    /// Whether two changes that are not zero have the same size.
    pub has_ties: bool,
    /// The normal statistic, with the normal method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub z: Option<f64>,
    /// Two-sided p-value.
    pub p: f64,
}

/// Tests whether `changes` are symmetric about zero. With `round`, changes are rounded before they are ranked, so that equal
/// changes tie (see [`rounded`]).
///
/// # Errors
/// When every change is zero, one is not finite, or there are too many for the exact method.
pub fn signed_rank(
    changes: &[f64],
    zeros: Zeros,
    method: SignedRankMethod,
    round: bool,
) -> Result<SignedRank, Undefined> {
    Undefined::unless_finite(changes)?;
    let changes: Vec<f64> = changes.iter().map(|&change| if round { rounded(change) } else { change }).collect();
    let used: Vec<f64> = changes.iter().copied().filter(|&change| change != 0.0).collect();
    Undefined::unless_enough("changes that are not zero", used.len(), 1)?;
    let among_used = absolute_ranks(&used);
    // Pratt's zeros take the lowest ranks: everyone else moves up by their number.
    let shift = if zeros == Zeros::Pratt { 2 * (changes.len() - used.len()) as u32 } else { 0 };
    let ranks: Vec<u32> = among_used.doubled.iter().map(|rank| rank + shift).collect();
    let sum = |positive: bool| -> u32 {
        ranks.iter().zip(&used).filter(|(_, change)| (**change > 0.0) == positive).map(|(rank, _)| rank).sum()
    };
    let (plus, minus) = (sum(true), sum(false));
    let (z, p) = match method {
        SignedRankMethod::Normal { continuity } => {
            let z = normal_statistic(plus, &ranks, continuity);
            (Some(z), normal_two_sided(z))
        }
        SignedRankMethod::Exact if used.len() > EXACT_LIMIT => {
            return Err(Undefined::Because(format!("the exact test is computed for up to {EXACT_LIMIT} changes")));
        }
        SignedRankMethod::Exact => (None, NullDistribution::of_signs(&ranks).two_sided(plus as usize)),
    };
    Ok(SignedRank {
        n: changes.len(),
        n_zero: changes.len() - used.len(),
        n_used: used.len(),
        w_plus: f64::from(plus) / 2.0,
        w_minus: f64::from(minus) / 2.0,
        has_ties: !among_used.ties.is_empty(),
        z,
        p,
    })
}

fn absolute_ranks(changes: &[f64]) -> Midranks {
    midranks(&changes.iter().map(|change| change.abs()).collect::<Vec<f64>>())
}

/// `(W⁺ − Σr/2 − ½ sign) / √(Σr²/4)`.
fn normal_statistic(plus: u32, doubled: &[u32], continuity: bool) -> f64 {
    let total: f64 = doubled.iter().map(|&rank| f64::from(rank) / 2.0).sum();
    let squares: f64 = doubled.iter().map(|&rank| (f64::from(rank) / 2.0).powi(2)).sum();
    let distance = f64::from(plus) / 2.0 - total / 2.0;
    let correction = if continuity && distance != 0.0 { 0.5 * distance.signum() } else { 0.0 };
    (distance - correction) / (squares / 4.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of five changes one of 32 sign patterns has 0, 1 and 2 each: 2 or less has 3/32. The variance of the sum is (1 + 4 + 9 + 16 + 25)/4.
    #[test]
    fn a_small_test_is_counted() {
        let with = |changes: &[f64], method| signed_rank(changes, Zeros::Drop, method, false);
        let changes = [1.0, -2.0, 3.0, 4.0, 5.0];
        let found = with(&changes, SignedRankMethod::Exact).unwrap();
        assert!((found.p - 6.0 / 32.0).abs() < 1e-12 && (found.w_plus, found.w_minus) == (13.0, 2.0), "{found:?}");
        let z = |continuity| with(&changes, SignedRankMethod::Normal { continuity }).unwrap().z.unwrap();
        assert!((z(false) - 5.5 / 13.75_f64.sqrt()).abs() < 1e-12 && (z(true) - 5.0 / 13.75_f64.sqrt()).abs() < 1e-12);
        let many: Vec<f64> = (1..=EXACT_LIMIT + 1).map(|i| i as f64).collect();
        assert!(with(&many, SignedRankMethod::Exact).is_err());
    }
}
