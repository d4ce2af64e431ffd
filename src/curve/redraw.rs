//! A plate drawn anew: the parametric bootstrap of a curve and of whatever is read from it.
//!
//! ```text
//! y* = μ + s √v(μ) z,    z ~ N(0, 1) for every well,    v(μ) = μ^(2θ) the variance model,    s² = RSS / (N − p)
//! ```
//!
//! `μ` is the curve at a standard's concentration, or at a sample's estimated one. The curve is then fitted to the drawn
//! standards from its own parameters, in full: the variances follow the new curve, too. What [`super::bootstrap`] draws are
//! residuals, which only standards have; a sample's wells can be drawn by the model alone.

use super::fit::refit;
use super::point::{Point, merge};
use super::standard_curve::StandardCurve;

/// A curve whose plate can be drawn anew.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let redraw = Redraw::new(&curve).ok_or(FitError::Method { words: "nothing to draw".to_string() })?;
/// // Deviates come from the caller: here none, which gives the curve itself; a seeded generator in earnest.
/// let same = redraw.curve(0.0, &mut || 0.0);
/// assert!(same.is_some_and(|same| (same.parameters().c / curve.parameters().c - 1.0).abs() < 1e-6));
/// assert!(redraw.response(1.0, 2.0) > redraw.response(1.0, 0.0));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Redraw {
    curve: StandardCurve,
    /// The curve at each of its wells.
    means: Vec<f64>,
}

impl Redraw {
    /// `None` for a curve that has no noise to draw (it meets its data exactly, or leaves no degrees of freedom) or cannot be
    /// read (a step).
    pub fn new(curve: &StandardCurve) -> Option<Self> {
        curve.residual_sd()?;
        let smooth = curve.smooth.as_ref().filter(|_| curve.has_dose_response())?;
        let at = |point: &Point| {
            smooth.response(if point.concentration > 0.0 { libm::log(point.concentration) } else { f64::NEG_INFINITY })
        };
        let means: Vec<f64> = curve.points.iter().map(at).collect();
        means.iter().all(|mean| mean.is_finite()).then(|| Self { curve: curve.clone(), means })
    }

    /// The curve that the plate is drawn about.
    pub fn about(&self) -> &StandardCurve {
        &self.curve
    }

    /// A well with this mean response, drawn with the standard normal deviate `z`.
    pub fn response(&self, mean: f64, z: f64) -> f64 {
        mean + self.curve.variance(mean).unwrap_or(0.0).sqrt() * z
    }

    /// The curve of the plate drawn anew, with one standard normal deviate per well of a standard. `blank_error` is by how much
    /// the mean of the blanks came out too high: where the method fixes `a` to it, `a` moves along; where the method subtracts
    /// it, every response is that much lower. The curve can be read and has no intervals. `None` where the solver could not
    /// start, or ran away.
    pub fn curve(&self, blank_error: f64, normal: &mut impl FnMut() -> f64) -> Option<StandardCurve> {
        let about = &self.curve;
        let mut family = about.family;
        let mut shift = blank_error;
        if about.method.fixed.a.is_some() {
            family.a = (family.a.0 + blank_error, family.a.1 + blank_error);
            shift = 0.0;
        }
        let draw = |(point, &mean): (&Point, &f64)| Point { response: self.response(mean, normal()) - shift, ..*point };
        let points: Vec<Point> = about.points.iter().zip(&self.means).map(draw).collect();
        let standards = merge(&points);
        let fitted = refit(about, &standards, &family);
        let curve = StandardCurve::bare(&points, &about.method, standards, family, fitted);
        let read = curve.smooth.as_ref().is_some_and(|smooth| {
            smooth.at.rss.is_finite() && smooth.at.theta.iter().all(|theta| theta.is_finite()) && smooth.at.kappa != 0.0
        });
        read.then_some(curve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Method, Model, Parameters, Variance, fit};

    fn curve(model: Model, variance: Variance) -> StandardCurve {
        let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
        let noise = [0.03, -0.02, 0.01, -0.03, 0.02, 0.02, -0.01, -0.02];
        let points: Vec<Point> = [31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0]
            .into_iter()
            .enumerate()
            .flat_map(|(i, x)| [(i, x), (i + 3, x)])
            .map(|(i, x)| {
                let mean = Model::FourParameter.response(&truth, x);
                Point { concentration: x, response: mean * (1.0 + noise[i % 8]) }
            })
            .collect();
        fit(&points, &Method { model, variance, ..Method::default() }).unwrap()
    }

    /// Deviates without a pattern; the generator of the crate stands in another room.
    fn deviates() -> impl FnMut() -> f64 {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        move || {
            let mut uniform = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
            };
            libm::sqrt(-2.0 * libm::log(uniform())) * libm::cos(std::f64::consts::TAU * uniform())
        }
    }

