//! The intervals that the program offers, of whose coverage something may be known.

use super::clinical::CorrelationMethod;
use super::missing_data::in_words;
use crate::protocol::{AnalysisId, BelowLimit};
use crate::stats::imputation::Strategy;

/// An interval that the program offers.
///
/// See [`Coverage`](super::coverage::Coverage) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntervalOf {
    /// The analysis of covariance with this rule for values below the limit.
    Ancova(BelowLimit),
    /// Another analysis of two arms.
    Analysis(AnalysisId),
    /// The geometric mean of an arm.
    Mean,
    /// The same of values as censored.
    CensoredMean,
    /// The ratio to baseline of an arm.
    Change,
    /// The same by Hodges and Lehmann.
    HodgesLehmannChange,
    /// The ratios of subgroups.
    Subgroups,
    /// The ratio of standardised proportions of responders.
    StandardisedRatio,
    /// Their difference.
    StandardisedDifference,
    /// The difference of proportions of responders.
    Responders,
    /// The ratio with missing values imputed.
    Imputed(Strategy),
    /// The adjusted change of a clinical measure.
    ClinicalChange,
    /// A correlation with a clinical measure.
    Correlation(CorrelationMethod),
}

impl IntervalOf {
    /// Its name in the table of the benchmark.
    pub fn name(self) -> String {
        match self {
            Self::Ancova(BelowLimit::HalfLloq) => "ancova, LLOQ/2".into(),
            Self::Ancova(BelowLimit::LloqOverSqrt2) => "ancova, LLOQ/√2".into(),
            Self::Ancova(BelowLimit::Lloq) => "ancova, LLOQ".into(),
            Self::Ancova(BelowLimit::Exclude) => "ancova, left out".into(),
            Self::Analysis(analysis) => analysis.name().into(),
            Self::Mean => "mean".into(),
            Self::CensoredMean => "mean, tobit".into(),
            Self::Change => "change".into(),
            Self::HodgesLehmannChange => "change, Hodges-Lehmann".into(),
            Self::Subgroups => "subgroups".into(),
            Self::StandardisedRatio => "standardised ratio".into(),
            Self::StandardisedDifference => "standardised difference".into(),
            Self::Responders => "responders, difference".into(),
            Self::Imputed(strategy) => format!("imputed, {}", in_words(strategy)),
            Self::ClinicalChange => "clinical change".into(),
            Self::Correlation(CorrelationMethod::Spearman) => "correlation, Spearman".into(),
            Self::Correlation(CorrelationMethod::Pearson) => "correlation, Pearson".into(),
            Self::Correlation(CorrelationMethod::WithinParticipants) => "correlation, within participants".into(),
        }
    }

    /// Whether it is of proportions: values as censored are no answer to these.
    pub(super) fn is_of_proportions(self) -> bool {
        matches!(self, Self::StandardisedRatio | Self::StandardisedDifference | Self::Responders)
    }
}
