//! A finished fit, with all that follows from it: covariance, verdict, the standards read back.

use super::standard_curve::StandardCurve;
use super::verdict;
use crate::curve::definition::method::Method;
use crate::curve::definition::point::{Point, Standard};
use crate::curve::fitting::curve_family::CurveFamily;
use crate::curve::fitting::fitted_curve::FittedCurve;
use crate::curve::fitting::lower_curve::LowerCurve;

impl StandardCurve {
    pub(crate) fn new(
        points: &[Point],
        method: &Method,
        standards: Vec<Standard>,
        family: CurveFamily,
        fitted: FittedCurve,
        (t, stood): (f64, bool),
    ) -> Result<Self, LowerCurve> {
        let mut curve = Self::bare(points, method, standards, family, fitted).with_covariance(t);
        curve.stood = stood;
        curve.verdict = verdict::judge(&curve)?;
        curve.levels = curve.read_back();
        Ok(curve)
    }
}
