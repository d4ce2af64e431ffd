//! Whether the model's own misfit exceeds the noise of the replicates.
//!
//! ```text
//! F = (SS_lack / (L − p)) / (SS_pure / (N − L)),   SS_pure = Σ w (y − ȳ)² within levels,   SS_lack = RSS − SS_pure
//! ```
//!
//! `L` levels, `N` wells, `p` fitted parameters (Neill & Johnson 1984; Bates & Watts 1988, section 3.4).

use serde::Serialize;

use super::standard_curve::StandardCurve;
use crate::probability::f_upper;

/// Lack of fit against replicate error.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// assert!(curve.lack_of_fit().is_some_and(|lack: LackOfFit| (lack.df_lack, lack.df_pure) == (4, 8)));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LackOfFit {
    /// Ratio of the mean squares.
    pub f: f64,
    /// Degrees of freedom of the misfit: levels less parameters.
    pub df_lack: usize,
    /// Degrees of freedom of the replicates: wells less levels.
    pub df_pure: usize,
    /// Probability of a larger ratio if the model were right.
    pub p_value: f64,
}

impl StandardCurve {
    /// The lack-of-fit test; `None` without replicates, without levels to spare, or when replicates or data are exact.
    pub fn lack_of_fit(&self) -> Option<LackOfFit> {
        let levels = self.standards.len();
        let df_lack = levels.checked_sub(self.fitted_parameters()).filter(|&df| df > 0)?;
        let df_pure = self.points.len().checked_sub(levels).filter(|&df| df > 0)?;
        let pure = self.pure_error();
        if self.exact() || pure <= 0.0 {
            return None;
        }
        let f = (self.rss - pure).max(0.0) / df_lack as f64 / (pure / df_pure as f64);
        Some(LackOfFit { f, df_lack, df_pure, p_value: f_upper(f, df_lack as f64, df_pure as f64) })
    }

    /// Weighted sum of squares of the wells about their level's mean.
    pub(crate) fn pure_error(&self) -> f64 {
        self.standards.iter().zip(&self.weights).map(|(s, w)| s.within * w).sum()
    }
}
