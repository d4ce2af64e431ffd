//! The global minimum: over starts, and over the limits of the family.
//!
//! The sum of squares of a logistic family may have several local minima, and its infimum may lie at infinity. Both are
//! settled by comparison, not by trust: the minima reached from a grid of starts stand beside the exact minima of the
//! family's limits (see [`super::kernel`] and [`super::step`]), and the lowest is the answer. The infimum is attained at
//! finite parameters exactly when a member of the family itself is lowest.

use super::family::{Family, Name, ends, limits};
use super::kernel::Kernel;
use super::point::Standard;
use super::projection::{Evaluation, Problem};
use super::quad::Quad;
use super::solver::{minimise, minimise_below};
use super::start::{POSITIONS, first_start, grid_minima};
use super::step::{self, Step};

/// How far `d − a` may exceed the range of the responses. Beyond, responses are small differences of large numbers.
const FAR_RISE: f64 = 1e8;

/// Relative difference of sums of squares below which two of them are the same but for rounding.
const SAME: f64 = 1e-11;

/// Share of the sum of squares that a plainly right curve leaves at most.
const PLAIN: f64 = 0.02;

/// What the data say is the best curve.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A kernel: the family's own, or one of its limits.
    Smooth { kernel: Kernel, at: Evaluation },
    /// A step.
    Step(Step),
}

impl Shape {
    /// Σ n w (ȳ − f)².
    pub(crate) fn rss(&self) -> f64 {
        match self {
            Self::Smooth { at, .. } => at.rss,
            Self::Step(step) => step.rss,
        }
    }
}

/// The outcome of a search.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub shape: Shape,
    /// Other local minima of the family itself, by rising sum of squares.
    pub others: Vec<Evaluation>,
    /// The best of the family's limits, where it is not the shape itself.
    pub limit: Option<Shape>,
}

/// Finds the best curve of the family or of its limits. A limit whose sum of squares, with that within the levels, is more
/// than `region` times that of the best curve interests nobody and is not followed to its end.
pub(crate) fn search(family: &Family, standards: &[Standard], weights: &[f64], region: f64) -> Found {
    let mut quads = Quad::of(standards, weights);
    let problem = family.problem(standards, weights);
    let mut minima: Vec<Evaluation> = Vec::new();
    let first = minimise(&problem, first_start(&problem), &mut quads);
    keep(&problem, &mut minima, first, family);
    let within: f64 = standards.iter().zip(weights).map(|(s, w)| s.within * w).sum();
    let sums = minima.first().map(|first| first.rss + within);
    let enough = sums.map_or(f64::INFINITY, |rss| region * rss - within);
    let limit = best_limit(family, standards, weights, enough, &mut quads);
    // A 4PL that explains the wells, and that no limit rivals, is plainly right: a start that runs down to it leads nowhere
    // else. In flat valleys, and with an asymmetry, it may: there all starts are followed.
    let plain = limit.is_none() && !problem.free[2] && sums.is_some_and(|rss| rss <= PLAIN * total(standards, weights));
    for start in grid_minima(&problem, &mut quads) {
        let known = minima.iter().any(|known| {
            near(&problem, &known.theta, &start) || (plain && runs_down(&problem, known, &start, &mut quads))
        });
        if !known {
            let found = minimise(&problem, start, &mut quads);
            keep(&problem, &mut minima, found, family);
        }
    }
    minima.sort_by(|p, q| p.rss.total_cmp(&q.rss));

    let own = minima.first().map(|&at| Shape::Smooth { kernel: problem.kernel, at });
    let shape = match (own, limit) {
        // A limit that is no worse than the family's own minimum is where the family is heading.
        (Some(own), limit) if limit.is_none_or(|limit| own.rss() < limit.rss() * (1.0 - SAME)) => {
            minima.remove(0);
            return Found { shape: own, others: minima, limit };
        }
        (_, Some(limit)) => limit,
        (_, None) => Shape::Smooth { kernel: problem.kernel, at: problem.line_at(first_start(&problem), &mut quads) },
    };
    Found { shape, others: minima, limit: None }
}

