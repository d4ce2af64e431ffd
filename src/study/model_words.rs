//! The models that comparisons of a study and the analyses of a table of values share, in words: made here only, from what was chosen.

use crate::stats::{Vcov, mann_whitney::MannWhitneyMethod, signed_rank::SignedRankMethod};

/// Analysis of covariance of a response by arm; `beside` is what else is in the model.
pub(super) fn ancova(response: &str, beside: &str, vcov: Vcov) -> String {
    let errors = match vcov {
        Vcov::Ols => "",
        Vcov::Hc3 => ", standard errors robust to unequal variances (HC3)",
    };
    format!("analysis of covariance of the {response} by arm with {beside}{errors}")
}

/// The mixed model of a response over visits; `method` is how its degrees of freedom are found.
pub(super) fn mixed_model(method: &str, response: &str, baseline: &str, stratified: bool) -> String {
    let stratum = if stratified { " and stratum" } else { "" };
    format!(
        "mixed model for repeated measures (REML, {method}) of the {response} by arm and visit with {baseline} and visit{stratum}"
    )
}

/// Regression of the log value, with values outside the limits as censored, on what `on` says.
pub(super) fn tobit(on: &str) -> String {
    format!("censored normal regression (Tobit) of the log value {on}")
}

/// Welch's test of a response.
pub(super) fn welch_t(response: &str) -> String {
    format!("Welch's t test of the {response}")
}

/// The rank-sum test of a response.
pub(super) fn mann_whitney(response: &str) -> String {
    format!("Mann–Whitney test of the {response}")
}

/// How the p-value of a rank-sum test is found.
pub(super) fn p_of_rank_sum(method: MannWhitneyMethod) -> &'static str {
    match method {
        MannWhitneyMethod::Normal { continuity } => approximation(continuity),
        MannWhitneyMethod::ExactDoubleSmallerTail | MannWhitneyMethod::ExactAbsDeviation => EXACT,
    }
}

/// How the p-value of a signed-rank test is found.
pub(super) fn p_of_signed_ranks(method: SignedRankMethod) -> &'static str {
    match method {
        SignedRankMethod::Normal { continuity } => approximation(continuity),
        SignedRankMethod::Exact => EXACT,
    }
}

const EXACT: &str = "exact";

fn approximation(continuity: bool) -> &'static str {
    if continuity { "normal approximation with continuity correction" } else { "normal approximation" }
}
