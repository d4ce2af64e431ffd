//! Responses on a scale on which replicates scatter alike, over the whole plate.
//!
//! ```text
//! z = asinh(y / (s · top))        top: the 95 % quantile of |y| over the plate, s = 0.02
//! ```
//!
//! Far above s · top this is the logarithm, so that differences are relative (0.1 is about 10 %); near zero it is linear, so that
//! responses about zero, from which a reference is subtracted, do no harm (Huber, von Heydebreck et al., Bioinformatics
//! 2002;18 Suppl 1:S96, for the same use of asinh).

use std::collections::BTreeMap;

use crate::plate::{AssayPlate, Reading, WellPosition};

/// Where the scale turns from linear to logarithmic, as a share of the top of the plate.
const LINEAR_BELOW: f64 = 0.02;

/// The wells of a plate that were read, on the scale.
pub(super) type Signals = BTreeMap<WellPosition, f64>;

/// The scale of one plate.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignalScale {
    /// The response where the scale turns from linear to logarithmic.
    unit: f64,
    /// What stands for a saturated well: a little above everything that was measured.
    saturated: f64,
}

impl SignalScale {
    /// The scale of a plate; `None` when nothing was measured.
    pub(super) fn of(plate: &AssayPlate) -> Option<Self> {
        let mut sizes: Vec<f64> = readings(plate).filter_map(|(_, reading)| reading.measured()).map(f64::abs).collect();
        sizes.sort_by(f64::total_cmp);
        let highest = *sizes.last()?;
        let top = sizes[(sizes.len() * 95 / 100).min(sizes.len() - 1)];
        let unit = LINEAR_BELOW * if top > 0.0 { top } else { highest.max(f64::MIN_POSITIVE) };
        Some(Self { unit, saturated: 1.1 * highest })
    }

    /// A response on the scale.
    pub(super) fn at(self, response: f64) -> f64 {
        libm::asinh(response / self.unit)
    }

    /// Every well of the plate that was read.
    pub(super) fn signals(self, plate: &AssayPlate) -> Signals {
        let value = |reading: &Reading| match reading {
            Reading::Measured(value) => Some(*value),
            Reading::Saturated(_) => Some(self.saturated),
            _ => None,
        };
        readings(plate).filter_map(|(well, reading)| Some((well, self.at(value(reading)?)))).collect()
    }
}

fn readings(plate: &AssayPlate) -> impl Iterator<Item = (WellPosition, &Reading)> {
    let used = plate.wells.iter().map(|well| (well.position, &well.response));
    used.chain(plate.unused.iter().map(|(well, reading)| (*well, reading)))
}

#[cfg(test)]
mod tests {
    use super::super::example::{plate, well};
    use super::*;
    use crate::plate::{PlateSize, WellRole};

    fn of(values: &[f64]) -> AssayPlate {
        let wells = PlateSize::WELLS_96.wells().zip(values);
        plate("P", wells.map(|(at, &value)| (at, WellRole::Blank, value)).collect())
    }

    /// The top is the value below which 95 % lie, whatever its sign; of few wells the highest. Where it is zero the highest stands for it.
    #[test]
    fn the_unit_is_two_percent_of_the_top() {
        let unit = |values: &[f64]| SignalScale::of(&of(values)).map(|scale| scale.unit);
        let falling: Vec<f64> = (1..=40).rev().map(|value| -f64::from(value)).collect();
        assert_eq!(unit(&falling), Some(0.02 * 39.0), "two of forty lie at or above it");
        assert_eq!(unit(&[3.0, 1.0, -5.0]), Some(0.02 * 5.0));
        let mut dark = [0.0; 41];
        dark[7] = 2.0;
        assert_eq!(unit(&dark), Some(0.02 * 2.0));
        assert!(unit(&[0.0; 4]).is_some_and(|unit| unit > 0.0));
        assert_eq!(unit(&[]), None);
    }

    /// asinh(y / unit): ln(y / unit + √(1 + (y / unit)²)). Saturated wells stand 10 % above the highest; wells without a role count as
    /// the others do, and wells without a reading not at all.
    #[test]
    fn saturated_wells_are_above_all_and_unused_ones_are_there() {
        let mut plate = of(&[4.0, 0.08, -0.08, 1.0]);
        plate.wells[3].response = Reading::Saturated("OVER".into());
        plate.unused = vec![(well("H1"), Reading::Measured(2.0)), (well("H2"), Reading::Missing(String::new()))];
        let signals = SignalScale::of(&plate).unwrap().signals(&plate);
        let z = |times: f64| (times + (1.0 + times * times).sqrt()).ln();
        let expected = [("A1", z(50.0)), ("A2", z(1.0)), ("A3", -z(1.0)), ("A4", z(55.0)), ("H1", z(25.0))];
        assert_eq!(signals.len(), expected.len());
        for (name, z) in expected {
            assert!((signals[&well(name)] - z).abs() < 1e-12, "{name}: {signals:?}");
        }
    }
}
