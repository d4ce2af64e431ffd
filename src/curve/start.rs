//! Where searches start.

use super::family::ends;
use super::projection::Problem;
use super::quad::Quad;

/// Positions of `ln c` per span of the standards, and in all: one step beyond each end.
pub(crate) const POSITIONS: f64 = 6.0;
const LOCATIONS: usize = 9;

/// The first start: the mid-point where the responses cross the middle of their range, a slope from the span of the
/// standards.
pub(crate) fn first_start(problem: &Problem<'_>) -> [f64; 3] {
    let standards = problem.standards;
    let (first, last) = ends(standards);
    let (Some(lowest), Some(highest)) = (standards.first(), standards.last()) else { return [0.0; 3] };
    let middle = 0.5 * (lowest.mean + highest.mean);
    let mut ln_c = 0.5 * (first + last);
    for pair in standards.windows(2).filter(|pair| pair[0].x > 0.0) {
        let (left, right) = (pair[0].mean - middle, pair[1].mean - middle);
        if left * right <= 0.0 && left != right {
            ln_c = pair[0].ln_x + (pair[1].ln_x - pair[0].ln_x) * left / (left - right);
            break;
        }
    }
    let ln_b = libm::log(5.0 / (last - first).max(1.0));
    inside(problem, [ln_c, ln_b.min(0.3), 0.0])
}

fn inside(problem: &Problem<'_>, mut theta: [f64; 3]) -> [f64; 3] {
    for (value, (low, high)) in theta.iter_mut().zip(problem.bounds) {
        *value = value.clamp(low, high);
    }
    theta
}

/// The starts on a coarse grid at which the sum of squares is lower than at all their neighbours.
pub(crate) fn grid_minima(problem: &Problem<'_>, quads: &mut [Quad]) -> Vec<[f64; 3]> {
    let (first, last) = ends(problem.standards);
    let span = (last - first).max(1.0);
    let mut locations = [0.0; LOCATIONS];
    for (i, location) in locations.iter_mut().enumerate() {
        *location = first + span * (i as f64 - 1.0) / POSITIONS;
    }
    let kinks = if problem.kernel.has_kink() { places_of_kinks(problem) } else { Vec::new() };
    let locations: &[f64] = if kinks.is_empty() { &locations } else { &kinks };
    // From shallow over the whole range of the standards to steep between two of them.
    let slopes = [2.5, 7.0, 25.0].map(|steepness| libm::log(steepness / span));
    let asymmetries = [-2.5, -1.0, 0.0, 1.0, 2.5];
    let held = problem.bounds.map(|(low, _)| [low]);
    let grid: [&[f64]; 3] = [
        if problem.free[0] { locations } else { &held[0] },
        if problem.free[1] { &slopes } else { &held[1] },
        if problem.free[2] { &asymmetries } else { &held[2] },
    ];
    let [n0, n1, n2] = grid.map(<[f64]>::len);
    let at = |i: usize, j: usize, k: usize| inside(problem, [grid[0][i], grid[1][j], grid[2][k]]);
    let index = |i: usize, j: usize, k: usize| (k * n1 + j) * n0 + i;
    let mut rss = vec![0.0; n0 * n1 * n2];
    for k in 0..n2 {
        for j in 0..n1 {
            let row = &mut rss[index(0, j, k)..index(0, j, k) + n0];
            problem.rss_along(|i| at(i, j, k), quads, row);
        }
    }
    let mut starts = Vec::new();
    for k in 0..n2 {
        for j in 0..n1 {
            for i in 0..n0 {
                let here = rss[index(i, j, k)];
                let around = |i: usize, n: usize| i.saturating_sub(1)..(i + 2).min(n);
                let lower = |p: usize, q: usize, r: usize| (p, q, r) == (i, j, k) || rss[index(p, q, r)] > here;
                let lowest = here.is_nan()
                    || around(i, n0).all(|p| around(j, n1).all(|q| around(k, n2).all(|r| lower(p, q, r))));
                if lowest {
                    starts.push(at(i, j, k));
                }
            }
        }
    }
    starts
}

/// The standards and the middles between them: a kink may sit on any of them, and the sum of squares has a minimum of its
/// own between any two.
fn places_of_kinks(problem: &Problem<'_>) -> Vec<f64> {
    let levels: Vec<f64> = problem.standards.iter().filter(|s| s.x > 0.0).map(|s| s.ln_x).collect();
    let middles = levels.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
    let mut places: Vec<f64> = levels.iter().copied().chain(middles).collect();
    places.sort_by(f64::total_cmp);
    places
}
