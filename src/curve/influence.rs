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

use super::covariance::dot;
use super::distribution::t_two_sided;
use super::family::problem_of;
use super::kernel::Jet;
use super::model::{Model, Parameters};
use super::solver::minimise;
use super::standard_curve::StandardCurve;

/// A well as the curve sees it.
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LeftOut {
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
        let df = self.df() as f64;
        self.points
            .iter()
            .enumerate()
            .map(|(index, point)| {
                let level = self.level_of(point.concentration);
                let seen = self.seen.get(level);
                let fitted = seen.map_or_else(|| self.response(point.concentration), |seen| seen.response);
                let residual = point.response - fitted;
                let weighted = residual * self.weights[level].sqrt();
                let leverage =
                    seen.filter(|_| self.root.is_some()).map(|seen| self.weights[level] * dot(&seen.half, &seen.half));
                let studentised = leverage.filter(|_| df > 1.0 && !self.exact()).and_then(|h| {
                    let squared = weighted * weighted / (1.0 - h);
                    let others = (self.rss - squared) / (df - 1.0);
                    let t = weighted.signum() * (squared / others).sqrt();
                    t.is_finite().then_some(t)
                });
                Residual { index, fitted, residual, weighted, leverage, studentised }
            })
            .collect()
    }

    pub(crate) fn level_of(&self, concentration: f64) -> usize {
        self.standards.iter().position(|s| s.x == concentration).unwrap_or(0)
    }

    /// The probability, over all wells, of a studentised residual as large as this.
    pub(crate) fn outlier_p_value(&self, studentised: f64) -> f64 {
        (t_two_sided(studentised, self.df() as f64 - 1.0) * self.points.len() as f64).min(1.0)
    }

    /// The curve refitted without each well in turn, from the full fit, with the variances of the full fit. Empty where the
    /// fit is not identified.
    pub fn leave_one_out(&self) -> Vec<LeftOut> {
        (0..self.points.len()).filter_map(|index| self.without(index)).collect()
    }

    /// The curve refitted without one well.
    pub(crate) fn without(&self, index: usize) -> Option<LeftOut> {
        let smooth = self.smooth.as_ref().filter(|_| self.identified())?;
        let point = self.points.get(index)?;
        let mut standards = self.standards.clone();
        let level = self.level_of(point.concentration);
        standards[level] = standards[level].without(point.response);
        if standards.iter().filter(|s| s.n > 0.0).count() < self.fitted_parameters() {
            return None;
        }
        let problem = problem_of(&self.family, smooth.kernel, &standards, &self.weights)?;
        let mut jets = vec![Jet::default(); standards.len()];
        let (at, _) = minimise(&problem, smooth.at.theta, &mut jets)?;
        let left = super::covariance::Smooth::new(smooth.kernel, at, smooth.free);
        let [ln_c, ln_b, ln_g] = at.theta;
        let mut out = LeftOut {
            index,
            parameters: Parameters {
                a: left.lower_end()?,
                d: left.upper_end()?,
                c: libm::exp(ln_c),
                b: libm::exp(ln_b),
                g: if self.method.model == Model::FourParameter { 1.0 } else { libm::exp(ln_g) },
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
    pub(crate) fn driving_well(&self, limit_percent: f64) -> Option<LeftOut> {
        if self.df() < 2 || self.exact() || self.root.is_none() {
            return None;
        }
        let mut worst = (0, 0.0);
        for (index, point) in self.points.iter().enumerate() {
            let level = self.level_of(point.concentration);
            let (w, own) = (self.weights[level], &self.seen[level]);
            let h = w * dot(&own.half, &own.half);
            let pull = w * (point.response - own.response) / (1.0 - h).max(1e-12);
            for level in self.readable_levels() {
                let other = &self.seen[level];
                let change = (dot(&own.half, &other.half) * pull / other.slope).abs();
                if change > worst.1 {
                    worst = (index, change);
                }
            }
        }
        // The one step may fall short of the refit by a half.
        if 100.0 * worst.1 < 0.5 * limit_percent {
            return None;
        }
        self.without(worst.0).filter(|left| left.change_percent.is_none_or(|change| change.abs() > limit_percent))
    }
}

/// Relative standard error of a concentration, from the curve alone, up to which the curve reads.
const READABLE: f64 = 0.1;
