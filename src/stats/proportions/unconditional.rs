//! Exact tests that do not condition on the number of responders: the largest probability, over the common response rate π, of
//! the tables that are as extreme as the observed one.
//!
//! ```text
//! Barnard (pooled z):  extreme = |z| at least as large                                  (Suissa & Shuster, JRSS A 1985;148:317)
//! Boschloo:            extreme = Fisher's one-sided p at most as large; doubled smaller side, at most 1    (Boschloo, Stat Neerl 1970;24:1)
//! ```

use super::Counts;
use super::fisher::Support;

/// Barnard's test on the pooled z, two-sided.
pub fn barnard_pooled(counts: Counts) -> f64 {
    let z = |x1: u32, x2: u32| {
        let [p1, p2] = Counts { x_active: x1, x_placebo: x2, ..counts }.rates();
        let (n1, n2) = (f64::from(counts.n_active), f64::from(counts.n_placebo));
        let pooled = f64::from(x1 + x2) / (n1 + n2);
        let variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2);
        if variance > 0.0 { ((p1 - p2) / variance.sqrt()).abs() } else { 0.0 }
    };
    let observed = z(counts.x_active, counts.x_placebo);
    largest_probability(counts, |x1, x2| z(x1, x2) >= observed * (1.0 - 1e-10))
}

/// Boschloo's test, two-sided by doubling the smaller side.
pub fn boschloo(counts: Counts) -> f64 {
    let side = |greater: bool| {
        let observed = fisher_one_sided(counts, counts.x_active, counts.x_placebo, greater);
        largest_probability(counts, |x1, x2| fisher_one_sided(counts, x1, x2, greater) <= observed * (1.0 + 1e-10))
    };
    (2.0 * side(true).min(side(false))).min(1.0)
}

fn fisher_one_sided(counts: Counts, x1: u32, x2: u32, greater: bool) -> f64 {
    let support = Support::of(Counts { x_active: x1, x_placebo: x2, ..counts });
    let p = support.probabilities(0.0);
    let x = (x1 - support.smallest) as usize;
    if greater { p[x..].iter().sum() } else { p[..=x].iter().sum() }
}

/// Intervals of the first look at π.
const GRID: usize = 500;

/// The largest probability of the `extreme` tables over π: the best point of a grid, refined by golden sections.
fn largest_probability(counts: Counts, extreme: impl Fn(u32, u32) -> bool) -> f64 {
    // For each number in the active arm, which numbers in the placebo arm are extreme.
    let tables: Vec<Vec<bool>> =
        (0..=counts.n_active).map(|x1| (0..=counts.n_placebo).map(|x2| extreme(x1, x2)).collect()).collect();
    let probability = |pi: f64| -> f64 {
        let (first, second) = (binomial(counts.n_active, pi), binomial(counts.n_placebo, pi));
        let among = |row: &[bool]| -> f64 { row.iter().zip(&second).filter(|(is, _)| **is).map(|(_, p)| p).sum() };
        first.iter().zip(&tables).map(|(p, row)| p * among(row)).sum()
    };
    let at = |i: usize| i as f64 / GRID as f64;
    let best = (1..GRID)
        .map(|i| (i, probability(at(i))))
        .fold((0, 0.0), |best, here| if here.1 > best.1 { here } else { best });
    let (mut low, mut high) = (at(best.0.saturating_sub(1)), at(best.0 + 1));
    const GOLDEN: f64 = 0.618_033_988_749_895;
    for _ in 0..40 {
        let (left, right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if probability(left) > probability(right) {
            high = right;
        } else {
            low = left;
        }
    }
    probability(0.5 * (low + high)).max(best.1).min(1.0)
}

/// The binomial probabilities of 0, 1, …, `n` for a rate strictly between 0 and 1.
fn binomial(n: u32, rate: f64) -> Vec<f64> {
    let odds = libm::log(rate) - libm::log1p(-rate);
    let mut log = f64::from(n) * libm::log1p(-rate);
    let mut probabilities = vec![libm::exp(log)];
    for x in 0..n {
        log += odds + libm::log(f64::from(n - x) / f64::from(x + 1));
        probabilities.push(libm::exp(log));
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::*;
    fn choose(n: u32, k: u32) -> f64 {
        (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product()
    }

    /// The largest probability over π = 0.001, 0.002, … of the tables that `extreme` takes, by binomial probabilities multiplied out.
    fn largest(counts: Counts, extreme: impl Fn(u32, u32) -> bool) -> f64 {
        let (m, n) = (counts.n_active, counts.n_placebo);
        let tables: Vec<(u32, u32)> = (0..=m).flat_map(|x1| (0..=n).map(move |x2| (x1, x2))).collect();
        let kept: Vec<(u32, u32)> = tables.into_iter().filter(|&(x1, x2)| extreme(x1, x2)).collect();
        let at = |i: i32| {
            let pi = f64::from(i) / 1000.0;
            let of = |&(x1, x2): &(u32, u32)| {
                choose(m, x1) * choose(n, x2) * pi.powi((x1 + x2) as i32) * (1.0 - pi).powi((m + n - x1 - x2) as i32)
            };
            kept.iter().map(of).sum::<f64>()
        };
        (1..1000).map(at).fold(0.0, f64::max)
    }

    #[test]
    fn the_largest_probability_is_that_of_a_count() {
        for (x_active, x_placebo) in [(5, 1), (1, 4), (3, 0)] {
            let counts = Counts { x_active, n_active: 6, x_placebo, n_placebo: 8 };
            let z = |x1: u32, x2: u32| {
                let (p1, p2, p) = (f64::from(x1) / 6.0, f64::from(x2) / 8.0, f64::from(x1 + x2) / 14.0);
                if x1 + x2 == 0 || x1 + x2 == 14 {
                    0.0
                } else {
                    (p1 - p2).abs() / (p * (1.0 - p) * (1.0 / 6.0 + 1.0 / 8.0)).sqrt()
                }
            };
            let barnard = largest(counts, |x1, x2| z(x1, x2) >= z(x_active, x_placebo) - 1e-9);
            // Refined, it is at least that of the grid, which is twice as fine as the first look.
            let found = barnard_pooled(counts) / barnard;
            assert!((1.0 - 1e-12..1.0 + 1e-4).contains(&found), "{counts:?}: {found}");
            // Fisher's probability of as many active responders or more, and of as few or fewer.
            let fisher = |x1: u32, x2: u32, greater: bool| {
                let s = x1 + x2;
                let of =
                    |x: u32| if x > s || s - x > 8 { 0.0 } else { choose(6, x) * choose(8, s - x) / choose(14, s) };
                if greater { (x1..=6).map(of).sum::<f64>() } else { (0..=x1).map(of).sum() }
            };
            let side = |greater: bool| {
                largest(counts, |x1, x2| fisher(x1, x2, greater) <= fisher(x_active, x_placebo, greater) + 1e-9)
            };
            let expected = (2.0 * side(true).min(side(false))).min(1.0);
            assert!((boschloo(counts) / expected - 1.0).abs() < 1e-4, "{counts:?}: {expected}");
        }
    }
}
