//! What a trial asks for: the change of each subject, the arms, and how they compare.

use std::cmp::Ordering;

use serde::Serialize;

use crate::concentration::Quantity;
use crate::sheet::Problem;
use crate::stats::multiplicity::Adjustment;

use super::covariates::CovariateOf;
use super::estimand::Estimand;
use super::exclusion::{ExcludedRecord, Exclusion, LeftOut};
use super::flow::FlowStep;
use super::join::JoinReport;
use super::missing_data::MissingData;
use super::paragraph::Part;
use super::percent_change::PercentChange;
use super::quantile::Quantile;
use super::records::AnalysisRecord;
use super::responders::Responders;
use super::subgroups::Subgroups;
use super::subject_records::SubjectRecord;

/// The result of one subject at one visit. The result knows nothing of arms.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct SubjectVisit {
    /// The subject.
    pub subject: String,
    /// Name of the visit, as the study declares it.
    pub visit: String,
    /// Week of the visit.
    pub week: f64,
    /// The sample.
    pub sample: String,
    /// The plate of the result.
    pub plate: Option<String>,
    /// The result.
    pub quantity: Quantity,
    /// LLOQ and ULOQ of its dilution on its plate, where the plate has them.
    pub limits: Option<[f64; 2]>,
    /// Study day of collection, where the list of samples has it.
    pub day: Option<i32>,
    /// Serum, plasma …, where the list of samples has it.
    pub matrix: Option<String>,
    /// The kit lot of the plate, where the study has it.
    pub kit_lot: Option<String>,
    /// Why it takes no part in any analysis; `None` when it does.
    pub excluded: Option<Exclusion>,
    /// The visit whose result stands here, by the strategy for an event; `None` for its own.
    pub carried_from: Option<String>,
    /// Whether the subject had an event that is a failure by its strategy.
    pub failed: bool,
}

impl SubjectVisit {
    /// A result of which nothing else is known.
    pub fn new(subject: &str, visit: &str, week: f64, quantity: Quantity) -> Self {
        Self {
            subject: subject.to_string(),
            visit: visit.to_string(),
            week,
            sample: String::new(),
            plate: None,
            quantity,
            limits: None,
            day: None,
            matrix: None,
            kit_lot: None,
            excluded: None,
            carried_from: None,
            failed: false,
        }
    }
}

/// An arm's place in a list of subjects.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allocation {
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// The stratum, where there is one.
    pub stratum: Option<String>,
    /// Age in years at the randomisation, where the list has it.
    pub age: Option<f64>,
    /// The covariates that the study declares, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<CovariateOf>,
}

/// The change of one subject from baseline to one visit.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// The stratum, where there is one.
    pub stratum: Option<String>,
    /// The visit.
    pub visit: String,
    /// Week of the visit.
    pub week: f64,
    /// The visit of the baseline result.
    pub baseline_visit: String,
    /// The baseline result, as reported; `None` where there is none.
    pub baseline: Option<Quantity>,
    /// The visit's result, as reported; `None` where there is none.
    pub endpoint: Option<Quantity>,
    /// Whether there are results of baseline and visit that a rule of the study leaves out.
    pub left_out: [bool; 2],
    /// Whether the visit's result is that of an earlier one, by the strategy for an event.
    pub carried: bool,
    /// The number used for the baseline: the value, or by the below-limit rule.
    pub base: Option<f64>,
    /// The number used for the visit.
    pub aval: Option<f64>,
    /// `aval − base`.
    pub change: Option<f64>,
    /// 100 × (aval − base) / base.
    pub percent_change: Option<f64>,
    /// ln aval − ln base.
    pub log_change: Option<f64>,
    /// Why the subject is not in the analysis; empty when it is.
    pub excluded: String,
}

impl Change {
    /// The value over the baseline, exp(ln AVAL − ln BASE).
    pub fn ratio(&self) -> Option<f64> {
        self.log_change.map(libm::exp)
    }

    /// Whether it holds a number that stands for a value outside the limits.
    pub fn holds_limit(&self) -> bool {
        let measured = |quantity: &Option<Quantity>| matches!(quantity, Some(Quantity::Quantified(_)));
        !(measured(&self.baseline) && measured(&self.endpoint))
    }
}

