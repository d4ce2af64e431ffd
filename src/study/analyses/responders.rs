//! Responders: subjects whose value fell to a stated share of their baseline, or further.

use crate::stats::proportions::two_proportions;
use crate::study::numbers::Answer;

use super::analysis::Analysis;
use super::chosen::{Chosen, Responding};
use super::scope::Scope;

/// The shares of the baseline that count as a response.
const SHARES: [f64; 2] = [0.5, 0.75];

pub(super) fn analyses(scope: &Scope<'_>) -> Vec<Analysis> {
    let Some((_, numbers)) = scope.by_rule.first() else { return Vec::new() };
    let mut found = Vec::new();
    for visit in scope.visits() {
        for share in SHARES {
            for all_randomised in [false, true] {
                let answers = numbers.fell_by(visit, 100.0 * (1.0 - share), all_randomised);
                let counts = Answer::counts(&answers, all_randomised);
                let chosen = Chosen::Responders(Responding { at: scope.at(visit), share, all_randomised, counts });
                found.push(Analysis::new(scope, chosen, two_proportions(counts, scope.request.confidence)));
            }
        }
    }
    found
}
