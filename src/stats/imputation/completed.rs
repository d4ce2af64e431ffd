//! The analyses of completed sets: of each its own numbers, and what all share.

use super::super::undefined::Undefined;
use super::pool::{Pooled, pool};

/// The analysis of covariance of one completed set.
#[derive(Debug, Clone, Copy)]
pub(super) struct CompletedSetFit {
    /// Adjusted difference, active − placebo.
    pub(super) estimate: f64,
    /// Sum of squared residuals.
    pub(super) rss: f64,
    /// Product of its residuals with those of the shift.
    pub(super) cross: f64,
}

/// What the analyses of all completed sets share, because they have the same subjects.
#[derive(Debug, Clone, Copy)]
pub(super) struct SharedAnalysisTerms {
    /// `(X'X)⁻¹` of the arm.
    pub(super) unscaled: f64,
    /// Residual degrees of freedom.
    pub(super) df: f64,
    pub(super) confidence: f64,
}

impl SharedAnalysisTerms {
    /// Variance of the difference with so large a sum of squared residuals.
    pub(super) fn variance(&self, rss: f64) -> f64 {
        self.unscaled * rss / self.df
    }

    pub(super) fn pool(&self, fits: &[CompletedSetFit]) -> Result<Pooled, Undefined> {
        let sets: Vec<(f64, f64)> = fits.iter().map(|fit| (fit.estimate, self.variance(fit.rss))).collect();
        pool(&sets, self.df, self.confidence)
    }
}
