//! Several curves fitted together: common plateaus and slope, each with its own mid-point.
//!
//! Two lots of a standard, a sample diluted in steps beside the standard, the plates of a run: where the shape may be shared,
//! the curves differ by a shift along `ln x` only, and the shift is the ratio of their potencies. Whether it may be shared is
//! asked of the data (Finney 1978, chapter 4; extra sum of squares, Bates & Watts 1988, section 3.10):
//!
//! ```text
//! F = ((RSS_shared − RSS_separate) / (df_shared − df_separate)) / (RSS_separate / df_separate)
//! ratio of mid-points   exp(ln cᵢ − ln c₁ ± t √Var(ln cᵢ − ln c₁))
//! ```
//!
//! The variances of the wells are those of the separate fits, the same in both models; σ² is common to all curves.

use rayon::prelude::*;
use serde::Serialize;

use super::joint::Joint;
pub use super::shared_parameters::{MidpointRatio, SharedFitError, SharedParameters};
use crate::curve::answers::standard_curve::StandardCurve;
use crate::curve::definition::method::{FitError, Method};
use crate::curve::definition::model::Parameters;
use crate::curve::definition::point::Point;
use crate::curve::fit::fit;
use crate::probability::{f_upper, t_quantile};

/// Curves with a common shape.
///
/// ```
/// # use platewise::curve::{*, shared::*};
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let other: Vec<Point> = plate.iter().map(|p| Point { concentration: 2.0 * p.concentration, ..*p }).collect();
/// let together: SharedFit = fit_shared(&[&plate, &other], &Method::default(), SharedParameters::SHAPE)?;
/// assert!((together.ratios[1].ratio - 2.0).abs() < 1e-6);
/// # Ok::<(), SharedFitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedFit {
    /// The parameters of each curve.
    pub parameters: Vec<Parameters>,
    /// Weighted sum of squares of the shared fit.
    pub rss: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// Weighted sum of squares of the separate fits.
    pub separate_rss: f64,
    /// Their degrees of freedom.
    pub separate_df: usize,
    /// Whether the shape may be shared; `None` when the separate fits leave no noise to compare with.
    pub test: Option<ShapeTest>,
    /// The ratio of each curve's mid-point to the first curve's; the first is 1 without limits.
    pub ratios: Vec<MidpointRatio>,
}

/// The F test of a shared shape against separate shapes.
///
/// ```
/// # use platewise::curve::{*, shared::*};
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let other: Vec<Point> = plate.iter().map(|p| Point { concentration: 2.0 * p.concentration, ..*p }).collect();
/// let test: Option<ShapeTest> = fit_shared(&[&plate, &other], &Method::default(), SharedParameters::SHAPE)?.test;
/// assert!(test.is_some_and(|test| test.df_shape == 3 && test.p_value > 0.99));
/// # Ok::<(), SharedFitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShapeTest {
    /// Ratio of mean squares.
    pub f: f64,
    /// Parameters saved by sharing.
    pub df_shape: usize,
    /// Degrees of freedom of the separate fits.
    pub df_noise: usize,
    /// Probability of a larger ratio if the shape were shared.
    pub p_value: f64,
}

/// Fits curves with a common shape.
///
/// # Errors
/// When there are fewer than two curves, one is not identified by itself, or the method fixes or bounds parameters.
pub fn fit_shared(curves: &[&[Point]], method: &Method, share: SharedParameters) -> Result<SharedFit, SharedFitError> {
    check(curves.len(), method)?;
    let apart: Vec<_> = curves.par_iter().map(|points| fit(points, method)).collect();
    of_separate(apart, method, share)
}

/// The same of curves that were fitted, under the method of the first: those that were fitted under another are fitted again.
///
/// # Errors
/// As [`fit_shared`].
pub fn share_shape(curves: &[&StandardCurve], share: SharedParameters) -> Result<SharedFit, SharedFitError> {
    let Some(method) = curves.first().map(|curve| curve.method()) else {
        return Err(SharedFitError::TooFew { curves: 0 });
    };
    check(curves.len(), method)?;
    let under_it = |curve: &&StandardCurve| {
        if curve.method() == method { Ok((*curve).clone()) } else { fit(curve.points(), method) }
    };
    of_separate(curves.par_iter().map(under_it).collect(), method, share)
}

