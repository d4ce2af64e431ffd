//! Models: analysis of covariance at a visit, the mixed model over all visits, and regression with censored values.

use serde::Serialize;

use crate::stats::mmrm::{self, DegreesOfFreedom, Structure};
use crate::stats::{self, Ancova, Arm, Ratio, StratumWeights, Undefined, Vcov};
use crate::study::numbers::{AncovaChoice, CensoredRow, Longitudinal, ModelScale, Numbers, TobitAdjustment};

use super::analysis::Analysis;
use super::chosen::{Chosen, ChosenMixedModel, Substitution};
use super::input::AnalysisInput;

pub(super) fn analyses(input: &AnalysisInput<'_>) -> Vec<Analysis> {
    let mut found = Vec::new();
    for visit in input.visits() {
        for (below, numbers) in input.rules() {
            found.extend(ancovas(input, visit, below, numbers));
        }
    }
    for (below, numbers) in input.rules() {
        found.extend(mixed_models(input, below, numbers));
    }
    found.extend(censored(input));
    found
}

fn scales(input: &AnalysisInput<'_>) -> &'static [ModelScale] {
    if input.all() { &[ModelScale::Ln, ModelScale::Raw] } else { &[ModelScale::Ln] }
}

/// The mixed model over all visits after baseline, unstructured, by both methods; where that has no maximum, with the first
/// structure of the fallback that has. With `all`, other structures too.
fn mixed_models(input: &AnalysisInput<'_>, below: Substitution, numbers: &Numbers) -> Vec<Analysis> {
    let visits: Vec<usize> = input.request.trial.after_baseline().collect();
    if visits.len() < 2 {
        return Vec::new();
    }
    let structures: &[Structure] = if input.all() {
        &[Structure::Us, Structure::Cs, Structure::Csh, Structure::Ar1, Structure::Toep]
    } else {
        &mmrm::FALLBACK
    };
    let strata: &[bool] = match (numbers.stratified(), input.all()) {
        (true, true) => &[false, true],
        (true, false) => &[true],
        (false, _) => &[false],
    };
    let mut found = Vec::new();
    for &scale in scales(input) {
        let rows = numbers.longitudinal(&visits, scale);
        for &stratified in strata {
            for &structure in structures {
                let fit = rows.as_ref().map_err(Clone::clone).and_then(|rows| {
                    let terms = vec![Vec::new(); rows.len()];
                    mmrm::fit(&Longitudinal::subjects(rows, &terms, stratified), visits.len(), structure)
                });
                let [one, other] = [DegreesOfFreedom::Satterthwaite, DegreesOfFreedom::KenwardRogerLinear]
                    .map(|df| ChosenMixedModel { scale, structure, df, stratified, below })
                    .map(|model| mixed_model(input, &visits, &fit, model));
                found.extend([one, other]);
                // Only the covariance may be simplified; what is wrong with the data stays wrong.
                if !input.all() && !matches!(fit, Err(Undefined::NotConverged { .. })) {
                    break;
                }
            }
        }
    }
    found
}

/// One fit by one method.
fn mixed_model(
    input: &AnalysisInput<'_>,
    visits: &[usize],
    fit: &Result<mmrm::MmrmFit, Undefined>,
    model: ChosenMixedModel,
) -> Analysis {
    let weeks: Vec<f64> = visits.iter().map(|&visit| input.at(visit).week).collect();
    let (ratios, confidence) = (model.scale == ModelScale::Ln, input.request.confidence);
    let asked = mmrm::Options { weeks: &weeks, df: model.df, ratios, confidence };
    let outcome = fit.as_ref().map_err(Clone::clone).and_then(|fit| fit.summary(1, asked));
    Analysis::new(input, Chosen::Mmrm(model), outcome)
}

/// An analysis of covariance; of log changes also as a ratio.
#[derive(Serialize)]
struct AncovaResult {
    #[serde(flatten)]
    fit: Ancova,
    #[serde(flatten)]
    ratio: Option<Ratio>,
}

fn ancovas(input: &AnalysisInput<'_>, visit: usize, below: Substitution, numbers: &Numbers) -> Vec<Analysis> {
    let paired = numbers.paired(visit);
    let strata: &[StratumWeights] = match (paired.stratum.is_empty(), input.all()) {
        (true, _) => &[StratumWeights::None],
        (false, true) => &[StratumWeights::None, StratumWeights::Equal, StratumWeights::Proportional],
        (false, false) => &[StratumWeights::Equal],
    };
    let mut found = Vec::new();
    for &scale in scales(input) {
        for &weights in strata {
            for vcov in [Vcov::Ols, Vcov::Hc3] {
                let choice = AncovaChoice { scale, vcov, weights };
                let outcome = paired.ancova(choice, &[], input.request.confidence).map(|fit| {
                    let Ancova { diff, inference, .. } = &fit;
                    let ratio = Ratio::of(*diff, inference.ci_low, inference.ci_high);
                    AncovaResult { ratio: (scale == ModelScale::Ln).then_some(ratio), fit }
                });
                found.push(Analysis::new(input, Chosen::Ancova { at: input.at(visit), choice, below }, outcome));
            }
        }
    }
    found
}

/// Censored maximum likelihood: each arm at each visit, and the difference of the arms with and without the baseline.
fn censored(input: &AnalysisInput<'_>) -> Vec<Analysis> {
    let confidence = input.request.confidence;
    let Some((_, numbers)) = input.by_rule.first() else { return Vec::new() };
    let mut found = Vec::new();
    let after: Vec<usize> = input.visits();
    let visits = std::iter::once(input.baseline).chain(after.iter().copied());
    for visit in visits {
        for arm in [Arm::Active, Arm::Placebo] {
            let values = numbers.censored(visit).and_then(|rows| {
                let own: Vec<_> = rows.iter().filter(|row| row.arm == arm).map(|row| row.ln_value).collect();
                stats::tobit_mean(&own, confidence)
            });
            found.push(Analysis::new(input, Chosen::TobitMean { arm, at: input.at(visit) }, values));
        }
    }
    let mut difference = |visit: usize, adjustment: Option<TobitAdjustment>| {
        let outcome = numbers.censored(visit).and_then(|rows| match adjustment {
            Some(adjustment @ (TobitAdjustment::Baseline | TobitAdjustment::BaselineAndStratum)) => {
                CensoredRow::tobit(&CensoredRow::adjustable(rows), adjustment, &[], confidence)
            }
            None | Some(TobitAdjustment::Nothing) => {
                CensoredRow::tobit(&rows, TobitAdjustment::Nothing, &[], confidence)
            }
        });
        found.push(Analysis::new(input, Chosen::TobitDifference { at: input.at(visit), adjustment }, outcome));
    };
    if after.is_empty() {
        difference(input.baseline, None);
    }
    for visit in after {
        difference(visit, Some(TobitAdjustment::Nothing));
        difference(visit, Some(TobitAdjustment::Baseline));
    }
    found
}
