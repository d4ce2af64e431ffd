//! The account beside each analysis: its model in words, how many subjects it uses, and who is left out for which reason. Made
//! from what is chosen for it alone, so that none can be without.

use serde_json::json;

use crate::stats::mmrm::DegreesOfFreedom;
use crate::stats::signed_rank::Zeros;
use crate::stats::{Arm, StratumWeights};
use crate::study::exclusion::UnusedSubjects;
use crate::study::limits::LimitRule;
use crate::study::missing_reason::{VisitRequirement, left_out};
use crate::study::model_words;
use crate::study::numbers::{AncovaChoice, ModelScale, TobitAdjustment};

use super::chosen::{BetweenArms, Chosen, ChosenMixedModel, ChosenResponse, ChosenVisit, WithinArm};
use super::input::{AnalysisInput, MAIN};

/// The account of one analysis.
pub(super) struct Account {
    /// The model in words.
    pub(super) model: String,
    /// Subjects used, of the active and of the reference arm.
    pub(super) used: [usize; 2],
    /// Subjects of these arms who are not, by reason.
    pub(super) left_out: Vec<UnusedSubjects>,
}

/// The account of an analysis.
pub(super) fn account(input: &AnalysisInput<'_>, chosen: &Chosen) -> Account {
    let trial = input.request.trial;
    // An analysis of one arm has nobody of the other.
    let arms = [(Arm::Active, input.request.active), (Arm::Placebo, input.request.reference)]
        .map(|(arm, name)| if arm_of(chosen).is_none_or(|own| own == arm) { name } else { "" });
    let rule = rule(chosen);
    let left_out = needs(chosen).map_or_else(Vec::new, |needs| left_out(trial, arms, rule, needs));
    let size = |arm: &str| trial.participants.iter().filter(|participant| participant.arm == arm).count();
    let without = |at: usize| left_out.iter().map(|left| left.n[at]).sum::<usize>();
    let used = [0, 1].map(|at| size(arms[at]) - without(at));
    let words = words(input, chosen);
    let model = if censored(chosen) { words } else { format!("{words}; {}", rule.describe()) };
    Account { model, used, left_out }
}

/// The only arm of an analysis of one.
fn arm_of(chosen: &Chosen) -> Option<Arm> {
    match chosen {
        Chosen::Values { arm, .. } | Chosen::TobitMean { arm, .. } | Chosen::OneArm(arm, ..) => Some(*arm),
        _ => None,
    }
}

/// Whether values below the limit enter as such, and no number stands for them.
fn censored(chosen: &Chosen) -> bool {
    matches!(chosen, Chosen::TobitMean { .. } | Chosen::TobitDifference { .. })
}

/// The rule that gave the numbers; where none is chosen, the main one.
fn rule(chosen: &Chosen) -> LimitRule {
    match chosen {
        Chosen::Values { below, .. } | Chosen::Ancova { below, .. } => below.rule,
        Chosen::OneArm(_, of, _) | Chosen::TwoArms(of, _) => of.below.rule,
        Chosen::Mmrm(of) => of.below.rule,
        Chosen::TobitMean { .. } | Chosen::TobitDifference { .. } | Chosen::Responders(_) => MAIN.rule,
    }
}

/// What it needs of a participant; `None` where everybody counts.
fn needs(chosen: &Chosen) -> Option<VisitRequirement> {
    Some(match chosen {
        Chosen::Values { at, .. } => VisitRequirement::Value(at.visit),
        Chosen::OneArm(_, of, _) | Chosen::TwoArms(of, _) => of_response(of.at, of.response),
        Chosen::Ancova { at, .. } => VisitRequirement::Change(at.visit),
        Chosen::Mmrm(_) => VisitRequirement::AnyChange,
        Chosen::TobitMean { at, .. }
        | Chosen::TobitDifference { at, adjustment: None | Some(TobitAdjustment::Nothing) } => {
            VisitRequirement::CensoredValue(at.visit)
        }
        Chosen::TobitDifference { at, .. } => VisitRequirement::Censored(at.visit),
        Chosen::Responders(found) if found.all_randomised => return None,
        Chosen::Responders(found) => VisitRequirement::Change(found.at.visit),
    })
}

