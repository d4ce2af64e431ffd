//! Adjustment of p-values for testing several hypotheses.
//!
//! With the p-values in ascending order `p₍₁₎ … p₍ₘ₎`:
//!
//! ```text
//! Bonferroni            m p                                      (any dependence, family-wise)
//! Holm                  max over j ≤ i of (m − j + 1) p₍ⱼ₎       (any dependence, family-wise)   Holm, Scand J Stat 1979;6:65
//! Hochberg              min over j ≥ i of (m − j + 1) p₍ⱼ₎       (positive dependence)           Hochberg, Biometrika 1988;75:800
//! Benjamini–Hochberg    min over j ≥ i of (m / j) p₍ⱼ₎           (false discovery rate)          Benjamini & Hochberg, JRSS B 1995;57:289
//! Benjamini–Yekutieli   the same times Σ 1/k                     (any dependence)                Ann Stat 2001;29:1165
//! ```
//!
//! Hierarchical          steps in a declared order; the tests of a step by Holm, and none below     Westfall & Krishen,
//!                       the largest of the steps before                                            J Stat Plan Inference 2001;99:25
//!
//! none above 1. In a hierarchy a missing p-value counts as 1 for the steps after it: what could not be tested was not rejected. A missing p-value stays missing and does not count in m.

use serde::{Deserialize, Serialize};

/// A method of adjustment.
///
/// ```
/// use platewise::stats::multiplicity::{Adjustment, adjust};
///
/// let adjusted = adjust(&[Some(0.01), None, Some(0.04)], Adjustment::Bonferroni);
/// assert_eq!(adjusted, [Some(0.02), None, Some(0.08)]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Adjustment {
    /// Bonferroni.
    Bonferroni,
    /// Holm.
    Holm,
    /// Hochberg.
    Hochberg,
    /// Benjamini–Hochberg.
    Bh,
    /// Benjamini–Yekutieli.
    By,
    /// In a declared order: a test counts only where all before it were significant.
    Hierarchical,
}

/// Adjusts `p`, in its order; in a hierarchy each is a step by itself.
pub fn adjust(p: &[Option<f64>], by: Adjustment) -> Vec<Option<f64>> {
    match by {
        Adjustment::Hierarchical => adjust_in_steps(p, &(0..p.len()).collect::<Vec<_>>()),
        by => adjust_together(p, by),
    }
}

/// Adjusts `p` in a hierarchy, where `steps` has the step of each: those of one step are adjusted by Holm, and are as large at least as
/// all of the steps before.
///
/// ```
/// use platewise::stats::multiplicity::adjust_in_steps;
///
/// let one_after_the_other = adjust_in_steps(&[Some(0.01), Some(0.04), Some(0.02)], &[0, 1, 2]);
/// assert_eq!(one_after_the_other, [Some(0.01), Some(0.04), Some(0.04)]);
/// let two_first = adjust_in_steps(&[Some(0.01), Some(0.03), Some(0.001)], &[0, 0, 1]);
/// assert_eq!(two_first, [Some(0.02), Some(0.03), Some(0.03)]);
/// ```
pub fn adjust_in_steps(p: &[Option<f64>], steps: &[usize]) -> Vec<Option<f64>> {
    let mut order: Vec<usize> = steps.to_vec();
    order.sort_unstable();
    order.dedup();
    let mut adjusted = vec![None; p.len()];
    let mut least: f64 = 0.0;
    for step in order {
        let members: Vec<usize> = (0..p.len().min(steps.len())).filter(|&at| steps[at] == step).collect();
        let of_step: Vec<Option<f64>> = members.iter().map(|&at| p[at]).collect();
        let by_holm = adjust_together(&of_step, Adjustment::Holm);
        for (&at, p) in members.iter().zip(&by_holm) {
            adjusted[at] = p.map(|p| p.max(least));
        }
        least = by_holm.iter().map(|p| p.unwrap_or(1.0)).fold(least, f64::max);
    }
    adjusted
}

fn adjust_together(p: &[Option<f64>], by: Adjustment) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> = p.iter().enumerate().filter_map(|(at, p)| p.map(|p| (at, p))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let m = order.len();
    let harmonic: f64 = (1..=m).map(|k| 1.0 / k as f64).sum();
    let factor = |i: usize| match by {
        Adjustment::Bonferroni => m as f64,
        Adjustment::Holm | Adjustment::Hochberg | Adjustment::Hierarchical => (m - i) as f64,
        Adjustment::Bh => m as f64 / (i + 1) as f64,
        Adjustment::By => harmonic * m as f64 / (i + 1) as f64,
    };
    let scaled: Vec<f64> = order.iter().enumerate().map(|(i, (_, p))| factor(i) * p).collect();
    let mut adjusted = vec![None; p.len()];
    for (i, &(at, _)) in order.iter().enumerate() {
        let value = match by {
            Adjustment::Bonferroni => scaled[i],
            Adjustment::Holm => scaled[..=i].iter().copied().fold(0.0, f64::max),
            _ => scaled[i..].iter().copied().fold(f64::INFINITY, f64::min),
        };
        adjusted[at] = Some(value.min(1.0));
    }
    adjusted
}
