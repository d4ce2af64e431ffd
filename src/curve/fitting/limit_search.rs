//! The limits of a family in the search for its minimum: the best of each, and the way from a limit into the family and back.

use super::curve_family::{CurveFamily, Limit, Name, ends, limits};
use super::lower_bound::LowerBounds;
use super::minimise::{minimise, minimise_below};
use super::projection::LeastSquaresProblem;
use super::quad::Quad;
use super::shape::{FAR_RISE, SAME, Shape, beyond, spread};
use super::solver::Converged;
use super::start::{gaps, grid_minima, inside, kinks, spacing};
use super::step;
use crate::curve::definition::kernel::{Kernel, softplus};
use crate::curve::definition::point::Standard;

/// Plateaus so many ranges away, to which a valley leads, are on the way out of what is searched.
pub(crate) const LEADS_OUT: f64 = 1e4;

/// The family's limits that are not above `enough`, each at its best. They are listed from the simple to the composed.
pub(crate) fn limits_below(
    family: &CurveFamily,
    standards: &[Standard],
    weights: &[f64],
    enough: f64,
    quads: &mut [Quad],
) -> Vec<Shape> {
    let mut rivals = Vec::new();
    if family.runs_freely(Name::B)
        && let Some(step) = step::best(standards, weights, family.a, family.d)
        && step.rss <= enough
    {
        rivals.push(Shape::Step(step));
    }
    let bounds = LowerBounds::new(standards, weights);
    for limit in limits(family.model).iter().filter(|limit| !limit.kernel.is_out_of_reach()) {
        let Some(problem) = family.limit(limit, standards, weights) else { continue };
        let kernel = problem.kernel;
        if bounds.is_above(enough, kernel, None) {
            continue;
        }
        let starts = if kernel.has_kink() {
            kinks(&problem, |gap| !bounds.is_above(enough, kernel, Some(gap)), quads)
        } else {
            grid_minima(&problem, quads)
        };
        let mut best: Option<Converged> = None;
        for start in starts {
            // The first is followed to its end: a kink is dear to miss, and the way to it may be long.
            let of_interest = if kernel.is_power() { enough } else { f64::INFINITY };
            let lowest = best.map_or(f64::INFINITY, |best| best.rss);
            let problem = if kernel.has_kink() { off_the_standards(&problem, &start.theta) } else { problem };
            let found = minimise_below(&problem, start.theta, of_interest, lowest, quads);
            let found = found.filter(|at| at.alpha.abs() <= FAR_RISE * spread(standards) && at.rss <= enough);
            if let Some(at) = found
                && best.is_none_or(|best| at.rss < best.rss)
            {
                best = Some(at);
            }
        }
        rivals.extend(best.map(|at| Shape::Smooth { kernel, at }));
    }
    rivals
}

/// The same problem with its kink kept between the two standards that it is between at the start.
pub(crate) fn between<'a>(problem: &LeastSquaresProblem<'a>, start: &[f64; 3]) -> LeastSquaresProblem<'a> {
    let mut inside = *problem;
    if let Some(gap) = gaps(problem).into_iter().find(|(low, high)| (*low..*high).contains(&start[0])) {
        inside.bounds[0] = gap;
    }
    inside
}

/// And off them by the last digit: at a standard the slopes are those of one side, and a search that comes from the other would stop there
/// whatever they are on its own.
fn off_the_standards<'a>(problem: &LeastSquaresProblem<'a>, start: &[f64; 3]) -> LeastSquaresProblem<'a> {
    let mut inside = between(problem, start);
    let (low, high) = inside.bounds[0];
    inside.bounds[0] = (low.next_up(), high.next_down());
    inside
}

/// The lowest; a composed one that only repeats a simple one does not replace it. Sums of squares below `exact` are rounding.
pub(crate) fn best_of(rivals: &[Shape], exact: f64) -> Option<Shape> {
    let mut best: Option<Shape> = None;
    for &rival in rivals {
        if best.is_none_or(|best| rival.rss() < best.rss() * (1.0 - SAME) - exact) {
            best = Some(rival);
        }
    }
    best
}

