//! The whole way against the truth: many simulated trials, from plates to the comparison of arms. Are concentrations
//! unbiased, do intervals cover as they claim, is the spoiled plate the one that is rejected, does the answer hold the truth?
//!
//! Seeds are fixed and taken as they come, so each figure is the same in every run. Limits are those of the claim where it
//! states one, and otherwise five standard errors of the figure.

use std::collections::BTreeMap;
use std::path::Path;

use platewise::concentration::{PlateConcentrations, Quantity};
use platewise::pipeline::{self, ArmList};
use platewise::plate::SampleList;
use platewise::protocol;
use platewise::qc::{JudgedPlate, Verdict};
use platewise::reportable::{self, ReportableResult};
use platewise::sheet::Book;
use platewise::simulate::{self, SimulatedTrial, SimulationProtocol, study_files};
use platewise::study::{self, Allocation, ArmComparison};

/// A trial with what the program makes of it.
struct Evaluated {
    trial: SimulatedTrial,
    plates: Vec<JudgedPlate>,
    results: Vec<ReportableResult>,
    primary: ArmComparison,
}

/// What `study.toml` of a simulated trial declares.
fn declared(trial: &SimulatedTrial) -> protocol::Protocol {
    let files = study_files(trial).unwrap();
    let study = files.into_iter().find(|file| file.name == protocol::STUDY_FILE).unwrap();
    protocol::parse(&String::from_utf8(study.bytes).unwrap()).unwrap()
}

/// The steps of `platewise run`, on plates in memory instead of files.
fn evaluate(trial: SimulatedTrial, declared: &protocol::Protocol) -> Evaluated {
    let plates: Vec<JudgedPlate> = trial
        .plates
        .iter()
        .map(|plate| PlateConcentrations::evaluate(plate.assay_plate(&trial.protocol), &declared.assay))
        .map(|plate| JudgedPlate::judge(plate, &declared.assay))
        .collect();
    let results = reportable::resolve(&plates, &declared.assay);
    let mut list = "sample,subject,visit\n".to_string();
    for sample in &trial.samples {
        let subject = &trial.participants[sample.participant].id;
        list += &format!("{},{subject},{}\n", sample.id, trial.protocol.visits[sample.visit].name);
    }
    let book = Book::from_bytes(list.as_bytes(), "samples.csv").unwrap();
    let samples = SampleList::read(&book.sheets[0]).unwrap();
    let visits = study::subject_visits(&results, &samples, declared).unwrap();
    let arms: Vec<Allocation> = trial
        .participants
        .iter()
        .map(|of| Allocation {
            subject: of.id.clone(),
            arm: of.arm.clone(),
            stratum: None,
            age: None,
            covariates: Vec::new(),
        })
        .collect();
    let comparison = study::compare(&visits, &arms, declared).unwrap();
    let primary = comparison.comparisons.into_iter().find(|comparison| comparison.primary).unwrap();
    Evaluated { trial, plates, results, primary }
}

/// Trials of consecutive seeds, evaluated one after the other.
fn trials(protocol: &SimulationProtocol, seeds: std::ops::Range<u64>) -> impl Iterator<Item = Evaluated> {
    let first = simulate::trial(protocol, seeds.start).unwrap();
    let declared = declared(&first);
    let protocol = protocol.clone();
    seeds.map(move |seed| evaluate(simulate::trial(&protocol, seed).unwrap(), &declared))
}

/// How often something was true.
#[derive(Default)]
struct Share {
    yes: usize,
    of: usize,
}

impl Share {
    fn add(&mut self, yes: bool) {
        self.yes += usize::from(yes);
        self.of += 1;
    }

    fn share(&self) -> f64 {
        self.yes as f64 / self.of as f64
    }

    /// Standard error of the share, were it truly `p`.
    fn standard_error(&self, p: f64) -> f64 {
        (p * (1.0 - p) / self.of as f64).sqrt()
    }
}

