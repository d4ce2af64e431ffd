//! Whether the conclusion depends on what stands for values below the limit.

use crate::protocol::{BelowLimit, Protocol};
use crate::stats::Vcov;

use super::limits::LimitRule;
use super::pair::Pair;
use super::result::ArmComparison;
use super::trial::Trial;

/// The primary analysis under every rule for values below the limit, and with these as censored; the declared rule is marked.
pub fn sensitivity(trial: &Trial, active: &str, protocol: &Protocol) -> Vec<ArmComparison> {
    let above = protocol.analysis.above_limit;
    let pair = |below| Pair::new(trial, active, protocol, LimitRule { below, above });
    let rules = [BelowLimit::HalfLloq, BelowLimit::LloqOverSqrt2, BelowLimit::Lloq, BelowLimit::Exclude];
    let substituted = rules.into_iter().filter_map(|below| {
        let primary = below == protocol.analysis.below_limit;
        let pair = pair(below)?;
        Some(pair.with_left_out(ArmComparison { primary, ..pair.ancova(Vcov::Ols) }))
    });
    let censored = pair(BelowLimit::HalfLloq).map(|pair| pair.with_left_out(pair.tobit()));
    substituted.chain(censored).collect()
}

/// In a sentence, whether the interval includes 1 under one rule and not under another, in any of the `rows`.
pub fn verdict(rows: &[ArmComparison], below: usize) -> String {
    if below == 0 {
        return "No value is below its limit, so that the rule for such values has no effect.".to_string();
    }
    let different = |row: &&ArmComparison| row.ratio.is_some_and(|ratio| ratio.lower > 1.0 || ratio.upper < 1.0);
    let Some(primary) = rows.iter().find(|row| row.primary && row.ratio.is_some()) else {
        return "There is no primary estimate to compare other rules for values below the limit with.".to_string();
    };
    let estimates = || rows.iter().filter_map(|row| row.ratio).map(|ratio| ratio.estimate);
    let (low, high) = (estimates().fold(f64::INFINITY, f64::min), estimates().fold(0.0, f64::max));
    let range = format!("the ratio lies between {low:.2} and {high:.2}");
    let moved: Vec<String> = rows
        .iter()
        .filter(|row| row.ratio.is_some() && different(row) != different(&primary))
        .map(|row| format!("{} ({})", row.analysis, row.below_limit_rule))
        .collect();
    let without: Vec<&str> =
        rows.iter().filter(|row| row.ratio.is_none()).map(|row| row.below_limit_rule.as_str()).collect();
    let mut sentence = if moved.is_empty() {
        let side = if different(&primary) { "excludes" } else { "includes" };
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
