//! Fisher's exact test: the table given its margins.
//!
//! Given both margins, the number X of responders in the active arm has the noncentral hypergeometric distribution
//!
//! ```text
//! P(X = x) ∝ C(n₁, x) C(n₂, s − x) ψˣ,    s responders in all, ψ the odds ratio
//! ```
//!
//! Tests are at ψ = 1. The conditional estimate solves E(X) = x; its exact limits put x at the α/2 points (Cornfield,
//! Proc 3rd Berkeley Symp 1956;4:135). R's
//! `fisher.test` solves these to four digits only.

use serde::Serialize;

use super::super::root::root;
use super::super::undefined::Undefined;
use super::{Counts, ExtendedNumber};

/// Tables whose probability exceeds the observed one by less than this share count as equally likely (as in R).
const SLACK: f64 = 1e-7;

/// Fisher's exact tests.
///
/// The lady who tastes tea (Fisher, *The Design of Experiments*, 1935): 17 of 70 tables have three or four right.
///
/// ```
/// use platewise::stats::proportions::{Counts, Fisher};
/// use platewise::stats::two_proportions;
///
/// let cups = Counts { x_active: 3, n_active: 4, x_placebo: 1, n_placebo: 4 };
/// let fisher: Fisher = two_proportions(cups, 0.95)?.fisher;
/// assert!((fisher.fisher_greater - 17.0 / 70.0).abs() < 1e-12);
/// assert!((fisher.fisher_two_sided - 34.0 / 70.0).abs() < 1e-12);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fisher {
    /// Sum of the tables that are no more likely than the observed one.
    pub fisher_two_sided: f64,
    /// P(X ≥ x).
    pub fisher_greater: f64,
    /// P(X ≤ x).
    pub fisher_less: f64,
    /// Twice the smaller of the two.
    pub fisher_double_smaller_tail: f64,
    /// Twice the smaller mid-p, in which the observed table counts half.
    pub fisher_midp_double: f64,
    /// Conditional maximum likelihood estimate of the odds ratio.
    pub odds_ratio_conditional_mle: ExtendedNumber,
    /// Its exact lower limit.
    pub or_cond_ci_low: ExtendedNumber,
    /// Its exact upper limit.
    pub or_cond_ci_high: ExtendedNumber,
}

impl Fisher {
    pub(super) fn of(counts: Counts, confidence: f64) -> Result<Self, Undefined> {
        let support = Support::of(counts);
        let x = (counts.x_active - support.smallest) as usize;
        let last = support.log_weights.len() - 1;
        let null = support.probabilities(0.0);
        let observed = null[x];
        let (less, greater) = (sum(&null[..=x]), sum(&null[x..]));
        let two_sided: f64 = null.iter().filter(|&&p| p <= observed * (1.0 + SLACK)).sum();
        let tail = (1.0 - confidence) / 2.0;
        let upper_tail = |psi: f64| Ok(sum(&support.probabilities(psi)[x..]) - tail);
        let lower_tail = |psi: f64| Ok(tail - sum(&support.probabilities(psi)[..=x]));
        let mean = |psi: f64| {
            let p = support.probabilities(psi);
            Ok(p.iter().enumerate().map(|(i, p)| i as f64 * p).sum::<f64>() - x as f64)
        };
        Ok(Self {
            fisher_two_sided: two_sided.min(1.0),
            fisher_greater: greater,
            fisher_less: less,
            fisher_double_smaller_tail: (2.0 * less.min(greater)).min(1.0),
            fisher_midp_double: (2.0 * (less.min(greater) - 0.5 * observed)).min(1.0),
            odds_ratio_conditional_mle: ExtendedNumber(Some(match x {
                0 => 0.0,
                _ if x == last => f64::INFINITY,
                _ => odds_ratio(mean)?,
            })),
            or_cond_ci_low: ExtendedNumber(Some(if x == 0 { 0.0 } else { odds_ratio(upper_tail)? })),
            or_cond_ci_high: ExtendedNumber(Some(if x == last { f64::INFINITY } else { odds_ratio(lower_tail)? })),
        })
    }
}

