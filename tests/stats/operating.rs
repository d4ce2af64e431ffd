//! Type I error and coverage of the analyses at the size of the trial, over many simulated trials.
//!
//! The true values are those of the trial's design: 59 and 55 participants, log-normal TARC with a geometric mean of 2,600 pg/mL and a
//! standard deviation of the logarithm of 0.9, correlation of 0.7 within a participant, dropout that follows the baseline.
//! Seeds are fixed, so that the shares below never change.

use platewise::stats::ancova::AncovaRows;
use platewise::stats::mmrm::{self, DegreesOfFreedom, FALLBACK, Options, Subject};
use platewise::stats::random::Random;
use platewise::stats::{Arm, StratumWeights, Vcov, ancova, welch_t};

const SIZES: [usize; 2] = [59, 55];
const SD: f64 = 0.9;
const CORRELATION: f64 = 0.7;
/// Share of the participants who are missed at a visit, on average.
const MISSED: f64 = 0.12;

/// A trial on the log scale: arm, baseline, and value at each of `visits`.
struct Trial {
    arm: Vec<Arm>,
    baseline: Vec<f64>,
    changes: Vec<Vec<Option<f64>>>,
}

/// One trial; `effect` is the true difference of the arms at every visit.
fn simulate(visits: usize, effect: f64, random: &mut Random) -> Trial {
    let mut trial = Trial { arm: Vec::new(), baseline: Vec::new(), changes: Vec::new() };
    for (arm, size) in [Arm::Active, Arm::Placebo].into_iter().zip(SIZES) {
        for _ in 0..size {
            // A participant's own level and the rest of every visit make up the variance and the correlation.
            let own = SD * CORRELATION.sqrt() * random.normal();
            let mut level = || 2600.0_f64.ln() + own + SD * (1.0 - CORRELATION).sqrt() * random.normal();
            let baseline = level();
            let values: Vec<f64> = (0..visits).map(|_| level()).collect();
            // Whoever starts higher is missed more often: missing at random.
            let missed = MISSED * (1.0 + 0.5 * (baseline - 2600.0_f64.ln()) / SD);
            let shift = if arm == Arm::Active { effect } else { 0.0 };
            let change = |value: f64| (random.uniform() > missed).then_some(value + shift - baseline);
            trial.changes.push(values.into_iter().map(change).collect());
            trial.arm.push(arm);
            trial.baseline.push(baseline);
        }
    }
    trial
}

/// The shares of trials, in percent, in which the test is significant at 5 %, and in which the interval holds the truth.
#[derive(Default)]
struct Shares {
    trials: f64,
    significant: f64,
    covered: f64,
}

impl Shares {
    fn add(&mut self, p: Option<f64>, low: Option<f64>, high: Option<f64>, truth: f64) {
        self.trials += 1.0;
        self.significant += f64::from(u8::from(p.unwrap() < 0.05));
        self.covered += f64::from(u8::from(low.unwrap() <= truth && truth <= high.unwrap()));
    }

    fn percent(&self) -> (f64, f64) {
        (100.0 * self.significant / self.trials, 100.0 * self.covered / self.trials)
    }
}

/// ANCOVA, ANCOVA with HC3, and Welch over `trials` trials.
fn at_the_end_point(trials: u64, effect: f64) -> [(f64, f64); 3] {
    let mut shares: [Shares; 3] = Default::default();
    for replicate in 0..trials {
        let trial = simulate(1, effect, &mut Random::of_replicate(20_251_202, replicate));
        let seen: Vec<usize> = (0..trial.arm.len()).filter(|&i| trial.changes[i][0].is_some()).collect();
        let arm: Vec<Arm> = seen.iter().map(|&i| trial.arm[i]).collect();
        let baseline: Vec<f64> = seen.iter().map(|&i| trial.baseline[i]).collect();
        let response: Vec<f64> = seen.iter().filter_map(|&i| trial.changes[i][0]).collect();
        let rows = AncovaRows { arm: &arm, response: &response, baseline: &baseline, stratum: None, terms: &[] };
        for (share, vcov) in shares.iter_mut().zip([Vcov::Ols, Vcov::Hc3]) {
            let found = ancova(rows, vcov, StratumWeights::None, 0.95).unwrap().inference;
            share.add(found.p, found.ci_low, found.ci_high, effect);
        }
        let of = |wanted: Arm| -> Vec<f64> {
            arm.iter().zip(&response).filter(|(arm, _)| **arm == wanted).map(|(_, change)| *change).collect()
        };
        let found = welch_t(&of(Arm::Active), &of(Arm::Placebo), 0.95).unwrap().inference;
        shares[2].add(found.p, found.ci_low, found.ci_high, effect);
    }
    shares.map(|share| share.percent())
}

#[test]
fn the_primary_analysis_errs_as_often_as_it_says() {
    let trials = 20_000;
    let [ols, hc3, welch] = at_the_end_point(trials, 0.0);
    println!("{trials} null trials, type I error and coverage in %: ANCOVA {ols:?}, HC3 {hc3:?}, Welch {welch:?}");
    assert!((4.5..=5.5).contains(&ols.0), "type I error of the primary analysis: {} %", ols.0);
    assert!((94.5..=95.5).contains(&ols.1));

    let trials = 5_000;
    let effect = (0.65_f64 / 0.95).ln();
    let [ols, hc3, welch] = at_the_end_point(trials, effect);
    println!(
        "{trials} trials with the ratio 0.65/0.95, power and coverage in %: ANCOVA {ols:?}, HC3 {hc3:?}, Welch {welch:?}"
    );
    // Three standard errors of a share of 95 % in so many trials.
    assert!((94.1..=95.9).contains(&ols.1), "coverage of the primary analysis: {} %", ols.1);
    assert!((94.1..=95.9).contains(&hc3.1));
    assert!(ols.0 > welch.0, "adjusting for the baseline gains power");
}

#[test]
fn the_mixed_model_errs_as_often_as_it_says() {
    let trials = 400;
    let weeks = [4.0, 8.0, 12.0, 16.0];
    let options = Options { weeks: &weeks, df: DegreesOfFreedom::KenwardRogerLinear, ratios: false, confidence: 0.95 };
    let mut shares = Shares::default();
    for replicate in 0..trials {
        let trial = simulate(weeks.len(), 0.0, &mut Random::of_replicate(7, replicate));
        let subject = |i: usize| Subject {
            arm: trial.arm[i].number(),
            baseline: trial.baseline[i],
            stratum: None,
            responses: &trial.changes[i],
            terms: &[],
        };
        let subjects: Vec<Subject<'_>> = (0..trial.arm.len()).map(subject).collect();
        let (fit, failed) = mmrm::fit_with_fallback(&subjects, weeks.len(), &FALLBACK).unwrap();
        assert!(failed.is_empty(), "the unstructured model can always be fitted to such a trial");
        let last = fit.summary(1, options).unwrap().diffs[3].inference;
        shares.add(last.p, last.ci_low, last.ci_high, 0.0);
    }
    let (type_1, coverage) = shares.percent();
    println!("{trials} null trials, mixed model at week 16: type I error {type_1} %, coverage {coverage} %");
    // Three standard errors of a share of 5 % in so many trials.
    assert!((1.7..=8.3).contains(&type_1), "{type_1}");
}
