//! The levels of the standards, read back from their own curve.

use super::level::Level;
use super::standard_curve::StandardCurve;
use crate::curve::definition::point::Standard;

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
