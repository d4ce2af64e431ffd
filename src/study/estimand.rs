//! What a primary analysis estimates, by the attributes of ICH E9(R1), and by what assumption it estimates it.

use serde::Serialize;

use crate::protocol::{AboveLimit, AnalysisSettings, BelowLimit, PrimaryAnalysis, Protocol};

use super::arm_comparison::ArmComparison;

/// The estimand of one primary analysis with its estimation: each attribute with its words.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Estimand {
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Attribute and words, in the order of the guideline.
    pub attributes: Vec<(&'static str, String)>,
}

/// Of the primary analysis `row`; `None` for a study without a baseline.
pub(super) fn estimand(protocol: &Protocol, row: &ArmComparison) -> Option<Estimand> {
    let baseline = &protocol.trial.visits.iter().find(|visit| visit.baseline)?.name;
    let (analysis, analyte) = (&protocol.trial.analysis, &protocol.assay.study.analyte);
    let (active, reference, visit) = (&row.active, &row.reference, &row.visit);
    let left_out = match (analysis.below_limit, analysis.above_limit) {
        (BelowLimit::Exclude, AboveLimit::Exclude) => {
            " Values outside the limits are left out, as if they were missing."
        }
        (BelowLimit::Exclude, _) => " Values below the LLOQ are left out, as if they were missing.",
        (_, AboveLimit::Exclude) => " Values above the ULOQ are left out, as if they were missing.",
        _ => "",
    };
    let imputed = match protocol.trial.missing_data {
        Some(_) => " Beside it: multiple imputation at random and by the reference arm, and a tipping point.",
        None => "",
    };
    let attributes = vec![
        ("Population", format!("all participants randomised to {active} or {reference}")),
        ("Treatment", format!("{active} compared with {reference}, as randomised")),
        ("Variable", format!("{analyte} at {visit} over {analyte} at {baseline}, on the log scale")),
        ("Intercurrent events", events_in_words(protocol)),
        ("Summary measure", format!("ratio of the two geometric mean ratios to baseline, {active} / {reference}")),
        ("Estimation", format!("{}; values outside the limits: {}", row.model, row.below_limit_rule)),
        ("Missing values", format!("{}{left_out}{imputed}", missing_values(analysis, row))),
    ];
    Some(Estimand { active: active.clone(), reference: reference.clone(), attributes })
}

/// Each kind of event with its strategy.
fn events_in_words(protocol: &Protocol) -> String {
    let Some(events) = &protocol.trial.events else {
        return "none are declared in the study: every value counts, whatever happened before it (treatment policy)"
            .into();
    };
    let kinds = events.kinds.iter().map(|kind| format!("{}: {} ({})", kind.name, kind.strategy, kind.strategy.words()));
    format!("{}; any other: treatment policy", kinds.collect::<Vec<_>>().join("; "))
}

/// What the primary analysis takes the missing values for.
fn missing_values(analysis: &AnalysisSettings, row: &ArmComparison) -> String {
    let covariate = if analysis.covariates.is_empty() { "" } else { ", or without a covariate" };
    let left_out = |arm: usize| row.left_out.iter().map(|left| left.n[arm]).sum::<usize>();
    let (active, reference) = (left_out(0), left_out(1));
    match analysis.primary {
        PrimaryAnalysis::Ancova if active + reference == 0 => {
            "none: every randomised participant is in the analysis.".into()
        }
        PrimaryAnalysis::Ancova => format!(
            "participants without one of the two values{covariate} ({active} and {reference}) are not in the analysis: given baseline, arm and what \
             else is in the model, they are assumed to resemble those who are (missing at random)."
        ),
        PrimaryAnalysis::Mmrm => format!(
            "participants without a baseline or any later value{covariate} ({active} and {reference}) are not in the analysis; visits that the others \
             missed are taken to be, given their other values, baseline, arm and what else is in the model, like those that were seen \
             (missing at random)."
        ),
    }
}
