//! A curve brought to rest with the variances of its own means, and the types that say whether it did come to rest.
//!
//! The weights follow from the means of the curve, and the curve from the weights: the two are brought to agree by turns, and where
//! that does not end by descent ([`super::descent`]). What did not come to rest is a [`CandidateCurve`] and nothing else. An answer can be
//! made of a [`SettledCurve`] one only, and only this file makes those.

use super::curve_family::{CurveFamily, problem_of};
use super::descent::descend;
use super::limit_search::between;
use super::minimise::{minimise, minimise_below};
use super::projection::{Evaluation, LeastSquaresProblem};
use super::quad::Quad;
use super::search::at_edge;
use super::shape::{FAR_RISE, SAME, Shape, spread};
use super::solver::Converged;
use super::step;
use super::weighting::Weighting;
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::point::Standard;
use crate::curve::definition::variance::VarianceFrom;
use crate::curve::definition::variance_law::Law;

/// Most rounds of the iteration between curve and variance.
pub(crate) const MOST_ROUNDS: usize = 500;
/// Relative change of the weights below which it has settled.
const SETTLED: f64 = 1e-11;
/// A change that is more than this share of the last one is no progress; after so many …
const SLOW: f64 = 0.9;
/// … the means follow by half as much, …
const PATIENCE: usize = 4;
/// … and at least by this.
const LEAST_FOLLOW: f64 = 0.01;
/// How many times as far as in the last round a curve may still fall. A rule of thumb.
const MAY_FALL: f64 = 10.0;
/// After so many rounds it is asked once in as many how far a curve has fallen: that takes longer than the round.
const OFTEN: usize = 8;

/// A curve with the variances that it was last fitted with.
pub(super) struct CandidateCurve {
    pub shape: Shape,
    pub weights: Vec<f64>,
    /// The curve at the standards.
    pub means: Vec<f64>,
    pub law: Law,
}

/// A curve whose variances are those of its own means, under a law that is known or the likeliest about it.
pub(crate) struct SettledCurve(CandidateCurve);

impl SettledCurve {
    pub(crate) fn shape(&self) -> Shape {
        self.0.shape
    }

    pub(crate) fn into_weights(self) -> Vec<f64> {
        self.0.weights
    }

    pub(super) fn law(&self) -> Law {
        self.0.law
    }
}

/// Where a curve and its variances ended.
pub(super) enum IterationOutcome {
    Settled(SettledCurve),
    /// It has no fixed point, or none was reached.
    Moving(CandidateCurve),
}

impl IterationOutcome {
    /// The curve, whether at rest or not: to compare, not to answer with.
    pub(super) fn curve(&self) -> &CandidateCurve {
        match self {
            Self::Settled(SettledCurve(curve)) | Self::Moving(curve) => curve,
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        matches!(self, Self::Settled(_))
    }
}

impl Weighting {
    /// The fixed point of a curve under this law, where it has one that is reached.
    pub(crate) fn fixed_point(
        &self,
        family: &CurveFamily,
        standards: &[Standard],
        shape: Shape,
        weights: &[f64],
    ) -> Option<SettledCurve> {
        match self.settle(family, standards, shape, weights, None) {
            IterationOutcome::Settled(settled) => Some(settled),
            IterationOutcome::Moving(_) => None,
        }
    }

    /// Alternates between a curve and its variances until they agree. Where that makes no progress, the curve is led on along its valley;
    /// where there is none, they swing about the fixed point, and the means that set the variance follow the curve by half of the way, by
    /// a quarter and so on. A curve that would stay above the `rival`, were it to fall [`MAY_FALL`] times as far as in its last round, is
    /// given up.
    pub(super) fn settle(
        &self,
        family: &CurveFamily,
        standards: &[Standard],
        mut shape: Shape,
        weights: &[f64],
        rival: Option<&IterationOutcome>,
    ) -> IterationOutcome {
        let rival = rival.filter(|rival| rival.is_settled()).map(IterationOutcome::curve);
        let enough = rival.map_or(f64::INFINITY, |rival| self.cost(standards, &rival.means));
        let mut last_cost = f64::INFINITY;
        let mut one = *self;
        let mut weights = weights.to_vec();
        let mut means = fitted_means(&shape, family, standards, &weights);
        let (mut settled, mut before, mut follow, mut grown) = (false, f64::INFINITY, 1.0, 0);
        for round in 0..MOST_ROUNDS {
            let fitted = fitted_means(&shape, family, standards, &weights);
            let (asked, first) = (round < OFTEN || round % OFTEN < 2, round >= OFTEN && round % OFTEN == 0);
            if rival.is_some() && asked {
                let cost = self.cost(standards, &fitted);
                if !first && cost - MAY_FALL * (last_cost - cost).abs() > enough {
                    break;
                }
                last_cost = cost;
            }
            if one.estimated {
                one.law = one.law.most_likely([one.spread(&fitted, standards).as_slice()]);
            }
            for (mean, fitted) in means.iter_mut().zip(fitted) {
                *mean += follow * (fitted - *mean);
            }
            let next = match one.from {
                VarianceFrom::Fitted => one.weights(means.iter().copied()),
                VarianceFrom::Observed => one.observed(standards),
            };
            let change = farthest(&weights, &next);
            weights = next;
            let Some(refined) = refine(&shape, family, standards, &weights) else { break };
            shape = refined;
            // It is on its way to the same curve.
            if rival.is_some_and(|rival| rival.shape.is_like(&shape)) {
                break;
            }
            if change < SETTLED * follow {
                settled = !(one.estimated && one.law.has_no_maximum());
                break;
            }
            grown = if change > SLOW * before { grown + 1 } else { 0 };
            if grown > PATIENCE && follow > LEAST_FOLLOW {
                match led_on(&shape, family, standards, &weights) {
                    Some(lower) => shape = lower,
                    None => follow *= 0.5,
                }
                grown = 0;
            }
            before = change;
        }
        let means = fitted_means(&shape, family, standards, &weights);
        let curve = CandidateCurve { shape, weights, means, law: one.law };
        if settled { IterationOutcome::Settled(SettledCurve(curve)) } else { IterationOutcome::Moving(curve) }
    }

