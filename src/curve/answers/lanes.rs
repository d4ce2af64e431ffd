//! Several plates at once, for the bootstrap: plates that differ in their responses only are fitted side by side, a plate per
//! lane of a vector.
//!
//! The equations are those of [`crate::curve::fitting::projection`], the steps those of [`crate::curve::fitting::solver`] without damping. A lane that needs more than plain Newton steps from the common start
//! (an indefinite Hessian, a step too long, a sum of squares that rises) is left to the solver.

use crate::curve::definition::kernel::Kernel;
use crate::curve::fitting::newton_step::LONGEST;
use crate::curve::fitting::projection::LeastSquaresProblem;
use crate::curve::fitting::quad::KernelRows;
use crate::curve::fitting::slopes::{Slopes, Sums};
use crate::curve::fitting::solver::{NEWTON_PROMISE, SAME};
use crate::curve::numerics::exponential::exp;
use crate::curve::numerics::lanes::{Four, LANES, Numeric};

/// Plain Newton steps after which a lane is left to the solver; from the curve itself, four do.
const MOST_STEPS: usize = 12;

/// Where a lane ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Minimum {
    pub ln_c: f64,
    pub ln_b: f64,
    pub alpha: f64,
    pub kappa: f64,
}

/// The projected problem of each plate at its own shape.
#[derive(Default)]
struct LaneEvaluations {
    rss: Four,
    alpha: Four,
    kappa: Four,
    slopes: [Slopes; LANES],
}

/// Whether plates of this problem can be fitted side by side: the 4PL with all parameters free.
pub(crate) fn side_by_side(problem: &LeastSquaresProblem<'_>) -> bool {
    let open = |(low, high): (f64, f64)| low == f64::NEG_INFINITY && high == f64::INFINITY;
    problem.kernel == Kernel::Logistic && problem.free == [true, true, false] && open(problem.a) && open(problem.d)
}

/// The minimum of each plate, whose mean responses per level are `means`, from a common start; `None` for the solver.
pub(crate) fn minimise(
    problem: &LeastSquaresProblem<'_>,
    means: &[Four],
    start: [f64; 3],
    rows: &mut [KernelRows],
) -> [Option<Minimum>; LANES] {
    let mut theta = [Four::all(start[0]), Four::all(start[1])];
    let mut at = evaluate(problem, means, &theta, rows);
    let (mut done, mut lost) = ([false; LANES], [false; LANES]);
    for _ in 0..MOST_STEPS {
        let mut last = [false; LANES];
        for i in 0..LANES {
            let Slopes { gradient: [c, b, _], hessian: [cc, cb, bb, ..], .. } = at.slopes[i];
            let determinant = cc * bb - cb * cb;
            let step = [(bb * c - cb * b) / determinant, (cc * b - cb * c) / determinant];
            let promise = step[0] * c + step[1] * b;
            // Comparisons with NaN must lose the lane.
            let plain = cc > 0.0 && determinant > 0.0 && step[0].abs() <= LONGEST[0] && step[1].abs() <= LONGEST[1];
            lost[i] |= !plain;
            last[i] = promise <= NEWTON_PROMISE * at.rss.0[i];
            if !done[i] && !lost[i] {
                theta[0].0[i] -= step[0];
                theta[1].0[i] -= step[1];
            }
        }
        let next = evaluate(problem, means, &theta, rows);
        for i in 0..LANES {
            let falls = next.rss.0[i] <= at.rss.0[i] * (1.0 + SAME);
            let inside = (0..2).all(|j| theta[j].0[i] > problem.bounds[j].0 && theta[j].0[i] < problem.bounds[j].1);
            lost[i] |= !(done[i] || falls && inside);
            done[i] |= last[i] && !lost[i];
        }
        at = next;
        if (0..LANES).all(|i| done[i] || lost[i]) {
            break;
        }
    }
    let mut found = [None; LANES];
    for i in (0..LANES).filter(|&i| done[i]) {
        found[i] =
            Some(Minimum { ln_c: theta[0].0[i], ln_b: theta[1].0[i], alpha: at.alpha.0[i], kappa: at.kappa.0[i] });
    }
    found
}

