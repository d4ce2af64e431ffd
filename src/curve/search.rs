//! The global minimum: over starts, and over the limits of the family.
//!
//! The sum of squares of a logistic family may have several local minima, and its infimum may lie at infinity. Both are
//! settled by comparison, not by trust. The candidates are
//!
//! 1. the minima reached from every start of a grid (see [`super::start`]),
//! 2. the exact minima of the family's limits (see [`super::kernel`] and [`super::step`]),
//! 3. the minima reached from members of the family close to each limit that rivals the best: where the sum of squares falls
//!    on the way from the limit into the family, the infimum is not there (the first-order condition at the boundary), and
//!    the search that starts there finds where it falls to,
//! 4. where a limit is still the lowest: the minima reached from near it however long that takes (searches are otherwise given up
//!    that stay above the best for long; those on their way to a limit do, and so do a few in the bends of narrow valleys),
//! 5. where the best is at the edge of the search box: the minimum beyond it, and the limits that it runs to.
//!
//! The lowest is the answer. The infimum is attained at finite parameters exactly when a member of the family itself is
//! lowest. A member at the edge of the search box is none: it only counts where no limit explains it, and is not identified.
//! That an infimum lies at infinity is said on the evidence of these searches and no more. They are no interval bound: between
//! the points of the grid nothing is proved.

use super::family::{Family, Limit, Name, ends, limits};
use super::kernel::{Kernel, softplus};
use super::point::Standard;
use super::projection::{Evaluation, Problem};
use super::quad::Quad;
use super::solver::{Converged, minimise, minimise_below};
use super::start::{Start, gaps, grid_minima, inside, spacing};
use super::step::{self, Step};
use super::valley;

/// How far `d − a` may exceed the range of the responses. Beyond, responses are small differences of large numbers.
pub(crate) const FAR_RISE: f64 = 1e8;

/// Plateaus so many ranges away, to which a valley leads, are on the way out of what is searched.
const LEADS_OUT: f64 = 1e4;

/// Relative difference of sums of squares below which two of them are the same but for rounding.
pub(crate) const SAME: f64 = 1e-11;

/// A sum of squares or a quasi-deviance below this share of what wells are from their mean is the rounding of an exact fit.
pub(crate) const EXACT: f64 = 1e-20;

/// A minimum that differs from a limit of the family by no more than this share of its sum of squares is on the way to it.
const ON_THE_WAY: f64 = 1e-6;

/// What the data say is the best curve.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A kernel: the family's own, or one of its limits.
    Smooth { kernel: Kernel, at: Converged },
    /// A step.
    Step(Step),
    /// There is no answer, and this is why: nothing to draw, to read or to compare.
    None(Missing),
}

/// Why there is no curve.
#[derive(Debug, Clone, Copy, PartialEq)]
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

/// The outcome of a search.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub shape: Shape,
    /// Other local minima of the family itself, by rising sum of squares.
    pub others: Vec<Converged>,
    /// The best of the family's limits, where it is not the shape itself.
    pub limit: Option<Shape>,
    /// All limits that were followed, the simple ones first.
    pub rivals: Vec<Shape>,
}

impl Found {
    pub(crate) fn nothing(why: Missing) -> Self {
        Self { shape: Shape::None(why), others: Vec::new(), limit: None, rivals: Vec::new() }
    }

    /// The other minima that no limit explains. Where the family runs to one it has no minimum, and whether a search came to rest on the
    /// way there is chance.
    pub(crate) fn others_of_its_own(&self) -> Vec<Converged> {
        let on_the_way = |at: &Converged| {
            let near = |limit: &Shape| (at.rss - limit.rss()).abs() <= ON_THE_WAY * at.rss;
            self.rivals.iter().any(near)
        };
        self.others.iter().filter(|at| !on_the_way(at)).copied().collect()
    }
}

