//! Responders: subjects whose value fell to a stated share of their baseline, or further.

use crate::stats::proportions::two_proportions;
use crate::study::numbers::ResponderStatus;

use super::analysis::Analysis;
use super::chosen::{Chosen, ChosenResponders};
use super::input::AnalysisInput;

/// The shares of the baseline that count as a response.
const SHARES: [f64; 2] = [0.5, 0.75];

pub(super) fn analyses(input: &AnalysisInput<'_>) -> Vec<Analysis> {
    let Some((_, numbers)) = input.by_rule.first() else { return Vec::new() };
    let mut found = Vec::new();
    for visit in input.visits() {
        for share in SHARES {
            for all_randomised in [false, true] {
                let answers = numbers.fell_by(visit, 100.0 * (1.0 - share), all_randomised);
                let counts = ResponderStatus::counts(&answers, all_randomised);
                let chosen =
                    Chosen::Responders(ChosenResponders { at: input.at(visit), share, all_randomised, counts });
                found.push(Analysis::new(input, chosen, two_proportions(counts, input.request.confidence)));
            }
        }
    }
    found
}
