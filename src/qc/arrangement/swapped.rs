//! Whether two standards were exchanged.
//!
//! Two levels out of order can be an exchange, or one level that is off: a dilution that failed, an outlier, a hook at the top.
//! The order alone does not tell the two apart; the curve does. Exchanged back, all levels have to lie on one curve, while leaving
//! out either of the two must not explain it as well:
//!
//! ```text
//! ln ratio = n/2 · ln(s²_without / s²_exchanged)     s² = Σ r² / (n − p), r on the scale of the plate, p parameters of the curve
//! ```
//!
//! for the declared standards, and for the standards without the one and without the other level. Levels that the noise does not
//! tell apart, as those near zero, are not claimed to be exchanged; the curve is the same either way.

use super::agreement::{CAP, distances, sum};
use super::alternatives::exchanged;
use super::contents::{Contents, WellContent};
use super::direction::Direction;
use super::scale::{SignalScale, Signals};
use crate::curve::{self, Method, Model, Point, Variance};
use crate::plate::{AssayPlate, WellPosition};
use crate::stats::quartile::{median, sorted};

/// The least ln ratio to the standards as declared.
const LN_RATIO: f64 = 6.0;
/// The least ln ratio to the standards without either of the two.
const LN_RATIO_WITHOUT: f64 = 4.0;
/// The least ln ratio by order alone, without a curve: what is below is not looked at.
const LN_RATIO_IN_ORDER: f64 = 2.0;
/// The least distance between the two levels' responses, a factor of about 1.3: below it a hook at the top, or noise, puts levels in
/// the wrong order as an exchange does, and an exchange hardly moves the curve.
const APART: f64 = 0.25;
/// The largest scatter of the standards about the curve when the two are exchanged back.
const SCATTER: f64 = 0.2;
/// Scatter below this is taken for this.
const LEAST_SCATTER: f64 = 0.01;

/// Two standards that were exchanged.
pub(super) struct Swap {
    /// The levels, and the wells declared to hold them.
    pub(super) levels: [(f64, Vec<WellPosition>); 2],
    pub(super) ln_ratio: f64,
    /// Scatter about the curve as declared, and exchanged back.
    pub(super) scatter: [f64; 2],
}

/// The pair of levels whose exchange explains the standards far better; `None` where there is none.
pub(super) fn swap(
    plate: &AssayPlate,
    declared: &Contents,
    scale: SignalScale,
    direction: Option<Direction>,
    model: Model,
) -> Option<Swap> {
    let signals = scale.signals(plate);
    let levels = declared.levels();
    let in_order = in_order(&signals, declared, direction);
    let mut best: Option<Swap> = None;
    for (i, &one) in levels.iter().enumerate() {
        for &other in &levels[i + 1..] {
            let exchanged = exchanged(declared, one, other);
            let (n, least) = (signals.len().min(declared.wells.len()) as f64, 1e-6);
            let gain = libm::log((in_order + least) / (self::in_order(&signals, &exchanged, direction) + least));
            if n / 2.0 * gain < LN_RATIO_IN_ORDER || !apart(&signals, declared, one, other) {
                continue;
            }
            let found = compare(plate, declared, &exchanged, [one, other], scale, model);
            best = match (best, found) {
                (Some(best), Some(found)) if found.ln_ratio > best.ln_ratio => Some(found),
                (best, found) => best.or(found),
            };
        }
    }
    best
}

/// Whether the responses of two levels can be told apart.
fn apart(signals: &Signals, declared: &Contents, one: f64, other: f64) -> bool {
    let middle = |level| {
        let read: Vec<f64> = declared.standard(level).iter().filter_map(|well| signals.get(well).copied()).collect();
        median(&sorted(&read))
    };
    middle(one).zip(middle(other)).is_some_and(|(one, other)| (one - other).abs() >= APART)
}

/// The sum of squares of the standards and controls about the nearest monotone curve.
fn in_order(signals: &Signals, contents: &Contents, direction: Option<Direction>) -> f64 {
    let mut known = contents.clone();
    known.wells.retain(|_, content| content.known().is_some());
    sum(&distances(signals, &known, direction))
}

fn compare(
    plate: &AssayPlate,
    declared: &Contents,
    exchanged: &Contents,
    levels: [f64; 2],
    scale: SignalScale,
    model: Model,
) -> Option<Swap> {
    let as_declared = points(plate, declared);
    let [one, other] = levels;
    let swapped = variance(&points(plate, exchanged), scale, model)?.max(LEAST_SCATTER * LEAST_SCATTER);
    if swapped > SCATTER * SCATTER {
        return None;
    }
    let n = as_declared.len() as f64 / 2.0;
    let before = variance(&as_declared, scale, model)?;
    let ln_ratio = n * libm::log(before / swapped);
    let explained_without = [one, other].into_iter().any(|level| {
        let rest: Vec<(f64, Point)> = as_declared.iter().filter(|(x, _)| *x != level).copied().collect();
        let n = rest.len() as f64 / 2.0;
        // What cannot be fitted without the level cannot tell the two explanations apart.
        variance(&rest, scale, model).is_none_or(|without| n * libm::log(without / swapped) < LN_RATIO_WITHOUT)
    });
    (ln_ratio >= LN_RATIO && !explained_without).then(|| Swap {
        levels: [one, other].map(|level| (level, declared.standard(level))),
        ln_ratio,
        scatter: [libm::sqrt(before), libm::sqrt(swapped)],
    })
}

/// Standards and controls that were measured, as points of a curve, each with the level of its standard (of a control, −1).
fn points(plate: &AssayPlate, contents: &Contents) -> Vec<(f64, Point)> {
    let point = |position, response| {
        let (level, concentration) = match contents.wells.get(position)? {
            WellContent::Standard(x) => (*x, *x),
            WellContent::Control(x) => (-1.0, *x),
            _ => return None,
        };
        Some((level, Point { concentration, response }))
    };
    plate.wells.iter().filter_map(|well| point(&well.position, well.response.measured()?)).collect()
}

/// The variance of points about their curve, on the scale of the plate; `None` where no curve can be fitted or it leaves fewer
/// than two degrees of freedom.
fn variance(points: &[(f64, Point)], scale: SignalScale, model: Model) -> Option<f64> {
    let points: Vec<Point> = points.iter().map(|&(_, point)| point).collect();
    let method = Method { model, variance: Variance::Proportional, ..Method::default() };
    let curve = curve::fit(&points, &method).ok()?;
    let df = points.len().checked_sub(curve.fitted_parameters()).filter(|&df| df >= 2)?;
    let square = |point: &Point| {
        let distance = (scale.at(point.response) - scale.at(curve.response(point.concentration))).abs().min(CAP);
        distance * distance
    };
    Some(points.iter().map(square).sum::<f64>() / df as f64)
}
