//! From points and a method to a curve.

use rayon::prelude::*;

use super::answers::covariance::{CurveAtStandard, Root, Smooth, dot};
use super::answers::standard_curve::StandardCurve;
use super::definition::method::{self, FitError, Fixed, Method};
use super::definition::point::{Point, Standard, merge};
use super::definition::variance::Variance;
use super::definition::variance_law::{Law, Spread};
use super::fitting::curve_family::{CurveFamily, problem_of};
use super::fitting::exponent::Exponents;
use super::fitting::fitted_curve::FittedCurve;
use super::fitting::lower_curve::LowerCurve;
use super::fitting::projection::Bound;
use super::fitting::quad::Quad;
use super::fitting::search::{SearchOutcome, search};
use super::fitting::settle::{MOST_ROUNDS, fitted_means};
use super::fitting::shape::Shape;
use super::fitting::weighting::Weighting;
use crate::probability::t_quantile;

/// Fits a curve to wells of known concentration.
///
/// Every well counts; replicates are not averaged (merging them inside the algebra is exact). The result is the global
/// minimum of the weighted sum of squares, or the limit at which its infimum lies; see [`StandardCurve::identified`].
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let curve = fit(&plate, &Method { variance: Variance::Squared, ..Method::default() })?;
/// assert!(curve.identified() && curve.verdict().usable);
/// assert!((curve.parameters().c / 420.0 - 1.0).abs() < 0.1);
/// # Ok::<(), FitError>(())
/// ```
///
/// # Errors
/// When there is no curve to speak of: too few concentrations, values that are not numbers, equal responses, a method that
/// contradicts itself. Data that merely do not determine a curve are not an error: the verdict says so.
pub fn fit(points: &[Point], method: &Method) -> Result<StandardCurve, FitError> {
    fit_besides(points, method, Vec::new())
}

/// The same, with searches from shapes that were found to be lower than an answer was.
pub(crate) fn fit_besides(
    points: &[Point],
    method: &Method,
    mut besides: Vec<LowerCurve>,
) -> Result<StandardCurve, FitError> {
    let standards = merge(points);
    method::check(points, &standards, method)?;
    let family = family(method, &standards);
    let df = points.len().saturating_sub(family.number_fitted());
    let t = if df > 0 { t_quantile(1.0 - method.confidence, df as f64) } else { f64::INFINITY };
    let region = 1.0 + t * t / df as f64;
    loop {
        let fitted = best(method, &family, &standards, region, &besides).ok_or(FitError::NotConverged)?;
        let led_back = besides.last().is_some_and(|lower| lower.than.is_like(&fitted.found.shape));
        let stood = led_back || besides.len() > MOST_RESTARTS;
        match StandardCurve::new(points, method, standards.clone(), family, fitted, (t, stood)) {
            Ok(curve) => return Ok(curve),
            Err(lower) => besides.push(lower),
        }
    }
}

/// Most restarts from lower shapes.
const MOST_RESTARTS: usize = 5;

/// The best curve with its variances, or none with the reason.
fn best(
    method: &Method,
    family: &CurveFamily,
    standards: &[Standard],
    region: f64,
    besides: &[LowerCurve],
) -> Option<FittedCurve> {
    let starts = Weighting::starts(method, standards).into_iter();
    let fitted = starts
        .map(|start| start.iterate(family, standards, region, besides))
        .reduce(|best, next| if next.is_likelier(&best, standards) { next } else { best })?;
    if let (Shape::None(_), Law::Power(_), true) = (&fitted.found.shape, fitted.law, fitted.law_estimated) {
        let weighting = Weighting::new(method, standards);
        return Some(match (Exponents { family, standards, region, weighting }).likeliest() {
            Ok(found) => found,
            Err(why) => FittedCurve { found: SearchOutcome::nothing(why), ..fitted },
        });
    }
    Some(fitted)
}

