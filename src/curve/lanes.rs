//! Several plates at once, for the bootstrap: plates that differ in their responses only are fitted side by side, a plate per
//! lane of a vector.
//!
//! The equations are those of [`super::projection`], the steps those of [`super::solver`] without damping. Every loop over
//! lanes does the same to each of them, which the compiler turns into vector instructions; IEEE arithmetic is the same in a
//! vector, so the bits do not depend on the platform. A lane that needs more than plain Newton steps from the common start
//! (an indefinite Hessian, a step too long, a sum of squares that rises) is left to the solver.

use super::exponential::exp;
use super::kernel::Kernel;
use super::projection::Problem;
use super::solver::{LONGEST, NEWTON_PROMISE, SAME};

/// Plates per vector. Two fill the vectors that every x86-64 and AArch64 machine has; four leave the compiler room to
/// overlap them.
pub(crate) const LANES: usize = 4;

/// A number per plate.
pub(crate) type Lanes = [f64; LANES];

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

/// The kernel at one standard with its derivatives by `ln c` and `ln b`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LaneJet {
    s: Lanes,
    first: [Lanes; 2],
    /// By `cc`, `cb`, `bb`.
    second: [Lanes; 3],
}

/// The projected problem of each plate at its own shape.
#[derive(Default)]
struct Evaluated {
    rss: Lanes,
    alpha: Lanes,
    kappa: Lanes,
    gradient: [Lanes; 2],
    hessian: [Lanes; 3],
}

/// Whether plates of this problem can be fitted side by side: the 4PL with all parameters free.
pub(crate) fn side_by_side(problem: &Problem<'_>) -> bool {
    let open = |(low, high): (f64, f64)| low == f64::NEG_INFINITY && high == f64::INFINITY;
    problem.kernel == Kernel::Logistic && problem.free == [true, true, false] && open(problem.a) && open(problem.d)
}

