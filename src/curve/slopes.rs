//! The quadratic model of the projected sum of squares about a shape: the equations of [`super::projection`] for its gradient
//! and its Hessian.

use super::four::Four;
use super::quad::packed;

/// Gradient and Hessian of `F` by `ln c`, `ln b`, `ln g`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Slopes {
    pub gradient: [f64; 3],
    pub hessian: [[f64; 3]; 3],
    /// The part of the Hessian that is never indefinite.
    pub gauss_newton: [[f64; 3]; 3],
}

/// The sums of the equations, of the first `N` shape parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sums<T, const N: usize> {
    zz: T,
    z_first: [T; N],
    r_first: [T; N],
    first_first: [[T; N]; N],
    r_second: [[T; N]; N],
}

impl<const N: usize> Default for Sums<Four, N> {
    fn default() -> Self {
        let (number, vector, matrix) = (Four::default(), [Four::default(); N], [[Four::default(); N]; N]);
        Self { zz: number, z_first: vector, r_first: vector, first_first: matrix, r_second: matrix }
    }
}

impl<const N: usize> Sums<Four, N> {
    /// Adds four terms: their weights `n w`, `z`, residuals, and derivatives of the kernel, the first ones less their means.
    #[inline]
    pub(crate) fn add(&mut self, weight: Four, z: Four, r: Four, first: &[Four; N], second: &[Four]) {
        let (wz, wr) = (weight * z, weight * r);
        self.zz += wz * z;
        for j in 0..N {
            self.z_first[j] += wz * first[j];
            self.r_first[j] += wr * first[j];
            let wf = weight * first[j];
            for k in 0..=j {
                self.first_first[j][k] += wf * first[k];
                self.r_second[j][k] += wr * second[packed(j, k)];
            }
        }
    }

    /// One number for each four.
    #[inline]
    pub(crate) fn reduce(&self, one: impl Fn(Four) -> f64) -> Sums<f64, N> {
        Sums {
            zz: one(self.zz),
            z_first: self.z_first.map(&one),
            r_first: self.r_first.map(&one),
            first_first: self.first_first.map(|row| row.map(&one)),
            r_second: self.r_second.map(|row| row.map(&one)),
        }
    }
}

impl<const N: usize> Sums<f64, N> {
    /// The equations. Of a line that is fixed, nothing is projected out.
    #[inline]
    pub(crate) fn slopes(&self, kappa: f64, fixed: bool) -> Slopes {
        let per_a = if fixed || self.zz <= 0.0 { 0.0 } else { 1.0 / self.zz };
        let mut slopes = Slopes::default();
        for j in 0..N {
            slopes.gradient[j] = -kappa * self.r_first[j];
            for k in 0..=j {
                let outer = kappa * kappa * self.first_first[j][k];
                let (uj, uk) = (kappa * self.z_first[j], kappa * self.z_first[k]);
                let gauss_newton = outer - uj * uk * per_a;
                let hessian =
                    outer - kappa * self.r_second[j][k] - (uj - self.r_first[j]) * (uk - self.r_first[k]) * per_a;
                (slopes.gauss_newton[j][k], slopes.gauss_newton[k][j]) = (gauss_newton, gauss_newton);
                (slopes.hessian[j][k], slopes.hessian[k][j]) = (hessian, hessian);
            }
        }
        slopes
    }
}
