//! Newton's method on the projected sum of squares, as an argmin solver.
//!
//! Each step solves `(H + λ D) δ = −∇F` with the exact Hessian `H`. As long as `H` is positive definite and the steps fall as
//! its quadratic model says, `λ = 0`; otherwise λ grows until the matrix is positive definite and the sum of squares falls
//! (Levenberg's idea on the exact Hessian; Moré & Sorensen 1983). `D` is the larger of the diagonals of `|H|` and of its
//! Gauss–Newton part. Steps are limited: without that, variable projection runs to mid-points of 10⁹ on about one plate in
//! 250 and stops there without a word. The limit is doubled as long as limited steps do what they promise.
//!
//! A run ends where a full Newton step would lower the sum of squares by nothing that it can show. A run that is given up
//! earlier starts again from where it stands. So does one of a search that ends with a damped step: a short step promises little wherever
//! it is taken, and where the undamped one of Gauss and Newton promises more, other damping leads on along the valley. What comes out is
//! [`Converged`], or nothing.
//!
//! The state is our own, because argmin's copies parameters into options and counts calls in a hash map. An iteration
//! allocates nothing; argmin's set-up of a run allocates once, for the flag that could interrupt it.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::LazyLock;
use std::time::Duration;

use argmin::core::{
    Error, Executor, KV, OptimizationResult, Problem as Hosted, Solver, State, TerminationReason, TerminationStatus,
};

use super::projection::{Evaluation, Problem, sum_of_squares};
use super::quad::{Quad, packed};
use super::slopes::Slopes;

/// Longest step in `ln c` (of a curve with slope 1 or steeper), `ln b` and `ln g`.
pub(crate) const LONGEST: [f64; 3] = [0.7, 0.5, 0.7];
/// Iterations after which a run is given up; a regular one needs less than ten.
const MOST_ITERATIONS: u64 = 200;

/// Iterations after which a run above the best is given up.
const MOST_ABOVE: u64 = 40;
/// Runs from where the last one was given up, before there is no answer.
const MOST_RUNS: usize = 8;
/// Where damping begins, by turns of the runs. The valley of a five-parameter family may be so much flatter than its walls are
/// steep that the usual damping holds the search where it is.
const LEAST_DAMPING: [f64; 2] = [1e-3, 1e-8];

/// A shape at which the solver has converged. Only this file makes one: what has not converged has no such type, and no curve
/// can be built from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Converged(Evaluation);

impl Converged {
    /// A shape that stands still already: the full step of Gauss and Newton would lower the sum of squares by nothing that it can
    /// show. Where the weights are those of its own means it need not be a minimum of that, see [`super::descent`].
    pub(crate) fn standing(problem: &Problem<'_>, theta: [f64; 3], quads: &mut [Quad]) -> Option<Self> {
        let (at, slopes) = problem.evaluate(theta, quads);
        let nothing = NEWTON_PROMISE * at.rss + rounding(at.rss, sum_of_squares(quads));
        (full_promise(problem, &at, &slopes)? <= nothing).then_some(Self(at))
    }
}

/// By how much the full step of Gauss and Newton says that the sum of squares falls; `None` where two parameters do the same.
fn full_promise(problem: &Problem<'_>, at: &Evaluation, slopes: &Slopes) -> Option<f64> {
    let Slopes { gradient, gauss_newton, .. } = slopes;
    let scale = [0, 1, 2].map(|j| gauss_newton[packed(j, j)].max(f64::MIN_POSITIVE));
    let step = solve(gauss_newton, &scale, gradient, searched(problem, &at.theta, gradient), FLAT)?;
    Some((0..3).map(|j| gradient[j] * step[j]).sum())
}

impl Deref for Converged {
    type Target = Evaluation;

    fn deref(&self) -> &Evaluation {
        &self.0
    }
}

