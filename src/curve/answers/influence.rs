//! What each well does to the curve: residuals, leverage, and the curve without it.
//!
//! ```text
//! leverage       h = w gᵀ(JᵀWJ)⁻¹g
//! studentised    t = r √w / (s₍ᵢ₎ √(1 − h)),   s₍ᵢ₎² = (RSS − w r²/(1 − h)) / (N − p − 1)
//! left out       f₍ᵢ₎(x) ≈ f(x) − g(x)ᵀ(JᵀWJ)⁻¹gᵢ w rᵢ / (1 − hᵢ)
//! ```
//!
//! (Cook & Weisberg 1982, chapter 2.) `t` follows Student's distribution with N − p − 1 degrees of freedom. The formula for the
//! curve without a well is one Gauss–Newton step: it finds the well to worry about, and an exact refit then says how much.

use serde::Serialize;

use super::covariance::{Smooth, dot};
use super::standard_curve::StandardCurve;
use crate::curve::definition::model::{Model, Parameters};
use crate::curve::definition::point::Standard;
use crate::curve::definition::variance::VarianceFrom;
use crate::curve::definition::variance_law::{Law, Spread};
use crate::curve::fitting::curve_family::problem_of;
use crate::curve::fitting::lower_curve::LowerCurve;
use crate::curve::fitting::minimise::minimise;
use crate::curve::fitting::quad::Quad;
use crate::curve::fitting::solver::Converged;
use crate::probability::t_two_sided;

/// A well as the curve sees it.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let residuals: Vec<Residual> = curve.residuals();
/// assert!((residuals.iter().map(|one| one.weighted * one.weighted).sum::<f64>() / curve.rss() - 1.0).abs() < 1e-9);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Residual {
    /// Index of the well among the points.
    pub index: usize,
    /// The curve there.
    pub fitted: f64,
    /// Response − fitted.
    pub residual: f64,
    /// The residual in units in which all wells have the variance σ².
    pub weighted: f64,
    /// Share of the well's response in its own fitted value, 0 to 1.
    pub leverage: Option<f64>,
    /// The residual in units of its standard error, σ taken from the other wells.
    pub studentised: Option<f64>,
}

/// The curve without one well.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// if let Ok(without) = curve.leave_one_out() {
///     assert!(without.len() == 16 && without.iter().all(|one: &CurveWithoutWell| one.change_percent.is_some_and(|change| change.abs() < 20.0)));
/// }
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurveWithoutWell {
    /// Index of the well among the points.
    pub index: usize,
    /// The parameters without it.
    pub parameters: Parameters,
    /// The concentration among the standards at which readings change most.
    pub concentration: f64,
    /// By how much they change there: 100 × (without − with) / with; `None` when the curve without the well no longer
    /// reaches that response.
    pub change_percent: Option<f64>,
}

impl StandardCurve {
    /// The residuals of the wells, in their order.
    pub fn residuals(&self) -> Vec<Residual> {
        self.residuals_in_order().collect()
    }

    fn residuals_in_order(&self) -> impl Iterator<Item = Residual> {
        let df = self.df() as f64;
        let exact = self.exact();
        self.points.iter().enumerate().map(move |(index, point)| {
            let level = self.level_of(point.concentration);
            let seen = self.seen.get(level);
            let fitted = seen.map_or_else(|| self.response(point.concentration), |seen| seen.response);
            let residual = point.response - fitted;
            let weighted = residual * self.weights[level].sqrt();
            let leverage =
                seen.filter(|_| self.root.is_some()).map(|seen| self.weights[level] * dot(&seen.half, &seen.half));
            let studentised = leverage.filter(|_| df > 1.0 && !exact).and_then(|h| {
                let squared = weighted * weighted / (1.0 - h);
                let others = (self.rss - squared) / (df - 1.0);
                let t = weighted.signum() * (squared / others).sqrt();
                t.is_finite().then_some(t)
            });
            Residual { index, fitted, residual, weighted, leverage, studentised }
        })
    }

    pub(crate) fn level_of(&self, concentration: f64) -> usize {
        self.standards.iter().position(|s| s.x == concentration).unwrap_or(0)
    }

    /// The wells further from the curve than chance allows: with less than this probability on the whole plate (Bonferroni).
    ///
    /// Where the variance model is wrong, the wells at its quiet end stand out on one plate in five and are not to blame. A
    /// well is therefore named only when another exponent of the variance does not explain it as well. An exponent estimated
    /// from this plate follows an outlier, and hides it: there only the second question is asked.
    pub(crate) fn suspicious_wells(&self, chance: f64) -> Vec<Residual> {
        let df = self.df() as f64;
        let stands_out = |t: f64, df: f64| df > 0.0 && t_two_sided(t, df) * (self.points.len() as f64) < chance;
        let is_suspicious = |residual: &Residual| {
            let Some(t) = residual.studentised.filter(|t| t.abs() > 2.0) else { return false };
            // Below 3 no number of wells on a plate makes it remarkable.
            let here = t.abs() > 3.0 && stands_out(t, df - 1.0);
            (here || self.law_estimated)
                && self.studentised_at_any_exponent(residual).map_or(here, |t| stands_out(t, df - 2.0))
        };
        self.residuals_in_order().filter(is_suspicious).collect()
    }