fn check(curves: usize, method: &Method) -> Result<(), SharedFitError> {
    if curves < 2 {
        return Err(SharedFitError::TooFew { curves });
    }
    if method.fixed != Default::default() || method.bounds != Default::default() {
        return Err(SharedFitError::NotFree);
    }
    Ok(())
}

fn of_separate(
    apart: Vec<Result<StandardCurve, FitError>>,
    method: &Method,
    share: SharedParameters,
) -> Result<SharedFit, SharedFitError> {
    let mut separate = Vec::with_capacity(apart.len());
    for (index, curve) in apart.into_iter().enumerate() {
        let curve = curve.map_err(|error| SharedFitError::Curve { index, error })?;
        if !curve.identified() {
            return Err(SharedFitError::NotIdentified { index });
        }
        separate.push(curve);
    }
    let joint = Joint::new(&separate, share);
    let solved = joint.minimise()?;
    let rss = solved.rss;
    let wells: usize = separate.iter().map(|curve| curve.points().len()).sum();
    let separate_df: usize = separate.iter().map(StandardCurve::df).sum();
    let separate_rss: f64 = separate.iter().map(StandardCurve::rss).sum();
    let df = wells.saturating_sub(joint.size());
    let exact = separate.iter().all(StandardCurve::exact);
    let test = (separate_df > 0 && df > separate_df && !exact).then(|| {
        let f = (rss - separate_rss).max(0.0) / (df - separate_df) as f64 / (separate_rss / separate_df as f64);
        let p_value = f_upper(f, (df - separate_df) as f64, separate_df as f64);
        ShapeTest { f, df_shape: df - separate_df, df_noise: separate_df, p_value }
    });
    let noise = (df > 0 && !exact).then(|| (rss / df as f64, t_quantile(1.0 - method.confidence, df as f64)));
    let ratios = (0..separate.len()).map(|i| solved.ratio(i, noise)).collect();
    let parameters = solved.curves.iter().map(|values| joint.parameters(values)).collect();
    Ok(SharedFit { parameters, rss, df, separate_rss, separate_df, test, ratios })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Model;

    /// A plate whose wells scatter by ±`noise`, the same way on every call.
    fn plate(c: f64, b: f64, noise: f64, shift: usize) -> Vec<Point> {
        let truth = Parameters { a: 0.05, d: 2.8, c, b, g: 1.0 };
        let signs = [1.0, -0.4, 0.7, -1.0, 0.2, -0.6, 0.9, -0.8, 0.3, -0.3, 0.5, -0.5];
        [0.0, 15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0]
            .into_iter()
            .flat_map(|x| [x, x])
            .enumerate()
            .map(|(i, x)| Point {
                concentration: x,
                response: Model::FourParameter.response(&truth, x) + noise * signs[(i + shift) % 12],
            })
            .collect()
    }

    #[test]
    fn parallel_curves_give_the_ratio_of_their_mid_points() {
        let (one, two) = (plate(300.0, 1.2, 0.02, 0), plate(450.0, 1.2, 0.02, 5));
        let found = fit_shared(&[&one, &two], &Method::default(), SharedParameters::SHAPE).unwrap();
        let ratio = found.ratios[1];
        assert!((ratio.ratio - 1.5).abs() < 0.05, "{ratio:?}");
        assert!(ratio.lower.unwrap() < 1.5 && 1.5 < ratio.upper.unwrap());
        assert!(found.test.unwrap().p_value > 0.05);
        assert_eq!((found.df, found.separate_df), (40 - 5, 40 - 8));
        assert_eq!((found.parameters[0].a, found.parameters[0].b), (found.parameters[1].a, found.parameters[1].b));
        assert_eq!((found.ratios[0].ratio, found.ratios[0].lower), (1.0, None));
    }

    #[test]
    fn curves_of_different_slope_are_not_parallel() {
        let (one, two) = (plate(300.0, 1.2, 0.02, 0), plate(450.0, 0.9, 0.02, 5));
        let found = fit_shared(&[&one, &two], &Method::default(), SharedParameters::SHAPE).unwrap();
        assert!(found.test.unwrap().p_value < 1e-3);
        // Sharing the plateaus alone is no claim about the slope.
        let found =
            fit_shared(&[&one, &two], &Method::default(), SharedParameters { b: false, ..SharedParameters::SHAPE })
                .unwrap();
        assert!(found.test.unwrap().p_value > 0.05);
    }

    #[test]
    fn sharing_nothing_is_fitting_apart() {
        let (one, two) = (plate(300.0, 1.2, 0.02, 0), plate(450.0, 0.9, 0.02, 5));
        let nothing = SharedParameters { a: false, d: false, b: false, g: false };
        let found = fit_shared(&[&one, &two], &Method::default(), nothing).unwrap();
        assert!((found.rss / found.separate_rss - 1.0).abs() < 1e-12);
        assert_eq!(found.test, None);
        let alone = fit(&two, &Method::default()).unwrap();
        assert!((found.parameters[1].c / alone.parameters().c - 1.0).abs() < 1e-6);
    }

    #[test]
    fn equal_curves_shared_are_one_curve_with_twice_the_wells() {
        let one = plate(300.0, 1.2, 0.02, 0);
        let both: Vec<Point> = one.iter().chain(&one).copied().collect();
        let found = fit_shared(&[&one, &one], &Method::default(), SharedParameters::SHAPE).unwrap();
        let joint = fit(&both, &Method::default()).unwrap();
        assert!((found.rss / joint.rss() - 1.0).abs() < 1e-12);
        assert!((found.ratios[1].ratio - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_shared_says_why() {
        let one = plate(300.0, 1.2, 0.02, 0);
        assert_eq!(
            fit_shared(&[&one], &Method::default(), SharedParameters::SHAPE),
            Err(SharedFitError::TooFew { curves: 1 })
        );
        let flat: Vec<Point> = one.iter().map(|p| Point { response: 0.1, ..*p }).collect();
        let error = fit_shared(&[&one, &flat], &Method::default(), SharedParameters::SHAPE).unwrap_err();
        assert_eq!(error.to_string(), "curve 1: all responses are 0.1: there is no curve in them");
    }

    /// Curves that share nothing have independent mid-points: the variance of ln c₂/c₁ is the sum of theirs, with the σ² of both together.
    #[test]
    fn the_error_of_a_ratio_is_that_of_both_mid_points() {
        let plates = [plate(300.0, 1.2, 0.02, 0), plate(450.0, 0.9, 0.03, 5)];
        let nothing = SharedParameters { a: false, d: false, b: false, g: false };
        let found = fit_shared(&[&plates[0], &plates[1]], &Method::default(), nothing).unwrap();
        let curves = plates.map(|points| fit(&points, &Method::default()).unwrap());
        let variance = (curves[0].rss() + curves[1].rss()) / 32.0;
        let of_mid_points = curves.iter().map(|curve| {
            let relative = curve.standard_errors().unwrap()[2].unwrap() / curve.parameters().c;
            (relative / curve.residual_sd().unwrap()).powi(2)
        });
        let expected = (variance * of_mid_points.sum::<f64>()).sqrt();
        let ratio = found.ratios[1];
        assert!((ratio.ln_standard_error.unwrap() / expected - 1.0).abs() < 1e-6, "{ratio:?} {expected}");
        let half = t_quantile(0.05, 32.0) * expected;
        assert!((libm::log(ratio.upper.unwrap() / ratio.ratio) / half - 1.0).abs() < 1e-6, "{ratio:?}");
        assert!((libm::log(ratio.ratio / ratio.lower.unwrap()) / half - 1.0).abs() < 1e-6, "{ratio:?}");
    }
}