/// Members of the family near one of its limits, from far to close: how near is a matter of `e^−2`, `e^−5` and `e^−9`, what the
/// family's kernel then differs from the limit's.
pub(crate) fn close_to(limit: &Shape, problem: &LeastSquaresProblem<'_>) -> Vec<[f64; 3]> {
    let (first, last) = ends(problem.standards);
    let steep = libm::log(STEEP / spacing(problem));
    [2.0, 5.0, 9.0]
        .into_iter()
        .filter_map(|near: f64| {
            let (kernel, at) = match limit {
                Shape::Smooth { kernel, at } => (*kernel, at),
                Shape::Step(step) => {
                    let level = |i: usize| problem.standards.get(i).filter(|s| s.x > 0.0).map_or(first, |s| s.ln_x);
                    let (below, above) = (level(step.first_above.max(1) - 1), level(step.first_above));
                    let middle = if step.on.is_some() { above } else { 0.5 * (below + above) };
                    return Some([middle, libm::log(2.0 * near / spacing(problem)), 0.0]);
                }
                Shape::None(_) => return None,
            };
            let [ln_c, ln_b, ln_g] = at.theta;
            let b = libm::exp(ln_b);
            let span = (last - first).max(1.0);
            Some(match kernel {
                Kernel::Power => [last + near / b, ln_b, 0.0],
                Kernel::InversePower => [first - near / b, ln_b, 0.0],
                Kernel::LogLinear => [0.5 * (first + last), -near - libm::log(span), 0.0],
                Kernel::Weibull => [last + (near - ln_g) / b, ln_b, near],
                Kernel::Frechet => [last + (ln_g - near) / b, ln_b, near],
                Kernel::Softplus | Kernel::MirrorSoftplus => [ln_c, ln_b, -near],
                Kernel::Hinge | Kernel::MirrorHinge => [ln_c, steep + near - 2.0, ln_b - steep - near + 2.0],
                Kernel::Ramp | Kernel::MirrorRamp => [ln_c, steep, -near - steep - libm::log(span)],
                Kernel::Logistic | Kernel::Five | Kernel::FiveMirror => return None,
                Kernel::FrechetFoot | Kernel::WeibullTail => return None,
            })
        })
        .collect()
}

/// The limits that a shape far out in the family may be running to, each at its minimum near it.
pub(crate) fn limits_towards(
    family: &CurveFamily,
    problem: &LeastSquaresProblem<'_>,
    theta: &[f64; 3],
    quads: &mut [Quad],
) -> Vec<Shape> {
    let within_reach = limits(family.model).iter().filter(|limit| !limit.kernel.is_out_of_reach());
    within_reach.filter_map(|limit| limit_towards(family, limit, problem, theta, quads)).collect()
}

/// A limit that a shape far out in the family may be running to, at its minimum near it.
pub(crate) fn limit_towards(
    family: &CurveFamily,
    limit: &Limit,
    problem: &LeastSquaresProblem<'_>,
    theta: &[f64; 3],
    quads: &mut [Quad],
) -> Option<Shape> {
    let of_limit = family.limit(limit, problem.standards, problem.weights)?;
    let kernel = of_limit.kernel;
    let start = inside(&of_limit, towards(kernel, problem, theta));
    let of_limit = if kernel.has_kink() { off_the_standards(&of_limit, &start) } else { of_limit };
    // A foot or a tail has one plateau that is far, the other is near.
    let far = if kernel.is_out_of_reach() { LEADS_OUT } else { FAR_RISE };
    let at = minimise(&of_limit, start, quads).filter(|at| !beyond(far, problem.standards, at))?;
    Some(Shape::Smooth { kernel, at })
}

/// The member of a limit that a shape far out in the family resembles: the inverse of [`close_to`].
fn towards(limit: Kernel, problem: &LeastSquaresProblem<'_>, theta: &[f64; 3]) -> [f64; 3] {
    let (first, last) = ends(problem.standards);
    let [ln_c, ln_b, ln_g] = *theta;
    let b = libm::exp(ln_b);
    let mirrored = problem.kernel == Kernel::FiveMirror;
    match limit {
        Kernel::Power => [last, if mirrored { ln_b + ln_g } else { ln_b }, 0.0],
        Kernel::InversePower => [ln_c, if mirrored { ln_b } else { ln_b + ln_g }, 0.0],
        Kernel::Weibull => [last, ln_b, ln_g + b * (last - ln_c)],
        Kernel::Frechet => [last, ln_b, ln_g + b * (ln_c - last)],
        Kernel::Hinge | Kernel::MirrorHinge => [ln_c, ln_b + ln_g, 0.0],
        // As steep and as bent, on the logarithmic scale, at the outermost standard.
        Kernel::FrechetFoot => [last, ln_b - softplus(b * (ln_c - last)), ln_g + b * (ln_c - last)],
        Kernel::WeibullTail => [first, ln_b - softplus(b * (first - ln_c)), ln_g + b * (first - ln_c)],
        _ => [ln_c, ln_b, 0.0],
    }
}