    /// The size of a well's studentised residual when the exponent of the variance is as likely as can be, both with the well
    /// on the curve and with it off. With a known exponent `RSS / RSS₍ᵢ₎ = 1 + t²/(N − p − 1)`; here the ratio of the
    /// likelihoods, to the power 2/N, takes the place of that of the sums of squares. `None` where the wells do not
    /// determine the exponent.
    fn studentised_at_any_exponent(&self, residual: &Residual) -> Option<f64> {
        let response = self.points[residual.index].response;
        let level = self.level_of(self.points[residual.index].concentration);
        let own = self.seen.get(level)?;
        let pull = self.weights[level] * residual.residual / (1.0 - residual.leverage?);
        let on: Vec<Spread> =
            self.standards.iter().zip(&self.seen).map(|(s, seen)| self.spread(s.n, s, seen.response)).collect();
        // The well off the curve has a residual of 0 and still counts as a well.
        let off: Vec<Spread> = (self.standards.iter().zip(&self.seen).enumerate())
            .map(|(i, (s, seen))| {
                let others = if i == level { s.without(response) } else { *s };
                self.spread(s.n, &others, seen.response - dot(&own.half, &seen.half) * pull)
            })
            .collect();
        let most = |levels: &[Spread]| {
            let law = Law::Power(0.0).most_likely([levels]);
            (!law.has_no_maximum()).then(|| law.log_likelihood(levels))
        };
        let gain = most(&off)? - most(&on)?;
        let (n, df) = (self.points.len() as f64, self.df() as f64 - 2.0);
        Some((libm::expm1(2.0 * gain / n) * df).max(0.0).sqrt())
    }

    fn spread(&self, n: f64, wells: &Standard, fitted: f64) -> Spread {
        let mean = if self.method.variance_from == VarianceFrom::Fitted { fitted } else { wells.mean };
        let squares = wells.within + wells.n * (wells.mean - fitted) * (wells.mean - fitted);
        Spread { n, ln_mean: libm::log(mean.abs().max(self.floor)), squares }
    }

    /// The curve refitted without each well in turn, from the full fit, with the variances of the full fit. Empty where the
    /// fit is not identified.
    ///
    /// # Errors
    /// When a curve without a well is lower than this one with all of them.
    pub fn leave_one_out(&self) -> Result<Vec<CurveWithoutWell>, LowerCurve> {
        (0..self.points.len()).filter_map(|index| self.without(index).transpose()).collect()
    }

    /// The curve refitted without one well.
    pub(crate) fn without(&self, index: usize) -> Result<Option<CurveWithoutWell>, LowerCurve> {
        let Some((left, full)) = self.shape_without(index) else { return Ok(None) };
        self.stands_against(left.theta)?;
        Ok(self.read_without(index, left, full))
    }

    /// Where the search without one well ends, and what was free in it.
    fn shape_without(&self, index: usize) -> Option<(Converged, &Smooth)> {
        let smooth = self.smooth.as_ref().filter(|_| self.identified())?;
        let point = self.points.get(index)?;
        let mut standards = self.standards.clone();
        let level = self.level_of(point.concentration);
        standards[level] = standards[level].without(point.response);
        if standards.iter().filter(|s| s.n > 0.0).count() < self.fitted_parameters() {
            return None;
        }
        let problem = problem_of(&self.family, smooth.kernel, &standards, &self.weights)?;
        let mut quads = Quad::of(&standards, &self.weights);
        Some((minimise(&problem, smooth.at.theta, &mut quads)?, smooth))
    }

    /// What the curve without one well reads otherwise.
    fn read_without(&self, index: usize, at: Converged, full: &Smooth) -> Option<CurveWithoutWell> {
        let point = self.points.get(index)?;
        let left = Smooth::new(full.kernel, *at, full.free);
        let mut out = CurveWithoutWell {
            index,
            parameters: Parameters {
                a: left.lower_end()?,
                d: left.upper_end()?,
                c: left.c,
                b: left.b,
                g: if self.method.model == Model::FourParameter { 1.0 } else { left.g },
            },
            concentration: point.concentration,
            change_percent: Some(0.0),
        };
        for level in self.readable_levels() {
            let standard = &self.standards[level];
            let change = left.inverse(self.seen[level].response).map(|ln_x| 100.0 * libm::expm1(ln_x - standard.ln_x));
            let size = |change: Option<f64>| change.map_or(f64::INFINITY, f64::abs);
            if size(change) > size(out.change_percent) {
                out.concentration = standard.x;
                out.change_percent = change;
            }
        }
        Some(out)
    }

