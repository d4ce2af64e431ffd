//! The minimum of the quasi-deviance itself.
//!
//! Where wells scatter much, the alternation between a curve and its variances may swing about a minimum of the quasi-deviance for
//! ever, or leave it: it stands still there, but is not drawn there. Here Newton's method goes down the quasi-deviance of a shape
//! with its best line,
//!
//! ```text
//! D*(θ) = min over α, κ of D(α + κ s(x; θ))
//! ```
//!
//! Its gradient is that of the sum of squares under the variances of the means (see [`super::quasi`]) and exact; its Hessian is taken by
//! differences of it. The line is found by Newton's steps as well. That costs some times what alternation does, and is asked for only
//! where that fails.

use super::newton_step::{LONGEST, searched, solve};
use super::projection::{Evaluation, LeastSquaresProblem, Line, kernels};
use super::quad::{Quad, packed};
use super::quasi::deviance;
use super::solver::Converged;
use crate::curve::definition::point::Standard;
use crate::curve::definition::variance_law::Law;

/// Most steps.
const MOST_STEPS: usize = 200;
/// Most rounds between a line and the variances of its means.
const MOST_ROUNDS: usize = 200;
/// Relative change of the means at which these agree.
const SETTLED: f64 = 1e-13;
/// What a change of the variance counts beside one of the means: it may be large where a mean is near zero.
const SAME_VARIANCE: f64 = 1e-4;
/// So many rounds are Newton's: at the floor of the means the bend of the quasi-deviance leaps, and he may go to and fro.
const MOST_NEWTON: usize = 20;
/// How many times as far as alternation Newton's step of a line may lead.
const FARTHEST: f64 = 20.0;
/// Step of the differences.
const DIFFERENCE: f64 = 1e-4;
/// Damping beyond which no step is one.
const MOST_DAMPING: f64 = 1e12;

/// A shape with its line under the variances of its own means.
struct DescentPoint {
    at: Evaluation,
    weights: Vec<f64>,
    cost: f64,
    gradient: [f64; 3],
}

/// The minimum below a shape, with the weights that belong to it; `None` where none is reached, or where a full Newton step promises less
/// than a third of the way down to `enough`. The variance law is constant within ±`floor`.
pub(crate) fn descend(
    problem: &LeastSquaresProblem<'_>,
    start: [f64; 3],
    (law, floor): (Law, f64),
    enough: f64,
) -> Option<(Converged, Vec<f64>)> {
    let look = |theta, weights: &[f64]| place(problem, theta, weights, (law, floor));
    let mut here = look(start, problem.weights)?;
    let mut damping = 0.0;
    for _ in 0..MOST_STEPS {
        let turned = LeastSquaresProblem { weights: &here.weights, ..*problem };
        if let Some(at) = Converged::standing(&turned, here.at.theta, &mut Quad::of(problem.standards, &here.weights)) {
            return Some((at, here.weights));
        }
        let hessian = curvature(problem, &here, look)?;
        loop {
            let Some((theta, promise)) = step(problem, &here, &hessian, damping) else {
                damping = (10.0 * damping).max(1e-3);
                if damping > MOST_DAMPING {
                    return None;
                }
                continue;
            };
            if damping == 0.0 && here.cost - 3.0 * promise > enough {
                return None;
            }
            if let Some(next) = look(theta, &here.weights).filter(|next| next.cost <= here.cost) {
                (here, damping) = (next, if damping > 1e-6 { 0.1 * damping } else { 0.0 });
                break;
            }
            damping = (10.0 * damping).max(1e-3);
            if damping > MOST_DAMPING {
                return None;
            }
        }
    }
    None
}

