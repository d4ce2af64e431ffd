//! What a fit comes to: a curve with the weights that it belongs to.

use super::search::SearchOutcome;
use crate::curve::definition::point::Standard;
use crate::curve::definition::variance_law::Law;

/// A curve with the weights that it belongs to. Where none was found that is at rest with its variances there is none: see
/// [`super::shape::Missing`].
#[derive(Debug, Clone)]
pub(crate) struct FittedCurve {
    pub found: SearchOutcome,
    pub weights: Vec<f64>,
    pub law: Law,
    /// Whether the parameter of the variance model comes from these wells.
    pub law_estimated: bool,
    pub floor: f64,
}

impl FittedCurve {
    /// Whether its likelihood is higher; that of no answer is 0.
    pub(in crate::curve) fn is_likelier(&self, other: &Self, standards: &[Standard]) -> bool {
        let log_likelihood = |one: &Self| {
            let level = |(s, w): (&Standard, &f64)| [s.n, s.n * libm::log(*w), s.within * w];
            let [n, plain, within] = (standards.iter().zip(&one.weights).map(level))
                .fold([0.0; 3], |sum, next| [sum[0] + next[0], sum[1] + next[1], sum[2] + next[2]]);
            0.5 * (plain - n * libm::log(one.found.shape.rss() + within))
        };
        log_likelihood(self) > log_likelihood(other)
    }
}
