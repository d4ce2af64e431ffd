//! Models: analysis of covariance at a visit, the mixed model over all visits, and regression with censored values.

use serde::Serialize;
use serde_json::Value;

use crate::stats::ancova::Rows;
use crate::stats::mmrm::{self, DegreesOfFreedom, Structure, Subject};
use crate::stats::tobit::Covariates;
use crate::stats::{self, Ancova, Arm, Ratio, StratumWeights, Undefined, Vcov};

use super::super::numbers::{Longitudinal, Numbers, Paired};
use super::analysis::{Analysis, arm_name, options};
use super::scope::Scope;

pub(super) fn analyses(scope: &Scope<'_>) -> Vec<Analysis> {
    let mut found = Vec::new();
    for visit in scope.visits() {
        for (rule, numbers) in scope.rules() {
            found.extend(ancovas(scope, visit, rule, &numbers.paired(visit)));
        }
    }
    for (rule, numbers) in scope.rules() {
        found.extend(mixed_models(scope, rule, numbers));
    }
    found.extend(censored(scope));
    found
}

/// The mixed model over all visits after baseline, unstructured, by both methods; where that has no maximum, with the first
/// structure of the fallback that has. With `all`, other structures too.
fn mixed_models(scope: &Scope<'_>, rule: &'static str, numbers: &Numbers) -> Vec<Analysis> {
    let visits: Vec<usize> = scope.request.trial.after_baseline().collect();
    if visits.len() < 2 {
        return Vec::new();
    }
    let scales: &[Scale] = if scope.all() { &Scale::BOTH } else { &[Scale::Ln] };
    let structures: &[Structure] = if scope.all() {
        &[Structure::Us, Structure::Cs, Structure::Csh, Structure::Ar1, Structure::Toep]
    } else {
        &mmrm::FALLBACK
    };
    let strata: &[bool] = match (numbers.stratified(), scope.all()) {
        (true, true) => &[false, true],
        (true, false) => &[true],
        (false, _) => &[false],
    };
    let mut found = Vec::new();
    for &scale in scales {
        let rows = numbers.longitudinal(&visits, scale == Scale::Ln);
        for &stratified in strata {
            for &structure in structures {
                let fit = rows
                    .as_ref()
                    .map_err(Clone::clone)
                    .and_then(|rows| mmrm::fit(&subjects(rows, stratified), visits.len(), structure));
                found.extend(mixed_model(scope, &visits, &fit, MixedModel { scale, structure, stratified, rule }));
                // Only the covariance may be simplified; what is wrong with the data stays wrong.
                if !scope.all() && !matches!(fit, Err(Undefined::NotConverged { .. })) {
                    break;
                }
            }
        }
    }
    found
}

/// What was chosen for a mixed model.
#[derive(Clone, Copy)]
struct MixedModel {
    scale: Scale,
    structure: Structure,
    stratified: bool,
    rule: &'static str,
}

/// One fit by both methods.
fn mixed_model(
    scope: &Scope<'_>,
    visits: &[usize],
    fit: &Result<mmrm::Fit, Undefined>,
    MixedModel { scale, structure, stratified, rule }: MixedModel,
) -> [Analysis; 2] {
    let weeks: Vec<f64> = visits.iter().map(|&visit| scope.request.trial.visits[visit].week).collect();
    [DegreesOfFreedom::Satterthwaite, DegreesOfFreedom::KenwardRogerLinear].map(|df| {
        let confidence = scope.request.confidence;
        let asked = mmrm::Options { weeks: &weeks, df, ratios: scale == Scale::Ln, confidence };
        let outcome = fit.as_ref().map_err(Clone::clone).and_then(|fit| fit.summary(1, asked));
        let options = options([
            ("response", scale.response()),
            ("baseline", scale.baseline()),
            ("covariance", serde_json::to_value(structure).unwrap_or_default()),
            ("df", serde_json::to_value(df).unwrap_or_default()),
            ("stratum", stratified.into()),
            ("blq", rule.into()),
            ("target", (structure == Structure::Us).into()),
        ]);
        Analysis::new("mmrm", options, outcome)
    })
}

fn subjects(rows: &[Longitudinal], stratified: bool) -> Vec<Subject<'_>> {
    rows.iter()
        .map(|row| row.subject(&[]))
        .map(|subject| Subject { stratum: subject.stratum.filter(|_| stratified), ..subject })
        .collect()
}

/// On which scale response and baseline enter a model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    Ln,
    Raw,
}

impl Scale {
    const BOTH: [Self; 2] = [Self::Ln, Self::Raw];

    fn response(self) -> Value {
        if self == Self::Ln { "ln_change" } else { "abs_change" }.into()
    }

    fn baseline(self) -> Value {
        if self == Self::Ln { "ln" } else { "raw" }.into()
    }

