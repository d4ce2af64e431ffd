//! The global minimum: over starts, and over the limits of the family.
//!
//! The sum of squares of a logistic family may have several local minima, and its infimum may lie at infinity. Both are
//! settled by comparison, not by trust: the minima reached from a grid of starts stand beside the exact minima of the
//! family's limits (see [`super::kernel`] and [`super::step`]), and the lowest is the answer. The infimum is attained at
//! finite parameters exactly when a member of the family itself is lowest.

use super::kernel::{Jet, Kernel};
use super::model::Model;
use super::point::Standard;
use super::projection::{Bound, Evaluation, Problem};
use super::solver::minimise;
use super::step::{self, Step};

/// How far `ln c` may run beyond the standards before it counts as run away, in units of `ln x`, unless the standards
/// themselves span more. Twenty is a factor of 5·10⁸.
const FAR: f64 = 20.0;
/// How far the logarithm of the scale of a Weibull or Fréchet limit may run.
const FAR_SCALE: f64 = 40.0;
/// How far `d − a` may exceed the range of the responses. Beyond, responses are small differences of large numbers.
const FAR_RISE: f64 = 1e8;
/// How far `ln g` may run.
const FAR_G: f64 = 10.0;
/// Relative difference of sums of squares below which two of them are the same but for rounding.
const SAME: f64 = 1e-11;

/// A parameter, in the order of covariances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    A,
    D,
    C,
    B,
    G,
}

/// A model with what the method fixes or bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    pub model: Model,
    pub a: Bound,
    pub d: Bound,
    /// Bounds of `ln c`, `ln b`, `ln g` as the method states them.
    pub stated: [Bound; 3],
    pub has_zero: bool,
}

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

/// A limit of a family: what has to run away to reach it, and which parameters keep their meaning in it.
pub(crate) struct Limit {
    pub kernel: Kernel,
    needs: &'static [Name],
    pub keeps: &'static [Name],
}

/// The limits of a model, but for the step.
pub(crate) fn limits(model: Model) -> &'static [Limit] {
    use Name::{A, B, C, D, G};
    const fn limit(kernel: Kernel, needs: &'static [Name], keeps: &'static [Name]) -> Limit {
        Limit { kernel, needs, keeps }
    }
    const FOUR: &[Limit] = &[
        limit(Kernel::Power, &[C, D], &[A, B]),
        limit(Kernel::InversePower, &[C, A], &[D, B]),
        limit(Kernel::LogLinear, &[B, A, D], &[]),
    ];
    const FIVE: &[Limit] = &[
        limit(Kernel::Power, &[C, D], &[A, B]),
        limit(Kernel::InversePower, &[C, A], &[D]),
        limit(Kernel::LogLinear, &[B, A, D], &[]),
        limit(Kernel::Weibull, &[C, G], &[A, D, B]),
        limit(Kernel::Softplus, &[G, D], &[A, C, B]),
        limit(Kernel::Hinge, &[B, G], &[A, D, C]),
        limit(Kernel::Ramp, &[B, G, D], &[A, C]),
    ];
    const MIRROR: &[Limit] = &[
        limit(Kernel::Power, &[C, D], &[A]),
        limit(Kernel::InversePower, &[C, A], &[D, B]),
        limit(Kernel::LogLinear, &[B, A, D], &[]),
        limit(Kernel::Frechet, &[C, G], &[A, D, B]),
        limit(Kernel::MirrorSoftplus, &[G, A], &[D, C, B]),
        limit(Kernel::MirrorHinge, &[B, G], &[A, D, C]),
        limit(Kernel::MirrorRamp, &[B, G, A], &[D, C]),
    ];
    match model {
        Model::FourParameter => FOUR,
        Model::FiveParameter => FIVE,
        Model::FiveParameterMirror => MIRROR,
    }
}

impl Family {
    fn runs_freely(&self, name: Name) -> bool {
        let (low, high) = match name {
            Name::A => self.a,
            Name::D => self.d,
            Name::C => self.stated[0],
            Name::B => self.stated[1],
            Name::G => self.stated[2],
        };
        low == f64::NEG_INFINITY && high == f64::INFINITY
    }

    fn number_free(&self, name: Name) -> bool {
        let bound = [self.a, self.d, self.stated[0], self.stated[1], self.stated[2]][name as usize];
        bound.0 < bound.1
    }

    /// The parameters that are fitted, in the order a, d, c, b, g.
    pub(crate) fn fitted(&self) -> [bool; 5] {
        let mut fitted = [Name::A, Name::D, Name::C, Name::B, Name::G].map(|name| self.number_free(name));
        fitted[4] &= self.model != Model::FourParameter;
        fitted
    }

    /// The problem of the family itself.
    pub(crate) fn problem<'a>(&self, standards: &'a [Standard], weights: &'a [f64]) -> Problem<'a> {
        let kernel = Kernel::from(self.model);
        let box_ = search_box(standards);
        let mut bounds = [(0.0, 0.0); 3];
        let mut free = kernel.depends_on();
        for j in 0..3 {
            let (low, high) = self.stated[j];
            bounds[j] = (low.max(box_[j].0), high.min(box_[j].1));
            if low == high {
                bounds[j] = (low, low);
            }
            free[j] &= low < high;
        }
        if self.model == Model::FourParameter {
            bounds[2] = (0.0, 0.0);
        }
        Problem { standards, weights, kernel, free, bounds, a: self.a, d: self.d }
    }

