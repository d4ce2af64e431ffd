//! A fitted curve and what it says about itself.

use serde::{Deserialize, Serialize};

use super::covariance::{CurveAtStandard, Root, Smooth, covariance_of};
use super::curve_verdict::CurveVerdict;
use super::level::Level;
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::method::Method;
use crate::curve::definition::model::{Model, Parameters};
use crate::curve::definition::point::{Point, Standard};
use crate::curve::definition::variance_law::Law;
use crate::curve::fitting::curve_family::{self, CurveFamily, Name};
use crate::curve::fitting::fitted_curve::FittedCurve;
use crate::curve::fitting::quad::Quad;
use crate::curve::fitting::search::{SearchOutcome, at_edge};
use crate::curve::fitting::shape::{Shape, total};
use crate::curve::fitting::solver::Converged;

/// A standard curve: the fitted parameters, their uncertainty, and the verdict on the fit.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let curve = fit(&plate, &Method::default())?;
/// assert!(curve.identified() && curve.rising() && curve.df() == 12);
/// let read = curve.invert(1.0, 2);
/// assert!(read.lower < read.concentration && read.concentration < read.upper);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StandardCurve {
    pub(crate) method: Method,
    pub(crate) points: Vec<Point>,
    pub(crate) standards: Vec<Standard>,
    pub(crate) family: CurveFamily,
    pub(crate) weights: Vec<f64>,
    pub(crate) law: Law,
    /// Whether the parameter of the variance model comes from these wells.
    pub(crate) law_estimated: bool,
    pub(crate) floor: f64,
    pub(crate) shape: Shape,
    pub(crate) others: Vec<Converged>,
    pub(crate) limit: Option<Shape>,
    pub(crate) smooth: Option<Smooth>,
    pub(crate) root: Option<Root>,
    /// The curve at each standard; empty for a step.
    pub(crate) seen: Vec<CurveAtStandard>,
    pub(crate) parameters: Parameters,
    pub(crate) rss: f64,
    pub(crate) t: Option<f64>,
    /// Whether a search from a lower shape has led back to this curve: under variances of its own that one is not lower.
    pub(crate) stood: bool,
    /// `ln x` of the lowest and highest non-zero standard.
    pub(crate) ends: (f64, f64),
    pub(super) levels: Vec<Level>,
    pub(super) verdict: CurveVerdict,
}

/// Residuals are rounding, not noise, when their root mean square is below this share of the responses' spread.
const EXACT: f64 = 1e-13;

impl StandardCurve {
    pub(in crate::curve) fn with_covariance(mut self, t: f64) -> Self {
        let mut quads = Quad::of(&self.standards, &self.weights);
        self.root = self.smooth.as_ref().and_then(|smooth| Root::new(smooth, &mut quads));
        let seen = |smooth| CurveAtStandard::all(smooth, self.root.as_ref(), &self.standards);
        self.seen = self.smooth.as_ref().map_or_else(Vec::new, seen);
        self.t = self.residual_sd().map(|_| t);
        self
    }

    /// The curve before anything follows from it: covariance, intervals, verdict.
    pub(in crate::curve) fn bare(
        points: &[Point],
        method: &Method,
        standards: Vec<Standard>,
        family: CurveFamily,
        fitted: FittedCurve,
    ) -> Self {
        let others = fitted.found.others_of_its_own();
        let FittedCurve { found: SearchOutcome { shape, limit, .. }, weights, law, law_estimated, floor } = fitted;
        let smooth = match &shape {
            Shape::Smooth { kernel, at } => {
                curve_family::problem_of(&family, *kernel, &standards, &weights).map(|problem| {
                    let mut free = problem.free;
                    for (j, free) in free.iter_mut().enumerate() {
                        *free &= at.theta[j] > problem.bounds[j].0 && at.theta[j] < problem.bounds[j].1;
                    }
                    Smooth::new(*kernel, **at, free)
                })
            }
            Shape::Step(_) | Shape::None(_) => None,
        };
        let within: f64 = standards.iter().zip(&weights).map(|(s, w)| s.within * w).sum();
        // What the stated curve leaves. Where a plateau is far, responses are small differences of large numbers, and the sum that the
        // search ended with is this one but for its rounding.
        let left = |smooth: &Smooth| -> f64 {
            let level = |(s, w): (&Standard, &f64)| s.n * w * (s.mean - smooth.response(s.ln_x)).powi(2);
            standards.iter().zip(&weights).map(level).sum()
        };
        let rss = smooth.as_ref().map_or(shape.rss(), left) + within;
        Self {
            method: method.clone(),
            points: points.to_vec(),
            parameters: parameters(&family, &shape, &standards),
            rss,
            ends: curve_family::ends(&standards),
            standards,
            family,
            weights,
            law,
            law_estimated,
            floor,
            shape,
            others,
            limit,
            seen: Vec::new(),
            smooth,
            root: None,
            t: None,
            stood: false,
            levels: Vec::new(),
            verdict: CurveVerdict::default(),
        }
    }

