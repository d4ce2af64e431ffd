//! Bootstrap interval of the difference of two medians.
//!
//! Subjects are resampled within their arm. Percentile interval, and the bias-corrected and accelerated one (BCa; Efron, JASA
//! 1987;82:171):
//!
//! ```text
//! z₀ = Φ⁻¹(share of replicates below the estimate)
//! a  = Σ lᵢ³ / (6 (Σ lᵢ²)^1.5),   lᵢ = (nₐ − 1)(estimate − estimate without subject i)      jackknife, nₐ of the arm
//! limits at Φ(z₀ + (z₀ + z) / (1 − a(z₀ + z)))
//! ```
//!
//! Quantiles of the replicates are interpolated on the normal scale (Davison & Hinkley 1997, eq. 5.8), as R's `boot` does. A median
//! has a coarse bootstrap distribution: several independent runs are made, averaged, and their spread reported.

use rayon::prelude::*;
use serde::Serialize;

use super::distribution::{normal_quantile, normal_sf};
use super::moments::Moments;
use super::quartile::{median, sorted};
use super::random::Random;
use super::undefined::Undefined;

/// How the bootstrap is run.
///
/// See [`Bootstrap`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Resampling {
    /// Replicates of one run.
    pub resamples: usize,
    /// Independent runs, which are averaged.
    pub runs: usize,
    /// The seed of the first; the result depends on it and on nothing else, not on the number of threads.
    pub seed: u64,
}

/// A bootstrapped difference of medians, active − placebo.
///
/// ```
/// use platewise::stats::{Bootstrap, Resampling, bootstrap_bca_median_diff};
///
/// let (active, placebo) = ([5.0, 6.0, 7.0, 8.0, 9.0], [1.0, 2.0, 3.0, 4.0, 5.0]);
/// let how = Resampling { resamples: 2000, runs: 1, seed: 7 };
/// let found: Bootstrap = bootstrap_bca_median_diff(&active, &placebo, how, 0.95)?;
/// assert_eq!(found.est, 4.0);
/// assert!(found.bca_low < 4.0 && 4.0 < found.bca_high);
/// assert_eq!(bootstrap_bca_median_diff(&active, &placebo, how, 0.95)?, found, "the seed says all");
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bootstrap {
    /// The difference of the medians.
    pub est: f64,
    /// Lower limit of the percentile interval.
    pub perc_low: f64,
    /// Upper limit of the percentile interval.
    pub perc_high: f64,
    /// Lower limit of the BCa interval.
    pub bca_low: f64,
    /// Upper limit of the BCa interval.
    pub bca_high: f64,
    /// Standard deviation of the replicates.
    pub boot_se: f64,
    /// Standard deviation between runs of the four limits, in the order above: the Monte Carlo error of one run.
    pub run_sd: [f64; 4],
}

/// Bootstraps the difference of the medians of `active` and `placebo`.
///
/// # Errors
/// With fewer than two values in an arm, or when no replicate differs from the estimate.
pub fn bootstrap_bca_median_diff(
    active: &[f64],
    placebo: &[f64],
    resampling: Resampling,
    confidence: f64,
) -> Result<Bootstrap, Undefined> {
    Undefined::unless_enough("values in the active arm", active.len(), 2)?;
    Undefined::unless_enough("values in the placebo arm", placebo.len(), 2)?;
    Undefined::unless_enough("bootstrap replicates", resampling.resamples, 100)?;
    Undefined::unless_finite(active)?;
    Undefined::unless_finite(placebo)?;
    let arms = [sorted(active), sorted(placebo)];
    let est = median_of(&arms[0]) - median_of(&arms[1]);
    let acceleration = acceleration(&arms, est);
    let runs: Vec<BootstrapRun> = (0..resampling.runs.max(1) as u64)
        .map(|run| run_once(&arms, est, acceleration, resampling, run, confidence))
        .collect::<Result<_, _>>()?;
    let over_runs = |limit: usize| Moments::of(&runs.iter().map(|run| run.limits[limit]).collect::<Vec<f64>>());
    let limits = [over_runs(0)?, over_runs(1)?, over_runs(2)?, over_runs(3)?];
    let [perc_low, perc_high, bca_low, bca_high] = limits.map(|limit| limit.mean);
    let boot_se = runs.iter().map(|run| run.sd).sum::<f64>() / runs.len() as f64;
    let run_sd = limits.map(|limit| limit.sd.unwrap_or(0.0));
    Ok(Bootstrap { est, perc_low, perc_high, bca_low, bca_high, boot_se, run_sd })
}

struct BootstrapRun {
    limits: [f64; 4],
    sd: f64,
}

