//! The levels of the standards, read back from their own curve: how far each is from what it was made to be.

use super::point::Standard;
use super::standard_curve::StandardCurve;

/// One level of the standards, read back from the curve.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let lowest: &Level = &curve.levels()[1];
/// assert_eq!((lowest.concentration, lowest.n), (31.25, 2));
/// assert!(lowest.bias_percent.is_some_and(|bias| bias.abs() < 10.0));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Level {
    /// Concentration.
    pub concentration: f64,
    /// Number of wells.
    pub n: usize,
    /// Mean response.
    pub mean_response: f64,
    /// CV of the responses, in percent; `None` for a single well.
    pub response_cv_percent: Option<f64>,
    /// The concentration at which the curve has the mean response; `None` where it has none.
    pub back_calculated: Option<f64>,
    /// 100 × (back-calculated − nominal) / nominal; `None` at zero.
    pub bias_percent: Option<f64>,
    /// CV of the wells' own back-calculated concentrations, in percent; `None` where one has none.
    pub cv_percent: Option<f64>,
}

impl StandardCurve {
    /// The levels of the standards, read back from the curve.
    pub(super) fn read_back(&self) -> Vec<Level> {
        let smooth = self.smooth.as_ref().filter(|_| self.is_readable());
        let concentration_of = |response: f64| smooth?.inverse(response).map(libm::exp);
        let level = |standard: &Standard| {
            let responses = self.points.iter().filter(|p| p.concentration == standard.x).map(|p| p.response);
            let back_calculated = concentration_of(standard.mean);
            let positive = standard.x > 0.0;
            // One well that has no concentration leaves the level without a CV.
            let wells = responses.clone().map(|response| concentration_of(response).unwrap_or(f64::NAN));
            Level {
                concentration: standard.x,
                n: standard.n as usize,
                mean_response: standard.mean,
                response_cv_percent: cv_percent(responses),
                back_calculated,
                bias_percent: back_calculated
                    .filter(|_| positive)
                    .map(|found| 100.0 * (found - standard.x) / standard.x),
                cv_percent: if positive { cv_percent(wells) } else { None },
            }
        };
        self.standards.iter().map(level).collect()
    }
}

/// Coefficient of variation in percent; `None` for fewer than two values or a mean that is not positive.
fn cv_percent(values: impl Iterator<Item = f64>) -> Option<f64> {
    // Welford's sums: the values are made once.
    let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        n += 1.0;
        let from_mean = value - mean;
        mean += from_mean / n;
        squares += from_mean * (value - mean);
    }
    (n >= 2.0 && mean > 0.0 && mean.is_finite()).then(|| 100.0 * (squares / (n - 1.0)).sqrt() / mean)
}
