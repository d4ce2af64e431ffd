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
/// See [`Inverse`] for an example.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Method, Model, Parameters, Point, fit};
    use crate::probability::t_quantile;

    /// Eight levels in pairs about a 4PL; 3 − y where it falls.
    fn curve(falling: bool) -> StandardCurve {
        let truth = Parameters { a: 0.1, d: 3.0, c: 60.0, b: 1.5, g: 1.0 };
        let wells = (0..8_u32).flat_map(|i| [(i, 0.02), (i, -0.03)]).map(|(i, by)| {
            let concentration = 5.0 * f64::from(1_u32 << i);
            let response = Model::FourParameter.response(&truth, concentration) + by * f64::from(i % 3);
            Point { concentration, response: if falling { 3.0 - response } else { response } }
        });
        fit(&wells.collect::<Vec<_>>(), &Method::default()).unwrap()
    }

    fn near(found: f64, expected: f64, within: f64) -> bool {
        (found / expected - 1.0).abs() < within
    }

    /// Derivatives of the response by a, d, c, b and by x, by differences.
    fn differences(curve: &StandardCurve, x: f64) -> ([f64; 4], f64) {
        let p = *curve.parameters();
        let at = |by: [f64; 4]| {
            let moved = Parameters { a: p.a + by[0], d: p.d + by[1], c: p.c * (1.0 + by[2]), b: p.b + by[3], g: 1.0 };
            Model::FourParameter.response(&moved, x)
        };
        let h = 1e-5;
        let by = |j: usize| {
            let mut step = [0.0; 4];
            step[j] = h;
            let up = at(step);
            step[j] = -h;
            (up - at(step)) / (2.0 * h)
        };
        let slope = (curve.response(x * (1.0 + h)) - curve.response(x * (1.0 - h))) / (2.0 * h * x);
        ([by(0), by(1), by(2) / p.c, by(3)], slope)
    }

    /// The delta method with the covariance of a, d, c, b: the band is t √(gᵀVg), that of the mean of two wells t √(s²/2 + gᵀVg), and the
    /// standard error of a concentration the square root of the latter, without t, over the slope.
    #[test]
    fn bands_and_standard_errors_follow_from_the_covariance() {
        let t = t_quantile(0.05, 12.0);
        for curve in [false, true].map(curve) {
            let (covariance, sd) = (curve.covariance().unwrap(), curve.residual_sd().unwrap());
            for x in [7.0, 55.0, 400.0] {
                let (gradient, slope) = differences(&curve, x);
                let mut of_curve = 0.0;
                for i in 0..4 {
                    for j in 0..4 {
                        of_curve += gradient[i] * covariance[i][j] * gradient[j];
                    }
                }
                let y = curve.response(x);
                let (low, high) = curve.confidence_band(x).unwrap();
                assert!(near(high - low, 2.0 * t * of_curve.sqrt(), 1e-6) && near(high + low, 2.0 * y, 1e-12));
                let (low, high) = curve.prediction_band(x, 2).unwrap();
                let of_mean = sd * sd / 2.0 + of_curve;
                assert!(near(high - low, 2.0 * t * of_mean.sqrt(), 1e-6) && near(high + low, 2.0 * y, 1e-12));
                let read = curve.invert(y, 2);
                assert!(near(read.concentration.unwrap(), x, 1e-9));
                assert!(near(read.standard_error.unwrap(), of_mean.sqrt() / slope.abs(), 1e-6));
            }
        }
    }

    /// A CV of 10 % from 20 degrees of freedom, which the wells of a sample share, is a variance of ln x beside that of response over slope.
    /// Student's quantile takes the degrees of freedom of the sum: (u + v)² / (u²/12 + v²/20). The interval ends where the response is t
    /// standard deviations from the curve.
    #[test]
    fn what_wells_share_widens_the_interval() {
        let shared = SharedError { sd_ln: 0.1, df: 20.0 };
        for curve in [false, true].map(curve) {
            let y = curve.response(50.0);
            let (plain, with) = (curve.invert(y, 2), curve.invert_sharing(y, 2, Some(&shared)));
            assert_eq!(plain.concentration, with.concentration);
            let [own, all] = [plain, with].map(|read| (read.standard_error.unwrap() / 50.0).powi(2));
            assert!(near(all, own + 0.01, 1e-9), "{all} {own}");
            let df = all * all / (own * own / 12.0 + 0.01 * 0.01 / 20.0);
            for limit in [with.lower, with.upper].map(Option::unwrap) {
                let (low, high) = curve.prediction_band(limit, 2).unwrap();
                let of_mean = ((high - low) / 2.0 / t_quantile(0.05, 12.0)).powi(2);
                let slope = differences(&curve, limit).1 * limit;
                let away = t_quantile(0.05, df) * (of_mean + 0.01 * slope * slope).sqrt();
                assert!(near((curve.response(limit) - y).abs(), away, 1e-6), "{limit} {away}");
            }
            assert!(with.lower.unwrap() < 50.0 && 50.0 < with.upper.unwrap());
            assert_eq!(curve.invert_sharing(y, 2, Some(&SharedError { sd_ln: 0.0, df: 20.0 })), plain);
        }
    }

    /// What is beyond a plateau is named by the side of the concentrations, not by that of the responses.
    #[test]
    fn a_response_beyond_a_plateau_is_on_the_side_of_its_concentrations() {
        let read = |falling: bool, response: f64| curve(falling).invert(response, 2).status;
        assert_eq!([0.0, 3.2].map(|y| read(false, y)), [InverseStatus::BelowCurve, InverseStatus::AboveCurve]);
        assert_eq!([3.0, -0.2].map(|y| read(true, y)), [InverseStatus::BelowCurve, InverseStatus::AboveCurve]);
    }

    /// Between 0.1 and 2 any concentration within the step would do.
    #[test]
    fn a_step_has_a_side_for_every_response() {
        let step = |falling: bool| {
            let side = |y: f64| if falling { 3.0 - y } else { y };
            let levels = [(10.0, 0.1), (20.0, 0.1), (40.0, 0.1), (80.0, 2.0), (160.0, 2.0), (320.0, 2.0)];
            let wells = levels.into_iter().flat_map(|(x, y)| [(x, side(y - 0.01)), (x, side(y + 0.01))]);
            let points = wells.map(|(concentration, response)| Point { concentration, response });
            fit(&points.collect::<Vec<_>>(), &Method::default()).unwrap()
        };
        let expected =
            [InverseStatus::BelowCurve, InverseStatus::OnStep, InverseStatus::OnStep, InverseStatus::AboveCurve];
        assert_eq!([0.05, 0.15, 1.9, 2.05].map(|y| step(false).invert(y, 2).status), expected);
        assert_eq!([2.95, 2.85, 1.1, 0.95].map(|y| step(true).invert(y, 2).status), expected);
    }
}
