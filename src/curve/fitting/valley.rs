//! Down the valley of a five-parameter family.
//!
//! Where responses hardly scatter, the sum of squares has a valley, bent, whose walls are up to a hundred million times as steep as its
//! floor: the way from a 4PL to a limit of the family. A step is straight and leaves the floor at once, so that a search creeps. Here the
//! asymmetry is stepped and the other parameters follow,
//!
//! ```text
//! F*(ln g) = min over ln c, ln b of F        dF*/d ln g = ∂F/∂ ln g    there
//! ```
//!
//! until the slope of `F*` changes sign, and the place of that is found.

use super::projection::{Evaluation, LeastSquaresProblem};
use super::quad::Quad;
use super::shape::{FAR_RISE, spread};
use super::solver::{Newton, runs_from};
use crate::curve::numerics::bracket;

/// The first step in `ln g`; each next one is twice as long, until one leads beyond what is searched.
const FIRST_STEP: f64 = 0.25;
/// Most steps.
const MOST_STEPS: usize = 14;
/// A step that leads beyond what is searched is tried again at this share.
const SHORTER: f64 = 0.25;

/// A place on the floor of the valley.
#[derive(Clone, Copy)]
struct ValleyPoint {
    theta: [f64; 3],
    rss: f64,
    /// Half of dF*/d ln g.
    slope: f64,
}

/// The lowest place of the valley on the way down from where a search stands; `None` where it leads nowhere, or to another valley that is
/// higher.
pub(super) fn down(problem: &LeastSquaresProblem<'_>, from: &Evaluation, quads: &mut [Quad]) -> Option<[f64; 3]> {
    if !problem.free[2] {
        return None;
    }
    let mut floor = |ln_g: f64, near: [f64; 3]| floor(problem, ln_g, near, quads);
    let (low, high) = problem.bounds[2];
    let mut here = floor(from.theta[2], from.theta)?;
    let way = -here.slope.signum();
    let (mut before, mut step, mut growth) = (None::<ValleyPoint>, FIRST_STEP, 2.0);
    for _ in 0..MOST_STEPS {
        let ln_g = (here.theta[2] + way * step).clamp(low, high);
        let Some(next) = floor(ln_g, ahead(before, here, ln_g)) else {
            (step, growth) = (SHORTER * step, 1.0);
            continue;
        };
        if next.slope * way > 0.0 {
            let mut near = here.theta;
            let root = bracket::root(
                |ln_g| {
                    let place = floor(ln_g, near);
                    near = place.map_or(near, |place| place.theta);
                    place.map_or(f64::NAN, |place| place.slope)
                },
                (here.theta[2], here.slope),
                (ln_g, next.slope),
            );
            // Where plateaus are far the slope is rounding, and its root is nowhere.
            here = floor(root, near).filter(|place| place.rss < here.rss).unwrap_or(here);
            break;
        }
        if ln_g == here.theta[2] || next.rss > here.rss {
            break;
        }
        (before, here, step) = (Some(here), next, growth * step);
    }
    (here.rss < from.rss).then_some(here.theta)
}

/// The other parameters where the valley is straight.
fn ahead(before: Option<ValleyPoint>, here: ValleyPoint, ln_g: f64) -> [f64; 3] {
    let Some(before) = before else { return here.theta };
    let share = (ln_g - here.theta[2]) / (here.theta[2] - before.theta[2]);
    [0, 1, 2].map(|j| here.theta[j] + share * (here.theta[j] - before.theta[j]))
}

/// The floor of the valley at one asymmetry.
fn floor(problem: &LeastSquaresProblem<'_>, ln_g: f64, near: [f64; 3], quads: &mut [Quad]) -> Option<ValleyPoint> {
    let across = LeastSquaresProblem { free: [problem.free[0], problem.free[1], false], ..*problem };
    let (at, _) = runs_from(&across, [near[0], near[1], ln_g], Newton::new(quads), false);
    let at = at?;
    let (at, slopes) = problem.evaluate(at.theta, quads);
    if at.alpha.abs().max(at.kappa.abs()) > FAR_RISE * spread(problem.standards) {
        return None;
    }
    Some(ValleyPoint { theta: at.theta, rss: at.rss, slope: slopes.gradient[2] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::kernel::Kernel;
    use crate::curve::definition::point::{Point, Standard, merge};
    use crate::curve::fitting::minimise::minimise;

    fn standards() -> Vec<Standard> {
        let noise = [0.002, -0.003, 0.001, 0.004, -0.002, -0.001, 0.003, -0.002, 0.001];
        let well = |i: usize| {
            let x = 5.0 * 2.0_f64.powi(i as i32);
            let t = 1.4 * (x.ln() - 4.0);
            Point { concentration: x, response: 0.1 + 2.9 * Kernel::Five.jet(t, 0.6).s + noise[i] }
        };
        merge(&(0..9).map(well).collect::<Vec<_>>())
    }

    /// From asymmetries on both sides the floor of the valley leads to the minimum, short of it to the bound.
    #[test]
    fn a_valley_leads_down_to_the_minimum() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let bounds = [(-20.0, 20.0), (-5.0, 5.0), (-10.0, 10.0)];
        let problem = LeastSquaresProblem { bounds, ..LeastSquaresProblem::open(Kernel::Five, &standards, &weights) };
        let mut quads = Quad::of(&standards, &weights);
        let minimum = minimise(&problem, [4.0, 0.3, -0.5], &mut quads).unwrap();
        for ln_g in [-2.0, -1.0, 0.3, 1.5] {
            let from = problem.line_at([4.0, 0.3, ln_g], &mut quads);
            let to = down(&problem, &from, &mut quads).unwrap();
            assert!((to[2] - minimum.theta[2]).abs() < 1e-5, "{ln_g}: {to:?} {:?}", minimum.theta);
        }
        let short = LeastSquaresProblem { bounds: [bounds[0], bounds[1], (0.2, 10.0)], ..problem };
        let from = short.line_at([4.0, 0.3, 1.5], &mut quads);
        assert_eq!(down(&short, &from, &mut quads).map(|to| to[2]), Some(0.2));
        // Without an asymmetry there is no valley.
        assert_eq!(down(&LeastSquaresProblem { free: [true, true, false], ..problem }, &from, &mut quads), None);
    }
}
