//! Assay error carried through: the same for any number of threads, nothing where nothing can be drawn, and intervals
//! that hold the truth as often as they say where the arms are on different plates.
//!
//! `PLATEWISE_LONG=1` makes the simulation ten times as long.

use std::sync::atomic::{AtomicUsize, Ordering};

use platewise::concentration::PlateConcentrations;
use platewise::curve::{Model, Parameters};
use platewise::pipeline::assay_error::assay_error;
use platewise::pipeline::{RunStep, with_threads};
use platewise::plate::{Acquisition, AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use platewise::protocol::{self, Protocol};
use platewise::qc::{JudgedPlate, Verdict};
use platewise::reportable;
use platewise::sheet::{Location, Problems};
use platewise::stats::random::Random;
use platewise::study::assay_error::AssayError;
use platewise::study::{Allocation, ArmComparison, SubjectVisit, compare};
use rayon::prelude::*;

const STANDARDS: [f64; 8] = [31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0];

/// What a simulated study is made of.
#[derive(Clone, Copy)]
struct Truth {
    /// σ of a response over its mean.
    cv: f64,
    /// Wells of each standard.
    wells: usize,
    /// Subjects of each arm.
    n: usize,
    /// Between-subject standard deviation of the log change.
    sd: f64,
    /// Whether each arm has plates of its own, one for each visit; otherwise every plate holds both arms and both visits.
    confounded: bool,
}

const LOG_RATIO: f64 = -0.35;

/// With limits so wide that no standard fails, assay error is all that there is.
fn protocol(replicates: usize) -> Protocol {
    let wide = "replicate_cv_percent = 100\nstandard_bias_percent = 100\nstandard_bias_percent_at_lloq = 100\n\
                standard_bias_percent_at_uloq = 100\nstandard_cv_percent = \"none\"\nstandard_cv_percent_at_limits = \"none\"\n\
                standard_rejection = \"keep\"\n";
    protocol_with(wide, replicates)
}

fn protocol_with(acceptance: &str, replicates: usize) -> Protocol {
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\nlloq = 31.25\nuloq = 4000\n\
         [acceptance]\n{acceptance}\
         [analysis]\nassay_error_replicates = {replicates}\nseed = 5\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n"
    );
    protocol::parse(&text).unwrap()
}

/// A study: its plates as judged, its results by subject and visit, its arms.
struct Simulated {
    plates: Vec<JudgedPlate>,
    visits: Vec<SubjectVisit>,
    arms: Vec<Allocation>,
}

fn simulate(truth: Truth, seed: u64, protocol: &Protocol) -> Simulated {
    let mut random = Random::new(seed);
    let curve = Parameters { a: 0.05, d: 3.2, c: 700.0, b: 1.1, g: 1.0 };
    let mut wells: Vec<Vec<(WellRole, f64)>> = vec![Vec::new(); 4];
    for plate in &mut wells {
        for concentration in STANDARDS {
            plate.extend((0..truth.wells).map(|_| (WellRole::Standard { concentration }, concentration)));
        }
    }
    let mut arms = Vec::new();
    for (a, arm) in ["active", "placebo"].into_iter().enumerate() {
        for i in 0..truth.n {
            let subject = format!("{a}{i:03}");
            let baseline = libm::exp(6.3 + 0.4 * random.normal());
            let change = truth.sd * random.normal() + if a == 0 { LOG_RATIO } else { 0.0 };
            for (v, value) in [baseline, baseline * libm::exp(change)].into_iter().enumerate() {
                let plate = if truth.confounded { 2 * a + v } else { i % 4 };
                let role = || WellRole::Sample { id: format!("{subject}-{v}"), dilution: Some(1.0) };
                wells[plate].extend([(role(), value), (role(), value)]);
            }
            arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
        }
    }
    let plates: Vec<JudgedPlate> = wells
        .into_iter()
        .enumerate()
        .map(|(p, wells)| {
            let wells = wells.into_iter().enumerate().map(|(i, (role, concentration))| {
                let mean = Model::FourParameter.response(&curve, concentration);
                let reading = Reading::Measured(mean * (1.0 + truth.cv * random.normal()));
                AssayWell {
                    position: WellPosition::new(i / 24, i % 24),
                    role,
                    reading: reading.clone(),
                    reference: None,
                    response: reading,
                    location: Location::file("simulated"),
                    excluded: None,
                }
            });
            let plate = AssayPlate {
                id: format!("P{p}"),
                export: String::new(),
                format: "simulated".into(),
                read: String::new(),
                kit_lot: None,
                acquisition: Acquisition::default(),
                handling: platewise::plate::Handling::default(),
                size: PlateSize::WELLS_384,
                wells: wells.collect(),
                unused: Vec::new(),
                warnings: Vec::new(),
                excluded: None,
            };
            let mut judged = JudgedPlate::judge(PlateConcentrations::evaluate(plate, &protocol.assay), &protocol.assay);
            // The question is what the error of accepted plates does; with this noise some would not be.
            judged.verdict.verdict = Verdict::Accepted;
            judged
        })
        .collect();
    let visits = reportable::resolve(&plates, &protocol.assay)
        .into_iter()
        .map(|result| {
            let (subject, visit) = result.sample.split_once('-').unwrap();
            let visit = &protocol.trial.visits[visit.parse::<usize>().unwrap()];
            SubjectVisit {
                sample: result.sample.clone(),
                plate: result.plate,
                ..SubjectVisit::new(subject, &visit.name, visit.week, result.quantity)
            }
        })
        .collect();
    Simulated { plates, visits, arms }
}

