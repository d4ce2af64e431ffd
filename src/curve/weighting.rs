//! A curve and the variances of its own means.
//!
//! Where variances follow the fitted curve, the curve depends on its weights and these on the curve. What is looked for is the
//! curve of the least quasi-deviance, see [`super::quasi`], in two steps:
//!
//! 1. The best curve for the variances of the observed means is brought to its fixed point by alternation; with the variances there the
//!    search is repeated, until it leads to nothing better.
//! 2. Against that curve stand all others that were come by: the minima and limits of these searches, each brought to its own fixed
//!    point, and where the curve sets quite other variances than the observed means do, the minima near the lowest points of a lattice
//!    ([`super::rough`]). A lower one takes its place, and is put to the same test.
//!
//! Where the parameter of the variance is estimated, two curves are compared under that of the one which is put to the test: only under
//! one law do quasi-deviances say anything of each other. There it happens that of two curves each is lower under the law of the
//! other. Then neither is an answer, and none is given.

use super::descent::descend;
use super::family::{Family, problem_of};
use super::fit::Fitted;
use super::kernel::Kernel;
use super::method::Method;
use super::point::Standard;
use super::projection::Problem;
use super::quad::Quad;
use super::quasi::deviance;
use super::rough;
use super::search::{Found, Shape, at_edge, between, search, total};
use super::solver::minimise;
use super::step;
use super::variance::{self, VarianceFrom};
use super::variance_law::{Law, Spread};

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
/// A mean that is so many times another sets another variance.
const FAR: f64 = 1.5;
/// Relative difference of sums of squares and of quasi-deviances above which another curve is better.
const BETTER: f64 = 1e-9;
/// A quasi-deviance below this share of what wells are from their mean is the rounding of an exact fit.
const EXACT: f64 = 1e-20;
/// Most searches with the variances of the best curve so far, and most curves that are put to the test.
const MOST_SEARCHES: usize = 6;
/// Most minima beside the best that are brought to their fixed points after one search.
const MOST_OTHERS: usize = 4;
/// Crossovers that the search for an unknown one begins with, in floors of the means: below all standards, among them, above all.
const CROSSOVERS: [f64; 3] = [1.0, 30.0, 1e5];

/// How weights follow from means.
#[derive(Clone, Copy)]
pub(crate) struct Weighting {
    pub law: Law,
    estimated: bool,
    from: VarianceFrom,
    floor: f64,
}

/// A curve with its variances.
pub(crate) struct Candidate {
    pub shape: Shape,
    pub weights: Vec<f64>,
    /// The curve at the standards.
    means: Vec<f64>,
    law: Law,
    settled: bool,
}

/// What came of a search, and the weights that it was made with.
#[derive(Clone)]
struct Searched {
    found: Found,
    weights: Vec<f64>,
}

/// What stands against a curve.
enum Against {
    Nothing,
    /// This one is lower.
    Lower(Candidate),
    /// A lower one has no variances of its own.
    Unsettled,
}

impl Weighting {
    pub(crate) fn new(method: &Method, standards: &[Standard]) -> Self {
        let floor = variance::floor(standards);
        let known = Law::known(method.variance, method.variance_parameter);
        Self {
            law: known.unwrap_or_else(|| Law::first(method.variance, floor)),
            estimated: known.is_none(),
            from: method.variance_from,
            floor,
        }
    }

    /// What the iteration begins with: one law, or several where the likelihood of its parameter may have several maxima.
    pub(crate) fn starts(method: &Method, standards: &[Standard]) -> Vec<Self> {
        let first = Self::new(method, standards);
        match first.law {
            Law::TwoComponent(_) if first.estimated => {
                let laws = CROSSOVERS.map(|floors| Law::TwoComponent(floors * first.floor));
                laws.into_iter().map(|law| Self { law, ..first }).collect()
            }
            _ => vec![first],
        }
    }

    /// The same with this law and no other.
    pub(crate) fn holding(&self, law: Law) -> Self {
        Self { law, estimated: false, ..*self }
    }

    fn weights(&self, means: impl Iterator<Item = f64>) -> Vec<f64> {
        means.map(|mean| 1.0 / self.law.variance(mean, self.floor)).collect()
    }

    /// The weights that follow from the observed means of the levels.
    pub(crate) fn observed(&self, standards: &[Standard]) -> Vec<f64> {
        self.weights(standards.iter().map(|s| s.mean))
    }