/// Finds the best curve of the family or of its limits. A limit whose sum of squares, with that within the levels, is more
/// than `region` times that of the best curve interests nobody and is not followed to its end. `hints` are shapes of the family
/// to start from besides.
pub(crate) fn search(
    family: &Family,
    standards: &[Standard],
    weights: &[f64],
    region: f64,
    hints: &[[f64; 3]],
) -> Found {
    let mut quads = Quad::of(standards, weights);
    let problem = family.problem(standards, weights);
    let starts = grid_minima(&problem, &mut quads);
    let lowest = starts.first().map_or(f64::INFINITY, |start| start.rss);
    let mut minima =
        Minima { family, problem, inside: Vec::new(), edge: None, runaway: None, way_out: None, best: lowest };
    for start in hints.iter().copied().chain(starts.first().map(|start| start.theta)) {
        minima.descend(start, &mut quads);
    }
    let within: f64 = standards.iter().zip(weights).map(|(s, w)| s.within * w).sum();
    let enough = region * (minima.best + within) - within;
    let rivals = limits_below(family, standards, weights, enough, &mut quads);
    for rival in &rivals {
        minima.best = minima.best.min(rival.rss());
    }
    for Start { theta, .. } in starts.iter().skip(1) {
        if !minima.inside.iter().any(|known| near(&problem, known, theta)) {
            minima.descend(*theta, &mut quads);
        }
    }
    for start in rivals.iter().flat_map(|limit| close_to(limit, &problem)) {
        minima.descend(start, &mut quads);
    }
    minima.along_valleys(&mut quads);
    minima.below(&rivals, &mut quads);
    let rivals = minima.beyond_the_edge(rivals, &mut quads);
    minima.against(rivals)
}

/// The minima of the family itself.
struct Minima<'a> {
    family: &'a Family,
    problem: Problem<'a>,
    inside: Vec<Converged>,
    /// The best one at the edge of the search box.
    edge: Option<Converged>,
    /// The best one of those whose responses are small differences of large plateaus. Its sum of squares may be rounding, however low:
    /// it tells where the family runs to, and is compared with nothing.
    runaway: Option<Converged>,
    /// Where the valley of the best one leads, if that is far out: what seems to be a minimum there may be rounding.
    way_out: Option<Evaluation>,
    /// The lowest sum of squares seen, of whatever curve.
    best: f64,
}

