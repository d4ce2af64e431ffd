//! Many curves at once: the curves of a file, the plates of a run.

use rayon::prelude::*;

use super::fit::fit;
use super::method::{FitError, Method};
use super::point::Point;
use super::standard_curve::StandardCurve;

/// Curves that a thread takes at a time: a fit is too short to be handed around alone.
const AT_A_TIME: usize = 16;

/// Fits every curve, on all threads. The answers are in the order of the curves and do not depend on the threads.
pub fn fit_many(curves: &[&[Point]], method: &Method) -> Vec<Result<StandardCurve, FitError>> {
    curves.par_iter().with_min_len(AT_A_TIME).map(|points| fit(points, method)).collect()
}