    /// The non-zero levels at which the curve by itself reads a concentration to within 10 %.
    fn readable_levels(&self) -> impl Iterator<Item = usize> {
        let sd = self.residual_sd().unwrap_or(0.0);
        (0..self.seen.len()).filter(move |&level| {
            let seen = &self.seen[level];
            self.standards[level].x > 0.0 && sd * dot(&seen.half, &seen.half).sqrt() <= READABLE * seen.slope.abs()
        })
    }

    /// The well that moves the curve most, with the refit without it, when leaving it out changes a reading among the
    /// standards by more than `limit_percent`.
    pub(crate) fn driving_well(&self, limit_percent: f64) -> Result<Option<CurveWithoutWell>, LowerCurve> {
        if self.df() < 2 || self.exact() || self.root.is_none() {
            return Ok(None);
        }
        let readable: Vec<usize> = self.readable_levels().collect();
        let mut worst = (0, 0.0);
        for (level, (own, w)) in self.seen.iter().zip(&self.weights).enumerate() {
            // The wells of a level pull in the same direction, each by its own residual.
            let most = |change: f64, &at: &usize| {
                let other = &self.seen[at];
                change.max((dot(&own.half, &other.half) / other.slope).abs())
            };
            let per_pull = w * readable.iter().fold(0.0, most) / (1.0 - w * dot(&own.half, &own.half)).max(1e-12);
            let x = self.standards[level].x;
            for (index, point) in self.points.iter().enumerate().filter(|(_, point)| point.concentration == x) {
                let change = (per_pull * (point.response - own.response)).abs();
                if change > worst.1 {
                    worst = (index, change);
                }
            }
        }
        // The one step may fall short of the refit by a half.
        if 100.0 * worst.1 < 0.5 * limit_percent {
            return Ok(None);
        }
        let left = self.without(worst.0)?;
        Ok(left.filter(|left| left.change_percent.is_none_or(|change| change.abs() > limit_percent)))
    }
}

/// Relative standard error of a concentration, from the curve alone, up to which the curve reads.
const READABLE: f64 = 0.1;

#[cfg(test)]
mod tests {
    use super::super::tests::{PLATE, fitted, names, near};

    /// Of the residuals of a linear regression, and nearly of these: the leverages add up to the parameters, and a studentised residual is the
    /// residual over its standard deviation, σ from the other wells.
    #[test]
    fn residuals_are_studentised_by_the_other_wells() {
        let curve = fitted(&PLATE);
        let residuals = curve.residuals();
        let sum: f64 = residuals.iter().map(|one| one.leverage.unwrap()).sum();
        assert!((sum - 4.0).abs() < 1e-9, "{sum}");
        for one in &residuals {
            let (h, e) = (one.leverage.unwrap(), one.residual);
            let of_others = (curve.rss() - e * e / (1.0 - h)) / 11.0;
            assert!(near(one.studentised, e / (of_others * (1.0 - h)).sqrt()), "{one:?}");
            let (x, y) = PLATE[one.index];
            assert!(e == y - one.fitted && (one.fitted - curve.response(x)).abs() < 1e-12);
        }
    }

    /// Without a well the curve reads as one fitted to the others; named is the level whose reading changes most, in percent.
    #[test]
    fn a_curve_without_a_well_is_that_of_the_others() {
        let plate: Vec<(f64, f64)> = PLATE.iter().step_by(2).copied().collect();
        let curve = fitted(&plate);
        for left in curve.leave_one_out().unwrap() {
            let mut others = plate.clone();
            others.remove(left.index);
            let without = fitted(&others);
            let (found, expected) = (left.parameters, without.parameters());
            assert!((found.c / expected.c - 1.0).abs() < 1e-6 && (found.d / expected.d - 1.0).abs() < 1e-6, "{left:?}");
            let change = |x: f64| {
                let read = without.concentration_of(curve.response(x)).unwrap_or(f64::NAN);
                100.0 * (read / x - 1.0)
            };
            assert!((change(left.concentration) - left.change_percent.unwrap()).abs() < 1e-4, "{left:?}");
            // In the middle every curve reads.
            assert!(
                [125.0, 250.0, 500.0].into_iter().all(|x| change(x).abs() <= left.change_percent.unwrap().abs() + 1e-4)
            );
        }
        assert!(!names(&fitted(&PLATE)).contains(&"one_well_drives_the_fit"));
    }
}