impl Minima<'_> {
    /// Runs the solver from a start and keeps what is new.
    fn descend(&mut self, start: [f64; 3], quads: &mut [Quad]) {
        self.descend_while(self.best, start, quads);
    }

    /// The same, where a search that stays above `best` for long is given up.
    fn descend_while(&mut self, best: f64, start: [f64; 3], quads: &mut [Quad]) {
        let start = inside(&self.problem, start);
        let found = minimise_below(&self.problem, start, f64::INFINITY, best, quads);
        let Some(at) = found.filter(|at| at.rss.is_finite()) else { return };
        if far_out(self.problem.standards, &at) {
            if self.runaway.is_none_or(|runaway| at.rss < runaway.rss) {
                self.runaway = Some(at);
            }
            return;
        }
        self.best = self.best.min(at.rss);
        if at_edge(self.family, self.problem.standards, &at) {
            if self.edge.is_none_or(|edge| at.rss < edge.rss) {
                self.edge = Some(at);
            }
            return;
        }
        let same = |known: &&mut Converged| (0..3).all(|j| (known.theta[j] - at.theta[j]).abs() < 1e-4);
        match self.inside.iter_mut().find(same) {
            Some(known) if at.rss < known.rss => *known = at,
            Some(_) => {}
            None => self.inside.push(at),
        }
    }

    /// The best minimum of a five-parameter family from the sides: along the valleys of its parameters, which are the ways to
    /// its limits, a corner (b g constant) and a Weibull curve (g c^∓b constant); and from the lowest place of the valley that it lies in.
    fn along_valleys(&mut self, quads: &mut [Quad]) {
        if !self.problem.free[2] {
            return;
        }
        let Some(best) = self.inside.iter().min_by(|p, q| p.rss.total_cmp(&q.rss)).copied() else { return };
        let b = libm::exp(best.theta[1]);
        let side = if self.problem.kernel == Kernel::Five { 1.0 } else { -1.0 };
        for by in [-1.0, 1.0] {
            for way in [[0.0, by, -by], [side * by / b, 0.0, by]] {
                self.descend([0, 1, 2].map(|j| best.theta[j] + way[j]), quads);
            }
        }
        if let Some(lowest) = valley::down(&self.problem, &best, quads) {
            self.descend(lowest, quads);
            let at = self.problem.line_at(lowest, quads);
            self.way_out = Some(at).filter(|at| beyond(LEADS_OUT, self.problem.standards, at));
        }
    }

    /// Where a limit is the lowest so far, the search from near the best one with patience.
    fn below(&mut self, rivals: &[Shape], quads: &mut [Quad]) {
        let Some(limit) = best_of(rivals, self.exact()) else { return };
        for start in close_to(&limit, &self.problem) {
            if self.inside.iter().any(|at| at.rss < limit.rss() * (1.0 - SAME)) {
                return;
            }
            self.descend_while(f64::INFINITY, start, quads);
        }
    }

    /// Where the best is at the edge of the search box, or a valley leads out of it, the search goes on beyond it, in the family and in the
    /// limits that it may be running to; they join those that are known.
    fn beyond_the_edge(&mut self, mut rivals: Vec<Shape>, quads: &mut [Quad]) -> Vec<Shape> {
        let known = self.inside.iter().map(|at| at.rss).chain(rivals.iter().map(Shape::rss));
        let lowest = known.fold(f64::INFINITY, f64::min);
        let lower = |at: &Converged| at.rss < lowest * (1.0 - AT_EDGE);
        let rival = |limit: &Shape| limit.rss() < lowest;
        for edge in [self.edge, self.runaway].into_iter().flatten().filter(lower) {
            let reached = limits_towards(self.family, &self.problem, &edge.theta, quads);
            rivals.extend(reached.into_iter().filter(rival));
        }
        if let Some(way_out) = self.way_out.filter(|at| at.rss < lowest * (1.0 + AT_EDGE)) {
            let out_of_reach = limits(self.family.model).iter().filter(|limit| limit.kernel.is_out_of_reach());
            let reached = out_of_reach
                .filter_map(|limit| limit_towards(self.family, limit, &self.problem, &way_out.theta, quads));
            rivals.extend(reached.filter(rival));
        }
        let (standards, wide) = (self.problem.standards, self.family.beyond(&self.problem));
        if let Some(edge) = self.edge.filter(lower)
            && let Some(at) = minimise(&wide, edge.theta, quads)
            && !far_out(standards, &at)
            && at.rss < edge.rss
        {
            self.edge = Some(at);
        }
        rivals
    }

    /// A sum of squares below this is rounding.
    fn exact(&self) -> f64 {
        EXACT * total(self.problem.standards, self.problem.weights)
    }

    /// The answer, where these are the limits.
    fn against(mut self, rivals: Vec<Shape>) -> Found {
        let exact = self.exact();
        let limit = best_of(&rivals, exact);
        let kernel = self.problem.kernel;
        self.inside.sort_by(|p, q| p.rss.total_cmp(&q.rss));
        let below = |at: &Converged, other: f64| at.rss < other * (1.0 - SAME) - exact;
        let rival = limit.map_or(f64::INFINITY, |limit| limit.rss());
        let edge = self.edge.map_or(f64::INFINITY, |edge| edge.rss) * (1.0 + AT_EDGE);
        // A limit that is no worse than the family's own minimum is where the family is heading.
        if self.inside.first().is_some_and(|at| below(at, rival.min(edge)) || rival.min(edge).is_infinite()) {
            let shape = Shape::Smooth { kernel, at: self.inside.remove(0) };
            return Found { shape, others: self.inside, limit, rivals };
        }
        // A runaway where there is nothing else: bounds that the method states keep the family from its limits.
        let edge = self.edge.filter(|at| limit.is_none() || below(at, rival * (1.0 - AT_EDGE)));
        let edge = edge.or(self.runaway.filter(|_| limit.is_none()));
        let shape = edge.map(|at| Shape::Smooth { kernel, at }).or(limit).unwrap_or(Shape::None(Missing::NotConverged));
        Found { shape, others: self.inside, limit: None, rivals }
    }
}

/// A limit is up to this share above a member of the family at the edge of the box that runs to it.
const AT_EDGE: f64 = 5e-9;

/// Whether a shape sits at the edge of the search box, other than at a bound that the method states, or its plateaus lie so
/// far out that responses are small differences of large numbers.
pub(crate) fn at_edge(family: &Family, standards: &[Standard], at: &Converged) -> bool {
    far_out(standards, at) || family.at_edge(standards, &at.theta).contains(&true)
}

fn far_out(standards: &[Standard], at: &Converged) -> bool {
    beyond(FAR_RISE, standards, at)
}

