//! The Mann–Whitney (Wilcoxon rank-sum) test of two samples.
//!
//! ```text
//! U = rank sum of the active arm − m(m+1)/2        AUC = U / (mn) = P(active > placebo) + ½ P(equal)
//! normal: variance mn/12 · (N + 1 − Σ(t³ − t) / (N(N − 1)))
//! exact:  every choice of m of the N observed midranks equally likely
//! ```
//!
//! With ties the exact distribution need not be symmetric; then twice the smaller tail and the probability of a U as far from
//! its mean differ, and both are offered by name.

use serde::Serialize;

use super::distribution::normal_two_sided;
use super::ranks::{Midranks, NullDistribution, midranks, rank_sum_null, rounded};
use super::undefined::Undefined;

/// How the p-value is found.
///
/// See [`MannWhitney`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MannWhitneyMethod {
    /// Normal approximation with ties corrected for, with or without a continuity correction of ½.
    Normal {
        /// Whether with the correction.
        continuity: bool,
    },
    /// Exact, twice the smaller tail.
    ExactDoubleSmallerTail,
    /// Exact, the probability of a U at least as far from its mean (coin).
    ExactAbsDeviation,
}

/// Largest total number of values for which the exact distribution is computed (its cost grows with the fourth power).
pub const EXACT_LIMIT: usize = 250;

/// A Mann–Whitney test.
///
/// ```
/// use platewise::stats::mann_whitney::{MannWhitney, MannWhitneyMethod, mann_whitney};
///
/// // Of the 20 ways to arrange three and three, one is as extreme on each side.
/// let test: MannWhitney = mann_whitney(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0], MannWhitneyMethod::ExactDoubleSmallerTail)?;
/// assert_eq!((test.u_active, test.auc), (9.0, 1.0));
/// assert!((test.p - 0.1).abs() < 1e-12);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MannWhitney {
    /// Number of values in the active arm.
    pub n_active: usize,
    /// Number of values in the placebo arm.
    pub n_placebo: usize,
    /// U of the active arm.
    pub u_active: f64,
    /// U of the placebo arm.
    pub u_placebo: f64,
    /// Whether a value occurs more than once.
    pub has_ties: bool,
    /// Probability that an active value exceeds a placebo value, ties counting half.
    pub auc: f64,
    /// Rank-biserial correlation, `2 AUC − 1`.
    pub rank_biserial: f64,
    /// The normal statistic, with the normal method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub z: Option<f64>,
    /// Two-sided p-value.
    pub p: f64,
    /// Exact probability of a U as small, with an exact method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_less: Option<f64>,
    /// Exact probability of a U as large, with an exact method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_greater: Option<f64>,
    /// `p` as R's exactRankTests gives it, with the method of distances from the mean. There the mean is computed as m/N · Σ ranks in
    /// floating point, and when that falls short of the true mean, the mirror image of the observed sum is not counted. `p`
    /// is exact; this is for those who compare.
    #[serde(rename = "p_exactRankTests", skip_serializing_if = "Option::is_none")]
    pub p_exact_rank_tests: Option<f64>,
}

/// Tests whether values of one arm tend to be larger than those of the other. Values are rounded before they are ranked, so
/// that equal changes tie (see [`rounded`]).
///
/// # Errors
/// With nobody in an arm, when all values are the same (normal method), or too many for the exact method.
pub fn mann_whitney(active: &[f64], placebo: &[f64], method: MannWhitneyMethod) -> Result<MannWhitney, Undefined> {
    let (m, n) = (active.len(), placebo.len());
    Undefined::unless_enough("values in the active arm", m, 1)?;
    Undefined::unless_enough("values in the placebo arm", n, 1)?;
    let all: Vec<f64> = active.iter().chain(placebo).map(|&value| rounded(value)).collect();
    Undefined::unless_finite(&all)?;
    let ranks = midranks(&all);
    let rank_sum: u32 = ranks.doubled[..m].iter().sum();
    let u_active = f64::from(rank_sum) / 2.0 - (m * (m + 1)) as f64 / 2.0;
    let pairs = (m * n) as f64;
    let auc = u_active / pairs;
    let mut test = MannWhitney {
        n_active: m,
        n_placebo: n,
        u_active,
        u_placebo: pairs - u_active,
        has_ties: !ranks.ties.is_empty(),
        auc,
        rank_biserial: 2.0 * auc - 1.0,
        z: None,
        p: 1.0,
        p_less: None,
        p_greater: None,
        p_exact_rank_tests: None,
    };
    if let MannWhitneyMethod::Normal { continuity } = method {
        let z = normal_statistic(u_active, m, n, &ranks, continuity)?;
        return Ok(MannWhitney { z: Some(z), p: normal_two_sided(z), ..test });
    }
    if m + n > EXACT_LIMIT {
        return Err(Undefined::Because(format!("the exact test is computed for up to {EXACT_LIMIT} values")));
    }
    let null = ExactNull::of(&ranks, m);
    let at = null.index(rank_sum);
    test.p_less = Some(null.distribution.lower(at));
    test.p_greater = Some(null.distribution.upper(at));
    if method == MannWhitneyMethod::ExactAbsDeviation {
        test.p = null.as_far(rank_sum, m, m + n);
        test.p_exact_rank_tests = Some(null.as_exact_rank_tests(rank_sum, m, m + n));
    } else {
        test.p = null.distribution.two_sided(at);
    }
    Ok(test)
}

