//! From a response to a concentration, with its uncertainty.
//!
//! ```text
//! SE(x₀)     = √(gᵀVg + s²/m + f′(x₀)² s_b²) / |f′(x₀)|                                    delta method
//! interval   all x around x₀ with (y₀ − f(x))² ≤ t² (s²/m + g(x)ᵀVg(x) + f′(x)² s_b²)      inverted prediction band
//! ```
//!
//! `V` is the covariance of the curve, `g` the gradient of the curve by its parameters, `s²` the variance of one well at the
//! response `y₀` under the variance model, `m` the number of replicate wells whose mean is `y₀`, and `t` Student's quantile
//! with N − p degrees of freedom, fewer where the variance model has a parameter of its own from the same wells
//! (`StandardCurve::variance_df`). drc's `ED` leaves out `s²/m` and the derivatives by both plateaus; ours has all three
//! sources. `s_b` is the standard deviation of ln x that the wells of a sample share, where it is known ([`SharedError`]); derivatives are
//! by ln x. The interval is asymmetric, and open on a side on which the band never leaves the response: near a plateau.

use serde::Serialize;

use super::band::Band;
use super::covariance::Smooth;
use super::shared_error::SharedError;
use super::standard_curve::StandardCurve;
use crate::curve::fitting::shape::Shape;

/// A concentration read from a curve, or why there is none.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let read: Inverse = curve.invert(1.0, 2);
/// assert!(read.standard_error.is_some_and(|se| se > 0.0));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Inverse {
    /// The response, a mean of replicates.
    pub response: f64,
    /// How many.
    pub replicates: usize,
    /// Where the response stands.
    pub status: InverseStatus,
    /// The concentration.
    pub concentration: Option<f64>,
    /// Its standard error by the delta method.
    pub standard_error: Option<f64>,
    /// Lower limit of its interval; `None`: open on this side, or there is no concentration.
    pub lower: Option<f64>,
    /// Upper limit of its interval; `None`: open on this side, or there is no concentration.
    pub upper: Option<f64>,
}

/// Where a response stands on a curve.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// assert_eq!(curve.invert(1.0, 1).status, InverseStatus::InsideStandards);
/// assert_eq!(curve.invert(9.0, 1).status, InverseStatus::AboveCurve);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InverseStatus {
    /// Between the lowest and the highest non-zero standard.
    InsideStandards,
    /// On the curve, but below the lowest non-zero standard: extrapolated.
    BelowLowestStandard,
    /// On the curve, but above the highest standard: extrapolated.
    AboveHighestStandard,
    /// Beyond `a`: no concentration has this response.
    BelowCurve,
    /// Beyond `d`: no concentration has this response.
    AboveCurve,
    /// Beyond what a hook leaves usable: the same response may come from a higher concentration.
    AboveHook,
    /// The curve has no dose response.
    NoDoseResponse,
    /// The fit has not converged, or its variances have not settled.
    NotConverged,
    /// The curve is a step at this response: any concentration within it would do.
    OnStep,
    /// Beyond the standards, where the curve's missing plateau matters.
    PlateauNotDetermined,
}

impl InverseStatus {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::InsideStandards => "inside the standards",
            Self::BelowLowestStandard => "below the lowest standard",
            Self::AboveHighestStandard => "above the highest standard",
            Self::BelowCurve => "below the curve",
            Self::AboveCurve => "above the curve",
            Self::AboveHook => "not determined: above what the hook leaves usable",
            Self::NoDoseResponse => "not determined: the curve has no dose response",
            Self::NotConverged => "not determined: the fit has not converged",
            Self::OnStep => "not determined: the curve is a step here",
            Self::PlateauNotDetermined => "not determined: beyond the standards, and the curve has no plateau there",
        }
    }
}

impl StandardCurve {
    /// The concentration at which the curve has `mean_response`, the mean of `replicates` wells, with the interval of the
    /// method's confidence.
    ///
    /// ```
    /// # use platewise::curve::*;
    /// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
    /// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
    /// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
    /// # let curve = fit(&plate, &Method::default())?;
    /// let read = curve.invert(1.0, 2);
    /// assert!(read.lower < read.concentration && read.concentration < read.upper);
    /// // Above the upper plateau there is nothing to read, and the status says so.
    /// assert_eq!((curve.invert(3.5, 2).concentration, curve.invert(3.5, 2).status), (None, InverseStatus::AboveCurve));
    /// # Ok::<(), FitError>(())
    /// ```
    pub fn invert(&self, mean_response: f64, replicates: usize) -> Inverse {
        self.invert_sharing(mean_response, replicates, None)
    }

    /// The same of wells that share an error, which is in the interval and in the standard error.
    pub fn invert_sharing(&self, mean_response: f64, replicates: usize, shared: Option<&SharedError>) -> Inverse {
        let none = |status| Inverse {
            response: mean_response,
            replicates,
            status,
            concentration: None,
            standard_error: None,
            lower: None,
            upper: None,
        };
        let (smooth, ln_x, status) = match self.place(mean_response) {
            Ok(place) => place,
            Err(status) => return none(status),
        };
        let mut inverse = Inverse { concentration: Some(libm::exp(ln_x)), ..none(status) };
        if let Some(band) = Band::new(self, smooth, mean_response, replicates) {
            let value = smooth.value(ln_x);
            let band = band.sharing(shared, &value);
            let relative = band.variance_at(&value).sqrt() / value.slope.abs();
            let se = relative * libm::exp(ln_x);
            inverse.standard_error = (se.is_finite() && ln_x.is_finite()).then_some(se);
            if ln_x.is_finite() {
                [inverse.lower, inverse.upper] = band.limits(ln_x, relative).map(|limit| limit.map(libm::exp));
            }
        }
        inverse
    }

