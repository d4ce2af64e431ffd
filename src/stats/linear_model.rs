//! Ordinary least squares by Householder reflections, with the model-based and the HC3 covariance.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};

use super::undefined::Undefined;

/// A column whose part that is new to the columns before it is smaller than this share of it is taken as dependent.
const DEPENDENT: f64 = 1e-9;

/// A fitted linear model `y = Xβ + e`, X of n rows and p columns.
///
/// ```
/// use ndarray::array;
/// use platewise::stats::linear_model::LinearModel;
///
/// let x = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]];
/// let names = ["intercept".to_string(), "slope".to_string()];
/// let line = LinearModel::fit(x.view(), array![1.0, 3.0, 2.0, 4.0].view(), &names)?;
/// assert!((line.coefficients[0] - 1.3).abs() < 1e-12 && (line.coefficients[1] - 0.8).abs() < 1e-12);
/// assert!((line.rss - 1.8).abs() < 1e-12 && line.df == 2.0);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone)]
pub struct LinearModel {
    /// Estimates of β, length p.
    pub coefficients: Array1<f64>,
    /// `(X'X)⁻¹`, p × p.
    pub unscaled: Array2<f64>,
    /// `y − Xβ`, length n.
    pub residuals: Array1<f64>,
    /// Diagonal of the hat matrix, length n.
    pub leverage: Array1<f64>,
    /// Residual degrees of freedom, `n − p`.
    pub df: f64,
    /// Sum of squared residuals.
    pub rss: f64,
}

impl LinearModel {
    /// Fits `y` on the columns of `x`, which `names` name in messages.
    ///
    /// # Errors
    /// When there are no more rows than columns, a value is not finite, or a column follows from those before it.
    pub fn fit(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>, names: &[String]) -> Result<Self, Undefined> {
        let (n, p) = x.dim();
        Undefined::unless_enough("subjects with both values", n, p + 1)?;
        if !x.iter().chain(y.iter()).all(|value| value.is_finite()) {
            return Err(Undefined::NotFinite);
        }
        let mut r = x.to_owned();
        let mut qty = y.to_owned();
        for k in 0..p {
            reflect(&mut r, &mut qty, k, x.column(k)).ok_or_else(|| Undefined::NotEstimable {
                column: names.get(k).cloned().unwrap_or_else(|| format!("column {}", k + 1)),
            })?;
        }
        let inverse = invert_upper(&r, p);
        let coefficients = inverse.dot(&qty.slice_axis(Axis(0), Slice::from(..p)));
        let residuals = &y - &x.dot(&coefficients);
        let leverage = x.dot(&inverse).map_axis(Axis(1), |row| row.dot(&row));
        let rss = residuals.dot(&residuals);
        let df = (n - p) as f64;
        Ok(Self { coefficients, unscaled: inverse.dot(&inverse.t()), residuals, leverage, df, rss })
    }

    /// Residual standard deviation, `√(rss / df)`.
    pub fn sigma(&self) -> f64 {
        (self.rss / self.df).sqrt()
    }

    /// Covariance of the coefficients when all errors have one variance: `σ² (X'X)⁻¹`.
    pub fn covariance(&self) -> Array2<f64> {
        &self.unscaled * (self.rss / self.df)
    }

    /// Covariance that lets every error have its own variance (HC3; MacKinnon & White, J Econometrics 1985;29:305):
    ///
    /// ```text
    /// (X'X)⁻¹ X' diag( eᵢ² / (1 − hᵢ)² ) X (X'X)⁻¹
    /// ```
    ///
    /// # Errors
    /// When the fit goes through an observation whatever its value (`hᵢ = 1`).
    pub fn covariance_hc3(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>, Undefined> {
        let mut scores = x.dot(&self.unscaled);
        for ((mut row, &e), &h) in scores.rows_mut().into_iter().zip(&self.residuals).zip(&self.leverage) {
            if 1.0 - h < 1e-10 {
                return Err(Undefined::Because(
                    "one subject alone determines a term of the model, so that its error cannot be seen (HC3)"
                        .to_string(),
                ));
            }
            row *= e / (1.0 - h);
        }
        Ok(scores.t().dot(&scores))
    }
}

/// Zeroes column `k` of `r` below the diagonal by a reflection, which is applied to the columns to the right and to `y` too.
/// `None` when nothing of the column, which was `original`, is left to build on.
fn reflect(r: &mut Array2<f64>, y: &mut Array1<f64>, k: usize, original: ArrayView1<'_, f64>) -> Option<()> {
    let below = Slice::from(k..);
    let mut v = r.column(k).slice_axis(Axis(0), below).to_owned();
    let norm = v.dot(&v).sqrt();
    if norm <= DEPENDENT * original.dot(&original).sqrt() {
        return None;
    }
    let pivot = if v[0] > 0.0 { -norm } else { norm };
    v[0] -= pivot;
    let scale = 2.0 / v.dot(&v);
    for j in k..r.ncols() {
        let mut column = r.column_mut(j);
        let mut column = column.slice_axis_mut(Axis(0), below);
        let shift = scale * v.dot(&column);
        column.scaled_add(-shift, &v);
    }
    let mut rest = y.slice_axis_mut(Axis(0), below);
    let shift = scale * v.dot(&rest);
    rest.scaled_add(-shift, &v);
    Some(())
}

/// The inverse of the leading p × p upper triangle of `r`.
fn invert_upper(r: &Array2<f64>, p: usize) -> Array2<f64> {
    let mut inverse = Array2::zeros((p, p));
    for column in 0..p {
        for row in (0..=column).rev() {
            let known: f64 = (row + 1..=column).map(|k| r[[row, k]] * inverse[[k, column]]).sum();
            let unit = if row == column { 1.0 } else { 0.0 };
            inverse[[row, column]] = (unit - known) / r[[row, row]];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn names(p: usize) -> Vec<String> {
        (0..p).map(|i| format!("x{i}")).collect()
    }

    #[test]
    fn a_straight_line_comes_back() {
        let x = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]];
        let y = array![1.0, 3.0, 5.0, 7.0];
        let fit = LinearModel::fit(x.view(), y.view(), &names(2)).unwrap();
        assert!((fit.coefficients[0] - 1.0).abs() < 1e-14 && (fit.coefficients[1] - 2.0).abs() < 1e-14);
        assert!((fit.leverage.sum() - 2.0).abs() < 1e-14);
        assert!(fit.rss < 1e-28);
    }

    #[test]
    fn a_dependent_column_is_named() {
        let x = array![[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]];
        let error = LinearModel::fit(x.view(), array![1.0, 2.0, 3.0].view(), &names(2)).unwrap_err();
        assert_eq!(error, Undefined::NotEstimable { column: "x1".to_string() });
        let zeros = array![[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]];
        assert!(LinearModel::fit(zeros.view(), array![1.0, 2.0, 3.0].view(), &names(2)).is_err());
    }

    /// A residual degree of freedom is needed: three rows determine two coefficients and an error, two rows the coefficients only.
    #[test]
    fn there_must_be_a_row_more_than_columns() {
        let fit = |n: usize| {
            let x = Array2::from_shape_fn((n, 2), |(i, j)| if j == 0 { 1.0 } else { i as f64 });
            let y = Array1::from_iter((0..n).map(|i| (i * i) as f64));
            LinearModel::fit(x.view(), y.view(), &[])
        };
        assert_eq!(fit(3).unwrap().df, 1.0);
        assert!(fit(2).is_err());
    }
}