fn run_once(
    arms: &[Vec<f64>; 2],
    est: f64,
    acceleration: f64,
    resampling: Resampling,
    run: u64,
    confidence: f64,
) -> Result<BootstrapRun, Undefined> {
    let seed = resampling.seed.wrapping_add(run);
    // Collected in the order of the replicates, and sorted: the same for any number of threads.
    let replicates: Vec<f64> = (0..resampling.resamples as u64)
        .into_par_iter()
        .map_init(Vec::new, |scratch, replicate| {
            let mut random = Random::of_replicate(seed, replicate);
            resampled_median(&arms[0], &mut random, scratch) - resampled_median(&arms[1], &mut random, scratch)
        })
        .collect();
    let replicates = sorted(&replicates);
    let sd = Moments::of(&replicates)?.sd.unwrap_or(0.0);
    if sd == 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    let below = replicates.partition_point(|&value| value < est) as f64 / replicates.len() as f64;
    let z = normal_quantile(0.5 + confidence / 2.0);
    let z0 = normal_quantile(below);
    let corrected = |z: f64| normal_sf(-(z0 + (z0 + z) / (1.0 - acceleration * (z0 + z))));
    let at = |p: f64| interpolated(&replicates, p);
    let tail = (1.0 - confidence) / 2.0;
    let limits = [at(tail), at(1.0 - tail), at(corrected(-z)), at(corrected(z))];
    if limits.iter().any(|limit| !limit.is_finite()) {
        return Err(Undefined::Because("every bootstrap replicate lies on one side of the estimate".to_string()));
    }
    Ok(BootstrapRun { limits, sd })
}

/// The median of as many values as there are, drawn with replacement. The values are sorted, so that the ranks drawn order them.
fn resampled_median(sorted: &[f64], random: &mut Random, drawn: &mut Vec<u32>) -> f64 {
    let n = sorted.len();
    drawn.clear();
    drawn.extend((0..n).map(|_| random.below(n) as u32));
    let (below, &mut upper, _) = drawn.select_nth_unstable(n / 2);
    let upper_value = sorted[upper as usize];
    if n % 2 == 1 {
        return upper_value;
    }
    let lower = below.iter().copied().max().unwrap_or(upper);
    0.5 * (sorted[lower as usize] + upper_value)
}

/// The `p`-quantile of sorted replicates, between neighbours linear in the normal quantiles of their ranks.
fn interpolated(replicates: &[f64], p: f64) -> f64 {
    let count = replicates.len() as f64 + 1.0;
    let rank = p * count;
    let k = rank.floor();
    if k.is_nan() {
        return f64::NAN;
    }
    if k < 1.0 {
        return replicates[0];
    }
    if k >= count - 1.0 {
        return replicates[replicates.len() - 1];
    }
    let (low, high) = (replicates[k as usize - 1], replicates[k as usize]);
    let (from, to) = (normal_quantile(k / count), normal_quantile((k + 1.0) / count));
    low + (normal_quantile(p) - from) / (to - from) * (high - low)
}

/// The jackknife acceleration; 0 when leaving anybody out changes nothing.
fn acceleration(arms: &[Vec<f64>; 2], est: f64) -> f64 {
    let medians = [median_of(&arms[0]), median_of(&arms[1])];
    let mut influences = Vec::with_capacity(arms[0].len() + arms[1].len());
    for (own, arm) in arms.iter().enumerate() {
        for i in 0..arm.len() {
            let mut others = arm.clone();
            others.remove(i);
            let without = median_of(&others);
            let difference = if own == 0 { without - medians[1] } else { medians[0] - without };
            influences.push((arm.len() - 1) as f64 * (est - difference));
        }
    }
    let squares: f64 = influences.iter().map(|l| l * l).sum();
    let cubes: f64 = influences.iter().map(|l| l * l * l).sum();
    if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 }
}

