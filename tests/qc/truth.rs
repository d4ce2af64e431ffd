//! Verdicts and reportable values against the truth: hundreds of simulated plates with fixed seeds, sound ones and spoiled ones.
//! Are reported concentrations unbiased and covered by their intervals, in the middle and near the limits? Are the rejected
//! plates the spoiled ones?

use platewise::concentration::{PlateConcentrations, Quantity};
use platewise::curve::{Model, Parameters};
use platewise::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use platewise::protocol::Assay;
use platewise::qc::JudgedPlate;
use platewise::reportable;
use platewise::stats::random::Random;

const STANDARDS: [f64; 8] = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0];
const CONTROLS: [(&str, f64); 3] = [("low", 90.0), ("mid", 400.0), ("high", 1500.0)];
/// CV of a response.
const NOISE: f64 = 0.04;

fn assay() -> Assay {
    Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n").unwrap()
}

/// What is wrong with a plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// One standard in the middle has 1.8 times its concentration: the rule rejects it, and the plate stands.
    OneStandard,
    /// From the fourth standard on a dilution step was forgotten.
    ForgottenStep,
    /// The controls have lost 40 % of their analyte.
    DegradedControls,
    /// The conjugate is dead: every well reads the background.
    NoSignal,
    /// Washing failed: the noise is ten times as large.
    Unwashed,
    /// The controls were not pipetted.
    NoControls,
    /// The reader wrote no number for the standards.
    StandardsNotRead,
}

/// A plate with what its samples truly hold in the well.
fn plate(fault: Fault, seed: u64) -> (AssayPlate, Vec<f64>) {
    let mut random = Random::new(seed);
    let mut about = |value: f64, cv: f64| value * (1.0 + cv * random.normal());
    let curve =
        Parameters { a: about(0.06, 0.05), d: about(3.4, 0.05), c: about(1100.0, 0.05), b: about(1.15, 0.02), g: 1.0 };
    let mut contents: Vec<(WellRole, f64)> = Vec::new();
    for (index, nominal) in STANDARDS.into_iter().enumerate() {
        let truth = match fault {
            Fault::OneStandard if nominal == 250.0 => 450.0,
            Fault::ForgottenStep if index >= 3 => 2.0 * nominal,
            _ => nominal,
        };
        contents.push((WellRole::Standard { concentration: nominal }, truth));
    }
    let control = |(level, nominal): (&str, f64)| {
        let lost = if fault == Fault::DegradedControls { 0.6 } else { 1.0 };
        (WellRole::Control { level: level.into(), nominal: Some(nominal), dilution: 1.0 }, nominal * lost)
    };
    let with_controls = fault != Fault::NoControls;
    contents.extend(CONTROLS.into_iter().filter(|_| with_controls).map(control));
    let mut random = Random::new(seed ^ 0x5eed);
    // Evenly over the logarithm from far below the LLOQ to far above the ULOQ, of another plate others.
    let truths: Vec<f64> = (0..26).map(|i| 12.0 * (400.0f64).powf((f64::from(i) + random.uniform()) / 26.0)).collect();
    let sample =
        |(i, truth): (usize, &f64)| (WellRole::Sample { id: format!("S{i:02}"), dilution: Some(10.0) }, *truth);
    contents.extend(truths.iter().enumerate().map(sample));
    contents.extend(CONTROLS.into_iter().filter(|_| with_controls).map(control));
    let noise = if fault == Fault::Unwashed { 10.0 * NOISE } else { NOISE };
    let mut wells = Vec::new();
    for (pair, (role, in_well)) in contents.into_iter().enumerate() {
        for side in 0..2 {
            let in_well = if fault == Fault::NoSignal { 0.0 } else { in_well };
            let mean = Model::FourParameter.response(&curve, in_well);
            let measured = Reading::Measured(mean * (1.0 + noise * random.normal()));
            let standard = matches!(role, WellRole::Standard { .. });
            let reading =
                if standard && fault == Fault::StandardsNotRead { Reading::Missing("MISSED".into()) } else { measured };
            wells.push(AssayWell::of_reading(
                WellPosition::new(pair % 8, 2 * (pair / 8) + side),
                role.clone(),
                reading,
            ));
        }
    }
    let plate = AssayPlate::of_wells("P", PlateSize::WELLS_96, wells);
    (plate, truths)
}

fn judged(fault: Fault, seed: u64, assay: &Assay) -> (JudgedPlate, Vec<f64>) {
    let (plate, truths) = plate(fault, seed);
    (JudgedPlate::judge(PlateConcentrations::evaluate(plate, assay), assay), truths)
}

/// How often something was true, and the mean log error.
#[derive(Debug, Default)]
struct Zone {
    n: usize,
    covered: usize,
    sum: f64,
    squares: f64,
}

impl Zone {
    fn add(&mut self, error: f64, covers: bool) {
        self.n += 1;
        self.covered += usize::from(covers);
        self.sum += error;
        self.squares += error * error;
    }

