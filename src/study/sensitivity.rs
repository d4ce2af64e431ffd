//! Whether the conclusion depends on what stands for values below the limit.

use crate::protocol::{BelowLimit, Protocol};
use crate::stats::Vcov;

use super::limits::LimitRule;
use super::pair::Pair;
use super::result::ArmComparison;
use super::trial::Trial;

/// The primary analysis under every rule for values below the limit, and with these as censored; the declared rule is marked.
pub fn sensitivity(trial: &Trial, active: &str, protocol: &Protocol) -> Vec<ArmComparison> {
    let above = protocol.trial.analysis.above_limit;
    let pair = |below| Pair::new(trial, active, protocol, LimitRule { below, above });
    let rules = [BelowLimit::HalfLloq, BelowLimit::LloqOverSqrt2, BelowLimit::Lloq, BelowLimit::Exclude];
    let substituted = rules.into_iter().filter_map(|below| {
        let primary = below == protocol.trial.analysis.below_limit;
        let pair = pair(below)?;
        Some(pair.with_left_out(ArmComparison { primary, ..pair.ancova(Vcov::Ols) }))
    });
    let censored = pair(BelowLimit::HalfLloq).map(|pair| pair.with_left_out(pair.tobit()));
    substituted.chain(censored).collect()
}

/// In a sentence for every arm that is compared, whether the interval lies on another side of 1 under another rule. `below` is the
/// number of values below their limit in the trial.
pub fn verdict(rows: &[ArmComparison], below: usize) -> String {
    if below == 0 {
        return "No value is below its limit, so that the rule for such values has no effect.".to_string();
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
    let Some(declared) = rows.iter().find(|row| row.primary).and_then(|row| row.ratio) else {
        return "There is no primary estimate to compare other rules for values below the limit with.".to_string();
    };
    let estimates = || rows.iter().filter_map(|row| row.ratio).map(|ratio| ratio.estimate);
    let (low, high) = (estimates().fold(f64::INFINITY, f64::min), estimates().fold(0.0, f64::max));
    let range = format!("the ratio lies between {low:.2} and {high:.2}");
    let moves = |row: &&ArmComparison| row.ratio.is_some_and(|ratio| ratio.side_of_one() != declared.side_of_one());
    let moved: Vec<String> =
        rows.iter().filter(moves).map(|row| format!("{} ({})", row.analysis, row.below_limit_rule)).collect();
    let without: Vec<&str> =
        rows.iter().filter(|row| row.ratio.is_none()).map(|row| row.below_limit_rule.as_str()).collect();
    let mut sentence = if moved.is_empty() {
        let side = if declared.side_of_one().is_ne() { "excludes" } else { "includes" };
        format!(
            "The conclusion does not depend on how values below the limit enter: {range}, and every interval {side} 1."
        )
    } else {
        format!(
            "The conclusion depends on how values below the limit enter: {range}, and it changes with {}.",
            moved.join("; ")
        )
    };
    if !without.is_empty() {
        sentence.push_str(&format!(" No estimate with: {}.", without.join("; ")));
    }
    sentence
}