    /// The problem of one of its limits; `None` where the method or a zero standard keeps the family away from it.
    pub(crate) fn limit<'a>(
        &self,
        limit: &Limit,
        standards: &'a [Standard],
        weights: &'a [f64],
    ) -> Option<Problem<'a>> {
        if !limit.needs.iter().all(|&name| self.runs_freely(name))
            || (self.has_zero && limit.kernel.at_zero().is_none())
        {
            return None;
        }
        let box_ = search_box(standards);
        let mut bounds = box_;
        let mut free = limit.kernel.depends_on();
        for (j, name) in [Name::C, Name::B].into_iter().enumerate() {
            if limit.keeps.contains(&name) {
                let (low, high) = self.stated[j];
                bounds[j] = (low.max(box_[j].0), high.min(box_[j].1));
                if low == high {
                    bounds[j] = (low, low);
                    free[j] = false;
                }
            }
        }
        let (first, last) = ends(standards);
        match limit.kernel {
            Kernel::InversePower => bounds[0] = (first, first),
            Kernel::Power | Kernel::LogLinear | Kernel::Weibull | Kernel::Frechet => bounds[0] = (last, last),
            _ => {}
        }
        if matches!(limit.kernel, Kernel::Ramp | Kernel::MirrorRamp | Kernel::LogLinear) {
            bounds[1] = (0.0, 0.0);
        }
        bounds[2] = if free[2] { (-FAR_SCALE, FAR_SCALE) } else { (0.0, 0.0) };
        Some(Problem { standards, weights, kernel: limit.kernel, free, bounds, a: self.a, d: self.d })
    }
}

/// `ln x` of the lowest and the highest non-zero standard.
pub(crate) fn ends(standards: &[Standard]) -> (f64, f64) {
    let first = standards.iter().find(|s| s.x > 0.0).map_or(0.0, |s| s.ln_x);
    (first, standards.last().map_or(0.0, |s| s.ln_x))
}

/// Where `ln c`, `ln b` and `ln g` are searched.
fn search_box(standards: &[Standard]) -> [Bound; 3] {
    let (first, last) = ends(standards);
    let span = (last - first).max(1.0);
    let far = FAR.max(2.0 * span);
    // A slope is steep or shallow only against the spacing of the standards.
    let spacing = standards
        .windows(2)
        .filter(|pair| pair[0].x > 0.0)
        .map(|pair| pair[1].ln_x - pair[0].ln_x)
        .fold(span, f64::min);
    [(first - far, last + far), (libm::log(1e-3 / span), libm::log(200.0 / spacing)), (-FAR_G, FAR_G)]
}

/// The first start: the mid-point where the responses cross the middle of their range, a slope from the span of the
/// standards.
pub(crate) fn first_start(problem: &Problem<'_>) -> [f64; 3] {
    let standards = problem.standards;
    let (first, last) = ends(standards);
    let (Some(lowest), Some(highest)) = (standards.first(), standards.last()) else { return [0.0; 3] };
    let middle = 0.5 * (lowest.mean + highest.mean);
    let mut ln_c = 0.5 * (first + last);
    for pair in standards.windows(2).filter(|pair| pair[0].x > 0.0) {
        let (left, right) = (pair[0].mean - middle, pair[1].mean - middle);
        if left * right <= 0.0 && left != right {
            ln_c = pair[0].ln_x + (pair[1].ln_x - pair[0].ln_x) * left / (left - right);
            break;
        }
    }
    let ln_b = libm::log(5.0 / (last - first).max(1.0));
    inside(problem, [ln_c, ln_b.min(0.3), 0.0])
}

