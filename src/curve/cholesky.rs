//! The Cholesky factor of the normal equations of a joint fit, which has as many parameters as its curves bring.
//!
//! ```text
//! M = S⁻¹ L Lᵀ S⁻¹,   S = diag(Mᵢᵢ)^−½
//! ```
//!
//! Scaled to a unit diagonal first: mid-points and responses differ in size by any factor, and that must not look like
//! singularity.

/// A Cholesky factor of a dense symmetric matrix, scaled to unit diagonal.
pub(crate) struct Cholesky {
    lower: Vec<f64>,
    scale: Vec<f64>,
    n: usize,
}

impl Cholesky {
    /// Of `matrix + damping · diagonal`; `None` unless positive definite.
    pub(crate) fn new(matrix: &[f64], n: usize, damping: f64) -> Option<Self> {
        let scale: Vec<f64> = (0..n).map(|i| 1.0 / (matrix[i * n + i] * (1.0 + damping)).sqrt()).collect();
        if scale.iter().any(|scale| !scale.is_finite()) {
            return None;
        }
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let mut sum = if i == j { 1.0 } else { matrix[i * n + j] * scale[i] * scale[j] };
                for k in 0..j {
                    sum -= lower[i * n + k] * lower[j * n + k];
                }
                if i == j {
                    if sum <= 1e-14 {
                        return None;
                    }
                    lower[i * n + i] = sum.sqrt();
                } else {
                    lower[i * n + j] = sum / lower[j * n + j];
                }
            }
        }
        Some(Self { lower, scale, n })
    }

    /// `L⁻¹ S v`.
    fn forward(&self, mut v: Vec<f64>) -> Vec<f64> {
        for i in 0..self.n {
            v[i] *= self.scale[i];
            for k in 0..i {
                v[i] -= self.lower[i * self.n + k] * v[k];
            }
            v[i] /= self.lower[i * self.n + i];
        }
        v
    }

    /// `M⁻¹ v`.
    pub(crate) fn solve(&self, v: Vec<f64>) -> Vec<f64> {
        let mut x = self.forward(v);
        for i in (0..self.n).rev() {
            for k in i + 1..self.n {
                x[i] -= self.lower[k * self.n + i] * x[k];
            }
            x[i] /= self.lower[i * self.n + i];
        }
        for (x, scale) in x.iter_mut().zip(&self.scale) {
            *x *= scale;
        }
        x
    }

    /// `vᵀ M⁻¹ v`.
    pub(crate) fn variance(&self, v: Vec<f64>) -> f64 {
        self.forward(v).iter().map(|x| x * x).sum()
    }
}
