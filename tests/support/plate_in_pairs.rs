//! Plates whose every well is known: pairs of wells on a known curve, with whatever a test puts in them.

use platewise::concentration::PlateConcentrations;
use platewise::curve::{Model, Parameters};
use platewise::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use platewise::protocol::Assay;
use platewise::qc::JudgedPlate;

pub(crate) const TRUTH: Parameters = Parameters { a: 0.06, d: 3.1, c: 900.0, b: 1.15, g: 1.0 };
pub(crate) const STANDARDS: [f64; 7] = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25];

/// An assay with lines added to `[method]`, `[standards]` and `[acceptance]`.
pub(crate) fn assay(method: &str, standards: &str, acceptance: &str) -> Assay {
    Assay::parse(&format!(
        "[study]\nunit = \"pg/mL\"\n[method]\nname = \"M\"\nversion = \"3\"\n{method}\n[standards]\n{standards}\n\
         [acceptance]\n{acceptance}\n[[plate]]\nid = \"P\"\nexport = \"p.txt\"\nlayout = \"l.csv\"\n"
    ))
    .unwrap()
}

/// A plate in the making: wells in pairs, column by column, from A01 and A02 on.
pub(crate) struct Plate {
    pub(crate) wells: Vec<AssayWell>,
    pub(crate) next: (u16, u16),
}

impl Plate {
    pub(crate) fn new() -> Self {
        Self { wells: Vec::new(), next: (0, 0) }
    }

    /// Two wells with these readings, side by side.
    pub(crate) fn pair(&mut self, role: WellRole, readings: [Reading; 2]) -> &mut Self {
        let (row, column) = self.next;
        for (i, reading) in readings.into_iter().enumerate() {
            let position = WellPosition { row, column: column + i as u16 };
            self.wells.push(AssayWell::of_reading(position, role.clone(), reading));
        }
        self.next = if row == 7 { (0, column + 2) } else { (row + 1, column) };
        self
    }

    /// Two wells whose responses are those of a concentration in the well, one 1 % above, one 1 % below.
    pub(crate) fn at(&mut self, role: WellRole, in_well: f64) -> &mut Self {
        let y = Model::FourParameter.response(&TRUTH, in_well);
        self.pair(role, [Reading::Measured(y * 1.01), Reading::Measured(y * 0.99)])
    }

    pub(crate) fn standards(&mut self, given: &[(f64, f64)]) -> &mut Self {
        for &(nominal, true_in_well) in given {
            self.at(WellRole::Standard { concentration: nominal }, true_in_well);
        }
        self
    }

    pub(crate) fn controls(&mut self, set: &[f64]) -> &mut Self {
        for (level, nominal, found) in [("low", 80.0, set[0]), ("mid", 400.0, set[1]), ("high", 1500.0, set[2])] {
            self.at(WellRole::Control { level: level.into(), nominal: Some(nominal), dilution: 1.0 }, found);
        }
        self
    }

    pub(crate) fn sample(&mut self, id: &str, in_well: f64) -> &mut Self {
        self.at(WellRole::Sample { id: id.into(), dilution: Some(1.0) }, in_well)
    }

    pub(crate) fn judge(&mut self, assay: &Assay) -> JudgedPlate {
        let plate = AssayPlate::of_wells("P", PlateSize::WELLS_96, std::mem::take(&mut self.wells));
        JudgedPlate::judge(PlateConcentrations::evaluate(plate, assay), assay)
    }
}

/// The standards with what is truly in their wells: nominal, but for those named.
pub(crate) fn standards(wrong: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = STANDARDS.iter().map(|&nominal| (nominal, nominal)).collect();
    for &(nominal, truth) in wrong {
        all.iter_mut().find(|standard| standard.0 == nominal).unwrap().1 = truth;
    }
    all.push((0.0, 0.0));
    all
}

pub(crate) const RIGHT: [f64; 3] = [80.0, 400.0, 1500.0];

/// A plate with these standards, controls at both ends and three samples between them.
pub(crate) fn plate(standards: &[(f64, f64)], controls: [&[f64]; 2]) -> Plate {
    let mut plate = Plate::new();
    plate.standards(standards).controls(controls[0]);
    plate.sample("S1", 40.0).sample("S2", 300.0).sample("S3", 1900.0).controls(controls[1]);
    plate
}