fn inside(problem: &Problem<'_>, mut theta: [f64; 3]) -> [f64; 3] {
    for (value, (low, high)) in theta.iter_mut().zip(problem.bounds) {
        *value = value.clamp(low, high);
    }
    theta
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

/// Finds the best curve of the family or of its limits.
pub(crate) fn search(family: &Family, standards: &[Standard], weights: &[f64]) -> Found {
    let mut jets = vec![Jet::default(); standards.len()];
    let problem = family.problem(standards, weights);
    let mut minima: Vec<Evaluation> = Vec::new();
    let first = minimise(&problem, first_start(&problem), &mut jets);
    keep(&problem, &mut minima, first, family);
    for start in grid_minima(&problem, &mut jets) {
        let is_known = minima.iter().any(|known| near(&problem, &known.theta, &start));
        if !is_known {
            let found = minimise(&problem, start, &mut jets);
            keep(&problem, &mut minima, found, family);
        }
    }
    minima.sort_by(|p, q| p.rss.total_cmp(&q.rss));

    let own = minima.first().map(|&at| Shape::Smooth { kernel: problem.kernel, at });
    let limit = best_limit(family, standards, weights, &mut jets);
    let shape = match (own, limit) {
        // A limit that is no worse than the family's own minimum is where the family is heading.
        (Some(own), limit) if limit.is_none_or(|limit| own.rss() < limit.rss() * (1.0 - SAME)) => {
            minima.remove(0);
            return Found { shape: own, others: minima, limit };
        }
        (_, Some(limit)) => limit,
        (_, None) => Shape::Smooth { kernel: problem.kernel, at: problem.evaluate(first_start(&problem), &mut jets) },
    };
    Found { shape, others: minima, limit: None }
}

/// The best of the family's limits. They are listed from the simple to the composed, and a composed one that only repeats
/// a simple one does not replace it.
fn best_limit(family: &Family, standards: &[Standard], weights: &[f64], jets: &mut [Jet]) -> Option<Shape> {
    let mut best: Option<Shape> = None;
    let mut offer = |offered: Shape| {
        if best.is_none_or(|best| offered.rss() < best.rss() * (1.0 - SAME)) {
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
        for start in grid_minima(&problem, jets) {
            if let Some((at, _)) = minimise(&problem, start, jets)
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

/// Whether a start is so near to a minimum that it would only lead there.
fn near(problem: &Problem<'_>, minimum: &[f64; 3], start: &[f64; 3]) -> bool {
    let (first, last) = ends(problem.standards);
    let spacing = (last - first).max(1.0) / POSITIONS;
    (minimum[0] - start[0]).abs() <= spacing
        && (minimum[1] - start[1]).abs() <= 0.7
        && (minimum[2] - start[2]).abs() <= 1.2
}

/// Positions of `ln c` per span of the standards, and in all: one step beyond each end.
const POSITIONS: f64 = 6.0;
const LOCATIONS: usize = 9;

/// The starts on a coarse grid at which the sum of squares is lower than at all their neighbours.
fn grid_minima(problem: &Problem<'_>, jets: &mut [Jet]) -> Vec<[f64; 3]> {
    let (first, last) = ends(problem.standards);
    let span = (last - first).max(1.0);
    let mut locations = [0.0; LOCATIONS];
    for (i, location) in locations.iter_mut().enumerate() {
        *location = first + span * (i as f64 - 1.0) / POSITIONS;
    }
    let kinks = if problem.kernel.has_kink() { places_of_kinks(problem) } else { Vec::new() };
    let locations: &[f64] = if kinks.is_empty() { &locations } else { &kinks };
    // From shallow over the whole range of the standards to steep between two of them.
    let slopes = [2.5, 7.0, 25.0].map(|steepness| libm::log(steepness / span));
    let asymmetries = [-2.5, -1.0, 0.0, 1.0, 2.5];
    let held = problem.bounds.map(|(low, _)| [low]);
    let grid: [&[f64]; 3] = [
        if problem.free[0] { locations } else { &held[0] },
        if problem.free[1] { &slopes } else { &held[1] },
        if problem.free[2] { &asymmetries } else { &held[2] },
    ];
    let [n0, n1, n2] = grid.map(<[f64]>::len);
    let at = |i: usize, j: usize, k: usize| inside(problem, [grid[0][i], grid[1][j], grid[2][k]]);
    let mut rss = vec![0.0; n0 * n1 * n2];
    for i in 0..n0 {
        for j in 0..n1 {
            for k in 0..n2 {
                rss[(i * n1 + j) * n2 + k] = problem.rss_at(at(i, j, k), jets);
            }
        }
    }
    let mut starts = Vec::new();
    for i in 0..n0 {
        for j in 0..n1 {
            for k in 0..n2 {
                let here = rss[(i * n1 + j) * n2 + k];
                let around = |i: usize, n: usize| i.saturating_sub(1)..(i + 2).min(n);
                let lowest = around(i, n0).all(|p| {
                    around(j, n1).all(|q| {
                        around(k, n2)
                            .all(|r| (p, q, r) == (i, j, k) || rss[(p * n1 + q) * n2 + r] > here || here.is_nan())
                    })
                });
                if lowest {
                    starts.push(at(i, j, k));
                }
            }
        }
    }
    starts
}

/// The standards and the middles between them: a kink may sit on any of them, and the sum of squares has a minimum of its
/// own between any two.
fn places_of_kinks(problem: &Problem<'_>) -> Vec<f64> {
    let levels: Vec<f64> = problem.standards.iter().filter(|s| s.x > 0.0).map(|s| s.ln_x).collect();
    let middles = levels.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
    let mut places: Vec<f64> = levels.iter().copied().chain(middles).collect();
    places.sort_by(f64::total_cmp);
    places
}

/// The problem of the family itself or of the limit that has this kernel.
pub(crate) fn problem_of<'a>(
    family: &Family,
    kernel: Kernel,
    standards: &'a [Standard],
    weights: &'a [f64],
) -> Option<Problem<'a>> {
    if kernel == Kernel::from(family.model) {
        return Some(family.problem(standards, weights));
    }
    let limit = limits(family.model).iter().find(|limit| limit.kernel == kernel)?;
    family.limit(limit, standards, weights)
}