    /// The curve with the variances that follow from it. `region` is that of [`search`].
    pub(crate) fn iterate(&self, family: &Family, standards: &[Standard], region: f64) -> Fitted {
        let weights = self.observed(standards);
        let found = search(family, standards, &weights, region, &[]);
        let fitted = |found, weights, law, settled| Fitted {
            found,
            weights,
            law,
            law_estimated: self.estimated,
            settled,
            floor: self.floor,
        };
        let constant = self.law == Law::Power(0.0) && !self.estimated;
        if constant || (self.from == VarianceFrom::Observed && !self.estimated) {
            return fitted(found, weights, self.law, true);
        }
        let mut searches = vec![Searched { found, weights }];
        let Some((mut best, mut searched)) = self.follow(family, standards, region, &mut searches) else {
            let Searched { found, weights } = searches.swap_remove(0);
            return fitted(found, weights, self.law, false);
        };
        let mut beaten: Vec<Candidate> = Vec::new();
        let mut tested = 0;
        let settled = self.from == VarianceFrom::Observed
            || loop {
                let against = self.against(&best, family, standards, &searches[tested..]);
                // Under one law what is above a curve is above all that are lower.
                tested = if self.estimated { 0 } else { searches.len() };
                match against {
                    Against::Nothing => break true,
                    Against::Unsettled => break false,
                    Against::Lower(lower) => {
                        searched = Searched::again(family, standards, region, &lower);
                        searches.push(searched.clone());
                        beaten.push(std::mem::replace(&mut best, lower));
                        if beaten.len() > MOST_SEARCHES || beaten.iter().any(|other| other.shape.is_like(&best.shape)) {
                            break false;
                        }
                    }
                }
            };
        let mut found = searched.found;
        let kernel = Kernel::from(family.model);
        if let Shape::Smooth { kernel: own, at } = found.shape
            && own == kernel
        {
            found.others.insert(0, at);
        }
        found.others.retain(|&at| !best.shape.is_like(&Shape::Smooth { kernel, at }));
        found.limit = found.limit.filter(|limit| !limit.is_like(&best.shape));
        found.shape = best.shape;
        fitted(found, best.weights, best.law, settled && best.settled)
    }

