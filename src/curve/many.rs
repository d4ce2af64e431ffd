//! Many curves at once: the curves of a file, the plates of a run.

use rayon::prelude::*;

use super::answers::standard_curve::StandardCurve;
use super::definition::method::{FitError, Method};
use super::definition::point::Point;
use super::fit::fit;

/// Curves that a thread takes at a time: a fit is too short to be handed around alone.
const AT_A_TIME: usize = 16;

/// Fits every curve, on all threads. The answers are in the order of the curves and do not depend on the threads.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let without_top = &plate[..14];
/// let curves = fit_many(&[&plate, without_top], &Method::default());
/// assert!(curves.iter().all(Result::is_ok));
/// ```
pub fn fit_many(curves: &[&[Point]], method: &Method) -> Vec<Result<StandardCurve, FitError>> {
    curves.par_iter().with_min_len(AT_A_TIME).map(|points| fit(points, method)).collect()
}
