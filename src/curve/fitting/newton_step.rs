//! One step of Newton's method on the projected sum of squares: damped until it is a descent, shortened to a longest length.
//!
//! ```text
//! (H + λ D) δ = −∇F        H exact Hessian, D the larger of the diagonals of |H| and of its Gauss–Newton part
//! ```
//!
//! `λ` grows until the matrix is positive definite (Levenberg's idea on the exact Hessian; Moré & Sorensen 1983).

use super::projection::{Evaluation, LeastSquaresProblem};
use super::quad::packed;
use super::slopes::Slopes;
use crate::curve::numerics::exponential::exp;

/// Longest step in `ln c` (of a curve with slope 1 or steeper), `ln b` and `ln g`.
pub(crate) const LONGEST: [f64; 3] = [0.7, 0.5, 0.7];

/// Damping at which a step is too short to be one.
pub(super) const MOST_DAMPING: f64 = 1e14;
/// Least share of the largest diagonal that a direction counts for.
const FLAT: f64 = 1e-14;

/// A step.
pub(super) struct NewtonStep {
    pub(super) by: [f64; 3],
    /// By how much the quadratic model says that twice `F` falls in the full step.
    pub(super) promise: f64,
    /// By how much it falls in the step as limited.
    pub(super) modelled: f64,
    /// Whether it is a Newton step, neither damped nor shortened.
    pub(super) newton: bool,
    /// Whether it was shortened.
    pub(super) limited: bool,
}

/// The parameters that are free and not held at a bound.
pub(crate) fn searched(problem: &LeastSquaresProblem<'_>, theta: &[f64; 3], gradient: &[f64; 3]) -> [bool; 3] {
    [0, 1, 2].map(|j| {
        let (low, high) = problem.bounds[j];
        let held = (theta[j] <= low && gradient[j] > 0.0) || (theta[j] >= high && gradient[j] < 0.0);
        problem.free[j] && !held
    })
}

/// The step of the head of this file, at most `reach` times [`LONGEST`], over the parameters that are free and not held at a bound.
pub(super) fn newton_step(
    problem: &LeastSquaresProblem<'_>,
    theta: &[f64; 3],
    slopes: &Slopes,
    (damping, least_damping): (f64, f64),
    reach: f64,
) -> Option<NewtonStep> {
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
        let longest = reach * if j == 0 { LONGEST[0] * exp(-theta[1]).max(1.0) } else { LONGEST[j] };
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
    Some(NewtonStep { by, promise, modelled, newton, limited: shorten < 1.0 })
}

/// By how much the full step of Gauss and Newton says that the sum of squares falls; `None` where two parameters do the same.
pub(super) fn full_promise(problem: &LeastSquaresProblem<'_>, at: &Evaluation, slopes: &Slopes) -> Option<f64> {
    let Slopes { gradient, gauss_newton, .. } = slopes;
    let scale = [0, 1, 2].map(|j| gauss_newton[packed(j, j)].max(f64::MIN_POSITIVE));
    let step = solve(gauss_newton, &scale, gradient, searched(problem, &at.theta, gradient), FLAT)?;
    Some((0..3).map(|j| gradient[j] * step[j]).sum())
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