/// A number with its interval.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Interval {
    /// On which side of 1 the whole interval of a ratio lies: `Less` or `Greater`; `Equal` where it includes 1. Two analyses
    /// come to the same conclusion where this is the same.
    pub fn side_of_one(&self) -> Ordering {
        if self.upper < 1.0 {
            Ordering::Less
        } else if self.lower > 1.0 {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}

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
    pub geometric_mean: Option<Interval>,
    /// Geometric coefficient of variation, in percent.
    pub geometric_cv_percent: Option<f64>,
    /// Mean of the visit's numbers.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// Standard error of their mean.
    pub se: Option<f64>,
    /// Geometric mean with values outside the limits as censored (Tobit, maximum likelihood), where there are such and it has one.
    pub censored_geometric_mean: Option<Interval>,
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
    pub mean_change: Option<Interval>,
    /// Mean percent change, with its interval.
    pub mean_percent_change: Option<Interval>,
    /// Percent change in its middle: of all results at both visits, those outside the limits as what they are.
    pub percent_change: PercentChange,
    /// Geometric mean of visit / baseline, with its interval.
    pub geometric_mean_ratio: Option<Interval>,
    /// P-value of the paired t test of the log change.
    pub p_paired_t: Option<f64>,
    /// P-value of the signed-rank test of the log change; exact, zeros dropped.
    pub p_signed_rank: Option<f64>,
    /// Hodges–Lehmann estimate of visit / baseline with its exact interval.
    pub hodges_lehmann_ratio: Option<Interval>,
    /// Geometric mean of visit / baseline with values outside the limits as censored, where there are such and it has one.
    pub censored_ratio: Option<Interval>,
    /// Geometric mean of visit / baseline by regression on order statistics, where there are values below the limit and it has one.
    pub ros_ratio: Option<f64>,
    /// Why there is no mean change: too many of the values are outside the limits, or nobody has both. Empty where there is one.
    pub change_not_estimable: String,
}

/// One comparison between two arms.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct ArmComparison {
    /// Name of the analysis, such as `ancova` or `welch_t`.
    pub analysis: String,
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
    pub left_out: Vec<LeftOut>,
    /// Ratio of the geometric mean ratios to baseline, active over reference, with its interval.
    pub ratio: Option<Interval>,
    /// Adjusted geometric mean of visit / baseline of the two arms, active first, where the model adjusts.
    pub adjusted_means: Option<[Interval; 2]>,
    /// Standard error of ln ratio.
    pub standard_error: Option<f64>,
    /// Test statistic.
    pub statistic: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// The p-value adjusted within its family, where the study declares one.
    pub adjusted: Option<Adjusted>,
    /// The rule for values outside the limits that gave the numbers.
    pub below_limit_rule: String,
    /// Why there is no estimate; empty where there is one.
    pub reason: String,
}

/// A p-value adjusted for the other tests of its family.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adjusted {
    /// The family.
    pub family: String,
    /// The method.
    pub method: Adjustment,
    /// Number of tests with a p-value in the family.
    pub tests: usize,
    /// The adjusted p-value.
    pub p: f64,
}

/// Everything that `compare` gives.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// How results and arms fit together.
    pub join: JoinReport,
    /// Every result that is in no analysis or in no analysis of change, with its reason.
    pub excluded: Vec<ExcludedRecord>,
    /// What each primary analysis estimates.
    pub estimands: Vec<Estimand>,
    /// How many participants and samples of each arm got how far.
    pub flow: Vec<FlowStep>,
    /// Each subject's change at each visit after baseline, by subject.
    pub changes: Vec<Change>,
    /// Arms × visits.
    pub arms: Vec<ArmSummary>,
    /// Comparisons between arms, values outside the limits by the declared rule.
    pub comparisons: Vec<ArmComparison>,
    /// The primary analysis under every rule for values below the limit, and with these as censored.
    pub sensitivity: Vec<ArmComparison>,
    /// Whether the conclusion depends on that rule, in a sentence.
    pub sensitivity_verdict: String,
    /// The primary analysis with missing values imputed, of each arm; empty where the study does not ask for it.
    pub missing_data: Vec<MissingData>,
    /// The ratio within groups of participants, by each factor that the study declares.
    pub subgroups: Vec<Subgroups>,
    /// Responders, by every definition that the study declares.
    pub responders: Vec<Responders>,
    /// The randomised participants, ADaM's ADSL.
    pub subjects: Vec<SubjectRecord>,
    /// The analysis dataset, ADaM's ADLB.
    pub records: Vec<AnalysisRecord>,
    /// The result in plain English.
    pub paragraph: String,
    /// The same in parts.
    pub parts: Vec<Part>,
    /// What a reader of the result has to know: intervals that hold the truth too rarely in a study like this, what a definition lacks.
    pub warnings: Vec<Problem>,
}
