//! A curve and the variances of its own means.
//!
//! Where variances follow the fitted curve, the curve depends on its weights and these on the curve. What is looked for is the
//! curve of the least quasi-deviance, see [`super::quasi`], in two steps:
//!
//! 1. The best curve for the variances of the observed means is brought to its fixed point by alternation; with the variances there the
//!    search is repeated, until it leads to nothing better.
//! 2. Against that curve stand all others that were come by: the minima and limits of these searches, each brought to its own fixed
//!    point, and where the curve sets other variances than the observed means do, the minima near the lowest points of a lattice
//!    ([`super::rough`]). A lower one takes its place, and is put to the same test. Alternation need not be drawn to a minimum of the
//!    quasi-deviance: where it leaves a lower curve than it ends in, or swings about one, that is gone down from ([`super::descent`]).
//!
//! Where the parameter of the variance is estimated, two curves are compared under that of the one which is put to the test: only under
//! one law do quasi-deviances say anything of each other. There it happens that of two curves each is lower under the law of the
//! other. Then neither is an answer, and none is given.

use super::curve_family::CurveFamily;
use super::fitted_curve::FittedCurve;
use super::lower_curve::LowerCurve;
use super::minimise::minimise;
use super::quad::Quad;
use super::rough;
use super::search::{SearchOutcome, search};
use super::settle::{CandidateCurve, IterationOutcome, SettledCurve, fitted_means};
use super::shape::{BETTER, EXACT, Missing, Shape, total};
use super::weighting::Weighting;
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::point::Standard;
use crate::curve::definition::variance::VarianceFrom;
use crate::curve::definition::variance_law::Law;

/// A mean, or a standard deviation, that is so many times another is another. Plates of usual noise ask for the lattice at this; with 1.25
/// few did, and of 100,000 random curves two were worse for it.
const FAR: f64 = 1.05;
/// Most searches with the variances of the best curve so far, and most curves that are put to the test.
const MOST_SEARCHES: usize = 6;
/// Most minima beside the best that are brought to their fixed points after one search.
const MOST_OTHERS: usize = 4;

/// What came of a search, and the weights that it was made with.
#[derive(Clone)]
struct WeightedSearch {
    found: SearchOutcome,
    weights: Vec<f64>,
}

/// What stands against a curve.
enum Objection {
    Nothing,
    /// This one is lower.
    Lower(IterationOutcome),
    /// A lower one has no variances of its own.
    Unsettled,
}

impl Weighting {
    /// The curve with the variances that follow from it. `region` is that of [`search`]; the shapes `besides` are put to the test too.
    pub(crate) fn iterate(
        &self,
        family: &CurveFamily,
        standards: &[Standard],
        region: f64,
        besides: &[LowerCurve],
    ) -> FittedCurve {
        let weights = self.observed(standards);
        let hints: Vec<[f64; 3]> = besides.iter().map(|lower| lower.theta).collect();
        let found = search(family, standards, &weights, region, &hints);
        let constant = self.law == Law::Power(0.0) && !self.estimated;
        if constant || (self.from == VarianceFrom::Observed && !self.estimated) {
            return FittedCurve { found, weights, law: self.law, law_estimated: false, floor: self.floor };
        }
        let mut searches = vec![WeightedSearch { found, weights }];
        searches.extend(besides.iter().filter_map(|lower| WeightedSearch::from(family, standards, lower)));
        let Some((mut best, mut searched)) = self.follow(family, standards, region, &mut searches) else {
            return self.without(Missing::NotConverged, self.law, self.observed(standards));
        };
        let mut beaten: Vec<IterationOutcome> = Vec::new();
        let mut tested = 0;
        let stands = self.from == VarianceFrom::Observed
            || loop {
                let against = self.against(&best, family, standards, &searches[tested..]);
                // Under one law what is above a curve is above all that are lower.
                tested = if self.estimated { 0 } else { searches.len() };
                match against {
                    Objection::Nothing => break true,
                    Objection::Unsettled => break false,
                    Objection::Lower(lower) => {
                        searched = WeightedSearch::again(family, standards, region, lower.curve());
                        searches.push(searched.clone());
                        beaten.push(std::mem::replace(&mut best, lower));
                        let shape = &best.curve().shape;
                        if beaten.len() > MOST_SEARCHES || beaten.iter().any(|other| other.curve().shape.is_like(shape))
                        {
                            break false;
                        }
                    }
                }
            };
        match best {
            IterationOutcome::Settled(best) if stands => self.with(best, searched.found, family),
            IterationOutcome::Settled(best) => {
                self.without(Missing::VarianceNotSettled, best.law(), best.into_weights())
            }
            IterationOutcome::Moving(last) => {
                let why = if let Shape::None(why) = last.shape { why } else { Missing::VarianceNotSettled };
                self.without(why, last.law, last.weights)
            }
        }
    }

