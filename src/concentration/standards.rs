//! The standards of a plate: fitted, read back, judged, and fitted once more where one of them fails.
//!
//! ICH M10 4.3.2 (ligand-binding assays): a standard that does not read back within its limits is rejected, where more than
//! the smallest number of levels were used, and the curve is fitted and judged again without it. Of several that fail it is the
//! one without which the others lie closest to their curve (smallest RSS / df). The largest bias would not do: a wrong standard
//! bends the curve and makes its neighbours fail, and one near a plateau has no bias at all. It happens once, by rule and
//! never by choice, and both fits stay.
//!
//! The lowest and the highest standard have limits of their own. They keep them by what they are, not by what is left: where
//! the lowest is lost, the next one is the new LLOQ within ±20 %, not ±25 %. Anchors, declared and outside all other
//! standards, help the fit and are neither judged nor counted.

use serde::{Deserialize, Serialize};

use super::replicates::percent_difference;
use super::result::StandardResult;
use crate::curve::numerics::cv::cv_percent;
use crate::curve::{self, FitError, Level, Method, Point, StandardCurve};
use crate::protocol::{Acceptance, Assay, StandardRejection};

/// The fit before a standard was rejected.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// // Both fits are kept: that of all standards, and the one without the standard that failed.
/// for plate in study.plates.iter().filter_map(|plate| plate.concentrations.as_ref()) {
///     if let (Some(first), Ok(refit)) = (&plate.first_fit, &plate.curve) {
///         assert!(refit.points().len() < first.curve.points().len());
///         println!("{}: without {}, because of its {}", plate.plate.id, first.rejected, first.why);
///     }
/// }
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct FirstFit {
    /// The curve through all standards.
    #[serde(skip)]
    pub curve: StandardCurve,
    /// The standards read back from it, by falling concentration.
    pub standards: Vec<StandardResult>,
    /// Nominal concentration of the standard that was then rejected.
    pub rejected: f64,
    /// Why, in words.
    pub why: String,
}

/// A plate's curve with its standards: everything that a fit gives.
///
/// See [`PlateConcentrations::evaluate_by`](super::PlateConcentrations::evaluate_by) for an example.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "FittedParts", into = "FittedParts")]
pub struct FittedStandards {
    pub(super) curve: Result<StandardCurve, FitError>,
    pub(super) standards: Vec<StandardResult>,
    pub(super) first: Option<FirstFit>,
}

/// The same as it is kept for a later run, with the first curve, which tables for people leave out.
#[derive(Serialize, Deserialize)]
struct FittedParts {
    curve: Result<StandardCurve, FitError>,
    standards: Vec<StandardResult>,
    /// Curve, standards, what was rejected and why.
    first: Option<(StandardCurve, Vec<StandardResult>, f64, String)>,
}

impl From<FittedStandards> for FittedParts {
    fn from(fitted: FittedStandards) -> Self {
        let first = fitted.first.map(|first| (first.curve, first.standards, first.rejected, first.why));
        Self { curve: fitted.curve, standards: fitted.standards, first }
    }
}

impl From<FittedParts> for FittedStandards {
    fn from(parts: FittedParts) -> Self {
        let first = parts.first.map(|(curve, standards, rejected, why)| FirstFit { curve, standards, rejected, why });
        Self { curve: parts.curve, standards: parts.standards, first }
    }
}

impl FittedStandards {
    /// Without a curve, and why.
    pub(super) fn none(why: FitError) -> Self {
        Self { curve: Err(why), standards: Vec::new(), first: None }
    }
}

/// Everything that the fit of a plate's standards depends on.
///
/// See [`PlateConcentrations::evaluate_by`](super::PlateConcentrations::evaluate_by) for an example.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StandardsToFit<'a> {
    /// The wells of the standards that were measured.
    pub points: &'a [Point],
    /// How they are fitted.
    pub method: &'a Method,
    /// The nominal concentrations of all wells of standards: a level of which no well could be used is there and does not pass.
    pub given: &'a [f64],
    /// The limits that they are judged by.
    pub acceptance: &'a Acceptance,
    /// The nominal concentrations of anchors.
    pub anchors: &'a [f64],
}

impl<'a> StandardsToFit<'a> {
    pub(super) fn new(points: &'a [Point], method: &'a Method, given: &'a [f64], assay: &'a Assay) -> Self {
        Self { points, method, given, acceptance: &assay.acceptance, anchors: &assay.anchors }
    }

