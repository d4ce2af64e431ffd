//! Arrangements and signals for the tests of this folder, well by well.

use super::contents::{Contents, WellContent};
use super::scale::Signals;
use crate::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};

/// A well by its name.
pub(super) fn well(name: &str) -> WellPosition {
    name.parse().unwrap()
}

/// Wells by their names.
pub(super) fn wells(names: &[&str]) -> Vec<WellPosition> {
    names.iter().map(|name| well(name)).collect()
}

/// What is said of the wells of a plate of 96.
pub(super) fn contents(of: &[(&str, WellContent)]) -> Contents {
    Contents { size: PlateSize::WELLS_96, wells: of.iter().map(|&(name, content)| (well(name), content)).collect() }
}

/// What the wells show, on the scale.
pub(super) fn signals(of: &[(&str, f64)]) -> Signals {
    of.iter().map(|&(name, z)| (well(name), z)).collect()
}

/// A standard of that concentration.
pub(super) fn standard(concentration: f64) -> WellRole {
    WellRole::Standard { concentration }
}

/// A sample at that dilution.
pub(super) fn sample(id: &str, dilution: f64) -> WellRole {
    WellRole::Sample { id: id.into(), dilution: Some(dilution) }
}

/// A plate of 96 with these wells.
pub(super) fn plate(id: &str, of: Vec<(WellPosition, WellRole, f64)>) -> AssayPlate {
    let measured = |(at, role, value)| AssayWell::of_reading(at, role, Reading::Measured(value));
    AssayPlate::of_wells(id, PlateSize::WELLS_96, of.into_iter().map(measured).collect())
}
