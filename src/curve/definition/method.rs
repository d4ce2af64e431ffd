//! How a curve is to be fitted, and why it may not be possible.

use serde::{Deserialize, Serialize};

use super::model::Model;
use super::point::{Point, Standard};
use super::variance::{Variance, VarianceFrom};

/// How a curve is to be fitted.
///
/// ```
/// use platewise::curve::{Fixed, Method, Variance};
///
/// let method = Method { variance: Variance::Squared, fixed: Fixed { a: Some(0.05), ..Fixed::default() }, ..Method::default() };
/// assert!(method.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// The family.
    pub model: Model,
    /// How the variance of a response depends on its mean.
    pub variance: Variance,
    /// Which mean that is.
    pub variance_from: VarianceFrom,
    /// The parameter of the variance model, known from many plates: θ of [`Variance::Power`], ρ of [`Variance::TwoComponent`]. `None`:
    /// estimated from this curve, or the model has none.
    pub variance_parameter: Option<f64>,
    /// Parameters that are known.
    pub fixed: Fixed,
    /// Parameters that may not leave a range.
    pub bounds: Bounds,
    /// Level of every interval, such as 0.95.
    pub confidence: f64,
}

impl Default for Method {
    /// 4PL, constant variance, 95 %.
    fn default() -> Self {
        Self {
            model: Model::FourParameter,
            variance: Variance::Constant,
            variance_from: VarianceFrom::Fitted,
            variance_parameter: None,
            fixed: Fixed::default(),
            bounds: Bounds::default(),
            confidence: 0.95,
        }
    }
}

/// Known values of parameters; `None` is fitted.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let known = Fixed { d: Some(2.9), ..Fixed::default() };
/// let curve = fit(&plate, &Method { fixed: known, ..Method::default() })?;
/// assert_eq!(curve.parameters().d, 2.9);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Fixed {
    /// Response at zero concentration, such as the mean of the blanks.
    pub a: Option<f64>,
    /// Response at infinite concentration.
    pub d: Option<f64>,
    /// Mid-point.
    pub c: Option<f64>,
    /// Slope.
    pub b: Option<f64>,
    /// Asymmetry, of the five-parameter families.
    pub g: Option<f64>,
}

/// Ranges (lowest, highest) that parameters may not leave; `None` is no bound. A bound that is met is said in the verdict.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let low = Bounds { d: Some((0.0, 2.5)), ..Bounds::default() };
/// let curve = fit(&plate, &Method { bounds: low, ..Method::default() })?;
/// assert!(curve.verdict().reasons.iter().any(|reason| reason.name() == "at_bound"));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Bounds {
    /// Of the response at zero concentration.
    pub a: Option<(f64, f64)>,
    /// Of the response at infinite concentration.
    pub d: Option<(f64, f64)>,
    /// Of the mid-point.
    pub c: Option<(f64, f64)>,
    /// Of the slope.
    pub b: Option<(f64, f64)>,
    /// Of the asymmetry.
    pub g: Option<(f64, f64)>,
}

/// Why there is no curve at all.
///
/// ```
/// use platewise::curve::{FitError, Method, Point, fit};
///
/// let two = [(1.0, 0.1), (2.0, 0.2)].map(|(concentration, response)| Point { concentration, response });
/// assert_eq!(fit(&two, &Method::default()).err(), Some(FitError::TooFewLevels { levels: 2, parameters: 4 }));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FitError {
    /// There are fewer concentrations than parameters.
    #[error(
        "{levels} different concentrations cannot determine the {parameters} parameters of the curve; measure more levels, or fix a parameter"
    )]
    TooFewLevels {
        /// Different concentrations.
        levels: usize,
        /// Parameters to be fitted.
        parameters: usize,
    },
    /// A concentration is negative, infinite or not a number.
    #[error("the concentration {value} of point {index} is not a number ≥ 0")]
    Concentration {
        /// Index of the point, from 0.
        index: usize,
        /// What it is.
        value: f64,
    },
    /// A response is infinite or not a number.
    #[error("the response {value} of point {index} is not a finite number")]
    Response {
        /// Index of the point, from 0.
        index: usize,
        /// What it is.
        value: f64,
    },
    /// All responses are the same.
    #[error("all responses are {response}: there is no curve in them")]
    Flat {
        /// The response.
        response: f64,
    },
    /// The responses are too large, or their differences too small, to be squared.
    #[error("responses from {low:e} to {high:e} cannot be squared by a computer; write them in another unit")]
    Scale {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
    },
    /// One run of the solver from one start ended before it converged.
    #[error("the solver did not converge from this start; start nearer to the data, or search from all starts")]
    NotConverged,
    /// The method contradicts itself.
    #[error("{words}")]
    Method {
        /// What is wrong with it.
        words: String,
    },
}

