//! Cholesky factors of small symmetric positive-definite matrices, for [`crate::curve`] and [`crate::stats`] alike.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// `A = L Lᵗ` with `L` lower triangular.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cholesky {
    lower: Array2<f64>,
}

impl Cholesky {
    /// Of a symmetric matrix, of which the lower triangle is read; `None` when it is not positive definite.
    pub(crate) fn of(a: ArrayView2<'_, f64>) -> Option<Self> {
        Self::with_pivots_above(0.0, a)
    }

    /// The same; `None` also where a pivot, the square of an entry of the diagonal of `L`, is not above `least`.
    pub(crate) fn with_pivots_above(least: f64, a: ArrayView2<'_, f64>) -> Option<Self> {
        let n = a.nrows();
        let mut lower = Array2::zeros((n, n));
        for i in 0..n {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| lower[[i, k]] * lower[[j, k]]).sum();
                let rest = a[[i, j]] - known;
                if i == j {
                    // Written so that NaN fails too.
                    if !(rest > least && rest.is_finite()) {
                        return None;
                    }
                    lower[[i, i]] = rest.sqrt();
                } else {
                    lower[[i, j]] = rest / lower[[j, j]];
                }
            }
        }
        Some(Self { lower })
    }

    /// `L`.
    pub(crate) fn lower(&self) -> &Array2<f64> {
        &self.lower
    }

    /// `ln |A|`.
    pub(crate) fn ln_determinant(&self) -> f64 {
        2.0 * self.lower.diag().iter().map(|&d| libm::log(d)).sum::<f64>()
    }

    /// `L⁻¹ b`.
    pub(crate) fn half_solve(&self, b: ArrayView1<'_, f64>) -> Array1<f64> {
        let mut x = b.to_owned();
        for i in 0..x.len() {
            let known: f64 = (0..i).map(|k| self.lower[[i, k]] * x[k]).sum();
            x[i] = (x[i] - known) / self.lower[[i, i]];
        }
        x
    }

    /// `A⁻¹ b`.
    pub(crate) fn solve(&self, b: ArrayView1<'_, f64>) -> Array1<f64> {
        let mut x = self.half_solve(b);
        for i in (0..x.len()).rev() {
            let known: f64 = (i + 1..x.len()).map(|k| self.lower[[k, i]] * x[k]).sum();
            x[i] = (x[i] - known) / self.lower[[i, i]];
        }
        x
    }

    /// `A⁻¹`.
    pub(crate) fn inverse(&self) -> Array2<f64> {
        let n = self.lower.nrows();
        let mut inverse = Array2::zeros((n, n));
        for j in 0..n {
            let mut unit = Array1::zeros(n);
            unit[j] = 1.0;
            inverse.column_mut(j).assign(&self.solve(unit.view()));
        }
        // Symmetric to the last bit.
        for i in 0..n {
            for j in 0..i {
                let mean = 0.5 * (inverse[[i, j]] + inverse[[j, i]]);
                inverse[[i, j]] = mean;
                inverse[[j, i]] = mean;
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_inverse_inverts() {
        let a = array![[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]];
        let factor = Cholesky::of(a.view()).unwrap();
        let product = a.dot(&factor.inverse());
        assert!((&product - &Array2::<f64>::eye(3)).iter().all(|error| error.abs() < 1e-15));
        let determinant: f64 = 4.0 * (15.0 - 1.0) - 2.0 * (6.0 - 0.6) + 0.6 * (2.0 - 3.0);
        assert!((factor.ln_determinant() - determinant.ln()).abs() < 1e-14);
        assert_eq!(
            *Cholesky::of(array![[4.0, 2.0], [2.0, 10.0]].view()).unwrap().lower(),
            array![[2.0, 0.0], [1.0, 3.0]]
        );
        assert!(Cholesky::of(array![[1.0, 2.0], [2.0, 1.0]].view()).is_none());
        // The last pivot is 1 − 0.8² = 0.36.
        let near = array![[1.0, 0.8], [0.8, 1.0]];
        assert!(Cholesky::with_pivots_above(0.35, near.view()).is_some());
        assert!(Cholesky::with_pivots_above(0.37, near.view()).is_none());
    }
}
