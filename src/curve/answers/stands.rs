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

#[cfg(test)]
mod tests {
    use crate::curve::fitting::shape::FAR_RISE;
    use crate::curve::{Fixed, Method, Point, StandardCurve, fit};

    /// The best 4PL with mid-point 56 and slope 1 for wells on a straight line in ln x, compared with all 4PLs.
    fn steep() -> StandardCurve {
        stated(|x| 0.3 * libm::log(x))
    }

    fn stated(response: impl Fn(f64) -> f64) -> StandardCurve {
        let levels = (0..8_u32).map(|i| 5.0 * f64::from(1_u32 << i));
        let wells = levels.flat_map(|x| [0.01, -0.01].map(|by| (x, response(x) + by)));
        let points: Vec<Point> = wells.map(|(concentration, response)| Point { concentration, response }).collect();
        let fixed = Fixed { c: Some(56.0), b: Some(1.0), ..Fixed::default() };
        let mut curve = fit(&points, &Method { fixed, ..Method::default() }).unwrap();
        curve.family = fit(&points, &Method::default()).unwrap().family;
        curve.stood = false;
        curve
    }

    /// The flatter a 4PL, the nearer it is to the straight line, and the further away its plateaus: 0.3 / b to both sides of the
    /// mid-point. Beyond 10⁸ ranges of the responses they are not compared, as only rounding is left there.
    #[test]
    fn an_estimate_stands_where_only_a_shape_out_of_reach_is_lower() {
        let ln_c = libm::log(56.0);
        let curve = steep();
        let against = |b: f64| curve.stands_against([ln_c, libm::log(b), 0.0]).is_err();
        assert!(against(0.5) && against(0.01) && against(1e-6), "a flatter curve has less left");
        assert!(!against(1.2), "a steeper one has more");
        // The range of the responses is 0.3 ln 128 = 1.46, and κ = 4 × 0.3 / b.
        assert!(!against(0.5 * 1.2 / (1.46 * FAR_RISE)));
        assert!(against(2.0 * 1.2 / (1.46 * FAR_RISE)));
    }

    #[test]
    fn an_estimate_stands_against_itself_and_once_it_has_stood() {
        let mut curve = steep();
        assert!(curve.stands_against([libm::log(56.0), 0.0, 0.0]).is_ok());
        let rss = curve.rss;
        assert_eq!([0.999, 1.0, 1.001].map(|of| curve.is_above(of * rss)), [true, false, false]);
        curve.stood = true;
        assert!(curve.stands_against([libm::log(56.0), -1.0, 0.0]).is_ok());
    }

    /// A power law is approached with c far out: a stays, and d − a goes with c^b beyond 10⁸ ranges, here 0.46.
    #[test]
    fn one_plateau_out_of_reach_is_enough() {
        let curve = stated(|x| 0.1 + 0.02 * x.sqrt());
        let against = |rise: f64| curve.stands_against([2.0 * libm::log(rise / 0.02), libm::log(0.5), 0.0]).is_err();
        assert!(against(1e4) && against(0.4 * 0.46 * FAR_RISE) && !against(2.0 * 0.46 * FAR_RISE));
    }
}
