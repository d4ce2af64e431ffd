//! What no limit of a family can fall below: lower bounds of its sum of squares, from the way it bends.
//!
//! Most limits bend one way only against `ln x`, or are flat on one side of a kink. Standards that bend the other way keep such a shape away from
//! them, wherever its parameters are. Of three levels `i < j < k` a convex curve is nowhere above the chord, so that with weights `W = n w`
//!
//! ```text
//! Σ W (ȳ − f)² ≥ h² / (1/W_j + (1 − λ)²/W_i + λ²/W_k),    h = ȳ_j − (1 − λ) ȳ_i − λ ȳ_k > 0,  λ = (u_j − u_i) / (u_k − u_i),  u = ln x
//! ```
//!
//! by Cauchy and Schwarz, and of two levels `i < k` a rising curve has `Σ W (ȳ − f)² ≥ (ȳ_i − ȳ_k)² / (1/W_i + 1/W_k)` where `ȳ_i > ȳ_k`. A limit whose bound
//! is above what is of interest need not be searched: the answer is the same to the last bit, and most plates show both bends of their curve.

use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::point::Standard;

/// How a shape runs where it rises; where it falls, its mirror image does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Curvature {
    Flat,
    Straight,
    Convex,
    Concave,
}

/// A shape: its run, or the runs on both sides of a kink.
enum Curvatures {
    One(Curvature),
    Kink(Curvature, Curvature),
}

fn runs(kernel: Kernel) -> Option<Curvatures> {
    Some(match kernel {
        Kernel::Power | Kernel::Softplus => Curvatures::One(Curvature::Convex),
        Kernel::InversePower | Kernel::MirrorSoftplus => Curvatures::One(Curvature::Concave),
        Kernel::LogLinear => Curvatures::One(Curvature::Straight),
        Kernel::Hinge => Curvatures::Kink(Curvature::Flat, Curvature::Concave),
        Kernel::MirrorHinge => Curvatures::Kink(Curvature::Convex, Curvature::Flat),
        Kernel::Ramp => Curvatures::Kink(Curvature::Flat, Curvature::Straight),
        Kernel::MirrorRamp => Curvatures::Kink(Curvature::Straight, Curvature::Flat),
        // They bend both ways, or are not searched here.
        Kernel::Weibull | Kernel::Frechet | Kernel::FrechetFoot | Kernel::WeibullTail => return None,
        Kernel::Logistic | Kernel::Five | Kernel::FiveMirror => return None,
    })
}

/// A level that has wells, above concentration zero.
#[derive(Debug, Clone, Copy)]
struct LevelMean {
    ln_x: f64,
    mean: f64,
    /// Σ n w.
    weight: f64,
}

/// The standards as the bounds take them.
pub(crate) struct LowerBounds {
    levels: Vec<LevelMean>,
    /// Mean and weight of concentration zero, which belongs to what is flat below.
    zero: Option<(f64, f64)>,
    /// What differences of responses may be rounding, of curves that meet their standards exactly.
    rounding: f64,
}

/// A bound is rounded: it counts when it is so much larger …
const LARGER: f64 = 1.0 + 1e-9;
/// … and differences of responses do from this share of the largest on.
const ROUNDING: f64 = 16.0 * f64::EPSILON;

impl LowerBounds {
    pub(crate) fn new(standards: &[Standard], weights: &[f64]) -> Self {
        let used = || standards.iter().zip(weights).filter(|(s, w)| s.n * **w > 0.0);
        let level = |(s, w): (&Standard, &f64)| LevelMean { ln_x: s.ln_x, mean: s.mean, weight: s.n * w };
        let zero = used().find(|(s, _)| s.x == 0.0).map(|(s, w)| (s.mean, s.n * w));
        let largest = used().fold(0.0, |largest: f64, (s, _)| largest.max(s.mean.abs()));
        let levels = used().filter(|(s, _)| s.x > 0.0).map(level).collect();
        Self { levels, zero, rounding: ROUNDING * largest }
    }

