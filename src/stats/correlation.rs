//! How two measurements go together: Pearson's and Spearman's correlation, and the correlation within subjects over repeated visits.
//!
//! ```text
//! Pearson     r = Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² Σ(y − ȳ)²)
//! Spearman    the same of the midranks
//! within      the same of x − x̄ᵢ and y − ȳᵢ, the means of a subject taken off
//! ```
//!
//! Intervals by Fisher's z = artanh r with the standard error `1/√(df − 1)`, df the residual degrees of freedom: n − 2 of n pairs; of N
//! pairs in S subjects N − S − 1 within (Bland & Altman, BMJ 1995;310:446; Bakdash & Marusich, Front Psychol 2017;8:456). Spearman's z has
//! `√((1 + r²/2)/(n − 3))` (Bonett & Wright, Psychometrika 2000;65:23). Tests by `t = r √(df / (1 − r²))`.

use serde::Serialize;

use super::distribution::{normal_quantile, t_two_sided};
use super::ranks::{midranks, rounded};
use super::undefined::Undefined;

/// A correlation with its interval and test.
///
/// ```
/// use platewise::stats::correlation::{Correlation, pearson, spearman, within_subjects};
///
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1.1, 3.9, 9.2, 15.8, 25.1]);
/// let straight: Correlation = pearson(&x, &y, 0.95)?;
/// assert!((straight.r - 0.980_115).abs() < 1e-6 && straight.df == 3.0);
/// // Only the order counts.
/// assert!((spearman(&x, &y, 0.95)?.r - 1.0).abs() < 1e-12);
/// // Each of two subjects rises, though who has more of the one has less of the other.
/// let (x, y) = ([1.0, 2.0, 3.0, 11.0, 12.0, 13.0], [21.0, 22.1, 22.9, 1.0, 2.1, 2.9]);
/// let within = within_subjects(&[0, 0, 0, 1, 1, 1], &x, &y, 0.95)?;
/// assert!(within.r > 0.99 && within.df == 3.0 && pearson(&x, &y, 0.95)?.r < -0.9);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Correlation {
    /// Pairs.
    pub n: usize,
    /// The correlation.
    pub r: f64,
    /// Residual degrees of freedom.
    pub df: f64,
    /// Lower limit; `None` where there are too few pairs for an interval.
    pub ci_low: Option<f64>,
    /// Upper limit.
    pub ci_high: Option<f64>,
    /// Two-sided p-value.
    pub p: f64,
}

/// Pearson's correlation of pairs.
///
/// # Errors
/// With fewer than three pairs, values that are not finite, or without variance.
pub fn pearson(x: &[f64], y: &[f64], confidence: f64) -> Result<Correlation, Undefined> {
    Undefined::unless_enough("pairs", x.len().min(y.len()), 3)?;
    let df = x.len() as f64 - 2.0;
    of(&centred(x)?, &centred(y)?, df, 1.0 / (df - 1.0).sqrt(), confidence)
}

/// Spearman's correlation of pairs.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(x: &[f64], y: &[f64], confidence: f64) -> Result<Correlation, Undefined> {
    Undefined::unless_enough("pairs", x.len().min(y.len()), 3)?;
    Undefined::unless_finite(x).and_then(|()| Undefined::unless_finite(y))?;
    let ranks = |values: &[f64]| {
        let values: Vec<f64> = values.iter().map(|&value| rounded(value)).collect();
        centred(&midranks(&values).doubled.iter().map(|&rank| f64::from(rank)).collect::<Vec<_>>())
    };
    let (x, y) = (ranks(x)?, ranks(y)?);
    let r = correlation(&x, &y)?;
    let df = x.len() as f64 - 2.0;
    of(&x, &y, df, ((1.0 + 0.5 * r * r) / (df - 1.0)).sqrt(), confidence)
}