    /// The first step of the head of this file: the fixed point of the best curve, and of the best one under its variances, until that is
    /// itself. Where that does not end, the best of those that it came by.
    fn follow(
        &self,
        family: &Family,
        standards: &[Standard],
        region: f64,
        searches: &mut Vec<Searched>,
    ) -> Option<(Candidate, Searched)> {
        let mut one = *self;
        let mut best: Option<(Candidate, Searched)> = None;
        let mut searched = searches.first()?.clone();
        for _ in 0..MOST_SEARCHES {
            // Where the best has no fixed point, another minimum may.
            let candidate = {
                let settle = |shape| one.settle(family, standards, shape, &searched.weights, None);
                let mut candidates = searched.best_first(family).map(settle);
                let best = candidates.next()?;
                let better = |best, other| if one.is_better(standards, &other, &best) { other } else { best };
                if best.settled { best } else { candidates.fold(best, better) }
            };
            one.law = candidate.law;
            let next = Searched::again(family, standards, region, &candidate);
            searches.push(next.clone());
            let at_rest = next.found.shape.rss() >= candidate.shape.rss() * (1.0 - BETTER);
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
    fn is_better(&self, standards: &[Standard], one: &Candidate, other: &Candidate) -> bool {
        if one.settled != other.settled {
            return one.settled;
        }
        let cost = |candidate: &Candidate| self.holding(candidate.law).cost(standards, &candidate.means);
        self.estimated || cost(one) <= cost(other)
    }

    /// What stands against a curve, of the shapes that these searches came by and of the lattice.
    fn against(&self, best: &Candidate, family: &Family, standards: &[Standard], searches: &[Searched]) -> Against {
        let shapes =
            searches.iter().flat_map(|searched| searched.all(family).map(|shape| (shape, searched.weights.clone())));
        match self.lower(best, family, standards, shapes) {
            Against::Nothing if best.is_far_from(standards, self.floor) => {
                let variance = |mean| best.law.variance(mean, self.floor);
                let starts = rough::starts(family, &family.problem(standards, &best.weights), self.floor, variance);
                self.lower(best, family, standards, starts.into_iter())
            }
            against => against,
        }
    }

    /// The lowest of the fixed points under the law of a curve that these shapes lead to, where it is lower than that; brought to its own
    /// law, where that is estimated.
    fn lower(
        &self,
        best: &Candidate,
        family: &Family,
        standards: &[Standard],
        shapes: impl Iterator<Item = (Shape, Vec<f64>)>,
    ) -> Against {
        let held = self.holding(best.law);
        let mut lowest: Option<Candidate> = None;
        let mut unsettled = false;
        for (shape, weights) in shapes {
            let known = lowest.as_ref().unwrap_or(best);
            if known.shape.is_like(&shape) {
                continue;
            }
            let mut candidate = held.settle(family, standards, shape, &weights, Some(known));
            let lower = |one: &Candidate| held.is_lower(standards, one, known);
            if !candidate.settled
                && lower(&candidate)
                && let Some(found) = held.descend(family, standards, &candidate)
            {
                candidate = found;
            }
            // Against a curve that did not settle stands any that did.
            let stands = if candidate.settled == known.settled { lower(&candidate) } else { candidate.settled };
            unsettled |= lower(&candidate) && !candidate.settled && known.settled;
            if stands {
                (lowest, unsettled) = (Some(candidate), false);
            }
        }
        match lowest {
            Some(lowest) if self.estimated => {
                let own =
                    Self { law: lowest.law, ..*self }.settle(family, standards, lowest.shape, &lowest.weights, None);
                Against::Lower(own)
            }
            Some(lowest) => Against::Lower(lowest),
            None if unsettled => Against::Unsettled,
            None => Against::Nothing,
        }
    }

    /// The minimum of the quasi-deviance next to a curve that does not come to rest by alternation.
    fn descend(&self, family: &Family, standards: &[Standard], from: &Candidate) -> Option<Candidate> {
        let Shape::Smooth { kernel, at } = &from.shape else { return None };
        let problem = problem_of(family, *kernel, standards, &from.weights)?;
        let problem = if kernel.has_kink() { between(&problem, &at.theta) } else { problem };
        let (at, weights) = descend(&problem, at.theta, self.floor, |mean| self.law.variance(mean, self.floor))?;
        if *kernel == Kernel::from(family.model) && at_edge(family, standards, &at) {
            return None;
        }
        let means = Problem { weights: &weights, ..problem }.fitted(&at);
        Some(Candidate { shape: Shape::Smooth { kernel: *kernel, at }, weights, means, law: self.law, settled: true })
    }

    /// The quasi-deviance of means under this law.
    fn cost(&self, standards: &[Standard], means: &[f64]) -> f64 {
        deviance(standards, means, self.floor, |mean| self.law.variance(mean, self.floor))
    }

    /// Whether one is lower than another under this law, by more than rounding: that of an exact fit, and that of responses which are
    /// differences of large plateaus.
    fn is_lower(&self, standards: &[Standard], one: &Candidate, other: &Candidate) -> bool {
        let size = match &one.shape {
            Shape::Smooth { at, .. } => at.alpha.abs() + at.kappa.abs(),
            _ => 0.0,
        };
        let slope =
            |(s, &mean): (&Standard, &f64)| 2.0 * s.n * (s.mean - mean).abs() / self.law.variance(mean, self.floor);
        let rounding = 4.0 * f64::EPSILON * size * standards.iter().zip(&one.means).map(slope).sum::<f64>();
        let exact = EXACT * total(standards, &other.weights);
        self.cost(standards, &one.means) + rounding < self.cost(standards, &other.means) * (1.0 - BETTER) - exact
    }

    /// Alternates between a curve and its variances until they agree. Where they swing about the fixed point, the means that set
    /// the variance follow the curve by half of the way, by a quarter and so on. A curve that would stay above the `rival`, were it
    /// to fall [`MAY_FALL`] times as far as in its last round, is given up.
    pub(crate) fn settle(
        &self,
        family: &Family,
        standards: &[Standard],
        mut shape: Shape,
        weights: &[f64],
        rival: Option<&Candidate>,
    ) -> Candidate {
        let rival = rival.filter(|rival| rival.settled);
        let enough = rival.map_or(f64::INFINITY, |rival| self.cost(standards, &rival.means));
        let mut last_cost = f64::INFINITY;
        let mut one = *self;
        let mut weights = weights.to_vec();
        let mut means = fitted_means(&shape, family, standards, &weights);
        let (mut settled, mut before, mut follow, mut grown) = (false, f64::INFINITY, 1.0, 0);
        for _ in 0..MOST_ROUNDS {
            let fitted = fitted_means(&shape, family, standards, &weights);
            if rival.is_some() {
                let cost = self.cost(standards, &fitted);
                if cost - MAY_FALL * (last_cost - cost).abs() > enough {
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
            let change = weights.iter().zip(&next).map(|(old, new)| (new / old - 1.0).abs()).fold(0.0, f64::max);
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
                (follow, grown) = (0.5 * follow, 0);
            }
            before = change;
        }
        let means = fitted_means(&shape, family, standards, &weights);
        Candidate { shape, weights, means, law: one.law, settled }
    }

    /// What the law is estimated from.
    pub(crate) fn spread(&self, fitted: &[f64], standards: &[Standard]) -> Vec<Spread> {
        standards
            .iter()
            .zip(fitted)
            .map(|(s, &f)| {
                let mean = if self.from == VarianceFrom::Fitted { f } else { s.mean };
                let squares = s.within + s.n * (s.mean - f) * (s.mean - f);
                Spread { n: s.n, ln_mean: libm::log(mean.abs().max(self.floor)), squares }
            })
            .collect()
    }
}

impl Searched {
    /// The search with the variances of a curve, from there besides.
    fn again(family: &Family, standards: &[Standard], region: f64, curve: &Candidate) -> Self {
        let hint = match &curve.shape {
            Shape::Smooth { kernel, at } if *kernel == Kernel::from(family.model) => Some(at.theta),
            _ => None,
        };
        let found = search(family, standards, &curve.weights, region, hint.as_slice());
        Self { found, weights: curve.weights.clone() }
    }

    fn others(&self, family: &Family) -> impl Iterator<Item = Shape> {
        let kernel = Kernel::from(family.model);
        self.found.others.iter().take(MOST_OTHERS).map(move |&at| Shape::Smooth { kernel, at })
    }

    /// The best curve, the best limit, and other minima.
    fn best_first(&self, family: &Family) -> impl Iterator<Item = Shape> {
        std::iter::once(self.found.shape).chain(self.found.limit).chain(self.others(family))
    }

    /// All of that, with every limit that was followed.
    fn all(&self, family: &Family) -> impl Iterator<Item = Shape> {
        std::iter::once(self.found.shape).chain(self.others(family)).chain(self.found.rivals.iter().copied())
    }
}

impl Candidate {
    /// Whether the curve sets other variances than the observed means do.
    fn is_far_from(&self, standards: &[Standard], floor: f64) -> bool {
        let size = |mean: f64| mean.abs().max(floor);
        standards.iter().zip(&self.means).any(|(s, &mean)| !(1.0 / FAR..FAR).contains(&(size(s.mean) / size(mean))))
    }
}

/// The curve at the standards.
pub(crate) fn fitted_means(shape: &Shape, family: &Family, standards: &[Standard], weights: &[f64]) -> Vec<f64> {
    let plain = || standards.iter().map(|s| s.mean).collect();
    match shape {
        Shape::Smooth { kernel, at } => {
            problem_of(family, *kernel, standards, weights).map_or_else(plain, |problem| problem.fitted(at))
        }
        Shape::Step(step) => {
            standards.iter().enumerate().map(|(i, s)| step.response_of_level(i).unwrap_or(s.mean)).collect()
        }
        Shape::None => plain(),
    }
}

/// The same local minimum, or the same limit, for other weights; `None` where the solver does not converge.
fn refine(shape: &Shape, family: &Family, standards: &[Standard], weights: &[f64]) -> Option<Shape> {
    match shape {
        Shape::Smooth { kernel, at } => {
            let problem = problem_of(family, *kernel, standards, weights)?;
            let problem = if kernel.has_kink() { between(&problem, &at.theta) } else { problem };
            let at = minimise(&problem, at.theta, &mut Quad::of(standards, weights))?;
            // A curve that the variances drive out of the box has no fixed point.
            let own = *kernel == Kernel::from(family.model);
            (!own || !at_edge(family, standards, &at)).then_some(Shape::Smooth { kernel: *kernel, at })
        }
        Shape::Step(found) => step::again(found, standards, weights, family.a, family.d).map(Shape::Step),
        Shape::None => None,
    }
}