    /// How it was fitted.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The wells that it was fitted to.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The parameters. One that runs away is not a number: see [`StandardCurve::identified`].
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Whether there is a curve at all. Where the fit has not converged, or curve and variances have not settled, there is none: no
    /// parameters, no responses, no concentrations.
    pub fn has_curve(&self) -> bool {
        !matches!(self.shape, Shape::None(_))
    }

    /// Whether the least-squares infimum is attained at finite parameters inside of what is searched. Where it is not, the curve
    /// is the limit that the family approaches, and the parameters that run away have no value.
    pub fn identified(&self) -> bool {
        let Shape::Smooth { kernel, at } = &self.shape else { return false };
        *kernel == Kernel::from(self.method.model) && !at_edge(&self.family, &self.standards, at)
    }

    /// Whether responses rise with concentration.
    pub fn rising(&self) -> bool {
        match &self.shape {
            Shape::Smooth { at, .. } => at.kappa > 0.0,
            Shape::Step(step) => step.below < step.above,
            Shape::None(_) => false,
        }
    }

    /// Number of fitted parameters of the model, whether identified or not.
    pub fn fitted_parameters(&self) -> usize {
        self.family.number_fitted()
    }

    /// Degrees of freedom: wells less fitted parameters of the model. A limit of the model has fewer parameters; the data
    /// chose it among all of the model, so it is not credited with more degrees of freedom.
    pub fn df(&self) -> usize {
        self.points.len().saturating_sub(self.fitted_parameters())
    }

    /// Weighted sum of squares, as minimised: Σ (y − f)² / relative variance.
    pub fn rss(&self) -> f64 {
        self.rss
    }

    /// √(RSS / df): σ of the variance model. `None` without degrees of freedom, and for data that the curve meets exactly.
    pub fn residual_sd(&self) -> Option<f64> {
        (self.df() > 0 && !self.exact() && self.rss.is_finite()).then(|| (self.rss / self.df() as f64).sqrt())
    }

    /// Whether what is left is rounding.
    pub(crate) fn exact(&self) -> bool {
        self.rss <= EXACT * EXACT * self.total_sum_of_squares()
    }

    /// Weighted sum of squares about the weighted mean.
    pub fn total_sum_of_squares(&self) -> f64 {
        total(&self.standards, &self.weights)
    }

    /// 1 − RSS / total sum of squares, both weighted. For information: it is blind to a 50 % miss at the lowest standard,
    /// and decides nothing here.
    pub fn r_squared(&self) -> f64 {
        1.0 - self.rss / self.total_sum_of_squares()
    }

    /// Normal log-likelihood with the maximum-likelihood variance: −N/2 (ln 2π + ln(RSS/N) + 1) + ½ Σ ln w.
    /// `None` for data that the curve meets exactly.
    pub fn log_likelihood(&self) -> Option<f64> {
        if self.exact() || !self.rss.is_finite() {
            return None;
        }
        let n = self.points.len() as f64;
        let ln_weights: f64 = self.standards.iter().zip(&self.weights).map(|(s, w)| s.n * libm::log(*w)).sum();
        Some(-0.5 * n * (libm::log(2.0 * std::f64::consts::PI) + libm::log(self.rss / n) + 1.0) + 0.5 * ln_weights)
    }

    /// Parameters that the likelihood counts: those of the curve, σ, and that of the variance model where estimated.
    fn counted(&self) -> f64 {
        self.fitted_parameters() as f64 + 1.0 + if self.law_estimated { 1.0 } else { 0.0 }
    }

    /// Akaike's criterion: −2 log-likelihood + 2 k.
    pub fn aic(&self) -> Option<f64> {
        self.log_likelihood().map(|l| -2.0 * l + 2.0 * self.counted())
    }

    /// Akaike's criterion, corrected for few wells: AIC + 2k(k + 1)/(N − k − 1). For choosing the model of a method from
    /// many plates, not the model of a plate.
    pub fn aicc(&self) -> Option<f64> {
        let (k, n) = (self.counted(), self.points.len() as f64);
        (n > k + 1.0).then(|| self.aic().map(|aic| aic + 2.0 * k * (k + 1.0) / (n - k - 1.0))).flatten()
    }

    /// The exponent θ of the variance model, Var ∝ mean^(2θ): known or estimated. `None` for the two-component model, and where it
    /// would have to come from a curve that there is not.
    pub fn variance_exponent(&self) -> Option<f64> {
        if let Law::Power(exponent) = self.law_of_answer()? { Some(exponent) } else { None }
    }

