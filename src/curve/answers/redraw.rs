//! A plate resampled: the parametric bootstrap of a curve and of whatever is read from it.
//!
//! ```text
//! y* = μ + k s √v(μ) z,    z ~ N(0, 1) for every well,    v(μ) = μ^(2θ) the variance model,    s² = RSS / (N − p)
//! ```
//!
//! `μ` is the curve at a standard's concentration, or at a sample's estimated one; `k` is 1 unless the caller knows that `s` came out
//! too small. Residuals, which another bootstrap draws, only standards have; a sample's wells can be drawn by the model
//! alone. Who draws fits the drawn standards as the plate's own were fitted.

use super::standard_curve::StandardCurve;

/// A curve whose plate can be resampled.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let redraw = Redraw::new(&curve).ok_or(FitError::Method { words: "nothing to draw".to_string() })?;
/// // Deviates come from the caller: here 0 and 2, a seeded generator in earnest.
/// assert_eq!(redraw.response(1.0, 0.0), 1.0);
/// let moved = redraw.response(1.0, 2.0) - 1.0;
/// let louder = redraw.with_sd_times(1.5).response(1.0, 2.0) - 1.0;
/// assert!((louder / moved - 1.5).abs() < 1e-12);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Redraw {
    curve: StandardCurve,
    /// k.
    sd_factor: f64,
}

impl Redraw {
    /// `None` for a curve that has no noise to draw (it meets its data exactly, or leaves no degrees of freedom) or cannot be
    /// read (a step).
    pub fn new(curve: &StandardCurve) -> Option<Self> {
        curve.residual_sd()?;
        curve.smooth.as_ref().filter(|_| curve.is_readable())?;
        Some(Self { curve: curve.clone(), sd_factor: 1.0 })
    }

    /// The same with k times the standard deviation of the curve.
    #[must_use]
    pub fn with_sd_times(self, k: f64) -> Self {
        Self { sd_factor: k, ..self }
    }

    /// The curve that the plate is drawn about.
    pub fn about(&self) -> &StandardCurve {
        &self.curve
    }

    /// A well with this mean response, drawn with the standard normal deviate `z`.
    pub fn response(&self, mean: f64, z: f64) -> f64 {
        mean + self.sd_factor * self.curve.variance(mean).unwrap_or(0.0).sqrt() * z
    }
}

#[cfg(test)]
pub(in crate::curve) mod tests {
    use super::*;
    use crate::curve::{Method, Model, Parameters, Point, Variance, fit};

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
    pub(in crate::curve) fn deviates() -> impl FnMut() -> f64 {
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
    fn drawn_curves_spread_as_the_covariance_says() {
        let curve = curve(Model::FourParameter, Variance::Squared);
        let redraw = Redraw::new(&curve).unwrap();
        let mut normal = deviates();
        let response = curve.response(300.0);
        let mut draw = |well: &Point| {
            let response = redraw.response(curve.response(well.concentration), normal());
            Point { response, ..*well }
        };
        let mut again = || fit(&curve.points().iter().map(&mut draw).collect::<Vec<_>>(), curve.method()).ok();
        let drawn: Vec<f64> =
            (0..4000).filter_map(|_| again()?.invert(response, 1).concentration).map(libm::log).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let sd = (drawn.iter().map(|ln_x| (ln_x - mean).powi(2)).sum::<f64>() / (drawn.len() - 1) as f64).sqrt();
        // The standard error of a reading without the noise of its own wells: infinitely many replicates.
        let expected = curve.invert(response, usize::MAX).standard_error.unwrap() / 300.0;
        assert_eq!(drawn.len(), 4000);
        assert!((sd / expected - 1.0).abs() < 0.05, "{sd} is not {expected}");
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
