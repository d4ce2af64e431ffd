//! A lower curve that another fit comes by.
//!
//! The profile of a parameter, a plate without one of its wells and a resampled plate are fitted starting from the estimate. Where one of
//! these fits ends at a shape under which the sum of squares of all wells is below that of the estimate, the estimate is no optimum, and
//! what follows from it means nothing. All that asks for such fits therefore gives a [`LowerCurve`] for an answer then, which leads
//! to the lower curve; nobody can go on with the other unawares. [`crate::curve::fit()`] itself asks for the curve without the well that moves it
//! most, and begins anew from there.

use super::shape::Shape;

/// A shape under which the wells have a lower sum of squares than under the estimate: that is no optimum. It leads to the curve that is,
/// see [`StandardCurve::restarted`](crate::curve::StandardCurve::restarted).
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let curve = fit(&plate, &Method::default())?;
/// // The search was not at fault here: nothing lower is come by.
/// let curve = match curve.leave_one_out() {
///     Ok(_) => curve,
///     Err(lower) => curve.restarted(lower)?,
/// };
/// assert!(curve.verdict().usable);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LowerCurve {
    pub(in crate::curve) theta: [f64; 3],
    /// The weights under which it is lower.
    pub(in crate::curve) weights: Vec<f64>,
    /// The estimate.
    pub(in crate::curve) than: Box<Shape>,
}
