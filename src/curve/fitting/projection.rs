//! Variable projection: the sum of squares as a function of the shape alone.
//!
//! `y = α + κ s(x; θ)` is linear in `α` and `κ`, so for any shape `θ = (ln c, ln b, ln g)` the best line is known, and what
//! is left to minimise is (Golub & Pereyra 1973, SIAM J. Numer. Anal. 10:413)
//!
//! ```text
//! F(θ) = min over α, κ of ½ Σ n w (ȳ − α − κ s(x; θ))²
//! ```
//!
//! With residuals `r`, the kernel less its weighted mean `z = s − s̄` (likewise its derivatives `zⱼ`, `zⱼₖ`) and `A = Σ n w z²`:
//!
//! ```text
//! ∂F/∂θⱼ       = −κ Σ n w r zⱼ
//! ∂²F/∂θⱼ∂θₖ   = κ² Σ n w zⱼ zₖ − κ Σ n w r zⱼₖ − uⱼ uₖ / A,     uⱼ = κ Σ n w z zⱼ − Σ n w r zⱼ
//! ```
//!
//! Both are exact: the Hessian costs no further exponential, and Newton's method needs about half of the steps of
//! Gauss–Newton. Where a plateau is fixed the line has to pass through a point, which takes the place of the means.

use serde::{Deserialize, Serialize};

use super::quad::{KernelPoint, Quad};
use super::slopes::{Slopes, Sums};
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::point::Standard;
use crate::curve::numerics::exponential;
use crate::curve::numerics::lanes::{Four, LANES, Numeric};

/// The line `y = α + κ s` that remains to be fitted for a given shape.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Line {
    /// Any.
    Free,
    /// Through this point.
    Through { s: f64, y: f64 },
    /// This one.
    Fixed { alpha: f64, kappa: f64 },
}

/// What may not be exceeded by the response at a plateau; infinite where there is no bound.
pub(crate) type Bound = (f64, f64);

/// A least-squares problem for one kernel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeastSquaresProblem<'a> {
    pub standards: &'a [Standard],
    /// One per standard: 1 / variance of a well, up to a common factor.
    pub weights: &'a [f64],
    pub kernel: Kernel,
    /// Which of `ln c`, `ln b`, `ln g` are searched.
    pub free: [bool; 3],
    /// Bounds of `ln c`, `ln b`, `ln g`.
    pub bounds: [Bound; 3],
    /// Bounds of `a` and `d`; equal ones fix it.
    pub a: Bound,
    pub d: Bound,
}

#[cfg(test)]
impl<'a> LeastSquaresProblem<'a> {
    /// Everything that the kernel depends on is searched, without bounds.
    pub(crate) fn open(kernel: Kernel, standards: &'a [Standard], weights: &'a [f64]) -> Self {
        let open = (f64::NEG_INFINITY, f64::INFINITY);
        Self { standards, weights, kernel, free: kernel.depends_on(), bounds: [open; 3], a: open, d: open }
    }
}

/// The projected problem at one shape: the best line, and what it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Evaluation {
    pub theta: [f64; 3],
    pub line: Line,
    pub alpha: f64,
    pub kappa: f64,
    /// The `s` of the point that the line passes through: the weighted mean for a free line.
    pub pivot: f64,
    /// Σ n w (ȳ − f)²: twice `F`.
    pub rss: f64,
}

impl Evaluation {
    /// The curve at each of so many standards, whose kernel the quads hold.
    pub(crate) fn means(&self, quads: &[Quad], standards: usize, means: &mut Vec<f64>) {
        means.clear();
        means.extend(kernels(quads, standards).map(|s| self.alpha + self.kappa * s));
    }
}

/// The kernel at each of so many standards.
pub(crate) fn kernels(quads: &[Quad], standards: usize) -> impl Iterator<Item = f64> {
    quads.iter().flat_map(|quad| quad.s.0).take(standards)
}

/// Sets the weights of the levels.
fn weigh(quads: &mut [Quad], standards: &[Standard], weights: impl Iterator<Item = f64>) {
    let lanes = quads.iter_mut().flat_map(|quad| quad.weight.0.iter_mut());
    for (lane, (standard, weight)) in lanes.zip(standards.iter().zip(weights)) {
        *lane = standard.n * weight;
    }
}