/// The parameter of a variance model that the plates of a run or study have in common, θ of [`Variance::Power`] or ρ of
/// [`Variance::TwoComponent`], each plate with its own curve and σ. One plate says little about it (a 95 % interval of θ of ±0.5 is
/// usual); many make it stable. Use it as [`Method::variance_parameter`]. Each plate comes with its method (a plateau may be fixed
/// to its own blanks), of which the variance model is not used.
///
/// By restricted likelihood, where that of one plate is by likelihood as nlme's: a curve follows its outermost wells, which
/// look quieter than they are, and no number of plates averages that away. The restricted likelihood counts a level's wells
/// less their leverage (−½ ln det JᵀWJ contributes Σ hᵢ ln μᵢ to the slope).
/// Of 500 simulated studies of 40 plates with θ = 0.8 the mean is 0.799 (standard error 0.002; one study's SD is 0.034); by
/// likelihood it was 0.852 (`cargo bench --bench curve_coverage`).
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// // Plates of one laboratory: here the same wells, with noise that grows as the response does.
/// let power = Method { variance: Variance::Power, ..Method::default() };
/// let noisy = |sign: f64| -> Vec<Point> {
///     let well = |(i, p): (usize, &Point)| {
///         let response = p.response * (1.0 + 0.03 * sign * (2.0 * i as f64).sin());
///         Point { response, ..*p }
///     };
///     plate.iter().enumerate().map(well).collect()
/// };
/// let plates = [noisy(1.0), noisy(-1.0), noisy(2.0)];
/// let exponent = pooled_variance_parameter(Variance::Power, &plates.each_ref().map(|points| (points.as_slice(), &power)))?;
/// let curve = fit(&plates[0], &Method { variance_parameter: Some(exponent), ..power })?;
/// assert_eq!(curve.variance_exponent(), Some(exponent));
/// # Ok::<(), FitError>(())
/// ```
///
/// # Errors
/// When the model has no parameter, a plate cannot be fitted at all, there are none, none has a curve that settles with its variances,
/// the exponent does not, or its likelihood has no maximum between −2 and 4.
pub fn pooled_variance_parameter(variance: Variance, plates: &[(&[Point], &Method)]) -> Result<f64, FitError> {
    let wrong = |words: &str| Err(FitError::Method { words: words.to_string() });
    if !variance.has_parameter() {
        return wrong("only the variance models power and two-component have a parameter to pool");
    }
    let apart: Vec<_> = plates.par_iter().map(|plate| PooledPlate::begin(variance, *plate)).collect();
    let mut plates: Vec<PooledPlate> = apart.into_iter().collect::<Result<_, _>>()?;
    let Some(first) = plates.first() else { return wrong("there is no plate to pool the variance over") };
    let mut law = first.weighting.law;
    let mut agreed = false;
    for _ in 0..MOST_ROUNDS {
        let levels: Vec<Vec<Spread>> = plates.par_iter_mut().filter_map(|plate| plate.spread_under(law)).collect();
        if levels.is_empty() {
            return wrong("no plate has a curve that settles with its variances");
        }
        let next = law.most_likely(levels.iter().map(Vec::as_slice));
        let change = law.change_to(next);
        law = next;
        agreed = change < 1e-9;
        if agreed {
            break;
        }
    }
    if !agreed {
        return wrong("the curves of the plates and the parameter of the variance do not settle");
    }
    if law.has_no_maximum() {
        return wrong("the plates do not determine the exponent of the variance");
    }
    Ok(law.parameter())
}

/// A plate on the way to the parameter that all have in common.
struct PooledPlate {
    weighting: Weighting,
    standards: Vec<Standard>,
    family: CurveFamily,
    found: SearchOutcome,
    weights: Vec<f64>,
}

impl PooledPlate {
    fn begin(variance: Variance, (points, method): (&[Point], &Method)) -> Result<Self, FitError> {
        let method = Method { variance, variance_parameter: None, ..method.clone() };
        let standards = merge(points);
        method::check(points, &standards, &method)?;
        let family = family(&method, &standards);
        let first = Weighting::new(&method, &standards);
        let weighting = first.holding(first.law);
        let weights = weighting.observed(&standards);
        let found = search(&family, &standards, &weights, 1.0, &[]);
        Ok(Self { weighting, standards, family, found, weights })
    }

    /// What its levels say of the parameter once curve and variances have settled under `law`; a plate without a fixed point says nothing.
    fn spread_under(&mut self, law: Law) -> Option<Vec<Spread>> {
        let Self { weighting, standards, family, found, weights } = self;
        weighting.law = law;
        let settled = weighting.fixed_point(family, standards, found.shape, weights)?;
        (found.shape, *weights) = (settled.shape(), settled.into_weights());
        let fitted = fitted_means(&found.shape, family, standards, weights);
        let mut spread = weighting.spread(&fitted, standards);
        for (level, leverage) in spread.iter_mut().zip(leverages(family, standards, found, weights)) {
            level.n -= leverage;
        }
        Some(spread)
    }
}

