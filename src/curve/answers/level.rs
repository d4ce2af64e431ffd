//! The levels of the standards, read back from their own curve: how far each is from what it was made to be.

use serde::{Deserialize, Serialize};

/// One level of the standards, read back from the curve.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let lowest: &Level = &curve.levels()[1];
/// assert_eq!((lowest.concentration, lowest.n), (31.25, 2));
/// assert!(lowest.bias_percent.is_some_and(|bias| bias.abs() < 10.0));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Concentration.
    pub concentration: f64,
    /// Number of wells.
    pub n: usize,
    /// Mean response.
    pub mean_response: f64,
    /// CV of the responses, in percent; `None` for a single well.
    pub response_cv_percent: Option<f64>,
    /// The concentration at which the curve has the mean response; `None` where it has none.
    pub back_calculated: Option<f64>,
    /// 100 × (back-calculated − nominal) / nominal; `None` at zero.
    pub bias_percent: Option<f64>,
    /// CV of the wells' own back-calculated concentrations, in percent; `None` where one has none.
    pub cv_percent: Option<f64>,
}
