//! From points and a method to a curve.

use super::covariance::{Root, Seen, Smooth, dot};
use super::distribution::t_quantile;
use super::family::{Family, problem_of};
use super::kernel::Kernel;
use super::method::{self, FitError, Fixed, Method};
use super::point::{Point, Standard, merge};
use super::projection::Bound;
use super::quad::Quad;
use super::quasi::deviance;
use super::rough;
use super::search::{Found, Shape, at_edge, between, search};
use super::solver::minimise;
use super::standard_curve::StandardCurve;
use super::step;
use super::variance::{self, Variance, VarianceFrom};
use super::variance_law::{Law, Spread};

/// Fits a curve to wells of known concentration.
///
/// Every well counts; replicates are not averaged (merging them inside the algebra is exact). The result is the global
/// minimum of the weighted sum of squares, or the limit at which its infimum lies; see [`StandardCurve::identified`].
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let curve = fit(&plate, &Method { variance: Variance::Squared, ..Method::default() })?;
/// assert!(curve.identified() && curve.verdict().usable);
/// assert!((curve.parameters().c / 420.0 - 1.0).abs() < 0.1);
/// # Ok::<(), FitError>(())
/// ```
///
/// # Errors
/// When there is no curve to speak of: too few concentrations, values that are not numbers, equal responses, a method that
/// contradicts itself. Data that merely do not determine a curve are not an error: the verdict says so.
pub fn fit(points: &[Point], method: &Method) -> Result<StandardCurve, FitError> {
    let standards = merge(points);
    method::check(points, &standards, method)?;
    let family = family(method, &standards);
    let df = points.len().saturating_sub(family.number_fitted());
    let t = if df > 0 { t_quantile(method.confidence, df as f64) } else { f64::INFINITY };
    let region = 1.0 + t * t / df as f64;
    let starts = Weighting::starts(method, &standards).into_iter();
    let fitted = starts
        .map(|start| start.iterate(&family, &standards, region))
        .reduce(|best, next| if next.is_likelier(&best, &standards) { next } else { best });
    let fitted = fitted.ok_or(FitError::NotConverged)?;
    Ok(StandardCurve::new(points, method, standards, family, fitted, t))
}

/// The parameter of a variance model that the plates of a run or study have in common, θ of [`Variance::Power`] or ρ of
/// [`Variance::TwoComponent`], each plate with its own curve and σ. One plate says little about it (a 95 % interval of θ of ±0.5 is
/// usual); many make it stable. Use it as [`Method::variance_parameter`]. Each plate comes with its method (a plateau may be fixed
/// to its own blanks), of which the variance model is not used.
///
/// By restricted likelihood, where that of one plate is by likelihood as nlme's: a curve follows its outermost wells, which
/// look quieter than they are, and no number of plates averages that away. The restricted likelihood counts a level's wells
/// less their leverage (−½ ln det JᵀWJ contributes Σ hᵢ ln μᵢ to the slope).
/// Of 500 simulated studies of 40 plates with θ = 0.8 the mean is 0.799 (standard error 0.002; one study's SD is 0.034); by
/// likelihood it was 0.852 (`cargo bench --bench curve_coverage`).
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// // Plates of one laboratory: here the same wells, with noise that grows as the response does.
/// let power = Method { variance: Variance::Power, ..Method::default() };
/// let noisy = |sign: f64| -> Vec<Point> {
///     let well = |(i, p): (usize, &Point)| {
///         let response = p.response * (1.0 + 0.03 * sign * (2.0 * i as f64).sin());
///         Point { response, ..*p }
///     };
///     plate.iter().enumerate().map(well).collect()
/// };
/// let plates = [noisy(1.0), noisy(-1.0), noisy(2.0)];
/// let exponent = pooled_variance_parameter(Variance::Power, &plates.each_ref().map(|points| (points.as_slice(), &power)))?;
/// let curve = fit(&plates[0], &Method { variance_parameter: Some(exponent), ..power })?;
/// assert_eq!(curve.variance_exponent(), Some(exponent));
/// # Ok::<(), FitError>(())
/// ```
///
/// # Errors
/// When the model has no parameter, a plate cannot be fitted at all, there are none, or the likelihood of an exponent has no maximum
/// between −2 and 4.
pub fn pooled_variance_parameter(variance: Variance, plates: &[(&[Point], &Method)]) -> Result<f64, FitError> {
    let wrong = |words: &str| Err(FitError::Method { words: words.to_string() });
    if !variance.has_parameter() {
        return wrong("only the variance models power and two-component have a parameter to pool");
    }
    let mut weighting = Vec::with_capacity(plates.len());
    let mut state = Vec::with_capacity(plates.len());
    for (points, method) in plates {
        let method = Method { variance, variance_parameter: None, ..(*method).clone() };
        let standards = merge(points);
        method::check(points, &standards, &method)?;
        let family = family(&method, &standards);
        let one = Weighting { estimated: false, ..Weighting::new(&method, &standards) };
        let weights = one.observed(&standards);
        let found = search(&family, &standards, &weights, 1.0, &[]);
        weighting.push(one);
        state.push((standards, family, found, weights));
    }
    let Some(first) = weighting.first() else { return wrong("there is no plate to pool the variance over") };
    let mut law = first.law;
    for _ in 0..MOST_ROUNDS {
        let mut levels = Vec::with_capacity(plates.len());
        for (one, (standards, family, found, weights)) in weighting.iter_mut().zip(&mut state) {
            one.law = law;
            let settled = one.settle(family, standards, found.shape, weights, None);
            (found.shape, *weights) = (settled.shape, settled.weights);
            let fitted = fitted_means(&found.shape, family, standards, weights);
            let mut spread = one.spread(&fitted, standards);
            for (level, leverage) in spread.iter_mut().zip(leverages(family, standards, found, weights)) {
                level.n -= leverage;
            }
            levels.push(spread);
        }
        let next = law.most_likely(levels.iter().map(Vec::as_slice));
        let change = law.change_to(next);
        law = next;
        if change < 1e-9 {
            break;
        }
    }
    if law.has_no_maximum() {
        return wrong("the plates do not determine the exponent of the variance");
    }
    Ok(law.parameter())
}

