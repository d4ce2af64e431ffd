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
#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::{Point, merge};

    /// One at a time as four at a time.
    #[test]
    fn derivatives_are_those_of_a_quad() {
        let levels = [0.0, 1.0, 5.0, 25.0, 125.0, 625.0];
        let standards = merge(&levels.map(|concentration| Point { concentration, response: concentration }));
        let at = KernelPoint { ln_c: 2.0, b: 1.7, g: 0.6 };
        let mut quads = Quad::of(&standards, &[1.0; 6]);
        quads.iter_mut().for_each(|quad| quad.fill::<3>(Kernel::Five, at));
        for (i, standard) in standards.iter().enumerate().skip(1) {
            let t = at.b * (standard.ln_x - at.ln_c);
            let one = first_order(&Kernel::Five.jet(t, at.g), t, at.b);
            for j in 0..3 {
                let four = quads[i / 4].first[j].0[i % 4];
                assert!((one[j] - four).abs() < 1e-14 && four != 0.0, "{i} {j}: {one:?} {four}");
            }
        }
        assert_eq!([quads[0].s.0[0], quads[0].first[0].0[0], quads[0].first[2].0[0]], [0.0; 3], "at zero");
        assert_eq!((quads.len(), quads[1].weight.0), (2, [1.0, 1.0, 0.0, 0.0]));
    }
}
