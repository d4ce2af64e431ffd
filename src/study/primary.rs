//! The primary analysis alone, with what a replicate or a cell of a grid needs of it.

use crate::protocol::{AnalysisSettings, Protocol};
use crate::stats::{Arm, Moments};

use super::arm_comparison::ArmComparison;
use super::arm_pair::ArmPair;
use super::limits::LimitRule;
use super::numbers::ChangeScale;
use super::trial_data::TrialData;

/// The rule that the study declares for values outside the limits.
pub fn declared_rule(analysis: &AnalysisSettings) -> LimitRule {
    LimitRule { below: analysis.below_limit, above: analysis.above_limit }
}

/// The declared primary analysis of `active` against the reference arm; `None` for a trial without a baseline or an end point.
pub fn primary(trial: &TrialData, active: &str, protocol: &Protocol) -> Option<ArmComparison> {
    let pair = ArmPair::new(trial, active, protocol, declared_rule(&protocol.trial.analysis))?;
    Some(pair.primary())
}

/// The variance, within each of the two arms (active first), of the log change from baseline to the end point; `None` for an
/// arm with fewer than two such subjects.
pub fn spread_within_arms(trial: &TrialData, active: &str, protocol: &Protocol) -> [Option<f64>; 2] {
    let Some(pair) = ArmPair::new(trial, active, protocol, declared_rule(&protocol.trial.analysis)) else {
        return [None, None];
    };
    [Arm::Active, Arm::Placebo].map(|arm| {
        let changes = pair.numbers.changes(arm, pair.endpoint, ChangeScale::Ln)?;
        Moments::of(&changes).ok()?.sd.map(|sd| sd * sd)
    })
}