    /// The crossover ρ of the two-component model, the mean at which floor and percentage are equal: known or estimated.
    pub fn variance_crossover(&self) -> Option<f64> {
        if let Law::TwoComponent(crossover) = self.law_of_answer()? { Some(crossover) } else { None }
    }

    /// The parameter of a variance model that has one: θ of power, ρ of two-component.
    pub fn variance_parameter(&self) -> Option<f64> {
        self.law_of_answer().filter(|_| self.method.variance.has_parameter()).map(Law::parameter)
    }

    fn law_of_answer(&self) -> Option<Law> {
        (self.has_curve() || !self.law_estimated).then_some(self.law)
    }

    /// Degrees of freedom of the variance of a well with this mean. Where the variance model's parameter comes from these wells, the
    /// logarithm of the variance is a straight line fitted to them, less certain towards its ends:
    ///
    /// ```text
    /// Var(ln s²(μ)) = 2/df · (1 + N (z − z̄)² / Σ nᵢ (zᵢ − z̄)²),    z = ∂ ln v / ∂ parameter,    df(μ) = 2 / Var(ln s²(μ))
    /// ```
    ///
    /// (Satterthwaite's approximation, Biometrics Bull 1946;2:110; the information on a variance function's parameter as in Davidian &
    /// Carroll 1987, J Am Stat Assoc 82:1079.) Otherwise N − p.
    pub(crate) fn variance_df(&self, mean: f64) -> f64 {
        let df = self.df() as f64;
        if !self.law_estimated || self.seen.is_empty() {
            return df;
        }
        let z = |mean: f64| self.law.sensitivity(mean, self.floor);
        let levels = || self.standards.iter().zip(&self.seen).map(|(s, seen)| (s.n, z(seen.response)));
        let n: f64 = levels().map(|(n, _)| n).sum();
        let centre = levels().map(|(n, z)| n * z).sum::<f64>() / n;
        let spread: f64 = levels().map(|(n, z)| n * (z - centre) * (z - centre)).sum();
        let off = z(mean) - centre;
        if off == 0.0 { df } else { (df / (1.0 + n * off * off / spread)).max(1.0) }
    }

    /// The variance of one well with this mean response; `None` without a residual standard deviation.
    pub fn variance(&self, mean: f64) -> Option<f64> {
        self.residual_sd().map(|sd| sd * sd * self.law.variance(mean, self.floor))
    }

    /// How far a well is from the curve, in standard deviations of a well with the response that the curve expects: `(y − ŷ) /
    /// SD(ŷ)`. `None` without a residual standard deviation.
    pub fn standardized_residual(&self, concentration: f64, response: f64) -> Option<f64> {
        let expected = self.response(concentration);
        Some((response - expected) / self.variance(expected)?.sqrt())
    }

    /// Covariance of the parameters in the order a, d, c, b, g. Rows of what was not fitted are zero. `None` where the fit
    /// is not identified, has no degrees of freedom, or meets the data exactly.
    pub fn covariance(&self) -> Option<[[f64; 5]; 5]> {
        let (sd, root, smooth) = (self.residual_sd()?, self.root.as_ref()?, self.smooth.as_ref()?);
        if !self.identified() {
            return None;
        }
        Some(covariance_of(smooth, root, sd * sd))
    }

    /// Standard errors of a, d, c, b, g; `None` for what was not fitted, and for what is too large to be a number.
    ///
    /// ```
    /// # use platewise::curve::*;
    /// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
    /// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
    /// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
    /// # let curve = fit(&plate, &Method::default())?;
    /// let [a, d, c, b, g] = curve.standard_errors().unwrap_or_default();
    /// assert!(a.is_some() && d.is_some() && c < Some(50.0) && b < Some(0.1) && g.is_none());
    /// # Ok::<(), FitError>(())
    /// ```
    pub fn standard_errors(&self) -> Option<[Option<f64>; 5]> {
        let covariance = self.covariance()?;
        let mut errors = [None; 5];
        for i in 0..5 {
            errors[i] = (covariance[i][i] > 0.0 && covariance[i][i].is_finite()).then(|| covariance[i][i].sqrt());
        }
        Some(errors)
    }

    /// The response at concentration `x ≥ 0`; not a number where the curve does not determine it.
    pub fn response(&self, x: f64) -> f64 {
        let ln_x = if x > 0.0 { libm::log(x) } else { f64::NEG_INFINITY };
        match (&self.smooth, &self.shape) {
            (Some(smooth), _) => smooth.response(ln_x),
            (None, Shape::Step(step)) => {
                let at = self.standards.iter().position(|s| s.x >= x).unwrap_or(self.standards.len());
                let exact = self.standards.get(at).is_some_and(|s| s.x == x);
                if exact {
                    step.response_of_level(at).unwrap_or(f64::NAN)
                } else if at < step.first_above || (at == step.first_above && step.on.is_some()) {
                    step.below.unwrap_or(f64::NAN)
                } else if at == step.first_above {
                    f64::NAN
                } else {
                    step.above.unwrap_or(f64::NAN)
                }
            }
            (None, Shape::Smooth { .. } | Shape::None(_)) => f64::NAN,
        }
    }

