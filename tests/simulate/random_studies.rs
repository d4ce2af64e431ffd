//! Studies drawn at random: sizes, visits, kits, curves, noise, formats, layouts, methods and mishaps. Each is written as a laboratory would hand
//! it over, run from its files, and compared with what is true of it: which sample is whose, in which arm, and how much it holds.
//!
//! The short form runs with the tests; `PLATEWISE_RANDOM_STUDIES=10000 cargo test --test stages random_studies -- --nocapture` runs longer, and
//! `PLATEWISE_RANDOM_SEED=n` draws others.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use platewise::concentration::{NotReported, Quantity};
use platewise::curve::Variance;
use platewise::files::{InputFolder, LinkPolicy};
use platewise::pipeline::{Arms, Run, RunOptions, run};
use platewise::plate::WellPosition;
use platewise::simulate::protocol::{
    Control, ExchangeMishap, ExportFormat, LayoutForm, Mishaps, PlannedPlate, SimulatedArm, SimulatedVisit,
    VolumeMishap, WellMishap,
};
use platewise::simulate::{self, Random, SimulatedTrial, SimulationProtocol};

fn between(random: &mut Random, low: f64, high: f64) -> f64 {
    low * (high / low).powf(random.uniform())
}

fn one_of<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[random.below(of.len())]
}

/// A protocol whose samples mostly lie inside of the range.
fn protocol(random: &mut Random) -> SimulationProtocol {
    let mut protocol = SimulationProtocol::default();
    let weeks = [0, 4, 16];
    let visits = 2 + random.below(2);
    let visit = |at: usize| {
        let (name, week) = (["Baseline", "Week 4", "Week 16"][at], weeks[at]);
        SimulatedVisit { name: name.to_string(), week, code: format!("W{week:02}") }
    };
    protocol.visits = if visits == 2 { vec![visit(0), visit(2)] } else { (0..3).map(visit).collect() };
    let ratios = |random: &mut Random| (1..visits).map(|_| between(random, 0.4, 1.2)).collect();
    protocol.arms = ["active", "placebo", "third"][..2 + usize::from(random.below(4) == 0)]
        .iter()
        .rev()
        .map(|name| SimulatedArm {
            name: (*name).to_string(),
            participants: 4 + random.below(9),
            ratios: ratios(random),
        })
        .collect();
    protocol.participants.dropout = one_of(random, &[0.0, 0.1, 0.3]);
    protocol.participants.sites = 1 + random.below(8);
    let (top, step) = (one_of(random, &[1000.0, 2000.0, 2500.0, 4000.0]), one_of(random, &[2.0, 2.5, 3.0]));
    let levels = 6 + random.below(2);
    protocol.kit.standards = (0..levels).map(|level| top / f64::powi(step, level as i32)).chain([0.0]).collect();
    let lowest = protocol.kit.standards[levels - 1];
    let control = |(level, share): (&str, f64)| Control {
        level: level.to_string(),
        concentration: (lowest * (top / lowest).powf(share)).round(),
    };
    protocol.kit.controls = [("low", 0.25), ("mid", 0.5), ("high", 0.85)].map(control).to_vec();
    protocol.curve.a = between(random, 0.03, 0.1);
    protocol.curve.d = between(random, 2.5, 5.0);
    protocol.curve.c = top * between(random, 0.3, 1.2);
    protocol.curve.b = between(random, 0.9, 1.4);
    protocol.noise.size = between(random, 0.005, 0.04);
    protocol.noise.variance = Variance::Squared;
    protocol.reader.decimals = 3 + random.below(2) as u32;
    protocol.laboratory.dilution = one_of(random, &[2.0, 5.0, 10.0, 20.0]);
    protocol.laboratory.rerun_dilution = 5.0 * protocol.laboratory.dilution;
    protocol.concentration.geometric_mean = 0.25 * top * protocol.laboratory.dilution;
    protocol.concentration.log_sd = between(random, 0.3, 0.9);
    protocol.participants.named = Vec::new();
    protocol.mishaps = Mishaps::default();
    protocol
}

/// So many plates, in formats and layouts at random, and as many for what has to be run again: those without anything to do are not run.
fn plates(random: &mut Random, how_many: usize) -> Vec<PlannedPlate> {
    let template = SimulationProtocol::default().plates[0].clone();
    let (together, sheets) = (random.below(2) == 0, random.below(2) == 0);
    let mut plates = Vec::new();
    for at in 0..2 * how_many {
        let id = format!("P{:02}", at + 1);
        let format = if together {
            ExportFormat::Gen5Text
        } else {
            one_of(
                random,
                &[
                    ExportFormat::SoftmaxText,
                    ExportFormat::Gen5Text,
                    ExportFormat::Gen5Workbook,
                    ExportFormat::GridWorkbook,
                ],
            )
        };
        let ending = if matches!(format, ExportFormat::SoftmaxText | ExportFormat::Gen5Text) { "txt" } else { "xlsx" };
        let layout_form =
            if sheets { LayoutForm::Sheet } else { one_of(random, &[LayoutForm::Grids, LayoutForm::Long]) };
        plates.push(PlannedPlate {
            export: if together { "exports/all.txt".to_string() } else { format!("exports/{id}.{ending}") },
            format,
            layout: if sheets { "layouts/all.xlsx".to_string() } else { format!("layouts/{id}.csv") },
            layout_form,
            dilutions_in_samples: !sheets && random.below(4) == 0,
            kit_lot: format!("LOT-{}", 1 + at / 2),
            reruns: at >= how_many,
            id,
            ..template.clone()
        });
    }
    plates
}

