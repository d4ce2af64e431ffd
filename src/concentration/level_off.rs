//! Whether one level of the standards explains why they do not lie on a curve: its concentration was typed wrongly, or its tube holds
//! something else.
//!
//! A decimal point in the wrong place is looked for first: the curve is tried with each level moved by a power of ten. A level was
//! typed wrongly when the standards lie on a curve with it moved, by the limits of the method, and neither as declared nor with any
//! other level moved do they nearly as well:
//!
//! ```text
//! s²(with the level moved) ≤ s² / 4        s² = RSS / df, as declared and with every other level moved
//! ```
//!
//! A slip may land on the concentration of another level (100 typed as 10 where 10 is a standard too): then that level has the wells of
//! two, and each of the two groups that its responses make is moved by itself.
//!
//! Where a plateau leaves that open (there ten times the concentration gives nearly the same response), the design may tell: standards
//! are mostly diluted in even steps, and a slip leaves one step out of line that the right concentration puts back.
//!
//! Then each level is left out, which needs no guess of what it should be; the others must lie on their curve, and by the same factor
//! better than without any other level. Nothing is corrected: the level is named, with what it reads as on the curve of the others.

use super::plate_to_fit::prepare;
use super::standards::misfit;
use crate::curve::blank::PreparedFit;
use crate::curve::numerics::cv::mean;
use crate::curve::{self, Method, Point, StandardCurve, Variance};
use crate::plate::AssayPlate;
use crate::probability::f_upper;
use crate::protocol::Assay;

/// A level of the standards that is off the curve of the others.
///
/// ```
/// use platewise::concentration::{LevelOff, level_off::DecimalPointError};
///
/// let slip = Some(DecimalPointError { meant: 250.0, is_certain: true });
/// let off = LevelOff { nominal: 25.0, wells: 2, wells_of_level: 2, reads_as: Some(246.0), slip };
/// assert_eq!(off.slip.map(|slip| slip.meant), Some(250.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelOff {
    /// Its concentration as declared.
    pub nominal: f64,
    /// How many wells it is about.
    pub wells: usize,
    /// How many wells are declared to have that concentration: more where the level has the wells of two.
    pub wells_of_level: usize,
    /// What it reads as on the curve of the other levels; `None` outside of that curve.
    pub reads_as: Option<f64>,
    /// What was probably meant, where a decimal point in the wrong place explains it.
    pub slip: Option<DecimalPointError>,
}

/// A concentration with its decimal point in the wrong place.
///
/// ```
/// use platewise::concentration::level_off::uneven_step;
///
/// // 2000, 1000, 500 … in steps of two, but for 50, where 500 would be.
/// assert_eq!(uneven_step(&[2000.0, 1000.0, 50.0, 250.0, 125.0, 62.5]), Some((50.0, 500.0)));
/// assert_eq!(uneven_step(&[2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5]), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecimalPointError {
    /// The concentration that was probably meant.
    pub meant: f64,
    /// Whether the responses tell it; else it is the even steps of the design alone, near a plateau of the curve.
    pub is_certain: bool,
}

/// Where the decimal point may have gone, the nearest places first.
const POWERS: [f64; 6] = [10.0, 0.1, 100.0, 1e-2, 1e3, 1e-3];
/// By how much smaller the misfit must be with the level moved or left out.
const FACTOR: f64 = 4.0;
/// Differences between levels are noise unless that has less than this probability.
const NOISE: f64 = 1e-3;
/// Levels that a curve needs.
const LEVELS: usize = 4;
/// How far two steps of a dilution series may differ, as a ratio: concentrations are written with two or three digits.
const EVEN: f64 = 1.06;

/// The level that explains why the standards of a plate do not lie on a curve; `None` where they do, or no single one explains it.
pub fn level_off(plate: &AssayPlate, assay: &Assay) -> Option<LevelOff> {
    let standards = TriedStandards::of(plate, assay).filter(TriedStandards::differ)?;
    standards.mistyped().or_else(|| standards.astray())
}

/// The level whose concentration, moved by a power of ten, makes even steps of the declared concentrations, with that concentration.
/// `None` where the steps are even as declared.
pub fn uneven_step(declared: &[f64]) -> Option<(f64, f64)> {
    let mut levels = declared.to_vec();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    if levels.len() <= LEVELS || has_even_steps(&levels) {
        return None;
    }
    let moved = levels.iter().flat_map(|&nominal| POWERS.map(|power| (nominal, times(nominal, power))));
    let mut repairs = moved.filter(|&(nominal, meant)| {
        let mut levels: Vec<f64> = levels.iter().map(|&level| if level == nominal { meant } else { level }).collect();
        levels.sort_by(f64::total_cmp);
        has_even_steps(&levels)
    });
    repairs.next().filter(|_| repairs.next().is_none())
}

