//! What is chosen for an analysis: it names the analysis, and from it come its options as they are written, and its account.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::protocol::AnalysisId;
use crate::stats::mmrm::{DegreesOfFreedom, Structure};
use crate::stats::proportions::Counts;
use crate::stats::signed_rank::Zeros;
use crate::stats::{Arm, StratumWeights, mann_whitney, signed_rank};
use crate::study::limits::LimitRule;
use crate::study::numbers::{AncovaChoice, ChangeScale, ModelScale, TobitAdjustment};

/// A visit of the trial; written as its week.
#[derive(Clone, Copy)]
pub(super) struct ChosenVisit {
    pub(super) visit: usize,
    pub(super) week: f64,
}

impl Serialize for ChosenVisit {
    /// As JSON writes a number: 16, not 16.0.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { week, .. } = *self;
        if week.fract() == 0.0 && week.abs() < 1e15 {
            serializer.serialize_i64(week as i64)
        } else {
            serializer.serialize_f64(week)
        }
    }
}

/// A rule for values below the limit; written by its name.
#[derive(Clone, Copy)]
pub(super) struct Substitution {
    pub(super) name: &'static str,
    pub(super) rule: LimitRule,
}

impl Serialize for Substitution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// What is compared of a visit: a change from baseline, or the value itself.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChosenResponse {
    Abs,
    Pct,
    Ln,
    Log2,
    LnValue,
    Value,
}

impl From<ChangeScale> for ChosenResponse {
    fn from(scale: ChangeScale) -> Self {
        match scale {
            ChangeScale::Absolute => Self::Abs,
            ChangeScale::Percent => Self::Pct,
            ChangeScale::Ln => Self::Ln,
            ChangeScale::Log2 => Self::Log2,
        }
    }
}

impl From<ModelScale> for ChosenResponse {
    fn from(scale: ModelScale) -> Self {
        match scale {
            ModelScale::Ln => Self::Ln,
            ModelScale::Raw => Self::Abs,
        }
    }
}

impl ChosenResponse {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Abs => "change from baseline",
            Self::Pct => "percent change from baseline",
            Self::Ln => "change of the natural logarithm from baseline",
            Self::Log2 => "change of the binary logarithm from baseline",
            Self::LnValue => "natural logarithm of the value",
            Self::Value => "value",
        }
    }
}

/// What of a visit is analysed.
#[derive(Clone, Copy, Serialize)]
pub(super) struct AnalysedVisit {
    #[serde(rename = "week")]
    pub(super) at: ChosenVisit,
    #[serde(rename = "change")]
    pub(super) response: ChosenResponse,
    #[serde(rename = "blq")]
    pub(super) below: Substitution,
}

/// An analysis of the responses of one arm.
#[derive(Clone, Copy)]
pub(super) enum WithinArm {
    Description,
    PairedT,
    SignedRank { zeros: Zeros, method: signed_rank::SignedRankMethod, rounded: bool },
    WalshMedian { drop_zeros: bool },
}

/// An analysis of the responses of two arms that adjusts for nothing.
#[derive(Clone, Copy)]
pub(super) enum BetweenArms {
    WelchT,
    StudentT,
    EffectSize,
    MannWhitney(mann_whitney::MannWhitneyMethod),
    HodgesLehmann,
    Bootstrap { resamples: usize },
    Permutation { resamples: usize, seed: u64 },
}

/// A mixed model.
#[derive(Clone, Copy)]
pub(super) struct ChosenMixedModel {
    pub(super) scale: ModelScale,
    pub(super) structure: Structure,
    pub(super) df: DegreesOfFreedom,
    pub(super) stratified: bool,
    pub(super) below: Substitution,
}

/// Responders of two arms.
#[derive(Clone, Copy)]
pub(super) struct ChosenResponders {
    pub(super) at: ChosenVisit,
    /// The share of the baseline that a responder's value does not exceed.
    pub(super) share: f64,
    /// Whether all randomised are counted, a missing result as no response.
    pub(super) all_randomised: bool,
    pub(super) counts: Counts,
}

impl ChosenResponders {
    pub(super) fn responder(&self) -> String {
        format!("value <= {} x baseline", self.share)
    }

    pub(super) fn denominator(&self) -> &'static str {
        if self.all_randomised { "randomised (missing = non-responder)" } else { "observed" }
    }
}

/// An analysis with what is chosen for it. A difference of censored values stands beside nothing (`None`) in a trial that has a baseline only.
#[derive(Clone, Copy)]
pub(super) enum Chosen {
    Values { arm: Arm, at: ChosenVisit, below: Substitution },
    OneArm(Arm, AnalysedVisit, WithinArm),
    TwoArms(AnalysedVisit, BetweenArms),
    Ancova { at: ChosenVisit, choice: AncovaChoice, below: Substitution },
    Mmrm(ChosenMixedModel),
    TobitMean { arm: Arm, at: ChosenVisit },
    TobitDifference { at: ChosenVisit, adjustment: Option<TobitAdjustment> },
    Responders(ChosenResponders),
}