fn evaluate(
    problem: &LeastSquaresProblem<'_>,
    means: &[Four],
    theta: &[Four; 2],
    rows: &mut [KernelRows],
) -> LaneEvaluations {
    let zero = Four::default();
    let b = exp(theta[1]);
    let (mut weight, mut s, mut y, mut first) = (0.0, zero, zero, [zero; 2]);
    for (((row, standard), w), mean) in rows.iter_mut().zip(problem.standards).zip(problem.weights).zip(means) {
        let nw = Four::all(standard.n * w);
        weight += standard.n * w;
        *row = if standard.x > 0.0 { KernelRows::logistic(standard.ln_x, theta[0], b) } else { KernelRows::default() };
        s += nw * row.s;
        y += nw * *mean;
        first[0] += nw * row.first[0];
        first[1] += nw * row.first[1];
    }
    let per_weight = Four::all(1.0 / weight);
    let (s, y, first) = (s * per_weight, y * per_weight, first.map(|sum| sum * per_weight));
    let levels = || rows.iter().zip(problem.standards).zip(problem.weights).zip(means);
    let (mut zz, mut zy) = (zero, zero);
    for (((row, standard), w), mean) in levels() {
        let z = row.s - s;
        let wz = Four::all(standard.n * w) * z;
        zz += wz * z;
        zy += wz * (*mean - y);
    }
    let mut kappa = zero;
    for i in 0..LANES {
        kappa.0[i] = zy.0[i] / zz.0[i];
    }
    let alpha = y - kappa * s;
    let (mut rss, mut sums) = (zero, Sums::<Four, 2>::default());
    for (((row, standard), w), mean) in levels() {
        let (nw, r) = (Four::all(standard.n * w), *mean - alpha - kappa * row.s);
        rss += nw * r * r;
        sums.add(nw, row.s - s, r, &[row.first[0] - first[0], row.first[1] - first[1]], &row.second);
    }
    let slopes = [0, 1, 2, 3].map(|i| sums.reduce(|four| four.0[i]).slopes(kappa.0[i], false));
    LaneEvaluations { rss, alpha, kappa, slopes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::{Point, Standard, merge};
    use crate::curve::fitting::minimise;
    use crate::curve::fitting::quad::Quad;
    use crate::curve::numerics::lanes::Lanes;

    #[test]
    fn plates_side_by_side_end_where_the_solver_ends() {
        let open = (f64::NEG_INFINITY, f64::INFINITY);
        let levels = [0.0, 15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0];
        let plate = |noise: f64| -> Vec<Standard> {
            let well = |x: f64| Point {
                concentration: x,
                response: 0.05 + 2.7 / (1.0 + (x / 180.0).powf(-1.3)) + noise * (0.3 * x).sin(),
            };
            merge(&levels.map(well))
        };
        let noises = [0.01, 0.03, -0.05, 3.0];
        let plates = noises.map(plate);
        let weights = vec![1.0; levels.len()];
        let means: Vec<Four> = (0..levels.len()).map(|k| Lanes([0, 1, 2, 3].map(|i| plates[i][k].mean))).collect();
        let problem = |standards| LeastSquaresProblem {
            standards,
            weights: &weights,
            kernel: Kernel::Logistic,
            free: [true, true, false],
            bounds: [(-10.0, 20.0), (-5.0, 5.0), (0.0, 0.0)],
            a: open,
            d: open,
        };
        let start = [5.2, 0.26, 0.0];
        assert!(side_by_side(&problem(&plates[0])));
        let found = minimise(&problem(&plates[0]), &means, start, &mut vec![KernelRows::default(); levels.len()]);
        for (i, lane) in found.iter().enumerate().take(3) {
            let mut quads = Quad::of(&plates[i], &weights);
            let at = minimise::minimise(&problem(&plates[i]), start, &mut quads).unwrap();
            let lane = lane.unwrap();
            for (found, expected) in
                [(lane.ln_c, at.theta[0]), (lane.ln_b, at.theta[1]), (lane.alpha, at.alpha), (lane.kappa, at.kappa)]
            {
                assert!((found - expected).abs() < 1e-10, "plate {i}: {found} {expected}");
            }
        }
        assert_eq!(found[3], None, "noise as large as the curve is left to the solver");
    }
}
