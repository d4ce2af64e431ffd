//! What curves may have in common, and what they differ by.

use serde::Serialize;

use crate::curve::definition::method::FitError;

/// Which parameters the curves have in common. The mid-point is always each curve's own.
///
/// ```
/// # use platewise::curve::{*, shared::*};
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let other: Vec<Point> = plate.iter().map(|p| Point { concentration: 2.0 * p.concentration, ..*p }).collect();
/// let slope_apart = SharedParameters { b: false, ..SharedParameters::SHAPE };
/// assert!(fit_shared(&[&plate, &other], &Method::default(), slope_apart)?.df < 32 - 5);
/// # Ok::<(), SharedFitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SharedParameters {
    /// Response at zero concentration.
    pub a: bool,
    /// Response at infinite concentration.
    pub d: bool,
    /// Slope.
    pub b: bool,
    /// Asymmetry, in the five-parameter families.
    pub g: bool,
}

impl SharedParameters {
    /// The whole shape: parallel curves.
    pub const SHAPE: Self = Self { a: true, d: true, b: true, g: true };
}

/// A ratio of mid-points.
///
/// ```
/// # use platewise::curve::{*, shared::*};
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let other: Vec<Point> = plate.iter().map(|p| Point { concentration: 2.0 * p.concentration, ..*p }).collect();
/// let ratio: MidpointRatio = fit_shared(&[&plate, &other], &Method::default(), SharedParameters::SHAPE)?.ratios[1];
/// assert!(ratio.lower < Some(2.0) && Some(2.0) < ratio.upper);
/// # Ok::<(), SharedFitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MidpointRatio {
    /// cᵢ / c₁.
    pub ratio: f64,
    /// Standard error of ln(cᵢ / c₁).
    pub ln_standard_error: Option<f64>,
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

/// Why curves could not be fitted together.
///
/// ```
/// # use platewise::curve::{*, shared::*};
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let other: Vec<Point> = plate.iter().map(|p| Point { concentration: 2.0 * p.concentration, ..*p }).collect();
/// let alone = fit_shared(&[&plate], &Method::default(), SharedParameters::SHAPE);
/// assert_eq!(alone, Err(SharedFitError::TooFew { curves: 1 }));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SharedFitError {
    /// There are fewer than two.
    #[error("a shared fit takes two curves or more, there are {curves}")]
    TooFew {
        /// How many there are.
        curves: usize,
    },
    /// One of them cannot be fitted at all.
    #[error("curve {index}: {error}")]
    Curve {
        /// Its index, from 0.
        index: usize,
        /// Why.
        error: FitError,
    },
    /// One of them is not identified: it has no mid-point of its own to start from.
    #[error("curve {index} does not determine its parameters by itself; fit it with a plateau fixed, or leave it out")]
    NotIdentified {
        /// Its index, from 0.
        index: usize,
    },
    /// The method fixes or bounds parameters.
    #[error("curves are fitted together with all parameters free; the method fixes or bounds some")]
    NotFree,
    /// The parameters cannot be told apart.
    #[error("the curves do not determine a common shape")]
    Singular,
}
