//! The joint least-squares problem of several curves that have some parameters in common.
//!
//! ```text
//! RSS(p) = Σ over curves i, standards k of w (n (ȳᵢₖ − f(xᵢₖ; pᵢ))² + Σ within the level)
//! (JᵀWJ + λ diag(JᵀWJ)) δ = JᵀW r
//! ```
//!
//! in `a, d, ln c, ln b, ln g` of every curve, a shared one standing once, by Levenberg–Marquardt (Marquardt 1963) from the separate
//! fits: the start is good.

use super::shared_parameters::{MidpointRatio, SharedFitError, SharedParameters};
use crate::curve::answers::standard_curve::StandardCurve;
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::model::{Model, Parameters};
use crate::curve::definition::point::Standard;
use crate::curve::fitting::quad::first_order;
use crate::curve::numerics::arrowhead::{Arrowhead, NormalBlock, Split};

/// a, d, ln c, ln b, ln g.
type ParameterValues = [f64; 5];

/// Where ln c stands among them.
const MID_POINT: usize = 2;

/// The joint problem.
pub(crate) struct Joint<'a> {
    curves: &'a [StandardCurve],
    split: Split,
    /// Whether the asymmetry is a parameter.
    five: bool,
}

/// Its minimum.
pub(crate) struct JointMinimum {
    /// The parameters of each curve.
    pub(crate) curves: Vec<ParameterValues>,
    /// Weighted sum of squares.
    pub(crate) rss: f64,
    root: Arrowhead,
}

impl<'a> Joint<'a> {
    pub(crate) fn new(curves: &'a [StandardCurve], share: SharedParameters) -> Self {
        let five = curves.iter().any(|curve| curve.method.model != Model::FourParameter);
        let shared = [share.a, share.d, false, share.b, share.g];
        let (common, own) = (0..if five { 5 } else { 4 }).partition(|&j| shared[j]);
        Self { curves, split: Split { own, common }, five }
    }

    /// The number of parameters.
    pub(crate) fn size(&self) -> usize {
        self.curves.len() * self.split.own.len() + self.split.common.len()
    }

    pub(crate) fn parameters(&self, values: &ParameterValues) -> Parameters {
        let g = if self.five { libm::exp(values[4]) } else { 1.0 };
        Parameters { a: values[0], d: values[1], c: libm::exp(values[MID_POINT]), b: libm::exp(values[3]), g }
    }

    /// The separate fits, with the means of what is common.
    fn start(&self) -> Vec<ParameterValues> {
        let own = |curve: &StandardCurve| {
            let p = curve.parameters();
            [p.a, p.d, libm::log(p.c), libm::log(p.b), libm::log(p.g)]
        };
        let mut values: Vec<ParameterValues> = self.curves.iter().map(own).collect();
        for &j in &self.split.common {
            let mean = values.iter().map(|values| values[j]).sum::<f64>() / values.len() as f64;
            values.iter_mut().for_each(|values| values[j] = mean);
        }
        values
    }

    pub(crate) fn minimise(&self) -> Result<JointMinimum, SharedFitError> {
        let mut values = self.start();
        let mut damping = 0.0;
        let (mut rss, mut blocks) = self.evaluate(&values);
        for _ in 0..500 {
            let Some(root) = Arrowhead::new(&blocks, &self.split, damping) else {
                damping = (damping * 10.0_f64).max(1e-6);
                if damping > 1e12 {
                    return Err(SharedFitError::Singular);
                }
                continue;
            };
            let steps = root.solve(&blocks);
            let promise = |(step, block): (&ParameterValues, &NormalBlock)| {
                (0..5).map(|j| step[j] * block.gradient[j]).sum::<f64>()
            };
            let promise: f64 = steps.iter().zip(&blocks).map(promise).sum();
            let next: Vec<ParameterValues> =
                values.iter().zip(&steps).map(|(value, step)| std::array::from_fn(|j| value[j] + step[j])).collect();
            let (next_rss, next_blocks) = self.evaluate(&next);
            if next_rss <= rss {
                (values, rss, blocks) = (next, next_rss, next_blocks);
                damping = if damping > 1e-8 { damping * 0.1 } else { 0.0 };
            } else {
                damping = (damping * 10.0).max(1e-6);
            }
            if promise <= 1e-14 * rss || damping > 1e12 {
                break;
            }
        }
        let root = Arrowhead::new(&blocks, &self.split, 0.0).ok_or(SharedFitError::Singular)?;
        Ok(JointMinimum { curves: values, rss, root })
    }

    /// RSS, and what each curve adds to the normal equations.
    fn evaluate(&self, values: &[ParameterValues]) -> (f64, Vec<NormalBlock>) {
        let (mut rss, mut blocks) = (0.0, Vec::with_capacity(values.len()));
        for (curve, values) in self.curves.iter().zip(values) {
            let p = self.parameters(values);
            let mut block = NormalBlock::default();
            for (standard, w) in curve.standards.iter().zip(&curve.weights) {
                let (response, slopes) = response(curve, &p, standard);
                let r = standard.mean - response;
                let nw = standard.n * w;
                rss += nw * r * r + w * standard.within;
                for (j, slope) in slopes.iter().enumerate() {
                    block.gradient[j] += nw * r * slope;
                    for (k, other) in slopes.iter().enumerate() {
                        block.normal[j][k] += nw * slope * other;
                    }
                }
            }
            blocks.push(block);
        }
        (rss, blocks)
    }
}

impl JointMinimum {
    /// The ratio of a curve's mid-point to the first curve's; with limits where σ² and Student's t are known.
    pub(crate) fn ratio(&self, curve: usize, noise: Option<(f64, f64)>) -> MidpointRatio {
        let ln_ratio = self.curves[curve][MID_POINT] - self.curves[0][MID_POINT];
        let known = MidpointRatio { ratio: libm::exp(ln_ratio), ln_standard_error: None, lower: None, upper: None };
        let Some((variance, t)) = noise.filter(|_| curve > 0) else { return known };
        let se = (self.root.variance(&[(curve, MID_POINT, 1.0), (0, MID_POINT, -1.0)]) * variance).sqrt();
        MidpointRatio {
            ln_standard_error: Some(se),
            lower: Some(libm::exp(ln_ratio - t * se)),
            upper: Some(libm::exp(ln_ratio + t * se)),
            ..known
        }
    }
}

/// The curve at a standard, and its derivatives by a, d, ln c, ln b, ln g.
fn response(curve: &StandardCurve, p: &Parameters, standard: &Standard) -> (f64, ParameterValues) {
    if standard.x <= 0.0 {
        return (p.a, [1.0, 0.0, 0.0, 0.0, 0.0]);
    }
    let t = p.b * (standard.ln_x - libm::log(p.c));
    let jet = Kernel::from(curve.method.model).jet(t, p.g);
    let shape = first_order(&jet, t, p.b).map(|slope| (p.d - p.a) * slope);
    (p.a + (p.d - p.a) * jet.s, [1.0 - jet.s, jet.s, shape[0], shape[1], shape[2]])
}
