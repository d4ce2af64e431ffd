//! One run of the solver from one start: for resampling, simulation and speed, where the search for the global minimum, the
//! limits of the family and the verdict have been settled before.

use super::answers::covariance::{Root, Smooth, covariance_of};
use super::definition::method::{self, FitError, Method};
use super::definition::model::{Model, Parameters};
use super::definition::point::{Point, merge};
use super::fit::family;
use super::fitting::minimise::minimise;
use super::fitting::quad::Quad;
use super::fitting::weighting::Weighting;

/// A local minimum, at which the solver has converged. It may still have run far away: nobody has looked.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let again: LocalFit = fit_locally(&plate, &Method::default(), curve.parameters())?;
/// assert!((again.rss / curve.rss() - 1.0).abs() < 1e-9);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalFit {
    /// The parameters.
    pub parameters: Parameters,
    /// Their covariance in the order a, d, c, b, g; `None` without degrees of freedom or when they are not determined.
    pub covariance: Option<[[f64; 5]; 5]>,
    /// Weighted sum of squares, as minimised.
    pub rss: f64,
}

/// Runs the solver once from `start`, of which `c`, `b` and `g` matter. Variances follow the observed means of the levels
/// (an estimated exponent counts as 1, an estimated crossover as the lowest standards).
///
/// # Errors
/// As [`super::fit`], and [`FitError::NotConverged`].
pub fn fit_locally(points: &[Point], method: &Method, start: &Parameters) -> Result<LocalFit, FitError> {
    let standards = merge(points);
    method::check(points, &standards, method)?;
    let family = family(method, &standards);
    let weights = Weighting::new(method, &standards).observed(&standards);
    let problem = family.problem(&standards, &weights);
    let mut quads = Quad::of(&standards, &weights);
    let theta = [libm::log(start.c), libm::log(start.b), libm::log(start.g)];
    let at = minimise(&problem, theta, &mut quads).ok_or(FitError::NotConverged)?;
    let smooth = Smooth::new(problem.kernel, *at, problem.free);
    let within: f64 = standards.iter().zip(&weights).map(|(s, w)| s.within * w).sum();
    let rss = at.rss + within;
    let df = points.len().saturating_sub(family.number_fitted());
    let covariance = (df > 0)
        .then(|| Root::new(&smooth, &mut quads))
        .flatten()
        .map(|root| covariance_of(&smooth, &root, rss / df as f64));
    let parameters = Parameters {
        a: smooth.lower_end().unwrap_or(f64::NAN),
        d: smooth.upper_end().unwrap_or(f64::NAN),
        c: smooth.c,
        b: smooth.b,
        g: if method.model == Model::FourParameter { 1.0 } else { smooth.g },
    };
    Ok(LocalFit { parameters, covariance, rss })
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::curve::fit;

    /// From the answer of a full search one run leads to the same curve, with the same covariance.
    #[test]
    fn one_run_from_the_answer_is_the_answer() {
        let levels = (0..8_u32).map(|i| 5.0 * f64::from(1_u32 << i));
        let response = |x: f64, by: f64| 0.1 + 3.0 * x / (x + 60.0) + by * (1.0 + (0.9 * x).sin());
        let wells = levels.flat_map(|x| [0.02, -0.03].map(|by| Point { concentration: x, response: response(x, by) }));
        let points: Vec<Point> = wells.collect();
        let full = fit(&points, &Method::default()).unwrap();
        let again = fit_locally(&points, &Method::default(), full.parameters()).unwrap();
        let (found, expected) = (again.covariance.unwrap(), full.covariance().unwrap());
        for i in 0..4 {
            for j in 0..4 {
                let size = (expected[i][i] * expected[j][j]).sqrt();
                assert!((found[i][j] - expected[i][j]).abs() < 1e-6 * size, "{i}{j}: {found:?} {expected:?}");
            }
        }
        assert!((again.rss / full.rss() - 1.0).abs() < 1e-12 && again.parameters.g == 1.0);
    }
}