/// Projected Newton with step limits, and where it stands. What only the solver needs is kept here, where argmin leaves it
/// in place; the state is moved several times in every iteration.
#[derive(Debug)]
pub(crate) struct Newton<'w> {
    /// The levels.
    quads: &'w mut [Quad],
    at: Option<Evaluation>,
    slopes: Slopes,
    damping: f64,
    /// Damping begins with this.
    least_damping: f64,
    /// Steps may be so many times [`LONGEST`].
    reach: f64,
    /// Σ n w ȳ².
    squares: f64,
    /// A minimum above this is of no interest.
    enough: f64,
    /// The lowest sum of squares known: a run that stays above it is not followed for long.
    best: f64,
    /// Whether it ended with a step that promised nothing because damping made it short.
    held: bool,
}

impl<'w> Newton<'w> {
    fn new(quads: &'w mut [Quad]) -> Self {
        Self {
            quads,
            at: None,
            slopes: Slopes::default(),
            damping: 0.0,
            least_damping: LEAST_DAMPING[0],
            reach: 1.0,
            squares: 0.0,
            enough: f64::INFINITY,
            best: f64::INFINITY,
            held: false,
        }
    }
}

/// Where a run stands, as far as argmin is concerned.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    theta: [f64; 3],
    rss: f64,
    iterations: u64,
    status: TerminationStatus,
}

/// Runs the search from `start`, and again from where it was given up; `None` unless it converged.
pub(crate) fn minimise(problem: &Problem<'_>, start: [f64; 3], quads: &mut [Quad]) -> Option<Converged> {
    runs(problem, start, Newton::new(quads), false)
}

/// The same, but a run whose full Newton step promises less than a third of the way down to `enough` is given up: there is no
/// minimum near that is below. One that is still above `best`, the lowest sum of squares known, after more iterations than
/// minima take is on its way to a limit of the family, and is given up as well.
pub(crate) fn minimise_below(
    problem: &Problem<'_>,
    start: [f64; 3],
    enough: f64,
    best: f64,
    quads: &mut [Quad],
) -> Option<Converged> {
    runs(problem, start, Newton { enough, best, ..Newton::new(quads) }, true)
}

/// Runs from where the last one was given up; where `on`, from where damping held it as well, until that leads nowhere.
fn runs(problem: &Problem<'_>, mut start: [f64; 3], newton: Newton<'_>, on: bool) -> Option<Converged> {
    let Newton { quads, enough, best, .. } = newton;
    let mut held: Option<Evaluation> = None;
    for &least_damping in LEAST_DAMPING.iter().cycle().take(MOST_RUNS) {
        let newton = Newton { enough, best, least_damping, ..Newton::new(&mut *quads) };
        let run = run(problem, start, newton)?;
        let at = run.solver.at?;
        match run.state.status {
            TerminationStatus::Terminated(TerminationReason::SolverConverged) => {
                let fell = held.is_none_or(|before| at.rss < before.rss * (1.0 - SAME));
                if !(on && run.solver.held && fell) {
                    return Some(Converged(at));
                }
                held = Some(at);
            }
            TerminationStatus::Terminated(TerminationReason::SolverExit(_)) => break,
            _ => {}
        }
        start = at.theta;
    }
    // What no damping leads on from is at rest.
    held.map(Converged)
}

fn run<'p, 'w>(
    problem: &'p Problem<'p>,
    start: [f64; 3],
    newton: Newton<'w>,
) -> Option<OptimizationResult<&'p Problem<'p>, Newton<'w>, Search>> {
    Executor::new(problem, newton)
        .ctrlc(false)
        .timer(false)
        .configure(|state: Search| Search { theta: start, ..state })
        .run()
        .ok()
}

impl State for Search {
    type Param = [f64; 3];
    type Float = f64;

    fn new() -> Self {
        Self { theta: [0.0; 3], rss: f64::INFINITY, iterations: 0, status: TerminationStatus::NotTerminated }
    }

    fn update(&mut self) {}

    fn get_param(&self) -> Option<&[f64; 3]> {
        Some(&self.theta)
    }

    fn get_best_param(&self) -> Option<&[f64; 3]> {
        self.get_param()
    }

    fn get_max_iters(&self) -> u64 {
        MOST_ITERATIONS
    }

    fn increment_iter(&mut self) {
        self.iterations += 1;
    }

    fn get_iter(&self) -> u64 {
        self.iterations
    }

