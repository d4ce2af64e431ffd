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

use super::covariance::{MOST, dot};
use super::distribution::t_two_sided;
use super::kernel::Jet;
use super::model::{Model, Parameters};
use super::search;
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
        let halves: Vec<Option<[f64; MOST]>> = self.halves();
        let df = self.df() as f64;
        self.points
            .iter()
            .enumerate()
            .map(|(index, point)| {
                let level = self.level_of(point.concentration);
                let fitted = self.response(point.concentration);
                let residual = point.response - fitted;
                let weighted = residual * self.weights[level].sqrt();
                let leverage = halves[level].map(|half| self.weights[level] * dot(&half, &half));
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

    /// `R⁻ᵀg` of each level.
    fn halves(&self) -> Vec<Option<[f64; MOST]>> {
        let parts = self.smooth.as_ref().zip(self.root.as_ref());
        self.standards
            .iter()
            .map(|standard| parts.map(|(smooth, root)| root.half(&smooth.value(standard.ln_x).gradient)))
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
        let problem = search::problem_of(&self.family, smooth.kernel, &standards, &self.weights)?;
        let mut jets = vec![Jet::default(); standards.len()];
        let (at, _) = minimise(&problem, smooth.at.theta, &mut jets)?;
        let left = super::covariance::Smooth::new(smooth.kernel, at, smooth.free, &standards, &self.weights);
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
        for standard in self.readable_levels() {
            let change =
                left.inverse(smooth.response(standard.ln_x)).map(|ln_x| 100.0 * libm::expm1(ln_x - standard.ln_x));
            let size = |change: Option<f64>| change.map_or(f64::INFINITY, f64::abs);
            if size(change) > size(out.change_percent) {
                out.concentration = standard.x;
                out.change_percent = change;
            }
        }
        Some(out)
    }

    /// The non-zero levels at which the curve by itself reads a concentration to within 10 %.
    fn readable_levels(&self) -> impl Iterator<Item = &super::point::Standard> {
        let sd = self.residual_sd().unwrap_or(0.0);
        self.standards.iter().filter(move |standard| {
            let Some((smooth, root)) = self.smooth.as_ref().zip(self.root.as_ref()) else { return false };
            let value = smooth.value(standard.ln_x);
            standard.x > 0.0 && sd * root.variance(&value.gradient).sqrt() <= READABLE * value.slope.abs()
        })
    }

    /// The well that moves the curve most, with the refit without it, when leaving it out changes a reading among the
    /// standards by more than `limit_percent`.
    pub(crate) fn driving_well(&self, limit_percent: f64) -> Option<LeftOut> {
        if self.df() < 2 || self.exact() {
            return None;
        }
        let (smooth, halves) = (self.smooth.as_ref()?, self.halves());
        let readable: Vec<(f64, [f64; MOST])> = self
            .readable_levels()
            .filter_map(|s| Some((smooth.value(s.ln_x).slope, halves[self.level_of(s.x)]?)))
            .collect();
        let mut worst = (0, 0.0);
        for (index, point) in self.points.iter().enumerate() {
            let level = self.level_of(point.concentration);
            let half = halves[level]?;
            let (w, h) = (self.weights[level], self.weights[level] * dot(&half, &half));
            let pull = w * (point.response - smooth.response(self.standards[level].ln_x)) / (1.0 - h).max(1e-12);
            for (slope, other) in &readable {
                let change = (dot(&half, other) * pull / slope).abs();
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
