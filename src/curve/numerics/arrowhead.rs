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

/// What a curve adds to the normal equations: over its parameters a, d, ln c, ln b, ln g.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
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
    own: Vec<Cholesky>,
    /// Cᵢ by rows of own parameters.
    coupling: Vec<Vec<Vec<f64>>>,
    /// Of the Schur complement; `None` where nothing is common.
    common: Option<Cholesky>,
}

/// A pivot below this share of its diagonal is nothing but rounding.
const SINGULAR: f64 = 1e-14;

impl Arrowhead {
    /// Of the normal equations with their diagonal × (1 + `damping`); `None` unless positive definite.
    pub(crate) fn new(blocks: &[Block], split: &Split, damping: f64) -> Option<Self> {
        let (mut own, mut coupling) = (Vec::with_capacity(blocks.len()), Vec::with_capacity(blocks.len()));
        let size = split.common.len();
        let (mut schur, mut diagonal) = (vec![vec![0.0; size]; size], vec![0.0; size]);
        for block in blocks {
            let part = |rows: &[usize], columns: &[usize]| -> Vec<Vec<f64>> {
                rows.iter().map(|&row| columns.iter().map(|&column| block.normal[row][column]).collect()).collect()
            };
            let mut curvature = part(&split.own, &split.own);
            for (i, row) in curvature.iter_mut().enumerate() {
                row[i] *= 1.0 + damping;
            }
            let root = Cholesky::new(&curvature)?;
            let with_common = part(&split.own, &split.common);
            // L⁻¹C, column by column: its products with itself are Cᵀ B⁻¹ C.
            let columns: Vec<Vec<f64>> =
                (0..size).map(|k| root.forward(with_common.iter().map(|row| row[k]).collect())).collect();
            for (j, &row) in split.common.iter().enumerate() {
                for (k, &column) in split.common.iter().enumerate() {
                    let held = if j == k { 1.0 + damping } else { 1.0 };
                    schur[j][k] += held * block.normal[row][column] - dot(&columns[j], &columns[k]);
                }
                diagonal[j] += block.normal[row][row];
            }
            own.push(root);
            coupling.push(with_common);
        }
        if (0..size).any(|j| schur[j][j].partial_cmp(&(SINGULAR * diagonal[j])) != Some(std::cmp::Ordering::Greater)) {
            return None;
        }
        let common = if size == 0 { None } else { Some(Cholesky::new(&schur)?) };
        Some(Self { split: split.clone(), own, coupling, common })
    }

    /// The step of every curve, over its five parameters, that solves the equations for these gradients.
    pub(crate) fn solve(&self, blocks: &[Block]) -> Vec<[f64; 5]> {
        let gradient = |block: &Block, of: &[usize]| -> Vec<f64> { of.iter().map(|&j| block.gradient[j]).collect() };
        let mut right = vec![0.0; self.split.common.len()];
        for ((block, root), coupling) in blocks.iter().zip(&self.own).zip(&self.coupling) {
            let through = root.solve(gradient(block, &self.split.own));
            for (k, (sum, &j)) in right.iter_mut().zip(&self.split.common).enumerate() {
                let taken: f64 = coupling.iter().zip(&through).map(|(row, x)| row[k] * x).sum();
                *sum += block.gradient[j] - taken;
            }
        }
        let common = self.common.as_ref().map_or_else(Vec::new, |root| root.solve(right));
        let steps = blocks.iter().zip(&self.own).zip(&self.coupling);
        steps
            .map(|((block, root), coupling)| {
                let left = gradient(block, &self.split.own)
                    .iter()
                    .zip(coupling)
                    .map(|(g, row)| g - dot(row, &common))
                    .collect();
                let mut step = [0.0; 5];
                for (&j, value) in self
                    .split
                    .own
                    .iter()
                    .zip(root.solve(left))
                    .chain(self.split.common.iter().zip(common.iter().copied()))
                {
                    step[j] = value;
                }
                step
            })
            .collect()
    }

    /// The variance, in units of σ², of a sum of own parameters: `(curve, parameter, factor)` each.
    pub(crate) fn variance(&self, sum: &[(usize, usize, f64)]) -> f64 {
        let mut through_common = vec![0.0; self.split.common.len()];
        let mut variance = 0.0;
        for &(curve, parameter, factor) in sum {
            let v: Vec<f64> = self.split.own.iter().map(|&j| if j == parameter { factor } else { 0.0 }).collect();
            let x = self.own[curve].solve(v.clone());
            variance += dot(&v, &x);
            for (k, sum) in through_common.iter_mut().enumerate() {
                *sum += self.coupling[curve].iter().zip(&x).map(|(row, x)| row[k] * x).sum::<f64>();
            }
        }
        let common = self.common.as_ref().map_or(0.0, |root| {
            let x = root.forward(through_common);
            dot(&x, &x)
        });
        variance + common
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A Cholesky factor of a small symmetric matrix, scaled to unit diagonal.
#[derive(Debug)]
struct Cholesky {
    lower: Vec<Vec<f64>>,
    scale: Vec<f64>,
}

impl Cholesky {
    /// `None` unless positive definite.
    fn new(matrix: &[Vec<f64>]) -> Option<Self> {
        let n = matrix.len();
        let scale: Vec<f64> = (0..n).map(|i| 1.0 / matrix[i][i].sqrt()).collect();
        if scale.iter().any(|scale| !scale.is_finite()) {
            return None;
        }
        let mut lower = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let entry = if i == j { 1.0 } else { matrix[i][j] * scale[i] * scale[j] };
                let rest = entry - dot(&lower[i][..j], &lower[j][..j]);
                if i != j {
                    lower[i][j] = rest / lower[j][j];
                } else if rest > SINGULAR {
                    lower[i][i] = rest.sqrt();
                } else {
                    return None;
                }
            }
        }
        Some(Self { lower, scale })
    }

    /// `L⁻¹ v`.
    fn forward(&self, mut v: Vec<f64>) -> Vec<f64> {
        for i in 0..v.len() {
            v[i] = (v[i] * self.scale[i] - dot(&self.lower[i][..i], &v[..i])) / self.lower[i][i];
        }
        v
    }

    /// `M⁻¹ v`.
    fn solve(&self, v: Vec<f64>) -> Vec<f64> {
        let mut x = self.forward(v);
        for i in (0..x.len()).rev() {
            let below: f64 = (i + 1..x.len()).map(|k| self.lower[k][i] * x[k]).sum();
            x[i] = (x[i] - below) / self.lower[i][i];
        }
        x.iter().zip(&self.scale).map(|(x, scale)| x * scale).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of three curves, each a sum of squares of eight rows that depend on the seed.
    fn blocks() -> Vec<Block> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
        };
        let mut block = || {
            let mut block = Block::default();
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
            let product = |block: &Block, step: &[f64; 5], j: usize| {
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
            let mut contrast = vec![Block::default(); 3];
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
