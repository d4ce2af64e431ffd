//! Whether the conclusion depends on what stands for values below the limit.

use std::cmp::Ordering;

use crate::protocol::{AnalysisId, BelowLimit, Protocol};
use crate::stats::printed_ratio;

use super::arm_comparison::ArmComparison;
use super::arm_pair::ArmPair;
use super::interval_estimate::IntervalEstimate;
use super::limits::LimitRule;
use super::trial_data::TrialData;

/// The primary analysis under every rule for values below the limit, and with these as censored; the declared rule is marked.
pub fn sensitivity(trial: &TrialData, active: &str, protocol: &Protocol) -> Vec<ArmComparison> {
    let above = protocol.trial.analysis.above_limit;
    let pair = |below| ArmPair::new(trial, active, protocol, LimitRule { below, above });
    let rules = [BelowLimit::HalfLloq, BelowLimit::LloqOverSqrt2, BelowLimit::Lloq, BelowLimit::Exclude];
    let substituted = rules.into_iter().filter_map(|below| {
        let primary = below == protocol.trial.analysis.below_limit;
        let pair = pair(below)?;
        Some(pair.with_left_out(ArmComparison { primary, ..pair.primary() }))
    });
    let censored = pair(BelowLimit::HalfLloq).map(|pair| pair.with_left_out(pair.tobit()));
    substituted.chain(censored).collect()
}

/// In a sentence for every arm that is compared, whether the interval lies on another side of 1 under another rule, and how far the
/// ratio moves. `outside` is the number of values outside their limits in the trial: those above count too, because a censored
/// regression takes them as what they are.
pub fn verdict(rows: &[ArmComparison], outside: usize) -> String {
    if outside == 0 {
        return "No value is outside the limits, so that the rule for such values has no effect.".to_string();
    }
    let pairs: Vec<&[ArmComparison]> =
        rows.chunk_by(|one, next| (&one.active, &one.reference) == (&next.active, &next.reference)).collect();
    match pairs[..] {
        [_, _, ..] => {
            let of_pair =
                |pair: &[ArmComparison]| format!("{} against {}: {}", pair[0].active, pair[0].reference, of_pair(pair));
            pairs.into_iter().map(of_pair).collect::<Vec<String>>().join(" ")
        }
        _ => of_pair(rows),
    }
}

/// The same for one arm against the reference.
fn of_pair(rows: &[ArmComparison]) -> String {
    let mut sentence = match rows.iter().find(|row| row.primary).and_then(|row| row.ratio) {
        None if rows.iter().all(|row| row.ratio.is_none()) => {
            return "There is no primary estimate, and none by another rule for values outside the limits.".to_string();
        }
        None => "There is no primary estimate to compare other rules for values outside the limits with.".to_string(),
        Some(declared) => beside(rows, &declared),
    };
    let without: Vec<String> = rows
        .iter()
        .filter(|row| row.ratio.is_none() && !row.primary)
        .map(|row| format!("{} ({})", name(row), row.reason))
        .collect();
    if !without.is_empty() {
        sentence.push_str(&format!(" No estimate with {}.", without.join("; ")));
    }
    sentence
}

/// How values outside the limits enter, as a reader knows it.
pub(super) fn name(row: &ArmComparison) -> String {
    match row.analysis {
        AnalysisId::Tobit => "values as censored (Tobit)".to_string(),
        _ => format!("\"{}\"", row.below_limit_rule),
    }
}

/// Where the ratios of several analyses lie, as they are printed.
pub(super) fn between(low: f64, high: f64) -> String {
    match [low, high].map(printed_ratio) {
        [low, high] if low == high => format!("the ratio is {low}"),
        [low, high] => format!("the ratio lies between {low} and {high}"),
    }
}

fn beside(rows: &[ArmComparison], declared: &IntervalEstimate) -> String {
    let estimates = || rows.iter().filter_map(|row| row.ratio).map(|ratio| ratio.estimate);
    let (low, high) = (estimates().fold(f64::INFINITY, f64::min), estimates().fold(0.0, f64::max));
    let range = between(low, high);
    let moves = |row: &&ArmComparison| row.ratio.is_some_and(|ratio| ratio.side_of_one() != declared.side_of_one());
    let moved: Vec<String> = rows.iter().filter(moves).map(name).collect();
    // An estimate outside the declared interval is another answer, whichever side of 1 both lie on.
    let away: Vec<String> = rows
        .iter()
        .filter(|row| row.ratio.is_some_and(|one| one.estimate < declared.lower || one.estimate > declared.upper))
        .map(name)
        .collect();
    let lies = match declared.side_of_one() {
        Ordering::Less => "lies below",
        Ordering::Greater => "lies above",
        Ordering::Equal => "includes",
    };
    match (moved.is_empty(), away.is_empty()) {
        (true, true) => format!(
            "The conclusion does not depend on how values outside the limits enter: {range}, and every interval {lies} 1."
        ),
        (true, false) => format!(
            "Every interval {lies} 1, but the size of the ratio depends on how values outside the limits enter: {range}, and the \
             declared interval does not hold the estimate with {}.",
            away.join("; ")
        ),
        (false, _) => format!(
            "The conclusion depends on how values outside the limits enter: {range}, and it changes with {}.",
            moved.join("; ")
        ),
    }
}
