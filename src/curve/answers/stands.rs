//! Whether an estimate stands against another shape: see [`crate::curve::fitting::lower_curve`].

use super::standard_curve::StandardCurve;
use crate::curve::fitting::curve_family::problem_of;
use crate::curve::fitting::lower_curve::LowerCurve;
use crate::curve::fitting::projection::LeastSquaresProblem;
use crate::curve::fitting::quad::Quad;
use crate::curve::fitting::shape::{BETTER, FAR_RISE, Shape, spread};

impl StandardCurve {
    /// Whether the estimate stands against one shape; of many, [`TestedEstimate`] asks.
    pub(crate) fn stands_against(&self, theta: [f64; 3]) -> Result<(), LowerCurve> {
        TestedEstimate::new(self).stands_against(theta)
    }

    /// Whether a sum of squares is below that of the estimate by more than rounding.
    pub(crate) fn is_above(&self, rss: f64) -> bool {
        rss < (self.shape.rss() + self.pure_error()) * (1.0 - BETTER) && !self.exact()
    }
}

/// An estimate that other shapes are compared with.
pub(crate) struct TestedEstimate<'a> {
    curve: &'a StandardCurve,
    /// None for what is not compared: a step, and a curve that has stood the test.
    problem: Option<LeastSquaresProblem<'a>>,
    quads: Vec<Quad>,
    /// Beyond, responses are small differences of large numbers.
    far: f64,
}

impl<'a> TestedEstimate<'a> {
    pub(crate) fn new(curve: &'a StandardCurve) -> Self {
        let problem = match curve.shape {
            Shape::Smooth { kernel, .. } if !curve.stood => {
                problem_of(&curve.family, kernel, &curve.standards, &curve.weights)
            }
            _ => None,
        };
        let quads = Quad::of(&curve.standards, &curve.weights);
        Self { curve, problem, quads, far: FAR_RISE * spread(&curve.standards) }
    }

    /// Whether all wells have a lower sum of squares under this shape of the family, by more than rounding.
    pub(crate) fn stands_against(&mut self, theta: [f64; 3]) -> Result<(), LowerCurve> {
        let Some(problem) = &self.problem else { return Ok(()) };
        let at = problem.line_at(theta, &mut self.quads);
        let inside = at.alpha.abs() <= self.far && at.kappa.abs() <= self.far;
        if inside && self.curve.is_above(at.rss + self.curve.pure_error()) {
            return Err(LowerCurve { theta, weights: self.curve.weights.clone(), than: Box::new(self.curve.shape) });
        }
        Ok(())
    }
}
