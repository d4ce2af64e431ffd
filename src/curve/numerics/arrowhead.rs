//! Normal equations of curves that have some parameters of their own and some in common: an arrowhead, solved block by block.
//!
//! ```text
//! │ B₁          C₁ │   own parameters of curve i:  Bᵢ (their curvature), Cᵢ (with the common ones)
//! │     B₂      C₂ │   common parameters:          S
//! │         …   …  │
//! │ C₁ᵀ C₂ᵀ …   S  │   T = S − Σ Cᵢᵀ Bᵢ⁻¹ Cᵢ  (Schur complement)
//!
//! common:  T s = h − Σ Cᵢᵀ Bᵢ⁻¹ gᵢ          own:  Bᵢ uᵢ = gᵢ − Cᵢ s
//! variance of Σ vᵢᵀuᵢ:  Σ vᵢᵀ Bᵢ⁻¹ vᵢ + wᵀ T⁻¹ w,  w = Σ Cᵢᵀ Bᵢ⁻¹ vᵢ
//! ```
//!
//! (Björck 1996, Numerical Methods for Least Squares Problems, section 6.3.) The work grows with the number of curves, where that
//! of one dense matrix grows with its cube: a study has a thousand of them.

use ndarray::{Array1, Array2, ArrayView1};

use crate::cholesky::Cholesky;

/// What a curve adds to the normal equations: over its parameters a, d, ln c, ln b, ln g.
#[derive(Debug, Clone, Default)]
pub(crate) struct NormalBlock {
    /// JᵀWJ.
    pub(crate) normal: [[f64; 5]; 5],
    /// JᵀWr.
    pub(crate) gradient: [f64; 5],
}

/// Which of the five are a curve's own, and which all curves have in common.
#[derive(Debug, Clone)]
pub(crate) struct Split {
    pub(crate) own: Vec<usize>,
    pub(crate) common: Vec<usize>,
}

/// The factor of the arrowhead.
#[derive(Debug)]
pub(crate) struct Arrowhead {
    split: Split,
    own: Vec<ScaledFactor>,
    /// Cᵢ by rows of own parameters.
    coupling: Vec<Array2<f64>>,
    /// Of the Schur complement; `None` where nothing is common.
    common: Option<ScaledFactor>,
}

/// A pivot below this share of its diagonal is nothing but rounding.
const SINGULAR: f64 = 1e-14;

impl Arrowhead {
    /// Of the normal equations with their diagonal × (1 + `damping`); `None` unless positive definite.
    pub(crate) fn new(blocks: &[NormalBlock], split: &Split, damping: f64) -> Option<Self> {
        let (mut own, mut coupling) = (Vec::with_capacity(blocks.len()), Vec::with_capacity(blocks.len()));
        let size = split.common.len();
        let (mut schur, mut diagonal) = (Array2::<f64>::zeros((size, size)), Array1::<f64>::zeros(size));
        for block in blocks {
            let root = ScaledFactor::of(&damped(block.part(&split.own, &split.own), damping))?;
            let with_common = block.part(&split.own, &split.common);
            // L⁻¹C, column by column: its products with itself are Cᵀ B⁻¹ C.
            let columns: Vec<Array1<f64>> =
                with_common.columns().into_iter().map(|column| root.half_solve(column)).collect();
            let common = block.part(&split.common, &split.common);
            diagonal += &common.diag();
            let through = Array2::from_shape_fn(schur.dim(), |(j, k)| columns[j].dot(&columns[k]));
            schur += &(damped(common, damping) - through);
            own.push(root);
            coupling.push(with_common);
        }
        let above = |(left, of): (&f64, &f64)| *left > SINGULAR * of;
        if !schur.diag().iter().zip(&diagonal).all(above) {
            return None;
        }
        let common = if size == 0 { None } else { Some(ScaledFactor::of(&schur)?) };
        Some(Self { split: split.clone(), own, coupling, common })
    }

    /// The step of every curve, over its five parameters, that solves the equations for these gradients.
    pub(crate) fn solve(&self, blocks: &[NormalBlock]) -> Vec<[f64; 5]> {
        let curves = || blocks.iter().zip(&self.own).zip(&self.coupling);
        let mut right = Array1::<f64>::zeros(self.split.common.len());
        for ((block, root), coupling) in curves() {
            let through = root.solve(block.gradient_of(&self.split.own).view());
            right += &(block.gradient_of(&self.split.common) - coupling.t().dot(&through));
        }
        let common = self.common.as_ref().map_or_else(|| right.clone(), |root| root.solve(right.view()));
        let step = |((block, root), coupling): ((&NormalBlock, &ScaledFactor), &Array2<f64>)| {
            let left = block.gradient_of(&self.split.own) - coupling.dot(&common);
            let mut step = [0.0; 5];
            let parts = [(&self.split.own, &root.solve(left.view())), (&self.split.common, &common)];
            for (&j, &value) in parts.into_iter().flat_map(|(of, values)| of.iter().zip(values)) {
                step[j] = value;
            }
            step
        };
        curves().map(step).collect()
    }

    /// The variance, in units of σ², of a sum of own parameters: `(curve, parameter, factor)` each.
    pub(crate) fn variance(&self, sum: &[(usize, usize, f64)]) -> f64 {
        let mut through_common = Array1::<f64>::zeros(self.split.common.len());
        let mut variance = 0.0;
        for &(curve, parameter, factor) in sum {
            let v: Array1<f64> = self.split.own.iter().map(|&j| if j == parameter { factor } else { 0.0 }).collect();
            let x = self.own[curve].solve(v.view());
            variance += v.dot(&x);
            through_common += &self.coupling[curve].t().dot(&x);
        }
        let common = self.common.as_ref().map_or(0.0, |root| {
            let x = root.half_solve(through_common.view());
            x.dot(&x)
        });
        variance + common
    }
}

