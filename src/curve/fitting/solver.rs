//! Newton's method on the projected sum of squares, as an argmin solver.
//!
//! Steps are those of [`super::newton_step`]. As long as the Hessian is positive definite and they fall as its quadratic model says,
//! they are not damped; otherwise damping grows until the sum of squares falls. Steps are limited: without that, variable projection
//! runs to mid-points of 10⁹ on about one plate in 250 and stops there without a word. The limit is doubled as long as limited steps
//! do what they promise.
//!
//! A run ends where a full Newton step would lower the sum of squares by nothing that it can show. A run that is given up
//! earlier starts again from where it stands. So does one of a search that ends with a damped step: a short step promises little wherever
//! it is taken, and where the undamped one of Gauss and Newton promises more, other damping leads on along the valley. What comes out is
//! [`Converged`], or nothing.
//!
//! An iteration allocates nothing; argmin's set-up of a run allocates once, for the flag that could interrupt it.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use argmin::core::{
    Error, Executor, KV, OptimizationResult, Problem as Hosted, Solver, State, TerminationReason, TerminationStatus,
};

use super::newton_step::{MOST_DAMPING, full_promise, newton_step};
use super::projection::{Evaluation, LeastSquaresProblem, sum_of_squares};
use super::quad::Quad;
use super::search_state::Search;
use super::slopes::Slopes;

/// Iterations after which a run above the best is given up.
const MOST_ABOVE: u64 = 40;
/// Runs from where the last one was given up, before there is no answer.
const MOST_RUNS: usize = 8;
/// Where damping begins, by turns of the runs. The valley of a five-parameter family may be so much flatter than its walls are
/// steep that the usual damping holds the search where it is.
const LEAST_DAMPING: [f64; 2] = [1e-3, 1e-8];

/// A shape at which the solver has converged. Only this file makes one: what has not converged has no such type, and no curve
/// can be built from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Converged(Evaluation);

impl Converged {
    /// A shape that stands still already: the full step of Gauss and Newton would lower the sum of squares by nothing that it can
    /// show. Where the weights are those of its own means it need not be a minimum of that, see [`super::descent`].
    pub(crate) fn standing(problem: &LeastSquaresProblem<'_>, theta: [f64; 3], quads: &mut [Quad]) -> Option<Self> {
        let (at, slopes) = problem.evaluate(theta, quads);
        let nothing = NEWTON_PROMISE * at.rss + rounding(at.rss, sum_of_squares(quads));
        (full_promise(problem, &at, &slopes)? <= nothing).then_some(Self(at))
    }
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
    pub(super) quads: &'w mut [Quad],
    at: Option<Evaluation>,
    slopes: Slopes,
    damping: f64,
    /// Damping begins with this.
    least_damping: f64,
    /// Steps may be so many times their usual limit.
    reach: f64,
    /// Σ n w ȳ².
    squares: f64,
    /// A minimum above this is of no interest.
    pub(super) enough: f64,
    /// The lowest sum of squares known: a run that stays above it is not followed for long.
    pub(super) best: f64,
    /// Whether it ended with a step that promised nothing because damping made it short.
    held: bool,
}

impl<'w> Newton<'w> {
    pub(super) fn new(quads: &'w mut [Quad]) -> Self {
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

    /// With a minimum above `enough` of no interest, and `best` the lowest sum of squares known.
    pub(super) fn below(quads: &'w mut [Quad], enough: f64, best: f64) -> Self {
        Self { enough, best, ..Self::new(quads) }
    }
}

/// Runs from where the last one was given up; `past_held` from where damping held it as well, until that leads nowhere. Besides, where
/// they stand if one was not enough.
pub(super) fn runs_from(
    problem: &LeastSquaresProblem<'_>,
    mut start: [f64; 3],
    newton: Newton<'_>,
    past_held: bool,
) -> (Option<Converged>, Option<Evaluation>) {
    let Newton { quads, enough, best, .. } = newton;
    let (mut held, mut crept): (Option<Evaluation>, _) = (None, None);
    for &least_damping in LEAST_DAMPING.iter().cycle().take(MOST_RUNS) {
        let newton = Newton { enough, best, least_damping, ..Newton::new(&mut *quads) };
        let Some(run) = run(problem, start, newton) else { return (None, None) };
        let Some(at) = run.solver.at else { return (None, None) };
        match run.state.status {
            TerminationStatus::Terminated(TerminationReason::SolverConverged) => {
                let fell = held.is_none_or(|before| at.rss < before.rss * (1.0 - SAME));
                if !(past_held && run.solver.held && fell) {
                    return (Some(Converged(at)), crept);
                }
                held = Some(at);
            }
            TerminationStatus::Terminated(TerminationReason::SolverExit(_)) => break,
            _ => {}
        }
        (start, crept) = (at.theta, Some(at));
    }
    // What no damping leads on from is at rest.
    (held.map(Converged), crept)
}

fn run<'p, 'w>(
    problem: &'p LeastSquaresProblem<'p>,
    start: [f64; 3],
    newton: Newton<'w>,
) -> Option<OptimizationResult<&'p LeastSquaresProblem<'p>, Newton<'w>, Search>> {
    Executor::new(problem, newton)
        .ctrlc(false)
        .timer(false)
        .configure(|state: Search| Search { theta: start, ..state })
        .run()
        .ok()
}

impl<'p> Solver<&'p LeastSquaresProblem<'p>, Search> for Newton<'_> {
    fn name(&self) -> &str {
        "projected Newton with step limits"
    }

    fn init(
        &mut self,
        problem: &mut Hosted<&'p LeastSquaresProblem<'p>>,
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
        problem: &mut Hosted<&'p LeastSquaresProblem<'p>>,
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

/// How many times its usual limit a step may be at most.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::kernel::Kernel;
    use crate::curve::definition::point::{Point, merge};
    use crate::curve::fitting::minimise::minimise;

    fn standards() -> Vec<crate::curve::definition::point::Standard> {
        let points: Vec<Point> = [0.0, 15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0]
            .map(|x: f64| Point { concentration: x, response: 0.05 + 2.7 / (1.0 + (x / 180.0).powf(-1.3)) })
            .to_vec();
        merge(&points)
    }

    #[test]
    fn exact_data_are_met_exactly() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let problem = LeastSquaresProblem::open(Kernel::Logistic, &standards, &weights);
        let mut quads = Quad::of(&standards, &weights);
        let found = minimise(&problem, [4.0, 0.0, 0.0], &mut quads).unwrap();
        assert!(found.rss < 1e-28, "{found:?}");
        assert!((found.theta[0].exp() - 180.0).abs() < 1e-9 && (found.theta[1].exp() - 1.3).abs() < 1e-12);
    }

    #[test]
    fn iterations_allocate_nothing() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let problem = LeastSquaresProblem::open(Kernel::Logistic, &standards, &weights);
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
