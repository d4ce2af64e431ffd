//! Ranks with ties shared evenly (midranks), and the exact null distributions of sums of ranks.
//!
//! Midranks are halves of whole numbers, so ranks are kept doubled, as integers, and sums of ranks compare exactly.

/// Decimals to which differences are rounded before they are ranked. `6172.2 − 1867.5` and `4305.7 − 1` are the same change,
/// but not the same binary number; without rounding such ties break at random (R does that).
pub const RANK_DECIMALS: usize = 10;

/// `value` rounded to [`RANK_DECIMALS`] decimals, correctly from its exact binary value.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.RANK_DECIMALS$}").parse().unwrap_or(value)
}

/// Ranks of a sample.
///
/// ```
/// use platewise::stats::ranks::{Midranks, midranks};
///
/// let ranks: Midranks = midranks(&[10.0, 30.0, 20.0, 20.0]);
/// assert_eq!(ranks.doubled, [2, 8, 5, 5]); // twice 1, 4, 2½, 2½
/// assert_eq!((ranks.ties.as_slice(), ranks.tie_sum()), (&[2][..], 6.0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Midranks {
    /// Twice the midrank of each value, in the order of the values.
    pub doubled: Vec<u32>,
    /// How often each value that occurs more than once occurs.
    pub ties: Vec<usize>,
}

/// Ranks `values` from the smallest, 1, to the largest; equal ones share the mean of their ranks.
pub fn midranks(values: &[f64]) -> Midranks {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut doubled = vec![0; values.len()];
    let mut ties = Vec::new();
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        // Ranks i+1 … i+k have the mean i + (k + 1)/2.
        let before = order.partition_point(|&at| values[at] < values[group[0]]);
        for &at in group {
            doubled[at] = (2 * before + group.len() + 1) as u32;
        }
        if group.len() > 1 {
            ties.push(group.len());
        }
    }
    Midranks { doubled, ties }
}

impl Midranks {
    /// `Σ(t³ − t)` over the groups of ties, as corrections of variances use it.
    pub fn tie_sum(&self) -> f64 {
        self.ties.iter().map(|&t| (t as f64).powi(3) - t as f64).sum()
    }
}

/// The probabilities of the values 0, 1, 2, … of a discrete statistic.
///
/// ```
/// use platewise::stats::ranks::{NullDistribution, rank_sum_null};
///
/// // The rank sum of two of four, above its minimum: 0, 1, 2 (twice), 3, 4.
/// let null: NullDistribution = rank_sum_null(2, 2);
/// assert!((null.lower(0) - 1.0 / 6.0).abs() < 1e-15 && (null.upper(2) - 4.0 / 6.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NullDistribution {
    probabilities: Vec<f64>,
}

impl NullDistribution {
    /// Of the sum of those `scores` whose sign is positive when each sign is a fair coin: the signed-rank statistic.
    pub fn of_signs(scores: &[u32]) -> Self {
        let total: usize = scores.iter().map(|&score| score as usize).sum();
        let mut probabilities = vec![0.0; total + 1];
        probabilities[0] = 1.0;
        let mut largest = 0;
        for &score in scores {
            let score = score as usize;
            largest += score;
            for sum in (0..=largest).rev() {
                let with = if sum >= score { probabilities[sum - score] } else { 0.0 };
                probabilities[sum] = 0.5 * (probabilities[sum] + with);
            }
        }
        Self { probabilities }
    }

    /// Of the sum of `chosen` of the `scores` when every choice is equally likely: the rank-sum statistic.
    ///
    /// The scores are taken one after the other; what is kept is the probability of each number and sum of those chosen so far.
    pub fn of_choice(scores: &[u32], chosen: usize) -> Self {
        let total: usize = scores.iter().map(|&score| score as usize).sum();
        let mut table = vec![vec![0.0; total + 1]; chosen + 1];
        table[0][0] = 1.0;
        let n = scores.len();
        let mut largest = 0;
        for (seen, &score) in scores.iter().enumerate() {
            let score = score as usize;
            largest += score;
            // With k already chosen of the seen, the next is chosen with probability (chosen − k) / (n − seen). Fewer than
            // chosen − (n − seen) cannot have been chosen: the rest would not suffice.
            for k in (chosen.saturating_sub(n - seen)..=chosen.min(seen)).rev() {
                let take = (chosen - k) as f64 / (n - seen) as f64;
                let (low, high) = table.split_at_mut(k + 1);
                let here = &mut low[k];
                if let Some(next) = high.first_mut() {
                    for (to, &from) in next[score..=largest].iter_mut().zip(&here[..=largest - score]) {
                        *to += take * from;
                    }
                }
                here[..=largest].iter_mut().for_each(|value| *value *= 1.0 - take);
            }
        }
        Self { probabilities: table.pop().unwrap_or_default() }
    }

