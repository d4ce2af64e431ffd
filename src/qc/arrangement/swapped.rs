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

#[cfg(test)]
mod tests {
    use super::super::example::{contents, signals, wells};
    use super::*;
    use crate::plate::WellRole;
    use crate::qc::across_plates::example;

    /// The plate of the example, with the wells of the first of these levels declared as those of the second, and so on.
    fn declared_as(levels: &[(f64, f64)]) -> AssayPlate {
        let mut plate = example::plate("P", &[], 1.0, 4).plate;
        for well in &mut plate.wells {
            if let WellRole::Standard { concentration } = &mut well.role
                && let Some((_, declared)) = levels.iter().find(|(level, _)| level == concentration)
            {
                *concentration = *declared;
            }
        }
        plate
    }

    fn found(plate: &AssayPlate, direction: Option<Direction>) -> Option<Swap> {
        swap(plate, &Contents::of(plate), SignalScale::of(plate).unwrap(), direction, Model::FourParameter)
    }

    #[test]
    fn two_levels_that_were_exchanged_are_found() {
        let plate = declared_as(&[(125.0, 500.0), (500.0, 125.0)]);
        for direction in [None, Some(Direction::Rising)] {
            let swap = found(&plate, direction).unwrap();
            // 2000 stands in row A, 500 in row C and 125 in row E.
            assert_eq!(swap.levels, [(125.0, wells(&["C1", "C2"])), (500.0, wells(&["E1", "E2"]))]);
            // Noise of 3 %, and wells that differ by a factor of two and more.
            let [declared, back] = swap.scatter;
            assert!(back < 0.06 && declared > 0.2 && declared < CAP, "{declared} {back}");
            // All standards and controls: 16 and 12 wells.
            assert!((swap.ln_ratio - 28.0 * (declared / back).ln()).abs() < 1e-9, "{}", swap.ln_ratio);
        }
    }

    /// Neighbours are told as well, as are the levels at the ends; of several pairs the one that explains most.
    #[test]
    fn every_pair_of_levels_is_tried() {
        for (one, other) in [(250.0, 1000.0), (62.5, 125.0), (62.5, 2000.0), (0.0, 1000.0)] {
            let swap = found(&declared_as(&[(one, other), (other, one)]), None);
            assert_eq!(swap.map(|swap| swap.levels.map(|(level, _)| level)), Some([one, other]));
        }
    }

    /// One level that is off is no exchange: without it the others lie on their curve. Nor are standards as they should be, or three that
    /// went round.
    #[test]
    fn what_is_no_exchange_is_not_claimed() {
        assert!(found(&declared_as(&[]), None).is_none());
        for off in [(250.0, 1500.0), (1000.0, 40.0)] {
            assert!(found(&declared_as(&[off]), None).is_none(), "{off:?}");
        }
        assert!(found(&declared_as(&[(62.5, 250.0), (250.0, 1000.0), (1000.0, 62.5)]), None).is_none());
        // Near the plateau 1000 and 2000 read as 2.28 and 2.54, less than a factor of 1.28 apart: noise may put them in that order.
        assert!(found(&declared_as(&[(1000.0, 2000.0), (2000.0, 1000.0)]), None).is_none());
    }

    /// Medians of wells that were read, a quarter apart on the scale.
    #[test]
    fn levels_are_apart_by_their_medians() {
        let level = |x| WellContent::Standard(x);
        let declared = contents(&[
            ("A1", level(1.0)),
            ("A2", level(1.0)),
            ("A3", level(1.0)),
            ("B1", level(2.0)),
            ("C1", level(4.0)),
        ]);
        let apart = |z: f64| {
            let signals = signals(&[("A1", 1.0), ("A2", 1.0), ("A3", 9.0), ("B1", z)]);
            [super::apart(&signals, &declared, 1.0, 2.0), super::apart(&signals, &declared, 2.0, 1.0)]
        };
        assert_eq!([1.25, 0.75, 5.0].map(apart), [[true; 2]; 3]);
        assert_eq!([1.24, 0.76, 1.0].map(apart), [[false; 2]; 3]);
        assert!(!super::apart(&signals(&[("A1", 1.0), ("B1", 9.0)]), &declared, 1.0, 4.0), "nothing was read of one");
    }

    /// Standards and controls count, samples do not.
    #[test]
    fn order_is_asked_of_what_is_known() {
        let declared = contents(&[
            ("A1", WellContent::Standard(1.0)),
            ("B1", WellContent::Standard(2.0)),
            ("C1", WellContent::Control(4.0)),
            ("D1", WellContent::Sample(0)),
            ("D2", WellContent::Sample(0)),
        ]);
        let signals = signals(&[("A1", 0.0), ("B1", 1.4), ("C1", 1.0), ("D1", 0.0), ("D2", 3.0)]);
        // 1.4 and 1.0 are each 0.2 from their mean.
        assert!((in_order(&signals, &declared, Some(Direction::Rising)) - 0.08).abs() < 1e-12);
    }

    #[test]
    fn points_are_standards_and_controls_with_a_response() {
        let mut plate = declared_as(&[]);
        plate.wells[0].response = crate::plate::Reading::Missing(String::new());
        let found = points(&plate, &Contents::of(&plate));
        let (controls, standards): (Vec<_>, Vec<_>) = found.iter().partition(|(level, _)| *level == -1.0);
        assert_eq!((standards.len(), controls.len()), (15, 12));
        assert!(standards.iter().all(|(level, point)| *level == point.concentration));
        let mut levels: Vec<f64> = controls.iter().map(|(_, point)| point.concentration).collect();
        levels.dedup();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        assert_eq!(levels, [90.0, 300.0, 1500.0]);
    }

    /// Σ r² / (n − p) with p = 4, each distance at most a factor of two; nothing with fewer than two degrees of freedom.
    #[test]
    fn the_variance_is_about_the_curve_on_the_scale_of_the_plate() {
        let plate = declared_as(&[]);
        let scale = SignalScale::of(&plate).unwrap();
        let mut points = points(&plate, &Contents::of(&plate));
        points[9].1.response *= 5.0;
        let all: Vec<Point> = points.iter().map(|(_, point)| *point).collect();
        let method = Method { model: Model::FourParameter, variance: Variance::Proportional, ..Method::default() };
        let curve = curve::fit(&all, &method).unwrap();
        let expected: f64 = all
            .iter()
            .map(|point| (scale.at(point.response) - scale.at(curve.response(point.concentration))).powi(2).min(0.49))
            .sum();
        assert!(expected > 0.49, "the well that is off counts as a factor of two");
        assert!((variance(&points, scale, Model::FourParameter).unwrap() - expected / 24.0).abs() < 1e-12);
        let few = |n: usize| variance(&points[points.len() - n..], scale, Model::FourParameter).is_some();
        let by_level: Vec<(f64, Point)> = [0.0, 31.25, 125.0, 250.0, 500.0, 2000.0]
            .iter()
            .filter_map(|level| points.iter().find(|(of, _)| of == level).copied())
            .collect();
        assert!(!few(5), "5 − 4 = 1");
        assert!(variance(&by_level, scale, Model::FourParameter).is_some(), "6 − 4 = 2");
    }
}