    /// The answer, with the other minima of the last search.
    fn with(&self, best: SettledCurve, mut found: SearchOutcome, family: &CurveFamily) -> FittedCurve {
        let (shape, law) = (best.shape(), best.law());
        let kernel = Kernel::from(family.model);
        if let Shape::Smooth { kernel: own, at } = found.shape
            && own == kernel
        {
            found.others.insert(0, at);
        }
        found.others.retain(|&at| !shape.is_like(&Shape::Smooth { kernel, at }));
        found.limit = found.limit.filter(|limit| !limit.is_like(&shape));
        found.shape = shape;
        let weights = best.into_weights();
        FittedCurve { found, weights, law, law_estimated: self.estimated, floor: self.floor }
    }

    /// No answer, for this reason.
    fn without(&self, why: Missing, law: Law, weights: Vec<f64>) -> FittedCurve {
        FittedCurve {
            found: SearchOutcome::nothing(why),
            weights,
            law,
            law_estimated: self.estimated,
            floor: self.floor,
        }
    }

    /// The first step of the head of this file: the fixed point of the best curve, and of the best one under its variances, until that is
    /// itself. Where that does not end, the best of those that it came by.
    fn follow(
        &self,
        family: &CurveFamily,
        standards: &[Standard],
        region: f64,
        searches: &mut Vec<WeightedSearch>,
    ) -> Option<(IterationOutcome, WeightedSearch)> {
        let mut one = *self;
        let mut best: Option<(IterationOutcome, WeightedSearch)> = None;
        let mut searched = searches.first()?.clone();
        for _ in 0..MOST_SEARCHES {
            // Where the best has no fixed point, another minimum may.
            let candidate = {
                let settle = |shape| one.settle(family, standards, shape, &searched.weights, None);
                let mut candidates = searched.best_first(family).map(settle);
                let best = candidates.next()?;
                let better = |best, other| if one.is_better(standards, &other, &best) { other } else { best };
                if best.is_settled() { best } else { candidates.fold(best, better) }
            };
            one.law = candidate.curve().law;
            let next = WeightedSearch::again(family, standards, region, candidate.curve());
            searches.push(next.clone());
            let at_rest = next.found.shape.rss() >= candidate.curve().shape.rss() * (1.0 - BETTER);
            if at_rest || best.as_ref().is_none_or(|(best, _)| one.is_better(standards, &candidate, best)) {
                best = Some((candidate, next.clone()));
            }
            if at_rest {
                break;
            }
            searched = next;
        }
        best
    }

    /// The better one of two curves that were come by one after the other: by quasi-deviance. Where the law is estimated the later one:
    /// the likelihood of a curve that passes through a well with a small mean has no maximum.
    fn is_better(&self, standards: &[Standard], one: &IterationOutcome, other: &IterationOutcome) -> bool {
        if one.is_settled() != other.is_settled() {
            return one.is_settled();
        }
        let cost =
            |outcome: &IterationOutcome| self.holding(outcome.curve().law).cost(standards, &outcome.curve().means);
        self.estimated || cost(one) <= cost(other)
    }

