//! The quadratic model of the projected sum of squares about a shape: the equations of [`super::projection`] for its gradient
//! and its Hessian.

use super::quad::packed;
use crate::curve::numerics::lanes::Four;

/// Gradient and Hessian of `F` by `ln c`, `ln b`, `ln g`; matrices are [`packed`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Slopes {
    pub gradient: [f64; 3],
    pub hessian: [f64; 6],
    /// The part of the Hessian that is never indefinite.
    pub gauss_newton: [f64; 6],
}

/// The sums of the equations, of which the first `N` shape parameters are used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums<T, const N: usize> {
    zz: T,
    z_first: [T; 3],
    r_first: [T; 3],
    first_first: [T; 6],
    r_second: [T; 6],
}

impl<const N: usize> Sums<Four, N> {
    /// Adds four terms: their weights `n w`, `z`, residuals, and derivatives of the kernel, the first ones less their means.
    #[inline(always)]
    pub(crate) fn add(&mut self, weight: Four, z: Four, r: Four, first: &[Four; N], second: &[Four]) {
        let (wz, wr) = (weight * z, weight * r);
        self.zz += wz * z;
        for j in 0..N {
            self.z_first[j] += wz * first[j];
            self.r_first[j] += wr * first[j];
            let wf = weight * first[j];
            for k in 0..=j {
                self.first_first[packed(j, k)] += wf * first[k];
                self.r_second[packed(j, k)] += wr * second[packed(j, k)];
            }
        }
    }

    /// One number for each four.
    #[inline(always)]
    pub(crate) fn reduce(&self, one: impl Fn(Four) -> f64) -> Sums<f64, N> {
        let mut sums = Sums::<f64, N> { zz: one(self.zz), ..Sums::default() };
        for j in 0..N {
            sums.z_first[j] = one(self.z_first[j]);
            sums.r_first[j] = one(self.r_first[j]);
        }
        for jk in 0..packed(N, 0) {
            sums.first_first[jk] = one(self.first_first[jk]);
            sums.r_second[jk] = one(self.r_second[jk]);
        }
        sums
    }
}

impl<const N: usize> Sums<f64, N> {
    /// The equations. Of a line that is fixed, nothing is projected out.
    #[inline(always)]
    pub(crate) fn slopes(&self, kappa: f64, fixed: bool) -> Slopes {
        let per_a = if fixed || self.zz <= 0.0 { 0.0 } else { 1.0 / self.zz };
        let mut slopes = Slopes::default();
        for j in 0..N {
            slopes.gradient[j] = -kappa * self.r_first[j];
            for k in 0..=j {
                let jk = packed(j, k);
                let outer = kappa * kappa * self.first_first[jk];
                let (uj, uk) = (kappa * self.z_first[j], kappa * self.z_first[k]);
                slopes.gauss_newton[jk] = outer - uj * uk * per_a;
                slopes.hessian[jk] =
                    outer - kappa * self.r_second[jk] - (uj - self.r_first[j]) * (uk - self.r_first[k]) * per_a;
            }
        }
        slopes
    }
}
