//! How often the 95 % intervals of multiple imputation and of clinical measures hold the truth, in the worlds of `worlds.rs`.
//! `cargo bench --bench further_coverage` prints those rows of the table of `tests/bench/README.md`, which `study::coverage` has as numbers.
//!
//! Imputation: of each participant of either arm one in five leaves, a third of them after each of the first three visits, whatever was
//! measured. The truth is the effect δ = ln r at random and under *copy increments*, the share who stay times δ under *jump to
//! reference*, and under *copy reference* what the values before they left tell of those who left besides:
//! (0.8 + Σₖ (0.2 / 3) Bₖ) δ with `Bₖ = 0.5 k / (1 + 0.5 (k − 1))`, of which k visits correlated by 0.5 say of a fifth.
//!
//! Clinical: a score of 28 in its middle, log-normal (SD of logarithms 0.4), whose change in logarithms has the correlation 0.6 with that of the
//! analyte within an arm, and an effect of half that of the analyte. The analysis of covariance is of its change in points; the truth is the
//! difference of the arms' mean changes. Correlations are those of the active arm. Nothing of the score is limited: only correlations
//! change with the share below the limit. Within participants the truth is what 40,000 of them without a limit have.

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
use platewise::stats::correlation::{Correlation, pearson, spearman, within_subjects};
use platewise::stats::imputation::{Plan, Strategy, impute};
use platewise::stats::mmrm::Subject;
use platewise::stats::random::Random;
use platewise::stats::{Arm, StratumWeights, Vcov, ancova};
use worlds::{Cell, Found, SLOPE, Trial, VISITS, World, cell, limit, simulate, table};

const TRIALS: u64 = 1_000;
const IMPUTATIONS: usize = 40;
/// The share of an arm that leaves.
const LEAVES: f64 = 0.2;
/// Correlation of the changes of score and analyte.
const RHO: f64 = 0.6;
/// Standard deviation of the change of the score's logarithm.
const SPREAD: f64 = 0.5;

fn half_of_limit(value: f64, limit: f64) -> f64 {
    if value < limit { limit - 2.0_f64.ln() } else { value }
}

fn imputed(trial: &Trial, world: World, limit: f64, seed: u64) -> Vec<(&'static str, f64, Found)> {
    let mut random = Random::of_replicate(17, seed);
    let baseline: Vec<f64> = trial.baseline.iter().map(|&value| half_of_limit(value, limit)).collect();
    let changes: Vec<Vec<Option<f64>>> = trial
        .visits
        .iter()
        .zip(&baseline)
        .map(|(visits, base)| {
            let draw = random.uniform();
            // The number of visits before leaving.
            let stays = if draw < LEAVES { 1 + (draw / LEAVES * (VISITS - 1) as f64) as usize } else { VISITS };
            let change = |(at, &value): (usize, &f64)| (at < stays).then(|| half_of_limit(value, limit) - base);
            visits.iter().enumerate().map(change).collect()
        })
        .collect();
    let subject = |i: usize| Subject {
        arm: trial.arm[i].number(),
        baseline: baseline[i],
        stratum: None,
        responses: &changes[i],
        terms: &[],
    };
    let subjects: Vec<Subject<'_>> = (0..trial.arm.len()).map(subject).collect();
    let found = impute(&subjects, VISITS - 1, Plan { imputations: IMPUTATIONS, seed, confidence: 0.95 }).ok();
    let told: f64 = (1..VISITS).map(|k| 0.5 * k as f64 / (1.0 + 0.5 * (k - 1) as f64)).sum();
    let each = LEAVES / (VISITS - 1) as f64;
    let of = |strategy: Strategy| {
        let (name, share) = match strategy {
            Strategy::MissingAtRandom => ("imputed, missing at random", 1.0),
            Strategy::JumpToReference => ("imputed, jump to reference", 1.0 - LEAVES),
            Strategy::CopyReference => ("imputed, copy reference", 1.0 - LEAVES + each * told),
            Strategy::CopyIncrements => ("imputed, copy increments in reference", 1.0),
        };
        let pooled = found.as_ref().and_then(|found| found.pooled.iter().find(|(known, _)| *known == strategy));
        let ends = pooled.and_then(|(_, pooled)| pooled.inference.ci_low.zip(pooled.inference.ci_high));
        (name, share * world.truth, ends)
    };
    Strategy::ALL.map(of).into()
}

/// Standard deviation of the change in the logarithm of the analyte within an arm.
fn change_sd(world: World) -> f64 {
    world.sd * ((1.0 - SLOPE).powi(2) + 1.0 - SLOPE * SLOPE).sqrt()
}

