//! A well of a plate that is evaluated.

use serde::Serialize;

use super::reading::Reading;
use super::well::WellPosition;
use super::well_role::WellRole;
use crate::sheet::Location;

/// An exclusion by a person's decision.
///
/// ```
/// use platewise::plate::Excluded;
///
/// let excluded = Excluded { line: 3, reason: "pipetting: bubble in the well".into() };
/// assert_eq!(serde_json::to_value(&excluded)?["line"], 3);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// The line of the log of decisions.
    pub line: usize,
    /// Its reason, code and words.
    pub reason: String,
}

/// A well with its role and its response.
///
/// ```
/// use platewise::simulate;
///
/// let trial = simulate::plates(1, 1)?;
/// let plate = trial.plates[0].assay_plate(&trial.protocol);
/// let standards = plate.wells.iter().filter(|well| well.role.name() == "standard");
/// assert!(standards.count() >= 6);
/// assert!(plate.wells.iter().all(|well| well.response.measured().is_some() && well.excluded.is_none()));
/// # Ok::<(), simulate::SimulationError>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct AssayWell {
    /// Where on the plate.
    pub position: WellPosition,
    /// What it holds. A sample's dilution is filled in.
    #[serde(flatten)]
    pub role: WellRole,
    /// The raw reading, in the unit of the read.
    pub reading: Reading,
    /// The reading at the reference wavelength, where the method subtracts one.
    pub reference: Option<Reading>,
    /// What is analysed: the reading, less the reference where the method says so.
    pub response: Reading,
    /// The cell of the raw reading.
    pub location: Location,
    /// By which decision it is left out; its response is masked then.
    pub excluded: Option<Excluded>,
}

impl AssayWell {
    /// Whether it counts for nothing, by a decision or because it was masked in the reader's software.
    pub fn is_left_out(&self) -> bool {
        matches!(self.response, Reading::Masked { .. })
    }

    /// A well that was read once, by something else than an export of a reader: by your own program, or a simulation.
    pub fn of_reading(position: WellPosition, role: WellRole, reading: Reading) -> Self {
        let location = Location::file("no export");
        Self { position, role, response: reading.clone(), reading, reference: None, location, excluded: None }
    }

    /// The response as it was read: whatever an evaluation made of it, such as the subtraction of a blank, undone. A well without
    /// a number, or left out, stays without.
    #[must_use]
    pub fn response_as_read(&self) -> Reading {
        match self.response {
            Reading::Measured(_) => response(&self.reading, self.reference.as_ref()),
            _ => self.response.clone(),
        }
    }
}

/// The reading less its reference. What is not a number stays what it is; a saturated or missing reference has no difference.
pub(super) fn response(reading: &Reading, reference: Option<&Reading>) -> Reading {
    match (reading, reference) {
        (Reading::Measured(value), Some(Reading::Measured(subtracted))) => Reading::Measured(value - subtracted),
        (Reading::Measured(_), Some(other)) => other.clone(),
        (other, _) => other.clone(),
    }
}
