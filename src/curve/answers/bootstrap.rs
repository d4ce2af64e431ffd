//! Resampling: how the parameters would vary over plates like this one.
//!
//! Residual bootstrap (Davison & Hinkley 1997, section 7.3): studentised residuals, centred, are drawn with replacement and
//! added to the curve, scaled to the variance at the well; each such plate is fitted from the curve's own parameters.

use super::covariance::Smooth;
use super::lanes::{self, Minimum};
use super::standard_curve::StandardCurve;
use super::stands::TestedEstimate;
use crate::curve::definition::model::{Model, Parameters};
use crate::curve::definition::point::Standard;
use crate::curve::fitting::curve_family::problem_of;
use crate::curve::fitting::lower::Lower;
use crate::curve::fitting::minimise::minimise;
use crate::curve::fitting::projection::LeastSquaresProblem;
use crate::curve::fitting::quad::{KernelRows, Quad};
use crate::curve::numerics::lanes::{Four, LANES};

/// The parameters of `times` resampled plates; the same seed gives the same plates on every platform. Empty where the fit is
/// not identified, or leaves no residuals to draw from. A resampled plate whose fit runs away is left out.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// if let Ok(plates) = bootstrap(&curve, 1000, 7) {
///     let mut mid_points: Vec<f64> = plates.iter().map(|drawn| drawn.c).collect();
///     mid_points.sort_by(f64::total_cmp);
///     assert!(mid_points[25] < curve.parameters().c && curve.parameters().c < mid_points[974]);
/// }
/// # Ok::<(), FitError>(())
/// ```
///
/// # Errors
/// When a resampled plate is fitted by a shape under which the wells themselves have a lower sum of squares than under the curve.
pub fn bootstrap(curve: &StandardCurve, times: usize, seed: u64) -> Result<Vec<Parameters>, Lower> {
    let Some(smooth) = curve.smooth.as_ref().filter(|_| curve.identified() && curve.residual_sd().is_some()) else {
        return Ok(Vec::new());
    };
    let residuals = standardised(curve);
    let Some(problem) = problem_of(&curve.family, smooth.kernel, &curve.standards, &curve.weights) else {
        return Ok(Vec::new());
    };
    // What a well of each level is, and how far its noise reaches.
    let fitted: Vec<(f64, f64)> =
        curve.standards.iter().zip(&curve.weights).map(|(s, w)| (smooth.response(s.ln_x), 1.0 / w.sqrt())).collect();
    let mut random = SeededStream(seed);
    let mut estimate = TestedEstimate::new(curve);
    let together = lanes::side_by_side(&problem);
    let mut means: Vec<Four> = vec![Four::default(); fitted.len()];
    let mut rows = vec![KernelRows::default(); fitted.len()];
    let mut standards: Vec<Standard> = curve.standards.clone();
    let mut found = Vec::with_capacity(times);
    for first in (0..times).step_by(LANES) {
        let plates = LANES.min(times - first);
        for lane in 0..plates {
            for ((level, standard), (mean, reach)) in means.iter_mut().zip(&standards).zip(&fitted) {
                // The spread within a level does not move the minimum: the level's mean is all that is needed.
                let wells = standard.n as usize;
                let noise: f64 = (0..wells).map(|_| residuals[random.below(residuals.len())]).sum();
                level.0[lane] = mean + reach * noise / standard.n;
            }
        }
        let minima =
            if together { lanes::minimise(&problem, &means, smooth.at.theta, &mut rows) } else { [None; LANES] };
        for (lane, minimum) in minima.into_iter().enumerate().take(plates) {
            if let Some(Minimum { ln_c, ln_b, alpha, kappa }) = minimum {
                estimate.stands_against([ln_c, ln_b, 0.0])?;
                let (c, b) = (libm::exp(ln_c), libm::exp(ln_b));
                found.push(Parameters { a: alpha, d: alpha + kappa, c, b, g: 1.0 });
                continue;
            }
            for (standard, level) in standards.iter_mut().zip(&means) {
                standard.mean = level.0[lane];
            }
            let resampled = LeastSquaresProblem { standards: &standards, ..problem };
            if let Some(at) = minimise(&resampled, smooth.at.theta, &mut Quad::of(&standards, problem.weights)) {
                estimate.stands_against(at.theta)?;
                found.extend(inside(curve, &problem, &Smooth::new(smooth.kernel, *at, smooth.free)));
            }
        }
    }
    Ok(found)
}

/// The parameters of a resampled plate; `None` when its fit ran to the edge of the search.
fn inside(curve: &StandardCurve, problem: &LeastSquaresProblem<'_>, fit: &Smooth) -> Option<Parameters> {
    let theta = fit.at.theta;
    let inside = (0..3).all(|j| !problem.free[j] || (theta[j] > problem.bounds[j].0 && theta[j] < problem.bounds[j].1));
    let g = if curve.method.model == Model::FourParameter { 1.0 } else { fit.g };
    Some(Parameters { a: fit.lower_end()?, d: fit.upper_end()?, c: fit.c, b: fit.b, g }).filter(|_| inside)
}

/// Weighted residuals, divided by √(1 − leverage) and centred.
fn standardised(curve: &StandardCurve) -> Vec<f64> {
    let mut residuals: Vec<f64> =
        curve.residuals().iter().map(|r| r.weighted / (1.0 - r.leverage.unwrap_or(0.0)).max(1e-3).sqrt()).collect();
    let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
    for residual in &mut residuals {
        *residual -= mean;
    }
    residuals
}

/// SplitMix64 (Steele, Lea & Flood 2014, OOPSLA): small, seeded, the same everywhere.
struct SeededStream(u64);

impl SeededStream {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // The high bits, multiplied: off by less than n / 2⁶⁴ from uniform.
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }
}