    fn bias(&self) -> f64 {
        self.sum / self.n as f64
    }

    fn standard_error(&self) -> f64 {
        let n = self.n as f64;
        ((self.squares / n - self.bias().powi(2)) / n).sqrt()
    }

    fn coverage(&self) -> f64 {
        self.covered as f64 / self.n as f64
    }
}

#[test]
fn concentrations_are_unbiased_and_covered_within_and_near_the_limits() {
    let assay = assay();
    // By what is truly in the well, so that no selection by the result enters: from 1.2 × LLOQ, the middle, to 0.85 × ULOQ.
    let limits = [37.5, 75.0, 800.0, 1700.0];
    let mut zones: [Zone; 3] = Default::default();
    let (mut sides, mut wrong_side, mut plates) = (0, 0, 0);
    for seed in 1..=240 {
        let (plate, truths) = judged(Fault::None, seed, &assay);
        plates += usize::from(plate.verdict.verdict.is_accepted());
        for result in reportable::resolve(&[plate], &assay) {
            let truth = truths[result.sample[1..].parse::<usize>().unwrap()];
            let at = limits.windows(2).position(|ends| ends[0] <= truth && truth < ends[1]);
            match (&result.quantity, at) {
                (Quantity::Quantified(estimate), Some(at)) => {
                    let (lower, upper) = (estimate.lower.unwrap_or(0.0), estimate.upper.unwrap_or(f64::INFINITY));
                    let covers = lower <= 10.0 * truth && 10.0 * truth <= upper;
                    zones[at].add((estimate.value / (10.0 * truth)).ln(), covers);
                }
                // Far outside: the side and the limit, ten times that of the well, and never a number.
                (quantity, _) if !(0.7 * 31.25..=1.4 * 2000.0).contains(&truth) => {
                    sides += 1;
                    wrong_side += usize::from(match quantity {
                        Quantity::BelowLloq { limit } => truth > 100.0 || *limit < 312.5,
                        Quantity::AboveUloq { limit } => truth < 100.0 || *limit > 20_000.0,
                        Quantity::NotReported { .. } => false,
                        Quantity::Quantified(_) => true,
                    });
                }
                _ => {}
            }
        }
    }
    println!("{plates} of 240 sound plates accepted; {sides} samples far outside, {wrong_side} on the wrong side");
    for (zone, name) in zones.iter().zip(["near the LLOQ", "in the middle", "near the ULOQ"]) {
        println!(
            "{name}: {} results, log bias {:+.4} ± {:.4}, covered {:.3}",
            zone.n,
            zone.bias(),
            zone.standard_error(),
            zone.coverage()
        );
        assert!(zone.n > 500);
        assert!(zone.bias().abs() < 0.01 + 3.0 * zone.standard_error(), "{name}");
        assert!((0.92..=0.98).contains(&zone.coverage()), "{name}");
    }
    assert!(sides > 1000 && wrong_side == 0);
    assert!(plates >= 230, "sound plates are accepted: {plates}");
}

#[test]
fn the_rejected_plates_are_the_spoiled_ones() {
    let assay = assay();
    let accepted = |fault: Fault, seeds: std::ops::Range<u64>| {
        let all = seeds.clone().count();
        let accepted = seeds.filter(|&seed| judged(fault, seed, &assay).0.verdict.verdict.is_accepted()).count();
        println!("{fault:?}: {accepted} of {all} accepted");
        accepted as f64 / all as f64
    };
    assert!(accepted(Fault::None, 1001..1101) > 0.95);
    for fault in [
        Fault::ForgottenStep,
        Fault::DegradedControls,
        Fault::NoSignal,
        Fault::Unwashed,
        Fault::NoControls,
        Fault::StandardsNotRead,
    ] {
        assert!(accepted(fault, 2001..2041) == 0.0, "{fault:?}");
    }
    // One bad standard is no spoiled plate: the rule finds it, and the rest is read without bias.
    let (mut found, mut error, mut n) = (0, 0.0, 0.0);
    for seed in 3001..3061 {
        let (plate, truths) = judged(Fault::OneStandard, seed, &assay);
        let results = plate.concentrations.as_ref().unwrap();
        found += usize::from(results.first_fit.as_ref().is_some_and(|first| first.rejected == 250.0));
        for group in &results.samples {
            let truth = 10.0 * truths[group.name[1..].parse::<usize>().unwrap()];
            if let (Some(value), true) = (group.quantity.value(), (1000.0..8000.0).contains(&truth)) {
                error += (value / truth).ln();
                n += 1.0;
            }
        }
    }
    println!(
        "the bad standard was the rejected one on {found} of 60 plates; log bias {:+.4} of {n} results",
        error / n
    );
    assert!(found >= 57);
    assert!((error / n).abs() < 0.015);
    assert!(accepted(Fault::OneStandard, 3001..3061) > 0.85);
}
