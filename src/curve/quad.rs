//! Four levels side by side: the rows over which the sums of a least-squares problem run.

use super::four::{Four, LANES};
use super::kernel::{Jet, Kernel, logistic};
use super::point::Standard;

/// Four levels: what was measured, and room for the kernel there.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quad {
    /// `n w` of each level; 0 where there are no four.
    pub weight: Four,
    /// The mean responses.
    pub mean: Four,
    /// The logarithms of the concentrations; 0 for concentration zero.
    pub ln_x: Four,
    /// 1, or 0 for concentration zero, where every kernel that is used there is 0.
    pub above_zero: Four,
    /// The kernel's value.
    pub s: Four,
    /// Its derivatives by `ln c`, `ln b`, `ln g`.
    pub first: [Four; 3],
    /// Its second derivatives, packed: `cc, cb, bb, cg, bg, gg`.
    pub second: [Four; 6],
}

/// Where the second derivative by `j` and `k`, `j ≥ k`, stands among the packed ones.
pub(crate) const fn packed(j: usize, k: usize) -> usize {
    j * (j + 1) / 2 + k
}

/// A shape as the kernel takes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub ln_c: f64,
    pub b: f64,
    pub g: f64,
}

impl Quad {
    /// The levels, four at a time, the last filled up with levels that count nothing.
    pub(crate) fn of(standards: &[Standard], weights: &[f64]) -> Vec<Self> {
        let quad = |(standards, weights): (&[Standard], &[f64])| {
            let mut quad = Self::default();
            for (i, (standard, w)) in standards.iter().zip(weights).enumerate().take(LANES) {
                quad.weight.0[i] = standard.n * w;
                quad.mean.0[i] = standard.mean;
                if standard.x > 0.0 {
                    (quad.ln_x.0[i], quad.above_zero.0[i]) = (standard.ln_x, 1.0);
                }
            }
            quad
        };
        standards.chunks(LANES).zip(weights.chunks(LANES)).map(quad).collect()
    }

    /// Fills in the kernel with its derivatives by the first `N` of `ln c`, `ln b`, `ln g`.
    #[inline]
    pub(crate) fn fill<const N: usize>(&mut self, kernel: Kernel, at: At) {
        if kernel == Kernel::Logistic {
            let rows = Rows::logistic(self.ln_x, self.above_zero, Four::all(at.ln_c), Four::all(at.b));
            self.s = rows.s;
            if N > 0 {
                [self.first[0], self.first[1]] = rows.first;
                [self.second[0], self.second[1], self.second[2]] = rows.second;
            }
            return;
        }
        for i in 0..LANES {
            let t = at.b * (self.ln_x.0[i] - at.ln_c);
            let jet = if self.above_zero.0[i] > 0.0 { kernel.jet(t, at.g) } else { Jet::default() };
            self.s.0[i] = jet.s;
            if N > 0 {
                let curved = jet.t + t * jet.tt;
                let second = [at.b * at.b * jet.tt, -at.b * curved, t * curved, -at.b * jet.tg, t * jet.tg, jet.gg];
                for (column, value) in self.first.iter_mut().zip(first_order(&jet, t, at.b)).take(N) {
                    column.0[i] = value;
                }
                for (column, value) in self.second.iter_mut().zip(second).take(packed(N, 0)) {
                    column.0[i] = value;
                }
            }
        }
    }
}

/// Derivatives of the kernel by `ln c`, `ln b`, `ln g`, where `t = b (ln x − ln c)`.
#[inline]
pub(crate) fn first_order(jet: &Jet, t: f64, b: f64) -> [f64; 3] {
    [-b * jet.t, t * jet.t, jet.g]
}

/// The logistic kernel four times, with its derivatives by `ln c` and `ln b`, and by `cc`, `cb`, `bb`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rows {
    pub s: Four,
    pub first: [Four; 2],
    pub second: [Four; 3],
}

impl Rows {
    /// At these `ln x`; `above_zero` as in [`Quad`].
    #[inline(always)]
    pub(crate) fn logistic(ln_x: Four, above_zero: Four, ln_c: Four, b: Four) -> Self {
        let (mut s, mut slope, mut bend, t) = (Four::default(), Four::default(), Four::default(), b * (ln_x - ln_c));
        for i in 0..LANES {
            let jet = logistic(t.0[i]);
            (s.0[i], slope.0[i], bend.0[i]) = (jet.s, jet.t, jet.tt);
        }
        let (slope, bend) = (above_zero * slope, above_zero * bend);
        let curved = slope + t * bend;
        let minus_b = b.map(|b| -b);
        Self {
            s: above_zero * s,
            first: [minus_b * slope, t * slope],
            second: [b * b * bend, minus_b * curved, t * curved],
        }
    }
}
