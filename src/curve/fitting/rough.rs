//! Where the search starts for a curve whose own variances are far from those of the observed means.
//!
//! Where wells scatter much, the minima of the sum of squares under the variances of the observed means are not near those of
//! the quasi-deviance, see [`super::quasi`]. There the quasi-deviance itself is looked at, on a lattice of shapes, each with the
//! line that is best under the variances of its own means; the search starts where it is lower than all around.

use super::curve_family::{CurveFamily, ends};
use super::descent::descend;
use super::limit_search::limits_towards;
use super::minimise::minimise;
use super::projection::LeastSquaresProblem;
use super::quad::Quad;
use super::quasi::deviance;
use super::search::at_edge;
use super::shape::Shape;
use super::solver::Converged;
use super::start::{MovingShapes, spacing};
use crate::curve::definition::variance_law::Law;

/// Rounds between a line and the variances of its means.
const ROUNDS: usize = 4;
/// From so many of the lowest the quasi-deviance itself is gone down besides.
const MOST_DESCENTS: usize = 2;
/// Most starts.
const MOST: usize = 8;
/// Slopes times the span of the standards, up to what is a step between two of them.
const SHALLOWEST: f64 = 0.5;
const RATIO: f64 = 2.2;
const STEEPEST: f64 = 12.0;
const ASYMMETRIES: [f64; 5] = [-5.0, -2.0, 0.0, 2.0, 5.0];

/// The minima next to the lowest points of the lattice, the lowest first, each with the weights for which it is one; where the family
/// runs to the edge of what is searched, its limits instead. From the very lowest also the minima of the quasi-deviance itself, which
/// alternation may not be drawn to; those that promise nothing below `enough` are not followed. The variance law is
/// constant within ±`floor`.
pub(crate) fn starts(
    family: &CurveFamily,
    problem: &LeastSquaresProblem<'_>,
    (law, floor): (Law, f64),
    enough: f64,
) -> Vec<(Shape, Vec<f64>)> {
    let variance = |mean: f64| law.variance(mean, floor);
    let (first, last) = ends(problem.standards);
    let span = (last - first).max(1.0);
    let slopes = {
        let steepest = STEEPEST * span / spacing(problem);
        1 + (libm::log(steepest / SHALLOWEST) / libm::log(RATIO)).ceil().max(0.0) as usize
    };
    let slopes = if problem.free[1] { slopes } else { 1 };
    let asymmetries: &[f64] = if problem.free[2] { &ASYMMETRIES } else { &[0.0] };
    let places = 2 * problem.standards.len() + 5;
    let step = (span + 4.0) / (places - 1) as f64;
    let moving = |(k, j): (usize, usize)| {
        let steepness = SHALLOWEST / span * libm::pow(RATIO, j as f64);
        MovingShapes::of(problem, libm::log(steepness), asymmetries[k])
    };
    let moving: Vec<MovingShapes> =
        (0..asymmetries.len()).flat_map(|k| (0..slopes).map(move |j| (k, j))).map(moving).collect();
    let at = |i: usize, j: usize, k: usize| moving[k * slopes + j].at(problem, first - 2.0 + step * i as f64);
    let index = |i: usize, j: usize, k: usize| (k * slopes + j) * places + i;
    let (mut quads, mut means) = (Quad::of(problem.standards, problem.weights), Vec::new());
    let mut looked = Vec::with_capacity(places * slopes * asymmetries.len());
    for k in 0..asymmetries.len() {
        for j in 0..slopes {
            for i in 0..places {
                problem.settle_line(at(i, j, k), &mut quads, ROUNDS, variance, &mut means);
                looked.push(deviance(problem.standards, &means, law, floor));
            }
        }
    }
    let beside = |i: usize, most: usize| i.saturating_sub(1)..(i + 2).min(most);
    let mut lowest = Vec::new();
    for (k, j, i) in
        (0..asymmetries.len()).flat_map(|k| (0..slopes).flat_map(move |j| (0..places).map(move |i| (k, j, i))))
    {
        let here = looked[index(i, j, k)];
        let mut around = beside(k, asymmetries.len())
            .flat_map(|k| beside(j, slopes).map(move |j| (j, k)))
            .flat_map(|(j, k)| beside(i, places).map(move |i| index(i, j, k)));
        if around.all(|other| here <= looked[other]) {
            lowest.push((index(i, j, k), at(i, j, k)));
        }
    }
    lowest.sort_by(|p, q| looked[p.0].total_cmp(&looked[q.0]));
    let start = |(rank, (_, theta)): (usize, (usize, [f64; 3]))| {
        problem.settle_line(theta, &mut quads, ROUNDS, variance, &mut means);
        let weights: Vec<f64> = means.iter().map(|&mean| 1.0 / variance(mean)).collect();
        let problem = LeastSquaresProblem { weights: &weights, ..*problem };
        let mut quads = Quad::of(problem.standards, &weights);
        let inside = |at: &Converged| !at_edge(family, problem.standards, at);
        let smooth = |at: Converged| Shape::Smooth { kernel: problem.kernel, at };
        let mut starts: Vec<(Shape, Vec<f64>)> = match minimise(&problem, theta, &mut quads).filter(inside) {
            Some(at) => vec![(smooth(at), weights.clone())],
            None => {
                let limits = limits_towards(family, &problem, &theta, &mut quads).into_iter();
                limits.map(|shape| (shape, weights.clone())).collect()
            }
        };
        if rank < MOST_DESCENTS {
            let lowest = descend(&problem, theta, (law, floor), enough).filter(|(at, _)| inside(at));
            starts.extend(lowest.map(|(at, weights)| (smooth(at), weights)));
        }
        starts
    };
    lowest.into_iter().take(MOST).enumerate().flat_map(start).collect()
}