    fn take(self, values: &[f64]) -> Result<Vec<f64>, Undefined> {
        if self == Self::Ln { stats::descriptive::logs(values) } else { Ok(values.to_vec()) }
    }
}

/// An analysis of covariance; of log changes also as a ratio.
#[derive(Serialize)]
struct AncovaResult {
    #[serde(flatten)]
    fit: Ancova,
    #[serde(flatten)]
    ratio: Option<Ratio>,
}

fn ancovas(scope: &Scope<'_>, visit: usize, rule: &'static str, paired: &Paired) -> Vec<Analysis> {
    let scales: &[Scale] = if scope.all() { &Scale::BOTH } else { &[Scale::Ln] };
    let strata: &[StratumWeights] = match (paired.stratum.is_empty(), scope.all()) {
        (true, _) => &[StratumWeights::None],
        (false, true) => &[StratumWeights::None, StratumWeights::Equal, StratumWeights::Proportional],
        (false, false) => &[StratumWeights::Equal],
    };
    let mut found = Vec::new();
    for &scale in scales {
        for &weights in strata {
            for vcov in [Vcov::Ols, Vcov::Hc3] {
                let options = options([
                    ("week", scope.week(visit)),
                    ("response", scale.response()),
                    ("baseline", scale.baseline()),
                    ("stratum", (weights != StratumWeights::None).into()),
                    ("vcov", serde_json::to_value(vcov).unwrap_or_default()),
                    ("stratum_weights", serde_json::to_value(weights).unwrap_or_default()),
                    ("blq", rule.into()),
                ]);
                found.push(Analysis::new(
                    "ancova",
                    options,
                    ancova(paired, scale, vcov, weights, scope.request.confidence),
                ));
            }
        }
    }
    found
}

fn ancova(
    paired: &Paired,
    scale: Scale,
    vcov: Vcov,
    weights: StratumWeights,
    confidence: f64,
) -> Result<AncovaResult, Undefined> {
    let baseline = scale.take(&paired.base)?;
    let response: Vec<f64> =
        scale.take(&paired.value)?.iter().zip(&baseline).map(|(value, base)| value - base).collect();
    let stratum = (weights != StratumWeights::None).then_some(paired.stratum.as_slice());
    let rows = Rows { arm: &paired.arm, response: &response, baseline: &baseline, stratum, terms: &[] };
    let fit = stats::ancova(rows, vcov, weights, confidence)?;
    let ratio = (scale == Scale::Ln).then(|| Ratio::of(fit.diff, fit.inference.ci_low, fit.inference.ci_high));
    Ok(AncovaResult { fit, ratio })
}

/// Censored maximum likelihood: each arm at each visit, and the difference of the arms with and without the baseline.
fn censored(scope: &Scope<'_>) -> Vec<Analysis> {
    let confidence = scope.request.confidence;
    let Some((_, numbers)) = scope.by_rule.first() else { return Vec::new() };
    let mut found = Vec::new();
    let after: Vec<usize> = scope.visits();
    let visits = std::iter::once(scope.baseline).chain(after.iter().copied());
    for visit in visits {
        for arm in [Arm::Active, Arm::Placebo] {
            let values = numbers.censored(visit).and_then(|rows| {
                let own: Vec<_> = rows.iter().filter(|row| row.arm == arm).map(|row| row.ln_value).collect();
                stats::tobit_mean(&own, confidence)
            });
            let options = options([("model", "arm_mean".into()), ("arm", arm_name(arm)), ("week", scope.week(visit))]);
            found.push(Analysis::new("tobit", options, values));
        }
    }
    let difference = |visit: usize, adjusted: bool| {
        let rows = numbers.censored(visit)?;
        let kept: Vec<_> = rows.iter().filter(|row| !adjusted || row.ln_base.is_some()).collect();
        let arm: Vec<Arm> = kept.iter().map(|row| row.arm).collect();
        let values: Vec<_> = kept.iter().map(|row| row.ln_value).collect();
        let base: Vec<f64> = kept.iter().filter_map(|row| row.ln_base).collect();
        let covariates = Covariates { ln_baseline: adjusted.then_some(base.as_slice()), stratum: None, terms: &[] };
        stats::tobit_difference(&arm, &values, covariates, confidence)
    };
    if after.is_empty() {
        let options = options([("model", "arm_difference".into()), ("week", scope.week(scope.baseline))]);
        found.push(Analysis::new("tobit", options, difference(scope.baseline, false)));
    }
    for visit in after {
        for (name, adjusted) in [("none", false), ("ln, blq half", true)] {
            let options =
                options([("model", "arm_difference".into()), ("week", scope.week(visit)), ("baseline", name.into())]);
            found.push(Analysis::new("tobit", options, difference(visit, adjusted)));
        }
    }
    found
}
