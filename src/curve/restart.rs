//! From a lower curve that was come by to a fit that knows of it: see [`super::fitting::lower_curve`].

use super::answers::profile::Interval;
use super::answers::standard_curve::StandardCurve;
use super::definition::method::FitError;
use super::fit::fit_besides;
use super::fitting::lower_curve::LowerCurve;

impl StandardCurve {
    /// The curve fitted again, with the search going from the lower shape besides. Where the variances follow the curve it may be the
    /// same one again, which then has stood the test.
    ///
    /// # Errors
    /// As [`super::fit()`].
    pub fn restarted(&self, lower: LowerCurve) -> Result<Self, FitError> {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::merge;
    use crate::curve::definition::variance_law::Law;
    use crate::curve::fit::family;
    use crate::curve::fitting::fitted_curve::FittedCurve;
    use crate::curve::fitting::search::search;
    use crate::curve::fitting::shape::Shape;
    use crate::curve::{Method, Point, fit};

    /// Responses that rise in two stairs, and for an estimate the minimum that stands at the second of them: it is above the other.
    fn at_the_worse_minimum() -> (StandardCurve, Vec<Point>) {
        let stairs = [0.0, 0.05, 0.5, 0.55, 0.5, 1.25, 1.3, 1.25];
        let well = |(i, response): (usize, f64)| Point { concentration: f64::from(1 << i), response };
        let points: Vec<Point> = stairs.into_iter().enumerate().map(well).collect();
        let (method, standards) = (Method::default(), merge(&points));
        let family = family(&method, &standards);
        let weights = vec![1.0; standards.len()];
        let mut found = search(&family, &standards, &weights, 5.0, &[]);
        found.shape =
            Shape::Smooth { kernel: crate::curve::definition::kernel::Kernel::Logistic, at: found.others.remove(0) };
        let fitted = FittedCurve { found, weights, law: Law::Power(0.0), law_estimated: false, floor: 1e-3 };
        let curve = StandardCurve::bare(&points, &method, standards, family, fitted).with_covariance(2.78);
        (curve, points)
    }

    #[test]
    fn a_profile_and_a_plate_without_a_well_lead_away_from_a_worse_minimum() {
        let (worse, points) = at_the_worse_minimum();
        let best = fit(&points, &Method::default()).unwrap();
        assert!(best.rss() < 0.8 * worse.rss() && worse.identified(), "{} {}", best.rss(), worse.rss());
        let found =
            [("profile", worse.intervals().unwrap_err()), ("without a well", worse.leave_one_out().unwrap_err())];
        for (by, lower) in found {
            let again = worse.restarted(lower).unwrap();
            assert!((again.rss() / best.rss() - 1.0).abs() < 1e-9, "{by}: {} for {}", again.rss(), best.rss());
            assert!(again.intervals().is_ok() && again.leave_one_out().is_ok());
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