    /// Whether the sum of squares of every curve of this kernel is above `enough`; of one with a kink, of those whose kink lies in this gap
    /// between levels.
    pub(crate) fn is_above(&self, enough: f64, kernel: Kernel, gap: Option<(f64, f64)>) -> bool {
        let enough = enough * LARGER;
        match (runs(kernel), gap) {
            (Some(Curvatures::One(run)), _) => self.is_far(&self.levels, run, enough),
            (Some(Curvatures::Kink(below, above)), Some((_, high))) => {
                let first_above = self.levels.partition_point(|level| level.ln_x < high);
                let (left, right) = self.levels.split_at(first_above);
                match (below, above) {
                    (Curvature::Flat, run) => self.is_far(right, run, enough - self.about_mean(left, self.zero)),
                    (run, _) => self.is_far(left, run, enough - self.about_mean(right, None)),
                }
            }
            _ => false,
        }
    }

    /// Σ W (ȳ − mean)² of levels on one plateau, with concentration zero where it is on that.
    fn about_mean(&self, levels: &[LevelMean], zero: Option<(f64, f64)>) -> f64 {
        let all = || levels.iter().map(|level| (level.mean, level.weight)).chain(zero);
        let (weight, sum) = all().fold((0.0, 0.0), |(weight, sum), (mean, w)| (weight + w, sum + w * mean));
        if weight <= 0.0 {
            return 0.0;
        }
        let off = |mean: f64| ((mean - sum / weight).abs() - self.rounding).max(0.0);
        all().map(|(mean, w)| w * off(mean) * off(mean)).sum()
    }

    /// Whether levels are further than `enough` from every curve that runs so, rising or falling.
    fn is_far(&self, levels: &[LevelMean], run: Curvature, enough: f64) -> bool {
        if enough < 0.0 {
            return true;
        }
        [1.0, -1.0].into_iter().all(|side| {
            let bends = match run {
                Curvature::Convex => [Some(side), None],
                Curvature::Concave => [Some(-side), None],
                Curvature::Straight => [Some(1.0), Some(-1.0)],
                Curvature::Flat => [None, None],
            };
            self.runs_against(levels, side, enough)
                || bends.into_iter().flatten().any(|bend| self.bends_against(levels, bend, enough))
        })
    }

    /// Whether two levels are so far from every curve that rises, or falls for side −1.
    fn runs_against(&self, levels: &[LevelMean], side: f64, enough: f64) -> bool {
        let far = |(i, first): (usize, &LevelMean)| {
            levels[i + 1..].iter().any(|last| {
                let fall = side * (first.mean - last.mean) - self.rounding;
                fall > 0.0 && fall * fall > enough * (1.0 / first.weight + 1.0 / last.weight)
            })
        };
        levels.iter().enumerate().any(far)
    }

