//! The account beside each analysis: its model in words, how many subjects it uses, and who is left out for which reason. Made
//! from the analysis and its options alone, so that none can be without.

use serde_json::Value;

use crate::study::exclusion::LeftOut;
use crate::study::lack::{Needs, left_out};
use crate::study::limits::LimitRule;

use super::scope::Scope;

/// The account of one analysis.
pub(super) struct Account {
    /// The model in words.
    pub(super) model: String,
    /// Subjects used, of the active and of the reference arm.
    pub(super) used: [usize; 2],
    /// Subjects of these arms who are not, by reason.
    pub(super) left_out: Vec<LeftOut>,
}

/// The account of `analysis` with `options`.
pub(super) fn account(scope: &Scope<'_>, analysis: &str, options: &Value) -> Account {
    let text = |name: &str| options[name].as_str().unwrap_or_default();
    let trial = scope.request.trial;
    let week = options["week"].as_f64();
    let visit =
        week.and_then(|week| trial.visits.iter().position(|visit| visit.week == week)).unwrap_or(scope.baseline);
    let needs = match analysis {
        "descriptive" => Needs::Value(visit),
        "tobit" if text("model") == "arm_mean" || visit == scope.baseline => Needs::CensoredValue(visit),
        "tobit" if text("baseline") == "none" => Needs::CensoredValue(visit),
        "tobit" => Needs::Censored(visit),
        "mmrm" => Needs::AnyChange,
        _ if visit == scope.baseline => Needs::Value(visit),
        _ => Needs::Change(visit),
    };
    // An analysis of one arm has nobody of the other.
    let arms = [("active", scope.request.active), ("placebo", scope.request.reference)]
        .map(|(place, arm)| if text("arm").is_empty() || text("arm") == place { arm } else { "" });
    let rule = scope.rule(text("blq"));
    let everyone = analysis == "two_proportions" && text("denominator").starts_with("randomised");
    let left_out = if everyone { Vec::new() } else { left_out(trial, arms, rule, needs) };
    let size = |arm: &str| trial.participants.iter().filter(|participant| participant.arm == arm).count();
    let without = |at: usize| left_out.iter().map(|left| left.n[at]).sum::<usize>();
    let used = [0, 1].map(|at| size(arms[at]) - without(at));
    Account { model: model(analysis, options, rule, scope), used, left_out }
}

fn model(analysis: &str, options: &Value, rule: LimitRule, scope: &Scope<'_>) -> String {
    let text = |name: &str| options[name].as_str().unwrap_or_default();
    let flag = |name: &str| options[name].as_bool().unwrap_or_default();
    let level = format!("{} %", 100.0 * scope.request.confidence);
    let change = match text("change") {
        "abs" => "change from baseline",
        "pct" => "percent change from baseline",
        "ln" => "change of the natural logarithm from baseline",
        "log2" => "change of the binary logarithm from baseline",
        "ln_value" => "natural logarithm of the value",
        "value" => "value",
        _ => "",
    };
    let response = match text("response") {
        "ln_change" => "change of the natural logarithm from baseline",
        _ => "change from baseline",
    };
    let baseline = if text("baseline") == "ln" { "log baseline" } else { "baseline" };
    let stratum = if flag("stratum") { " and stratum" } else { "" };
    let words = match analysis {
        "descriptive" => {
            format!("description of the values, t intervals of {level}, quartiles of types 7, 2 (SAS) and 6")
        }
        "change_descriptive" => format!("description of the {change}, t intervals of {level}"),
        "paired_t" => format!("one-sample t test of the {change} against zero"),
        "wilcoxon_signed_rank" => {
            let zeros = if text("zeros") == "drop" { "zeros dropped" } else { "zeros ranked (Pratt)" };
            format!("Wilcoxon signed-rank test of the {change}, {}, {zeros}", approximation(options))
        }
        "hl_one_sample" => format!("Hodges-Lehmann median of the Walsh averages of the {change} with exact interval"),
        "welch_t" => format!("Welch's t test of the {change}, active minus reference"),
        "student_t" => format!("Student's t test with pooled variance of the {change}, active minus reference"),
        "effect_size" => {
            format!("standardised difference of the {change}: Cohen's d, Hedges' g, interval by the noncentral t")
        }
        "mann_whitney" => format!("Mann–Whitney test of the {change}, {}", approximation(options)),
        "hl_two_sample" => format!("Hodges–Lehmann shift of the {change}, active minus reference, with exact interval"),
        "bootstrap_bca_median_diff" => {
            format!("difference of the medians of the {change} with bias-corrected and accelerated bootstrap interval")
        }
        "permutation_mean_diff" => format!("permutation test of the difference of the means of the {change}"),
        "ancova" => {
            let errors = if text("vcov") == "HC3" { ", standard errors robust to unequal variances (HC3)" } else { "" };
            format!("analysis of covariance of the {response} by arm with {baseline}{stratum}{errors}")
        }
        "mmrm" => {
            let df = if text("df") == "satterthwaite" { "Satterthwaite" } else { "Kenward-Roger, linear" };
            format!(
                "mixed model for repeated measures (REML, {df}, covariance {}) of the {response} by arm and visit with {baseline} \
                 and visit{stratum}",
                text("covariance")
            )
        }
        "tobit" => {
            let covariate = if text("baseline").starts_with("ln") { " and log baseline" } else { "" };
            let mean = if text("model") == "arm_mean" { "mean".to_string() } else { format!("arm{covariate}") };
            format!("left-censored normal regression (Tobit) of the log value on {mean}, maximum likelihood")
        }
        "two_proportions" => {
            format!(
                "responders ({}) of {}: difference with Newcombe's interval, Fisher's and chi-square tests",
                text("responder"),
                text("denominator")
            )
        }
        other => other.to_string(),
    };
    if analysis == "tobit" { words } else { format!("{words}; {}", rule.describe()) }
}

fn approximation(options: &Value) -> &'static str {
    match (options["method"].as_str(), options["continuity"].as_bool()) {
        (Some("exact"), _) => "exact",
        (_, Some(true)) => "normal approximation with continuity correction",
        _ => "normal approximation",
    }
}
