//! Responders: subjects whose value fell to a stated share of their baseline, or further.

use serde_json::Value;

use crate::stats::proportions::{Counts, two_proportions};

use super::super::numbers::{Answer, Numbers};
use super::analysis::{Analysis, options};
use super::scope::Scope;

/// The shares of the baseline that count as a response.
const SHARES: [f64; 2] = [0.5, 0.75];

pub(super) fn analyses(scope: &Scope<'_>) -> Vec<Analysis> {
    let Some((_, numbers)) = scope.by_rule.first() else { return Vec::new() };
    let mut found = Vec::new();
    for visit in scope.visits() {
        for share in SHARES {
            for (denominator, missing_fails) in [("observed", false), ("randomised (missing = non-responder)", true)] {
                let counts = counts(numbers, visit, share, missing_fails);
                let options = options([
                    ("week", scope.week(visit)),
                    ("responder", Value::from(format!("value <= {share} x baseline"))),
                    ("denominator", denominator.into()),
                    ("x_active", counts.x_active.into()),
                    ("n_active", counts.n_active.into()),
                    ("x_placebo", counts.x_placebo.into()),
                    ("n_placebo", counts.n_placebo.into()),
                ]);
                let outcome = two_proportions(counts, scope.request.confidence);
                found.push(Analysis::new("two_proportions", options, outcome));
            }
        }
    }
    found
}

fn counts(numbers: &Numbers, visit: usize, share: f64, missing_fails: bool) -> Counts {
    Answer::counts(&numbers.fell_by(visit, 100.0 * (1.0 - share), missing_fails), missing_fails)
}