#[test]
fn concentrations_are_unbiased_and_their_intervals_cover_as_they_claim() {
    let (mut covered, mut errors) = (Share::default(), Vec::new());
    // Also by where the sample stands in the range, in the well: near the LLOQ, in the middle, near the ULOQ.
    let mut by_level: [(Share, Vec<f64>); 3] = Default::default();
    for trial in trials(&SimulationProtocol::default(), 1..51) {
        let truth: BTreeMap<&str, f64> =
            trial.trial.samples.iter().map(|sample| (sample.id.as_str(), sample.concentration)).collect();
        for result in &trial.results {
            let Quantity::Quantified(estimate) = &result.quantity else { continue };
            let truth = truth[result.sample.as_str()];
            let (lower, upper) = (estimate.lower.unwrap_or(0.0), estimate.upper.unwrap_or(f64::INFINITY));
            let (covers, error) = ((lower..=upper).contains(&truth), (estimate.value / truth).ln());
            let in_well = truth / result.dilution.unwrap();
            let level = if in_well < 62.5 {
                0
            } else if in_well < 1000.0 {
                1
            } else {
                2
            };
            covered.add(covers);
            errors.push(error);
            by_level[level].0.add(covers);
            by_level[level].1.push(error);
        }
    }
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    println!("{} results, mean log error {:+.5}, covered {:.4}", covered.of, mean(&errors), covered.share());
    for (covered, errors) in &by_level {
        println!("  {} results, mean log error {:+.5}, covered {:.4}", covered.of, mean(errors), covered.share());
    }
    assert!(covered.of > 10_000);
    assert!(mean(&errors).abs() < 0.003, "bias");
    assert!((0.93..=0.97).contains(&covered.share()), "coverage");
    // Near a limit, which results count as quantified depends on their own error: less is claimed there.
    for (covered, errors) in &by_level {
        assert!(mean(errors).abs() < 0.01, "bias of a level");
        assert!((0.92..=0.98).contains(&covered.share()), "coverage of a level");
    }
}

#[test]
fn the_rejected_plate_is_the_spoiled_one_and_nothing_of_it_is_reported() {
    let mut sound = Share::default();
    for trial in trials(&SimulationProtocol::default(), 201..221) {
        for plate in &trial.plates {
            let accepted = plate.verdict.verdict.is_accepted();
            if plate.id == "P04" {
                assert_eq!(plate.verdict.verdict, Verdict::Rejected, "seed {}", trial.trial.seed);
            } else {
                sound.add(accepted);
            }
        }
        for result in &trial.results {
            assert_ne!(result.plate.as_deref(), Some("P04"), "seed {}: {}", trial.trial.seed, result.sample);
        }
        // The unwashed, the missed and the doubled well: each sample has a result, from the plate of the re-runs.
        for (plate, well) in [("P02", "E07"), ("P03", "G06"), ("P06", "B08")] {
            let id = sample_of(&trial.trial, plate, well);
            let result = trial.results.iter().find(|result| result.sample == id).unwrap();
            let far_from_limits = trial
                .trial
                .samples
                .iter()
                .any(|sample| sample.id == id && (400.0..16_000.0).contains(&sample.concentration));
            if far_from_limits {
                assert_eq!(result.plate.as_deref(), Some("P09"), "seed {}: {id}", trial.trial.seed);
                assert!(result.quantity.value().is_some(), "seed {}: {id}", trial.trial.seed);
            }
        }
    }
    println!("{} of {} sound plates accepted", sound.yes, sound.of);
    assert!(sound.share() > 0.98, "sound plates are accepted");
}