    pub(crate) fn has_dose_response(&self) -> bool {
        self.verdict.has_dose_response()
    }

    /// Whether concentrations may be read from it: it depends on the concentration, and its fit has converged.
    pub(crate) fn is_readable(&self) -> bool {
        self.verdict.is_readable()
    }

    /// The levels of the standards, read back from the curve.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The verdict on the fit, with its reasons.
    pub fn verdict(&self) -> &CurveVerdict {
        &self.verdict
    }
}

/// The parameters of a shape; not a number where they run away.
fn parameters(family: &CurveFamily, shape: &Shape, standards: &[Standard]) -> Parameters {
    let mut found = Parameters { a: f64::NAN, d: f64::NAN, c: f64::NAN, b: f64::NAN, g: f64::NAN };
    match shape {
        Shape::Smooth { kernel, at } => {
            let keeps = curve_family::limits(family.model)
                .iter()
                .find(|limit| limit.kernel == *kernel)
                .map(|limit| limit.keeps);
            let keep = |name| keeps.is_none_or(|keeps| keeps.contains(&name));
            let end = |s: Option<f64>| s.map_or(f64::NAN, |s| at.alpha + at.kappa * s);
            found.a = end(kernel.at_zero());
            found.d = end(kernel.at_infinity());
            // What stands at the edge of the search has run away, as far as anybody has looked.
            let ran_away = family.at_edge(standards, &at.theta).map(|edge| edge && keeps.is_none());
            if keep(Name::C) && !ran_away[0] {
                found.c = libm::exp(at.theta[0]);
            }
            if keep(Name::B) && !ran_away[1] {
                found.b = libm::exp(at.theta[1]);
            }
            if keeps.is_none() && !ran_away[2] {
                found.g = libm::exp(at.theta[2]);
            }
        }
        Shape::Step(step) => {
            found.a = step.below.unwrap_or(f64::NAN);
            found.d = step.above.unwrap_or(f64::NAN);
            if step.on.is_some() {
                found.c = standards[step.first_above].x;
            }
        }
        Shape::None(_) => {}
    }
    if family.model == Model::FourParameter {
        found.g = 1.0;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::point::merge;
    use crate::curve::fit::family;
    use crate::curve::fitting::fitted_curve::FittedCurve;
    use crate::curve::fitting::shape::Missing;
    use crate::curve::{InverseStatus, Reason};

    fn judged(shape: Option<Shape>) -> StandardCurve {
        let wells = [(0.0, 0.05), (1.0, 0.2), (3.0, 0.7), (10.0, 1.5), (40.0, 2.1), (90.0, 2.2)];
        let points = wells.map(|(concentration, response)| Point { concentration, response });
        let method = Method::default();
        let found = crate::curve::fit(&points, &method).unwrap();
        let found =
            SearchOutcome { shape: shape.unwrap_or(found.shape), others: Vec::new(), limit: None, rivals: Vec::new() };
        let weights = vec![1.0; 6];
        let fitted = FittedCurve { found, weights, law: Law::Power(0.0), law_estimated: false, floor: 1e-3 };
        let standards = merge(&points);
        let family = family(&method, &standards);
        StandardCurve::new(&points, &method, standards, family, fitted, (4.3, false)).unwrap()
    }

    #[test]
    fn what_has_not_converged_gives_no_concentration() {
        for (missing, reason) in [
            (Missing::NotConverged, Reason::NotConverged),
            (Missing::VarianceNotSettled, Reason::VarianceNotSettled),
            (Missing::NoExponent(4.0), Reason::ExponentNotDetermined { end: 4.0 }),
        ] {
            let curve = judged(Some(Shape::None(missing)));
            assert!(curve.response(3.0).is_nan() && curve.residual_sd().is_none() && curve.log_likelihood().is_none());
            assert!(!curve.verdict().usable && curve.verdict().reasons.contains(&reason), "{:?}", curve.verdict());
            for response in [0.05, 0.3, 1.0, 2.19] {
                let read = curve.invert(response, 2);
                assert_eq!((read.concentration, read.lower, read.upper), (None, None, None));
                assert_eq!(read.status, InverseStatus::NotConverged);
            }
            assert!(curve.levels().iter().all(|level| level.back_calculated.is_none() && level.cv_percent.is_none()));
        }
        let read = judged(None).invert(1.0, 2);
        assert!(read.concentration.is_some(), "the same curve is read where it is an answer: {read:?}");
    }
}
