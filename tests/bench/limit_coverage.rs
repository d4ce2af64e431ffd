//! How often the 95 % intervals of a trial hold the truth, by the share of values below the limit of quantification and the size of the
//! arms. `cargo bench --bench limit_coverage` prints the table of `tests/bench/README.md`, which `study::coverage` has as numbers; with
//! `-- supplementary` only those of `[supplementary]` and of responders, from 10,000 trials instead of 2,000. Each cell is on
//! the terminal (standard error) as soon as it is there.
//!
//! The worlds are those of `worlds.rs`.
//!
//! Strata and subgroups are two, by turns, without an effect of their own. A responder has fallen by half: the true proportion is
//! `Φ((ln ½ − [active] ln r) / √(0.3² + 1 − 0.7²) s)`, whatever the limit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark may fail, and says so"
)]

mod worlds;

use platewise::stats::ancova::AncovaRows;
use platewise::stats::distribution::{normal_quantile, normal_sf};
use platewise::stats::logistic::standardised;
use platewise::stats::mmrm::{self, DegreesOfFreedom, Options, Subject};
use platewise::stats::proportions::{Counts, newcombe};
use platewise::stats::subgroups::subgroups;
use platewise::stats::tobit::Covariates;
use platewise::stats::van_elteren::van_elteren;
use platewise::stats::{
    Arm, Censored, Geometric, Resampling, StratumWeights, Vcov, ancova, bootstrap_bca_median_diff, hl_one_sample,
    hl_two_sample, student_t, tobit_difference, tobit_mean, welch_t,
};
use worlds::{Cell, Found, SLOPE, Trial, VISITS, World, cell, limit, simulate, table};

const TRIALS: u64 = 2_000;
/// Where only the quick ones are asked for.
const TRIALS_ALONE: u64 = 10_000;
const BOOTSTRAPPED: u64 = 500;
/// Five changes have no interval of 95 % about the Hodges–Lehmann estimate (the widest has 93.75 %): the fewest that have one.
const FEWEST_SHIFT: usize = 6;

/// What a value below the limit becomes: its limit times this.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Times(f64),
    Exclude,
}