    /// The minimum of the quasi-deviance next to a curve that does not come to rest by alternation; `None` where it is not going to be
    /// below `enough`.
    pub(super) fn descend(
        &self,
        family: &CurveFamily,
        standards: &[Standard],
        from: &CandidateCurve,
        enough: f64,
    ) -> Option<SettledCurve> {
        let Shape::Smooth { kernel, at } = &from.shape else { return None };
        let problem = problem_about(family, *kernel, standards, &from.weights, at)?;
        let (at, weights) = descend(&problem, at.theta, (self.law, self.floor), enough)?;
        let means = LeastSquaresProblem { weights: &weights, ..problem }.fitted(&at);
        let shape = in_the_box(family, *kernel, standards, at)?;
        Some(SettledCurve(CandidateCurve { shape, weights, means, law: self.law }))
    }
}

/// The curve at the standards.
pub(crate) fn fitted_means(shape: &Shape, family: &CurveFamily, standards: &[Standard], weights: &[f64]) -> Vec<f64> {
    let plain = || standards.iter().map(|s| s.mean).collect();
    match shape {
        Shape::Smooth { kernel, at } => {
            problem_of(family, *kernel, standards, weights).map_or_else(plain, |problem| problem.fitted(at))
        }
        Shape::Step(step) => {
            standards.iter().enumerate().map(|(i, s)| step.response_of_level(i).unwrap_or(s.mean)).collect()
        }
        Shape::None(_) => plain(),
    }
}

/// The same local minimum, or the same limit, for other weights; `None` where the solver does not converge.
fn refine(shape: &Shape, family: &CurveFamily, standards: &[Standard], weights: &[f64]) -> Option<Shape> {
    match shape {
        Shape::Smooth { kernel, at } => {
            let problem = problem_about(family, *kernel, standards, weights, at)?;
            let at = minimise(&problem, at.theta, &mut Quad::of(standards, weights))?;
            in_the_box(family, *kernel, standards, at)
        }
        Shape::Step(found) => step::again(found, standards, weights, family.a, family.d).map(Shape::Step),
        Shape::None(_) => None,
    }
}

/// A smooth curve, unless the variances have driven it out of the box, or a limit to where its responses are rounding: then it has no fixed
/// point.
fn in_the_box(family: &CurveFamily, kernel: Kernel, standards: &[Standard], at: Converged) -> Option<Shape> {
    let own = kernel == Kernel::from(family.model);
    let out = if own { at_edge(family, standards, &at) } else { at.alpha.abs() > FAR_RISE * spread(standards) };
    (!out).then_some(Shape::Smooth { kernel, at })
}

/// The problem of a kernel under these weights; one with a kink stays between the standards where it is.
fn problem_about<'p>(
    family: &CurveFamily,
    kernel: Kernel,
    standards: &'p [Standard],
    weights: &'p [f64],
    at: &Evaluation,
) -> Option<LeastSquaresProblem<'p>> {
    let problem = problem_of(family, kernel, standards, weights)?;
    Some(if kernel.has_kink() { between(&problem, &at.theta) } else { problem })
}

/// By how much weights differ, as ratios. The measure is the same in both directions: of weights that swing between two values it is no
/// progress to go back.
fn farthest(weights: &[f64], next: &[f64]) -> f64 {
    weights.iter().zip(next).map(|(old, new)| (new / old).max(old / new) - 1.0).fold(0.0, f64::max)
}

/// A lower curve to which the valley of a smooth one leads on under these weights: the search had ended on steps that damping made short.
fn led_on(shape: &Shape, family: &CurveFamily, standards: &[Standard], weights: &[f64]) -> Option<Shape> {
    let Shape::Smooth { kernel, at } = shape else { return None };
    let problem = problem_about(family, *kernel, standards, weights, at)?;
    let none = f64::INFINITY;
    let found = minimise_below(&problem, at.theta, none, none, &mut Quad::of(standards, weights))?;
    if found.rss >= at.rss * (1.0 - SAME) {
        return None;
    }
    in_the_box(family, *kernel, standards, found)
}