fn bound(fixed: Option<f64>, bounds: Option<(f64, f64)>) -> Bound {
    fixed.map(|value| (value, value)).or(bounds).unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
}

/// The family that the method describes.
pub(crate) fn family(method: &Method, standards: &[Standard]) -> CurveFamily {
    let Fixed { a, d, c, b, g } = method.fixed;
    let logarithm = |(low, high): Bound| (if low > 0.0 { libm::log(low) } else { f64::NEG_INFINITY }, libm::log(high));
    CurveFamily {
        model: method.model,
        a: bound(a, method.bounds.a),
        d: bound(d, method.bounds.d),
        stated: [(c, method.bounds.c), (b, method.bounds.b), (g, method.bounds.g)].map(|(fixed, bounds)| {
            match bound(fixed, bounds) {
                (f64::NEG_INFINITY, high) => logarithm((0.0, high)),
                bound => logarithm(bound),
            }
        }),
        has_zero: standards.first().is_some_and(|s| s.x == 0.0),
    }
}

/// The leverage of each level: what its wells together take from the degrees of freedom. None at a step.
fn leverages(family: &CurveFamily, standards: &[Standard], found: &SearchOutcome, weights: &[f64]) -> Vec<f64> {
    let Shape::Smooth { kernel, at } = &found.shape else { return Vec::new() };
    let Some(problem) = problem_of(family, *kernel, standards, weights) else { return Vec::new() };
    let smooth = Smooth::new(*kernel, **at, problem.free);
    let root = Root::new(&smooth, &mut Quad::of(standards, weights));
    let seen = CurveAtStandard::all(&smooth, root.as_ref(), standards);
    seen.iter().zip(standards).zip(weights).map(|((seen, s), w)| s.n * w * dot(&seen.half, &seen.half)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Model;
    use crate::curve::definition::model::Parameters;

    /// The leverages of a regression add up to its number of parameters; an extreme level takes nearly one.
    #[test]
    fn leverages_add_up_to_the_parameters() {
        let truth = Parameters { a: 0.1, d: 3.0, c: 60.0, b: 1.5, g: 0.7 };
        for (model, parameters) in [(Model::FourParameter, 4.0), (Model::FiveParameter, 5.0)] {
            let wells = (0..9_u32).flat_map(|i| [(i, 0.02), (i, -0.03)]).map(|(i, by)| {
                let concentration = 5.0 * f64::from(1_u32 << i);
                Point { concentration, response: model.response(&truth, concentration) + by * f64::from(i % 3) }
            });
            let points: Vec<Point> = wells.collect();
            let method = Method { model, ..Method::default() };
            let standards = merge(&points);
            let family = family(&method, &standards);
            let weights: Vec<f64> = standards.iter().map(|s| 1.0 / s.mean).collect();
            let found = search(&family, &standards, &weights, 1.0, &[]);
            let leverages = leverages(&family, &standards, &found, &weights);
            let sum: f64 = leverages.iter().sum();
            assert!((sum - parameters).abs() < 1e-9, "{model:?}: {leverages:?}");
            assert!(leverages.iter().all(|&h| 0.0 < h && h < 2.0), "{leverages:?}");
        }
    }

    /// Without a bound nothing is stated; a lower one of zero is none on the logarithm.
    #[test]
    fn bounds_become_those_of_the_logarithms() {
        let fixed = Fixed { d: Some(3.0), b: Some(2.0), ..Fixed::default() };
        let bounds = crate::curve::Bounds {
            a: Some((0.0, 1.0)),
            c: Some((0.0, 8.0)),
            g: Some((0.5, 4.0)),
            ..Default::default()
        };
        let family = family(&Method { fixed, bounds, ..Method::default() }, &[]);
        assert_eq!((family.a, family.d), ((0.0, 1.0), (3.0, 3.0)));
        let logarithm = libm::log;
        assert_eq!(family.stated[0], (f64::NEG_INFINITY, logarithm(8.0)));
        assert_eq!(family.stated[1], (logarithm(2.0), logarithm(2.0)));
        assert_eq!(family.stated[2], (logarithm(0.5), logarithm(4.0)));
    }
}
