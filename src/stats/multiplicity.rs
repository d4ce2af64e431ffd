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
//! none above 1. A missing p-value stays missing and does not count in m.

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
}

/// Adjusts `p`, in its order.
pub fn adjust(p: &[Option<f64>], by: Adjustment) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> = p.iter().enumerate().filter_map(|(at, p)| p.map(|p| (at, p))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let m = order.len();
    let harmonic: f64 = (1..=m).map(|k| 1.0 / k as f64).sum();
    let factor = |i: usize| match by {
        Adjustment::Bonferroni => m as f64,
        Adjustment::Holm | Adjustment::Hochberg => (m - i) as f64,
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
