//! Each arm at each visit, described.
//!
//! Quantiles are of all results, those outside the limits as what they are. Means, geometric means and changes need a number for every
//! value: they are of the numbers of the declared rule, with their own n, and only where not too many of these are made up.

use crate::concentration::Quantity;
use crate::stats::signed_rank::{SignedRankMethod, Zeros};
use crate::stats::{self, Censored, Geometric};

use super::arm_pair::ratio;
use super::arm_summary::ArmSummary;
use super::interval_estimate::IntervalEstimate;
use super::limits::LimitRule;
use super::missing_reason::{VisitRequirement, left_out};
use super::numbers::ChangeScale;
use super::percent_change::PercentChange;
use super::quantile::quantile_of;
use super::trial_data::{Participant, TrialData};

/// How summaries are made.
///
/// See [`compare`](super::compare) for an example of what comes out.
#[derive(Debug, Clone, Copy)]
pub struct SummaryOptions {
    /// The numbers that stand for values outside the limits.
    pub rule: LimitRule,
    /// The level of intervals.
    pub confidence: f64,
    /// The largest share of values outside the limits, in percent, with which means are still shown.
    pub limit_share_percent: f64,
}

/// A summary of every arm at the baseline and at every visit after it.
pub fn summaries(trial: &TrialData, describe: SummaryOptions) -> Vec<ArmSummary> {
    let visits: Vec<usize> = trial.baseline().into_iter().chain(trial.after_baseline()).collect();
    trial.arms().iter().flat_map(|arm| visits.iter().map(|&visit| summary(trial, arm, visit, describe))).collect()
}

fn summary(trial: &TrialData, arm: &str, visit: usize, describe: SummaryOptions) -> ArmSummary {
    let members: Vec<&Participant> = trial.participants.iter().filter(|p| p.arm == arm).collect();
    let reported: Vec<&Quantity> =
        members.iter().filter_map(|member| reported(member.results[visit].as_ref())).collect();
    let count = |is: fn(&Quantity) -> bool| reported.iter().filter(|quantity| is(quantity)).count();
    let (below, above) = (
        count(|quantity| matches!(quantity, Quantity::BelowLloq { .. })),
        count(|quantity| matches!(quantity, Quantity::AboveUloq { .. })),
    );
    let not_estimable = nobody(trial, arm, describe.rule, VisitRequirement::Value(visit))
        .filter(|_| reported.is_empty())
        .or_else(|| too_many([below, above], reported.len(), describe.limit_share_percent));
    let values: Vec<f64> = match &not_estimable {
        None => {
            reported.iter().filter_map(|quantity| describe.rule.number(quantity)).map(|found| found.value).collect()
        }
        Some(_) => Vec::new(),
    };
    let described = stats::describe(&values, describe.confidence).ok();
    let geometric_mean = Geometric::of(&values, describe.confidence).ok();
    let mean_interval = geometric_mean.as_ref().and_then(geometric);
    let not_estimable = not_estimable.or_else(|| without_interval(mean_interval, values.len()));
    let censored: Vec<Censored> = reported.iter().filter_map(|quantity| censored(quantity)).collect();
    let quantile = |p| quantile_of(&reported, p);
    let change = Changes::of(trial, arm, &members, visit, describe);
    let ratio_interval = Geometric::of_logs(&change.logs(), describe.confidence).ok().as_ref().and_then(geometric);
    ArmSummary {
        arm: arm.to_string(),
        visit: trial.visits[visit].name.clone(),
        week: trial.visits[visit].week,
        randomised: members.len(),
        n: reported.len(),
        below,
        above,
        missing: members.len() - reported.len(),
        n_mean: values.len(),
        geometric_mean: mean_interval,
        geometric_cv_percent: geometric_mean.and_then(|found| found.gcv_pct),
        mean: described.as_ref().map(|found| found.mean),
        sd: described.as_ref().and_then(|found| found.sd),
        se: described.as_ref().and_then(|found| found.se),
        censored_geometric_mean: tobit(&censored, below + above, describe.confidence),
        ros_geometric_mean: ros(&censored, below + above),
        not_estimable: not_estimable.unwrap_or_default(),
        median: quantile(0.5),
        q1: quantile(0.25),
        q3: quantile(0.75),
        min: quantile(0.0),
        max: quantile(1.0),
        n_change: change.pairs.len(),
        mean_change: change.mean(ChangeScale::Absolute),
        mean_percent_change: change.mean(ChangeScale::Percent),
        percent_change: change.percent,
        geometric_mean_ratio: ratio_interval,
        p_paired_t: stats::one_sample_t(&change.logs(), describe.confidence).ok().and_then(|test| test.inference.p),
        p_signed_rank: stats::signed_rank(&change.logs(), Zeros::Drop, SignedRankMethod::Exact, true)
            .ok()
            .map(|test| test.p),
        hodges_lehmann_ratio: stats::hl_one_sample(&change.logs(), describe.confidence)
            .ok()
            // Of very few changes no interval has the level: the widest is not passed off as one that has.
            .filter(|found| found.achieved_conf >= describe.confidence)
            .and_then(|found| ratio(found.hl, Some(found.ci_low), Some(found.ci_high))),
        censored_ratio: tobit(&change.censored, change.beyond, describe.confidence),
        ros_ratio: ros(&change.censored, change.beyond),
        change_not_estimable: match without_interval(ratio_interval, change.pairs.len()) {
            Some(why) if change.not_estimable.is_empty() => why,
            _ => change.not_estimable,
        },
    }
}

