//! Analyses within an arm: description of visits and changes, and tests of the change against none.

use serde::Serialize;

use crate::stats::ranks::rounded;
use crate::stats::signed_rank::{SignedRankMethod, Zeros};
use crate::stats::{self, Arm, DescriptiveStatistics, Geometric, Undefined};
use crate::study::numbers::{ChangeScale, Numbers};

use super::analysis::Analysis;
use super::chosen::{AnalysedVisit, Chosen, Substitution, WithinArm};
use super::input::AnalysisInput;

const ARMS: [Arm; 2] = [Arm::Active, Arm::Placebo];

pub(super) fn analyses(input: &AnalysisInput<'_>) -> Vec<Analysis> {
    let mut found = descriptions(input);
    for visit in input.visits() {
        for (below, numbers) in input.rules() {
            for arm in ARMS {
                let change = |scale| Changes { input, numbers, arm, visit, below, scale };
                let scales: &[ChangeScale] = if input.all() {
                    &[ChangeScale::Absolute, ChangeScale::Percent, ChangeScale::Ln, ChangeScale::Log2]
                } else {
                    &[ChangeScale::Absolute, ChangeScale::Percent, ChangeScale::Ln]
                };
                found.extend(scales.iter().map(|&scale| change(scale).description()));
                let tested: &[ChangeScale] =
                    if input.all() { &[ChangeScale::Absolute, ChangeScale::Ln] } else { &[ChangeScale::Ln] };
                found.extend(tested.iter().flat_map(|&scale| change(scale).tests()));
            }
        }
    }
    found
}

/// A visit of an arm, with how many of its values are below their limit.
#[derive(Serialize)]
struct VisitDescription {
    #[serde(flatten)]
    description: DescriptiveStatistics,
    #[serde(flatten)]
    geometric: Option<Geometric>,
    n_blq: usize,
}

fn descriptions(input: &AnalysisInput<'_>) -> Vec<Analysis> {
    let mut found = Vec::new();
    let visits = std::iter::once(input.baseline).chain(input.request.trial.after_baseline());
    for visit in visits {
        for (below, numbers) in input.by_rule.iter().take(if input.all() { 3 } else { 1 }) {
            for arm in ARMS {
                let values = numbers.values(arm, visit);
                let outcome = stats::describe(&values, input.request.confidence).map(|description| VisitDescription {
                    description,
                    geometric: Geometric::of(&values, input.request.confidence).ok(),
                    n_blq: numbers.below(arm, visit),
                });
                let chosen = Chosen::Values { arm, at: input.at(visit), below: *below };
                found.push(Analysis::new(input, chosen, outcome));
            }
        }
    }
    found
}

/// The changes of one arm to one visit, by one rule, on one scale.
struct Changes<'a> {
    input: &'a AnalysisInput<'a>,
    numbers: &'a Numbers,
    arm: Arm,
    visit: usize,
    below: Substitution,
    scale: ChangeScale,
}

/// A change described; of a change of natural logarithms also as a ratio.
#[derive(Serialize)]
struct ChangeDescription {
    #[serde(flatten)]
    description: DescriptiveStatistics,
    #[serde(flatten)]
    ratio: Option<RatioToBaseline>,
}

/// The geometric mean of visit / baseline, paired subjects only.
#[derive(Serialize)]
struct RatioToBaseline {
    gm_ratio: f64,
    gm_ratio_ci_low: Option<f64>,
    gm_ratio_ci_high: Option<f64>,
    pct_change_of_gm: f64,
}

impl Changes<'_> {
    fn values(&self) -> Result<Vec<f64>, Undefined> {
        self.numbers.changes(self.arm, self.visit, self.scale).ok_or(Undefined::NotPositive)
    }

    fn description(&self) -> Analysis {
        let confidence = self.input.request.confidence;
        let outcome = self.values().and_then(|changes| {
            let ratio =
                (self.scale == ChangeScale::Ln).then(|| Geometric::of_logs(&changes, confidence)).transpose()?;
            let ratio = ratio.map(|geometric| RatioToBaseline {
                gm_ratio: geometric.gmean,
                gm_ratio_ci_low: geometric.gmean_ci_low,
                gm_ratio_ci_high: geometric.gmean_ci_high,
                pct_change_of_gm: 100.0 * libm::expm1(geometric.log_mean),
            });
            Ok(ChangeDescription { description: stats::describe(&changes, confidence)?, ratio })
        });
        Analysis::new(self.input, self.chosen(WithinArm::Description), outcome)
    }

    fn tests(&self) -> Vec<Analysis> {
        let changes = self.values();
        let confidence = self.input.request.confidence;
        let paired = changes.clone().and_then(|changes| stats::one_sample_t(&changes, confidence));
        let mut found = vec![Analysis::new(self.input, self.chosen(WithinArm::PairedT), paired)];
        for zeros in [Zeros::Drop, Zeros::Pratt] {
            let methods = [
                SignedRankMethod::Normal { continuity: true },
                SignedRankMethod::Normal { continuity: false },
                SignedRankMethod::Exact,
            ];
            found.extend(methods.into_iter().map(|method| self.signed_rank(&changes, zeros, method, true)));
        }
        if self.input.all() {
            // What a program gives that does not round changes before ranking them.
            found.push(self.signed_rank(&changes, Zeros::Drop, SignedRankMethod::Normal { continuity: true }, false));
        }
        for drop_zeros in [false, true] {
            let outcome = changes.clone().and_then(|changes| {
                // Whether a change is zero is seen when it is rounded, as for the test.
                let nonzero =
                    || changes.iter().map(|&change| rounded(change)).filter(|&change| change != 0.0).collect();
                let kept: Vec<f64> = if drop_zeros { nonzero() } else { changes.clone() };
                stats::hl_one_sample(&kept, confidence)
            });
            found.push(Analysis::new(self.input, self.chosen(WithinArm::WalshMedian { drop_zeros }), outcome));
        }
        found
    }

    fn signed_rank(
        &self,
        changes: &Result<Vec<f64>, Undefined>,
        zeros: Zeros,
        method: SignedRankMethod,
        round: bool,
    ) -> Analysis {
        let outcome = changes.clone().and_then(|changes| stats::signed_rank(&changes, zeros, method, round));
        Analysis::new(self.input, self.chosen(WithinArm::SignedRank { zeros, method, rounded: round }), outcome)
    }

    fn chosen(&self, analysis: WithinArm) -> Chosen {
        let of = AnalysedVisit { at: self.input.at(self.visit), response: self.scale.into(), below: self.below };
        Chosen::OneArm(self.arm, of, analysis)
    }
}
