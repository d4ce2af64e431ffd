//! Unadjusted analyses between the arms, of changes to a visit; of values where the trial has but one visit.

use serde::Serialize;

use crate::stats::mann_whitney::MannWhitneyMethod;
use crate::stats::{self, Arm, Resampling, Undefined};
use crate::study::numbers::{ChangeScale, Numbers};
use crate::study::unadjusted::RESAMPLES;

use super::analysis::Analysis;
use super::chosen::{BetweenArms, Chosen, OfVisit, Response, Substitution};
use super::scope::Scope;

/// Runs of the bootstrap.
const RUNS: usize = 3;

pub(super) fn analyses(scope: &Scope<'_>) -> Vec<Analysis> {
    let visits = scope.visits();
    if visits.is_empty() {
        return scope.rules().into_iter().flat_map(|(below, numbers)| values(scope, below, numbers)).collect();
    }
    let last = visits.last().copied();
    let scales: &[ChangeScale] =
        if scope.all() { &[ChangeScale::Absolute, ChangeScale::Percent, ChangeScale::Ln] } else { &[ChangeScale::Ln] };
    let mut found = Vec::new();
    for &visit in &visits {
        for (below, numbers) in scope.rules() {
            for &scale in scales {
                let of = OfVisit { at: scope.at(visit), response: scale.into(), below };
                let sides = Sides { scope, of, arms: numbers.changes_of_both(visit, scale) };
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
fn values(scope: &Scope<'_>, below: Substitution, numbers: &Numbers) -> Vec<Analysis> {
    let visit = scope.baseline;
    let [active, placebo] = [Arm::Active, Arm::Placebo].map(|arm| numbers.values(arm, visit));
    let logs = stats::descriptive::logs;
    let of_both = logs(&active).and_then(|active| Ok([active, logs(&placebo)?]));
    let of = |response| OfVisit { at: scope.at(visit), response, below };
    let mut found = Sides { scope, of: of(Response::LnValue), arms: of_both }.t_tests();
    found.extend(Sides { scope, of: of(Response::Value), arms: Ok([active, placebo]) }.rank_tests());
    found
}

/// The two samples of one comparison, the active arm first.
struct Sides<'a> {
    scope: &'a Scope<'a>,
    of: OfVisit,
    arms: Result<[Vec<f64>; 2], Undefined>,
}

impl Sides<'_> {
    fn t_tests(&self) -> Vec<Analysis> {
        let confidence = self.scope.request.confidence;
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
        let confidence = self.scope.request.confidence;
        found.push(self.analysis(BetweenArms::HodgesLehmann, |a, b| stats::hl_two_sample(a, b, confidence)));
        found
    }

    fn resampled(&self) -> Vec<Analysis> {
        let (confidence, seed, resamples) = (self.scope.request.confidence, self.scope.request.seed, RESAMPLES);
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
        Analysis::new(self.scope, Chosen::TwoArms(self.of, analysis), outcome)
    }
}