/// The shape with its line, looked for from these weights on; `None` where line and variances do not settle.
fn place(
    problem: &LeastSquaresProblem<'_>,
    theta: [f64; 3],
    weights: &[f64],
    (law, floor): (Law, f64),
) -> Option<DescentPoint> {
    let variance = |mean: f64| law.variance(mean, floor);
    let standards: &[Standard] = problem.standards;
    let mut quads = Quad::of(standards, weights);
    let (mut means, mut next) = (Vec::new(), Vec::new());
    problem.line_at(theta, &mut quads).means(&quads, standards.len(), &mut means);
    let kernel: Vec<f64> = kernels(&quads, standards.len()).collect();
    let (mut follow, mut before) = (1.0_f64, f64::INFINITY);
    for round in 0..MOST_ROUNDS {
        let weights: Vec<f64> = means.iter().map(|&mean| 1.0 / variance(mean)).collect();
        let at = problem.line_again(theta, &mut quads, weights.iter().copied());
        at.means(&quads, standards.len(), &mut next);
        let size = means.iter().fold(floor, |size, mean| size.max(mean.abs()));
        let change = |(&old, &new): (&f64, &f64)| {
            ((new - old).abs() / size).max(SAME_VARIANCE * (variance(new) / variance(old) - 1.0).abs())
        };
        let change = means.iter().zip(&next).map(change).fold(0.0, f64::max);
        if change <= SETTLED {
            let turned = LeastSquaresProblem { weights: &weights, ..*problem };
            let (at, slopes) = turned.evaluate(theta, &mut quads);
            let cost = deviance(standards, &next, law, floor);
            return cost.is_finite().then_some(DescentPoint { at, weights, cost, gradient: slopes.gradient });
        }
        if change > before {
            follow = (0.5 * follow).max(0.05);
        }
        before = change;
        let newton = (at.line == Line::Free && round < MOST_NEWTON)
            .then(|| line_step(standards, &kernel, &means, floor, variance))
            .flatten()
            .filter(|step| step.iter().all(|by| by.abs() <= FARTHEST * change * size));
        match newton {
            Some(step) => means.iter_mut().zip(step).for_each(|(mean, by)| *mean += by),
            None => means.iter_mut().zip(&next).for_each(|(mean, next)| *mean += follow * (next - *mean)),
        }
    }
    None
}

/// Newton's step of the quasi-deviance over the lines of a kernel, at each level; `None` where it has no minimum there. Alternation takes
/// many rounds where wells scatter much, this a few.
fn line_step(
    standards: &[Standard],
    kernel: &[f64],
    means: &[f64],
    floor: f64,
    variance: impl Fn(f64) -> f64,
) -> Option<Vec<f64>> {
    let level = |((standard, &s), &mean): ((&Standard, &f64), &f64)| {
        let by = 1e-6 * mean.abs().max(floor);
        let slope = (1.0 / variance(mean + by) - 1.0 / variance(mean - by)) / (2.0 * by);
        let (weight, r) = (1.0 / variance(mean), standard.mean - mean);
        (standard.n * weight * r, standard.n * (weight - r * slope), s)
    };
    let levels: Vec<(f64, f64, f64)> = standards.iter().zip(kernel).zip(means).map(level).collect();
    let bend: f64 = levels.iter().map(|(_, h, _)| h).sum();
    let middle = levels.iter().map(|(_, h, s)| h * s).sum::<f64>() / bend;
    let length: f64 = levels.iter().map(|(_, h, s)| h * (s - middle) * (s - middle)).sum();
    let height = levels.iter().map(|(g, _, _)| g).sum::<f64>() / bend;
    let slope = levels.iter().map(|(g, _, s)| g * (s - middle)).sum::<f64>() / length;
    (bend > 0.0 && length > 0.0).then(|| kernel.iter().map(|s| height + slope * (s - middle)).collect())
}

/// The Hessian of half of `D*` by differences of its gradient, in the parameters that are free.
fn curvature(
    problem: &LeastSquaresProblem<'_>,
    here: &DescentPoint,
    look: impl Fn([f64; 3], &[f64]) -> Option<DescentPoint>,
) -> Option<[f64; 6]> {
    let mut rows = [[0.0; 3]; 3];
    for j in (0..3).filter(|&j| problem.free[j]) {
        let at = |by: f64| {
            let mut theta = here.at.theta;
            theta[j] = (theta[j] + by).clamp(problem.bounds[j].0, problem.bounds[j].1);
            look(theta, &here.weights)
        };
        let (up, down) = (at(DIFFERENCE)?, at(-DIFFERENCE)?);
        let apart = up.at.theta[j] - down.at.theta[j];
        rows[j] = [0, 1, 2].map(|k| if apart > 0.0 { (up.gradient[k] - down.gradient[k]) / apart } else { 0.0 });
    }
    let mut hessian = [0.0; 6];
    for j in 0..3 {
        for k in 0..=j {
            let other = if problem.free[k] { rows[k][j] } else { 0.0 };
            let own = if problem.free[j] { rows[j][k] } else { 0.0 };
            hessian[packed(j, k)] = 0.5 * (own + other);
        }
    }
    Some(hessian)
}