    fn get_cost(&self) -> f64 {
        self.rss
    }

    fn get_best_cost(&self) -> f64 {
        self.get_cost()
    }

    fn get_target_cost(&self) -> f64 {
        f64::NEG_INFINITY
    }

    fn func_counts<O>(&mut self, _problem: &Hosted<O>) {}

    fn get_func_counts(&self) -> &HashMap<String, u64> {
        static NONE: LazyLock<HashMap<String, u64>> = LazyLock::new(HashMap::new);
        &NONE
    }

    fn time(&mut self, _time: Option<Duration>) -> &mut Self {
        self
    }

    fn get_time(&self) -> Option<Duration> {
        None
    }

    fn get_last_best_iter(&self) -> u64 {
        self.iterations
    }

    fn is_best(&self) -> bool {
        true
    }

    fn terminate_with(mut self, reason: TerminationReason) -> Self {
        self.status = TerminationStatus::Terminated(reason);
        self
    }

    fn get_termination_status(&self) -> &TerminationStatus {
        &self.status
    }

    fn get_termination_reason(&self) -> Option<&TerminationReason> {
        match &self.status {
            TerminationStatus::Terminated(reason) => Some(reason),
            TerminationStatus::NotTerminated => None,
        }
    }
}

impl<'p> Solver<&'p Problem<'p>, Search> for Newton<'_> {
    fn name(&self) -> &str {
        "projected Newton with step limits"
    }

    fn init(
        &mut self,
        problem: &mut Hosted<&'p Problem<'p>>,
        mut state: Search,
    ) -> Result<(Search, Option<KV>), Error> {
        let Some(problem) = problem.problem else { return Ok((state, None)) };
        for (value, (low, high)) in state.theta.iter_mut().zip(problem.bounds) {
            *value = value.clamp(low, high);
        }
        let (at, slopes) = problem.evaluate(state.theta, self.quads);
        state.rss = at.rss;
        (self.at, self.slopes) = (Some(at), slopes);
        self.squares = sum_of_squares(self.quads);
        Ok((state, None))
    }

    fn next_iter(
        &mut self,
        problem: &mut Hosted<&'p Problem<'p>>,
        mut state: Search,
    ) -> Result<(Search, Option<KV>), Error> {
        let (Some(problem), Some(at)) = (problem.problem, &mut self.at) else { return Ok((state, None)) };
        let rounding = rounding(at.rss, self.squares);
        let stuck = self.damping > MOST_DAMPING || (state.iterations > MOST_ABOVE && at.rss > self.best);
        let Some(step) = newton_step(problem, &at.theta, &self.slopes, (self.damping, self.least_damping), self.reach)
            .filter(|_| !stuck)
        else {
            return Ok((state.terminate_with(TerminationReason::SolverExit(String::new())), None));
        };
        if step.newton && at.rss - 3.0 * step.promise > self.enough {
            return Ok((state.terminate_with(TerminationReason::SolverExit(String::new())), None));
        }
        let mut theta = at.theta;
        for j in 0..3 {
            theta[j] = (theta[j] + step.by[j]).clamp(problem.bounds[j].0, problem.bounds[j].1);
        }
        // What the step promised is below what the sum of squares can show: this is the minimum, and nobody asks for the
        // slopes there.
        let promise = if step.newton { NEWTON_PROMISE } else { PROMISE };
        if step.promise <= promise * at.rss + rounding {
            let damped = !step.newton && self.damping < MOST_DAMPING_HELD;
            self.held =
                damped && full_promise(problem, at, &self.slopes).is_some_and(|full| full > HELD * at.rss + rounding);
            let last = problem.line_at(theta, self.quads);
            // The last step moves the sum of squares by less than its rounding, and the parameters by more than theirs: the
            // gradient is the better judge, and what follows from the parameters (variances, exponent) needs the digits.
            if last.rss <= at.rss || (step.newton && last.rss <= at.rss * (1.0 + SAME) + rounding) {
                (state.theta, state.rss) = (last.theta, last.rss);
                *at = last;
            }
            return Ok((state.terminate_with(TerminationReason::SolverConverged), None));
        }
        let (next, slopes) = problem.evaluate(theta, self.quads);
        let fall = at.rss - next.rss;
        if fall >= 0.0 {
            if fall > 0.5 * step.modelled {
                self.damping = if self.damping > 1e-3 * self.least_damping { self.damping * 0.1 } else { 0.0 };
                if step.limited && self.reach < FARTHEST_REACH {
                    self.reach *= 2.0;
                }
            } else if fall < 0.1 * step.modelled {
                self.damping = (self.damping * 4.0).max(self.least_damping);
            }
            (state.theta, state.rss) = (next.theta, next.rss);
            (*at, self.slopes) = (next, slopes);
        } else {
            self.damping = (self.damping * 10.0).max(self.least_damping);
            self.reach = 1.0;
        }
        Ok((state, None))
    }
}