/// The probability that levels differ so much by chance (one-way analysis of variance); `None` where no level has replicates that differ.
fn chance(levels: &[Vec<f64>]) -> Option<f64> {
    let wells: usize = levels.iter().map(Vec::len).sum();
    let groups: Vec<(&Vec<f64>, f64)> =
        levels.iter().filter_map(|level| mean(level).map(|mean| (level, mean))).collect();
    let grand = groups.iter().map(|(level, mean)| level.len() as f64 * mean).sum::<f64>() / wells as f64;
    let between: f64 = groups.iter().map(|(level, mean)| level.len() as f64 * (mean - grand) * (mean - grand)).sum();
    let within: f64 = groups.iter().flat_map(|(level, mean)| level.iter().map(move |y| (y - mean) * (y - mean))).sum();
    let (df_between, df_within) = (groups.len().checked_sub(1)? as f64, (wells - groups.len()) as f64);
    let told = df_between > 0.0 && df_within > 0.0 && within > 0.0;
    told.then(|| f_upper(between / df_between / (within / df_within), df_between, df_within))
}

/// Whether rising levels are a dilution series of one factor.
fn has_even_steps(levels: &[f64]) -> bool {
    let steps: Vec<f64> = levels.windows(2).map(|pair| pair[1] / pair[0]).collect();
    let (least, most) = steps.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &x| (low.min(x), high.max(x)));
    least > EVEN && most / least <= EVEN
}

/// A power of ten of a number as people write it: a tenth of 62.5 is 6.25, not 6.250000000000001.
fn times(number: f64, power: f64) -> f64 {
    if power < 1.0 { number / (1.0 / power).round() } else { number * power }
}

/// Wells that were filled from one tube, as far as the declared concentrations and the responses tell.
struct Tube {
    nominal: f64,
    /// Which of the points.
    points: Vec<usize>,
    wells_of_level: usize,
}

/// The tubes of a plate: one for each level; of a level with the wells of two also each of the two groups that its responses make.
fn tubes(points: &[Point], levels: &[f64]) -> Vec<Tube> {
    let of_level = |nominal: f64| {
        let mut of_level: Vec<usize> = (0..points.len()).filter(|&at| points[at].concentration == nominal).collect();
        of_level.sort_by(|&one, &other| points[one].response.total_cmp(&points[other].response));
        (nominal, of_level)
    };
    let all: Vec<(f64, Vec<usize>)> = levels.iter().map(|&nominal| of_level(nominal)).collect();
    let mut counts: Vec<usize> = all.iter().map(|(_, of_level)| of_level.len()).collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    let mut tubes = Vec::new();
    for (nominal, of_level) in all {
        let n = of_level.len();
        let tube = |points: &[usize]| Tube { nominal, points: points.to_vec(), wells_of_level: n };
        tubes.push(tube(&of_level));
        if usual > 0 && n >= 2 * usual {
            tubes.extend([tube(&of_level[..usual]), tube(&of_level[n - usual..])]);
        }
    }
    tubes
}

/// The standards of a plate, to be tried with one tube moved or left out.
struct TriedStandards<'a> {
    points: Vec<Point>,
    method: Method,
    levels: Vec<f64>,
    tubes: Vec<Tube>,
    assay: &'a Assay,
    /// The curve as declared, if there is one.
    declared: Option<StandardCurve>,
}

/// The standards with one tube, by its place among them, moved.
struct MovedTube {
    tube: usize,
    meant: f64,
    curve: StandardCurve,
}

impl<'a> TriedStandards<'a> {
    fn of(plate: &AssayPlate, assay: &'a Assay) -> Option<Self> {
        let PreparedFit { points, method, .. } = prepare(&plate.as_read(), assay)?;
        // Sums of squares are compared, so one variance for all.
        let unknown = method.variance.has_parameter() && method.variance_parameter.is_none();
        let method = Method { variance: if unknown { Variance::Proportional } else { method.variance }, ..method };
        let mut levels: Vec<f64> = points.iter().map(|point| point.concentration).filter(|&x| x > 0.0).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let declared = usable(&points, &method);
        let tubes = tubes(&points, &levels);
        (levels.len() > LEVELS).then_some(Self { points, method, levels, tubes, assay, declared })
    }

    /// Whether the levels differ by more than their wells do, as plain responses or as logarithms of positive ones: else no concentration
    /// that one of them may have makes a curve of them. True without replicates that tell.
    fn differ(&self) -> bool {
        let plain: Vec<Vec<f64>> = self.responses();
        let logarithms: Vec<Vec<f64>> =
            plain.iter().map(|level| level.iter().filter(|&&y| y > 0.0).map(|&y| libm::log(y)).collect()).collect();
        [plain, logarithms].iter().any(|levels| chance(levels).is_none_or(|p_value| p_value < NOISE))
    }