    /// Fits them, and once more where one of them is rejected.
    pub fn fit(self) -> FittedStandards {
        let StandardsToFit { points, method, .. } = self;
        let curve = match curve::fit(points, method) {
            Ok(curve) => curve,
            Err(error) => return FittedStandards::none(error),
        };
        let judge = Judge::new(self);
        let standards = judge.standards(&curve);
        let without = |nominal: f64| -> Vec<Point> {
            points.iter().copied().filter(|point| point.concentration != nominal).collect()
        };
        let alike = at_the_variance_of(&curve, method);
        let rejected = rejectable(&curve, &standards, self.acceptance)
            .into_iter()
            .filter_map(|standard| {
                // Where the rest cannot be fitted, it is not this standard that is rejected.
                let refit = curve::fit(&without(standard.nominal), &alike).ok()?;
                Some((refit, standard.nominal, standard.failure.clone()?))
            })
            .min_by(|one, other| misfit(&one.0).total_cmp(&misfit(&other.0)));
        let refitted = rejected.and_then(|(refit, nominal, why)| {
            let refit = if alike == *method { refit } else { curve::fit(&without(nominal), method).ok()? };
            Some((refit, nominal, why))
        });
        match refitted {
            None => FittedStandards { curve: Ok(curve), standards, first: None },
            Some((refit, nominal, why)) => {
                let mut again = judge.standards(&refit);
                again.retain(|standard| standard.nominal != nominal);
                again.push(judge.rejected(&curve, &refit, nominal));
                sort(&mut again);
                let first = FirstFit { curve, standards, rejected: nominal, why };
                FittedStandards { curve: Ok(refit), standards: again, first: Some(first) }
            }
        }
    }

    fn is_anchor(&self, nominal: f64) -> bool {
        self.anchors.iter().any(|anchor| (anchor - nominal).abs() <= 1e-9 * nominal.abs())
    }
}

/// The standards of which the rule rejects one: those that fail, where enough were used.
fn rejectable<'s>(
    curve: &StandardCurve,
    standards: &'s [StandardResult],
    acceptance: &Acceptance,
) -> Vec<&'s StandardResult> {
    let judged = standards.iter().filter(|standard| standard.is_judged());
    let enough = judged.clone().filter(|standard| standard.n > 0).count() > acceptance.standards_min_levels;
    if acceptance.standard_rejection == StandardRejection::Keep || !enough || !curve.verdict().usable {
        return Vec::new();
    }
    judged.filter(|standard| standard.n > 0 && !standard.passes()).collect()
}

/// The method with the parameter of the variance that a curve has. Sums of squares under two parameters are in two units, so that
/// fits which each estimate their own cannot be compared by them.
pub(super) fn at_the_variance_of(curve: &StandardCurve, method: &Method) -> Method {
    Method { variance_parameter: curve.variance_parameter(), ..method.clone() }
}

/// RSS / df.
pub(super) fn misfit(curve: &StandardCurve) -> f64 {
    curve.rss() / curve.df().max(1) as f64
}

/// Judges levels by the limits of the standards that the plate was given.
struct Judge<'a> {
    to_fit: StandardsToFit<'a>,
    lowest: f64,
    highest: f64,
}

