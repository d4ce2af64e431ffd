//! The levels of the standards, read back from their own curve.

use super::level::Level;
use super::standard_curve::StandardCurve;
use crate::curve::definition::point::Standard;
use crate::curve::numerics::cv::cv_percent;

impl StandardCurve {
    /// The levels of the standards, read back from the curve.
    pub(super) fn read_back(&self) -> Vec<Level> {
        let smooth = self.smooth.as_ref().filter(|_| self.is_readable());
        let concentration_of = |response: f64| smooth?.inverse(response).map(libm::exp);
        let level = |standard: &Standard| {
            let of_level = self.points.iter().filter(|p| p.concentration == standard.x);
            let responses: Vec<f64> = of_level.map(|p| p.response).collect();
            let back_calculated = concentration_of(standard.mean);
            let positive = standard.x > 0.0;
            // One well that has no concentration leaves the level without a CV.
            let wells = || responses.iter().map(|response| concentration_of(*response)).collect::<Option<Vec<f64>>>();
            Level {
                concentration: standard.x,
                n: standard.n as usize,
                mean_response: standard.mean,
                response_cv_percent: cv_percent(&responses),
                back_calculated,
                bias_percent: back_calculated
                    .filter(|_| positive)
                    .map(|found| 100.0 * (found - standard.x) / standard.x),
                cv_percent: wells().filter(|_| positive).and_then(|wells| cv_percent(&wells)),
            }
        };
        self.standards.iter().map(level).collect()
    }
}