/// The median of values that are known to be there.
fn median_of(sorted: &[f64]) -> f64 {
    median(sorted).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESAMPLING: Resampling = Resampling { resamples: 2000, runs: 1, seed: 7 };

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let active: Vec<f64> = (0..31).map(|i| f64::from(i * i % 17)).collect();
        let placebo: Vec<f64> = (0..28).map(|i| f64::from(i * i % 13) + 3.0).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bootstrap_bca_median_diff(&active, &placebo, RESAMPLING, 0.95)).unwrap()
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn without_spread_there_is_a_reason() {
        let same = [1.0; 5];
        assert_eq!(bootstrap_bca_median_diff(&same, &same, RESAMPLING, 0.95), Err(Undefined::ZeroVariance));
        assert!(bootstrap_bca_median_diff(&[1.0], &same, RESAMPLING, 0.95).is_err());
    }

    /// Medians 2 and 5. Without one of the active arm the difference is −2, −2.5 or −3.5, of the placebo arm −5, −2.5 or −0.5; the
    /// influences, twice what each is off −3, are −2, −1, 1, 4, −1 and −5. Their squares add up to 48, their cubes to −70.
    #[test]
    fn the_acceleration_is_that_of_the_jackknife() {
        let arms = [vec![1.0, 2.0, 4.0], vec![0.0, 5.0, 9.0]];
        let expected = -70.0 / (6.0 * 48.0 * 48.0_f64.sqrt());
        assert!((acceleration(&arms, -3.0) - expected).abs() < 1e-15);
        assert_eq!(acceleration(&[vec![1.0; 3], vec![2.0; 3]], -1.0), 0.0);
    }

    /// Of three replicates the quartiles are at ranks 1, 2 and 3 of 4; the 40 % quantile is between the first two as Φ⁻¹(0.4) =
    /// −0.253347 is between Φ⁻¹(0.25) = −0.674490 and 0.
    #[test]
    fn quantiles_are_between_neighbours_on_the_normal_scale() {
        let at = |p: f64| interpolated(&[10.0, 20.0, 40.0], p);
        assert_eq!([at(0.01), at(0.24), at(0.76), at(0.99)], [10.0, 10.0, 40.0, 40.0]);
        assert!((at(0.5) - 20.0).abs() < 1e-12);
        assert!((at(0.4) - (20.0 - 10.0 * 0.253_347_1 / 0.674_489_8)).abs() < 1e-5, "{}", at(0.4));
        assert!((at(0.6) - (20.0 + 20.0 * 0.253_347_1 / 0.674_489_8)).abs() < 1e-5, "{}", at(0.6));
        assert!(at(f64::NAN).is_nan());
    }

    /// Of two values drawn twice the median is the lower, the middle and the upper in 1, 2 and 1 of 4 cases; of three drawn three times it is
    /// the lowest in 7 of 27.
    #[test]
    fn medians_of_resamples_are_as_often_as_they_should_be() {
        let mut random = Random::new(5);
        let mut drawn = Vec::new();
        let mut share = |sorted: &[f64], wanted: f64| {
            let hits = (0..20_000).filter(|_| resampled_median(sorted, &mut random, &mut drawn) == wanted).count();
            hits as f64 / 20_000.0
        };
        for (sorted, wanted, expected) in [
            (&[1.0, 3.0][..], 1.0, 0.25),
            (&[1.0, 3.0], 2.0, 0.5),
            (&[1.0, 2.0, 5.0], 1.0, 7.0 / 27.0),
            (&[1.0, 2.0, 5.0], 2.0, 13.0 / 27.0),
        ] {
            let share = share(sorted, wanted);
            assert!((share - expected).abs() < 0.015, "{sorted:?} {wanted}: {share}");
        }
    }

    /// The limits of the head of this file, from the same replicates.
    #[test]
    fn limits_are_corrected_for_bias_and_acceleration() {
        let active = sorted(&[0.1, 0.4, 0.5, 1.1, 2.0, 3.7, 6.0]);
        let placebo = sorted(&[0.0, 0.2, 0.3, 0.35, 0.9, 1.0, 1.4, 5.0]);
        let found = bootstrap_bca_median_diff(&active, &placebo, RESAMPLING, 0.9).unwrap();
        let arms = [active, placebo];
        let est = 1.1 - 0.625;
        let mut scratch = Vec::new();
        let mut draw = |replicate| {
            let mut random = Random::of_replicate(7, replicate);
            let first = resampled_median(&arms[0], &mut random, &mut scratch);
            first - resampled_median(&arms[1], &mut random, &mut scratch)
        };
        let replicates = sorted(&(0..2000).map(&mut draw).collect::<Vec<f64>>());
        let mean = replicates.iter().sum::<f64>() / 2000.0;
        let sd = (replicates.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 1999.0).sqrt();
        let below = replicates.iter().filter(|&&value| value < est).count() as f64 / 2000.0;
        let (z0, a) = (normal_quantile(below), acceleration(&arms, est));
        let limit = |z: f64| interpolated(&replicates, 1.0 - normal_sf(z0 + (z0 + z) / (1.0 - a * (z0 + z))));
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        near(found.est, est);
        near(found.boot_se, sd);
        near(found.perc_low, interpolated(&replicates, 0.05));
        near(found.perc_high, interpolated(&replicates, 0.95));
        near(found.bca_low, limit(-1.644_853_626_951_5));
        near(found.bca_high, limit(1.644_853_626_951_5));
        assert!(z0.abs() > 0.01 && a.abs() > 0.01, "{z0} {a}");
    }
}
