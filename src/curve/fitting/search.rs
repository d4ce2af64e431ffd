//! The global minimum: over starts, and over the limits of the family.
//!
//! The sum of squares of a logistic family may have several local minima, and its infimum may lie at infinity. Both are
//! settled by comparison, not by trust. The candidates are
//!
//! 1. the minima reached from every start of a grid (see [`super::start`]),
//! 2. the exact minima of the family's limits (see [`crate::curve::definition::kernel`] and [`super::step`]),
//! 3. the minima reached from members of the family close to each limit that rivals the best: where the sum of squares falls
//!    on the way from the limit into the family, the infimum is not there (the first-order condition at the boundary), and
//!    the search that starts there finds where it falls to,
//! 4. where a limit is still the lowest: the minima reached from near it however long that takes (searches are otherwise given up
//!    that stay above the best for long; those on their way to a limit do, and so do a few in the bends of narrow valleys),
//! 5. where the best is at the edge of the search box: the minimum beyond it, and the limits that it runs to,
//! 6. where the valley of a five-parameter curve leads to plateaus far out: the foot or the tail that it ends at.
//!
//! The lowest is the answer. The infimum is attained at finite parameters exactly when a member of the family itself is
//! lowest. A member at the edge of the search box is none: it only counts where no limit explains it, and is not identified.
//! That an infimum lies at infinity is said on the evidence of these searches and no more. They are no interval bound: between
//! the points of the grid nothing is proved.

use super::curve_family::{CurveFamily, limits};
use super::limit_search::{LEADS_OUT, best_of, close_to, limit_towards, limits_below, limits_towards};
use super::minimise::{minimise, minimise_below};
use super::projection::{Evaluation, LeastSquaresProblem};
use super::quad::Quad;
use super::shape::{EXACT, FAR_RISE, Missing, SAME, Shape, beyond, total};
use super::solver::Converged;
use super::start::{Start, grid_minima, inside};
use super::valley;
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::point::Standard;

/// A minimum that differs from a limit of the family by no more than this share of its sum of squares is on the way to it.
const ON_THE_WAY: f64 = 1e-6;

/// The outcome of a search.
#[derive(Debug, Clone)]
pub(crate) struct SearchOutcome {
    pub shape: Shape,
    /// Other local minima of the family itself, by rising sum of squares.
    pub others: Vec<Converged>,
    /// The best of the family's limits, where it is not the shape itself.
    pub limit: Option<Shape>,
    /// All limits that were followed, the simple ones first.
    pub rivals: Vec<Shape>,
}

impl SearchOutcome {
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
    family: &CurveFamily,
    standards: &[Standard],
    weights: &[f64],
    region: f64,
    hints: &[[f64; 3]],
) -> SearchOutcome {
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
    family: &'a CurveFamily,
    problem: LeastSquaresProblem<'a>,
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
    fn against(mut self, rivals: Vec<Shape>) -> SearchOutcome {
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
            return SearchOutcome { shape, others: self.inside, limit, rivals };
        }
        // A runaway where there is nothing else: bounds that the method states keep the family from its limits.
        let edge = self.edge.filter(|at| limit.is_none() || below(at, rival * (1.0 - AT_EDGE)));
        let edge = edge.or(self.runaway.filter(|_| limit.is_none()));
        let shape = edge.map(|at| Shape::Smooth { kernel, at }).or(limit).unwrap_or(Shape::None(Missing::NotConverged));
        SearchOutcome { shape, others: self.inside, limit: None, rivals }
    }
}

/// Whether a shape sits at the edge of the search box, other than at a bound that the method states, or its plateaus lie so
/// far out that responses are small differences of large numbers.
pub(crate) fn at_edge(family: &CurveFamily, standards: &[Standard], at: &Converged) -> bool {
    far_out(standards, at) || family.at_edge(standards, &at.theta).contains(&true)
}

fn far_out(standards: &[Standard], at: &Converged) -> bool {
    beyond(FAR_RISE, standards, at)
}

/// A limit is up to this share above a member of the family at the edge of the box that runs to it.
const AT_EDGE: f64 = 5e-9;

/// Whether a start is so near to a minimum that it would only lead there. With an asymmetry none is: its valleys are narrow.
fn near(problem: &LeastSquaresProblem<'_>, minimum: &Converged, start: &[f64; 3]) -> bool {
    let width = libm::exp(-start[1]);
    !problem.free[2]
        && (minimum.theta[0] - start[0]).abs() <= 0.75 * width
        && (minimum.theta[1] - start[1]).abs() <= 0.35
}