    /// Whether three levels are so far from every curve that is convex, or concave for side −1: of all threes those that share the last level, from
    /// which the bend of an upper plateau is seen best, and those that share the first.
    fn bends_against(&self, levels: &[LevelMean], side: f64, enough: f64) -> bool {
        let far = |from: &LevelMean, middle: &LevelMean, to: &LevelMean| {
            let share = (middle.ln_x - from.ln_x) / (to.ln_x - from.ln_x);
            let height = side * (middle.mean - (1.0 - share) * from.mean - share * to.mean) - self.rounding;
            let spread = 1.0 / middle.weight + (1.0 - share) * (1.0 - share) / from.weight + share * share / to.weight;
            height > 0.0 && height * height > enough * spread
        };
        let [first, .., last] = levels else { return false };
        (1..levels.len() - 1).any(|j| {
            let middle = &levels[j];
            levels[..j].iter().any(|from| far(from, middle, last))
                || levels[j + 1..].iter().any(|to| far(first, middle, to))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::{Point, merge};
    use crate::curve::fitting::projection::LeastSquaresProblem;
    use crate::curve::fitting::quad::Quad;

    const BENT_ONE_WAY: [Kernel; 9] = [
        Kernel::Power,
        Kernel::InversePower,
        Kernel::LogLinear,
        Kernel::Softplus,
        Kernel::MirrorSoftplus,
        Kernel::Hinge,
        Kernel::MirrorHinge,
        Kernel::Ramp,
        Kernel::MirrorRamp,
    ];

    /// A generator of numbers between 0 and 1.
    fn numbers(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    /// The claim is broken by one curve: no shape with its best line, near the responses or far, is as low as what the bound says all are above.
    #[test]
    fn no_curve_is_below_a_bound() {
        let mut number = numbers(7);
        let mut close = 0;
        for _ in 0..4_000 {
            let kernel = BENT_ONE_WAY[(number() * 9.0) as usize];
            let zero = kernel.at_zero().is_some() && number() < 0.5;
            let levels = 4 + (number() * 6.0) as usize;
            let sign = if number() < 0.5 { 1.0 } else { -1.0 };
            let theta = [4.0 * number() - 0.5, 2.0 * number() - 1.0, 0.0];
            let noise = [0.0, 1e-6, 0.03, 0.3, 3.0][(number() * 5.0) as usize];
            let mut wells = Vec::new();
            for i in 0..levels {
                let ln_x = 0.6 * i as f64 + 0.2 * number();
                let concentration = if zero && i == 0 { 0.0 } else { f64::exp(ln_x) };
                let t = f64::exp(theta[1]) * (ln_x - theta[0]);
                let s = if concentration == 0.0 { 0.0 } else { kernel.jet(t, 1.0).s };
                for _ in 0..1 + (number() * 2.0) as usize {
                    wells.push(Point { concentration, response: 1.0 + sign * s + noise * (number() - 0.5) });
                }
            }
            let standards = merge(&wells);
            let weights: Vec<f64> = standards.iter().map(|_| 0.2 + number()).collect();
            let problem = LeastSquaresProblem::open(kernel, &standards, &weights);
            let mut quads = Quad::of(&standards, &weights);
            let bounds = LowerBounds::new(&standards, &weights);
            for by in [0.0, 0.1, 1.0] {
                let theta = [theta[0] + by * (number() - 0.5), theta[1] + by * (number() - 0.5), 0.0];
                let rss = problem.line_at(theta, &mut quads).rss;
                let edges = standards.iter().filter(|s| s.x > 0.0).map(|s| s.ln_x);
                let low = edges.clone().filter(|&x| x <= theta[0]).fold(-100.0, f64::max);
                let high = edges.filter(|&x| x > theta[0]).fold(100.0, f64::min);
                let gap = kernel.has_kink().then_some((low, high));
                assert!(
                    !bounds.is_above(rss, kernel, gap),
                    "{kernel:?} {theta:?} has {rss}: {standards:?} {weights:?}"
                );
                close += usize::from(bounds.is_above(0.05 * rss, kernel, gap));
            }
        }
        // Most bounds are not idle.
        assert!(close > 5_000, "{close} of 12,000 within a factor of 20");
    }

    #[test]
    fn a_plate_with_both_plateaus_is_none_of_them() {
        let well = |i: i32| {
            let concentration = f64::from(2_i32.pow(i as u32));
            Point { concentration, response: 0.1 + 2.0 / (1.0 + (concentration / 16.0).powf(-1.5)) }
        };
        let rising: Vec<Point> = (0..9).map(well).collect();
        let falling = rising.iter().map(|well| Point { response: 3.0 - well.response, ..*well }).collect();
        for wells in [rising, falling] {
            let standards = merge(&wells);
            let bounds = LowerBounds::new(&standards, &vec![1.0; standards.len()]);
            for kernel in BENT_ONE_WAY {
                let gaps = standards.windows(2).map(|pair| Some((pair[0].ln_x, pair[1].ln_x)));
                let gaps: Vec<_> = if kernel.has_kink() { gaps.collect() } else { vec![None] };
                for gap in gaps {
                    assert!(bounds.is_above(0.005, kernel, gap), "{kernel:?} {gap:?}");
                }
            }
            assert!(!bounds.is_above(0.0, Kernel::Weibull, None));
        }
    }
}
