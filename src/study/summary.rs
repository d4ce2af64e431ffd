//! Each arm at each visit, described.

use crate::concentration::Quantity;
use crate::stats::signed_rank::{Method, Zeros};
use crate::stats::{self, Description, Geometric};

use super::limits::LimitRule;
use super::numbers::ChangeScale;
use super::pair::ratio;
use super::result::{ArmSummary, Interval};
use super::trial::{Participant, Trial};

/// A summary of every arm at the baseline and at every visit after it, by `rule`, with intervals of level `confidence`.
pub fn summaries(trial: &Trial, rule: LimitRule, confidence: f64) -> Vec<ArmSummary> {
    let visits: Vec<usize> = trial.baseline().into_iter().chain(trial.after_baseline()).collect();
    trial
        .arms()
        .iter()
        .flat_map(|arm| visits.iter().map(|&visit| summary(trial, arm, visit, rule, confidence)))
        .collect()
}

fn summary(trial: &Trial, arm: &str, visit: usize, rule: LimitRule, confidence: f64) -> ArmSummary {
    let members: Vec<&Participant> = trial.participants.iter().filter(|p| p.arm == arm).collect();
    let at = |participant: &Participant, visit: usize| {
        participant.results[visit].as_ref().and_then(|quantity| rule.number(quantity)).map(|number| number.value)
    };
    let count = |is: fn(&Quantity) -> bool| {
        members.iter().filter(|member| member.results[visit].as_ref().is_some_and(is)).count()
    };
    let n = count(|quantity| !matches!(quantity, Quantity::NotReported { .. }));
    let values: Vec<f64> = members.iter().filter_map(|member| at(member, visit)).collect();
    let pairs: Vec<(f64, f64)> = trial
        .baseline()
        .filter(|&baseline| baseline != visit)
        .map(|baseline| members.iter().filter_map(|member| at(member, visit).zip(at(member, baseline))).collect())
        .unwrap_or_default();
    let changes = |scale: ChangeScale| -> Vec<f64> {
        pairs.iter().filter_map(|&(value, base)| scale.change(value, base)).collect()
    };
    let mean = |values: &[f64]| {
        let described = stats::describe(values, confidence).ok()?;
        Some(Interval { estimate: described.mean, lower: described.ci_low?, upper: described.ci_high? })
    };
    let described = stats::describe(&values, confidence).ok();
    let of = |statistic: fn(&Description) -> f64| described.as_ref().map(statistic);
    let geometric_mean = Geometric::of(&values, confidence).ok();
    let log_changes = changes(ChangeScale::Ln);
    ArmSummary {
        arm: arm.to_string(),
        visit: trial.visits[visit].name.clone(),
        week: trial.visits[visit].week,
        randomised: members.len(),
        n,
        below: count(|quantity| matches!(quantity, Quantity::BelowLloq { .. })),
        above: count(|quantity| matches!(quantity, Quantity::AboveUloq { .. })),
        missing: members.len() - n,
        geometric_mean: geometric_mean.as_ref().and_then(geometric),
        geometric_cv_percent: geometric_mean.and_then(|found| found.gcv_pct),
        mean: of(|found| found.mean),
        sd: described.as_ref().and_then(|found| found.sd),
        se: described.as_ref().and_then(|found| found.se),
        median: of(|found| found.median),
        q1: of(|found| found.q1_type2),
        q3: of(|found| found.q3_type2),
        min: of(|found| found.min),
        max: of(|found| found.max),
        n_change: pairs.len(),
        mean_change: mean(&changes(ChangeScale::Absolute)),
        mean_percent_change: mean(&changes(ChangeScale::Percent)),
        geometric_mean_ratio: Geometric::of_logs(&log_changes, confidence).ok().as_ref().and_then(geometric),
        p_paired_t: stats::one_sample_t(&log_changes, confidence).ok().and_then(|test| test.inference.p),
        p_signed_rank: stats::signed_rank(&log_changes, Zeros::Drop, Method::Exact, true).ok().map(|test| test.p),
        hodges_lehmann_ratio: stats::hl_one_sample(&log_changes, confidence)
            .ok()
            // Of very few changes no interval has the level: the widest is not passed off as one that has.
            .filter(|found| found.achieved_conf >= confidence)
            .and_then(|found| ratio(found.hl, Some(found.ci_low), Some(found.ci_high))),
    }
}

fn geometric(found: &Geometric) -> Option<Interval> {
    Some(Interval { estimate: found.gmean, lower: found.gmean_ci_low?, upper: found.gmean_ci_high? })
}
