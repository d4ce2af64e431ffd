//! A finished fit, with all that follows from it: covariance, verdict, the standards read back.

use super::family::Family;
use super::fitted::Fitted;
use super::lower::Lower;
use super::method::Method;
use super::point::{Point, Standard};
use super::standard_curve::StandardCurve;
use super::verdict;

impl StandardCurve {
    pub(crate) fn new(
        points: &[Point],
        method: &Method,
        standards: Vec<Standard>,
        family: Family,
        fitted: Fitted,
        (t, stood): (f64, bool),
    ) -> Result<Self, Lower> {
        let mut curve = Self::bare(points, method, standards, family, fitted).with_covariance(t);
        curve.stood = stood;
        curve.verdict = verdict::judge(&curve)?;
        curve.levels = curve.read_back();
        Ok(curve)
    }
}