fn of_response(at: ChosenVisit, response: ChosenResponse) -> VisitRequirement {
    match response {
        ChosenResponse::LnValue | ChosenResponse::Value => VisitRequirement::Value(at.visit),
        _ => VisitRequirement::Change(at.visit),
    }
}

fn words(input: &AnalysisInput<'_>, chosen: &Chosen) -> String {
    let level = format!("{} %", 100.0 * input.request.confidence);
    match chosen {
        Chosen::Values { .. } => {
            format!("description of the values, t intervals of {level}, quartiles of types 7, 2 (SAS) and 6")
        }
        Chosen::OneArm(_, of, analysis) => within_arm(*analysis, of.response.words(), &level),
        Chosen::TwoArms(of, analysis) => between_arms(*analysis, of.response.words()),
        Chosen::Ancova { choice: AncovaChoice { scale, vcov, weights }, .. } => {
            let stratum = if *weights == StratumWeights::None { "" } else { " and stratum" };
            model_words::ancova(ChosenResponse::from(*scale).words(), &format!("{}{stratum}", baseline(*scale)), *vcov)
        }
        Chosen::Mmrm(model) => mixed_model(model),
        Chosen::TobitMean { .. } => tobit("mean"),
        Chosen::TobitDifference { adjustment: None | Some(TobitAdjustment::Nothing), .. } => tobit("arm"),
        Chosen::TobitDifference { .. } => tobit("arm and log baseline"),
        Chosen::Responders(found) => format!(
            "responders ({}) of {}: difference with Newcombe's interval, Fisher's and chi-square tests",
            found.responder(),
            found.denominator()
        ),
    }
}

fn within_arm(analysis: WithinArm, response: &str, level: &str) -> String {
    match analysis {
        WithinArm::Description => format!("description of the {response}, t intervals of {level}"),
        WithinArm::PairedT => format!("one-sample t test of the {response} against zero"),
        WithinArm::SignedRank { zeros, method, .. } => {
            let zeros = match zeros {
                Zeros::Drop => "zeros dropped",
                Zeros::Pratt => "zeros ranked (Pratt)",
            };
            format!("Wilcoxon signed-rank test of the {response}, {}, {zeros}", model_words::p_of_signed_ranks(method))
        }
        WithinArm::WalshMedian { .. } => {
            format!("Hodges-Lehmann median of the Walsh averages of the {response} with exact interval")
        }
    }
}

fn between_arms(analysis: BetweenArms, response: &str) -> String {
    match analysis {
        BetweenArms::WelchT => format!("{}, active minus reference", model_words::welch_t(response)),
        BetweenArms::StudentT => {
            format!("Student's t test with pooled variance of the {response}, active minus reference")
        }
        BetweenArms::EffectSize => {
            format!("standardised difference of the {response}: Cohen's d, Hedges' g, interval by the noncentral t")
        }
        BetweenArms::MannWhitney(method) => {
            format!("{}, {}", model_words::mann_whitney(response), model_words::p_of_rank_sum(method))
        }
        BetweenArms::HodgesLehmann => {
            format!("Hodges–Lehmann shift of the {response}, active minus reference, with exact interval")
        }
        BetweenArms::Bootstrap { .. } => {
            format!(
                "difference of the medians of the {response} with bias-corrected and accelerated bootstrap interval"
            )
        }
        BetweenArms::Permutation { .. } => {
            format!("permutation test of the difference of the means of the {response}")
        }
    }
}

fn baseline(scale: ModelScale) -> &'static str {
    match scale {
        ModelScale::Ln => "log baseline",
        ModelScale::Raw => "baseline",
    }
}

fn mixed_model(ChosenMixedModel { scale, structure, df, stratified, .. }: &ChosenMixedModel) -> String {
    let df = match df {
        DegreesOfFreedom::Satterthwaite => "Satterthwaite",
        DegreesOfFreedom::KenwardRogerLinear => "Kenward-Roger, linear",
    };
    // By its name among the options.
    let covariance = json!(structure);
    let method = format!("{df}, covariance {}", covariance.as_str().unwrap_or_default());
    model_words::mixed_model(&method, ChosenResponse::from(*scale).words(), baseline(*scale), *stratified)
}

fn tobit(on: &str) -> String {
    format!("left-{}, maximum likelihood", model_words::tobit(&format!("on {on}")))
}
