//! A lower curve that another fit comes by.
//!
//! The profile of a parameter, a plate without one of its wells and a resampled plate are fitted starting from the estimate. Where one of
//! these fits ends at a shape under which the sum of squares of all wells is below that of the estimate, the estimate is no optimum, and
//! what follows from it means nothing. All that asks for such fits therefore gives a [`Lower`] for an answer then, which leads
//! to the lower curve; nobody can go on with the other unawares. [`super::fit()`] itself asks for the curve without the well that moves it
//! most, and begins anew from there.

use super::family::problem_of;
use super::fit::fit_besides;
use super::method::FitError;
use super::profile::Interval;
use super::projection::Problem;
use super::quad::Quad;
use super::shape::{FAR_RISE, Shape, spread};
use super::standard_curve::StandardCurve;
use super::weighting::BETTER;

/// A shape under which the wells have a lower sum of squares than under the estimate: that is no optimum. It leads to the curve that is,
/// see [`StandardCurve::restarted`].
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let curve = fit(&plate, &Method::default())?;
/// // The search was not at fault here: nothing lower is come by.
/// let curve = match curve.leave_one_out() {
///     Ok(_) => curve,
///     Err(lower) => curve.restarted(lower)?,
/// };
/// assert!(curve.verdict().usable);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lower {
    pub(super) theta: [f64; 3],
    /// The weights under which it is lower.
    pub(super) weights: Vec<f64>,
    /// The estimate.
    pub(super) than: Box<Shape>,
}

impl StandardCurve {
    /// The curve fitted again, with the search going from the lower shape besides. Where the variances follow the curve it may be the
    /// same one again, which then has stood the test.
    ///
    /// # Errors
    /// As [`super::fit()`].
    pub fn restarted(&self, lower: Lower) -> Result<Self, FitError> {
        fit_besides(&self.points, &self.method, vec![lower])
    }

    /// The curve with the profile intervals of its parameters; a lower one, should the profiles come by one.
    ///
    /// # Errors
    /// As [`super::fit()`].
    pub fn with_intervals(mut self) -> Result<(Self, [Option<Interval>; 5]), FitError> {
        loop {
            match self.intervals() {
                Ok(intervals) => return Ok((self, intervals)),
                Err(lower) => self = self.restarted(lower)?,
            }
        }
    }

    /// Whether the estimate stands against one shape; of many, [`Estimate`] asks.
    pub(crate) fn stands_against(&self, theta: [f64; 3]) -> Result<(), Lower> {
        Estimate::new(self).stands_against(theta)
    }

    /// Whether a sum of squares is below that of the estimate by more than rounding.
    pub(crate) fn is_above(&self, rss: f64) -> bool {
        rss < (self.shape.rss() + self.pure_error()) * (1.0 - BETTER) && !self.exact()
    }
}

/// An estimate that other shapes are compared with.
pub(crate) struct Estimate<'a> {
    curve: &'a StandardCurve,
    /// None for what is not compared: a step, and a curve that has stood the test.
    problem: Option<Problem<'a>>,
    quads: Vec<Quad>,
    /// Beyond, responses are small differences of large numbers.
    far: f64,
}

impl<'a> Estimate<'a> {
    pub(crate) fn new(curve: &'a StandardCurve) -> Self {
        let problem = match curve.shape {
            Shape::Smooth { kernel, .. } if !curve.stood => {
                problem_of(&curve.family, kernel, &curve.standards, &curve.weights)
            }
            _ => None,
        };
        let quads = Quad::of(&curve.standards, &curve.weights);
        Self { curve, problem, quads, far: FAR_RISE * spread(&curve.standards) }
    }

    /// Whether all wells have a lower sum of squares under this shape of the family, by more than rounding.
    pub(crate) fn stands_against(&mut self, theta: [f64; 3]) -> Result<(), Lower> {
        let Some(problem) = &self.problem else { return Ok(()) };
        let at = problem.line_at(theta, &mut self.quads);
        let inside = at.alpha.abs() <= self.far && at.kappa.abs() <= self.far;
        if inside && self.curve.is_above(at.rss + self.curve.pure_error()) {
            return Err(Lower { theta, weights: self.curve.weights.clone(), than: Box::new(self.curve.shape) });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::fit::{Fitted, family};
    use crate::curve::point::merge;
    use crate::curve::search::search;
    use crate::curve::variance_law::Law;
    use crate::curve::{Method, Point, bootstrap, fit};

    /// Responses that rise in two stairs, and for an estimate the minimum that stands at the second of them: it is above the other.
    fn at_the_worse_minimum() -> (StandardCurve, Vec<Point>) {
        let stairs = [0.0, 0.05, 0.5, 0.55, 0.5, 1.25, 1.3, 1.25];
        let well = |(i, response): (usize, f64)| Point { concentration: f64::from(1 << i), response };
        let points: Vec<Point> = stairs.into_iter().enumerate().map(well).collect();
        let (method, standards) = (Method::default(), merge(&points));
        let family = family(&method, &standards);
        let weights = vec![1.0; standards.len()];
        let mut found = search(&family, &standards, &weights, 5.0, &[]);
        found.shape = Shape::Smooth { kernel: crate::curve::kernel::Kernel::Logistic, at: found.others.remove(0) };
        let fitted = Fitted { found, weights, law: Law::Power(0.0), law_estimated: false, floor: 1e-3 };
        let curve = StandardCurve::bare(&points, &method, standards, family, fitted).with_covariance(2.78);
        (curve, points)
    }

    #[test]
    fn a_profile_a_plate_without_a_well_and_a_resampled_plate_lead_away_from_a_worse_minimum() {
        let (worse, points) = at_the_worse_minimum();
        let best = fit(&points, &Method::default()).unwrap();
        assert!(best.rss() < 0.8 * worse.rss() && worse.identified(), "{} {}", best.rss(), worse.rss());
        let found = [
            ("profile", worse.intervals().unwrap_err()),
            ("without a well", worse.leave_one_out().unwrap_err()),
            ("resampled", bootstrap(&worse, 400, 3).unwrap_err()),
        ];
        for (by, lower) in found {
            let again = worse.restarted(lower).unwrap();
            assert!((again.rss() / best.rss() - 1.0).abs() < 1e-9, "{by}: {} for {}", again.rss(), best.rss());
            assert!(again.intervals().is_ok() && again.leave_one_out().is_ok() && bootstrap(&again, 400, 3).is_ok());
        }
        let (curve, intervals) = worse.with_intervals().unwrap();
        assert!((curve.rss() / best.rss() - 1.0).abs() < 1e-9 && intervals[2].is_some());
    }

    /// What a search led back to is not asked again: else it would never end.
    #[test]
    fn a_curve_that_stood_the_test_stands() {
        let (mut worse, _) = at_the_worse_minimum();
        worse.stood = true;
        assert!(worse.intervals().is_ok() && worse.leave_one_out().is_ok());
    }
}
