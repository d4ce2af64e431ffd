//! Profile-likelihood intervals of the parameters.
//!
//! ```text
//! { v : RSS(θⱼ = v, the others at their best) ≤ RSS (1 + t²/(N − p)) }
//! ```
//!
//! (Bates & Watts 1988, section 6.1.) Unlike estimate ± t·SE they follow the curvature of the problem: a plateau that the
//! data do not reach has an interval that is open on one side, and `None` there says so. The variances of the wells are
//! held at those of the fit.

use serde::Serialize;

use super::standard_curve::StandardCurve;
use crate::curve::fitting::curve_family::CurveFamily;
use crate::curve::fitting::lower_curve::LowerCurve;
use crate::curve::fitting::minimise::minimise;
use crate::curve::fitting::quad::Quad;
use crate::curve::fitting::start::{first_start, grid_minima};
use crate::curve::numerics::bracket;

/// An interval; `None` where it is open.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let (curve, [a, d, c, b, g]) = curve.with_intervals()?;
/// assert!(c.is_some_and(|c: Interval| c.lower < Some(curve.parameters().c) && Some(curve.parameters().c) < c.upper));
/// assert_eq!(g, None);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Interval {
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

/// How far beyond the standards a limit of `c` is looked for, in `ln x`; a factor of 3,000.
const FAR: f64 = 8.0;
/// How far a limit of a plateau is looked for, in units of the curve's range; beyond, the plateau is as good as infinite.
const FAR_PLATEAU: f64 = 1e4;

impl StandardCurve {
    /// Profile intervals of a, d, c, b, g at the method's confidence; `None` for a parameter that was not fitted, and for
    /// all where the fit is not identified or leaves no degrees of freedom. See [`StandardCurve::with_intervals`].
    ///
    /// # Errors
    /// When a curve with one parameter held is lower than this one.
    pub fn intervals(&self) -> Result<[Option<Interval>; 5], LowerCurve> {
        let mut intervals = [None; 5];
        let (Some(errors), Some(t)) = (self.standard_errors(), self.t) else { return Ok(intervals) };
        for (j, interval) in intervals.iter_mut().enumerate() {
            let Some(se) = errors[j] else { continue };
            let mut profile = Profile { curve: self, parameter: j, t, lower: None };
            let found = Interval { lower: profile.limit(-1.0, se), upper: profile.limit(1.0, se) };
            if let Some(lower) = profile.lower {
                return Err(lower);
            }
            *interval = Some(found);
        }
        Ok(intervals)
    }
}

struct Profile<'a> {
    curve: &'a StandardCurve,
    /// In the order a, d, c, b, g.
    parameter: usize,
    t: f64,
    /// A lower curve that was come by.
    lower: Option<LowerCurve>,
}

