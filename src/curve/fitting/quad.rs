//! Four levels side by side: the rows over which the sums of a least-squares problem run.

use crate::curve::definition::kernel::{Jet, Kernel};
use crate::curve::definition::point::Standard;
use crate::curve::numerics::lanes::{Four, LANES, Numeric};

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
pub(crate) struct KernelPoint {
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
    #[inline(always)]
    pub(crate) fn fill<const N: usize>(&mut self, kernel: Kernel, at: KernelPoint) {
        let [ln_c, b] = [at.ln_c, at.b].map(Four::all);
        let t = b * (self.ln_x - ln_c);
        let above_zero = self.above_zero;
        let Jet { s, t: slope, tt: bend, g, tg, gg } =
            kernel.jet(t, at.g).map(|row| above_zero.choose(|one| one > 0.0, row, Four::default()));
        self.s = s;
        if N > 0 {
            let curved = slope + t * bend;
            [self.first[0], self.first[1]] = [-b * slope, t * slope];
            [self.second[0], self.second[1], self.second[2]] = [b * b * bend, -b * curved, t * curved];
        }
        if N > 2 {
            self.first[2] = g;
            [self.second[3], self.second[4], self.second[5]] = [-b * tg, t * tg, gg];
        }
    }
}

/// Derivatives of the kernel by `ln c`, `ln b`, `ln g`, where `t = b (ln x − ln c)`.
#[inline]
pub(crate) fn first_order(jet: &Jet, t: f64, b: f64) -> [f64; 3] {
    [-b * jet.t, t * jet.t, jet.g]
}