fn carried(study: &Simulated, protocol: &Protocol) -> AssayError {
    let comparison = compare(&study.visits, &study.arms, protocol).unwrap();
    let primaries: Vec<&ArmComparison> = comparison.comparisons.iter().filter(|row| row.primary).collect();
    let replicates = protocol.trial.analysis.assay_error_replicates;
    let told = AtomicUsize::new(0);
    let finished = |step: RunStep<'_>| {
        assert_eq!(step, RunStep::Resampled { of: replicates });
        told.fetch_add(1, Ordering::Relaxed);
    };
    let mut found = assay_error(&study.plates, &study.visits, &study.arms, &primaries, protocol, &finished);
    assert_eq!((found.len(), told.into_inner()), (1, replicates));
    found.remove(0)
}

/// How often each of the three intervals holds the true ratio, and the mean variances V, W and A.
fn coverage(truth: Truth, studies: usize, protocol: &Protocol) -> ([f64; 3], [f64; 3]) {
    let found: Vec<AssayError> = (0..studies as u64)
        .into_par_iter()
        .map(|seed| carried(&simulate(truth, 1000 + seed, protocol), protocol))
        .collect();
    let holds = |i: usize| {
        let inside = found.iter().filter(|one| {
            let Some(ratio) = one.intervals[i].ratio else { return false };
            (ratio.lower..=ratio.upper).contains(&LOG_RATIO.exp())
        });
        inside.count() as f64 / studies as f64
    };
    let mean = |of: &dyn Fn(&AssayError) -> f64| found.iter().map(of).sum::<f64>() / studies as f64;
    let stated = mean(&|one| one.intervals[1].standard_error.unwrap().powi(2));
    let variances = [stated, mean(&|one| one.seen_variance.unwrap()), mean(&|one| one.assay_variance.unwrap())];
    ([0, 1, 2].map(holds), variances)
}

fn long() -> usize {
    if std::env::var_os("PLATEWISE_LONG").is_some() { 10 } else { 1 }
}

#[test]
fn intervals_hold_the_truth_where_each_arm_has_plates_of_its_own() {
    let truth = Truth { cv: 0.08, wells: 2, n: 20, sd: 0.15, confounded: true };
    let studies = 50 * long();
    let (held, [v, w, a]) = coverage(truth, studies, &protocol(100));
    println!(
        "{studies} studies: without {:.3}, as observed {:.3}, with {:.3}; V {v:.5}, W {w:.5}, A {a:.5}",
        held[0], held[1], held[2]
    );
    // Four standard errors of a share of 0.95.
    let slack = 4.0 * (0.95 * 0.05 / studies as f64).sqrt();
    assert!((held[2] - 0.95).abs() < slack, "with assay error: {}", held[2]);
    assert!(held[1] < 0.90, "as observed, the error that a plate's samples share is missing: {}", held[1]);
    assert!(a > 1.5 * w, "A {a} is not above W {w}");
}