/// ln of the score of each participant at baseline and at the visits.
fn scores(trial: &Trial, world: World, random: &mut Random) -> Vec<[f64; VISITS + 1]> {
    let of = |i: usize| {
        let base = 28.0_f64.ln() + 0.4 * random.normal();
        let effect = if trial.arm[i] == Arm::Active { world.truth } else { 0.0 };
        let mut own = [base; VISITS + 1];
        for (score, value) in own.iter_mut().skip(1).zip(trial.visits[i]) {
            let standard = (value - trial.baseline[i] - effect) / change_sd(world);
            let deviate = RHO * standard + (1.0 - RHO * RHO).sqrt() * random.normal();
            *score += 0.5 * effect + SPREAD * deviate;
        }
        own
    };
    (0..trial.arm.len()).map(of).collect()
}

/// Logarithms of analyte and score of the active arm at all visits, by participant.
fn over_visits(trial: &Trial, scores: &[[f64; VISITS + 1]], limit: f64) -> (Vec<usize>, Vec<f64>, Vec<f64>) {
    let (mut who, mut analyte, mut score) = (Vec::new(), Vec::new(), Vec::new());
    for i in (0..trial.arm.len()).filter(|&i| trial.arm[i] == Arm::Active) {
        let values = std::iter::once(trial.baseline[i]).chain(trial.visits[i]);
        for (value, own) in values.zip(scores[i]) {
            who.push(i);
            analyte.push(half_of_limit(value, limit));
            score.push(own);
        }
    }
    (who, analyte, score)
}

/// The correlation within participants of the active arm of a very large trial.
fn true_within(world: World) -> f64 {
    let trial = simulate(world, 40_000, 1);
    let scores = scores(&trial, world, &mut Random::of_replicate(19, 1));
    let (who, analyte, score) = over_visits(&trial, &scores, f64::NEG_INFINITY);
    within_subjects(&who, &analyte, &score, 0.95).unwrap().r
}

fn clinical(trial: &Trial, world: World, within: f64, limit: f64, seed: u64) -> Vec<(&'static str, f64, Found)> {
    let scores = scores(trial, world, &mut Random::of_replicate(18, seed));
    let points = |at: usize| scores.iter().map(|own| own[at].exp()).collect::<Vec<f64>>();
    let (baseline, end) = (points(0), points(VISITS));
    let change: Vec<f64> = end.iter().zip(&baseline).map(|(end, base)| end - base).collect();
    let rows = AncovaRows { arm: &trial.arm, response: &change, baseline: &baseline, stratum: None, terms: &[] };
    let adjusted = ancova(rows, Vcov::Ols, StratumWeights::None, 0.95).ok();
    let mean = |effect: f64| (28.0_f64.ln() + 0.5 * 0.16 + 0.5 * effect + 0.5 * SPREAD * SPREAD).exp();
    let active = || (0..trial.arm.len()).filter(|&i| trial.arm[i] == Arm::Active);
    let analyte: Vec<f64> = active()
        .map(|i| half_of_limit(trial.visits[i][VISITS - 1], limit) - half_of_limit(trial.baseline[i], limit))
        .collect();
    let score: Vec<f64> = active().map(|i| scores[i][VISITS] - scores[i][0]).collect();
    let ends = |found: Option<Correlation>| found.and_then(|found| found.ci_low.zip(found.ci_high));
    let (who, values, own) = over_visits(trial, &scores, limit);
    vec![
        (
            "clinical change",
            mean(world.truth) - mean(0.0),
            adjusted.and_then(|found| found.inference.ci_low.zip(found.inference.ci_high)),
        ),
        (
            "correlation, Spearman",
            6.0 / std::f64::consts::PI * (0.5 * RHO).asin(),
            ends(spearman(&analyte, &score, 0.95).ok()),
        ),
        ("correlation, Pearson", RHO, ends(pearson(&analyte, &score, 0.95).ok())),
        ("correlation, within participants", within, ends(within_subjects(&who, &values, &own, 0.95).ok())),
    ]
}

fn cells(world: World, share: f64, size: usize) -> Vec<Cell> {
    let (limit, within) = (limit(world, share), true_within(world));
    cell(TRIALS, |seed| {
        let trial = simulate(world, size, seed);
        let mut found = imputed(&trial, world, limit, seed);
        found.extend(clinical(&trial, world, within, limit, seed));
        found
    })
}

fn main() {
    table(cells);
}
