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

use crate::curve::definition::point::Standard;

/// Nodes and weights of Gauss–Legendre's rule of order 8 on (−1, 1), the positive half (Abramowitz & Stegun, table 25.4).
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// The same of order 4, for short pieces.
const FEW_NODES: [(f64, f64); 2] =
    [(0.339_981_043_584_856_26, 0.652_145_154_862_546_2), (0.861_136_311_594_052_6, 0.347_854_845_137_453_8)];
/// A piece that grows by less is short. The rule of order 4 errs there by 2·10⁻¹³ of it for `squared`, and by 10⁻¹⁰ at the largest exponent,
/// as the rule of order 8 does in the longest piece.
const SHORT: f64 = 1.05;
/// By how much `u` grows in a piece at most.
const EXACTLY: f64 = 1.5;
/// The same for a lattice: the rule of order 8 errs by 10⁻⁶ of a piece for `squared`, and by 10⁻³ at the largest exponent.
const ROUGHLY: f64 = 4.0;

/// The quasi-deviance of means `fitted` under the variance model `v`, which is constant within ±`floor`; without what the wells
/// differ within their levels.
pub(crate) fn deviance(standards: &[Standard], fitted: &[f64], floor: f64, v: impl Fn(f64) -> f64) -> f64 {
    sum(standards, fitted, |y, f| integral(y, f, floor, EXACTLY, &v))
}

/// The same in longer pieces, see [`ROUGHLY`], in a third of the time: to find where it is low, not to compare what is found.
pub(crate) fn rough_deviance(standards: &[Standard], fitted: &[f64], floor: f64, v: impl Fn(f64) -> f64) -> f64 {
    sum(standards, fitted, |y, f| integral(y, f, floor, ROUGHLY, &v))
}

fn sum(standards: &[Standard], fitted: &[f64], integral: impl Fn(f64, f64) -> f64) -> f64 {
    let level = |(standard, &f): (&Standard, &f64)| 2.0 * standard.n * integral(standard.mean, f);
    standards.iter().zip(fitted).map(level).sum()
}

/// ∫ |y − u| / v(u) du between `f` and `y`, in pieces in which `u` grows by so much at most. A mean may lie on the other side of zero
/// than the responses.
fn integral(y: f64, f: f64, floor: f64, growth: f64, v: impl Fn(f64) -> f64) -> f64 {
    if !(y - f).is_finite() {
        return f64::INFINITY;
    }
    let (mut from, to) = if f < y { (f, y) } else { (y, f) };
    let mut sum = 0.0;
    while from < to {
        let next = if from < -floor {
            (from / growth).min(-floor)
        } else if from < floor {
            floor
        } else {
            growth * from
        };
        let next = if next < to { next } else { to };
        let (middle, half) = (0.5 * (from + next), 0.5 * (next - from));
        let short = from > 0.0 && next < SHORT * from || next < 0.0 && from > SHORT * next;
        let nodes: &[(f64, f64)] = if short { &FEW_NODES } else { &NODES };
        for &(node, weight) in nodes {
            for u in [middle - half * node, middle + half * node] {
                sum += half * weight * (y - u).abs() / v(u);
            }
        }
        from = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_on_the_other_side_of_zero_is_dear() {
        // ∫ from −3 to 0.02 of (0.02 − u) / max(|u|, 0.001)² du = ln(3/0.001) + 0.02 (1/0.001 − 1/3)   below −0.001
        //   + 0.02 · 2/0.001   within   + 0.02 (1/0.001 − 1/0.02) − ln(0.02/0.001)   above
        let expected = 3000f64.ln() + 0.02 * (1000.0 - 1.0 / 3.0) + 40.0 + 0.02 * (1000.0 - 50.0) - 20f64.ln();
        let found = integral(0.02, -3.0, 1e-3, EXACTLY, |u: f64| u.abs().max(1e-3).powi(2));
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    }

    /// For `squared` (y − f) / f − ln(y / f): in one short piece, in one of middling length, and over a decade.
    #[test]
    fn pieces_err_by_no_more_than_is_said() {
        for (y, f, exactly, roughly) in [(1.0, 1.04, 5e-13, 5e-13), (1.0, 1.4, 1e-13, 1e-13), (0.2, 2.0, 1e-13, 1e-6)] {
            let (y, f): (f64, f64) = (y, f);
            let expected = (y - f) / f - (y / f).ln();
            for (growth, tolerance) in [(EXACTLY, exactly), (ROUGHLY, roughly)] {
                let found = integral(y, f, 1e-9, growth, |u| u * u);
                assert!((found / expected - 1.0).abs() < tolerance, "{y} {f} {growth}: {found} {expected}");
            }
        }
    }

    #[test]
    fn it_is_the_gamma_and_the_poisson_deviance() {
        let level = |mean: f64| Standard { x: 1.0, ln_x: 0.0, n: 3.0, mean, within: 0.0, range: (mean, mean) };
        for (y, f) in [(1.0, 1.01), (0.2, 0.5), (2.0, 0.6), (0.9, 0.9)] {
            let (y, f): (f64, f64) = (y, f);
            let gamma = 6.0 * ((y - f) / f - (y / f).ln());
            let poisson = 6.0 * (y * (y / f).ln() - (y - f));
            assert!((deviance(&[level(y)], &[f], 1e-9, |u| u * u) - gamma).abs() < 1e-12, "{y} {f}");
            assert!((deviance(&[level(y)], &[f], 1e-9, |u| u) - poisson).abs() < 1e-12, "{y} {f}");
            assert!((deviance(&[level(y)], &[f], 1e-9, |_| 1.0) - 3.0 * (y - f) * (y - f)).abs() < 1e-14);
        }
    }
}
