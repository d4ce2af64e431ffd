//! Where searches start: on a grid that is as fine as the curves on it are steep.
//!
//! A curve of slope `b` tells positions apart that differ by about `1/b` in `ln x`, no less: rows of a shallow slope have few
//! positions, rows of a steep one many. The grid runs over the place `m` where the curve is half-way, its steepness there, and
//! the asymmetry; in `ln c`, `ln b`, `ln g` the valleys of the five-parameter families lie askew.
//!
//! ```text
//! half-way        ln c = m − t½ / b      5pl   t½ =  ln(2^(1/g) − 1)
//!                                        5plm  t½ = −ln(2^(1/g) − 1)
//! as steep there as a 4PL of slope s     b = s / (2 g (1 − 2^(−1/g)))
//! Weibull         ln g = b (ln xₙ − m),  Fréchet  ln g = b (m − ln xₙ),  xₙ the highest standard
//! ```

use super::curve_family::ends;
use super::projection::LeastSquaresProblem;
use super::quad::Quad;
use crate::curve::definition::kernel::Kernel;

/// The first start: the mid-point where the responses cross the middle of their range, a slope from the span of the
/// standards.
pub(crate) fn first_start(problem: &LeastSquaresProblem<'_>) -> [f64; 3] {
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

/// The nearest shape within the bounds.
pub(crate) fn inside(problem: &LeastSquaresProblem<'_>, mut theta: [f64; 3]) -> [f64; 3] {
    for (value, (low, high)) in theta.iter_mut().zip(problem.bounds) {
        *value = value.clamp(low, high);
    }
    theta
}

/// A shape to start from, and the sum of squares there.
pub(crate) struct Start {
    pub theta: [f64; 3],
    pub rss: f64,
}

/// Curves of one steepness and asymmetry at evenly spaced positions.
struct Row {
    /// Where it stands among the slopes and among the asymmetries.
    slope: usize,
    asymmetry: usize,
    shapes: MovingShapes,
    /// The first position and the step between two.
    first: f64,
    step: f64,
    /// The sums of squares.
    rss: Vec<f64>,
}

/// How densely a kernel is searched: the steps of position, in units of the width of the curve, and of the slope, as ratio.
struct Density {
    step: f64,
    ratio: f64,
}

/// Steepness × span of the standards of the shallowest row; a shallower curve is straight among the standards.
const SHALLOWEST: f64 = 1.5;
/// Steepness × spacing of the standards of the steepest; a steeper curve is a step between two standards.
const STEEPEST: f64 = 5.0;
/// How far beyond the standards positions go, in units of the width of the curve.
const BEYOND: f64 = 2.5;
/// Most positions of a row. Standards of an assay need a tenth of it; some that span hundreds of decades, with two next to each other, would need
/// millions.
const MOST_POSITIONS: usize = 500;

/// The starts on the grid at which the sum of squares is lower than at all their neighbours, the lowest first.
pub(crate) fn grid_minima(problem: &LeastSquaresProblem<'_>, quads: &mut [Quad]) -> Vec<Start> {
    if problem.kernel.has_kink() {
        return kinks(problem, |_| true, quads);
    }
    let asymmetries: &[f64] =
        if problem.kernel.is_five() && problem.free[2] { &[-2.5, -1.0, 0.0, 1.0, 2.5] } else { &[0.0] };
    let rows = rows(problem, asymmetries, quads);
    let mut starts: Vec<Start> = Vec::new();
    for row in &rows {
        for (i, &here) in row.rss.iter().enumerate() {
            let position = row.first + row.step * i as f64;
            let beside = [i.wrapping_sub(1), i + 1];
            let lowest = here.is_nan()
                || (beside.iter().all(|&k| row.rss.get(k).is_none_or(|there| *there > here))
                    && rows.iter().filter(|other| row.is_beside(other)).all(|other| other.near(position) > here));
            if lowest {
                starts.push(Start { theta: row.shape(problem, i), rss: here });
            }
        }
    }
    // Points that a bound makes the same shape are as low as each other; the lowest of all is one to start from.
    let points = rows.iter().flat_map(|row| row.rss.iter().enumerate().map(move |(i, &rss)| (row, i, rss)));
    if let Some((row, i, rss)) = points.min_by(|p, q| p.2.total_cmp(&q.2))
        && starts.iter().all(|start| start.rss > rss)
    {
        starts.push(Start { theta: row.shape(problem, i), rss });
    }
    starts.sort_by(|p, q| p.rss.total_cmp(&q.rss));
    starts
}

fn rows(problem: &LeastSquaresProblem<'_>, asymmetries: &[f64], quads: &mut [Quad]) -> Vec<Row> {
    let (first, last) = ends(problem.standards);
    let span = (last - first).max(1.0);
    // A kernel that is dear to evaluate gets the coarser grid.
    let Density { step, ratio } = if problem.kernel == Kernel::Logistic {
        Density { step: 1.5, ratio: 2.0 }
    } else {
        Density { step: 2.0, ratio: 2.3 }
    };
    let steepest = (STEEPEST * span / spacing(problem)).max(2.0 * SHALLOWEST);
    let slopes =
        if problem.free[1] { 1 + (libm::log(steepest / SHALLOWEST) / libm::log(ratio)).ceil() as usize } else { 1 };
    let mut rows = Vec::with_capacity(slopes * asymmetries.len());
    for asymmetry in 0..asymmetries.len() {
        for slope in 0..slopes {
            let steepness = SHALLOWEST / span * libm::pow(ratio, slope as f64);
            // Where the slope is held, it decides how finely the positions lie.
            let steepness =
                if problem.free[1] { steepness } else { libm::exp(problem.bounds[1].0).min(steepest / span) };
            let width = 1.0 / steepness;
            let positions = if problem.kernel.is_power() || problem.kernel == Kernel::LogLinear {
                1
            } else {
                1 + ((span + 2.0 * BEYOND * width) / (step * width)) as usize
            };
            let (positions, step) = if positions > MOST_POSITIONS {
                (MOST_POSITIONS, (span + 2.0 * BEYOND * width) / MOST_POSITIONS as f64)
            } else {
                (positions, step * width)
            };
            let ln_g =
                if problem.free[2] && problem.kernel.is_five() { asymmetries[asymmetry] } else { problem.bounds[2].0 };
            let shapes = MovingShapes::of(problem, libm::log(steepness), ln_g);
            let mut row =
                Row { slope, asymmetry, shapes, first: first - BEYOND * width, step, rss: vec![0.0; positions] };
            let mut rss = std::mem::take(&mut row.rss);
            problem.rss_along(|i| row.shape(problem, i), quads, &mut rss);
            row.rss = rss;
            rows.push(row);
        }
    }
    rows
}

impl Row {
    /// The shape of its point `i`.
    fn shape(&self, problem: &LeastSquaresProblem<'_>, i: usize) -> [f64; 3] {
        self.shapes.at(problem, self.first + self.step * i as f64)
    }

    fn is_beside(&self, other: &Self) -> bool {
        let apart = self.slope.abs_diff(other.slope).max(self.asymmetry.abs_diff(other.asymmetry));
        apart == 1
    }

    /// The lower sum of squares of the two points next to a position.
    fn near(&self, position: f64) -> f64 {
        let last = self.rss.len() - 1;
        let left = ((position - self.first) / self.step).max(0.0) as usize;
        self.rss[left.min(last)].min(self.rss[(left + 1).min(last)])
    }
}

/// The shapes of one steepness and asymmetry, as they move with the place where they are half-way.
#[derive(Clone, Copy)]
pub(crate) struct MovingShapes {
    /// That at place 0.
    origin: [f64; 3],
    per_place: [f64; 3],
}

impl MovingShapes {
    /// There as steep as a 4PL whose slope has this logarithm.
    pub(crate) fn of(problem: &LeastSquaresProblem<'_>, steepness: f64, ln_g: f64) -> Self {
        let (_, last) = ends(problem.standards);
        let (origin, per_place) = match problem.kernel {
            Kernel::Five | Kernel::FiveMirror => {
                let g = libm::exp(ln_g);
                let half = libm::log(libm::expm1(std::f64::consts::LN_2 / g));
                let ln_b = steepness - libm::log(-2.0 * g * libm::expm1(-std::f64::consts::LN_2 / g));
                let side = if problem.kernel == Kernel::Five { 1.0 } else { -1.0 };
                ([-side * half * libm::exp(-ln_b), ln_b, ln_g], [1.0, 0.0, 0.0])
            }
            Kernel::Weibull => {
                let b = libm::exp(steepness);
                ([last, steepness, b * last], [0.0, 0.0, -b])
            }
            Kernel::Frechet => {
                let b = libm::exp(steepness);
                ([last, steepness, -b * last], [0.0, 0.0, b])
            }
            _ => ([0.0, steepness, 0.0], [1.0, 0.0, 0.0]),
        };
        Self { origin, per_place }
    }

    /// The one that is half-way at `place`, within the bounds.
    pub(crate) fn at(&self, problem: &LeastSquaresProblem<'_>, place: f64) -> [f64; 3] {
        let mut theta = self.origin;
        for (value, per_place) in theta.iter_mut().zip(self.per_place) {
            *value += place * per_place;
        }
        inside(problem, theta)
    }
}

/// The smallest distance between two standards, in `ln x`.
pub(crate) fn spacing(problem: &LeastSquaresProblem<'_>) -> f64 {
    let (first, last) = ends(problem.standards);
    let pairs = problem.standards.windows(2).filter(|pair| pair[0].x > 0.0);
    pairs.map(|pair| pair[1].ln_x - pair[0].ln_x).fold((last - first).max(1.0), f64::min)
}

/// For a shape with a kink: between any two neighbouring standards the place of the kink and the slope at which the sum of
/// squares is lowest. It has a minimum of its own there, and its slopes jump at the standards: a search stays between two.
pub(crate) fn kinks(
    problem: &LeastSquaresProblem<'_>,
    wanted: impl Fn((f64, f64)) -> bool,
    quads: &mut [Quad],
) -> Vec<Start> {
    let (first, last) = ends(problem.standards);
    let span = (last - first).max(1.0);
    let mut starts = Vec::new();
    for (low, high) in gaps(problem).into_iter().filter(|&gap| wanted(gap)) {
        let mut best = Start { rss: f64::INFINITY, theta: [0.0; 3] };
        let slopes: &[f64] = if problem.free[1] { &[0.5, 1.5, 5.0, 15.0, 45.0] } else { &[1.0] };
        for steepness in slopes {
            for share in [0.2, 0.5, 0.8] {
                let theta = inside(problem, [low + share * (high - low), libm::log(steepness / span), 0.0]);
                let rss = problem.line_at(theta, quads).rss;
                if rss < best.rss {
                    best = Start { theta, rss };
                }
            }
        }
        starts.push(best);
    }
    starts.sort_by(|p, q| p.rss.total_cmp(&q.rss));
    starts
}

/// The gaps between neighbouring standards, in `ln x`, with one below and one above all.
pub(crate) fn gaps(problem: &LeastSquaresProblem<'_>) -> Vec<(f64, f64)> {
    let (first, last) = ends(problem.standards);
    let span = (last - first).max(1.0);
    let levels = problem.standards.iter().filter(|s| s.x > 0.0).map(|s| s.ln_x);
    let edges: Vec<f64> = std::iter::once(first - span).chain(levels).chain([last + span]).collect();
    edges.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::{Point, merge};

    /// The positions of every row for standards with these concentrations.
    fn positions(kernel: Kernel, concentrations: &[f64]) -> Vec<usize> {
        let well = |(i, &concentration): (usize, &f64)| Point { concentration, response: i as f64 };
        let standards = merge(&concentrations.iter().enumerate().map(well).collect::<Vec<_>>());
        let weights = vec![1.0; standards.len()];
        let problem = LeastSquaresProblem::open(kernel, &standards, &weights);
        let rows = rows(&problem, &[0.0], &mut Quad::of(&standards, &weights));
        // A row goes from 2.5 widths below the standards to as far above them, but for less than a step.
        let (first, last) = ends(&standards);
        for row in rows.iter().filter(|row| row.rss.len() > 1) {
            let beyond = first - row.first;
            let end = row.first + row.step * row.rss.len() as f64;
            assert!(
                beyond > 0.0 && (last + beyond..=last + beyond + 1.001 * row.step).contains(&end),
                "{beyond} {end}"
            );
        }
        rows.iter().map(|row| row.rss.len()).collect()
    }

    #[test]
    fn no_standards_make_an_endless_grid() {
        for kernel in [Kernel::Logistic, Kernel::Five, Kernel::FiveMirror, Kernel::Weibull] {
            let usual = positions(kernel, &[0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0]);
            assert!(usual.iter().all(|&many| many < MOST_POSITIONS / 10), "{kernel:?}: {usual:?}");
            let absurd = positions(kernel, &[1e-300, 1.0, 1.0 + 1e-9, 5.0, 1e300]);
            assert!(absurd.iter().all(|&many| many <= MOST_POSITIONS), "{kernel:?}: {absurd:?}");
            assert!(absurd.len() < 50 && absurd.contains(&MOST_POSITIONS), "{kernel:?}: {absurd:?}");
        }
    }

    /// Half-way at its place, and as steep there as a 4PL of that slope, whose steepness is a quarter of it. Weibull and Fréchet curves are
    /// placed where they are 1 − 1/e and 1/e of the way, by their scale.
    #[test]
    fn a_moved_shape_is_half_way_at_its_place() {
        let wells = [1.0, 10.0, 100.0].map(|concentration| Point { concentration, response: concentration });
        let standards = merge(&wells);
        let (slope, place) = (1.3, 2.2);
        let e = std::f64::consts::E;
        for (kernel, ln_g, s, steepness) in [
            (Kernel::Logistic, 0.0, 0.5, slope / 4.0),
            (Kernel::Five, -0.8, 0.5, slope / 4.0),
            (Kernel::FiveMirror, 0.9, 0.5, slope / 4.0),
            (Kernel::Weibull, 0.0, 1.0 - 1.0 / e, slope / e),
            (Kernel::Frechet, 0.0, 1.0 / e, slope / e),
        ] {
            let weights = [1.0; 3];
            let problem = LeastSquaresProblem::open(kernel, &standards, &weights);
            let [ln_c, ln_b, ln_g] = MovingShapes::of(&problem, libm::log(slope), ln_g).at(&problem, place);
            let b = libm::exp(ln_b);
            let jet = kernel.jet(b * (place - ln_c), libm::exp(ln_g));
            assert!((jet.s - s).abs() < 1e-12 && (b * jet.t - steepness).abs() < 1e-12, "{kernel:?} {jet:?}");
        }
    }

    /// Stated or bounded parameters make many points of the grid the same shape. Mid-point and slope stated, the curve is a straight line in
    /// s = 1 / (1 + (x/56)^−1), by least squares.
    #[test]
    fn a_curve_whose_shape_is_stated_is_found() {
        use crate::curve::{Bounds, Fixed, Method, StandardCurve, fit};
        let levels = (0..8_u32).map(|i| 5.0 * f64::from(1_u32 << i));
        let noise = [0.02, -0.03, 0.01, 0.04, -0.02, -0.01, 0.03, -0.02];
        let wells =
            levels.zip(noise).map(|(x, by)| Point { concentration: x, response: 0.1 + 2.9 * x / (x + 56.0) + by });
        let points: Vec<Point> = wells.collect();
        let with = |fixed, bounds| fit(&points, &Method { fixed, bounds, ..Method::default() }).unwrap();
        let (none, open) = (Fixed::default(), Bounds::default());
        let of_line = |c: f64| {
            let s: Vec<f64> = points.iter().map(|well| well.concentration / (well.concentration + c)).collect();
            let mean = |of: &dyn Fn(usize) -> f64| (0..8).map(of).sum::<f64>() / 8.0;
            let (s_mean, y_mean) = (mean(&|i| s[i]), mean(&|i| points[i].response));
            let slope = mean(&|i| (s[i] - s_mean) * (points[i].response - y_mean)) / mean(&|i| (s[i] - s_mean).powi(2));
            (y_mean - slope * s_mean, y_mean + slope * (1.0 - s_mean))
        };
        let is = |curve: &StandardCurve, c: f64| {
            let (a, d) = of_line(c);
            let p = curve.parameters();
            assert!(
                (p.a - a).abs() < 1e-9 && (p.d - d).abs() < 1e-9 && (p.c / c - 1.0).abs() < 1e-9 && p.b == 1.0,
                "{p:?}"
            );
        };
        for c in [20.0, 56.0, 300.0] {
            is(&with(Fixed { c: Some(c), b: Some(1.0), ..none }, open), c);
        }
        // Ranges away from the best mid-point and slope: the curve is at the nearer end of each.
        is(&with(Fixed { b: Some(1.0), ..none }, Bounds { c: Some((90.0, 120.0)), ..open }), 90.0);
        is(&with(Fixed { c: Some(90.0), ..none }, Bounds { b: Some((1.0, 1.2)), ..open }), 90.0);
    }
}