/// Where a damped Newton step leads, and by how much it promises that the quasi-deviance falls in full; `None` where the matrix is not positive definite.
fn step(
    problem: &LeastSquaresProblem<'_>,
    here: &DescentPoint,
    hessian: &[f64; 6],
    damping: f64,
) -> Option<([f64; 3], f64)> {
    let theta = here.at.theta;
    let scale = [0, 1, 2].map(|j| hessian[packed(j, j)].abs().max(f64::MIN_POSITIVE));
    let solved = solve(hessian, &scale, &here.gradient, searched(problem, &theta, &here.gradient), damping)?;
    let promise = (0..3).map(|j| here.gradient[j] * solved[j]).sum();
    let to = [0, 1, 2].map(|j| {
        let by = (-solved[j]).clamp(-LONGEST[j], LONGEST[j]);
        (theta[j] + by).clamp(problem.bounds[j].0, problem.bounds[j].1)
    });
    Some((to, promise))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::kernel::Kernel;
    use crate::curve::definition::point::{Point, merge};

    /// No neighbour of the shape, with its own best line, is lower; and the weights are those of the means.
    #[test]
    fn it_ends_in_a_minimum_of_the_quasi_deviance() {
        let wells = [(0.0, 0.02), (0.4, 0.09), (1.3, 0.05), (4.0, 0.41), (12.0, 0.9), (40.0, 2.9), (120.0, 2.2)];
        let standards = merge(&wells.map(|(concentration, response)| Point { concentration, response }));
        let floor = 0.003;
        for law in [Law::Power(0.5), Law::Power(1.0)] {
            let variance = |mean: f64| law.variance(mean, floor);
            let weights: Vec<f64> = standards.iter().map(|s| 1.0 / variance(s.mean)).collect();
            let problem = LeastSquaresProblem {
                bounds: [(-20.0, 20.0), (-5.0, 5.0), (0.0, 0.0)],
                ..LeastSquaresProblem::open(Kernel::Logistic, &standards, &weights)
            };
            let (at, weights) = descend(&problem, [1.0, 0.6, 0.0], (law, floor), f64::INFINITY).unwrap();
            let means = problem.fitted(&at);
            for (w, mean) in weights.iter().zip(&means) {
                assert!((w * variance(*mean) - 1.0).abs() < 1e-9);
            }
            let lowest = deviance(&standards, &means, law, floor);
            for by in [[0.05, 0.0], [-0.05, 0.0], [0.0, 0.05], [0.0, -0.05], [0.03, 0.03], [0.03, -0.03]] {
                let theta = [at.theta[0] + by[0], at.theta[1] + by[1], 0.0];
                let beside = place(&problem, theta, &weights, (law, floor)).unwrap();
                assert!(beside.cost > lowest, "{law:?} {by:?}: {} below {lowest}", beside.cost);
            }
        }
    }

    /// A step of Newton's takes away so much of the gradient as is gone of it: along a thousandth of the step, a thousandth.
    #[test]
    fn the_step_of_a_line_is_that_of_newton() {
        let wells = [(0.4, 0.2), (1.3, 0.5), (4.0, 0.7), (12.0, 1.5), (40.0, 2.2), (120.0, 2.2)];
        let standards = merge(&wells.map(|(concentration, response)| Point { concentration, response }));
        let (law, floor) = (Law::Power(1.0), 0.003);
        let variance = |mean: f64| law.variance(mean, floor);
        let kernel = [0.05, 0.15, 0.3, 0.5, 0.8, 0.95];
        let means = kernel.map(|s| 0.1 + 2.4 * s);
        let gradient = |means: &[f64]| {
            let level = |i: usize| standards[i].n * (standards[i].mean - means[i]) / variance(means[i]);
            [(0..6).map(level).sum::<f64>(), (0..6).map(|i| level(i) * kernel[i]).sum::<f64>()]
        };
        let step = line_step(&standards, &kernel, &means, floor, variance);
        let step = step.unwrap_or_else(|| panic!("no minimum"));
        let along = |share: f64| gradient(&std::array::from_fn::<f64, 6, _>(|i| means[i] + share * step[i]));
        let (before, up, down) = (gradient(&means), along(1e-4), along(-1e-4));
        for i in 0..2 {
            let slope = (up[i] - down[i]) / 2e-4;
            assert!((slope / before[i] + 1.0).abs() < 1e-5, "{slope} {before:?}");
        }
        // Where all wells are less than half of the curve, the quasi-deviance bends downwards.
        assert!(line_step(&standards, &kernel, &kernel.map(|s| 20.0 + 2.4 * s), floor, variance).is_none());
    }
}