    /// What stands against a curve, of the shapes that these searches came by and of the lattice.
    fn against(
        &self,
        best: &IterationOutcome,
        family: &CurveFamily,
        standards: &[Standard],
        searches: &[WeightedSearch],
    ) -> Objection {
        let curve = best.curve();
        let shapes =
            searches.iter().flat_map(|searched| searched.all(family).map(|shape| (shape, searched.weights.clone())));
        match self.lower(best, family, standards, shapes) {
            Objection::Nothing if curve.is_far_from(standards, self.floor) => {
                let cost = self.holding(curve.law).cost(standards, &curve.means);
                let problem = family.problem(standards, &curve.weights);
                let starts = rough::starts(family, &problem, (curve.law, self.floor), cost);
                self.lower(best, family, standards, starts.into_iter())
            }
            against => against,
        }
    }

    /// The lowest of the fixed points under the law of a curve that these shapes lead to, where it is lower than that; brought to its own
    /// law, where that is estimated.
    fn lower(
        &self,
        best: &IterationOutcome,
        family: &CurveFamily,
        standards: &[Standard],
        shapes: impl Iterator<Item = (Shape, Vec<f64>)>,
    ) -> Objection {
        let held = self.holding(best.curve().law);
        let mut lowest: Option<IterationOutcome> = None;
        let mut unsettled = false;
        for (shape, weights) in shapes {
            let known = lowest.as_ref().unwrap_or(best);
            if known.curve().shape.is_like(&shape) {
                continue;
            }
            let mut candidate = held.settle(family, standards, shape, &weights, Some(known));
            let lower = |one: &CandidateCurve| held.is_lower(standards, one, known.curve());
            // Alternation may swing about a lower curve, and it may lead upwards from where one is near.
            let found = if lower(candidate.curve()) {
                let swings = !candidate.is_settled();
                swings.then(|| held.descend(family, standards, candidate.curve(), f64::INFINITY)).flatten()
            } else {
                let means = fitted_means(&shape, family, standards, &weights);
                let start = CandidateCurve { means, shape, weights, law: held.law };
                let rises = held.cost(standards, &start.means) < held.cost(standards, &candidate.curve().means);
                let enough = held.cost(standards, &known.curve().means);
                rises.then(|| held.descend(family, standards, &start, enough)).flatten()
            };
            if let Some(found) = found {
                candidate = IterationOutcome::Settled(found);
            }
            let (settled, lower) = (candidate.is_settled(), lower(candidate.curve()));
            unsettled |= lower && !settled && known.is_settled();
            // Against a curve that did not settle stands any that did.
            if if settled == known.is_settled() { lower } else { settled } {
                (lowest, unsettled) = (Some(candidate), false);
            }
        }
        match lowest {
            Some(lowest) if self.estimated => {
                let CandidateCurve { shape, weights, law, .. } = lowest.curve();
                let own = Self { law: *law, ..*self }.settle(family, standards, *shape, weights, None);
                Objection::Lower(own)
            }
            Some(lowest) => Objection::Lower(lowest),
            None if unsettled => Objection::Unsettled,
            None => Objection::Nothing,
        }
    }

    /// Whether one is lower than another under this law, by more than rounding: that of an exact fit, and that of responses which are
    /// differences of large plateaus.
    fn is_lower(&self, standards: &[Standard], one: &CandidateCurve, other: &CandidateCurve) -> bool {
        let start = if let Shape::Smooth { at, .. } = &one.shape { at.alpha } else { 0.0 };
        let slope = |(s, &mean): (&Standard, &f64)| {
            let size = start.abs() + (mean - start).abs();
            size * 2.0 * s.n * (s.mean - mean).abs() / self.law.variance(mean, self.floor)
        };
        let rounding = 4.0 * f64::EPSILON * standards.iter().zip(&one.means).map(slope).sum::<f64>();
        let exact = EXACT * total(standards, &other.weights);
        self.cost(standards, &one.means) + rounding < self.cost(standards, &other.means) * (1.0 - BETTER) - exact
    }
}