/// A curve with the weights that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    pub found: Found,
    pub weights: Vec<f64>,
    pub law: Law,
    /// Whether the parameter of the variance model comes from these wells.
    pub law_estimated: bool,
    /// Whether the means that set the variance and the curve agree, and nothing better was come by. It is read in one place, where
    /// [`StandardCurve`] takes this apart, and ends in its verdict: no concentration is read without asking that.
    pub settled: bool,
    pub floor: f64,
}

impl Fitted {
    /// Whether this fixed point is one and the other is none, or its likelihood is higher.
    fn is_likelier(&self, other: &Self, standards: &[Standard]) -> bool {
        let log_likelihood = |one: &Self| {
            let level = |(s, w): (&Standard, &f64)| [s.n, s.n * libm::log(*w), s.within * w];
            let [n, plain, within] = (standards.iter().zip(&one.weights).map(level))
                .fold([0.0; 3], |sum, next| [sum[0] + next[0], sum[1] + next[1], sum[2] + next[2]]);
            0.5 * (plain - n * libm::log(one.found.shape.rss() + within))
        };
        if self.settled == other.settled { log_likelihood(self) > log_likelihood(other) } else { self.settled }
    }
}

fn bound(fixed: Option<f64>, bounds: Option<(f64, f64)>) -> Bound {
    fixed.map(|value| (value, value)).or(bounds).unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
}

/// The family that the method describes.
pub(crate) fn family(method: &Method, standards: &[Standard]) -> Family {
    let Fixed { a, d, c, b, g } = method.fixed;
    let logarithm = |(low, high): Bound| (if low > 0.0 { libm::log(low) } else { f64::NEG_INFINITY }, libm::log(high));
    Family {
        model: method.model,
        a: bound(a, method.bounds.a),
        d: bound(d, method.bounds.d),
        stated: [(c, method.bounds.c), (b, method.bounds.b), (g, method.bounds.g)].map(|(fixed, bounds)| {
            match bound(fixed, bounds) {
                (f64::NEG_INFINITY, high) => logarithm((0.0, high)),
                bound => logarithm(bound),
            }
        }),
        has_zero: standards.first().is_some_and(|s| s.x == 0.0),
    }
}

/// Most rounds of the iteration between curve and variance.
const MOST_ROUNDS: usize = 500;
/// Relative change of the weights below which it has settled.
const SETTLED: f64 = 1e-11;

/// Crossovers that the search for an unknown one begins with, in floors of the means: below all standards, among them, above all.
const CROSSOVERS: [f64; 3] = [1.0, 30.0, 1e5];

