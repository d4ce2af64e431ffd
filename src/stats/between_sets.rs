//! What sets of values that should agree differ by, beyond what the values within them explain: the component between the sets of a
//! nested layout.
//!
//! ```text
//! s_b² = (MS_b − MS_w) / n₀        MS_b = Σ_g Σ_s n_s (x̄_s − x̄_g)² / Σ_g (k_g − 1)
//!                                   MS_w = Σ_s Σ_i (xᵢ − x̄_s)² / Σ_s (n_s − 1)
//! n₀ = Σ_g (N_g − Σ_s n_s² / N_g) / Σ_g (k_g − 1)
//!
//! several levels l   s_b² = Σ_l s_bl² / V_l / Σ_l 1 / V_l      V_l = 2 (s_b² + MS_wl/n₀)²/df_bl + 2 (MS_wl/n₀)²/df_wl
//!                    df   = 2 s_b⁴ Σ_l 1 / V_l
//! ```
//!
//! Group g has k_g sets, set s has n_s values. Analysis of variance, the groups fixed (Searle, Casella & McCulloch, *Variance
//! Components* (1992), sections 3.6 and 5.3); in balanced data with a positive component these are the estimates of REML. Levels of
//! different noise within sets are weighted by the variance of their estimates, so that the noisiest does not drown the others. Degrees
//! of freedom by Satterthwaite (Biometrics Bull 1946;2:110).

use serde::Serialize;

use super::undefined::Undefined;

/// The component between the sets of one level of a nested layout. See [`between_sets`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BetweenSets {
    /// The component, s_b²; negative where sets differ by less than the values within them.
    pub component: f64,
    /// The number of values of a set that counts, n₀.
    pub n0: f64,
    /// Mean square between sets.
    pub ms_between: f64,
    /// Degrees of freedom between sets.
    pub df_between: f64,
    /// Mean square within sets.
    pub ms_within: f64,
    /// Degrees of freedom within sets.
    pub df_within: f64,
}

/// The component of variance between the sets of each group; groups may differ by anything.
///
/// ```
/// use platewise::stats::between_sets;
///
/// // Two groups of two sets each, in pairs: 4 between the first two means, 2 between the others.
/// let groups = [vec![vec![9.0, 11.0], vec![13.0, 15.0]], vec![vec![99.0, 101.0], vec![101.0, 103.0]]];
/// let found = between_sets(&groups).unwrap();
/// assert_eq!((found.ms_between, found.ms_within), ((16.0 + 4.0) / 2.0, 2.0));
/// assert_eq!((found.component, found.df_between, found.df_within), ((10.0 - 2.0) / 2.0, 2.0, 4.0));
/// ```
///
/// # Errors
/// When no group has two sets, no set has two values, and for values that are not finite or do not differ within sets.
pub fn between_sets(groups: &[Vec<Vec<f64>>]) -> Result<BetweenSets, Undefined> {
    let (mut between, mut df_between, mut within, mut df_within, mut size) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for group in groups {
        let sets: Vec<&Vec<f64>> = group.iter().filter(|set| !set.is_empty()).collect();
        if sets.len() < 2 {
            continue;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let n: f64 = sets.iter().map(|set| set.len() as f64).sum();
        let of_group = sets.iter().map(|set| set.iter().sum::<f64>()).sum::<f64>() / n;
        for set in &sets {
            let of_set = mean(set);
            between += set.len() as f64 * (of_set - of_group) * (of_set - of_group);
            within += set.iter().map(|value| (value - of_set) * (value - of_set)).sum::<f64>();
            df_within += set.len() as f64 - 1.0;
        }
        df_between += sets.len() as f64 - 1.0;
        size += n - sets.iter().map(|set| (set.len() as f64).powi(2)).sum::<f64>() / n;
    }
    if df_between == 0.0 {
        return Err(Undefined::Because("no group has two sets: nothing is seen between sets".into()));
    }
    if df_within == 0.0 {
        return Err(Undefined::Because("no set has two values: nothing is seen within sets".into()));
    }
    let (ms_between, ms_within, n0) = (between / df_between, within / df_within, size / df_between);
    if !(ms_within > 0.0 && ms_between.is_finite() && ms_within.is_finite()) {
        return Err(Undefined::ZeroVariance);
    }
    let component = (ms_between - ms_within) / n0;
    Ok(BetweenSets { component, n0, ms_between, df_between, ms_within, df_within })
}

/// The component that several levels have in common. See [`pooled_between_sets`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PooledBetweenSets {
    /// The component, s_b²; 0 where its estimate is negative.
    pub variance: f64,
    /// Whether the estimate was negative.
    pub negative: bool,
    /// Degrees of freedom of the component, Satterthwaite's.
    pub df: f64,
    /// Degrees of freedom between sets, of all levels.
    pub df_between: f64,
}

