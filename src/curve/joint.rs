//! The joint least-squares problem of several curves that have some parameters in common.
//!
//! ```text
//! RSS(p) = Σ over curves i, standards k of w (n (ȳᵢₖ − f(xᵢₖ; pᵢ))² + Σ within the level)
//! (JᵀWJ + λ diag(JᵀWJ)) δ = JᵀW r
//! ```
//!
//! in `a, d, ln c, ln b, ln g` of every curve, a shared one standing once (Levenberg–Marquardt: Marquardt 1963).

use super::cholesky::Cholesky;
use super::kernel::Kernel;
use super::model::{Model, Parameters};
use super::point::Standard;
use super::quad::first_order;
use super::shared::{Ratio, Share, SharedError};
use super::standard_curve::StandardCurve;

/// The minimum of the joint problem.
pub(crate) struct Solved {
    pub(crate) values: Vec<f64>,
    pub(crate) rss: f64,
    root: Cholesky,
}

impl Solved {
    /// The ratio of a curve's mid-point to the first curve's; with limits where σ² and Student's t are known.
    pub(crate) fn ratio(&self, layout: &Layout, curve: usize, noise: Option<(f64, f64)>) -> Ratio {
        let (first, this) = (layout.at[0][2], layout.at[curve][2]);
        let ln_ratio = self.values[this] - self.values[first];
        let known = Ratio { ratio: libm::exp(ln_ratio), ln_standard_error: None, lower: None, upper: None };
        let Some((variance, t)) = noise.filter(|_| curve > 0) else { return known };
        let mut contrast = vec![0.0; layout.size];
        contrast[this] = 1.0;
        contrast[first] = -1.0;
        let se = (self.root.variance(contrast) * variance).sqrt();
        Ratio {
            ln_standard_error: Some(se),
            lower: Some(libm::exp(ln_ratio - t * se)),
            upper: Some(libm::exp(ln_ratio + t * se)),
            ..known
        }
    }
}

/// Where each curve's a, d, ln c, ln b, ln g stand among the parameters of the joint fit.
pub(crate) struct Layout {
    at: Vec<[usize; 5]>,
    /// Whether the asymmetry is a parameter.
    five: bool,
    pub(crate) size: usize,
}

impl Layout {
    pub(crate) fn new(curves: &[StandardCurve], share: Share) -> Self {
        let five = curves.iter().any(|curve| curve.method.model != Model::FourParameter);
        let shared = [share.a, share.d, false, share.b, share.g];
        let mut layout = Self { at: Vec::with_capacity(curves.len()), five, size: 0 };
        for curve in 0..curves.len() {
            let mut at = [usize::MAX; 5];
            for j in 0..if five { 5 } else { 4 } {
                at[j] = if shared[j] && curve > 0 { layout.at[0][j] } else { layout.next() };
            }
            layout.at.push(at);
        }
        layout
    }

    fn next(&mut self) -> usize {
        self.size += 1;
        self.size - 1
    }

    /// The means of the separate fits.
    pub(crate) fn start(&self, curves: &[StandardCurve]) -> Vec<f64> {
        let (mut sums, mut counts) = (vec![0.0; self.size], vec![0.0; self.size]);
        for (curve, at) in curves.iter().zip(&self.at) {
            let p = curve.parameters();
            let own = [p.a, p.d, libm::log(p.c), libm::log(p.b), libm::log(p.g)];
            for (value, &k) in own.iter().zip(at).filter(|(_, k)| **k < self.size) {
                sums[k] += value;
                counts[k] += 1.0;
            }
        }
        sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect()
    }

    pub(crate) fn parameters(&self, values: &[f64], curve: usize) -> Parameters {
        let at = self.at[curve];
        let positive = |j: usize| libm::exp(values[at[j]]);
        Parameters {
            a: values[at[0]],
            d: values[at[1]],
            c: positive(2),
            b: positive(3),
            g: if self.five { positive(4) } else { 1.0 },
        }
    }
}

/// The joint least-squares problem.
pub(crate) struct Joint<'a> {
    pub(crate) curves: &'a [StandardCurve],
    pub(crate) layout: &'a Layout,
}

impl Joint<'_> {
    /// Levenberg–Marquardt from the separate fits: the start is good, the problem is small.
    pub(crate) fn minimise(&self, mut values: Vec<f64>) -> Result<Solved, SharedError> {
        let mut damping = 0.0;
        let (mut rss, mut gradient, mut normal) = self.evaluate(&values);
        for _ in 0..500 {
            let Some(root) = Cholesky::new(&normal, self.layout.size, damping) else {
                damping = (damping * 10.0_f64).max(1e-6);
                if damping > 1e12 {
                    return Err(SharedError::Singular);
                }
                continue;
            };
            let step = root.solve(gradient.clone());
            let promise: f64 = step.iter().zip(&gradient).map(|(s, g)| s * g).sum();
            let next: Vec<f64> = values.iter().zip(&step).map(|(value, step)| value + step).collect();
            let (next_rss, next_gradient, next_normal) = self.evaluate(&next);
            if next_rss <= rss {
                (values, rss, gradient, normal) = (next, next_rss, next_gradient, next_normal);
                damping = if damping > 1e-8 { damping * 0.1 } else { 0.0 };
            } else {
                damping = (damping * 10.0).max(1e-6);
            }
            if promise <= 1e-14 * rss || damping > 1e12 {
                break;
            }
        }
        let root = Cholesky::new(&normal, self.layout.size, 0.0).ok_or(SharedError::Singular)?;
        Ok(Solved { values, rss, root })
    }

    /// RSS, −½ gradient and JᵀWJ.
    fn evaluate(&self, values: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
        let n = self.layout.size;
        let (mut rss, mut gradient, mut normal) = (0.0, vec![0.0; n], vec![0.0; n * n]);
        for (i, curve) in self.curves.iter().enumerate() {
            let p = self.layout.parameters(values, i);
            let at = &self.layout.at[i][..if self.layout.five { 5 } else { 4 }];
            for (standard, w) in curve.standards.iter().zip(&curve.weights) {
                let (response, slopes) = response(curve, &p, standard);
                let r = standard.mean - response;
                let nw = standard.n * w;
                rss += nw * r * r + w * standard.within;
                for (j, &row) in at.iter().enumerate() {
                    gradient[row] += nw * r * slopes[j];
                    for (k, &column) in at.iter().enumerate() {
                        normal[row * n + column] += nw * slopes[j] * slopes[k];
                    }
                }
            }
        }
        (rss, gradient, normal)
    }
}

/// The curve at a standard, and its derivatives by a, d, ln c, ln b, ln g.
fn response(curve: &StandardCurve, p: &Parameters, standard: &Standard) -> (f64, [f64; 5]) {
    if standard.x <= 0.0 {
        return (p.a, [1.0, 0.0, 0.0, 0.0, 0.0]);
    }
    let t = p.b * (standard.ln_x - libm::log(p.c));
    let jet = Kernel::from(curve.method.model).jet(t, p.g);
    let shape = first_order(&jet, t, p.b).map(|slope| (p.d - p.a) * slope);
    (p.a + (p.d - p.a) * jet.s, [1.0 - jet.s, jet.s, shape[0], shape[1], shape[2]])
}
