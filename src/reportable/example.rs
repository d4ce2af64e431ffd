//! A plate for the tests of this folder, whose samples hold what is said.

use crate::concentration::PlateConcentrations;
use crate::curve::{Model, Parameters};
use crate::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use crate::protocol::Assay;
use crate::qc::JudgedPlate;

/// An assay without controls.
pub(super) fn assay() -> Assay {
    let declared =
        "[study]\nid='S'\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[acceptance]\ncontrols_required=false\n";
    Assay::parse(declared).unwrap()
}

/// The response to a concentration in the well.
pub(super) fn response(inside: f64) -> f64 {
    let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
    Model::FourParameter.response(&truth, inside)
}

/// Two-fold standards of 31.25 to 2000 in pairs within 0.2 % of their curve, and samples at a dilution in pairs with so much in each well.
pub(super) fn plate(id: &str, samples: &[(&str, f64, [f64; 2])]) -> JudgedPlate {
    let well = |row: usize, column: usize, role: WellRole, inside: f64| {
        let reading = response(inside) * (1.0 + if column == 0 { 0.002 } else { -0.002 });
        AssayWell::of_reading(WellPosition::new(row, column), role, Reading::Measured(reading))
    };
    let standard = |i: usize| 31.25 * f64::from(1_u32 << i);
    let standards = (0..7).flat_map(|i| {
        [0, 1].map(|column| well(i, column, WellRole::Standard { concentration: standard(i) }, standard(i)))
    });
    let samples = samples.iter().enumerate().flat_map(|(i, (name, dilution, inside))| {
        let role = WellRole::Sample { id: name.to_string(), dilution: Some(*dilution) };
        [0, 1].map(|column| well(7 + i, column, role.clone(), inside[column]))
    });
    let plate = AssayPlate::of_wells(id, PlateSize::WELLS_384, standards.chain(samples).collect());
    JudgedPlate::judge(PlateConcentrations::evaluate(plate, &assay()), &assay())
}