fn numbers(trial: &Trial, limit: f64, rule: Rule) -> (Vec<Arm>, Vec<f64>, Vec<f64>) {
    let number = |value: f64| match rule {
        _ if value >= limit => Some(value),
        Rule::Times(factor) => Some(limit + factor.ln()),
        Rule::Exclude => None,
    };
    let (mut arms, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for (i, &arm) in trial.arm.iter().enumerate() {
        if let (Some(base), Some(value)) = (number(trial.baseline[i]), number(trial.visits[i][VISITS - 1])) {
            arms.push(arm);
            before.push(base);
            after.push(value);
        }
    }
    (arms, before, after)
}

fn covariance(trial: &Trial, limit: f64, rule: Rule, vcov: Vcov) -> Found {
    let (arm, baseline, value) = numbers(trial, limit, rule);
    let response: Vec<f64> = value.iter().zip(&baseline).map(|(value, base)| value - base).collect();
    let rows = AncovaRows { arm: &arm, response: &response, baseline: &baseline, stratum: None, terms: &[] };
    let inference = ancova(rows, vcov, StratumWeights::None, 0.95).ok()?.inference;
    inference.ci_low.zip(inference.ci_high)
}

fn mixed_model(trial: &Trial, limit: f64) -> Found {
    let number = |value: f64| if value < limit { limit - 2.0_f64.ln() } else { value };
    let baselines: Vec<f64> = trial.baseline.iter().map(|&value| number(value)).collect();
    let changes: Vec<Vec<Option<f64>>> = trial
        .visits
        .iter()
        .zip(&baselines)
        .map(|(visits, base)| visits.iter().map(|&value| Some(number(value) - base)).collect())
        .collect();
    let subject = |i: usize| Subject {
        arm: trial.arm[i].number(),
        baseline: baselines[i],
        stratum: None,
        responses: &changes[i],
        terms: &[],
    };
    let subjects: Vec<Subject<'_>> = (0..trial.arm.len()).map(subject).collect();
    let (fit, _) = mmrm::fit_with_fallback(&subjects, VISITS, &mmrm::FALLBACK).ok()?;
    let options = Options {
        weeks: &[4.0, 8.0, 12.0, 16.0],
        df: DegreesOfFreedom::KenwardRogerLinear,
        ratios: false,
        confidence: 0.95,
    };
    let inference = fit.summary(1, options).ok()?.diffs[VISITS - 1].inference;
    inference.ci_low.zip(inference.ci_high)
}

fn censored(trial: &Trial, limit: f64) -> (Vec<Censored>, Vec<f64>) {
    let value = |value: f64| if value < limit { Censored::Below(limit) } else { Censored::Measured(value) };
    let baseline = trial.baseline.iter().map(|&base| if base < limit { limit - 2.0_f64.ln() } else { base });
    (trial.visits.iter().map(|visits| value(visits[VISITS - 1])).collect(), baseline.collect())
}

/// The interval about the Hodges–Lehmann estimate of the changes of the active arm.
fn own_shift(trial: &Trial, limit: f64) -> Found {
    let (arm, before, after) = numbers(trial, limit, Rule::Times(0.5));
    let active = (0..arm.len()).filter(|&i| arm[i] == Arm::Active);
    let changes: Vec<f64> = active.map(|i| after[i] - before[i]).collect();
    let found = hl_one_sample(&changes, 0.95).ok().filter(|found| found.achieved_conf >= 0.95);
    found.map(|found| (found.ci_low, found.ci_high))
}

/// The intervals of one trial, by name, each with the truth that it should hold.
fn intervals(trial: &Trial, truth: f64, limit: f64, seed: u64) -> Vec<(&'static str, f64, Found)> {
    let half = Rule::Times(0.5);
    let (arm, before, after) = numbers(trial, limit, half);
    let of = |wanted: Arm| -> Vec<f64> {
        (0..arm.len()).filter(|&i| arm[i] == wanted).map(|i| after[i] - before[i]).collect()
    };
    let (active, placebo) = (of(Arm::Active), of(Arm::Placebo));
    let values: Vec<f64> = (0..arm.len()).filter(|&i| arm[i] == Arm::Active).map(|i| after[i]).collect();
    let (ends, baseline) = censored(trial, limit);
    let adjusted = Covariates { ln_baseline: Some(&baseline), stratum: None, terms: &[] };
    let tobit = tobit_difference(&trial.arm, &ends, adjusted, 0.95).ok();
    let own: Vec<Censored> =
        ends.iter().zip(&trial.arm).filter(|(_, arm)| **arm == Arm::Active).map(|(end, _)| *end).collect();
    let mean = tobit_mean(&own, 0.95).ok();
    let geometric = |logs: &[f64]| {
        let found = Geometric::of_logs(logs, 0.95).ok()?;
        Some((found.gmean_ci_low?.ln(), found.gmean_ci_high?.ln()))
    };
    let t = |test: Option<platewise::stats::TwoSampleT>| {
        test.and_then(|test| test.inference.ci_low.zip(test.inference.ci_high))
    };
    let shift = hl_two_sample(&active, &placebo, 0.95).ok().filter(|found| found.achieved_conf >= 0.95);
    let resampling = Resampling { resamples: 2_000, runs: 1, seed };
    let bootstrap = (seed < BOOTSTRAPPED).then(|| bootstrap_bca_median_diff(&active, &placebo, resampling, 0.95).ok());
    let mut found = vec![
        ("ancova, LLOQ/2", truth, covariance(trial, limit, half, Vcov::Ols)),
        ("ancova, LLOQ/√2", truth, covariance(trial, limit, Rule::Times(0.5_f64.sqrt()), Vcov::Ols)),
        ("ancova, LLOQ", truth, covariance(trial, limit, Rule::Times(1.0), Vcov::Ols)),
        ("ancova, left out", truth, covariance(trial, limit, Rule::Exclude, Vcov::Ols)),
        ("ancova_hc3", truth, covariance(trial, limit, half, Vcov::Hc3)),
        ("welch_t", truth, t(welch_t(&active, &placebo, 0.95).ok())),
        ("student_t", truth, t(student_t(&active, &placebo, 0.95).ok())),
        ("mann_whitney", truth, shift.map(|found| (found.ci_low, found.ci_high))),
        ("tobit", truth, tobit.as_ref().map(|fit| (fit.profile.ci_low, fit.profile.ci_high))),
        ("tobit, Wald", truth, tobit.map(|fit| (fit.inference.ci_low, fit.inference.ci_high))),
        ("mean", 7.0 + truth, geometric(&values)),
        ("mean, tobit", 7.0 + truth, mean.as_ref().map(|fit| (fit.profile.ci_low, fit.profile.ci_high))),
        ("change", truth, geometric(&active)),
        ("change, Hodges-Lehmann", truth, own_shift(trial, limit)),
        ("mmrm", truth, mixed_model(trial, limit)),
    ];
    found.extend(
        bootstrap.map(|found| ("bootstrap_bca_median_diff", truth, found.map(|found| (found.bca_low, found.bca_high)))),
    );
    found
}

/// Those of the analyses of `[supplementary]`, and of responders.
fn supplementary(trial: &Trial, world: World, limit: f64) -> Vec<(&'static str, f64, Found)> {
    let (arm, baseline, value) = numbers(trial, limit, Rule::Times(0.5));
    let change: Vec<f64> = value.iter().zip(&baseline).map(|(value, base)| value - base).collect();
    // Nobody is left out by this rule: the arms are halves of the list.
    let turn: Vec<usize> = (0..arm.len()).map(|i| i % (arm.len() / 2) % 2).collect();
    let rows = AncovaRows { arm: &arm, response: &change, baseline: &baseline, stratum: None, terms: &[] };
    let groups = subgroups(rows, &turn, 0.95).ok();
    let of_group = |at: usize| {
        let inference = groups.as_ref()?.groups[at].inference;
        inference.ci_low.zip(inference.ci_high)
    };
    let responds: Vec<f64> = change.iter().map(|change| f64::from(u8::from(*change <= 0.5_f64.ln()))).collect();
    let rows = AncovaRows { response: &responds, ..rows };
    let standard = standardised(rows, 0.95).ok();
    let spread = world.sd * ((1.0 - SLOPE).powi(2) + 1.0 - SLOPE * SLOPE).sqrt();
    let proportion = |effect: f64| normal_sf((effect - 0.5_f64.ln()) / spread);
    let [active, placebo] = [proportion(world.truth), proportion(0.0)];
    let of = |wanted: Arm| {
        let responders = arm.iter().zip(&responds).filter(|(arm, responds)| **arm == wanted && **responds > 0.0);
        (responders.count() as u32, arm.iter().filter(|arm| **arm == wanted).count() as u32)
    };
    let ((x_active, n_active), (x_placebo, n_placebo)) = (of(Arm::Active), of(Arm::Placebo));
    // Not the whole comparison of two proportions: its exact tests take longer than all the rest, and have no interval.
    let [low, high] = newcombe(Counts { x_active, n_active, x_placebo, n_placebo }, normal_quantile(0.975), false);
    vec![
        (
            "van_elteren",
            world.truth,
            van_elteren(&arm, &turn, &change, 0.95).ok().map(|found| (found.ci_low, found.ci_high)),
        ),
        ("subgroups", world.truth, of_group(0)),
        ("subgroups", world.truth, of_group(1)),
        (
            "standardised ratio",
            (active / placebo).ln(),
            standard.as_ref().map(|found| (found.log_ratio.ci_low, found.log_ratio.ci_high)),
        ),
        (
            "standardised difference",
            active - placebo,
            standard.as_ref().map(|found| (found.difference.ci_low, found.difference.ci_high)),
        ),
        ("responders, difference", active - placebo, Some((low, high))),
    ]
}

/// Percent of the intervals that hold the truth, and of the trials that have one.
fn cells(world: World, share: f64, size: usize, whole: bool) -> Vec<Cell> {
    let limit = limit(world, share);
    cell(if whole { TRIALS } else { TRIALS_ALONE }, |seed| {
        let trial = simulate(world, size, seed);
        let mut of_trial = if whole { intervals(&trial, world.truth, limit, seed) } else { Vec::new() };
        if size < FEWEST_SHIFT {
            let shift = own_shift(&simulate(world, FEWEST_SHIFT, seed), limit);
            of_trial
                .iter_mut()
                .filter(|(name, ..)| *name == "change, Hodges-Lehmann")
                .for_each(|found| found.2 = shift);
        }
        of_trial.extend(supplementary(&trial, world, limit));
        of_trial
    })
}

fn main() {
    // Also as a check of the quantile below which the limit lies.
    assert!((normal_quantile(0.5)).abs() < 1e-12);
    let whole = !std::env::args().any(|argument| argument == "supplementary");
    table(|world, share, size| cells(world, share, size, whole));
}