impl<'a> Judge<'a> {
    fn new(to_fit: StandardsToFit<'a>) -> Self {
        let (lowest, highest) = to_fit
            .given
            .iter()
            .copied()
            .filter(|&x| x > 0.0 && !to_fit.is_anchor(x))
            .fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), x| (low.min(x), high.max(x)));
        Self { to_fit, lowest, highest }
    }

    fn standards(&self, curve: &StandardCurve) -> Vec<StandardResult> {
        let mut standards: Vec<StandardResult> = curve.levels().iter().map(|level| self.standard(level)).collect();
        // What reads back beyond a hook does so by chance: the range ends before it.
        let usable_up_to = curve.verdict().usable_up_to.unwrap_or(f64::INFINITY);
        for standard in standards.iter_mut().filter(|standard| standard.nominal > usable_up_to) {
            standard.failure.get_or_insert_with(|| "above what the hook leaves usable".to_string());
        }
        let fitted = |nominal: f64| curve.points().iter().any(|point| point.concentration == nominal);
        let mut lost: Vec<f64> = self.to_fit.given.iter().copied().filter(|&nominal| !fitted(nominal)).collect();
        lost.sort_by(f64::total_cmp);
        lost.dedup();
        standards.extend(lost.into_iter().map(|nominal| self.lost(nominal)));
        sort(&mut standards);
        standards
    }

    /// A level of which no well was used.
    fn lost(&self, nominal: f64) -> StandardResult {
        self.standard(&Level {
            concentration: nominal,
            n: 0,
            mean_response: f64::NAN,
            response_cv_percent: None,
            back_calculated: None,
            bias_percent: None,
            cv_percent: None,
        })
    }

    /// One level with its limits, and what it fails in.
    fn standard(&self, level: &Level) -> StandardResult {
        let nominal = level.concentration;
        let anchor = self.to_fit.is_anchor(nominal) && (nominal < self.lowest || nominal > self.highest);
        let judged = nominal > 0.0 && !anchor;
        let limits = self.to_fit.acceptance;
        let (bias, cv) = if nominal == self.lowest {
            (limits.standard_bias_percent_at_lloq, limits.standard_cv_percent_at_limits)
        } else if nominal == self.highest {
            (limits.standard_bias_percent_at_uloq, limits.standard_cv_percent_at_limits)
        } else {
            (limits.standard_bias_percent, limits.standard_cv_percent)
        };
        let mut standard = StandardResult {
            nominal,
            n: level.n,
            mean_response: level.mean_response,
            response_cv_percent: level.response_cv_percent,
            back_calculated: level.back_calculated,
            bias_percent: level.bias_percent,
            concentration_cv_percent: level.cv_percent,
            anchor,
            bias_limit_percent: judged.then_some(bias),
            cv_limit_percent: cv.filter(|_| judged),
            rejected: false,
            failure: None,
        };
        standard.failure = failure(&standard);
        standard
    }

    /// The rejected level, read back from the curve without it.
    fn rejected(&self, first: &StandardCurve, refit: &StandardCurve, nominal: f64) -> StandardResult {
        let responses =
            first.points().iter().filter(|point| point.concentration == nominal).map(|point| point.response);
        let level = first.levels().iter().find(|level| level.concentration == nominal);
        let concentration = |response: f64| refit.concentration_of(response).ok();
        let mean_response = level.map_or(f64::NAN, |level| level.mean_response);
        let wells: Option<Vec<f64>> = responses.map(concentration).collect();
        let back_calculated = concentration(mean_response);
        let read = Level {
            concentration: nominal,
            n: level.map_or(0, |level| level.n),
            mean_response,
            response_cv_percent: level.and_then(|level| level.response_cv_percent),
            back_calculated,
            bias_percent: back_calculated.map(|found| percent_difference(found, nominal)),
            cv_percent: wells.as_deref().and_then(cv_percent),
        };
        StandardResult { rejected: true, ..self.standard(&read) }
    }
}

/// In what a level fails; `None` for one that passes or is not judged.
fn failure(standard: &StandardResult) -> Option<String> {
    let outside = |within: Option<bool>| within == Some(false);
    let bias_limit = standard.bias_limit_percent.filter(|_| outside(standard.bias_is_within()));
    let bias = bias_limit.map(|limit| match standard.bias_percent {
        Some(bias) => format!("bias {bias:+.1} % outside ±{limit} %"),
        None if standard.n == 0 => "no well of it could be used".into(),
        None => "it has no concentration on the curve".into(),
    });
    let cv_limit = standard.cv_limit_percent.filter(|_| outside(standard.cv_is_within()));
    let cv = cv_limit.and_then(|limit| match standard.concentration_cv_percent {
        Some(cv) => Some(format!("CV {cv:.1} % above {limit} %")),
        None if standard.n == 0 => None,
        None if standard.n < 2 => Some("a CV cannot be computed from one well".into()),
        None => Some("a CV cannot be computed".into()),
    });
    match (bias, cv) {
        (Some(bias), Some(cv)) => Some(format!("{bias}; {cv}")),
        (bias, cv) => bias.or(cv),
    }
}

fn sort(standards: &mut [StandardResult]) {
    standards.sort_by(|one, other| other.nominal.total_cmp(&one.nominal));
}

#[cfg(test)]
mod tests;