fn sample_of(trial: &SimulatedTrial, plate: &str, well: &str) -> String {
    let position = well.parse().unwrap();
    let plate = trial.plates.iter().find(|run| run.plate.id == plate).unwrap();
    let well = plate.wells.iter().find(|well| well.position == position).unwrap();
    match &well.role {
        platewise::plate::WellRole::Sample { id, .. } => id.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_outside_the_range_keep_their_type() {
    let (mut below, mut above) = (0, 0);
    for trial in trials(&SimulationProtocol::default(), 301..321) {
        let truth: BTreeMap<&str, f64> =
            trial.trial.samples.iter().map(|sample| (sample.id.as_str(), sample.concentration)).collect();
        for result in &trial.results {
            let truth = truth[result.sample.as_str()];
            // Far enough from the limits, 312.5 and 20,000 (100,000 after the re-run), that noise cannot reach them.
            if truth < 312.5 * 0.7 {
                below += 1;
                assert!(matches!(result.quantity, Quantity::BelowLloq { limit } if limit == 312.5), "{result:?}");
            } else if truth > 20_000.0 * 1.3 && truth < 100_000.0 * 0.7 {
                above += 1;
                assert_eq!(result.dilution, Some(50.0), "{result:?}");
                assert!(result.quantity.value().is_some(), "{result:?}");
            }
        }
    }
    println!("{below} far below, {above} far above");
    assert!(below > 30 && above > 20);
}

/// Runs trials, and holds the interval for the ratio of arms against the true ratio.
fn ratio_of_arms(protocol: &SimulationProtocol, seeds: std::ops::Range<u64>) {
    let truth = protocol.arms[0].ratios[0] / protocol.arms[1].ratios[0];
    let (mut covered, mut errors, mut standard_errors) = (Share::default(), Vec::new(), 0.0);
    for trial in trials(protocol, seeds) {
        let ratio = trial.primary.ratio.unwrap();
        covered.add((ratio.lower..=ratio.upper).contains(&truth));
        errors.push((ratio.estimate / truth).ln());
        standard_errors += trial.primary.standard_error.unwrap();
    }
    let n = errors.len() as f64;
    let bias = errors.iter().sum::<f64>() / n;
    let sd = (errors.iter().map(|error| (error - bias).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let claimed = standard_errors / n;
    println!(
        "{n} trials, ratio {truth:.3}: bias {bias:+.4}, SD {sd:.4}, claimed {claimed:.4}, covered {:.3}",
        covered.share()
    );
    assert!(bias.abs() < 5.0 * sd / n.sqrt(), "bias");
    assert!((sd / claimed - 1.0).abs() < 5.0 / (2.0 * n).sqrt(), "standard error");
    assert!((covered.share() - 0.95).abs() < 5.0 * covered.standard_error(0.95), "coverage");
}

#[test]
fn the_interval_for_the_ratio_of_arms_covers_the_true_ratio() {
    ratio_of_arms(&SimulationProtocol::default(), 1001..1081);
}

#[test]
fn without_an_effect_the_interval_covers_no_effect() {
    let mut protocol = SimulationProtocol::default();
    protocol.arms[0].ratios = protocol.arms[1].ratios.clone();
    ratio_of_arms(&protocol, 2001..2081);
}

/// `plates/`, read from its files, gives to the last bit what the same trial gives in memory.
#[test]
fn files_and_memory_give_the_same_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plates");
    let quantified = pipeline::quantify(&folder, &|_| ()).unwrap();
    let trial = simulate::trial(&SimulationProtocol::default(), 12162).unwrap();
    let declared = declared(&trial);
    let in_memory = evaluate(trial, &declared);
    assert_eq!(quantified.results.len(), in_memory.results.len());
    for (read, computed) in quantified.results.iter().zip(&in_memory.results) {
        assert_eq!(
            (&read.sample, &read.plate, &read.quantity),
            (&computed.sample, &computed.plate, &computed.quantity)
        );
    }
    let list = ArmList::in_memory("arms.csv", &std::fs::read(folder.join("arms.csv")).unwrap());
    let compared = pipeline::compare(&quantified, &list).unwrap();
    let primary = compared.comparison.comparisons.iter().find(|comparison| comparison.primary).unwrap();
    assert_eq!((primary.ratio, primary.p), (in_memory.primary.ratio, in_memory.primary.p));
}