impl WeightedSearch {
    /// The minimum next to a shape that is lower than an answer was, under the weights of that.
    fn from(family: &CurveFamily, standards: &[Standard], lower: &LowerCurve) -> Option<Self> {
        let problem = family.problem(standards, &lower.weights);
        let at = minimise(&problem, lower.theta, &mut Quad::of(standards, &lower.weights))?;
        let shape = Shape::Smooth { kernel: problem.kernel, at };
        let found = SearchOutcome { shape, others: Vec::new(), limit: None, rivals: Vec::new() };
        Some(Self { found, weights: lower.weights.clone() })
    }

    /// The search with the variances of a curve, from there besides.
    fn again(family: &CurveFamily, standards: &[Standard], region: f64, curve: &CandidateCurve) -> Self {
        let hint = match &curve.shape {
            Shape::Smooth { kernel, at } if *kernel == Kernel::from(family.model) => Some(at.theta),
            _ => None,
        };
        let found = search(family, standards, &curve.weights, region, hint.as_slice());
        Self { found, weights: curve.weights.clone() }
    }

    fn others(&self, family: &CurveFamily) -> impl Iterator<Item = Shape> {
        let kernel = Kernel::from(family.model);
        self.found.others.iter().take(MOST_OTHERS).map(move |&at| Shape::Smooth { kernel, at })
    }

    /// The best curve, the best limit, and other minima.
    fn best_first(&self, family: &CurveFamily) -> impl Iterator<Item = Shape> {
        std::iter::once(self.found.shape).chain(self.found.limit).chain(self.others(family))
    }

    /// All of that, with every limit that was followed.
    fn all(&self, family: &CurveFamily) -> impl Iterator<Item = Shape> {
        std::iter::once(self.found.shape).chain(self.others(family)).chain(self.found.rivals.iter().copied())
    }
}

impl CandidateCurve {
    /// Whether the curve sets other variances than the observed means do.
    fn is_far_from(&self, standards: &[Standard], floor: f64) -> bool {
        let size = |mean: f64| mean.abs().max(floor);
        let sd = |mean: f64| self.law.variance(mean, floor).sqrt();
        let is_far = |ratio: f64| !(1.0 / FAR..FAR).contains(&ratio);
        let far = |(s, &mean): (&Standard, &f64)| is_far(size(s.mean) / size(mean)) || is_far(sd(s.mean) / sd(mean));
        standards.iter().zip(&self.means).any(far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::{Point, merge};

    /// A mean that is more than 1.05 times the observed one, either way, sets another variance; and an SD that is, under an exponent of 2 a
    /// mean that is more than 1.0247 times.
    #[test]
    fn a_curve_is_far_from_the_wells_by_a_mean_or_by_its_variance() {
        let wells =
            [(1.0, 0.2), (3.0, 0.9), (10.0, 2.0)].map(|(concentration, response)| Point { concentration, response });
        let standards = merge(&wells);
        let far = |exponent: f64, of: f64| {
            let means = vec![0.2, 0.9 * of, 2.0];
            let candidate = CandidateCurve {
                shape: Shape::None(Missing::NotConverged),
                weights: Vec::new(),
                means,
                law: Law::Power(exponent),
            };
            candidate.is_far_from(&standards, 1e-3)
        };
        assert_eq!([0.95, 0.953, 1.0, 1.049, 1.051].map(|of| far(0.5, of)), [true, false, false, false, true]);
        assert_eq!([0.975, 0.977, 1.024, 1.0255].map(|of| far(2.0, of)), [true, false, false, true]);
    }
}