    /// `P(S ≤ s)`.
    pub fn lower(&self, s: usize) -> f64 {
        self.probabilities.iter().take(s + 1).sum::<f64>().min(1.0)
    }

    /// `P(S ≥ s)`.
    pub fn upper(&self, s: usize) -> f64 {
        self.probabilities.iter().skip(s).rev().sum::<f64>().min(1.0)
    }

    /// `P(|S − centre| ≥ |s − centre|)`, with twice the centre given, so that it may be a half.
    pub fn as_far(&self, s: usize, doubled_centre: usize) -> f64 {
        let distance = |value: usize| (2 * value).abs_diff(doubled_centre);
        self.sum_where(|value| distance(value) >= distance(s))
    }

    /// The probability of the values that `counts` accepts.
    pub fn sum_where(&self, counts: impl Fn(usize) -> bool) -> f64 {
        self.probabilities.iter().enumerate().filter(|(value, _)| counts(*value)).map(|(_, p)| p).sum::<f64>().min(1.0)
    }

    /// Twice the smaller tail, at most 1.
    pub fn two_sided(&self, s: usize) -> f64 {
        (2.0 * self.lower(s).min(self.upper(s))).min(1.0)
    }

    /// The smallest `s` with `P(S ≤ s) ≥ p`.
    pub fn quantile(&self, p: f64) -> usize {
        let mut sum = 0.0;
        // A probability that is exactly p but for rounding is reached.
        let reached = |probability: &f64| {
            sum += probability;
            sum * (1.0 + 64.0 * f64::EPSILON) >= p
        };
        self.probabilities.iter().position(reached).unwrap_or(self.probabilities.len().saturating_sub(1))
    }
}

/// The signed-rank statistic of `n` untied values.
pub fn signed_rank_null(n: usize) -> NullDistribution {
    let ranks: Vec<u32> = (1..=n as u32).collect();
    NullDistribution::of_signs(&ranks)
}

/// The Mann–Whitney statistic U of untied samples of sizes `m` and `n`: the number of pairs in which the first is larger.
///
/// The numbers of choices with U = 0, 1, 2, … are the coefficients of the Gaussian binomial
///
/// ```text
/// Π over i = 1 … m of (1 − q^(n+i)) / (1 − q^i)
/// ```
///
/// The product is taken factor by factor on the lower half, the other half mirrors it.
pub fn rank_sum_null(m: usize, n: usize) -> NullDistribution {
    let pairs = m * n;
    let mut counts = vec![0.0; pairs / 2 + 1];
    counts[0] = 1.0;
    for i in 1..=m {
        for u in (n + i..counts.len()).rev() {
            counts[u] -= counts[u - n - i];
        }
        for u in i..counts.len() {
            counts[u] += counts[u - i];
        }
    }
    let mirrored = |u: usize| counts[u.min(pairs - u)];
    let total: f64 = (0..=pairs).map(mirrored).sum();
    NullDistribution { probabilities: (0..=pairs).map(|u| mirrored(u) / total).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_ranks() {
        let ranks = midranks(&[3.0, 1.0, 3.0, 2.0]);
        assert_eq!(ranks.doubled, [7, 2, 7, 4]);
        assert_eq!(ranks.ties, [2]);
        assert_eq!(ranks.tie_sum(), 6.0);
    }

    #[test]
    fn small_distributions_are_counted() {
        // n = 3: the sums 0 1 2 3 3 4 5 6 of 8 sign patterns.
        let null = signed_rank_null(3);
        assert_eq!(null.lower(2), 3.0 / 8.0);
        assert_eq!(null.upper(3), 5.0 / 8.0);
        // m = n = 2: U = 0 1 2 2 3 4 of 6 choices.
        let null = rank_sum_null(2, 2);
        assert!((null.lower(1) - 2.0 / 6.0).abs() < 1e-15);
        assert!((null.as_far(0, 4) - 2.0 / 6.0).abs() < 1e-15);
        assert_eq!(null.quantile(0.2), 1);
    }

    #[test]
    fn rounding_makes_equal_changes_equal() {
        assert_ne!(0.3 - 0.1, 0.2);
        assert_eq!(rounded(0.3 - 0.1), rounded(0.2));
    }
}