fn normal_statistic(u: f64, m: usize, n: usize, ranks: &Midranks, continuity: bool) -> Result<f64, Undefined> {
    let (pairs, total) = ((m * n) as f64, (m + n) as f64);
    let ties = if total > 1.0 { ranks.tie_sum() / (total * (total - 1.0)) } else { 0.0 };
    let variance = pairs / 12.0 * (total + 1.0 - ties);
    if variance <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    let distance = u - pairs / 2.0;
    let correction = if continuity && distance != 0.0 { 0.5 * distance.signum() } else { 0.0 };
    Ok((distance - correction) / variance.sqrt())
}

/// The null distribution of the active arm's doubled rank sum, which takes the values `smallest + step·i`, i = 0, 1, 2, …
struct ExactNull {
    distribution: NullDistribution,
    smallest: u32,
    step: u32,
}

impl ExactNull {
    fn of(ranks: &Midranks, m: usize) -> Self {
        let n = ranks.doubled.len() - m;
        if ranks.ties.is_empty() {
            // The ranks are 1, 2, 3, …: the distribution of U, doubled, above the sum of the m smallest.
            return Self { distribution: rank_sum_null(m, n), smallest: (m * (m + 1)) as u32, step: 2 };
        }
        // Scores are the doubled ranks less the smallest, halved where all are even: the same distribution on fewer values.
        let smallest = ranks.doubled.iter().copied().min().unwrap_or(0);
        let step = if ranks.doubled.iter().all(|rank| (rank - smallest) % 2 == 0) { 2 } else { 1 };
        let scores: Vec<u32> = ranks.doubled.iter().map(|rank| (rank - smallest) / step).collect();
        Self { distribution: NullDistribution::of_choice(&scores, m), smallest: m as u32 * smallest, step }
    }

    /// Where a doubled rank sum stands.
    fn index(&self, rank_sum: u32) -> usize {
        ((rank_sum - self.smallest) / self.step) as usize
    }

    /// The probability of a rank sum at least as far from its mean, which is m(N + 1)/2.
    fn as_far(&self, rank_sum: u32, m: usize, total: usize) -> f64 {
        let doubled_centre = 2 * (m * (total + 1) - self.smallest as usize) / self.step as usize;
        self.distribution.as_far(self.index(rank_sum), doubled_centre)
    }

    /// The same with the mean in floating point, as exactRankTests has it.
    fn as_exact_rank_tests(&self, rank_sum: u32, m: usize, total: usize) -> f64 {
        let n = total as f64;
        let mean = m as f64 / n * (n * (n + 1.0) / 2.0);
        let distance = (f64::from(rank_sum) / 2.0 - mean).abs();
        self.distribution.sum_where(|index| {
            let rank_sum = (f64::from(self.smallest) + index as f64 * f64::from(self.step)) / 2.0;
            rank_sum <= mean - distance || rank_sum >= mean + distance
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    /// 3 exceeds two of 1, 2, 4, and 5 all three. Of the ten choices of two of five U is 5 or 6 in two, and 0 or 1 in two. The variance is
    /// 6/12 · 6 = 3.
    #[test]
    fn a_small_test_is_counted() {
        let test = |method| mann_whitney(&[3.0, 5.0], &[1.0, 2.0, 4.0], method).unwrap();
        let exact = test(MannWhitneyMethod::ExactDoubleSmallerTail);
        assert_eq!((exact.u_active, exact.u_placebo, exact.has_ties), (5.0, 1.0, false));
        assert!((exact.auc - 5.0 / 6.0).abs() < 1e-15 && (exact.rank_biserial - 4.0 / 6.0).abs() < 1e-15);
        let near = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        near(exact.p_greater, 0.2);
        near(exact.p_less, 0.9);
        near(Some(exact.p), 0.4);
        let far = test(MannWhitneyMethod::ExactAbsDeviation);
        near(Some(far.p), 0.4);
        near(far.p_exact_rank_tests, 0.4);
        near(test(MannWhitneyMethod::Normal { continuity: false }).z, 2.0 / 3.0_f64.sqrt());
        near(test(MannWhitneyMethod::Normal { continuity: true }).z, 1.5 / 3.0_f64.sqrt());
    }

    /// 2 and 4 against 1, 2 and 2: the three twos share rank 3. Of the ten choices the rank sums are 4 and 6 (three times each, with rank 1 or
    /// without), 6 (1 and 5) and 8 (5 with 3): 8 or more has 3 of 10. The ties take (27 − 3) / (5 · 4) from 6.
    #[test]
    fn ties_share_their_ranks() {
        let test = |method| mann_whitney(&[2.0, 4.0], &[1.0, 2.0, 2.0], method).unwrap();
        let exact = test(MannWhitneyMethod::ExactDoubleSmallerTail);
        assert_eq!((exact.u_active, exact.has_ties), (5.0, true));
        assert!((exact.p_greater.unwrap() - 0.3).abs() < 1e-12 && (exact.p_less.unwrap() - 1.0).abs() < 1e-12);
        assert!((exact.p - 0.6).abs() < 1e-12);
        let z = test(MannWhitneyMethod::Normal { continuity: false }).z.unwrap();
        assert!((z - 2.0 / (0.5 * (6.0 - 1.2_f64)).sqrt()).abs() < 1e-12, "{z}");
    }
}
