//! The projected problem, against differences and against itself.

use super::*;
use crate::curve::definition::point::{Point, merge};
use crate::curve::fitting::quad::packed;

const OPEN: Bound = (f64::NEG_INFINITY, f64::INFINITY);

fn standards() -> Vec<Standard> {
    let wells = [(0.0, 0.05), (0.0, 0.06), (1.0, 0.2), (3.0, 0.7), (3.0, 0.8), (10.0, 1.5), (40.0, 2.1), (90.0, 2.2)];
    merge(&wells.map(|(concentration, response)| Point { concentration, response }))
}

#[test]
fn gradient_and_hessian_agree_with_differences() {
    let standards = standards();
    let weights: Vec<f64> = standards.iter().map(|s| 1.0 / s.mean).collect();
    for kernel in
        [Kernel::Logistic, Kernel::Five, Kernel::FiveMirror, Kernel::Weibull, Kernel::Frechet, Kernel::Softplus]
    {
        for (a, d) in [(OPEN, OPEN), ((0.03, 0.03), OPEN), (OPEN, (2.5, 2.5)), ((0.03, 0.03), (2.5, 2.5))] {
            let problem = LeastSquaresProblem { a, d, ..LeastSquaresProblem::open(kernel, &standards, &weights) };
            let mut quads = Quad::of(&standards, &weights);
            let theta = [1.7, 0.2, if problem.free[2] { -0.3 } else { 0.0 }];
            let (_, here) = problem.evaluate(theta, &mut quads);
            let h = 1e-5;
            for j in (0..3).filter(|&j| problem.free[j]) {
                let (mut up, mut down) = (theta, theta);
                up[j] += h;
                down[j] -= h;
                let ((up, slopes_up), (down, slopes_down)) =
                    (problem.evaluate(up, &mut quads), problem.evaluate(down, &mut quads));
                let slope = (up.rss - down.rss) / (4.0 * h);
                assert!((here.gradient[j] - slope).abs() < 1e-7 * (1.0 + slope.abs()), "{kernel:?} {j} {slope}");
                for k in (0..3).filter(|&k| problem.free[k]) {
                    let slope = (slopes_up.gradient[k] - slopes_down.gradient[k]) / (2.0 * h);
                    let found = here.hessian[packed(j.max(k), j.min(k))];
                    assert!((found - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{kernel:?} {j}{k} {slope} {found}");
                }
            }
        }
    }
}

#[test]
fn bounded_plateaus_are_met() {
    let standards = standards();
    let weights = vec![1.0; standards.len()];
    let problem = LeastSquaresProblem {
        a: (0.2, 0.5),
        d: (0.0, 2.0),
        ..LeastSquaresProblem::open(Kernel::Logistic, &standards, &weights)
    };
    let mut quads = Quad::of(&standards, &weights);
    let found = problem.line_at([1.7, 0.2, 0.0], &mut quads);
    assert!((0.2 - 1e-12..=0.5).contains(&found.alpha));
    assert!(found.alpha + found.kappa <= 2.0 + 1e-12);
}

/// Points that differ in `ln c` only are looked at four at a time, with the powers of the standards shared.
#[test]
fn sums_along_a_row_are_those_of_its_points() {
    let standards = standards();
    let weights: Vec<f64> = standards.iter().map(|s| 1.0 / s.mean).collect();
    for (kernel, a) in [(Kernel::Logistic, OPEN), (Kernel::Logistic, (0.1, 0.2)), (Kernel::Five, OPEN)] {
        let free = kernel.depends_on();
        let problem = LeastSquaresProblem { a, ..LeastSquaresProblem::open(kernel, &standards, &weights) };
        let mut quads = Quad::of(&standards, &weights);
        let theta = |i: usize| [0.7 * i as f64 - 1.0, 0.3, if free[2] { -0.3 } else { 0.0 }];
        let mut found = [0.0; 10];
        problem.rss_along(theta, &mut quads, &mut found);
        for (i, found) in found.into_iter().enumerate() {
            let own = problem.line_at(theta(i), &mut quads).rss;
            assert!((found / own - 1.0).abs() < 1e-9, "{kernel:?} {i}: {found} {own}");
        }
    }
}

/// Where nothing is left the Hessian is its Gauss–Newton part.
#[test]
fn without_residuals_the_hessian_is_that_of_gauss_and_newton() {
    let theta: [f64; 3] = [1.7, 0.2, -0.3];
    for kernel in [Kernel::Five, Kernel::FiveMirror, Kernel::Weibull] {
        let well = |concentration: f64| {
            let t = theta[1].exp() * (concentration.ln() - theta[0]);
            Point { concentration, response: 0.1 + 2.0 * kernel.jet(t, theta[2].exp()).s }
        };
        let standards = merge(&[0.5, 1.0, 3.0, 10.0, 40.0, 90.0].map(well));
        let weights: Vec<f64> = standards.iter().map(|s| 1.0 / s.mean).collect();
        for a in [OPEN, (0.1, 0.1)] {
            let problem = LeastSquaresProblem { a, ..LeastSquaresProblem::open(kernel, &standards, &weights) };
            let (at, slopes) = problem.evaluate(theta, &mut Quad::of(&standards, &weights));
            assert!(at.rss < 1e-24, "{kernel:?} {at:?}");
            for (one, other) in slopes.hessian.into_iter().zip(slopes.gauss_newton) {
                assert!((one - other).abs() < 1e-9 * (1.0 + one.abs()), "{kernel:?} {one} {other}");
            }
        }
    }
}
