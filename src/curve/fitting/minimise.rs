//! The minimum near a start: by the solver and, where that creeps along a valley, once more from the lowest place of it.

use super::projection::LeastSquaresProblem;
use super::quad::Quad;
use super::solver::{Converged, Newton, runs_from};
use super::valley;

/// Runs the search from `start`, and again from where it was given up; `None` unless it converged.
pub(crate) fn minimise(problem: &LeastSquaresProblem<'_>, start: [f64; 3], quads: &mut [Quad]) -> Option<Converged> {
    runs(problem, start, Newton::new(quads), false)
}

/// The same, but a run whose full Newton step promises less than a third of the way down to `enough` is given up: there is no
/// minimum near that is below. One that is still above `best`, the lowest sum of squares known, after more iterations than
/// minima take is on its way to a limit of the family, and is given up as well.
pub(crate) fn minimise_below(
    problem: &LeastSquaresProblem<'_>,
    start: [f64; 3],
    enough: f64,
    best: f64,
    quads: &mut [Quad],
) -> Option<Converged> {
    runs(problem, start, Newton::below(quads, enough, best), true)
}

/// Runs from a start; where they creep, once more from the lowest place of the valley that they creep along. The lower of both.
fn runs(problem: &LeastSquaresProblem<'_>, start: [f64; 3], newton: Newton<'_>, past_held: bool) -> Option<Converged> {
    let Newton { quads, enough, best, .. } = newton;
    let (first, crept) = runs_from(problem, start, Newton::below(&mut *quads, enough, best), past_held);
    let Some(lowest) = crept.and_then(|at| valley::down(problem, &at, &mut *quads)) else { return first };
    let (second, _) = runs_from(problem, lowest, Newton::below(quads, enough, best), past_held);
    match (first, second) {
        (Some(first), Some(second)) if first.rss <= second.rss => Some(first),
        (first, second) => second.or(first),
    }
}
