//! The limit `b → ∞` of every family: a step. Below it the response is `a`, above it `d`; one level may stand on it.

use serde::{Deserialize, Serialize};

use super::projection::Bound;
use crate::curve::definition::point::Standard;

/// A step between, or at, standards.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepFunction {
    /// Response below; `None` when no standard is below.
    pub below: Option<f64>,
    /// Response above.
    pub above: Option<f64>,
    /// Number of levels below the step.
    pub first_above: usize,
    /// The level that stands on the step, with its response strictly between; it is then `first_above`.
    pub on: Option<f64>,
    /// Σ n w (ȳ − f)².
    pub rss: f64,
}

impl StepFunction {
    /// The response at the level with this index.
    pub(crate) fn response_of_level(&self, index: usize) -> Option<f64> {
        match self.on {
            Some(on) if index == self.first_above => Some(on),
            _ if index < self.first_above => self.below,
            _ => self.above,
        }
    }
}

/// The step with the least sum of squares.
pub(crate) fn best(standards: &[Standard], weights: &[f64], a: Bound, d: Bound) -> Option<StepFunction> {
    best_of(standards, weights, a, d, |_| true)
}

/// The step at the same place for other weights.
pub(crate) fn again(
    step: &StepFunction,
    standards: &[Standard],
    weights: &[f64],
    a: Bound,
    d: Bound,
) -> Option<StepFunction> {
    let same = |other: &StepFunction| other.first_above == step.first_above && other.on.is_some() == step.on.is_some();
    best_of(standards, weights, a, d, same)
}

fn best_of(
    standards: &[Standard],
    weights: &[f64],
    a: Bound,
    d: Bound,
    allowed: impl Fn(&StepFunction) -> bool,
) -> Option<StepFunction> {
    let mean = |from: usize, to: usize, (low, high): Bound| {
        let (mut sw, mut sy) = (0.0, 0.0);
        for (standard, w) in standards[from..to].iter().zip(&weights[from..to]) {
            sw += standard.n * w;
            sy += standard.n * w * standard.mean;
        }
        (sw > 0.0).then(|| (sy / sw).clamp(low, high))
    };
    let rss = |step: &StepFunction| {
        let mut rss = 0.0;
        for (i, (standard, w)) in standards.iter().zip(weights).enumerate() {
            let r = standard.mean - step.response_of_level(i).unwrap_or(standard.mean);
            rss += standard.n * w * r * r;
        }
        rss
    };
    let n = standards.len();
    let mut best: Option<StepFunction> = None;
    let mut offer = |mut step: StepFunction| {
        step.rss = rss(&step);
        if allowed(&step) && best.is_none_or(|best| step.rss < best.rss) {
            best = Some(step);
        }
    };
    for i in 1..n {
        let (below, above) = (mean(0, i, a), mean(i, n, d));
        offer(StepFunction { below, above, first_above: i, on: None, rss: 0.0 });
        let (Some(a), Some(d), on) = (below, mean(i + 1, n, d), standards[i].mean) else { continue };
        if standards[i].n > 0.0 && (on - a) * (d - on) > 0.0 {
            offer(StepFunction { below, above: Some(d), first_above: i, on: Some(on), rss: 0.0 });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::{Point, merge};

    #[test]
    fn the_best_step_is_found_with_and_without_a_level_on_it() {
        let open = (f64::NEG_INFINITY, f64::INFINITY);
        let step = |responses: [f64; 6]| {
            let points: Vec<Point> =
                (1..).zip(responses).map(|(x, response)| Point { concentration: f64::from(x), response }).collect();
            best(&merge(&points), &[1.0; 6], open, open).unwrap()
        };
        let found = step([0.1, 0.1, 0.1, 2.0, 2.0, 2.0]);
        assert_eq!((found.first_above, found.on), (3, None));
        assert!(found.rss < 1e-30);
        let found = step([0.1, 0.1, 0.7, 2.0, 2.0, 2.0]);
        assert_eq!((found.first_above, found.on, found.rss), (2, Some(0.7), 0.0));
    }
}