/// The component that levels with noise of their own have in common. `None` without levels.
///
/// ```
/// use platewise::stats::{between_sets, pooled_between_sets};
///
/// let quiet = between_sets(&[vec![vec![9.0, 11.0], vec![13.0, 15.0]], vec![vec![9.0, 11.0], vec![11.0, 13.0]]]).unwrap();
/// let loud = between_sets(&[vec![vec![0.0, 40.0], vec![11.0, 15.0]], vec![vec![9.0, 31.0], vec![11.0, 93.0]]]).unwrap();
/// let pooled = pooled_between_sets(&[quiet, loud]).unwrap();
/// assert!((pooled.variance / quiet.component - 1.0).abs() < 0.01, "the loud level hardly counts");
/// ```
pub fn pooled_between_sets(levels: &[BetweenSets]) -> Option<PooledBetweenSets> {
    if levels.is_empty() {
        return None;
    }
    let (mut component, mut information) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        let (mut sum, mut weights) = (0.0, 0.0);
        for level in levels {
            let within = level.ms_within / level.n0;
            let set = component + within;
            let weight = 1.0 / (2.0 * set * set / level.df_between + 2.0 * within * within / level.df_within);
            sum += weight * level.component;
            weights += weight;
        }
        (component, information) = (f64::max(sum / weights, 0.0), weights);
        if component == 0.0 {
            return Some(PooledBetweenSets {
                variance: 0.0,
                negative: sum < 0.0,
                df: 0.0,
                df_between: levels.iter().map(|level| level.df_between).sum(),
            });
        }
    }
    Some(PooledBetweenSets {
        variance: component,
        negative: false,
        df: 2.0 * component * component * information,
        df_between: levels.iter().map(|level| level.df_between).sum(),
    })
}

/// Rounds between the component and the weights that follow from it; the weights hardly move after a few.
const ROUNDS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Random;
    use crate::stats::variance_components;

    /// One group is the one-way layout of [`variance_components`].
    #[test]
    fn one_group_is_a_one_way_layout() {
        let runs = vec![vec![1.0, 2.0, 3.5], vec![4.0, 4.5], vec![5.0, 7.0, 6.0, 6.2]];
        let (one, other) =
            (between_sets(std::slice::from_ref(&runs)).unwrap(), variance_components(&runs, 0.95).unwrap());
        assert!((one.component.max(0.0) - other.between).abs() < 1e-14);
        assert!((one.ms_between - other.ms_between).abs() < 1e-12 && (one.ms_within - other.ms_within).abs() < 1e-14);
    }

    /// The estimate is right on average, before what is negative is put at 0, also where sets differ in size.
    #[test]
    fn the_component_is_found_again() {
        let mut random = Random::new(5);
        let (mut sum, studies) = (0.0, 2000);
        for _ in 0..studies {
            let groups: Vec<Vec<Vec<f64>>> = (0..9)
                .map(|group| {
                    let set = |n: usize, random: &mut Random| {
                        let shared = 10.0 * f64::from(group) + 0.5 * random.normal();
                        (0..n).map(|_| shared + 0.8 * random.normal()).collect()
                    };
                    vec![set(2, &mut random), set(3, &mut random), set(2, &mut random)]
                })
                .collect();
            let found = between_sets(&groups).unwrap();
            sum += found.component;
            assert_eq!((found.df_between, found.df_within), (18.0, 36.0));
        }
        let mean = sum / f64::from(studies);
        assert!((mean - 0.25).abs() < 0.015, "{mean}");
    }

    /// Levels of noise 0.1, 0.3 and 2 about a common component: the pooled estimate is right on average, and far closer than that of the
    /// loud level.
    #[test]
    fn levels_of_different_noise_are_weighted() {
        let mut random = Random::new(6);
        let (mut pooled, mut squares, mut of_df, studies) = (0.0, 0.0, 0.0, 2000);
        for _ in 0..studies {
            let levels: Vec<BetweenSets> = [0.1, 0.3, 2.0]
                .into_iter()
                .map(|noise| {
                    let mut set = |_| {
                        let shared = 0.2 * random.normal();
                        (0..2).map(|_| shared + noise * random.normal()).collect()
                    };
                    let groups: Vec<Vec<Vec<f64>>> = (0..9).map(|_| (0..2).map(&mut set).collect()).collect();
                    between_sets(&groups).unwrap()
                })
                .collect();
            let found = pooled_between_sets(&levels).unwrap();
            pooled += found.variance;
            squares += (found.variance - 0.04).powi(2);
            of_df += found.df;
        }
        let n = f64::from(studies);
        let (mean, rms, df) = (pooled / n, (squares / n).sqrt(), of_df / n);
        println!("mean {mean:.4}, root mean square error {rms:.4}, mean df {df:.1}");
        assert!((mean / 0.04 - 1.0).abs() < 0.1 && rms < 0.025 && df > 7.0 && df < 11.0, "{mean} {rms} {df}");
    }

    #[test]
    fn what_is_not_seen_is_not_estimated() {
        assert!(between_sets(&[vec![vec![1.0, 2.0]], vec![vec![3.0, 4.0], vec![]]]).is_err());
        assert!(between_sets(&[vec![vec![1.0], vec![2.0]]]).is_err());
        assert!(between_sets(&[vec![vec![1.0, 1.0], vec![2.0, 2.0]]]).is_err());
        assert!(between_sets(&[vec![vec![1.0, f64::NAN], vec![2.0, 3.0]]]).is_err());
    }
}
