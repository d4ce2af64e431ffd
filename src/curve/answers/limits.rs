//! Limits of quantification that a curve supports. Pure functions: which rule holds is the method's choice.

use serde::Serialize;

use super::level::Level;
use super::standard_curve::StandardCurve;
use crate::curve::numerics::bracket;

/// What a standard has to meet so that the range may begin or end at it. ICH M10, section 4.2.3: bias within ±25 % at the
/// limits.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let criteria = LimitCriteria { bias_percent: 25.0, cv_percent: None };
/// assert_eq!(passing_standards(curve.levels(), &criteria), Some((31.25, 4000.0)));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LimitCriteria {
    /// Largest |bias| of the back-calculated concentration, in percent.
    pub bias_percent: f64,
    /// Largest CV of the wells' back-calculated concentrations, in percent; `None` when it does not count, as for single
    /// wells. Where it counts, a CV that cannot be computed does not pass.
    pub cv_percent: Option<f64>,
}

/// The concentrations of the lowest and the highest non-zero standard that pass; `None` when none does.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let narrow = LimitCriteria { bias_percent: 25.0, cv_percent: Some(20.0) };
/// let (lowest, highest) = passing_standards(curve.levels(), &narrow).unwrap_or_default();
/// assert!(31.25 <= lowest && highest <= 4000.0);
/// # Ok::<(), FitError>(())
/// ```
pub fn passing_standards(levels: &[Level], criteria: &LimitCriteria) -> Option<(f64, f64)> {
    let passes = |level: &&Level| {
        level.concentration > 0.0
            && level.bias_percent.is_some_and(|bias| bias.abs() <= criteria.bias_percent)
            && criteria.cv_percent.is_none_or(|most| level.cv_percent.is_some_and(|cv| cv <= most))
    };
    let mut passing = levels.iter().filter(passes).map(|level| level.concentration);
    let first = passing.next()?;
    Some((first, passing.next_back().unwrap_or(first)))
}

/// Steps of the precision profile over the standards.
const STEPS: usize = 60;

impl StandardCurve {
    /// The predicted CV, in percent, of a concentration `x` read from the mean of `replicates` wells: the delta-method
    /// standard error at the curve's own response over `x`. `None` where the curve does not determine it.
    pub fn predicted_cv_percent(&self, x: f64, replicates: usize) -> Option<f64> {
        let read = self.invert(self.response(x), replicates);
        read.standard_error.filter(|_| x > 0.0).map(|se| 100.0 * se / x)
    }

    /// The range of concentrations within the standards in which the predicted CV is at most `cv_percent`: from the precise
    /// middle outwards until the CV exceeds it, or the standards end. `None` when the CV is nowhere low enough.
    ///
    /// ```
    /// # use platewise::curve::*;
    /// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
    /// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
    /// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
    /// # let curve = fit(&plate, &Method::default())?;
    /// let (from, to) = curve.precision_range(20.0, 2).unwrap_or_default();
    /// assert!(31.25 <= from && to <= 4000.0);
    /// assert!(curve.predicted_cv_percent(300.0, 2) < Some(20.0));
    /// # Ok::<(), FitError>(())
    /// ```
    pub fn precision_range(&self, cv_percent: f64, replicates: usize) -> Option<(f64, f64)> {
        let (first, last) = self.ends;
        let excess = |ln_x: f64| {
            self.predicted_cv_percent(libm::exp(ln_x), replicates).map_or(f64::INFINITY, |cv| cv - cv_percent)
        };
        let at = |i: usize| first + (last - first) * i as f64 / STEPS as f64;
        let profile: Vec<f64> = (0..=STEPS).map(|i| excess(at(i))).collect();
        let middle = (0..=STEPS).min_by(|&i, &j| profile[i].total_cmp(&profile[j])).filter(|&i| profile[i] <= 0.0)?;
        let edge = |inside: usize, outside: Option<usize>| {
            // A CV that is not determined is as far outside as one that is too large.
            let large = |excess: f64| if excess.is_finite() { excess } else { 1e3 * cv_percent };
            outside.map_or(at(inside), |outside| {
                let (from, to) =
                    ((at(inside), profile[inside].min(-f64::MIN_POSITIVE)), (at(outside), large(profile[outside])));
                bracket::root(|ln_x| large(excess(ln_x)), from, to)
            })
        };
        let below = (0..middle).rev().find(|&i| profile[i] > 0.0);
        let above = (middle + 1..=STEPS).find(|&i| profile[i] > 0.0);
        let lower = edge(below.map_or(0, |i| i + 1), below);
        let upper = edge(above.map_or(STEPS, |i| i - 1), above);
        Some((libm::exp(lower), libm::exp(upper)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Method, Model, Parameters, Point, fit};

    fn curve() -> StandardCurve {
        let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
        let noise = [0.012, -0.009, 0.004, -0.011, 0.007, 0.010, -0.005, -0.008];
        let points: Vec<Point> = [0.0, 15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0, 8000.0, 32000.0]
            .into_iter()
            .enumerate()
            .flat_map(|(i, x)| [(i, x), (i + 3, x)])
            .map(|(i, x)| Point { concentration: x, response: Model::FourParameter.response(&truth, x) + noise[i % 8] })
            .collect();
        fit(&points, &Method::default()).unwrap()
    }

    #[test]
    fn the_range_ends_at_standards_that_pass() {
        let level = |concentration: f64, bias: f64, cv: Option<f64>| Level {
            concentration,
            n: 2,
            mean_response: 1.0,
            response_cv_percent: None,
            back_calculated: None,
            bias_percent: Some(bias).filter(|_| concentration > 0.0),
            cv_percent: cv,
        };
        let levels = [
            level(0.0, 0.0, None),
            level(10.0, 40.0, Some(5.0)),
            level(20.0, -24.0, Some(8.0)),
            level(40.0, 30.0, Some(2.0)),
            level(80.0, 3.0, Some(3.0)),
            level(160.0, 3.0, None),
        ];
        let criteria = LimitCriteria { bias_percent: 25.0, cv_percent: Some(20.0) };
        assert_eq!(passing_standards(&levels, &criteria), Some((20.0, 80.0)));
        assert_eq!(passing_standards(&levels, &LimitCriteria { cv_percent: None, ..criteria }), Some((20.0, 160.0)));
        assert_eq!(passing_standards(&levels[..2], &criteria), None);
    }

    #[test]
    fn the_precision_range_ends_where_the_cv_reaches_the_limit() {
        let curve = curve();
        let (lower, upper) = curve.precision_range(8.0, 2).unwrap();
        assert!(15.6 < lower && lower < 60.0 && 2000.0 < upper && upper < 32000.0, "{lower} {upper}");
        for limit in [lower, upper] {
            assert!((curve.predicted_cv_percent(limit, 2).unwrap() - 8.0).abs() < 1e-6);
        }
        assert!(curve.precision_range(8.0, 8).unwrap().0 < lower, "more wells read lower concentrations");
        // Where all standards are precise the range ends at them, not beyond.
        assert!((curve.precision_range(80.0, 2).unwrap().0 / 15.6 - 1.0).abs() < 1e-12);
        assert_eq!(curve.precision_range(0.01, 2), None);
    }
}