impl LeastSquaresProblem<'_> {
    /// Evaluates the projected problem at `theta`, with its slopes. `quads` are its levels: [`Quad::of`] its standards and
    /// weights.
    pub(crate) fn evaluate(&self, theta: [f64; 3], quads: &mut [Quad]) -> (Evaluation, Slopes) {
        // The asymmetry is searched in few problems: the others are spared its sums.
        if self.free[2] { self.evaluate_in::<3>(theta, quads) } else { self.evaluate_in::<2>(theta, quads) }
    }

    fn evaluate_in<const N: usize>(&self, theta: [f64; 3], quads: &mut [Quad]) -> (Evaluation, Slopes) {
        self.fill::<N>(&theta, quads);
        let at = self.line(theta, quads);
        let first = if at.line == Line::Free { mean_first::<N>(quads) } else { [Four::default(); N] };
        let mut sums = Sums::<Four, N>::default();
        let (pivot, alpha, kappa) = (Four::all(at.pivot), Four::all(at.alpha), Four::all(at.kappa));
        for quad in quads.iter() {
            let mut centred = first;
            for j in 0..N {
                centred[j] = quad.first[j] - first[j];
            }
            sums.add(quad.weight, quad.s - pivot, quad.mean - alpha - kappa * quad.s, &centred, &quad.second);
        }
        (at, sums.reduce(Four::sum).slopes(at.kappa, matches!(at.line, Line::Fixed { .. })))
    }

    /// The same without the slopes.
    pub(crate) fn line_at(&self, theta: [f64; 3], quads: &mut [Quad]) -> Evaluation {
        self.fill::<0>(&theta, quads);
        self.line(theta, quads)
    }

    /// The line under other weights, of a shape whose kernel the quads hold already.
    pub(crate) fn line_again(
        &self,
        theta: [f64; 3],
        quads: &mut [Quad],
        weights: impl Iterator<Item = f64>,
    ) -> Evaluation {
        weigh(quads, self.standards, weights);
        self.line(theta, quads)
    }

    /// The curve of a shape with its best line under the variances of its own means, at each standard: after so many rounds from the
    /// weights of the problem.
    pub(crate) fn settle_line(
        &self,
        theta: [f64; 3],
        quads: &mut [Quad],
        rounds: usize,
        variance: impl Fn(f64) -> f64,
        means: &mut Vec<f64>,
    ) {
        weigh(quads, self.standards, self.weights.iter().copied());
        let at = self.line_at(theta, quads);
        at.means(quads, self.standards.len(), means);
        for _ in 1..rounds {
            let at = self.line_again(theta, quads, means.iter().map(|&mean| 1.0 / variance(mean)));
            at.means(quads, self.standards.len(), means);
        }
    }

    /// The curve at each standard.
    pub(crate) fn fitted(&self, at: &Evaluation) -> Vec<f64> {
        let (mut quads, mut means) = (Quad::of(self.standards, self.weights), Vec::new());
        self.fill::<0>(&at.theta, &mut quads);
        at.means(&quads, self.standards.len(), &mut means);
        means
    }

    /// The sum of squares at points that differ in `ln c` only.
    ///
    /// The logistic's `e^−t` is `x^−b` times `c^b`: the powers of the standards are shared, and four points stand side by side. The sums
    /// are those of a search on a grid: good to some ten digits.
    pub(crate) fn rss_along(&self, theta: impl Fn(usize) -> [f64; 3], quads: &mut [Quad], rss: &mut [f64]) {
        if self.kernel != Kernel::Logistic {
            for (i, rss) in rss.iter_mut().enumerate() {
                *rss = self.line_at(theta(i), quads).rss;
            }
            return;
        }
        let [origin, ln_b, _] = theta(0);
        let b = exponential::exp(ln_b);
        let (mut weight, mut y) = (Four::default(), Four::default());
        for quad in quads.iter_mut() {
            // Kept where a derivative would stand.
            quad.first[0] = exponential::exp(Four::all(-b) * (quad.ln_x - Four::all(origin)));
            weight += quad.weight;
            y += quad.weight * quad.mean;
        }
        let weight = weight.sum();
        let y = y.sum() / weight;
        let mut yy = Four::default();
        for quad in quads.iter() {
            let from_mean = quad.mean - Four::all(y);
            yy += quad.weight * from_mean * from_mean;
        }
        let yy = yy.sum();
        for (group, four) in rss.chunks_mut(LANES).enumerate() {
            let mut exponents = Four::default();
            for (lane, exponent) in exponents.0.iter_mut().enumerate() {
                *exponent = b * (theta(LANES * group + lane)[0] - origin);
            }
            let powers = exponential::exp(exponents);
            let sums = MidpointSums::of(quads, y, powers);
            for (lane, rss) in four.iter_mut().enumerate() {
                let [s, ss, sy] = sums.lane(lane);
                let about_mean = ss - s * s / weight;
                let kappa = if about_mean > 0.0 { sy / about_mean } else { 0.0 };
                let alpha = y - kappa * s / weight;
                *rss = if self.outside(alpha, kappa) {
                    self.line_at(theta(LANES * group + lane), quads).rss
                } else {
                    (yy - kappa * sy).max(0.0)
                };
            }
        }
    }

    /// Fills in the kernel of each standard, with its derivatives by the first `N` of `ln c`, `ln b`, `ln g`.
    #[inline]
    fn fill<const N: usize>(&self, theta: &[f64; 3], quads: &mut [Quad]) {
        let g = if self.free[2] || theta[2] != 0.0 { exponential::exp(theta[2]) } else { 1.0 };
        let at = KernelPoint { ln_c: theta[0], b: exponential::exp(theta[1]), g };
        // The families themselves are spared the choice among all kernels.
        match self.kernel {
            Kernel::Logistic => quads.iter_mut().for_each(|quad| quad.fill::<N>(Kernel::Logistic, at)),
            Kernel::Five => quads.iter_mut().for_each(|quad| quad.fill::<N>(Kernel::Five, at)),
            Kernel::FiveMirror => quads.iter_mut().for_each(|quad| quad.fill::<N>(Kernel::FiveMirror, at)),
            limit => fill_any::<N>(limit, at, quads),
        }
    }

    /// The best line for the kernels that are filled in.
    #[inline]
    fn line(&self, theta: [f64; 3], quads: &[Quad]) -> Evaluation {
        let (s, y) = means(quads);
        let (alpha, kappa) = line_through((s, y), quads);
        let (line, alpha, kappa, pivot) = if self.outside(alpha, kappa) {
            let (line, alpha, kappa) = self.best_line_inside(quads);
            (line, alpha, kappa, if let Line::Through { s, .. } = line { s } else { 0.0 })
        } else {
            (Line::Free, alpha, kappa, s)
        };
        Evaluation { theta, line, alpha, kappa, pivot, rss: residual_sum(alpha, kappa, quads) }
    }

    #[inline]
    fn outside(&self, alpha: f64, kappa: f64) -> bool {
        let out = |s: Option<f64>, (low, high): Bound| {
            s.is_some_and(|s| {
                let y = alpha + kappa * s;
                y < low || y > high
            })
        };
        out(self.kernel.at_zero(), self.a) || out(self.kernel.at_infinity(), self.d)
    }

    /// The best line within the bounds of `a` and `d`: on one of them or on one of each.
    fn best_line_inside(&self, quads: &[Quad]) -> (Line, f64, f64) {
        let pins = |s: Option<f64>, (low, high): Bound| {
            let pin = move |y: f64| s.filter(|_| y.is_finite()).map(|s| (s, y));
            [pin(low), pin(high)]
        };
        let (at_a, at_d) = (pins(self.kernel.at_zero(), self.a), pins(self.kernel.at_infinity(), self.d));
        let mut best = (Line::Free, 0.0, 0.0);
        let mut best_rss = f64::INFINITY;
        let mut offer = |line: Line| {
            let (alpha, kappa) = match line {
                Line::Fixed { alpha, kappa } => (alpha, kappa),
                Line::Through { s, y } => line_through((s, y), quads),
                Line::Free => return,
            };
            // A line through a bound meets it but for rounding: the pinned end is inside by definition.
            let inside = match line {
                Line::Fixed { .. } => true,
                Line::Through { s, .. } => {
                    let other = |end: Option<f64>, (low, high): Bound| {
                        end.is_none_or(|end| end == s || (low..=high).contains(&(alpha + kappa * end)))
                    };
                    other(self.kernel.at_zero(), self.a) && other(self.kernel.at_infinity(), self.d)
                }
                Line::Free => false,
            };
            let rss = residual_sum(alpha, kappa, quads);
            if inside && rss < best_rss {
                best = (line, alpha, kappa);
                best_rss = rss;
            }
        };
        for &(s, y) in at_a.iter().chain(&at_d).flatten() {
            offer(Line::Through { s, y });
        }
        for &(s0, y0) in at_a.iter().flatten() {
            for &(s1, y1) in at_d.iter().flatten().filter(|(s1, _)| *s1 != s0) {
                let kappa = (y1 - y0) / (s1 - s0);
                offer(Line::Fixed { alpha: y0 - kappa * s0, kappa });
            }
        }
        best
    }
}