/// The correlation within subjects: of several pairs each, `subjects` says whose they are.
///
/// # Errors
/// As [`pearson`]; subjects with one pair say nothing.
pub fn within_subjects(subjects: &[usize], x: &[f64], y: &[f64], confidence: f64) -> Result<Correlation, Undefined> {
    Undefined::unless_finite(x).and_then(|()| Undefined::unless_finite(y))?;
    let mut by_subject: std::collections::BTreeMap<usize, Vec<(f64, f64)>> = std::collections::BTreeMap::new();
    for ((&subject, &x), &y) in subjects.iter().zip(x).zip(y) {
        by_subject.entry(subject).or_default().push((x, y));
    }
    let (mut own_x, mut own_y, mut repeated) = (Vec::new(), Vec::new(), 0);
    for pairs in by_subject.values().filter(|pairs| pairs.len() > 1) {
        repeated += 1;
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        own_x.extend(centred(&x)?);
        own_y.extend(centred(&y)?);
    }
    Undefined::unless_enough("pairs of subjects who have several", own_x.len(), repeated + 2)?;
    let df = (own_x.len() - repeated - 1) as f64;
    of(&own_x, &own_y, df, 1.0 / (df - 1.0).sqrt(), confidence)
}

/// Values less their mean. The first is taken off before, so that equal values are exactly 0 apart, whatever the rounding of their mean.
fn centred(values: &[f64]) -> Result<Vec<f64>, Undefined> {
    Undefined::unless_finite(values)?;
    let first = values.first().copied().unwrap_or_default();
    let mean = values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64;
    Ok(values.iter().map(|value| value - first - mean).collect())
}

/// Of values without mean.
fn correlation(x: &[f64], y: &[f64]) -> Result<f64, Undefined> {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (xx, yy) = (product(x, x), product(y, y));
    if !(xx > 0.0 && yy > 0.0) {
        return Err(Undefined::ZeroVariance);
    }
    Ok((product(x, y) / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

fn of(x: &[f64], y: &[f64], df: f64, se: f64, confidence: f64) -> Result<Correlation, Undefined> {
    let r = correlation(x, y)?;
    let p = if r.abs() < 1.0 { t_two_sided(r * (df / (1.0 - r * r)).sqrt(), df)? } else { 0.0 };
    let half = normal_quantile(0.5 + confidence / 2.0) * se;
    let limit = |shift: f64| (df > 1.0 && r.abs() < 1.0).then(|| libm::tanh(libm::atanh(r) + shift));
    Ok(Correlation { n: x.len(), r, df, ci_low: limit(-half), ci_high: limit(half), p })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three times 0.1 has a mean that is not 0.1.
    #[test]
    fn values_that_are_all_the_same_have_no_correlation() {
        let (same, other) = ([0.1; 3], [1.0, 2.0, 4.0]);
        for found in [
            pearson(&same, &other, 0.95),
            pearson(&other, &same, 0.95),
            spearman(&same, &other, 0.95),
            within_subjects(&[0, 0, 0, 1, 1], &[0.1, 0.1, 0.1, 0.7, 0.7], &[1.0, 2.0, 4.0, 1.0, 3.0], 0.95),
        ] {
            assert!(matches!(found, Err(Undefined::ZeroVariance)), "{found:?}");
        }
    }

    /// r of (1, 2, 3, 4, 5) with (2, 1, 4, 3, 5) is 8/10; Fisher's z is atanh 0.8 ± 1.644854 / √2, and t = 0.8 √(3 / 0.36).
    #[test]
    fn limits_are_those_of_fishers_z() {
        let found = pearson(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 3.0, 5.0], 0.9).unwrap();
        let half = 1.644_853_626_951_5 / 2.0_f64.sqrt();
        let limit = |shift: f64| (0.8_f64.atanh() + shift).tanh();
        assert!((found.r - 0.8).abs() < 1e-12 && found.df == 3.0, "{found:?}");
        assert!(
            (found.ci_low.unwrap() - limit(-half)).abs() < 1e-9 && (found.ci_high.unwrap() - limit(half)).abs() < 1e-9
        );
        assert!((found.p - t_two_sided(0.8 * (3.0 / 0.36_f64).sqrt(), 3.0).unwrap()).abs() < 1e-12);
    }
}
