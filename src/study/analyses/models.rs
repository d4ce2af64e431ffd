//! Models: analysis of covariance at a visit, the mixed model over all visits, and regression with censored values.

use serde::Serialize;

use crate::stats::mmrm::{self, DegreesOfFreedom, Structure};
use crate::stats::{self, Ancova, Arm, Ratio, StratumWeights, Undefined, Vcov};
use crate::study::numbers::{AncovaChoice, Beside, CensoredRow, Longitudinal, Numbers, Scale};

use super::analysis::Analysis;
use super::chosen::{Chosen, MixedModel, Substitution};
use super::scope::Scope;

pub(super) fn analyses(scope: &Scope<'_>) -> Vec<Analysis> {
    let mut found = Vec::new();
    for visit in scope.visits() {
        for (below, numbers) in scope.rules() {
            found.extend(ancovas(scope, visit, below, numbers));
        }
    }
    for (below, numbers) in scope.rules() {
        found.extend(mixed_models(scope, below, numbers));
    }
    found.extend(censored(scope));
    found
}

fn scales(scope: &Scope<'_>) -> &'static [Scale] {
    if scope.all() { &[Scale::Ln, Scale::Raw] } else { &[Scale::Ln] }
}

/// The mixed model over all visits after baseline, unstructured, by both methods; where that has no maximum, with the first
/// structure of the fallback that has. With `all`, other structures too.
fn mixed_models(scope: &Scope<'_>, below: Substitution, numbers: &Numbers) -> Vec<Analysis> {
    let visits: Vec<usize> = scope.request.trial.after_baseline().collect();
    if visits.len() < 2 {
        return Vec::new();
    }
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
    for &scale in scales(scope) {
        let rows = numbers.longitudinal(&visits, scale);
        for &stratified in strata {
            for &structure in structures {
                let fit = rows.as_ref().map_err(Clone::clone).and_then(|rows| {
                    let terms = vec![Vec::new(); rows.len()];
                    mmrm::fit(&Longitudinal::subjects(rows, &terms, stratified), visits.len(), structure)
                });
                let [one, other] = [DegreesOfFreedom::Satterthwaite, DegreesOfFreedom::KenwardRogerLinear]
                    .map(|df| MixedModel { scale, structure, df, stratified, below })
                    .map(|model| mixed_model(scope, &visits, &fit, model));
                found.extend([one, other]);
                // Only the covariance may be simplified; what is wrong with the data stays wrong.
                if !scope.all() && !matches!(fit, Err(Undefined::NotConverged { .. })) {
                    break;
                }
            }
        }
    }
    found
}

/// One fit by one method.
fn mixed_model(
    scope: &Scope<'_>,
    visits: &[usize],
    fit: &Result<mmrm::MmrmFit, Undefined>,
    model: MixedModel,
) -> Analysis {
    let weeks: Vec<f64> = visits.iter().map(|&visit| scope.at(visit).week).collect();
    let (ratios, confidence) = (model.scale == Scale::Ln, scope.request.confidence);
    let asked = mmrm::Options { weeks: &weeks, df: model.df, ratios, confidence };
    let outcome = fit.as_ref().map_err(Clone::clone).and_then(|fit| fit.summary(1, asked));
    Analysis::new(scope, Chosen::Mmrm(model), outcome)
}

/// An analysis of covariance; of log changes also as a ratio.
#[derive(Serialize)]
struct AncovaResult {
    #[serde(flatten)]
    fit: Ancova,
    #[serde(flatten)]
    ratio: Option<Ratio>,
}

fn ancovas(scope: &Scope<'_>, visit: usize, below: Substitution, numbers: &Numbers) -> Vec<Analysis> {
    let paired = numbers.paired(visit);
    let strata: &[StratumWeights] = match (paired.stratum.is_empty(), scope.all()) {
        (true, _) => &[StratumWeights::None],
        (false, true) => &[StratumWeights::None, StratumWeights::Equal, StratumWeights::Proportional],
        (false, false) => &[StratumWeights::Equal],
    };
    let mut found = Vec::new();
    for &scale in scales(scope) {
        for &weights in strata {
            for vcov in [Vcov::Ols, Vcov::Hc3] {
                let choice = AncovaChoice { scale, vcov, weights };
                let outcome = paired.ancova(choice, &[], scope.request.confidence).map(|fit| {
                    let Ancova { diff, inference, .. } = &fit;
                    let ratio = Ratio::of(*diff, inference.ci_low, inference.ci_high);
                    AncovaResult { ratio: (scale == Scale::Ln).then_some(ratio), fit }
                });
                found.push(Analysis::new(scope, Chosen::Ancova { at: scope.at(visit), choice, below }, outcome));
            }
        }
    }
    found
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
            found.push(Analysis::new(scope, Chosen::TobitMean { arm, at: scope.at(visit) }, values));
        }
    }
    let mut difference = |visit: usize, beside: Option<Beside>| {
        let outcome = numbers.censored(visit).and_then(|rows| match beside {
            Some(beside @ (Beside::Baseline | Beside::BaselineAndStratum)) => {
                CensoredRow::tobit(&CensoredRow::adjustable(rows), beside, &[], confidence)
            }
            None | Some(Beside::Nothing) => CensoredRow::tobit(&rows, Beside::Nothing, &[], confidence),
        });
        found.push(Analysis::new(scope, Chosen::TobitDifference { at: scope.at(visit), beside }, outcome));
    };
    if after.is_empty() {
        difference(scope.baseline, None);
    }
    for visit in after {
        difference(visit, Some(Beside::Nothing));
        difference(visit, Some(Beside::Baseline));
    }
    found
}