/// The rule that rejects a standard which fails is applied in every draw, as it was to the plate.
#[test]
fn intervals_hold_the_truth_where_standards_are_rejected() {
    let protocol = protocol_with("replicate_cv_percent = 100\n", 100);
    let truth = Truth { cv: 0.08, wells: 2, n: 20, sd: 0.15, confounded: true };
    let studies = 40 * long();
    let rejected: usize = (0..studies as u64)
        .map(|seed| {
            let study = simulate(truth, 1000 + seed, &protocol);
            study.plates.iter().filter(|plate| plate.concentrations.as_ref().unwrap().first_fit.is_some()).count()
        })
        .sum();
    let (held, [v, w, a]) = coverage(truth, studies, &protocol);
    println!(
        "{studies} studies, {rejected} of {} plates without a standard: without {:.3}, as observed {:.3}, with {:.3}; V {v:.5}, \
         W {w:.5}, A {a:.5}",
        4 * studies,
        held[0],
        held[1],
        held[2]
    );
    assert!(rejected > studies, "standards are rejected often: {rejected}");
    let slack = 4.0 * (0.95 * 0.05 / studies as f64).sqrt();
    assert!((held[2] - 0.95).abs() < slack, "with assay error: {}", held[2]);
}

#[test]
fn nothing_is_added_where_the_plates_hold_both_arms_and_visits() {
    let truth = Truth { cv: 0.08, wells: 2, n: 20, sd: 0.15, confounded: false };
    let studies = 30 * long();
    let (held, [v, w, a]) = coverage(truth, studies, &protocol(100));
    println!(
        "{studies} studies: without {:.3}, as observed {:.3}, with {:.3}; V {v:.5}, W {w:.5}, A {a:.5}",
        held[0], held[1], held[2]
    );
    let slack = 4.0 * (0.95 * 0.05 / studies as f64).sqrt();
    assert!((held[1] - 0.95).abs() < slack && (held[2] - 0.95).abs() < slack, "{held:?}");
    assert!((a / w - 1.0).abs() < 0.15, "errors of single wells are in the residuals already: A {a}, W {w}");
    // V − W is what the subjects alone would give: 2 σ² / n.
    let subjects = 2.0 * truth.sd * truth.sd / truth.n as f64;
    assert!(((v - w) / subjects - 1.0).abs() < 0.15, "{} is not {subjects}", v - w);
}

#[test]
fn threads_change_nothing_and_the_seed_does() {
    let mut protocol = protocol(300);
    let study = simulate(Truth { cv: 0.05, wells: 2, n: 8, sd: 0.3, confounded: true }, 1, &protocol);
    let on = |threads: usize, protocol: &Protocol| {
        let work = || -> Result<String, Problems> { Ok(serde_json::to_string(&carried(&study, protocol)).unwrap()) };
        with_threads(Some(threads), work).unwrap()
    };
    let one = on(1, &protocol);
    assert_eq!(one, on(2, &protocol));
    assert_eq!(one, on(5, &protocol));
    protocol.trial.analysis.seed = 6;
    assert_ne!(one, on(1, &protocol));
}

#[test]
fn what_cannot_be_drawn_has_a_reason() {
    let protocol = protocol(100);
    let truth = Truth { cv: 0.05, wells: 2, n: 8, sd: 0.3, confounded: true };
    // An arm with nobody in the analysis: its end points are on a plate that was rejected.
    let mut study = simulate(truth, 1, &protocol);
    study.visits.retain(|visit| !(visit.subject.starts_with('0') && visit.week == 16.0));
    let found = carried(&study, &protocol);
    assert!(
        found.intervals.is_empty() && found.reason.contains("the primary analysis has no estimate"),
        "{}",
        found.reason
    );
    // A rejected plate is not drawn: the results that stand come from the other plates.
    let mut study = simulate(Truth { confounded: false, ..truth }, 1, &protocol);
    study.plates[0].verdict.verdict = Verdict::Rejected;
    let lost: Vec<String> =
        study.plates[0].concentrations.as_ref().unwrap().samples.iter().map(|group| group.name.clone()).collect();
    study.visits.retain(|visit| !lost.contains(&visit.sample));
    let found = carried(&study, &protocol);
    assert_eq!((found.used, found.intervals.len()), (100, 3), "{}", found.reason);
}

#[test]
fn nothing_is_drawn_where_the_study_asks_for_none() {
    let mut none = protocol(100);
    none.trial.analysis.assay_error_replicates = 0;
    let study = simulate(Truth { cv: 0.05, wells: 2, n: 8, sd: 0.3, confounded: true }, 1, &none);
    assert!(assay_error(&study.plates, &study.visits, &study.arms, &[], &none, &|_| ()).is_empty());
    let fault = protocol::parse(
        "[study]\nid = \"S\"\ntitle = \"T\"\nanalyte = \"A\"\nunit = \"U\"\n[method]\nname = \"M\"\nversion = \"1\"\n[analysis]\nassay_error_replicates = 7\n",
    );
    assert!(fault.unwrap_err().to_string().contains("from 100 to 1000000"));
}