#[inline(never)]
fn fill_any<const N: usize>(kernel: Kernel, at: KernelPoint, quads: &mut [Quad]) {
    for quad in quads {
        quad.fill::<N>(kernel, at);
    }
}

/// The sums over the standards at four points that differ in `ln c` only, a point per lane: `Σ w s`, `Σ w s²`, `Σ w s (y − ȳ)`.
struct MidpointSums {
    s: Four,
    ss: Four,
    sy: Four,
}

impl MidpointSums {
    /// Of the logistic kernel, where the quads hold `x^−b` in place of a derivative and `powers` are `c^b`.
    #[inline(always)]
    fn of(quads: &[Quad], y: f64, powers: Four) -> Self {
        let (mut s, mut ss, mut sy) = (Four::default(), Four::default(), Four::default());
        for quad in quads {
            for i in 0..LANES {
                let one = powers.map(|power| 1.0 / (1.0 + quad.first[0].0[i] * power));
                let ws = Four::all(quad.weight.0[i] * quad.above_zero.0[i]) * one;
                s += ws;
                ss += ws * one;
                sy += ws * Four::all(quad.mean.0[i] - y);
            }
        }
        Self { s, ss, sy }
    }

    fn lane(&self, i: usize) -> [f64; 3] {
        [self.s.0[i], self.ss.0[i], self.sy.0[i]]
    }
}

