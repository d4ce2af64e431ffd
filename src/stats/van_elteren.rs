//! The stratified rank-sum test of van Elteren (Bull Int Stat Inst 1960;37:351) with a shift by the same strata.
//!
//! ```text
//! T = Σ over strata h of  (Rₕ − mₕ(Nₕ + 1)/2) / (Nₕ + 1)            Rₕ the rank sum of the active arm within h
//! Var T = Σ mₕ nₕ (Nₕ + 1 − tiesₕ) / (12 (Nₕ + 1)²)                tiesₕ = Σ(t³ − t) / (Nₕ(Nₕ − 1))
//! z = T / √Var T
//! ```
//!
//! The weights 1/(Nₕ + 1) are those of the locally most powerful such test when the shift is the same in every stratum. The shift is the
//! median of the differences active − placebo within strata, each with the weight of its stratum: the Δ for which the test of
//! active − Δ against placebo gives zero (Hodges & Lehmann's, by stratum). Its interval is the shifts that the test without ties does
//! not reject. Values are rounded as for the other rank tests (see [`rounded`]).

use serde::Serialize;

use super::Arm;
use super::distribution::{normal_quantile, normal_two_sided};
use super::ranks::{midranks, rounded};
use super::undefined::Undefined;

/// A stratified rank-sum test.
///
/// ```
/// use platewise::stats::Arm::{Active, Placebo};
/// use platewise::stats::van_elteren::{VanElteren, van_elteren};
///
/// let arm = [Active, Active, Placebo, Placebo, Active, Active, Placebo, Placebo];
/// // The strata lie far apart; within each the active arm is lower by 2.
/// let found: VanElteren =
///     van_elteren(&arm, &[0, 0, 0, 0, 1, 1, 1, 1], &[1.0, 2.0, 3.0, 4.0, 51.0, 52.0, 53.0, 54.0], 0.9)?;
/// assert_eq!((found.strata, found.shift), (2, -2.0));
/// assert!(found.z < -2.0 && found.p < 0.05);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VanElteren {
    /// Number of values in the active arm.
    pub n_active: usize,
    /// Number of values in the placebo arm.
    pub n_placebo: usize,
    /// Strata that hold both arms.
    pub strata: usize,
    /// Values in strata of one arm only, which say nothing of a difference.
    pub n_alone: usize,
    /// The normal statistic.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Hodges & Lehmann's shift by stratum, active − placebo.
    pub shift: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
}

/// Tests whether `response` tends to be larger in one arm within strata; all slices of one length.
///
/// # Errors
/// When no stratum holds both arms, a value is not finite, all values of every stratum are the same, or there are so few values that no
/// shift could be rejected at this level: the interval would have no ends.
pub fn van_elteren(arm: &[Arm], stratum: &[usize], response: &[f64], confidence: f64) -> Result<VanElteren, Undefined> {
    Undefined::unless_finite(response)?;
    let n_active = arm.iter().filter(|&&arm| arm == Arm::Active).count();
    let mut names = stratum.to_vec();
    names.sort_unstable();
    names.dedup();
    let (mut strata, mut n_alone, mut distance, mut variance, mut untied) = (0, 0, 0.0, 0.0, 0.0);
    let mut differences: Vec<(f64, f64)> = Vec::new();
    for name in names {
        let of = |wanted: Arm| -> Vec<f64> {
            let rows = arm.iter().zip(stratum).zip(response);
            let rows = rows.filter(|((arm, stratum), _)| **arm == wanted && **stratum == name);
            rows.map(|(_, value)| rounded(*value)).collect()
        };
        let (active, placebo) = (of(Arm::Active), of(Arm::Placebo));
        if active.is_empty() || placebo.is_empty() {
            n_alone += active.len() + placebo.len();
            continue;
        }
        strata += 1;
        let (m, n) = (active.len() as f64, placebo.len() as f64);
        let total = m + n;
        let weight = 1.0 / (total + 1.0);
        let ranks = midranks(&[active.as_slice(), &placebo].concat());
        let sum: f64 = ranks.doubled[..active.len()].iter().map(|&rank| f64::from(rank) / 2.0).sum();
        distance += weight * (sum - m * (total + 1.0) / 2.0);
        let spread = weight * weight * m * n / 12.0;
        variance += spread * (total + 1.0 - ranks.tie_sum() / (total * (total - 1.0)));
        untied += spread * (total + 1.0);
        differences.extend(active.iter().flat_map(|a| placebo.iter().map(move |b| (a - b, weight))));
    }
    if strata == 0 {
        return Err(Undefined::Because("no stratum holds participants of both arms".into()));
    }
    if variance <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    let z = distance / variance.sqrt();
    differences.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = differences.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let reach = normal_quantile(0.5 + confidence / 2.0) * untied.sqrt();
    if half <= reach {
        let why = format!("too few in the strata: a {} % interval of the shift has no ends", 100.0 * confidence);
        return Err(Undefined::Because(why));
    }
    let limits = (at(&differences, half - reach), at_from_above(&differences, half - reach));
    let shift = 0.5 * (at(&differences, half) + at_from_above(&differences, half));
    let n_placebo = arm.len() - n_active;
    let (ci_low, ci_high) = limits;
    Ok(VanElteren { n_active, n_placebo, strata, n_alone, z, p: normal_two_sided(z), shift, ci_low, ci_high })
}

