//! What a search comes to: a curve of the family, one of its limits, a step, or no curve, and the reason.

use serde::{Deserialize, Serialize};

use super::projection::Evaluation;
use super::solver::Converged;
use super::step::StepFunction;
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::point::Standard;

/// How far `d − a` may exceed the range of the responses. Beyond, responses are small differences of large numbers.
pub(crate) const FAR_RISE: f64 = 1e8;

/// Relative difference of sums of squares below which two of them are the same but for rounding.
pub(crate) const SAME: f64 = 1e-11;

/// A sum of squares or a quasi-deviance below this share of what wells are from their mean is the rounding of an exact fit.
pub(crate) const EXACT: f64 = 1e-20;

/// Relative difference of sums of squares and of quasi-deviances above which another curve is better.
pub(crate) const BETTER: f64 = 1e-9;

/// What the data say is the best curve.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Shape {
    /// A kernel: the family's own, or one of its limits.
    Smooth { kernel: Kernel, at: Converged },
    /// A step.
    Step(StepFunction),
    /// There is no answer, and this is why: nothing to draw, to read or to compare.
    None(Missing),
}

/// Why there is no curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Missing {
    /// No search converged.
    NotConverged,
    /// No curve was found that settles with the variances of its own means, and is lowest under them.
    VarianceNotSettled,
    /// The likelihood of the exponent of the variance rises up to this end of what is searched.
    NoExponent(f64),
}

impl Shape {
    /// Σ n w (ȳ − f)².
    pub(crate) fn rss(&self) -> f64 {
        match self {
            Self::Smooth { at, .. } => at.rss,
            Self::Step(step) => step.rss,
            Self::None(_) => f64::INFINITY,
        }
    }

    /// Whether it is the same curve but for rounding.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Smooth { kernel: one, at: p }, Self::Smooth { kernel: other, at: q }) => {
                one == other && (0..3).all(|j| (p.theta[j] - q.theta[j]).abs() < 1e-6)
            }
            (Self::Step(p), Self::Step(q)) => p.first_above == q.first_above && p.on.is_some() == q.on.is_some(),
            (Self::None(_), Self::None(_)) => true,
            _ => false,
        }
    }
}

/// Whether plateaus are more than so many ranges of the responses away.
pub(crate) fn beyond(ranges: f64, standards: &[Standard], at: &Evaluation) -> bool {
    at.kappa.abs().max(at.alpha.abs()) > ranges * spread(standards)
}

/// Σ w (y − ȳ)², about the weighted mean.
pub(crate) fn total(standards: &[Standard], weights: &[f64]) -> f64 {
    let (mut sw, mut sy) = (0.0, 0.0);
    for (s, w) in standards.iter().zip(weights) {
        sw += s.n * w;
        sy += s.n * w * s.mean;
    }
    let mean = sy / sw;
    let about = |(s, w): (&Standard, &f64)| w * (s.within + s.n * (s.mean - mean) * (s.mean - mean));
    standards.iter().zip(weights).map(about).sum()
}

/// The range of the levels' means.
pub(crate) fn spread(standards: &[Standard]) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for standard in standards {
        low = low.min(standard.mean);
        high = high.max(standard.mean);
    }
    high - low
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::curve::{Method, Point, fit};

    /// The same but for rounding: by the logarithms of the parameters, whatever is left of the wells.
    #[test]
    fn shapes_are_alike_by_their_parameters() {
        let of = |by: f64| {
            let levels = (0..8_u32).map(|i| 5.0 * f64::from(1_u32 << i));
            let wells =
                levels.map(|x| Point { concentration: x, response: 0.1 + 3.0 * x / (x + 60.0) + by * (0.9 * x).sin() });
            fit(&wells.collect::<Vec<_>>(), &Method::default()).unwrap().shape
        };
        let [one, near, other] = [0.02, 0.02 + 1e-9, 0.021].map(of);
        assert!(one.is_like(&one) && one.is_like(&near) && !one.is_like(&other));
        let none = Shape::None(Missing::NotConverged);
        assert!(none.is_like(&none) && !none.is_like(&one) && !one.is_like(&none));
    }
}