/// The minimum of each plate, whose mean responses per level are `means`, from a common start; `None` for the solver.
pub(crate) fn minimise(
    problem: &Problem<'_>,
    means: &[Lanes],
    start: [f64; 3],
    jets: &mut [LaneJet],
) -> [Option<Minimum>; LANES] {
    let mut theta = [[start[0]; LANES], [start[1]; LANES]];
    let mut at = evaluate(problem, means, &theta, jets);
    let (mut done, mut lost) = ([false; LANES], [false; LANES]);
    for _ in 0..MOST_STEPS {
        let mut last = [false; LANES];
        for i in 0..LANES {
            let [cc, cb, bb] = at.hessian.map(|entry| entry[i]);
            let [c, b] = at.gradient.map(|entry| entry[i]);
            let determinant = cc * bb - cb * cb;
            let step = [(bb * c - cb * b) / determinant, (cc * b - cb * c) / determinant];
            let promise = step[0] * c + step[1] * b;
            // Comparisons with NaN must lose the lane.
            let plain = cc > 0.0 && determinant > 0.0 && step[0].abs() <= LONGEST[0] && step[1].abs() <= LONGEST[1];
            lost[i] |= !plain;
            last[i] = promise <= NEWTON_PROMISE * at.rss[i];
            if !done[i] && !lost[i] {
                theta[0][i] -= step[0];
                theta[1][i] -= step[1];
            }
        }
        let next = evaluate(problem, means, &theta, jets);
        for i in 0..LANES {
            let falls = next.rss[i] <= at.rss[i] * (1.0 + SAME);
            let inside = (0..2).all(|j| theta[j][i] > problem.bounds[j].0 && theta[j][i] < problem.bounds[j].1);
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
        found[i] = Some(Minimum { ln_c: theta[0][i], ln_b: theta[1][i], alpha: at.alpha[i], kappa: at.kappa[i] });
    }
    found
}

fn evaluate(problem: &Problem<'_>, means: &[Lanes], theta: &[Lanes; 2], jets: &mut [LaneJet]) -> Evaluated {
    let b = theta[1].map(exp);
    let (mut weight, mut s, mut y, mut first) = (0.0, [0.0; LANES], [0.0; LANES], [[0.0; LANES]; 2]);
    for (((jet, standard), w), mean) in jets.iter_mut().zip(problem.standards).zip(problem.weights).zip(means) {
        let nw = standard.n * w;
        weight += nw;
        if standard.x > 0.0 {
            fill(jet, standard.ln_x, &theta[0], &b);
        } else {
            *jet = LaneJet::default();
        }
        for i in 0..LANES {
            s[i] += nw * jet.s[i];
            y[i] += nw * mean[i];
            first[0][i] += nw * jet.first[0][i];
            first[1][i] += nw * jet.first[1][i];
        }
    }
    for i in 0..LANES {
        s[i] /= weight;
        y[i] /= weight;
        first[0][i] /= weight;
        first[1][i] /= weight;
    }
    let zero = [0.0; LANES];
    let (mut zz, mut zy, mut z_first, mut y_first) = (zero, zero, [zero; 2], [zero; 2]);
    let (mut first_first, mut z_second, mut y_second) = ([zero; 3], [zero; 3], [zero; 3]);
    for (((jet, standard), w), mean) in jets.iter().zip(problem.standards).zip(problem.weights).zip(means) {
        let nw = standard.n * w;
        for i in 0..LANES {
            let f = [jet.first[0][i] - first[0][i], jet.first[1][i] - first[1][i]];
            let (wz, wy) = (nw * (jet.s[i] - s[i]), nw * (mean[i] - y[i]));
            zz[i] += wz * (jet.s[i] - s[i]);
            zy[i] += wz * (mean[i] - y[i]);
            for j in 0..2 {
                z_first[j][i] += wz * f[j];
                y_first[j][i] += wy * f[j];
            }
            for (k, product) in [f[0] * f[0], f[0] * f[1], f[1] * f[1]].into_iter().enumerate() {
                first_first[k][i] += nw * product;
                z_second[k][i] += wz * jet.second[k][i];
                y_second[k][i] += wy * jet.second[k][i];
            }
        }
    }
    let mut at = Evaluated::default();
    for i in 0..LANES {
        let kappa = zy[i] / zz[i];
        (at.kappa[i], at.alpha[i]) = (kappa, y[i] - kappa * s[i]);
        let r_first = [y_first[0][i] - kappa * z_first[0][i], y_first[1][i] - kappa * z_first[1][i]];
        let u = [kappa * z_first[0][i] - r_first[0], kappa * z_first[1][i] - r_first[1]];
        at.gradient[0][i] = -kappa * r_first[0];
        at.gradient[1][i] = -kappa * r_first[1];
        for (k, product) in [u[0] * u[0], u[0] * u[1], u[1] * u[1]].into_iter().enumerate() {
            let r_second = y_second[k][i] - kappa * z_second[k][i];
            at.hessian[k][i] = kappa * kappa * first_first[k][i] - kappa * r_second - product / zz[i];
        }
    }
    for (((jet, standard), w), mean) in jets.iter().zip(problem.standards).zip(problem.weights).zip(means) {
        for i in 0..LANES {
            let r = mean[i] - at.alpha[i] - at.kappa[i] * jet.s[i];
            at.rss[i] += standard.n * w * r * r;
        }
    }
    at
}

/// The logistic kernel at `ln x` with its derivatives, as [`super::kernel::logistic`] and
/// [`super::projection::first_order`] have them.
#[inline]
fn fill(jet: &mut LaneJet, ln_x: f64, ln_c: &Lanes, b: &Lanes) {
    for i in 0..LANES {
        let t = b[i] * (ln_x - ln_c[i]);
        let e = exp(-t.abs());
        let near_one = 1.0 / (1.0 + e);
        let near_zero = e * near_one;
        let (p, q) = if t >= 0.0 { (near_one, near_zero) } else { (near_zero, near_one) };
        let slope = near_one * near_zero;
        let bend = slope * (q - p);
        let curved = slope + t * bend;
        jet.s[i] = p;
        jet.first[0][i] = -b[i] * slope;
        jet.first[1][i] = t * slope;
        jet.second[0][i] = b[i] * b[i] * bend;
        jet.second[1][i] = -b[i] * curved;
        jet.second[2][i] = t * curved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::kernel::Jet;
    use crate::curve::point::{Point, Standard, merge};
    use crate::curve::solver;

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
        let means: Vec<Lanes> = (0..levels.len()).map(|k| [0, 1, 2, 3].map(|i| plates[i][k].mean)).collect();
        let problem = |standards| Problem {
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
        let found = minimise(&problem(&plates[0]), &means, start, &mut vec![LaneJet::default(); levels.len()]);
        for (i, lane) in found.iter().enumerate().take(3) {
            let mut jets = vec![Jet::default(); levels.len()];
            let (at, _) = solver::minimise(&problem(&plates[i]), start, &mut jets).unwrap();
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
