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

use super::exponential;
use super::kernel::{Jet, Kernel, logistic};
use super::point::Standard;

/// The line `y = α + κ s` that remains to be fitted for a given shape.
#[derive(Debug, Clone, Copy, PartialEq)]
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
pub(crate) struct Problem<'a> {
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

/// The projected problem at one shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Evaluation {
    pub theta: [f64; 3],
    pub line: Line,
    pub alpha: f64,
    pub kappa: f64,
    /// The `s` of the point that the line passes through: the weighted mean for a free line.
    pub pivot: f64,
    /// Σ n w (ȳ − f)²: twice `F`.
    pub rss: f64,
    pub gradient: [f64; 3],
    pub hessian: [[f64; 3]; 3],
    /// The part of the Hessian that is never indefinite.
    pub gauss_newton: [[f64; 3]; 3],
}

impl Problem<'_> {
    /// Evaluates the projected problem at `theta`. `jets` is scratch space, one per standard.
    pub(crate) fn evaluate(&self, theta: [f64; 3], jets: &mut [Jet]) -> Evaluation {
        let b = self.kernels(&theta, jets);
        // The asymmetry is searched in few problems: the others are spared its sums.
        if self.free[2] { self.evaluate_in::<3>(theta, b, jets) } else { self.evaluate_in::<2>(theta, b, jets) }
    }

    fn evaluate_in<const N: usize>(&self, theta: [f64; 3], b: f64, jets: &[Jet]) -> Evaluation {
        let pivot = self.means::<N>(theta[0], b, jets);
        let sums = self.sums(theta[0], b, jets, &pivot);
        let kappa = sums.slope();
        let alpha = pivot.y - kappa * pivot.s;
        if !self.outside(alpha, kappa) {
            return sums.finish(theta, Line::Free, (alpha, kappa, pivot.s), self.rss(alpha, kappa, jets));
        }
        let (line, alpha, kappa) = self.best_line_inside(jets);
        let pivot = match line {
            Line::Through { s, y } => Pivot { s, y, first: [0.0; N] },
            Line::Free | Line::Fixed { .. } => Pivot { s: 0.0, y: alpha, first: [0.0; N] },
        };
        self.sums(theta[0], b, jets, &pivot).finish(theta, line, (alpha, kappa, pivot.s), self.rss(alpha, kappa, jets))
    }

    /// The sum of squares alone, at points that differ in `ln c` only.
    ///
    /// The logistic's `e^−t` is `x^−b` times `c^b`: the powers of the standards are shared, and a point costs one exponential
    /// and a few sums. The sums are those of a search on a grid: good to some ten digits.
    pub(crate) fn rss_along(&self, theta: impl Fn(usize) -> [f64; 3], jets: &mut [Jet], rss: &mut [f64]) {
        if self.kernel != Kernel::Logistic {
            for (i, rss) in rss.iter_mut().enumerate() {
                *rss = self.rss_at(theta(i), jets);
            }
            return;
        }
        let (b, origin) = (libm::exp(theta(0)[1]), theta(0)[0]);
        let (mut weight, mut y) = (0.0, 0.0);
        for ((jet, standard), w) in jets.iter_mut().zip(self.standards).zip(self.weights) {
            // Kept where the kernel's derivative would stand; no power at zero: s = 0 there.
            jet.t = if standard.x > 0.0 { exponential::exp(-b * (standard.ln_x - origin)) } else { f64::INFINITY };
            let nw = standard.n * w;
            weight += nw;
            y += nw * standard.mean;
        }
        y /= weight;
        for (i, rss) in rss.iter_mut().enumerate() {
            let power = exponential::exp(b * (theta(i)[0] - origin));
            let (mut s, mut ss, mut sy, mut yy) = (0.0, 0.0, 0.0, 0.0);
            for ((jet, standard), w) in jets.iter_mut().zip(self.standards).zip(self.weights) {
                let (nw, from_mean) = (standard.n * w, standard.mean - y);
                jet.s = 1.0 / (1.0 + jet.t * power);
                s += nw * jet.s;
                ss += nw * jet.s * jet.s;
                sy += nw * jet.s * from_mean;
                yy += nw * from_mean * from_mean;
            }
            let about_mean = ss - s * s / weight;
            let kappa = if about_mean > 0.0 { sy / about_mean } else { 0.0 };
            let alpha = y - kappa * s / weight;
            *rss = if self.outside(alpha, kappa) {
                let (_, alpha, kappa) = self.best_line_inside(jets);
                self.rss(alpha, kappa, jets)
            } else {
                (yy - kappa * sy).max(0.0)
            };
        }
    }

    /// The sum of squares alone.
    pub(crate) fn rss_at(&self, theta: [f64; 3], jets: &mut [Jet]) -> f64 {
        self.kernels(&theta, jets);
        let (alpha, kappa) = self.best_line(Line::Free, jets);
        let (_, alpha, kappa) =
            if self.outside(alpha, kappa) { self.best_line_inside(jets) } else { (Line::Free, alpha, kappa) };
        self.rss(alpha, kappa, jets)
    }

    /// Fills in the kernel of each standard; gives the slope `b`.
    pub(crate) fn kernels(&self, theta: &[f64; 3], jets: &mut [Jet]) -> f64 {
        let (b, g) = (libm::exp(theta[1]), if self.free[2] || theta[2] != 0.0 { libm::exp(theta[2]) } else { 1.0 });
        // No kernel whose value runs away at zero is used where there is a zero standard: there it is 0.
        let ln_c = theta[0];
        let levels = jets
            .iter_mut()
            .zip(self.standards)
            .map(|(jet, standard)| (jet, standard.x > 0.0, b * (standard.ln_x - ln_c)));
        if self.kernel == Kernel::Logistic {
            // The same as below, but inlined: nearly all fits are of this kernel.
            levels.for_each(|(jet, positive, t)| *jet = if positive { logistic(t) } else { Jet::default() });
        } else {
            levels.for_each(|(jet, positive, t)| *jet = if positive { self.kernel.jet(t, g) } else { Jet::default() });
        }
        b
    }

    /// The least-squares line of its kind: `(α, κ)`.
    fn best_line(&self, line: Line, jets: &[Jet]) -> (f64, f64) {
        let (s0, y0) = match line {
            Line::Fixed { alpha, kappa } => return (alpha, kappa),
            Line::Through { s, y } => (s, y),
            Line::Free => {
                let Pivot { s, y, .. } = self.means::<0>(0.0, 0.0, jets);
                (s, y)
            }
        };
        let (mut szz, mut szy) = (0.0, 0.0);
        for ((jet, standard), w) in jets.iter().zip(self.standards).zip(self.weights) {
            let (z, nw) = (jet.s - s0, standard.n * w);
            szz += nw * z * z;
            szy += nw * z * (standard.mean - y0);
        }
        let kappa = if szz > 0.0 { szy / szz } else { 0.0 };
        (y0 - kappa * s0, kappa)
    }

    /// The weighted means of `s`, `y` and the derivatives of `s`.
    fn means<const N: usize>(&self, ln_c: f64, b: f64, jets: &[Jet]) -> Pivot<N> {
        let mut mean = Pivot { s: 0.0, y: 0.0, first: [0.0; N] };
        let mut weight = 0.0;
        for ((jet, standard), w) in jets.iter().zip(self.standards).zip(self.weights) {
            let nw = standard.n * w;
            weight += nw;
            mean.s += nw * jet.s;
            mean.y += nw * standard.mean;
            let first = first_order(jet, standard, ln_c, b);
            for j in 0..N {
                mean.first[j] += nw * first[j];
            }
        }
        Pivot { s: mean.s / weight, y: mean.y / weight, first: mean.first.map(|sum| sum / weight) }
    }

    /// Σ n w ȳ².
    pub(crate) fn sum_of_squares(&self) -> f64 {
        self.standards.iter().zip(self.weights).map(|(s, w)| s.n * w * s.mean * s.mean).sum()
    }

    fn rss(&self, alpha: f64, kappa: f64, jets: &[Jet]) -> f64 {
        let mut rss = 0.0;
        for ((jet, standard), w) in jets.iter().zip(self.standards).zip(self.weights) {
            let r = standard.mean - alpha - kappa * jet.s;
            rss += standard.n * w * r * r;
        }
        rss
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
    fn best_line_inside(&self, jets: &[Jet]) -> (Line, f64, f64) {
        let pins = |s: Option<f64>, (low, high): Bound| {
            let pin = move |y: f64| s.filter(|_| y.is_finite()).map(|s| (s, y));
            [pin(low), pin(high)]
        };
        let (at_a, at_d) = (pins(self.kernel.at_zero(), self.a), pins(self.kernel.at_infinity(), self.d));
        let mut best = (Line::Free, 0.0, 0.0);
        let mut best_rss = f64::INFINITY;
        let mut offer = |line: Line| {
            let (alpha, kappa) = self.best_line(line, jets);
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
            let rss = self.rss(alpha, kappa, jets);
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

    /// The sums of the equations of this file about a pivot.
    fn sums<const N: usize>(&self, ln_c: f64, b: f64, jets: &[Jet], pivot: &Pivot<N>) -> Sums<N> {
        let mut sums = Sums::<N>::default();
        for ((jet, standard), w) in jets.iter().zip(self.standards).zip(self.weights) {
            let mut first = [0.0; N];
            let raw = first_order(jet, standard, ln_c, b);
            for j in 0..N {
                first[j] = raw[j] - pivot.first[j];
            }
            let (z, y) = (jet.s - pivot.s, standard.mean - pivot.y);
            sums.add(standard.n * w, z, y, &first, &second_order(jet, standard, ln_c, b));
        }
        sums
    }
}

/// The point that the line passes through, with the derivatives of its `s`: the means for a free line, which passes through
/// them; a fixed point otherwise. `N` is the number of shape parameters, 2 without the asymmetry.
#[derive(Debug, Clone, Copy)]
struct Pivot<const N: usize> {
    s: f64,
    y: f64,
    first: [f64; N],
}

/// Derivatives of the kernel by `ln c`, `ln b`, `ln g`.
#[inline]
pub(crate) fn first_order(jet: &Jet, standard: &Standard, ln_c: f64, b: f64) -> [f64; 3] {
    if standard.x > 0.0 { [-b * jet.t, b * (standard.ln_x - ln_c) * jet.t, jet.g] } else { [0.0; 3] }
}

/// Second derivatives of the kernel, packed: `cc, cb, bb, cg, bg, gg`.
#[inline]
fn second_order(jet: &Jet, standard: &Standard, ln_c: f64, b: f64) -> [f64; 6] {
    if standard.x <= 0.0 {
        return [0.0; 6];
    }
    let t = b * (standard.ln_x - ln_c);
    let curved = jet.t + t * jet.tt;
    [b * b * jet.tt, -b * curved, t * curved, -b * jet.tg, t * jet.tg, jet.gg]
}

/// The sums of the equations of this file, with `y` in place of `r`: `r = y − κ z`, and `κ` is known only afterwards.
struct Sums<const N: usize> {
    zz: f64,
    zy: f64,
    z_first: [f64; N],
    y_first: [f64; N],
    first_first: [[f64; N]; N],
    z_second: [[f64; N]; N],
    y_second: [[f64; N]; N],
}

impl<const N: usize> Default for Sums<N> {
    fn default() -> Self {
        let (vector, matrix) = ([0.0; N], [[0.0; N]; N]);
        Self {
            zz: 0.0,
            zy: 0.0,
            z_first: vector,
            y_first: vector,
            first_first: matrix,
            z_second: matrix,
            y_second: matrix,
        }
    }
}

/// Where `(j, k)`, `j ≥ k`, stands in a packed symmetric matrix.
const fn packed(j: usize, k: usize) -> usize {
    j * (j + 1) / 2 + k
}

impl<const N: usize> Sums<N> {
    #[inline]
    fn add(&mut self, nw: f64, z: f64, y: f64, first: &[f64; N], second: &[f64; 6]) {
        let (wz, wy) = (nw * z, nw * y);
        self.zz += wz * z;
        self.zy += wz * y;
        for j in 0..N {
            self.z_first[j] += wz * first[j];
            self.y_first[j] += wy * first[j];
            for k in 0..=j {
                self.first_first[j][k] += nw * first[j] * first[k];
                self.z_second[j][k] += wz * second[packed(j, k)];
                self.y_second[j][k] += wy * second[packed(j, k)];
            }
        }
    }

    /// The slope κ of the line through the pivot.
    fn slope(&self) -> f64 {
        if self.zz > 0.0 { self.zy / self.zz } else { 0.0 }
    }

    fn finish(&self, theta: [f64; 3], line: Line, (alpha, kappa, pivot): (f64, f64, f64), rss: f64) -> Evaluation {
        let zero = [[0.0; 3]; 3];
        let mut evaluation =
            Evaluation { theta, line, alpha, kappa, pivot, rss, gradient: [0.0; 3], hessian: zero, gauss_newton: zero };
        let per_a = if matches!(line, Line::Fixed { .. }) || self.zz <= 0.0 { 0.0 } else { 1.0 / self.zz };
        let mut r_first = [0.0; N];
        for j in 0..N {
            r_first[j] = self.y_first[j] - kappa * self.z_first[j];
            evaluation.gradient[j] = -kappa * r_first[j];
            for k in 0..=j {
                let r_second = self.y_second[j][k] - kappa * self.z_second[j][k];
                let outer = kappa * kappa * self.first_first[j][k];
                let (uj, uk) = (kappa * self.z_first[j], kappa * self.z_first[k]);
                let gauss_newton = outer - uj * uk * per_a;
                let hessian = outer - kappa * r_second - (uj - r_first[j]) * (uk - r_first[k]) * per_a;
                (evaluation.gauss_newton[j][k], evaluation.gauss_newton[k][j]) = (gauss_newton, gauss_newton);
                (evaluation.hessian[j][k], evaluation.hessian[k][j]) = (hessian, hessian);
            }
        }
        evaluation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::point::{Point, merge};

    const OPEN: Bound = (f64::NEG_INFINITY, f64::INFINITY);

    fn standards() -> Vec<Standard> {
        let wells =
            [(0.0, 0.05), (0.0, 0.06), (1.0, 0.2), (3.0, 0.7), (3.0, 0.8), (10.0, 1.5), (40.0, 2.1), (90.0, 2.2)];
        merge(&wells.map(|(concentration, response)| Point { concentration, response }))
    }

    #[test]
    fn gradient_and_hessian_agree_with_differences() {
        let standards = standards();
        let weights: Vec<f64> = standards.iter().map(|s| 1.0 / s.mean).collect();
        for kernel in
            [Kernel::Logistic, Kernel::Five, Kernel::FiveMirror, Kernel::Weibull, Kernel::Frechet, Kernel::Softplus]
        {
            for (a, d) in [(OPEN, OPEN), ((0.03, 0.03), OPEN), (OPEN, (2.5, 2.5)), ((0.03, 0.03), (2.5, 2.5))] {
                let problem = Problem {
                    standards: &standards,
                    weights: &weights,
                    kernel,
                    free: kernel.depends_on(),
                    bounds: [OPEN; 3],
                    a,
                    d,
                };
                let mut jets = vec![Jet::default(); standards.len()];
                let theta = [1.7, 0.2, if problem.free[2] { -0.3 } else { 0.0 }];
                let here = problem.evaluate(theta, &mut jets);
                let h = 1e-5;
                for j in (0..3).filter(|&j| problem.free[j]) {
                    let (mut up, mut down) = (theta, theta);
                    up[j] += h;
                    down[j] -= h;
                    let (up, down) = (problem.evaluate(up, &mut jets), problem.evaluate(down, &mut jets));
                    let slope = (up.rss - down.rss) / (4.0 * h);
                    assert!((here.gradient[j] - slope).abs() < 1e-7 * (1.0 + slope.abs()), "{kernel:?} {j} {slope}");
                    for k in (0..3).filter(|&k| problem.free[k]) {
                        let slope = (up.gradient[k] - down.gradient[k]) / (2.0 * h);
                        let found = here.hessian[j][k];
                        assert!(
                            (found - slope).abs() < 1e-6 * (1.0 + slope.abs()),
                            "{kernel:?} {j}{k} {slope} {found}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn bounded_plateaus_are_met() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let problem = Problem {
            standards: &standards,
            weights: &weights,
            kernel: Kernel::Logistic,
            free: [true, true, false],
            bounds: [OPEN; 3],
            a: (0.2, 0.5),
            d: (0.0, 2.0),
        };
        let mut jets = vec![Jet::default(); standards.len()];
        let found = problem.evaluate([1.7, 0.2, 0.0], &mut jets);
        assert!((0.2 - 1e-12..=0.5).contains(&found.alpha));
        assert!(found.alpha + found.kappa <= 2.0 + 1e-12);
    }
}
