//! Whether one level of the standards explains why they do not lie on a curve: its concentration was typed wrongly, or its tube holds
//! something else.
//!
//! The curve is tried without each level. One explains the rest when without it the others lie on a curve, by the limits of the
//! method, and without no other level they do nearly as well:
//!
//! ```text
//! s²(without the level) ≤ s² / 4        s² = RSS / df, of all levels and of every other one left out
//! ```
//!
//! Nothing is corrected: the level is named, with what it reads as on the curve of the others.

use super::evaluate::prepare;
use super::standards::misfit;
use crate::curve::{self, Method, StandardCurve, Variance};
use crate::plate::AssayPlate;
use crate::protocol::Assay;

/// A level of the standards that is off the curve of the others.
///
/// ```
/// use platewise::concentration::LevelOff;
///
/// let slip = LevelOff { nominal: 25.0, reads_as: Some(246.0) };
/// assert_eq!(slip.typed_for(), Some(250.0));
/// assert_eq!(LevelOff { nominal: 25.0, reads_as: Some(80.0) }.typed_for(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelOff {
    /// Its concentration as declared.
    pub nominal: f64,
    /// What it reads as on the curve of the other levels; `None` outside of that curve.
    pub reads_as: Option<f64>,
}

/// How far a reading may be from ten times a concentration (or a tenth, a hundred times …) to be that, as a ratio.
const NEAR: f64 = 1.5;
/// By how much smaller the misfit must be without the level.
const FACTOR: f64 = 4.0;
/// Levels that must be left for a curve.
const LEVELS: usize = 4;

impl LevelOff {
    /// The concentration that was probably meant: the declared one with the decimal point elsewhere, where it reads as that.
    pub fn typed_for(&self) -> Option<f64> {
        let ratio = self.reads_as? / self.nominal;
        let meant =
            [1e-3, 1e-2, 0.1, 10.0, 100.0, 1e3].into_iter().find(|power| (ratio / power).max(power / ratio) < NEAR);
        meant.map(|power| if power < 1.0 { self.nominal / (1.0 / power).round() } else { self.nominal * power })
    }
}

/// The level that explains why the standards of a plate do not lie on a curve; `None` where they do, or no single one explains it.
pub fn level_off(plate: &AssayPlate, assay: &Assay) -> Option<LevelOff> {
    let prepared = prepare(&plate.as_read(), assay)?;
    // Sums of squares are compared, so one variance for all.
    let unknown = prepared.method.variance.has_parameter() && prepared.method.variance_parameter.is_none();
    let variance = if unknown { Variance::Proportional } else { prepared.method.variance };
    let method = Method { variance, ..prepared.method };
    let fit_without = |nominal: Option<f64>| -> Option<StandardCurve> {
        let kept = prepared.points.iter().copied().filter(|point| Some(point.concentration) != nominal);
        curve::fit(&kept.collect::<Vec<_>>(), &method).ok().filter(|curve| curve.verdict().usable)
    };
    let mut levels: Vec<f64> = prepared.points.iter().map(|point| point.concentration).filter(|&x| x > 0.0).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    if levels.len() <= LEVELS {
        return None;
    }
    let mut tried: Vec<(f64, f64, StandardCurve)> = levels
        .iter()
        .filter_map(|&nominal| fit_without(Some(nominal)).map(|curve| (misfit(&curve), nominal, curve)))
        .collect();
    tried.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (least, nominal, curve) = tried.first()?;
    let all = fit_without(None).map(|curve| misfit(&curve));
    let alone = tried.get(1).map(|second| second.0).into_iter().chain(all).all(|other| other >= FACTOR * least);
    if !alone || !lie_on(curve, assay) {
        return None;
    }
    let responses = prepared.points.iter().filter(|point| point.concentration == *nominal).map(|point| point.response);
    let (sum, n) = responses.fold((0.0, 0), |(sum, n), response| (sum + response, n + 1));
    Some(LevelOff { nominal: *nominal, reads_as: curve.invert(sum / f64::from(n), 1).concentration })
}

/// Whether enough levels read back within the limits of the method for its curve to be accepted.
fn lie_on(curve: &StandardCurve, assay: &Assay) -> bool {
    let limits = &assay.acceptance;
    let limit = limits
        .standard_bias_percent
        .max(limits.standard_bias_percent_at_lloq)
        .max(limits.standard_bias_percent_at_uloq);
    let judged = || curve.levels().iter().filter(|level| level.concentration > 0.0);
    let passing = judged().filter(|level| level.bias_percent.is_some_and(|bias| bias.abs() <= limit)).count();
    passing >= LEVELS && 100.0 * passing as f64 >= limits.standards_pass_percent * judged().count() as f64
}