impl WithinArm {
    fn name(self) -> &'static str {
        match self {
            Self::Description => "change_descriptive",
            Self::PairedT => "paired_t",
            Self::SignedRank { .. } => "wilcoxon_signed_rank",
            Self::WalshMedian { .. } => "hl_one_sample",
        }
    }

    fn options(self) -> Value {
        match self {
            Self::Description | Self::PairedT => Value::Null,
            Self::SignedRank { zeros, method, rounded } => {
                let how = match method {
                    signed_rank::SignedRankMethod::Normal { continuity } => normal(continuity),
                    signed_rank::SignedRankMethod::Exact => json!({ "method": "exact" }),
                };
                let ranked = json!({ "zeros": zeros, "rank_rounding": if rounded { "10dp" } else { "none" } });
                together([how, ranked])
            }
            Self::WalshMedian { drop_zeros } => json!({ "zeros": if drop_zeros { "drop" } else { "keep" } }),
        }
    }
}

impl BetweenArms {
    fn name(self) -> &'static str {
        match self {
            Self::WelchT => AnalysisId::WelchT.name(),
            Self::StudentT => AnalysisId::StudentT.name(),
            Self::EffectSize => "effect_size",
            Self::MannWhitney(_) => AnalysisId::MannWhitney.name(),
            Self::HodgesLehmann => "hl_two_sample",
            Self::Bootstrap { .. } => AnalysisId::BootstrapMedians.name(),
            Self::Permutation { .. } => AnalysisId::PermutationOfMeans.name(),
        }
    }

    fn options(self) -> Value {
        match self {
            Self::WelchT | Self::StudentT | Self::EffectSize | Self::HodgesLehmann => Value::Null,
            Self::MannWhitney(method) => {
                let exact = |two_sided: &str| json!({ "method": "exact", "two_sided": two_sided });
                let how = match method {
                    mann_whitney::MannWhitneyMethod::Normal { continuity } => normal(continuity),
                    mann_whitney::MannWhitneyMethod::ExactDoubleSmallerTail => exact("double_smaller_tail"),
                    mann_whitney::MannWhitneyMethod::ExactAbsDeviation => exact("abs_deviation"),
                };
                together([how, json!({ "rank_rounding": "10dp" })])
            }
            Self::Bootstrap { resamples } => {
                json!({ "resamples": resamples, "stratified_by_arm": true, "acceleration": "jackknife" })
            }
            Self::Permutation { resamples, seed } => json!({ "resamples": resamples, "seed": seed }),
        }
    }
}

impl Chosen {
    /// The analysis by its name in the reference results.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Values { .. } => "descriptive",
            Self::OneArm(.., analysis) => analysis.name(),
            Self::TwoArms(_, analysis) => analysis.name(),
            Self::Ancova { .. } => AnalysisId::Ancova.name(),
            Self::Mmrm(_) => AnalysisId::Mmrm.name(),
            Self::TobitMean { .. } | Self::TobitDifference { .. } => AnalysisId::Tobit.name(),
            Self::Responders(_) => "two_proportions",
        }
    }

    /// The choices as they are written, by the names of the reference results.
    pub(super) fn options(&self) -> Value {
        match self {
            Self::Values { arm, at, below } => json!({ "arm": arm, "week": at, "blq": below }),
            Self::OneArm(arm, of, analysis) => together([json!({ "arm": arm }), json!(of), analysis.options()]),
            Self::TwoArms(of, analysis) => together([json!(of), analysis.options()]),
            Self::Ancova { at, choice: AncovaChoice { scale, vcov, weights }, below } => {
                let stratified = *weights != StratumWeights::None;
                let model = json!({ "stratum": stratified, "vcov": vcov, "stratum_weights": weights });
                together([on(*scale), model, json!({ "week": at, "blq": below })])
            }
            Self::Mmrm(ChosenMixedModel { scale, structure, df, stratified, below }) => {
                let model = json!({ "covariance": structure, "df": df, "stratum": stratified });
                together([on(*scale), model, json!({ "blq": below, "target": *structure == Structure::Us })])
            }
            Self::TobitMean { arm, at } => json!({ "model": "arm_mean", "arm": arm, "week": at }),
            Self::TobitDifference { at, adjustment } => {
                let difference = json!({ "model": "arm_difference", "week": at });
                let baseline = adjustment.map(|adjustment| match adjustment {
                    TobitAdjustment::Nothing => json!({ "baseline": "none" }),
                    TobitAdjustment::Baseline | TobitAdjustment::BaselineAndStratum => {
                        json!({ "baseline": "ln, blq half" })
                    }
                });
                together([difference, baseline.unwrap_or_default()])
            }
            Self::Responders(found) => {
                let Counts { x_active, n_active, x_placebo, n_placebo } = found.counts;
                let counts = json!({
                    "x_active": x_active, "n_active": n_active, "x_placebo": x_placebo, "n_placebo": n_placebo,
                });
                let who = json!({ "responder": found.responder(), "denominator": found.denominator() });
                together([json!({ "week": found.at }), who, counts])
            }
        }
    }
}

fn normal(continuity: bool) -> Value {
    json!({ "method": "normal", "continuity": continuity })
}

/// The scale of a model, by that of its response and of its baseline.
fn on(scale: ModelScale) -> Value {
    let [response, baseline] = match scale {
        ModelScale::Ln => ["ln_change", "ln"],
        ModelScale::Raw => ["abs_change", "raw"],
    };
    json!({ "response": response, "baseline": baseline })
}

/// The fields of all of these that have some.
fn together<const N: usize>(parts: [Value; N]) -> Value {
    let fields =
        parts.into_iter().filter_map(|part| if let Value::Object(fields) = part { Some(fields) } else { None });
    Value::Object(fields.flatten().collect())
}
