//! What a fit with variances of the fitted means minimises.
//!
//! Iterating between a curve and the variances of its own means is not the minimisation of a weighted sum of squares: the
//! weights change with the curve. It stands still where
//!
//! ```text
//! Σ n (ȳ − f) / v(f) · ∂f/∂θ = 0
//! ```
//!
//! and that is the derivative of the quasi-deviance (Wedderburn 1974, Biometrika 61:439)
//!
//! ```text
//! D(θ) = 2 Σ n ∫ from f to ȳ of (ȳ − u) / v(u) du
//! ```
//!
//! `v` being the variance model with its floor. For a small scatter `D` is the weighted sum of squares; for `squared` it is the
//! gamma deviance, for `proportional` the Poisson one. Of several fixed points the answer is the one of the least `D`: two
//! weighted sums of squares with different weights say nothing about each other.

use super::point::Standard;

/// Nodes and weights of Gauss–Legendre's rule of order 8 on (−1, 1), the positive half (Abramowitz & Stegun, table 25.4).
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// The quasi-deviance of means `fitted` under the variance model `v`, without what the wells differ within their levels.
pub(crate) fn deviance(standards: &[Standard], fitted: &[f64], v: impl Fn(f64) -> f64) -> f64 {
    let level = |(standard, &f): (&Standard, &f64)| {
        let gap = standard.mean - f;
        // ∫ (ȳ − u) / v(u) du = (ȳ − f)² ∫ over s in (0, 1) of (1 − s) / v(f + s (ȳ − f)) ds. Where the variance changes much on
        // the way the pieces are halved towards the end at which it is small.
        let pieces = [0.0, 0.03, 0.15, 0.5, 0.85, 0.97, 1.0];
        let mut sum = 0.0;
        for ends in pieces.windows(2) {
            let (middle, half) = (0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0]));
            for (node, weight) in NODES {
                for s in [middle - half * node, middle + half * node] {
                    sum += half * weight * (1.0 - s) / v(f + s * gap);
                }
            }
        }
        2.0 * standard.n * gap * gap * sum
    };
    standards.iter().zip(fitted).map(level).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_gamma_and_the_poisson_deviance() {
        let level = |mean: f64| Standard { x: 1.0, ln_x: 0.0, n: 3.0, mean, within: 0.0 };
        for (y, f) in [(1.0, 1.01), (0.2, 0.5), (2.0, 0.6), (0.9, 0.9)] {
            let (y, f): (f64, f64) = (y, f);
            let gamma = 6.0 * ((y - f) / f - (y / f).ln());
            let poisson = 6.0 * (y * (y / f).ln() - (y - f));
            assert!((deviance(&[level(y)], &[f], |u| u * u) - gamma).abs() < 1e-12, "{y} {f}");
            assert!((deviance(&[level(y)], &[f], |u| u) - poisson).abs() < 1e-12, "{y} {f}");
            assert!((deviance(&[level(y)], &[f], |_| 1.0) - 3.0 * (y - f) * (y - f)).abs() < 1e-14);
        }
    }
}
