//! From optical densities to concentrations and the verdict on a plate: no file, no study, no trial, no arguments.
//! `cargo run --no-default-features --features plates --example plate_to_verdict`
#![allow(clippy::print_stdout, reason = "a program that shows what it found")]

use platewise::concentration::{PlateConcentrations, Quantity};
use platewise::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use platewise::protocol::Assay;
use platewise::qc::JudgedPlate;
use platewise::sheet::Problems;

/// The optical densities of standards (pg/mL), controls (pg/mL) and samples (diluted tenfold), each in two wells.
const STANDARDS: [(f64, [f64; 2]); 8] = [
    (2000.0, [2.372, 2.268]),
    (1000.0, [1.549, 1.493]),
    (500.0, [0.844, 0.814]),
    (250.0, [0.439, 0.475]),
    (125.0, [0.245, 0.255]),
    (62.5, [0.151, 0.157]),
    (31.25, [0.129, 0.134]), // far from the curve
    (0.0, [0.062, 0.061]),
];
const CONTROLS: [(&str, f64, [f64; 2]); 2] = [("low", 90.0, [0.192, 0.195]), ("high", 1500.0, [2.010, 1.963])];
const SAMPLES: [(&str, [f64; 2]); 3] = [("S1", [0.702, 0.731]), ("S2", [0.071, 0.074]), ("S3", [2.910, 2.868])];

/// The plate evaluated and judged by the defaults of a `study.toml` that says no more than this.
pub(crate) fn judged() -> Result<JudgedPlate, Problems> {
    let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'TARC ELISA'\nversion = '1'\n")?;
    let standards = STANDARDS.map(|(concentration, read)| (WellRole::Standard { concentration }, read));
    let controls = CONTROLS.map(|(level, nominal, read)| {
        (WellRole::Control { level: level.into(), nominal: Some(nominal), dilution: 1.0 }, read)
    });
    let samples = SAMPLES.map(|(id, read)| (WellRole::Sample { id: id.into(), dilution: Some(10.0) }, read));
    // Pairs stand beside each other: down columns 1 and 2, then down columns 3 and 4.
    let pairs = standards.into_iter().chain(controls).chain(samples).enumerate();
    let wells = pairs.flat_map(|(at, (role, read))| {
        [0, 1].map(|beside| {
            let position = WellPosition::new(at % 8, at / 8 * 2 + beside);
            AssayWell::of_reading(position, role.clone(), Reading::Measured(read[beside]))
        })
    });
    let plate = AssayPlate::of_wells("P1", PlateSize::WELLS_96, wells.collect());
    Ok(JudgedPlate::judge(PlateConcentrations::evaluate(plate, &assay), &assay))
}

/// Prints each sample with its interval, and the verdict with its reasons.
pub(crate) fn main() -> Result<(), Problems> {
    let plate = judged()?;
    for sample in plate.concentrations.iter().flat_map(|found| &found.samples) {
        let limit = |limit: Option<f64>| limit.map_or("open".into(), |limit| format!("{limit:.0}"));
        let interval = match &sample.quantity {
            Quantity::Quantified(found) => format!(" ({} to {})", limit(found.lower), limit(found.upper)),
            _ => String::new(),
        };
        println!("{}: {}{interval} pg/mL", sample.name, sample.quantity);
    }
    println!("{}: {}", plate.id, plate.verdict.verdict);
    // What decided against the plate, or what was left out so that it could be accepted.
    let reason = Some(&plate.verdict.reason).filter(|reason| !reason.is_empty());
    reason.into_iter().chain(&plate.verdict.remarks).for_each(|why| println!("  {why}"));
    Ok(())
}