/// The odds ratio at which a function that rises with its logarithm is zero.
fn odds_ratio(f: impl Fn(f64) -> Result<f64, Undefined>) -> Result<f64, Undefined> {
    let (mut low, mut high) = (-2.0, 2.0);
    while f(low)? > 0.0 {
        low *= 2.0;
    }
    while f(high)? < 0.0 {
        high *= 2.0;
    }
    root(low, high, f).map(libm::exp)
}

/// The values that X may take given the margins, with the logarithms of `C(n₁, x) C(n₂, s − x)` up to a constant.
pub(super) struct Support {
    /// The smallest value.
    pub(super) smallest: u32,
    /// The weights of the values from there on.
    pub(super) log_weights: Vec<f64>,
}

impl Support {
    pub(super) fn of(counts: Counts) -> Self {
        let responders = counts.x_active + counts.x_placebo;
        let smallest = responders.saturating_sub(counts.n_placebo);
        let largest = responders.min(counts.n_active);
        let (n1, n2, s) = (f64::from(counts.n_active), f64::from(counts.n_placebo), f64::from(responders));
        let mut log_weights = vec![0.0];
        let mut log = 0.0;
        for x in smallest..largest {
            let x = f64::from(x);
            log += libm::log((n1 - x) * (s - x) / ((x + 1.0) * (n2 - s + x + 1.0)));
            log_weights.push(log);
        }
        Self { smallest, log_weights }
    }

    /// The probabilities at an odds ratio given by its logarithm.
    pub(super) fn probabilities(&self, ln_psi: f64) -> Vec<f64> {
        let logs: Vec<f64> = self.log_weights.iter().enumerate().map(|(i, log)| log + i as f64 * ln_psi).collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|log| libm::exp(log - largest)).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / total).collect()
    }
}

fn sum(probabilities: &[f64]) -> f64 {
    probabilities.iter().sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R's limits for tables with an empty cell are off by up to 4e-5; ours solve the equations that define them.
    #[test]
    fn exact_limits_put_the_observed_table_at_the_tails() {
        for (x_active, n_active, x_placebo, n_placebo) in
            [(3, 5, 0, 4), (10, 59, 0, 55), (4, 12, 11, 11), (14, 59, 4, 55)]
        {
            let counts = Counts { x_active, n_active, x_placebo, n_placebo };
            let found = Fisher::of(counts, 0.95).unwrap();
            let support = Support::of(counts);
            let x = (x_active - support.smallest) as usize;
            let low = found.or_cond_ci_low.0.unwrap();
            if low > 0.0 {
                let upper_tail: f64 = support.probabilities(low.ln())[x..].iter().sum();
                assert!((upper_tail - 0.025).abs() < 1e-13, "{counts:?}: {upper_tail}");
            }
            let high = found.or_cond_ci_high.0.unwrap();
            if high.is_finite() {
                let lower_tail: f64 = support.probabilities(high.ln())[..=x].iter().sum();
                assert!((lower_tail - 0.025).abs() < 1e-13, "{counts:?}: {lower_tail}");
            }
        }
        // 10ψ³ / (10ψ³ + 40ψ² + 30ψ + 4) = 0.025, solved in rational arithmetic.
        let counts = Counts { x_active: 3, n_active: 5, x_placebo: 0, n_placebo: 4 };
        let low = Fisher::of(counts, 0.95).unwrap().or_cond_ci_low.0.unwrap();
        assert!((low - 0.377_919_559_165_573_6).abs() < 1e-14);
    }

    /// The lady who tastes tea: of 70 tables 1, 16, 36, 16 and 1 have 0 to 4 right.
    #[test]
    fn the_lady_who_tastes_tea() {
        let found = Fisher::of(Counts { x_active: 3, n_active: 4, x_placebo: 1, n_placebo: 4 }, 0.95).unwrap();
        let near = |found: f64, seventieths: f64| assert!((found - seventieths / 70.0).abs() < 1e-12, "{found}");
        near(found.fisher_greater, 17.0);
        near(found.fisher_less, 69.0);
        near(found.fisher_two_sided, 34.0);
        near(found.fisher_double_smaller_tail, 34.0);
        near(found.fisher_midp_double, 18.0);
    }
}
