//! One comparison between two arms.

use serde::Serialize;

use super::exclusion::UnusedSubjects;
use super::interval_estimate::IntervalEstimate;
use crate::protocol::AnalysisId;
use crate::stats::multiplicity::Adjustment;

/// One comparison between two arms.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ArmComparison {
    /// The analysis; written by its name, such as `ancova` or `welch_t`.
    pub analysis: AnalysisId,
    /// The model in words.
    pub model: String,
    /// Whether it is the declared primary analysis.
    pub primary: bool,
    /// The visit.
    pub visit: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Subjects used, of the two arms.
    pub n: [usize; 2],
    /// Randomised subjects who were not used, by reason.
    pub left_out: Vec<UnusedSubjects>,
    /// Ratio of the geometric mean ratios to baseline, active over reference, with its interval.
    pub ratio: Option<IntervalEstimate>,
    /// Adjusted geometric mean of visit / baseline of the two arms, active first, where the model adjusts.
    pub adjusted_means: Option<[IntervalEstimate; 2]>,
    /// Standard error of ln ratio.
    pub standard_error: Option<f64>,
    /// Test statistic.
    pub statistic: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// The p-value adjusted within its family, where the study declares one.
    pub adjusted: Option<AdjustedPValue>,
    /// The rule for values outside the limits that gave the numbers.
    pub below_limit_rule: String,
    /// Why there is no estimate; empty where there is one.
    pub reason: String,
}

/// A p-value adjusted for the other tests of its family.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdjustedPValue {
    /// The family.
    pub family: String,
    /// The method.
    pub method: Adjustment,
    /// Number of tests with a p-value in the family.
    pub tests: usize,
    /// The adjusted p-value.
    pub p: f64,
}