/// How weights follow from means.
#[derive(Clone, Copy)]
pub(crate) struct Weighting {
    law: Law,
    estimated: bool,
    from: VarianceFrom,
    floor: f64,
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
    fn starts(method: &Method, standards: &[Standard]) -> Vec<Self> {
        let first = Self::new(method, standards);
        match first.law {
            Law::TwoComponent(_) if first.estimated => {
                let laws = CROSSOVERS.map(|floors| Law::TwoComponent(floors * first.floor));
                laws.into_iter().map(|law| Self { law, ..first }).collect()
            }
            _ => vec![first],
        }
    }

    fn weights(&self, means: impl Iterator<Item = f64>) -> Vec<f64> {
        means.map(|mean| 1.0 / self.law.variance(mean, self.floor)).collect()
    }

    /// The weights that follow from the observed means of the levels.
    pub(crate) fn observed(&self, standards: &[Standard]) -> Vec<f64> {
        self.weights(standards.iter().map(|s| s.mean))
    }

    /// The curve with the variances that follow from it. The minima and limits that a search finds with the variances of the
    /// observed means are brought to their fixed points; with the variances of the best of these the search is repeated, until it
    /// leads to nothing better, see [`Weighting::is_lower`]. `region` is that of [`search`].
    fn iterate(mut self, family: &Family, standards: &[Standard], region: f64) -> Fitted {
        let mut weights = self.observed(standards);
        let mut found = search(family, standards, &weights, region, &[]);
        let constant = self.law == Law::Power(0.0) && !self.estimated;
        let mut settled = constant || (self.from == VarianceFrom::Observed && !self.estimated);
        if !settled {
            let kernel = Kernel::from(family.model);
            let mut best: Option<Candidate> = None;
            let mut at_rest = false;
            for _ in 0..MOST_SEARCHES {
                let others = found.others.iter().take(MOST_OTHERS).map(|&at| Shape::Smooth { kernel, at });
                let shapes = std::iter::once(found.shape).chain(others).chain(found.rivals.iter().copied());
                let shapes = shapes.map(|shape| (shape, weights.clone()));
                let mut looked = self.best_settled(family, standards, shapes, best.as_ref());
                if looked.better.is_none()
                    && let Some(known) = best.as_ref().filter(|best| best.is_far_from(standards, self.floor))
                {
                    let variance = |mean| self.law.variance(mean, self.floor);
                    let starts = rough::starts(family, &family.problem(standards, &weights), self.floor, variance);
                    looked = self.best_settled(family, standards, starts.into_iter(), Some(known));
                }
                at_rest = looked.better.is_none() && !looked.unsettled_below;
                let Some(better) = looked.better else { break };
                self.law = better.law;
                weights.clone_from(&better.weights);
                let hint = match &better.shape {
                    Shape::Smooth { kernel: own, at } if *own == kernel => Some(at.theta),
                    _ => None,
                };
                found = search(family, standards, &weights, region, hint.as_slice());
                best = Some(better);
            }
            if let Some(best) = best {
                settled = best.settled && at_rest;
                if let Shape::Smooth { kernel: own, at } = found.shape
                    && own == kernel
                {
                    found.others.insert(0, at);
                }
                found.others.retain(|&at| !best.shape.is_like(&Shape::Smooth { kernel, at }));
                found.limit = found.limit.filter(|limit| !limit.is_like(&best.shape));
                found.shape = best.shape;
            }
        }
        let Self { law, estimated, floor, .. } = self;
        Fitted { found, weights, law, law_estimated: estimated, settled, floor }
    }

    /// The best of the fixed points that these shapes lead to, where it is better than the one known. Where the exponent is estimated,
    /// that of the best so far is held until there is a better curve for it: only under one exponent are two curves comparable.
    fn best_settled(
        &self,
        family: &Family,
        standards: &[Standard],
        shapes: impl Iterator<Item = (Shape, Vec<f64>)>,
        known: Option<&Candidate>,
    ) -> Looked {
        let (mut best, mut unsettled_below): (Option<Candidate>, bool) = (None, false);
        for (shape, weights) in shapes {
            let other = best.as_ref().or(known);
            if other.is_some_and(|other| other.settled && other.shape.is_like(&shape)) {
                continue;
            }
            let held = Self { estimated: self.estimated && other.is_none(), ..*self };
            let mut candidate = held.settle(family, standards, shape, &weights, other);
            if let Some(other) = other {
                let lower = self.is_lower(standards, &candidate, other);
                unsettled_below |= lower && !candidate.settled && other.settled;
                let better = if candidate.settled == other.settled { lower } else { candidate.settled };
                if !better {
                    continue;
                }
            }
            if self.estimated && !held.estimated {
                candidate = self.settle(family, standards, candidate.shape, &candidate.weights, None);
            }
            (best, unsettled_below) = (Some(candidate), false);
        }
        Looked { better: best, unsettled_below }
    }