/// By how much a sum of squares of `rss` may be off, where responses with the sum of squares `squares` were rounded to double
/// precision.
fn rounding(rss: f64, squares: f64) -> f64 {
    f64::EPSILON * (4.0 * (rss * squares).sqrt() + f64::EPSILON * squares)
}

/// Damping at which a step is too short to be one.
const MOST_DAMPING: f64 = 1e14;
/// Least share of the largest diagonal that a direction counts for.
const FLAT: f64 = 1e-14;
/// How many times [`LONGEST`] a step may be at most.
const FARTHEST_REACH: f64 = 8.0;

/// Relative difference of sums of squares that is their rounding.
pub(crate) const SAME: f64 = 1e-13;
/// Relative fall of the sum of squares that counts as none.
const PROMISE: f64 = 1e-15;
/// The same for a full Newton step: the next one would promise about the square of this.
pub(crate) const NEWTON_PROMISE: f64 = 1e-13;

/// Where damping made a step short: the relative fall of the sum of squares that the undamped step of Gauss and Newton promises.
const HELD: f64 = 1e-9;
/// Damping beyond which steps fail because the sum of squares is rounding.
const MOST_DAMPING_HELD: f64 = 1.0;

struct Step {
    by: [f64; 3],
    /// By how much the quadratic model says that twice `F` falls in the full step.
    promise: f64,
    /// By how much it falls in the step as limited.
    modelled: f64,
    /// Whether it is a Newton step, neither damped nor shortened.
    newton: bool,
    limited: bool,
}

/// The parameters that are free and not held at a bound.
pub(crate) fn searched(problem: &Problem<'_>, theta: &[f64; 3], gradient: &[f64; 3]) -> [bool; 3] {
    [0, 1, 2].map(|j| {
        let (low, high) = problem.bounds[j];
        let held = (theta[j] <= low && gradient[j] > 0.0) || (theta[j] >= high && gradient[j] < 0.0);
        problem.free[j] && !held
    })
}

/// The step of the head of this file, over the parameters that are free and not held at a bound.
fn newton_step(
    problem: &Problem<'_>,
    theta: &[f64; 3],
    slopes: &Slopes,
    (damping, least_damping): (f64, f64),
    reach: f64,
) -> Option<Step> {
    let searched = searched(problem, theta, &slopes.gradient);
    let Slopes { gradient, hessian, gauss_newton } = slopes;
    let diagonal = [0, 1, 2].map(|j| gauss_newton[packed(j, j)].max(hessian[packed(j, j)].abs()));
    // A direction in which nothing changes still has a length.
    let least = FLAT * diagonal.into_iter().fold(0.0, f64::max);
    let diagonal = diagonal.map(|entry| entry.max(least));
    let mut damping = damping;
    let mut solved = solve(hessian, &diagonal, gradient, searched, damping);
    let definite = solved.is_some();
    while solved.is_none() && damping < MOST_DAMPING {
        damping = (damping * 3.0).max(least_damping);
        solved = solve(hessian, &diagonal, gradient, searched, damping);
    }
    let solved = solved?;
    let mut by = [0.0; 3];
    let mut promise = 0.0;
    let mut shorten: f64 = 1.0;
    for j in 0..3 {
        let step = -solved[j];
        // A shallow curve moves farther before it looks different.
        let longest = reach * if j == 0 { LONGEST[0] * libm::exp(-theta[1]).max(1.0) } else { LONGEST[j] };
        if step.abs() > longest {
            shorten = shorten.min(longest / step.abs());
        }
        promise += gradient[j] * solved[j];
        by[j] = step;
    }
    let by = by.map(|step| step * shorten);
    let mut modelled = 0.0;
    for j in 0..3 {
        modelled -= 2.0 * gradient[j] * by[j];
        for k in 0..3 {
            modelled -= by[j] * by[k] * hessian[packed(j.max(k), j.min(k))];
        }
    }
    let newton = definite && damping == 0.0 && shorten >= 1.0;
    Some(Step { by, promise, modelled, newton, limited: shorten < 1.0 })
}

