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