    /// The concentration at which the curve has a response, or why there is none: without standard error and interval, which take most
    /// of the time of [`StandardCurve::invert`], where nobody reads them.
    ///
    /// ```
    /// # use platewise::curve::*;
    /// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
    /// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
    /// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
    /// # let curve = fit(&plate, &Method::default())?;
    /// assert_eq!(curve.concentration_of(1.0).ok(), curve.invert(1.0, 1).concentration);
    /// assert_eq!(curve.concentration_of(3.5), Err(InverseStatus::AboveCurve));
    /// # Ok::<(), FitError>(())
    /// ```
    ///
    /// # Errors
    /// Where the response stands, if it has no concentration.
    pub fn concentration_of(&self, response: f64) -> Result<f64, InverseStatus> {
        self.place(response).map(|(_, ln_x, _)| libm::exp(ln_x))
    }

    /// Where a response lies on the curve, as the logarithm of the concentration, with what is to be said of it; or why it lies nowhere.
    fn place(&self, mean_response: f64) -> Result<(&Smooth, f64, InverseStatus), InverseStatus> {
        let smooth = match &self.shape {
            _ if !self.has_dose_response() => return Err(InverseStatus::NoDoseResponse),
            _ if !self.is_readable() => return Err(InverseStatus::NotConverged),
            Shape::None(_) => return Err(InverseStatus::NotConverged),
            Shape::Step(step) => {
                let (Some(below), Some(above)) = (step.below, step.above) else { return Err(InverseStatus::OnStep) };
                let rise = (mean_response - below) / (above - below);
                return Err(if rise < 0.0 {
                    InverseStatus::BelowCurve
                } else if rise > 1.0 {
                    InverseStatus::AboveCurve
                } else {
                    InverseStatus::OnStep
                });
            }
            Shape::Smooth { .. } => &self.smooth,
        };
        let Some(smooth) = smooth else { return Err(InverseStatus::OnStep) };
        let Some(ln_x) = smooth.inverse(mean_response) else {
            return Err(self.beyond(smooth, mean_response));
        };
        let (first, last) = self.ends;
        // A response on a standard's own fitted value may round to just outside it.
        let slack = 1e-12;
        let status = if ln_x < first - slack {
            InverseStatus::BelowLowestStandard
        } else if ln_x > last + slack {
            InverseStatus::AboveHighestStandard
        } else {
            InverseStatus::InsideStandards
        };
        let missing = match status {
            InverseStatus::BelowLowestStandard => self.parameters.a.is_nan(),
            InverseStatus::AboveHighestStandard => self.parameters.d.is_nan(),
            _ => false,
        };
        if missing || !mean_response.is_finite() {
            return Err(InverseStatus::PlateauNotDetermined);
        }
        if self.verdict().usable_up_to.is_some_and(|highest| ln_x > libm::log(highest) + slack) {
            return Err(InverseStatus::AboveHook);
        }
        Ok((smooth, ln_x, status))
    }

    fn beyond(&self, smooth: &Smooth, response: f64) -> InverseStatus {
        let rising = smooth.at.kappa > 0.0;
        let beyond =
            |end: Option<f64>, below: bool| end.is_some_and(|end| if below { response < end } else { response > end });
        if beyond(smooth.lower_end(), rising) {
            InverseStatus::BelowCurve
        } else if beyond(smooth.upper_end(), !rising) {
            InverseStatus::AboveCurve
        } else {
            InverseStatus::PlateauNotDetermined
        }
    }

    /// The confidence band of the curve at concentration `x`, pointwise; `None` without a covariance.
    pub fn confidence_band(&self, x: f64) -> Option<(f64, f64)> {
        self.band(x, None)
    }

    /// The prediction band for the mean of `replicates` wells at concentration `x`, pointwise; `None` without a covariance.
    ///
    /// ```
    /// # use platewise::curve::*;
    /// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
    /// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
    /// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
    /// # let curve = fit(&plate, &Method::default())?;
    /// let (low, high) = curve.prediction_band(300.0, 2).unwrap_or_default();
    /// let (inner_low, inner_high) = curve.confidence_band(300.0).unwrap_or_default();
    /// assert!(low < inner_low && inner_low < curve.response(300.0) && curve.response(300.0) < inner_high && inner_high < high);
    /// # Ok::<(), FitError>(())
    /// ```
    pub fn prediction_band(&self, x: f64, replicates: usize) -> Option<(f64, f64)> {
        self.band(x, Some(replicates))
    }

    fn band(&self, x: f64, replicates: Option<usize>) -> Option<(f64, f64)> {
        let smooth = self.smooth.as_ref()?;
        let ln_x = if x > 0.0 { libm::log(x) } else { f64::NEG_INFINITY };
        let value = smooth.value(ln_x);
        let band = Band::new(self, smooth, value.response, replicates.unwrap_or(1))?;
        let noise = if replicates.is_some() { band.noise } else { 0.0 };
        let half = band.t * (noise + band.curve(&value.gradient)).sqrt();
        half.is_finite().then_some((value.response - half, value.response + half))
    }
}