/// The best of the family's limits. They are listed from the simple to the composed, and a composed one that only repeats
/// a simple one does not replace it.
fn best_limit(
    family: &Family,
    standards: &[Standard],
    weights: &[f64],
    enough: f64,
    quads: &mut [Quad],
) -> Option<Shape> {
    let mut best: Option<Shape> = None;
    let mut offer = |offered: Shape| {
        if offered.rss() <= enough && best.is_none_or(|best| offered.rss() < best.rss() * (1.0 - SAME)) {
            best = Some(offered);
        }
    };
    if family.runs_freely(Name::B)
        && let Some(step) = step::best(standards, weights, family.a, family.d)
    {
        offer(Shape::Step(step));
    }
    for limit in limits(family.model) {
        let Some(problem) = family.limit(limit, standards, weights) else { continue };
        for start in grid_minima(&problem, quads) {
            let enough = if problem.kernel.is_power() { enough } else { f64::INFINITY };
            if let Some((at, _)) = minimise_below(&problem, start, enough, quads)
                && at.alpha.abs() <= FAR_RISE * spread(standards)
            {
                offer(Shape::Smooth { kernel: problem.kernel, at });
            }
        }
    }
    best
}

/// Keeps a minimum that did not run to the edge of the box, unless it is known.
fn keep(problem: &Problem<'_>, minima: &mut Vec<Evaluation>, found: Option<(Evaluation, bool)>, family: &Family) {
    let Some((at, _)) = found else { return };
    let far = FAR_RISE * spread(problem.standards);
    let ran_away = at.kappa.abs() > far
        || at.alpha.abs() > far
        || (0..3).any(|j| {
            let ((low, high), (stated_low, stated_high)) = (problem.bounds[j], family.stated[j]);
            problem.free[j] && ((at.theta[j] <= low && stated_low < low) || (at.theta[j] >= high && stated_high > high))
        });
    let known = minima.iter_mut().find(|known| (0..3).all(|j| (known.theta[j] - at.theta[j]).abs() < 1e-4));
    match known {
        Some(known) if at.rss < known.rss => *known = at,
        Some(_) => {}
        None if !ran_away && at.rss.is_finite() => minima.push(at),
        None => {}
    }
}

/// Steps of `near` and `runs_down`: about those of the grid.
fn cells(problem: &Problem<'_>) -> [f64; 3] {
    let (first, last) = ends(problem.standards);
    [(last - first).max(1.0) / POSITIONS, 0.7, 1.2]
}

/// Whether a start is so near to a minimum that it would only lead there.
fn near(problem: &Problem<'_>, minimum: &[f64; 3], start: &[f64; 3]) -> bool {
    (0..3).zip(cells(problem)).all(|(j, cell)| (minimum[j] - start[j]).abs() <= cell)
}

/// Whether the way from a start to a minimum, looked at twice in each step of the grid, falls all along.
fn runs_down(problem: &Problem<'_>, minimum: &Evaluation, start: &[f64; 3], quads: &mut [Quad]) -> bool {
    let way = [0, 1, 2].map(|j| minimum.theta[j] - start[j]);
    let looks = (0..3).zip(cells(problem)).map(|(j, cell)| (2.0 * way[j] / cell).abs()).fold(0.0, f64::max).ceil();
    let mut before = f64::INFINITY;
    let mut at = 0.0;
    while at < looks {
        let theta = [0, 1, 2].map(|j| start[j] + at / looks * way[j]);
        let here = problem.line_at(theta, quads).rss;
        if here >= before || here.is_nan() {
            return false;
        }
        before = here;
        at += 1.0;
    }
    minimum.rss <= before
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
fn spread(standards: &[Standard]) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for standard in standards {
        low = low.min(standard.mean);
        high = high.max(standard.mean);
    }
    high - low
}