/// A result that is a value or a limit.
fn reported(result: Option<&Quantity>) -> Option<&Quantity> {
    result.filter(|quantity| !matches!(quantity, Quantity::NotReported { .. }))
}

/// `25 of 30 below LLOQ`, where these are more than the share of which means are still shown.
fn too_many([below, above]: [usize; 2], of: usize, percent: f64) -> Option<String> {
    let beyond = below + above;
    let too_many = beyond > 0 && 100.0 * beyond as f64 > percent * of as f64;
    let where_they_are = match (below, above) {
        (_, 0) => "below LLOQ",
        (0, _) => "above ULOQ",
        _ => "outside the limits",
    };
    too_many.then(|| format!("not estimable: {beyond} of {of} {where_they_are}"))
}

/// `not estimable: all 10 participants are left out: 8 (no sample at Week 16), 2 (results of two kit lots (A and B))`: why nobody of an
/// arm has what is needed.
fn nobody(trial: &TrialData, arm: &str, rule: LimitRule, needs: VisitRequirement) -> Option<String> {
    let reasons = left_out(trial, [arm, arm], rule, needs);
    let all = match reasons.iter().map(|left| left.n[0]).sum() {
        0 => return None,
        1 => "the one participant is left out".to_string(),
        several => format!("all {several} participants are left out"),
    };
    Some(match reasons.as_slice() {
        [one] => format!("not estimable: {all} ({})", one.reason),
        several => {
            let each: Vec<String> = several.iter().map(|left| format!("{} ({})", left.n[0], left.reason)).collect();
            format!("not estimable: {all}: {}", each.join(", "))
        }
    })
}

/// ln of a value, or of its limit.
fn censored(quantity: &Quantity) -> Option<Censored> {
    let (value, number): (fn(f64) -> Censored, f64) = match quantity {
        Quantity::Quantified(estimate) => (Censored::Measured, estimate.value),
        Quantity::BelowLloq { limit } => (Censored::Below, *limit),
        Quantity::AboveUloq { limit } => (Censored::Above, *limit),
        Quantity::NotReported { .. } => return None,
    };
    (number > 0.0).then(|| value(libm::log(number)))
}

/// The geometric mean with values outside the limits as censored, where there are such.
fn tobit(logs: &[Censored], beyond: usize, confidence: f64) -> Option<IntervalEstimate> {
    if beyond == 0 {
        return None;
    }
    let found = stats::tobit_mean(logs, confidence).ok()?;
    ratio(found.fit.mu_intercept, Some(found.profile.ci_low), Some(found.profile.ci_high))
}

/// The geometric mean by regression on order statistics, where there are values outside the limits.
fn ros(logs: &[Censored], beyond: usize) -> Option<f64> {
    if beyond == 0 {
        return None;
    }
    stats::ros::ros_mean(logs).ok().map(|found| libm::exp(found.mean))
}

