//! The plate has a standard curve, and the curve's own verdict is that concentrations can be read from it.

use super::verdict::{Finding, Outcome};
use crate::concentration::PlateConcentrations;

/// Judges whether the plate has a usable curve.
pub fn judge(plate: &PlateConcentrations) -> Finding {
    let (observed, outcome) = match &plate.curve {
        Err(error) => (error.to_string(), Outcome::NotEvaluable),
        Ok(curve) => {
            let verdict = curve.verdict();
            let reasons: Vec<String> = verdict.reasons.iter().map(ToString::to_string).collect();
            let outcome = if !verdict.usable {
                Outcome::Fail
            } else if reasons.is_empty() {
                Outcome::Pass
            } else {
                Outcome::Warning
            };
            (if reasons.is_empty() { "nothing remarkable".into() } else { reasons.join("; ") }, outcome)
        }
    };
    Finding {
        rule: "curve_usable",
        subject: "standard curve".into(),
        observed,
        limit: "a curve that concentrations can be read from".into(),
        outcome,
    }
}