/// What goes wrong: nothing, or one of everything on one plate each.
fn mishaps(random: &mut Random, protocol: &SimulationProtocol) -> Mishaps {
    let mut mishaps = Mishaps::default();
    if random.below(2) == 0 {
        return mishaps;
    }
    let first = protocol.plates.len() / 2;
    let plate = |random: &mut Random| protocol.plates[random.below(first)].id.clone();
    let well = |random: &mut Random| WellPosition::new(random.below(8), 4 + random.below(4));
    mishaps.unwashed.push(WellMishap { plate: plate(random), well: well(random) });
    mishaps.missed.push(WellMishap { plate: plate(random), well: well(random) });
    mishaps.volume.push(VolumeMishap { plate: plate(random), well: well(random), factor: 2.5 });
    if random.below(3) == 0 {
        let standards = [protocol.kit.standards[2], protocol.kit.standards[3]];
        mishaps.exchanged.push(ExchangeMishap { plate: plate(random), standards });
    }
    mishaps
}

/// The trial of a seed, with as many plates as it needs.
fn trial(seed: u64) -> SimulatedTrial {
    let mut random = Random::new(seed);
    let drawn = protocol(&mut random);
    for how_many in 1..20 {
        let mut random = Random::new(seed ^ 0xA11);
        let calm = SimulationProtocol { plates: plates(&mut random, how_many), ..drawn.clone() };
        let eventful = SimulationProtocol { mishaps: mishaps(&mut random, &calm), ..calm.clone() };
        // Where a plate is not filled as far as the well of a mishap, nothing happens.
        if let Ok(trial) = simulate::trial(&eventful, seed).or_else(|_| simulate::trial(&calm, seed)) {
            return trial;
        }
    }
    panic!("seed {seed}: no trial");
}