/// The changes of an arm from baseline to a visit.
struct Changes {
    /// Number at the visit and at baseline, of everyone who has both; empty where too many of them are made up.
    pairs: Vec<(f64, f64)>,
    /// The change of logarithms as what it is known to be.
    censored: Vec<Censored>,
    percent: PercentChange,
    /// Pairs with a value outside the limits.
    beyond: usize,
    not_estimable: String,
    confidence: f64,
}

impl Changes {
    fn of(trial: &TrialData, arm: &str, members: &[&Participant], visit: usize, describe: SummaryOptions) -> Self {
        let baseline = trial.baseline().filter(|&baseline| baseline != visit);
        let results: Vec<(&Quantity, &Quantity)> = baseline
            .into_iter()
            .flat_map(|baseline| {
                members.iter().filter_map(move |member| {
                    Some((reported(member.results[visit].as_ref())?, reported(member.results[baseline].as_ref())?))
                })
            })
            .collect();
        let is = |one: &Quantity, other: &Quantity, which: fn(&Quantity) -> bool| which(one) || which(other);
        let count = |which: fn(&Quantity) -> bool| results.iter().filter(|(one, other)| is(one, other, which)).count();
        let below = count(|quantity| matches!(quantity, Quantity::BelowLloq { .. }));
        let beyond = count(|quantity| !matches!(quantity, Quantity::Quantified(_)));
        let not_estimable = match baseline {
            Some(_) if results.is_empty() => nobody(trial, arm, describe.rule, VisitRequirement::Change(visit)),
            _ => too_many([below, beyond - below], results.len(), describe.limit_share_percent),
        };
        let number = |quantity: &Quantity| describe.rule.number(quantity).map(|number| number.value);
        let pairs = match &not_estimable {
            None => results.iter().filter_map(|(value, base)| number(value).zip(number(base))).collect(),
            Some(_) => Vec::new(),
        };
        Self {
            pairs,
            censored: results
                .iter()
                .filter_map(|(value, base)| log_change(censored(value)?, censored(base)?))
                .collect(),
            percent: PercentChange::of(&results, describe.confidence),
            beyond,
            not_estimable: not_estimable.unwrap_or_default(),
            confidence: describe.confidence,
        }
    }

    fn on(&self, scale: ChangeScale) -> Vec<f64> {
        self.pairs.iter().filter_map(|&(value, base)| scale.change(value, base)).collect()
    }

    fn logs(&self) -> Vec<f64> {
        self.on(ChangeScale::Ln)
    }

    fn mean(&self, scale: ChangeScale) -> Option<IntervalEstimate> {
        let described = stats::describe(&self.on(scale), self.confidence).ok()?;
        Some(IntervalEstimate { estimate: described.mean, lower: described.ci_low?, upper: described.ci_high? })
    }
}

/// The change of logarithms: a limit at the visit bounds it from that side, one at baseline from the other. `None` where both leave it
/// open.
fn log_change(value: Censored, base: Censored) -> Option<Censored> {
    let difference = value.number() - base.number();
    match (value, base) {
        (Censored::Measured(_), Censored::Measured(_)) => Some(Censored::Measured(difference)),
        (Censored::Below(_), Censored::Measured(_) | Censored::Above(_)) => Some(Censored::Below(difference)),
        (Censored::Measured(_), Censored::Above(_)) => Some(Censored::Below(difference)),
        (Censored::Above(_), Censored::Measured(_) | Censored::Below(_)) => Some(Censored::Above(difference)),
        (Censored::Measured(_), Censored::Below(_)) => Some(Censored::Above(difference)),
        (Censored::Below(_), Censored::Below(_)) | (Censored::Above(_), Censored::Above(_)) => None,
    }
}

/// Why so many numbers give no geometric mean, where they give none.
fn without_interval(mean: Option<IntervalEstimate>, n: usize) -> Option<String> {
    match (mean, n) {
        (Some(_), _) | (None, 0) => None,
        (None, 1) => Some("no interval: of one value only".into()),
        (None, n) => Some(format!("no interval: the {n} values do not vary, or one is not positive")),
    }
}

/// `None` without an interval that has a width: numbers that are all the same are limits, not measurements.
fn geometric(found: &Geometric) -> Option<IntervalEstimate> {
    let (lower, upper) = (found.gmean_ci_low?, found.gmean_ci_high?);
    (lower < upper).then_some(IntervalEstimate { estimate: found.gmean, lower, upper })
}
