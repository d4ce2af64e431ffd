//! Speed of the statistics at the size of the trial and far beyond. `cargo bench --bench statistics`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test may fail, and says so"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use platewise::stats::ancova::AncovaRows;
use platewise::stats::mann_whitney::{MannWhitneyMethod, mann_whitney};
use platewise::stats::mmrm::{self, DegreesOfFreedom, Options, Structure, Subject};
use platewise::stats::random::Random;
use platewise::stats::{Arm, Resampling, StratumWeights, Vcov, ancova, bootstrap_bca_median_diff};

const WEEKS: [f64; 4] = [4.0, 8.0, 12.0, 16.0];

/// `n` subjects at four visits of which 8 % are missing, as the peer's speed was measured.
struct Trial {
    arm: Vec<Arm>,
    baseline: Vec<f64>,
    changes: Vec<[Option<f64>; 4]>,
}

fn simulate(n: usize) -> Trial {
    let mut random = Random::of_replicate(1, n as u64);
    let mut trial = Trial { arm: Vec::new(), baseline: Vec::new(), changes: Vec::new() };
    for i in 0..n {
        let (baseline, own) = (7.8 + random.normal(), random.normal());
        trial.arm.push(if i % 2 == 0 { Arm::Active } else { Arm::Placebo });
        trial.baseline.push(baseline);
        trial.changes.push([0; 4].map(|_| {
            let change = -0.4 * (baseline - 7.8) + 0.5 * own + 0.6 * random.normal();
            (random.uniform() > 0.08).then_some(change)
        }));
    }
    trial
}

fn mixed_model(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mmrm, unstructured, 4 visits, Kenward-Roger");
    group.sample_size(10);
    for n in [114, 2_000, 20_000] {
        let trial = simulate(n);
        let subject = |i: usize| Subject {
            arm: trial.arm[i].number(),
            baseline: trial.baseline[i],
            stratum: None,
            responses: &trial.changes[i],
            terms: &[],
        };
        let subjects: Vec<Subject<'_>> = (0..n).map(subject).collect();
        let df = DegreesOfFreedom::KenwardRogerLinear;
        let options = Options { weeks: &WEEKS, df, ratios: true, confidence: 0.95 };
        group.bench_function(format!("{n} subjects"), |bencher| {
            bencher.iter(|| mmrm::fit(black_box(&subjects), 4, Structure::Us).unwrap().summary(1, options).unwrap());
        });
    }
    group.finish();
}

fn one_visit(criterion: &mut Criterion) {
    let trial = simulate(114);
    let response: Vec<f64> = trial.changes.iter().map(|changes| changes[3].unwrap_or(0.0)).collect();
    let rows =
        AncovaRows { arm: &trial.arm, response: &response, baseline: &trial.baseline, stratum: None, terms: &[] };
    for (name, vcov) in [("ancova, 114 subjects", Vcov::Ols), ("ancova with HC3, 114 subjects", Vcov::Hc3)] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| ancova(black_box(rows), vcov, StratumWeights::None, 0.95).unwrap());
        });
    }
    let (active, placebo) = (&response[..59], &response[59..]);
    criterion.bench_function("mann-whitney, exact, 59 against 55", |bencher| {
        bencher.iter(|| mann_whitney(black_box(active), placebo, MannWhitneyMethod::ExactDoubleSmallerTail).unwrap());
    });
    let resampling = Resampling { resamples: 10_000, runs: 1, seed: 1 };
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        criterion.bench_function(&format!("bootstrap of medians, 10,000 replicates, {threads} threads"), |bencher| {
            bencher.iter(|| {
                pool.install(|| bootstrap_bca_median_diff(black_box(active), placebo, resampling, 0.95).unwrap())
            });
        });
    }
}

criterion_group!(benches, mixed_model, one_visit);
criterion_main!(benches);
