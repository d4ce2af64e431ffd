//! One arm at one visit.

use serde::Serialize;

use super::interval_estimate::IntervalEstimate;
use super::percent_change::PercentChange;
use super::quantile::Quantile;

/// One arm at one visit.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ArmSummary {
    /// The arm.
    pub arm: String,
    /// The visit.
    pub visit: String,
    /// Week of the visit.
    pub week: f64,
    /// Subjects of the arm.
    pub randomised: usize,
    /// Subjects with a value, or a limit, at this visit.
    pub n: usize,
    /// Of these, below the LLOQ.
    pub below: usize,
    /// Of these, above the ULOQ.
    pub above: usize,
    /// Subjects without a result at this visit.
    pub missing: usize,
    /// Subjects whose numbers the geometric mean, mean and standard deviation are of; 0 where these are not estimable.
    pub n_mean: usize,
    /// Geometric mean of the visit's numbers, with its interval.
    pub geometric_mean: Option<IntervalEstimate>,
    /// Geometric coefficient of variation, in percent.
    pub geometric_cv_percent: Option<f64>,
    /// Mean of the visit's numbers.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// Standard error of their mean.
    pub se: Option<f64>,
    /// Geometric mean with values outside the limits as censored (Tobit, maximum likelihood), where there are such and it has one.
    pub censored_geometric_mean: Option<IntervalEstimate>,
    /// Geometric mean by regression on order statistics, where there are values below the limit and it has one; without an interval.
    pub ros_geometric_mean: Option<f64>,
    /// Why there is no mean: too many values are outside the limits. Empty where there is one.
    pub not_estimable: String,
    /// Median of all results.
    pub median: Option<Quantile>,
    /// First quartile, by SAS's default definition (type 2).
    pub q1: Option<Quantile>,
    /// Third quartile, by the same.
    pub q3: Option<Quantile>,
    /// Smallest result.
    pub min: Option<Quantile>,
    /// Largest result.
    pub max: Option<Quantile>,
    /// Subjects whose numbers at baseline and at this visit the changes are of; 0 at baseline, and where these are not estimable.
    pub n_change: usize,
    /// Mean absolute change, with its interval.
    pub mean_change: Option<IntervalEstimate>,
    /// Mean percent change, with its interval.
    pub mean_percent_change: Option<IntervalEstimate>,
    /// Percent change in its middle: of all results at both visits, those outside the limits as what they are.
    pub percent_change: PercentChange,
    /// Geometric mean of visit / baseline, with its interval.
    pub geometric_mean_ratio: Option<IntervalEstimate>,
    /// P-value of the paired t test of the log change.
    pub p_paired_t: Option<f64>,
    /// P-value of the signed-rank test of the log change; exact, zeros dropped.
    pub p_signed_rank: Option<f64>,
    /// Hodges–Lehmann estimate of visit / baseline with its exact interval.
    pub hodges_lehmann_ratio: Option<IntervalEstimate>,
    /// Geometric mean of visit / baseline with values outside the limits as censored, where there are such and it has one.
    pub censored_ratio: Option<IntervalEstimate>,
    /// Geometric mean of visit / baseline by regression on order statistics, where there are values below the limit and it has one.
    pub ros_ratio: Option<f64>,
    /// Why there is no mean change: too many of the values are outside the limits, or nobody has both. Empty where there is one.
    pub change_not_estimable: String,
}