/// The weighted means of `s` and `y`.
#[inline]
fn means(quads: &[Quad]) -> (f64, f64) {
    let (mut weight, mut s, mut y) = (Four::default(), Four::default(), Four::default());
    for quad in quads {
        weight += quad.weight;
        s += quad.weight * quad.s;
        y += quad.weight * quad.mean;
    }
    let weight = weight.sum();
    (s.sum() / weight, y.sum() / weight)
}

/// Σ n w ȳ².
pub(crate) fn sum_of_squares(quads: &[Quad]) -> f64 {
    quads.iter().map(|quad| (quad.weight * quad.mean * quad.mean).sum()).sum()
}

/// The weighted means of the kernel's derivatives, four times each.
#[inline]
fn mean_first<const N: usize>(quads: &[Quad]) -> [Four; N] {
    let (mut weight, mut first) = (Four::default(), [Four::default(); N]);
    for quad in quads {
        weight += quad.weight;
        for j in 0..N {
            first[j] += quad.weight * quad.first[j];
        }
    }
    let per_weight = 1.0 / weight.sum();
    first.map(|sum| Four::all(sum.sum() * per_weight))
}

/// `(α, κ)` of the least-squares line through a point; through the means, of all lines.
#[inline]
fn line_through((s0, y0): (f64, f64), quads: &[Quad]) -> (f64, f64) {
    let (mut zz, mut zy) = (Four::default(), Four::default());
    for quad in quads {
        let z = quad.s - Four::all(s0);
        let wz = quad.weight * z;
        zz += wz * z;
        zy += wz * (quad.mean - Four::all(y0));
    }
    let (zz, zy) = (zz.sum(), zy.sum());
    let kappa = if zz > 0.0 { zy / zz } else { 0.0 };
    (y0 - kappa * s0, kappa)
}

/// Σ n w (ȳ − α − κ s)².
#[inline]
fn residual_sum(alpha: f64, kappa: f64, quads: &[Quad]) -> f64 {
    let mut rss = Four::default();
    for quad in quads {
        let r = quad.mean - Four::all(alpha) - Four::all(kappa) * quad.s;
        rss += quad.weight * r * r;
    }
    rss.sum()
}

#[cfg(test)]
mod tests;