    #[test]
    fn a_warm_start_ends_where_the_search_does() {
        for variance in [Variance::Constant, Variance::Proportional, Variance::Squared] {
            let curve = curve(Model::FourParameter, variance);
            let redraw = Redraw::new(&curve).unwrap();
            let mut normal = deviates();
            for _ in 0..20 {
                let drawn = redraw.curve(0.0, &mut normal).unwrap();
                let searched = fit(drawn.points(), drawn.method()).unwrap();
                for x in [40.0, 300.0, 1500.0] {
                    let (warm, cold) = (drawn.response(x), searched.response(x));
                    assert!((warm / cold - 1.0).abs() < 1e-8, "{variance:?} at {x}: {warm} is not {cold}");
                }
            }
        }
    }

    #[test]
    fn drawn_curves_spread_as_the_covariance_says() {
        let curve = curve(Model::FourParameter, Variance::Squared);
        let redraw = Redraw::new(&curve).unwrap();
        let mut normal = deviates();
        let response = curve.response(300.0);
        let drawn: Vec<f64> = (0..4000)
            .filter_map(|_| redraw.curve(0.0, &mut normal)?.invert(response, 1).concentration)
            .map(libm::log)
            .collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let sd = (drawn.iter().map(|ln_x| (ln_x - mean).powi(2)).sum::<f64>() / (drawn.len() - 1) as f64).sqrt();
        // The standard error of a reading without the noise of its own wells: infinitely many replicates.
        let expected = curve.invert(response, usize::MAX).standard_error.unwrap() / 300.0;
        assert_eq!(drawn.len(), 4000);
        assert!((sd / expected - 1.0).abs() < 0.05, "{sd} is not {expected}");
    }

    #[test]
    fn an_error_of_the_blanks_moves_what_the_method_ties_to_them() {
        let about = curve(Model::FourParameter, Variance::Constant);
        let mut silent = || 0.0;
        let subtracted = Redraw::new(&about).unwrap().curve(0.01, &mut silent).unwrap();
        assert!((subtracted.response(300.0) - (about.response(300.0) - 0.01)).abs() < 1e-9);
        let mut method = about.method().clone();
        method.fixed.a = Some(0.05);
        let fixed = fit(about.points(), &method).unwrap();
        let moved = Redraw::new(&fixed).unwrap().curve(0.01, &mut silent).unwrap();
        assert!((moved.parameters().a - 0.06).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_noise_is_not_drawn() {
        let exact: Vec<Point> = [1.0, 10.0, 100.0, 1000.0, 10000.0, 100_000.0]
            .map(|x| Point { concentration: x, response: 0.1 + 2.0 * x / (x + 300.0) })
            .to_vec();
        assert!(Redraw::new(&fit(&exact, &Method::default()).unwrap()).is_none());
        let four: Vec<Point> = exact[..4].to_vec();
        assert!(Redraw::new(&fit(&four, &Method::default()).unwrap()).is_none(), "no degrees of freedom");
    }
}