/// Writes the study, with a method at random.
fn write(trial: &SimulatedTrial, seed: u64, folder: &Path) -> String {
    let mut random = Random::new(seed ^ 0x3E7);
    let mut changes = vec![
        ("assay_error_replicates = 2000", "assay_error_replicates = 0".to_string()),
        ("imputations = 1000", "imputations = 100".to_string()),
    ];
    let variance = one_of(&mut random, &["squared", "squared", "power", "two-component"]);
    changes.push(("variance = \"squared\"", format!("variance = \"{variance}\"")));
    let replicates = one_of(&mut random, &["mean-of-concentrations", "concentration-of-mean-response"]);
    changes.push(("replicates = \"mean-of-concentrations\"", format!("replicates = \"{replicates}\"")));
    let dilutions = one_of(&mut random, &["lowest-in-range", "geometric-mean-in-range"]);
    changes.push(("dilutions = \"lowest-in-range\"", format!("dilutions = \"{dilutions}\"")));
    for file in simulate::study_files(trial).unwrap() {
        let path = folder.join(&file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if file.name == "study.toml" {
            let mut text = String::from_utf8(file.bytes).unwrap();
            for (old, new) in &changes {
                assert_eq!(text.matches(old).count(), 1, "{old}");
                text = text.replace(old, new);
            }
            fs::write(path, text).unwrap();
        } else {
            fs::write(path, file.bytes).unwrap();
        }
    }
    format!("{variance}, {replicates}, {dilutions}")
}

/// What came of the samples of some studies.
#[derive(Debug, Default)]
struct Counts {
    studies: usize,
    samples: usize,
    quantified: usize,
    limits: usize,
    not_reported: usize,
    changes: usize,
    rejected: usize,
}

/// Every sample of the trial has one result, and it is its own.
fn samples(run: &Run, trial: &SimulatedTrial, counts: &mut Counts) -> Result<(), String> {
    let results = &run.quantified.results;
    let truths: BTreeMap<&str, f64> = trial.samples.iter().map(|of| (of.id.as_str(), of.concentration)).collect();
    let names: Vec<&str> = results.iter().map(|result| result.sample.as_str()).collect();
    if names != truths.keys().copied().collect::<Vec<_>>() {
        return Err(format!("{} results of {} samples", names.len(), truths.len()));
    }
    counts.samples += names.len();
    for result in results {
        let truth = truths[result.sample.as_str()];
        let wrong = match &result.quantity {
            Quantity::Quantified(found) => {
                counts.quantified += 1;
                let error = found.standard_error.unwrap_or(f64::INFINITY);
                (found.value / truth).ln().abs() > 0.35 && (found.value - truth).abs() > 6.0 * error
            }
            Quantity::BelowLloq { limit } => {
                counts.limits += 1;
                truth > 1.5 * limit
            }
            Quantity::AboveUloq { limit } => {
                counts.limits += 1;
                truth < limit / 1.5
            }
            Quantity::NotReported { reason } => {
                counts.not_reported += 1;
                matches!(reason, NotReported::PlateNotRead | NotReported::NoCurve | NotReported::NotFinite)
            }
        };
        if wrong {
            return Err(format!("{}: {:?}, and it holds {truth}", result.sample, result.quantity));
        }
    }
    Ok(())
}

/// Every change is that of the subject's own samples, in the subject's own arm.
fn changes(run: &Run, trial: &SimulatedTrial, counts: &mut Counts) -> Result<(), String> {
    let Some(compared) = &run.compared else {
        return Err(format!("not compared: {:?}", run.not_compared));
    };
    let value = |participant: &str, code: &str| {
        let name = format!("{participant}-{code}");
        run.quantified.results.iter().find(|result| result.sample == name).map(|result| &result.quantity)
    };
    let visits = &trial.protocol.visits;
    let mut expected: Vec<(&str, &str, &str)> = Vec::new();
    for participant in &trial.participants {
        expected.extend(
            visits[1..].iter().map(|visit| (participant.id.as_str(), participant.arm.as_str(), visit.name.as_str())),
        );
    }
    let mut found: Vec<(&str, &str, &str)> =
        compared.comparison.changes.iter().map(|of| (&*of.subject, &*of.arm, &*of.visit)).collect();
    expected.sort_unstable();
    found.sort_unstable();
    if expected != found {
        return Err("the changes are not those of the participants and their arms".to_string());
    }
    for change in &compared.comparison.changes {
        let visit = visits.iter().find(|visit| visit.name == change.visit).unwrap();
        let ends = [(&change.baseline, visits[0].code.as_str()), (&change.endpoint, visit.code.as_str())];
        for (of, code) in ends {
            let own = value(&change.subject, code);
            if of.as_ref().and_then(Quantity::value) != own.and_then(Quantity::value) {
                return Err(format!("{} at {code}: {of:?} for {own:?}", change.subject));
            }
        }
        if let (Some(before), Some(after)) =
            (change.baseline.as_ref().and_then(Quantity::value), change.endpoint.as_ref().and_then(Quantity::value))
        {
            counts.changes += 1;
            let log_change = change.log_change.unwrap_or(f64::NAN);
            if (log_change - (after / before).ln()).abs() > 1e-12 || change.change != Some(after - before) {
                return Err(format!("{}: {log_change} from {before} to {after}", change.subject));
            }
        }
    }
    Ok(())
}

/// A plate whose standards were exchanged is not accepted without a word.
fn exchanged(run: &Run, trial: &SimulatedTrial, counts: &mut Counts) -> Result<(), String> {
    counts.rejected += run.quantified.plates.iter().filter(|plate| !plate.verdict.verdict.is_accepted()).count();
    for mishap in &trial.protocol.mishaps.exchanged {
        let plate = run.quantified.plates.iter().find(|plate| plate.id == mishap.plate).unwrap();
        if plate.verdict.findings.is_empty() {
            return Err(format!("nothing is said of {}, two standards of which are exchanged", mishap.plate));
        }
    }
    Ok(())
}

#[test]
fn studies_at_random_give_their_own_samples_changes_and_arms() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (studies, seed) =
        (number("PLATEWISE_RANDOM_STUDIES").unwrap_or(12), number("PLATEWISE_RANDOM_SEED").unwrap_or(1));
    let (mut counts, mut wrong) = (Counts::default(), Vec::new());
    for at in 0..studies {
        let seed = seed.wrapping_mul(1_000_000).wrapping_add(at);
        let trial = trial(seed);
        let folder = tempfile::tempdir().unwrap();
        let method = write(&trial, seed, folder.path());
        let options = RunOptions { arms: Arms::Required { by: "a test".to_string() }, ..RunOptions::default() };
        let study = InputFolder::new(folder.path(), LinkPolicy::Refused);
        let outcome = run(&study, &options, &|_| ()).map_err(|problems| problems.to_string()).and_then(|run| {
            samples(&run, &trial, &mut counts)?;
            changes(&run, &trial, &mut counts)?;
            exchanged(&run, &trial, &mut counts)
        });
        counts.studies += 1;
        if let Err(why) = outcome {
            wrong.push(format!("seed {seed} ({method}): {why}"));
        }
    }
    println!("{counts:?}, {} studies with something wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Studies of which nothing can be said try nothing.
    assert!(counts.quantified > counts.samples / 2 && counts.changes > counts.quantified / 5, "{counts:?}");
}