impl Profile<'_> {
    /// The limit on one side. Plateaus are followed as they are, the others by their logarithm.
    fn limit(&mut self, side: f64, se: f64) -> Option<f64> {
        let p = &self.curve.parameters;
        let estimate = [p.a, p.d, p.c, p.b, p.g][self.parameter];
        let plateau = self.parameter < 2;
        let (at, error) = if plateau { (estimate, se) } else { (libm::log(estimate), se / estimate) };
        let far = self.far(side);
        let mut theta = self.curve.smooth.as_ref()?.at.theta;
        let mut inner = (at, -1.0);
        let mut step = self.t * error * 0.5;
        loop {
            let value = if side * (far - inner.0 - side * step) > 0.0 { inner.0 + side * step } else { far };
            let outer = (value, self.excess(value, &mut theta));
            if outer.1 > 0.0 {
                let found = bracket::root(|value| self.excess(value, &mut theta), inner, outer);
                return Some(if plateau { found } else { libm::exp(found) });
            }
            if value == far || outer.1.is_nan() || self.lower.is_some() {
                return None;
            }
            inner = outer;
            step *= 1.6;
        }
    }

    /// Where the search for a limit ends.
    fn far(&self, side: f64) -> f64 {
        let p = &self.curve.parameters;
        let (first, last) = self.curve.ends;
        let range = FAR_PLATEAU * (p.d - p.a).abs();
        let box_ = self.curve.family.problem(&self.curve.standards, &self.curve.weights).bounds;
        match self.parameter {
            0 => p.a + side * range,
            1 => p.d + side * range,
            2 if side < 0.0 => libm::log(p.c).min(first) - FAR,
            2 => libm::log(p.c).max(last) + FAR,
            j => {
                if side < 0.0 {
                    box_[j - 2].0
                } else {
                    box_[j - 2].1
                }
            }
        }
    }

    /// By how much the best curve with this value exceeds what the interval allows, relative to it. `theta` is where the
    /// search starts and, afterwards, where it ended.
    fn excess(&mut self, value: f64, theta: &mut [f64; 3]) -> f64 {
        let curve = self.curve;
        let known = (value, value);
        let mut family: CurveFamily = curve.family;
        match self.parameter {
            0 => family.a = known,
            1 => family.d = known,
            j => family.stated[j - 2] = known,
        }
        let problem = family.problem(&curve.standards, &curve.weights);
        let mut quads = Quad::of(&curve.standards, &curve.weights);
        let here = minimise(&problem, *theta, &mut quads);
        // Far from the optimum the valley may bend away: a fresh start guards against a wall taken for the floor.
        let there = minimise(&problem, first_start(&problem), &mut quads);
        let lowest = here.into_iter().chain(there).min_by(|p, q| p.rss.total_cmp(&q.rss));
        // Where neither converged, every start is tried before the profile is said not to exist.
        let lowest = lowest.or_else(|| {
            let starts = grid_minima(&problem, &mut quads);
            let found = starts.into_iter().filter_map(|start| minimise(&problem, start.theta, &mut quads));
            found.min_by(|p, q| p.rss.total_cmp(&q.rss))
        });
        let Some(best) = lowest else { return f64::NAN };
        *theta = best.theta;
        let rss = best.rss + curve.pure_error();
        if self.lower.is_none() && curve.is_above(rss) {
            self.lower = curve.stands_against(best.theta).err();
        }
        rss / (curve.rss * (1.0 + self.t * self.t / curve.df() as f64)) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use crate::curve::{Fixed, Method, Model, Parameters, Point, fit};

    /// Sixteen wells and four parameters: where a parameter is stated at a limit of its interval, the sum of squares of the best curve is
    /// 1 + t² / 12 times the least, t = 2.178813. Without the wells at the top, d has no upper limit.
    #[test]
    fn a_limit_is_where_the_sum_of_squares_leaves_the_confidence_region() {
        let truth = Parameters { a: 0.1, d: 3.0, c: 60.0, b: 1.5, g: 1.0 };
        let wells = (0..8_u32).flat_map(|i| [(i, 0.02), (i, -0.03)]).map(|(i, by)| {
            let concentration = 5.0 * f64::from(1_u32 << i);
            let response = Model::FourParameter.response(&truth, concentration) + by * f64::from(i % 3);
            Point { concentration, response }
        });
        let points: Vec<Point> = wells.collect();
        let curve = fit(&points, &Method::default()).unwrap();
        let intervals = curve.intervals().unwrap();
        assert!(intervals[4].is_none());
        for (j, interval) in intervals.into_iter().flatten().enumerate() {
            let estimate = [curve.parameters().a, curve.parameters().d, curve.parameters().c, curve.parameters().b][j];
            let (lower, upper) = (interval.lower.unwrap(), interval.upper.unwrap());
            assert!(lower < estimate && estimate < upper);
            for limit in [lower, upper] {
                let stated = |of: usize| (of == j).then_some(limit);
                let fixed = Fixed { a: stated(0), d: stated(1), c: stated(2), b: stated(3), g: None };
                let held = fit(&points, &Method { fixed, ..Method::default() }).unwrap();
                let ratio = held.rss() / curve.rss();
                assert!((ratio - 1.395_602).abs() < 1e-6, "{j}: {ratio}");
            }
        }
        let short = fit(&points[..8], &Method::default()).unwrap();
        let d = short.intervals().unwrap()[1];
        assert!(d.is_some_and(|d| d.upper.is_none()), "{d:?} {:?}", short);
    }
}