    /// The responses by level, with those of the zero.
    fn responses(&self) -> Vec<Vec<f64>> {
        let of =
            |x: f64| self.points.iter().filter(|point| point.concentration == x).map(|point| point.response).collect();
        std::iter::once(0.0).chain(self.levels.iter().copied()).map(of).collect()
    }

    /// How badly the standards fit as declared; without a curve, worse than anything.
    fn misfit_as_declared(&self) -> f64 {
        self.declared.as_ref().map_or(f64::INFINITY, misfit)
    }

    fn moved(&self, tube: usize, meant: f64) -> Option<MovedTube> {
        let mut points = self.points.clone();
        self.tubes[tube].points.iter().for_each(|&at| points[at].concentration = meant);
        usable(&points, &self.method).map(|curve| MovedTube { tube, meant, curve })
    }

    fn without(&self, tube: usize) -> Option<StandardCurve> {
        let out = &self.tubes[tube].points;
        let kept = self.points.iter().enumerate().filter(|(at, _)| !out.contains(at)).map(|(_, point)| *point);
        usable(&kept.collect::<Vec<_>>(), &self.method)
    }

    /// The level whose decimal point is in the wrong place.
    fn mistyped(&self) -> Option<LevelOff> {
        let nominal = |moved: &MovedTube| self.tubes[moved.tube].nominal;
        let each =
            (0..self.tubes.len()).flat_map(|tube| POWERS.map(|power| (tube, times(self.tubes[tube].nominal, power))));
        let all: Vec<MovedTube> = each.filter_map(|(tube, meant)| self.moved(tube, meant)).collect();
        let best = all.iter().min_by(|one, other| misfit(&one.curve).total_cmp(&misfit(&other.curve)))?;
        let least = misfit(&best.curve);
        let is_alone = all
            .iter()
            .filter(|other| other.tube != best.tube)
            .map(|other| misfit(&other.curve))
            .chain([self.misfit_as_declared()])
            .all(|other| other >= FACTOR * least);
        let by_design = uneven_step(&self.levels);
        if is_alone && lie_on(&best.curve, self.assay) {
            // On a plateau ten and a hundred times are alike: then what the design says, or the nearest place of the point.
            let alike = |other: &&MovedTube| other.tube == best.tube && misfit(&other.curve) < FACTOR * least;
            let mut powers = all.iter().filter(alike);
            let designed = powers.clone().find(|other| by_design == Some((nominal(other), other.meant)));
            let meant = designed.or_else(|| powers.next()).map_or(best.meant, |moved| moved.meant);
            return Some(self.level(best.tube, Some(DecimalPointError { meant, is_certain: true })));
        }
        let moved = all.iter().find(|moved| by_design == Some((nominal(moved), moved.meant)))?;
        let fits = misfit(&moved.curve) <= self.misfit_as_declared();
        fits.then(|| self.level(moved.tube, Some(DecimalPointError { meant: moved.meant, is_certain: false })))
    }

    /// The level without which alone the others lie on a curve.
    fn astray(&self) -> Option<LevelOff> {
        let whole =
            (0..self.tubes.len()).filter(|&tube| self.tubes[tube].points.len() == self.tubes[tube].wells_of_level);
        let mut tried: Vec<(f64, usize, StandardCurve)> =
            whole.filter_map(|tube| self.without(tube).map(|curve| (misfit(&curve), tube, curve))).collect();
        tried.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (least, tube, curve) = tried.first()?;
        let second = tried.get(1).map(|second| second.0);
        let alone = second.into_iter().chain([self.misfit_as_declared()]).all(|other| other >= FACTOR * least);
        (alone && lie_on(curve, self.assay)).then(|| self.level(*tube, None))
    }

    fn level(&self, tube: usize, slip: Option<DecimalPointError>) -> LevelOff {
        let Tube { nominal, points, wells_of_level } = &self.tubes[tube];
        let sum: f64 = points.iter().map(|&at| self.points[at].response).sum();
        let mean = sum / points.len() as f64;
        let reads_as = self.without(tube).and_then(|curve| curve.concentration_of(mean).ok());
        LevelOff { nominal: *nominal, wells: points.len(), wells_of_level: *wells_of_level, reads_as, slip }
    }
}

fn usable(points: &[Point], method: &Method) -> Option<StandardCurve> {
    curve::fit(points, method).ok().filter(|curve| curve.verdict().usable)
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

#[cfg(test)]
mod tests;