/// Slope × spacing of the standards from which a corner looks sharp.
const STEEP: f64 = 10.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::method::Method;
    use crate::curve::definition::model::Model;
    use crate::curve::definition::point::{Point, merge};
    use crate::curve::fit::family;

    fn standards() -> Vec<Standard> {
        let well = |i: u32| {
            let x = 5.0 * f64::from(1_u32 << i);
            Point { concentration: x, response: 0.1 + 2.9 * x / (x + 90.0) + 0.03 * f64::from(i % 3) }
        };
        merge(&(0..8).map(well).collect::<Vec<_>>())
    }

    /// The sums of squares of a family's member and of one of its limits.
    fn sums(model: Model, limit: &Limit, standards: &[Standard], at: &[f64; 3], of_limit: &[f64; 3]) -> (f64, f64) {
        let family = family(&Method { model, ..Method::default() }, standards);
        let weights = vec![1.0; standards.len()];
        let problem = family.problem(standards, &weights);
        let limit = family.limit(limit, standards, &weights).unwrap();
        let mut quads = Quad::of(standards, &weights);
        (problem.line_at(*at, &mut quads).rss, limit.line_at(*of_limit, &mut quads).rss)
    }

    /// Members of the family come closer to a limit from one to the next, and the last is hardly another curve.
    #[test]
    fn members_close_to_a_limit_come_closer_to_it() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        for model in [Model::FourParameter, Model::FiveParameter, Model::FiveParameterMirror] {
            let family = family(&Method { model, ..Method::default() }, &standards);
            let problem = family.problem(&standards, &weights);
            for limit in limits(model).iter().filter(|limit| !limit.kernel.is_out_of_reach()) {
                let mut quads = Quad::of(&standards, &weights);
                let own = family.limit(limit, &standards, &weights).unwrap();
                let start = inside(&own, [libm::log(90.0), 0.0, 0.0]);
                let own = if limit.kernel.has_kink() { between(&own, &start) } else { own };
                let Some(at) = minimise(&own, start, &mut quads) else { panic!("{:?}", limit.kernel) };
                let near = close_to(&Shape::Smooth { kernel: limit.kernel, at }, &problem);
                let off = |theta: &[f64; 3]| {
                    let (member, limit) = sums(model, limit, &standards, theta, &at.theta);
                    (member / limit - 1.0).abs()
                };
                let off: Vec<f64> = near.iter().map(off).collect();
                assert!(
                    off.len() == 3 && off[2] < 0.06 && off[2] < off[0],
                    "{model:?} {:?} {off:?} {:?}",
                    limit.kernel,
                    at.theta
                );
            }
        }
    }

    /// Far out in the family a shape looks like a member of the limit, the one that is named.
    #[test]
    fn a_shape_far_out_resembles_a_member_of_the_limit() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let (first, last) = ends(&standards);
        let (four, five, mirror) = (Model::FourParameter, Model::FiveParameter, Model::FiveParameterMirror);
        for (model, kernel, theta) in [
            (four, Kernel::Power, [last + 20.0, -0.3, 0.0]),
            (four, Kernel::InversePower, [first - 20.0, -0.3, 0.0]),
            (five, Kernel::Power, [last + 20.0, -0.3, 0.7]),
            (five, Kernel::InversePower, [first - 20.0, -0.5, 0.4]),
            (five, Kernel::Weibull, [last + 9.0, 0.2, 10.0]),
            (five, Kernel::Hinge, [4.0, 3.0, -2.5]),
            (five, Kernel::WeibullTail, [first + 6.0, -1.0, 5.0]),
            (mirror, Kernel::Power, [last + 20.0, -0.6, 0.3]),
            (mirror, Kernel::InversePower, [first - 20.0, -0.3, 0.9]),
            (mirror, Kernel::Frechet, [first - 8.0, 0.2, 10.0]),
            (mirror, Kernel::MirrorHinge, [4.0, 3.0, -2.5]),
            (mirror, Kernel::FrechetFoot, [last - 6.0, -1.0, 5.0]),
        ] {
            let problem = family(&Method { model, ..Method::default() }, &standards).problem(&standards, &weights);
            let limit = limits(model).iter().find(|limit| limit.kernel == kernel).unwrap();
            let (member, of_limit) = sums(model, limit, &standards, &theta, &towards(kernel, &problem, &theta));
            assert!((member / of_limit - 1.0).abs() < 0.02, "{model:?} {kernel:?} {member} {of_limit}");
        }
    }

    /// A foot or a tail is as steep and as bent as the curve at the outermost standard, on the logarithmic scale: first and second differences
    /// of ln s there, and of ln (1 − s).
    #[test]
    fn a_foot_or_a_tail_has_the_slopes_of_the_curve() {
        let standards = standards();
        let weights = vec![1.0; standards.len()];
        let (first, last) = ends(&standards);
        for (model, kernel, own, theta, at) in [
            (Model::FiveParameter, Kernel::WeibullTail, Kernel::Five, [first + 0.4, 0.3, 0.7], first),
            (Model::FiveParameterMirror, Kernel::FrechetFoot, Kernel::FiveMirror, [last - 0.4, 0.3, 0.7], last),
        ] {
            let problem = family(&Method { model, ..Method::default() }, &standards).problem(&standards, &weights);
            let log = |kernel: Kernel, theta: [f64; 3], ln_x: f64| {
                let [_, b, g] = theta.map(libm::exp);
                let s = kernel.jet(b * (ln_x - theta[0]), g).s;
                libm::log(if kernel == Kernel::Five { 1.0 - s } else { s.abs() })
            };
            let h = 1e-3;
            let slopes = |kernel: Kernel, theta: [f64; 3]| {
                let [low, middle, high] = [at - h, at, at + h].map(|ln_x| log(kernel, theta, ln_x));
                [(high - low) / (2.0 * h), (high - 2.0 * middle + low) / (h * h)]
            };
            let (curve, limit) = (slopes(own, theta), slopes(kernel, towards(kernel, &problem, &theta)));
            for (one, other) in curve.into_iter().zip(limit) {
                assert!((one / other - 1.0).abs() < 1e-4, "{kernel:?} {curve:?} {limit:?}");
            }
        }
    }
}
