//! Unadjusted analyses between the arms, of changes to a visit; of values where the trial has but one visit.

use serde::Serialize;

use crate::stats::mann_whitney::MannWhitneyMethod;
use crate::stats::{self, Arm, Resampling, Undefined};
use crate::study::numbers::{ChangeScale, Numbers};
use crate::study::unadjusted::RESAMPLES;

use super::analysis::Analysis;
use super::chosen::{AnalysedVisit, BetweenArms, Chosen, ChosenResponse, Substitution};
use super::input::AnalysisInput;

/// Runs of the bootstrap.
const RUNS: usize = 3;

pub(super) fn analyses(input: &AnalysisInput<'_>) -> Vec<Analysis> {
    let visits = input.visits();
    if visits.is_empty() {
        return input.rules().into_iter().flat_map(|(below, numbers)| values(input, below, numbers)).collect();
    }
    let last = visits.last().copied();
    let scales: &[ChangeScale] =
        if input.all() { &[ChangeScale::Absolute, ChangeScale::Percent, ChangeScale::Ln] } else { &[ChangeScale::Ln] };
    let mut found = Vec::new();
    for &visit in &visits {
        for (below, numbers) in input.rules() {
            for &scale in scales {
                let of = AnalysedVisit { at: input.at(visit), response: scale.into(), below };
                let sides = TwoSamples { input, of, arms: numbers.changes_of_both(visit, scale) };
                found.extend(sides.t_tests());
                found.extend(sides.rank_tests());
                if scale == ChangeScale::Ln && Some(visit) == last {
                    found.extend(sides.resampled());
                }
            }
        }
    }
    found
}

/// A trial with one visit: its values, on the natural scale for ranks and as logarithms for t tests.
fn values(input: &AnalysisInput<'_>, below: Substitution, numbers: &Numbers) -> Vec<Analysis> {
    let visit = input.baseline;
    let [active, placebo] = [Arm::Active, Arm::Placebo].map(|arm| numbers.values(arm, visit));
    let logs = stats::descriptive::logs;
    let of_both = logs(&active).and_then(|active| Ok([active, logs(&placebo)?]));
    let of = |response| AnalysedVisit { at: input.at(visit), response, below };
    let mut found = TwoSamples { input, of: of(ChosenResponse::LnValue), arms: of_both }.t_tests();
    found.extend(TwoSamples { input, of: of(ChosenResponse::Value), arms: Ok([active, placebo]) }.rank_tests());
    found
}

/// The two samples of one comparison, the active arm first.
struct TwoSamples<'a> {
    input: &'a AnalysisInput<'a>,
    of: AnalysedVisit,
    arms: Result<[Vec<f64>; 2], Undefined>,
}

impl TwoSamples<'_> {
    fn t_tests(&self) -> Vec<Analysis> {
        let confidence = self.input.request.confidence;
        vec![
            self.analysis(BetweenArms::WelchT, |a, b| stats::welch_t(a, b, confidence)),
            self.analysis(BetweenArms::StudentT, |a, b| stats::student_t(a, b, confidence)),
            self.analysis(BetweenArms::EffectSize, |a, b| stats::effect_size(a, b, confidence)),
        ]
    }

    fn rank_tests(&self) -> Vec<Analysis> {
        let mut found: Vec<Analysis> = [
            MannWhitneyMethod::Normal { continuity: true },
            MannWhitneyMethod::Normal { continuity: false },
            MannWhitneyMethod::ExactDoubleSmallerTail,
            MannWhitneyMethod::ExactAbsDeviation,
        ]
        .into_iter()
        .map(|method| self.analysis(BetweenArms::MannWhitney(method), |a, b| stats::mann_whitney(a, b, method)))
        .collect();
        let confidence = self.input.request.confidence;
        found.push(self.analysis(BetweenArms::HodgesLehmann, |a, b| stats::hl_two_sample(a, b, confidence)));
        found
    }

    fn resampled(&self) -> Vec<Analysis> {
        let (confidence, seed, resamples) = (self.input.request.confidence, self.input.request.seed, RESAMPLES);
        let resampling = Resampling { resamples, runs: RUNS, seed };
        vec![
            self.analysis(BetweenArms::Bootstrap { resamples }, |a, b| {
                stats::bootstrap_bca_median_diff(a, b, resampling, confidence)
            }),
            self.analysis(BetweenArms::Permutation { resamples, seed }, |a, b| {
                stats::permutation(a, b, resamples, seed)
            }),
        ]
    }

    fn analysis<T: Serialize>(
        &self,
        analysis: BetweenArms,
        test: impl Fn(&[f64], &[f64]) -> Result<T, Undefined>,
    ) -> Analysis {
        let outcome = self.arms.as_ref().map_err(Clone::clone).and_then(|[active, placebo]| test(active, placebo));
        Analysis::new(self.input, Chosen::TwoArms(self.of, analysis), outcome)
    }
}