/// The first difference up to which the weights reach `weight`, but for rounding.
fn at(sorted: &[(f64, f64)], weight: f64) -> f64 {
    reached(sorted.iter(), weight)
}

/// The same from the largest down.
fn at_from_above(sorted: &[(f64, f64)], weight: f64) -> f64 {
    reached(sorted.iter().rev(), weight)
}

fn reached<'a>(differences: impl Iterator<Item = &'a (f64, f64)>, weight: f64) -> f64 {
    let (mut sum, mut last) = (0.0, f64::NAN);
    for (difference, own) in differences {
        (sum, last) = (sum + own, *difference);
        if sum * (1.0 + 64.0 * f64::EPSILON) >= weight {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mann_whitney::{MannWhitneyMethod, mann_whitney};

    const ACTIVE: [&[f64]; 2] = [&[3.0, 5.0, 5.0, 9.0], &[1.0, 4.0, 6.0, 7.0, 8.0, 8.5]];
    const PLACEBO: [&[f64]; 2] = [&[1.0, 2.0, 5.0, 4.0, 0.5], &[2.0, 3.0, 1.0, 0.0, 5.0, 4.0, 2.5]];

    fn test(strata: &[usize], confidence: f64) -> Result<VanElteren, Undefined> {
        let (mut arm, mut stratum, mut response) = (Vec::new(), Vec::new(), Vec::new());
        for &name in strata {
            for (own, values) in [(Arm::Active, ACTIVE[name]), (Arm::Placebo, PLACEBO[name])] {
                arm.extend(values.iter().map(|_| own));
                stratum.extend(values.iter().map(|_| name));
                response.extend(values);
            }
        }
        van_elteren(&arm, &stratum, &response, confidence)
    }

    /// Mann and Whitney's U of a stratum, less its mean, and its variance, from their z.
    fn of_stratum(name: usize) -> (f64, f64, f64) {
        let (m, n) = (ACTIVE[name].len() as f64, PLACEBO[name].len() as f64);
        let one = mann_whitney(ACTIVE[name], PLACEBO[name], MannWhitneyMethod::Normal { continuity: false }).unwrap();
        let distance = one.u_active - m * n / 2.0;
        (1.0 / (m + n + 1.0), distance, (distance / one.z.unwrap()).powi(2))
    }

    #[test]
    fn strata_count_by_one_over_their_size_and_one() {
        let one = test(&[0], 0.9).unwrap();
        let (_, distance, variance) = of_stratum(0);
        assert!(
            (one.z - distance / variance.sqrt()).abs() < 1e-12,
            "one stratum is the test of Mann and Whitney: {one:?}"
        );
        let both = test(&[0, 1], 0.9).unwrap();
        let parts = [of_stratum(0), of_stratum(1)];
        let distance: f64 = parts.iter().map(|(weight, distance, _)| weight * distance).sum();
        let variance: f64 = parts.iter().map(|(weight, _, variance)| weight * weight * variance).sum();
        assert!((both.z - distance / variance.sqrt()).abs() < 1e-12, "{both:?}");
        assert_eq!((both.n_active, both.n_placebo, both.strata, both.n_alone), (10, 12, 2, 0));
    }

    /// Of one stratum the limits are ordered differences: 42 pairs, and 21 − 1.644854 √(42 · 14 / 12) = 9.49, so that the tenth from both
    /// ends are the first that reach it.
    #[test]
    fn limits_are_differences_as_far_in_as_the_variance_reaches() {
        let found = test(&[1], 0.9).unwrap();
        let mut differences: Vec<f64> = ACTIVE[1].iter().flat_map(|a| PLACEBO[1].iter().map(move |b| a - b)).collect();
        differences.sort_by(f64::total_cmp);
        assert_eq!((found.ci_low, found.ci_high), (differences[9], differences[32]));
        assert_eq!(found.shift, 0.5 * (differences[20] + differences[21]));
    }

    /// A stratum of one arm says nothing; two against two have no interval at 95 %.
    #[test]
    fn what_has_no_comparison_is_left_out() {
        let arm = [Arm::Active, Arm::Active, Arm::Placebo, Arm::Placebo, Arm::Active];
        let found = van_elteren(&arm, &[0, 0, 0, 0, 7], &[1.0, 2.0, 3.0, 4.0, 5.0], 0.5).unwrap();
        assert_eq!((found.strata, found.n_alone, found.n_active), (1, 1, 3));
        assert!(van_elteren(&arm, &[0, 0, 0, 0, 7], &[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).is_err());
        assert!(van_elteren(&arm[..4], &[0, 1, 2, 3], &[1.0; 4], 0.5).is_err());
        assert_eq!(van_elteren(&arm[..4], &[0; 4], &[1.0; 4], 0.5).err(), Some(Undefined::ZeroVariance));
    }
}
