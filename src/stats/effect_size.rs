//! Standardised differences of two means.
//!
//! ```text
//! d = (mean active − mean placebo) / pooled sd        Hedges' g = J d
//! J = Γ(ν/2) / (√(ν/2) Γ((ν − 1)/2)) ≈ 1 − 3/(4ν − 1),   ν = m + n − 2
//! se(g) = √( 1/m + 1/n + g²/(2(m + n)) )              Glass' Δ = difference / sd of the placebo arm
//! ```
//!
//! Hedges & Olkin, Statistical Methods for Meta-Analysis, 1985. The limits of d are the noncentralities that put the observed t at
//! the α/2 points (Steiger & Fouladi 1997).

use serde::Serialize;

use super::moments::Moments;
use super::noncentral_t::noncentrality;
use super::two_sample_t::student_t;
use super::undefined::Undefined;

/// Effect sizes of a difference.
///
/// ```
/// use platewise::stats::{EffectSize, effect_size};
///
/// // Two units of a standard deviation of one; the factor for four degrees of freedom is Γ(2) / (√2 Γ(3/2)) = √(2/π).
/// let found: EffectSize = effect_size(&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0], 0.95)?;
/// assert!((found.cohen_d - 2.0).abs() < 1e-12);
/// assert!((found.hedges_g_exact - 2.0 * std::f64::consts::FRAC_2_PI.sqrt()).abs() < 1e-12);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectSize {
    /// Cohen's d with the pooled standard deviation.
    pub cohen_d: f64,
    /// The pooled standard deviation.
    pub sd_pooled: f64,
    /// The small-sample factor, exact.
    pub j_exact: f64,
    /// The small-sample factor as it is often approximated.
    pub j_approx: f64,
    /// Hedges' g with the exact factor.
    pub hedges_g_exact: f64,
    /// Hedges' g with the approximate factor.
    pub hedges_g_approx: f64,
    /// Glass' Δ; `None` when the placebo arm does not vary.
    pub glass_delta_placebo: Option<f64>,
    /// Standard error of g.
    pub se_g: f64,
    /// Lower limit of d.
    pub d_ci_low_nct: f64,
    /// Upper limit of d.
    pub d_ci_high_nct: f64,
}

/// Effect sizes of `active` against `placebo`.
///
/// # Errors
/// With fewer than two values in an arm, or when nothing varies.
pub fn effect_size(active: &[f64], placebo: &[f64], confidence: f64) -> Result<EffectSize, Undefined> {
    Undefined::unless_enough("values in the active arm", active.len(), 2)?;
    Undefined::unless_enough("values in the placebo arm", placebo.len(), 2)?;
    let test = student_t(active, placebo, confidence)?;
    let Some(t) = test.inference.t else { return Err(Undefined::ZeroVariance) };
    let (m, n, df) = (active.len() as f64, placebo.len() as f64, test.inference.df);
    let per_unit = (1.0 / m + 1.0 / n).sqrt();
    let sd_pooled = test.se / per_unit;
    let cohen_d = test.diff / sd_pooled;
    let j_exact = libm::exp(libm::lgamma(df / 2.0) - libm::lgamma((df - 1.0) / 2.0)) / (df / 2.0).sqrt();
    let j_approx = 1.0 - 3.0 / (4.0 * df - 1.0);
    let g = j_exact * cohen_d;
    let sd_placebo = Moments::of(placebo)?.sd.filter(|&sd| sd > 10.0 * f64::EPSILON * test.mean_placebo.abs());
    let tail = (1.0 - confidence) / 2.0;
    Ok(EffectSize {
        cohen_d,
        sd_pooled,
        j_exact,
        j_approx,
        hedges_g_exact: g,
        hedges_g_approx: j_approx * cohen_d,
        glass_delta_placebo: sd_placebo.map(|sd| test.diff / sd),
        se_g: (per_unit * per_unit + g * g / (2.0 * (m + n))).sqrt(),
        d_ci_low_nct: noncentrality(t, df, 1.0 - tail)? * per_unit,
        d_ci_high_nct: noncentrality(t, df, tail)? * per_unit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::noncentral_t::noncentral_t_cdf;

    /// Means 4 and 2.5, sums of squares 2 and 5: the pooled variance is 7/5, ν = 5. The exact factor is Γ(5/2) / (√(5/2) Γ(2)) =
    /// (3/4)√π / √(5/2), the approximation 1 − 3/19.
    #[test]
    fn sizes_of_unequal_arms_follow_their_equations() {
        let found = effect_size(&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0, 4.0], 0.9).unwrap();
        let near = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        let d = 1.5 / 1.4_f64.sqrt();
        let exact = 0.75 * std::f64::consts::PI.sqrt() / 2.5_f64.sqrt();
        near(found.sd_pooled, 1.4_f64.sqrt());
        near(found.cohen_d, d);
        near(found.j_exact, exact);
        near(found.j_approx, 16.0 / 19.0);
        near(found.hedges_g_exact, exact * d);
        near(found.hedges_g_approx, 16.0 / 19.0 * d);
        near(found.glass_delta_placebo.unwrap(), 1.5 / (5.0_f64 / 3.0).sqrt());
        near(found.se_g, (1.0 / 3.0 + 0.25 + (exact * d).powi(2) / 14.0).sqrt());
        // The limits put the observed t, d √(3·4/7), at the 95 % and the 5 % point.
        let per_unit = (7.0_f64 / 12.0).sqrt();
        for (limit, p) in [(found.d_ci_low_nct, 0.95), (found.d_ci_high_nct, 0.05)] {
            let reached = noncentral_t_cdf(d / per_unit, 5.0, limit / per_unit).unwrap();
            assert!((reached - p).abs() < 1e-9, "{limit}: {reached}");
        }
        assert_eq!(effect_size(&[1.0, 2.0], &[3.0, 3.0], 0.9).unwrap().glass_delta_placebo, None);
        assert_eq!(effect_size(&[2.0, 2.0], &[3.0, 3.0], 0.9), Err(Undefined::ZeroVariance));
    }
}