/// Whether plateaus are more than so many ranges of the responses away.
fn beyond(ranges: f64, standards: &[Standard], at: &Evaluation) -> bool {
    at.kappa.abs().max(at.alpha.abs()) > ranges * spread(standards)
}

/// The family's limits that are not above `enough`, each at its best. They are listed from the simple to the composed.
fn limits_below(
    family: &Family,
    standards: &[Standard],
    weights: &[f64],
    enough: f64,
    quads: &mut [Quad],
) -> Vec<Shape> {
    let mut rivals = Vec::new();
    if family.runs_freely(Name::B)
        && let Some(step) = step::best(standards, weights, family.a, family.d)
        && step.rss <= enough
    {
        rivals.push(Shape::Step(step));
    }
    for limit in limits(family.model).iter().filter(|limit| !limit.kernel.is_out_of_reach()) {
        let Some(problem) = family.limit(limit, standards, weights) else { continue };
        let kernel = problem.kernel;
        let mut best: Option<Converged> = None;
        for start in grid_minima(&problem, quads) {
            // The first is followed to its end: a kink is dear to miss, and the way to it may be long.
            let of_interest = if kernel.is_power() { enough } else { f64::INFINITY };
            let lowest = best.map_or(f64::INFINITY, |best| best.rss);
            let problem = if kernel.has_kink() { off_the_standards(&problem, &start.theta) } else { problem };
            let found = minimise_below(&problem, start.theta, of_interest, lowest, quads);
            let found = found.filter(|at| at.alpha.abs() <= FAR_RISE * spread(standards) && at.rss <= enough);
            if let Some(at) = found
                && best.is_none_or(|best| at.rss < best.rss)
            {
                best = Some(at);
            }
        }
        rivals.extend(best.map(|at| Shape::Smooth { kernel, at }));
    }
    rivals
}

/// The same problem with its kink kept between the two standards that it is between at the start.
pub(crate) fn between<'a>(problem: &Problem<'a>, start: &[f64; 3]) -> Problem<'a> {
    let mut inside = *problem;
    if let Some(gap) = gaps(problem).into_iter().find(|(low, high)| (*low..*high).contains(&start[0])) {
        inside.bounds[0] = gap;
    }
    inside
}

/// And off them by the last digit: at a standard the slopes are those of one side, and a search that comes from the other would stop there
/// whatever they are on its own.
fn off_the_standards<'a>(problem: &Problem<'a>, start: &[f64; 3]) -> Problem<'a> {
    let mut inside = between(problem, start);
    let (low, high) = inside.bounds[0];
    inside.bounds[0] = (low.next_up(), high.next_down());
    inside
}

/// The lowest; a composed one that only repeats a simple one does not replace it. Sums of squares below `exact` are rounding.
fn best_of(rivals: &[Shape], exact: f64) -> Option<Shape> {
    let mut best: Option<Shape> = None;
    for &rival in rivals {
        if best.is_none_or(|best| rival.rss() < best.rss() * (1.0 - SAME) - exact) {
            best = Some(rival);
        }
    }
    best
}

/// Members of the family near one of its limits, from far to close: how near is a matter of `e^−2`, `e^−5` and `e^−9`, what the
/// family's kernel then differs from the limit's.
fn close_to(limit: &Shape, problem: &Problem<'_>) -> Vec<[f64; 3]> {
    let (first, last) = ends(problem.standards);
    let steep = libm::log(STEEP / spacing(problem));
    [2.0, 5.0, 9.0]
        .into_iter()
        .filter_map(|near: f64| {
            let (kernel, at) = match limit {
                Shape::Smooth { kernel, at } => (*kernel, at),
                Shape::Step(step) => {
                    let level = |i: usize| problem.standards.get(i).filter(|s| s.x > 0.0).map_or(first, |s| s.ln_x);
                    let (below, above) = (level(step.first_above.max(1) - 1), level(step.first_above));
                    let middle = if step.on.is_some() { above } else { 0.5 * (below + above) };
                    return Some([middle, libm::log(2.0 * near / spacing(problem)), 0.0]);
                }
                Shape::None(_) => return None,
            };
            let [ln_c, ln_b, ln_g] = at.theta;
            let b = libm::exp(ln_b);
            let span = (last - first).max(1.0);
            Some(match kernel {
                Kernel::Power => [last + near / b, ln_b, 0.0],
                Kernel::InversePower => [first - near / b, ln_b, 0.0],
                Kernel::LogLinear => [0.5 * (first + last), -near - libm::log(span), 0.0],
                Kernel::Weibull => [last + (near - ln_g) / b, ln_b, near],
                Kernel::Frechet => [last + (ln_g - near) / b, ln_b, near],
                Kernel::Softplus | Kernel::MirrorSoftplus => [ln_c, ln_b, -near],
                Kernel::Hinge | Kernel::MirrorHinge => [ln_c, steep + near - 2.0, ln_b - steep - near + 2.0],
                Kernel::Ramp | Kernel::MirrorRamp => [ln_c, steep, -near - steep - libm::log(span)],
                Kernel::Logistic | Kernel::Five | Kernel::FiveMirror => return None,
                Kernel::FrechetFoot | Kernel::WeibullTail => return None,
            })
        })
        .collect()
}