/// Solves `(M + λ D) δ = g` for the parameters that are searched, by `L D Lᵀ`; `None` unless positive definite. The
/// others stand as equations `δ = 0`.
#[inline]
pub(crate) fn solve(
    m: &[f64; 6],
    scale: &[f64; 3],
    rhs: &[f64; 3],
    searched: [bool; 3],
    damping: f64,
) -> Option<[f64; 3]> {
    let (mut l, mut per_d, mut x) = ([[0.0; 3]; 3], [0.0; 3], [0.0; 3]);
    for i in 0..3 {
        let diagonal = if searched[i] { m[packed(i, i)] + damping * scale[i] } else { 1.0 };
        let mut d = diagonal;
        x[i] = if searched[i] { rhs[i] } else { 0.0 };
        for j in 0..i {
            let mut sum = if searched[i] && searched[j] { m[packed(i, j)] } else { 0.0 };
            for k in 0..j {
                sum -= l[i][k] * l[j][k] * per_d[k];
            }
            // What is kept is L D; its quotient by D is L.
            l[i][j] = sum;
            d -= sum * sum * per_d[j];
            x[i] -= sum * per_d[j] * x[j];
        }
        if !(d > 1e-14 * diagonal && d.is_finite()) {
            return None;
        }
        per_d[i] = 1.0 / d;
    }
    for i in (0..3).rev() {
        x[i] *= per_d[i];
        for k in i + 1..3 {
            x[i] -= l[k][i] * per_d[i] * x[k];
        }
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::kernel::Kernel;
    use crate::curve::point::{Point, merge};

    const OPEN: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    fn standards() -> Vec<crate::curve::point::Standard> {
        let points: Vec<Point> = [0.0, 15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0]
            .map(|x: f64| Point { concentration: x, response: 0.05 + 2.7 / (1.0 + (x / 180.0).powf(-1.3)) })
            .to_vec();
        merge(&points)
    }

    fn problem<'a>(standards: &'a [crate::curve::point::Standard], weights: &'a [f64]) -> Problem<'a> {
        let free = [true, true, false];
        Problem { standards, weights, kernel: Kernel::Logistic, free, bounds: [OPEN; 3], a: OPEN, d: OPEN }
    }

    #[test]
    fn exact_data_are_met_exactly() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let problem = problem(&standards, &weights);
        let mut quads = Quad::of(&standards, &weights);
        let found = minimise(&problem, [4.0, 0.0, 0.0], &mut quads).unwrap();
        assert!(found.rss < 1e-28, "{found:?}");
        assert!((found.theta[0].exp() - 180.0).abs() < 1e-9 && (found.theta[1].exp() - 1.3).abs() < 1e-12);
    }

    #[test]
    fn iterations_allocate_nothing() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let problem = problem(&standards, &weights);
        let mut quads = Quad::of(&standards, &weights);
        for start in [[5.19, 0.26, 0.0], [5.0, 0.0, 0.0], [2.0, -1.0, 0.0], [9.0, 1.5, 0.0]] {
            let mut iterations = 0;
            let allocated = allocation_counter::measure(|| {
                let run = run(&problem, start, Newton::new(&mut quads)).unwrap();
                iterations = run.state.iterations;
            });
            println!("{iterations} iterations, {} allocations", allocated.count_total);
            // One: argmin's flag for interruption, an Arc.
            assert_eq!(allocated.count_total, 1, "after {iterations} iterations");
        }
    }
}