/// Largest size of a response, and smallest spread of the responses: beyond, their squares are no numbers.
const SQUARABLE: (f64, f64) = (1e150, 1e-150);

impl Method {
    /// Refuses a method that contradicts itself.
    ///
    /// # Errors
    /// [`FitError::Method`].
    pub fn check(&self) -> Result<(), FitError> {
        let wrong = |words: String| Err(FitError::Method { words });
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return wrong(format!("the confidence {} is not between 0 and 1, such as 0.95", self.confidence));
        }
        let (fixed, bounds) = (&self.fixed, &self.bounds);
        let all = [
            ("a", fixed.a, bounds.a, false),
            ("d", fixed.d, bounds.d, false),
            ("c", fixed.c, bounds.c, true),
            ("b", fixed.b, bounds.b, true),
            ("g", fixed.g, bounds.g, true),
        ];
        for (name, value, bound, positive) in all {
            if value.is_some_and(|value| !value.is_finite() || (positive && value <= 0.0)) {
                let kind = if positive { "a number > 0" } else { "a finite number" };
                return wrong(format!("{name} is fixed to {}, which is not {kind}", value.unwrap_or(f64::NAN)));
            }
            if value.is_some() && bound.is_some() {
                return wrong(format!("{name} is both fixed and bounded"));
            }
            if bound
                .is_some_and(|(low, high)| low >= high || low.is_nan() || high.is_nan() || (positive && high <= 0.0))
            {
                return wrong(format!("the bounds of {name} are not a range"));
            }
        }
        if self.model == Model::FourParameter && (fixed.g.is_some_and(|g| g != 1.0) || bounds.g.is_some()) {
            return wrong("the 4PL has no asymmetry g: choose 5pl or 5plm".to_string());
        }
        if fixed.a.is_some() && fixed.a == fixed.d {
            return wrong("a and d are fixed to the same response: there is no curve between them".to_string());
        }
        if self.variance_parameter.is_some_and(|parameter| !parameter.is_finite()) {
            return wrong("the parameter of the variance model is not a finite number".to_string());
        }
        if self.variance == Variance::TwoComponent && self.variance_parameter.is_some_and(|crossover| crossover <= 0.0)
        {
            return wrong("the crossover of the variance is not a response above 0".to_string());
        }
        Ok(())
    }

    /// How many parameters are not fixed.
    fn open(&self) -> usize {
        let Fixed { a, d, c, b, g } = self.fixed;
        let all = [a, d, c, b, g];
        let of_model = if self.model == Model::FourParameter { 4 } else { 5 };
        all[..of_model].iter().filter(|fixed| fixed.is_none()).count()
    }
}

/// Refuses what cannot be fitted.
pub(crate) fn check(points: &[Point], standards: &[Standard], method: &Method) -> Result<(), FitError> {
    method.check()?;
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (index, &Point { concentration, response }) in points.iter().enumerate() {
        if !(0.0..=f64::MAX).contains(&concentration) {
            return Err(FitError::Concentration { index, value: concentration });
        }
        if !response.is_finite() {
            return Err(FitError::Response { index, value: response });
        }
        low = if response < low { response } else { low };
        high = if response > high { response } else { high };
    }
    let parameters = method.open();
    let levels = standards.len();
    if levels < parameters.max(2) {
        return Err(FitError::TooFewLevels { levels, parameters: parameters.max(2) });
    }
    if low == high {
        return Err(FitError::Flat { response: low });
    }
    if low.abs().max(high.abs()) > SQUARABLE.0 || high - low < SQUARABLE.1 {
        return Err(FitError::Scale { low, high });
    }
    Ok(())
}
