//! Unadjusted analyses between the arms, of changes to a visit; of values where the trial has but one visit.

use serde_json::Value;

use crate::stats::mann_whitney::Method;
use crate::stats::{self, Arm, Resampling, Undefined};

use super::super::numbers::{ChangeScale, Numbers};
use super::analysis::{Analysis, options, scale_name};
use super::scope::Scope;

/// Bootstrap replicates of one run, runs, and reassignments of the permutation test.
const RESAMPLES: usize = 10_000;
const RUNS: usize = 3;

pub(super) fn analyses(scope: &Scope<'_>) -> Vec<Analysis> {
    let visits = scope.visits();
    if visits.is_empty() {
        return scope.rules().into_iter().flat_map(|(rule, numbers)| values(scope, rule, numbers)).collect();
    }
    let last = visits.last().copied();
    let scales: &[ChangeScale] =
        if scope.all() { &[ChangeScale::Absolute, ChangeScale::Percent, ChangeScale::Ln] } else { &[ChangeScale::Ln] };
    let mut found = Vec::new();
    for &visit in &visits {
        for (rule, numbers) in scope.rules() {
            for &scale in scales {
                let side = |arm| numbers.changes(arm, visit, scale).ok_or(Undefined::NotPositive);
                let sides = Sides {
                    scope,
                    visit,
                    rule,
                    change: scale_name(scale),
                    arms: [side(Arm::Active), side(Arm::Placebo)],
                };
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
fn values(scope: &Scope<'_>, rule: &'static str, numbers: &Numbers) -> Vec<Analysis> {
    let visit = scope.baseline;
    let arms = [Arm::Active, Arm::Placebo].map(|arm| Ok(numbers.values(arm, visit)));
    let logs = arms.clone().map(|values| values.and_then(|values| stats::descriptive::logs(&values)));
    let mut found = Sides { scope, visit, rule, change: "ln_value", arms: logs }.t_tests();
    found.extend(Sides { scope, visit, rule, change: "value", arms }.rank_tests());
    found
}

/// The two samples of one comparison.
struct Sides<'a> {
    scope: &'a Scope<'a>,
    visit: usize,
    rule: &'static str,
    change: &'static str,
    arms: [Result<Vec<f64>, Undefined>; 2],
}

impl Sides<'_> {
    fn t_tests(&self) -> Vec<Analysis> {
        let confidence = self.scope.request.confidence;
        vec![
            Analysis::new("welch_t", options(self.common()), self.on(|a, b| stats::welch_t(a, b, confidence))),
            Analysis::new("student_t", options(self.common()), self.on(|a, b| stats::student_t(a, b, confidence))),
            Analysis::new("effect_size", options(self.common()), self.on(|a, b| stats::effect_size(a, b, confidence))),
        ]
    }

    fn rank_tests(&self) -> Vec<Analysis> {
        let mut found: Vec<Analysis> = [
            Method::Normal { continuity: true },
            Method::Normal { continuity: false },
            Method::ExactDoubleSmallerTail,
            Method::ExactAbsDeviation,
        ]
        .into_iter()
        .map(|method| {
            let outcome = self.on(|a, b| stats::mann_whitney(a, b, method));
            Analysis::new("mann_whitney", self.rank_options(method), outcome)
        })
        .collect();
        let shift = self.on(|a, b| stats::hl_two_sample(a, b, self.scope.request.confidence));
        found.push(Analysis::new("hl_two_sample", options(self.common()), shift));
        found
    }

    fn resampled(&self) -> Vec<Analysis> {
        let (confidence, seed) = (self.scope.request.confidence, self.scope.request.seed);
        let resampling = Resampling { resamples: RESAMPLES, runs: RUNS, seed };
        let bootstrap = self.on(|a, b| stats::bootstrap_bca_median_diff(a, b, resampling, confidence));
        let permutation = self.on(|a, b| stats::permutation(a, b, RESAMPLES, seed));
        let [week, change, blq] = self.common();
        let bootstrap_options = options([
            week.clone(),
            change.clone(),
            blq.clone(),
            ("resamples", RESAMPLES.into()),
            ("stratified_by_arm", true.into()),
            ("acceleration", "jackknife".into()),
        ]);
        let permutation_options = options([week, change, blq, ("resamples", RESAMPLES.into()), ("seed", seed.into())]);
        vec![
            Analysis::new("bootstrap_bca_median_diff", bootstrap_options, bootstrap),
            Analysis::new("permutation_mean_diff", permutation_options, permutation),
        ]
    }

    fn on<T>(&self, test: impl Fn(&[f64], &[f64]) -> Result<T, Undefined>) -> Result<T, Undefined> {
        match &self.arms {
            [Ok(active), Ok(placebo)] => test(active, placebo),
            [Err(why), _] | [_, Err(why)] => Err(why.clone()),
        }
    }

    fn rank_options(&self, method: Method) -> Value {
        let [week, change, blq] = self.common();
        let rounding = ("rank_rounding", "10dp".into());
        let exact = |week, change, blq, name: &str| {
            options([week, change, blq, ("method", "exact".into()), ("two_sided", name.into()), rounding.clone()])
        };
        match method {
            Method::Normal { continuity } => options([
                week,
                change,
                blq,
                ("method", "normal".into()),
                ("continuity", continuity.into()),
                ("rank_rounding", "10dp".into()),
            ]),
            Method::ExactDoubleSmallerTail => exact(week, change, blq, "double_smaller_tail"),
            Method::ExactAbsDeviation => exact(week, change, blq, "abs_deviation"),
        }
    }

    fn common(&self) -> [(&'static str, Value); 3] {
        [("week", self.scope.week(self.visit)), ("change", self.change.into()), ("blq", self.rule.into())]
    }
}
