//! Plates for the tests of this folder: wells from a known curve with known noise, evaluated as the program evaluates them.

use crate::concentration::PlateConcentrations;
use crate::curve::{Model, Parameters};
use crate::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use crate::protocol::Assay;
use crate::stats::random::Random;

/// An assay with `more` in its declaration.
pub(in crate::qc) fn assay(more: &str) -> Assay {
    let declared =
        format!("[study]\nid='S'\nunit='pg/mL'\n[method]\nname='m'\nversion='1'\nlloq=31.25\nuloq=2000\n{more}\n");
    Assay::parse(&declared).unwrap()
}

/// A plate whose sample `X` has these dilutions with their concentrations in the well; its curve's mid-point is 300 × `shift`.
pub(in crate::qc) fn plate(id: &str, series: &[(f64, f64)], shift: f64, seed: u64) -> PlateConcentrations {
    with_effect(id, series, shift, seed, &|_| 1.0)
}

/// As [`plate`], each response times the effect of its place: noise of 3 % and 0.003, every pair of replicates side by side,
/// three levels of controls at the beginning and at the end.
pub(in crate::qc) fn with_effect(
    id: &str,
    series: &[(f64, f64)],
    shift: f64,
    seed: u64,
    effect: &dyn Fn(WellPosition) -> f64,
) -> PlateConcentrations {
    let truth = Parameters { a: 0.05, d: 2.8, c: 300.0 * shift, b: 1.2, g: 1.0 };
    let mut random = Random::new(seed);
    let standards = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0];
    let controls = [("low", 90.0), ("mid", 300.0), ("high", 1500.0)];
    let mut wells = Vec::new();
    for position in PlateSize::WELLS_96.wells() {
        let (row, pair) = (usize::from(position.row), usize::from(position.column) / 2);
        let control = match (row, pair) {
            (0..3, 1) => Some(controls[row]),
            (5..8, 5) => Some(controls[row - 5]),
            _ => None,
        };
        let at = (8 * pair + row).saturating_sub(11);
        let (role, concentration) = match (pair, control) {
            (0, _) => (WellRole::Standard { concentration: standards[row] }, standards[row]),
            (_, Some((level, nominal))) => {
                (WellRole::Control { level: level.into(), nominal: Some(nominal), dilution: 1.0 }, nominal)
            }
            (_, None) => match series.get(at) {
                Some(&(dilution, inside)) => (WellRole::Sample { id: "X".into(), dilution: Some(dilution) }, inside),
                None => (
                    WellRole::Sample { id: format!("S{at}"), dilution: Some(1.0) },
                    40.0 * libm::exp(3.5 * (at % 17) as f64 / 17.0),
                ),
            },
        };
        let mean = Model::FourParameter.response(&truth, concentration) * effect(position);
        let reading = Reading::Measured(mean * (1.0 + 0.03 * random.normal()) + 0.003 * random.normal());
        wells.push(AssayWell::of_reading(position, role, reading));
    }
    let plate = AssayPlate::of_wells(id, PlateSize::WELLS_96, wells);
    PlateConcentrations::evaluate(plate, &assay(""))
}