    /// Whether the quasi-deviance of one is lower than that of another under the variances of the other, see [`super::quasi`].
    fn is_lower(&self, standards: &[Standard], one: &Candidate, other: &Candidate) -> bool {
        let variance = |mean| other.law.variance(mean, self.floor);
        let cost = |candidate: &Candidate| deviance(standards, &candidate.means, self.floor, variance);
        cost(one) < cost(other) * (1.0 - BETTER)
    }

    /// Alternates between a curve and its variances until they agree. Where they swing about the fixed point, the means that set
    /// the variance follow the curve by half of the way, by a quarter and so on. A curve that would stay above the `rival`, were it
    /// to fall [`MAY_FALL`] times as far as in its last round, is given up.
    fn settle(
        &self,
        family: &Family,
        standards: &[Standard],
        mut shape: Shape,
        weights: &[f64],
        rival: Option<&Candidate>,
    ) -> Candidate {
        let rival = rival.filter(|rival| rival.settled && !self.estimated);
        let cost = |means: &[f64]| {
            deviance(standards, means, self.floor, |mean| rival.map_or(1.0, |rival| rival.law.variance(mean, self.floor)))
        };
        let enough = rival.map_or(f64::INFINITY, |rival| cost(&rival.means));
        let mut last_cost = f64::INFINITY;
        let mut one = Self { ..*self };
        let mut weights = weights.to_vec();
        let mut means = fitted_means(&shape, family, standards, &weights);
        let (mut settled, mut before, mut follow, mut grown) = (false, f64::INFINITY, 1.0, 0);
        for _ in 0..MOST_ROUNDS {
            let fitted = fitted_means(&shape, family, standards, &weights);
            if rival.is_some() {
                let cost = cost(&fitted);
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
}

/// What fixed points some shapes led to.
struct Looked {
    /// The best, where it is better than the one known.
    better: Option<Candidate>,
    /// Whether a curve that did not come to rest is lower than the best: then the best is no answer.
    unsettled_below: bool,
}

/// A curve at a fixed point of curve and variance.
struct Candidate {
    shape: Shape,
    weights: Vec<f64>,
    /// The curve at the standards.
    means: Vec<f64>,
    law: Law,
    settled: bool,
}

impl Candidate {
    /// Whether the curve sets other variances than the observed means do.
    fn is_far_from(&self, standards: &[Standard], floor: f64) -> bool {
        let size = |mean: f64| mean.abs().max(floor);
        standards.iter().zip(&self.means).any(|(s, &mean)| !(1.0 / FAR..FAR).contains(&(size(s.mean) / size(mean))))
    }
}

/// How many times as far as in the last round a curve may still fall.
const MAY_FALL: f64 = 10.0;
/// A mean that is so many times another sets another variance.
const FAR: f64 = 1.5;
/// Relative difference of quasi-deviances above which another curve is better.
const BETTER: f64 = 1e-9;
/// Most searches with the variances of the best curve so far.
const MOST_SEARCHES: usize = 12;
/// Most minima beside the best that are brought to their fixed points after one search.
const MOST_OTHERS: usize = 4;
/// A change that is more than this share of the last one is no progress; after so many …
const SLOW: f64 = 0.9;
/// … the means follow by half as much, …
const PATIENCE: usize = 4;
/// … and at least by this.
const LEAST_FOLLOW: f64 = 0.01;

impl Weighting {
    /// What the law is estimated from.
    fn spread(&self, fitted: &[f64], standards: &[Standard]) -> Vec<Spread> {
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

/// The leverage of each level: what its wells together take from the degrees of freedom. None at a step.
fn leverages(family: &Family, standards: &[Standard], found: &Found, weights: &[f64]) -> Vec<f64> {
    let Shape::Smooth { kernel, at } = &found.shape else { return Vec::new() };
    let Some(problem) = problem_of(family, *kernel, standards, weights) else { return Vec::new() };
    let smooth = Smooth::new(*kernel, **at, problem.free);
    let root = Root::new(&smooth, &mut Quad::of(standards, weights));
    let seen = Seen::all(&smooth, root.as_ref(), standards);
    seen.iter().zip(standards).zip(weights).map(|((seen, s), w)| s.n * w * dot(&seen.half, &seen.half)).collect()
}

/// The curve at the standards.
fn fitted_means(shape: &Shape, family: &Family, standards: &[Standard], weights: &[f64]) -> Vec<f64> {
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
