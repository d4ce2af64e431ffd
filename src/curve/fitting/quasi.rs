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
//!
//! The integral has a closed form where the variance follows the mean, with `from < to` on one side of zero, `r = to / from` and
//! `R(m) = (r^m − 1) / m`, which is `ln r` for `m = 0`; between the floors it is that of a parabola:
//!
//! ```text
//! v = u^p         from^(1−p) (ȳ R(1−p) − from R(2−p))
//! v = u² + ρ²     ȳ/ρ atan(ρ (to − from) / (ρ² + from to)) − ½ ln((to² + ρ²) / (from² + ρ²))
//! ```

use crate::curve::definition::point::Standard;
use crate::curve::definition::variance_law::Law;
use crate::curve::numerics::exponential;

/// Nodes and weights of Gauss–Legendre's rule of order 4 on (−1, 1), the positive half (Abramowitz & Stegun, table 25.4).
const NODES: [(f64, f64); 2] =
    [(0.339_981_043_584_856_26, 0.652_145_154_862_546_2), (0.861_136_311_594_052_6, 0.347_854_845_137_453_8)];
/// An interval that grows by less goes by that rule: the terms of the closed form would take digits from each other. The rule errs there by
/// 2·10⁻¹³ for `squared`, and by 10⁻¹⁰ at the largest exponent.
const SHORT: f64 = 1.05;

/// The quasi-deviance of means `fitted` under a variance law, which is constant within ±`floor`; without what the wells differ within
/// their levels.
pub(crate) fn deviance(standards: &[Standard], fitted: &[f64], law: Law, floor: f64) -> f64 {
    let level = |(standard, &f): (&Standard, &f64)| 2.0 * standard.n * integral(standard.mean, f, law, floor);
    standards.iter().zip(fitted).map(level).sum()
}

/// ∫ |y − u| / v(u) du between `f` and `y`. A mean may lie on the other side of zero than the responses.
fn integral(y: f64, f: f64, law: Law, floor: f64) -> f64 {
    if !(y - f).is_finite() {
        return f64::INFINITY;
    }
    let (from, to) = if f < y { (f, y) } else { (y, f) };
    let mut sum = 0.0;
    if to > floor {
        sum += beyond_floor(y, from.max(floor), to, law);
    }
    if from < -floor {
        sum += beyond_floor(-y, (-to).max(floor), -from, law);
    }
    let (low, high) = (from.max(-floor), to.min(floor));
    if low < high {
        sum += (high - low) * (y - 0.5 * (low + high)).abs() / law.variance(floor, floor);
    }
    sum
}

/// The same between `from` and `to`, above the floor.
fn beyond_floor(y: f64, from: f64, to: f64, law: Law) -> f64 {
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    if to < SHORT * from {
        let at = |u: f64| (y - u).abs() / law.variance(u, 0.0);
        let pair = |(node, weight): (f64, f64)| half * weight * (at(middle - half * node) + at(middle + half * node));
        return NODES.map(pair).iter().sum();
    }
    let integral = match law {
        Law::Power(exponent) => {
            let growth = to / from;
            let rise = |m: f64| match m {
                0.0 => libm::log(growth),
                1.0 => growth - 1.0,
                -1.0 => 1.0 - 1.0 / growth,
                m => exponential::exp_m1(m * libm::log(growth)) / m,
            };
            let [zeroth, first] = [1.0, 2.0].map(|m| rise(m - 2.0 * exponent));
            from / law.variance(from, 0.0) * (y * zeroth - from * first)
        }
        Law::TwoComponent(crossover) => {
            let squared = crossover * crossover;
            let angle = libm::atan(2.0 * half * crossover / (squared + from * to));
            y / crossover * angle - 0.5 * libm::log1p(4.0 * half * middle / (from * from + squared))
        }
    };
    integral.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_on_the_other_side_of_zero_is_dear() {
        // ∫ from −3 to 0.02 of (0.02 − u) / max(|u|, 0.001)² du = ln(3/0.001) + 0.02 (1/0.001 − 1/3)   below −0.001
        //   + 0.02 · 2/0.001   within   + 0.02 (1/0.001 − 1/0.02) − ln(0.02/0.001)   above
        let expected = 3000f64.ln() + 0.02 * (1000.0 - 1.0 / 3.0) + 40.0 + 0.02 * (1000.0 - 50.0) - 20f64.ln();
        let found = integral(0.02, -3.0, Law::Power(1.0), 1e-3);
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    }

    /// By Gauss–Legendre's rule of order 4 in a thousand pieces, for all laws, on both sides of zero, in the floor and out of it.
    #[test]
    fn the_closed_form_is_the_integral() {
        let laws = [-2.0, -0.3, 0.0, 0.25, 0.5, 0.5 + 1e-9, 0.8, 1.0, 1.0 - 1e-9, 1.7, 4.0].map(Law::Power);
        for law in laws.into_iter().chain([1e-3, 0.2, 30.0].map(Law::TwoComponent)) {
            for (y, f) in [
                (1.0, 1.04),
                (1.0, 1.06),
                (1.0, 1.4),
                (0.2, 2.0),
                (2.0, 0.2),
                (0.3, -0.4),
                (-0.4, 0.3),
                (-1.0, -3.0),
                (0.01, 0.5),
                (0.01, 0.02),
            ] {
                let floor = 0.05;
                let step = (f - y) / 1000.0;
                let by_pieces = |i: usize| {
                    let (middle, half): (f64, f64) = (y + step * (i as f64 + 0.5), 0.5 * step.abs());
                    let at = |u: f64| (y - u).abs() / law.variance(u, floor);
                    NODES
                        .map(|(node, weight)| half * weight * (at(middle - half * node) + at(middle + half * node)))
                        .iter()
                        .sum::<f64>()
                };
                let expected: f64 = (0..1000).map(by_pieces).sum();
                let found = integral(y, f, law, floor);
                // A piece of the sum may hold the kink of the floor.
                let tolerance = if y.abs().min(f.abs()) > floor && y * f > 0.0 { 1e-10 } else { 1e-5 };
                assert!((found / expected - 1.0).abs() < tolerance, "{law:?} {y} {f}: {found} {expected}");
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
            assert!((deviance(&[level(y)], &[f], Law::Power(1.0), 1e-9) - gamma).abs() < 1e-12, "{y} {f}");
            assert!((deviance(&[level(y)], &[f], Law::Power(0.5), 1e-9) - poisson).abs() < 1e-12, "{y} {f}");
            assert!((deviance(&[level(y)], &[f], Law::Power(0.0), 1e-9) - 3.0 * (y - f) * (y - f)).abs() < 1e-14);
        }
    }
}