impl NormalBlock {
    fn part(&self, rows: &[usize], columns: &[usize]) -> Array2<f64> {
        Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| self.normal[rows[i]][columns[j]])
    }

    fn gradient_of(&self, parameters: &[usize]) -> Array1<f64> {
        parameters.iter().map(|&j| self.gradient[j]).collect()
    }
}

/// With its diagonal × (1 + `damping`).
fn damped(mut matrix: Array2<f64>, damping: f64) -> Array2<f64> {
    matrix.diag_mut().mapv_inplace(|entry| entry * (1.0 + damping));
    matrix
}

/// The Cholesky factor of a symmetric matrix that is scaled to unit diagonal, `D M D = L Lᵗ`.
#[derive(Debug)]
struct ScaledFactor {
    factor: Cholesky,
    scale: Array1<f64>,
}

impl ScaledFactor {
    /// `None` unless positive definite.
    fn of(matrix: &Array2<f64>) -> Option<Self> {
        let scale = matrix.diag().mapv(|entry| 1.0 / entry.sqrt());
        if scale.iter().any(|scale| !scale.is_finite()) {
            return None;
        }
        let entry = |(i, j)| if i == j { 1.0 } else { matrix[[i, j]] * scale[i] * scale[j] };
        let scaled = Array2::from_shape_fn(matrix.dim(), entry);
        Some(Self { factor: Cholesky::with_pivots_above(SINGULAR, scaled.view())?, scale })
    }

    /// `L⁻¹ D v`: its product with itself is `vᵗ M⁻¹ v`.
    fn half_solve(&self, v: ArrayView1<'_, f64>) -> Array1<f64> {
        self.factor.half_solve((&v * &self.scale).view())
    }

    /// `M⁻¹ v`.
    fn solve(&self, v: ArrayView1<'_, f64>) -> Array1<f64> {
        self.factor.solve((&v * &self.scale).view()) * &self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of three curves, each a sum of squares of eight rows that depend on the seed.
    fn blocks() -> Vec<NormalBlock> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
        };
        let mut block = || {
            let mut block = NormalBlock::default();
            for _ in 0..8 {
                let (row, residual) = ([next(), next(), next(), next(), next()], next());
                for j in 0..5 {
                    block.gradient[j] += row[j] * residual;
                    for k in 0..5 {
                        block.normal[j][k] += row[j] * row[k];
                    }
                }
            }
            block
        };
        vec![block(), block(), block()]
    }

    fn splits() -> [Split; 3] {
        [
            Split { own: vec![2], common: vec![0, 1, 3, 4] },
            Split { own: vec![0, 2], common: vec![1, 3] },
            Split { own: vec![0, 1, 2, 3, 4], common: vec![] },
        ]
    }

    /// The dense normal equations times the step are the gradient.
    #[test]
    fn the_steps_solve_the_equations() {
        let blocks = blocks();
        for (split, damping) in splits().iter().flat_map(|split| [(split, 0.0), (split, 0.5)]) {
            let steps = Arrowhead::new(&blocks, split, damping).unwrap().solve(&blocks);
            let product = |block: &NormalBlock, step: &[f64; 5], j: usize| {
                let used = split.own.iter().chain(&split.common);
                used.map(|&k| block.normal[j][k] * step[k]).sum::<f64>() + damping * block.normal[j][j] * step[j]
            };
            for (block, step) in blocks.iter().zip(&steps) {
                for &j in &split.own {
                    assert!((product(block, step, j) - block.gradient[j]).abs() < 1e-12, "own {j}");
                }
            }
            for &j in &split.common {
                let sum: f64 = blocks.iter().zip(&steps).map(|(block, step)| product(block, step, j)).sum();
                assert!((sum - blocks.iter().map(|block| block.gradient[j]).sum::<f64>()).abs() < 1e-12, "common {j}");
                assert!(steps.iter().all(|step| step[j] == steps[0][j]));
            }
        }
    }

    /// vᵀM⁻¹v, where M⁻¹v is the solution for the gradient v.
    #[test]
    fn the_variance_is_that_of_the_whole_inverse() {
        let blocks = blocks();
        for split in &splits() {
            let arrowhead = Arrowhead::new(&blocks, split, 0.0).unwrap();
            let mut contrast = vec![NormalBlock::default(); 3];
            contrast[2].gradient[2] = 1.0;
            contrast[0].gradient[2] = -1.0;
            let x = arrowhead.solve(&contrast);
            let found = arrowhead.variance(&[(2, 2, 1.0), (0, 2, -1.0)]);
            assert!((found - (x[2][2] - x[0][2])).abs() < 1e-12 * found, "{found}");
        }
    }

    #[test]
    fn a_common_parameter_that_no_curve_determines_is_singular() {
        let mut blocks = blocks();
        for block in &mut blocks {
            // The same column twice: b cannot be told from d.
            for j in 0..5 {
                block.normal[3][j] = block.normal[1][j];
            }
            for j in 0..5 {
                block.normal[j][3] = block.normal[j][1];
            }
        }
        assert!(splits().iter().all(|split| Arrowhead::new(&blocks, split, 0.0).is_none()));
    }
}