/// The limits that a shape far out in the family may be running to, each at its minimum near it.
pub(crate) fn limits_towards(
    family: &Family,
    problem: &Problem<'_>,
    theta: &[f64; 3],
    quads: &mut [Quad],
) -> Vec<Shape> {
    let within_reach = limits(family.model).iter().filter(|limit| !limit.kernel.is_out_of_reach());
    within_reach.filter_map(|limit| limit_towards(family, limit, problem, theta, quads)).collect()
}

/// A limit that a shape far out in the family may be running to, at its minimum near it.
fn limit_towards(
    family: &Family,
    limit: &Limit,
    problem: &Problem<'_>,
    theta: &[f64; 3],
    quads: &mut [Quad],
) -> Option<Shape> {
    let of_limit = family.limit(limit, problem.standards, problem.weights)?;
    let kernel = of_limit.kernel;
    let start = inside(&of_limit, towards(kernel, problem, theta));
    let of_limit = if kernel.has_kink() { off_the_standards(&of_limit, &start) } else { of_limit };
    // A foot or a tail has one plateau that is far, the other is near.
    let far = if kernel.is_out_of_reach() { LEADS_OUT } else { FAR_RISE };
    let at = minimise(&of_limit, start, quads).filter(|at| !beyond(far, problem.standards, at))?;
    Some(Shape::Smooth { kernel, at })
}

/// The member of a limit that a shape far out in the family resembles: the inverse of [`close_to`].
fn towards(limit: Kernel, problem: &Problem<'_>, theta: &[f64; 3]) -> [f64; 3] {
    let (first, last) = ends(problem.standards);
    let [ln_c, ln_b, ln_g] = *theta;
    let b = libm::exp(ln_b);
    let mirrored = problem.kernel == Kernel::FiveMirror;
    match limit {
        Kernel::Power => [last, if mirrored { ln_b + ln_g } else { ln_b }, 0.0],
        Kernel::InversePower => [ln_c, if mirrored { ln_b } else { ln_b + ln_g }, 0.0],
        Kernel::Weibull => [last, ln_b, ln_g + b * (last - ln_c)],
        Kernel::Frechet => [last, ln_b, ln_g + b * (ln_c - last)],
        Kernel::Hinge | Kernel::MirrorHinge => [ln_c, ln_b + ln_g, 0.0],
        // As steep and as bent, on the logarithmic scale, at the outermost standard.
        Kernel::FrechetFoot => [last, ln_b - softplus(b * (ln_c - last)), ln_g + b * (ln_c - last)],
        Kernel::WeibullTail => [first, ln_b - softplus(b * (first - ln_c)), ln_g + b * (first - ln_c)],
        _ => [ln_c, ln_b, 0.0],
    }
}

/// Slope × spacing of the standards from which a corner looks sharp.
const STEEP: f64 = 10.0;

/// Whether a start is so near to a minimum that it would only lead there. With an asymmetry none is: its valleys are narrow.
fn near(problem: &Problem<'_>, minimum: &Converged, start: &[f64; 3]) -> bool {
    let width = libm::exp(-start[1]);
    !problem.free[2]
        && (minimum.theta[0] - start[0]).abs() <= 0.75 * width
        && (minimum.theta[1] - start[1]).abs() <= 0.35
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
