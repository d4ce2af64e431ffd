//! A trial that never was, with its truth: people, samples, plates, exports. What it makes is read like any other study,
//! and says in every file that can hold words that it is simulated.
//!
//! A [`SimulationProtocol`] declares everything; a seed decides the rest, byte for byte the same everywhere. First comes the trial in
//! memory ([`trial`]), with what is true of every sample, plate and well; then its files ([`study_files`]): the study folder as a
//! laboratory would hand it over, and the truth beside it, never in it.

pub mod protocol;
mod participants;
mod assay;
mod file_error;
mod laboratory;
mod read;
mod read_assay;
mod read_plates;
mod read_values;
mod trial;
mod writer;
mod files;

pub use crate::stats::random::Random;
pub use assay::{SimulatedPlate, SimulatedWell};
pub use file_error::FileError;
pub use files::{study_files, truth_files};
pub use participants::{SimulatedParticipant, TrueSample};
pub use protocol::SimulationProtocol;

use std::collections::BTreeSet;

use self::laboratory::{Laboratory, capacity};
use self::protocol::{ExchangeMishap, Mishaps, PlannedPlate, SimulatedArm};

/// A simulated trial, in memory.
///
/// ```
/// use platewise::simulate::{self, SimulationProtocol};
///
/// let trial = simulate::trial(&SimulationProtocol::from_toml("", "protocol.toml")?, 1)?;
/// assert_eq!(trial.participants.len(), 114);
/// assert_eq!(trial, simulate::trial(&trial.protocol, 1)?, "the seed decides everything");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedTrial {
    /// What was declared.
    pub protocol: SimulationProtocol,
    /// The seed that decided the rest.
    pub seed: u64,
    /// The participants, in order of enrolment.
    pub participants: Vec<SimulatedParticipant>,
    /// Their samples, with what they truly hold.
    pub samples: Vec<TrueSample>,
    /// The plates that were run, in order. A declared plate for which there was nothing to do is not among them.
    pub plates: Vec<SimulatedPlate>,
}

/// Why a protocol cannot be carried out.
///
/// ```
/// use platewise::simulate::{self, SimulationProtocol, SimulationError};
///
/// let text = "[[arm]]\nname = 'all'\nparticipants = 900\nratios = [1]";
/// let error = simulate::trial(&SimulationProtocol::from_toml(text, "protocol.toml")?, 1).unwrap_err();
/// assert!(matches!(error, SimulationError::TooFewPlates { .. }));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// Samples are left over.
    #[error("{samples} samples do not fit on the declared plates; declare more [[plate]]s, {capacity} samples each")]
    TooFewPlates {
        /// How many are left over.
        samples: usize,
        /// How many fit on one plate.
        capacity: usize,
    },
    /// Samples that have to be run again are left over.
    #[error("{samples} samples that have to be run again do not fit; declare more [[plate]]s with reruns = true")]
    TooFewReruns {
        /// How many are left over.
        samples: usize,
    },
    /// Two participants of one name.
    #[error("two participants are called '{id}'; [participants] named gives one of them a name of the usual scheme")]
    SameName {
        /// The name.
        id: String,
    },
    /// Standards that are not there were to be exchanged.
    #[error(
        "[mishaps] exchanges the standards {one} and {other} of plate {plate}: the plate is not run, or the kit does not have both; \
         declare the [mishaps] of this protocol"
    )]
    NotExchanged {
        /// The plate.
        plate: String,
        /// One standard.
        one: f64,
        /// The other.
        other: f64,
    },
    /// A mishap where it cannot happen.
    #[error(
        "[mishaps] cannot happen in well {well} of plate {plate}: the plate is not run, or nothing of that kind is there; \
         declare the [mishaps] of this protocol (an empty section: none)"
    )]
    NoSuchWell {
        /// The plate.
        plate: String,
        /// The well.
        well: String,
    },
}

/// Carries out a protocol: the same protocol and seed give the same trial.
///
/// # Errors
/// When the samples do not fit on the declared plates, two participants have one name, or a mishap cannot happen where it
/// is declared.
pub fn trial(protocol: &SimulationProtocol, seed: u64) -> Result<SimulatedTrial, SimulationError> {
    // One stream of random numbers for the people, one for each plate: a change of one plate leaves the others as they are.
    let mut streams = Random::streams(seed);
    let mut people = streams.next().unwrap_or_else(|| Random::new(seed));
    let (participants, samples) = participants::enrol(protocol, &mut people);
    let mut names = BTreeSet::new();
    if let Some(twice) = participants.iter().find(|participant| !names.insert(&participant.id)) {
        return Err(SimulationError::SameName { id: twice.id.clone() });
    }
    let mut laboratory = Laboratory::new(protocol, &samples);
    for (plate, mut random) in protocol.plates.iter().zip(streams) {
        laboratory.run(plate, &mut random);
    }
    if laboratory.waiting() > 0 {
        return Err(SimulationError::TooFewPlates { samples: laboratory.waiting(), capacity: capacity(&protocol.kit) });
    }
    let reruns = protocol.plates.iter().any(|plate| plate.reruns);
    if reruns && laboratory.unresolved() > 0 {
        return Err(SimulationError::TooFewReruns { samples: laboratory.unresolved() });
    }
    let plates = laboratory.plates;
    mishaps_happened(&protocol.mishaps, &plates)?;
    Ok(SimulatedTrial { protocol: protocol.clone(), seed, participants, samples, plates })
}

/// Every declared mishap happened: none names a well without a sample, a plate that was not run, or standards that the kit does not have.
fn mishaps_happened(mishaps: &Mishaps, plates: &[SimulatedPlate]) -> Result<(), SimulationError> {
    let wells = mishaps.unwashed.iter().chain(&mishaps.missed).map(|mishap| (&mishap.plate, mishap.well));
    for (plate, well) in wells.chain(mishaps.volume.iter().map(|mishap| (&mishap.plate, mishap.well))) {
        let happened = plates.iter().any(|run| {
            run.plate.id == *plate && run.wells.iter().any(|found| found.position == well && !found.mishap.is_empty())
        });
        if !happened {
            return Err(SimulationError::NoSuchWell { plate: plate.clone(), well: well.to_string() });
        }
    }
    let was_exchanged = |plate: &str| {
        let exchanged = |run: &SimulatedPlate| run.wells.iter().any(|well| well.mishap == assay::EXCHANGED);
        plates.iter().any(|run| run.plate.id == plate && exchanged(run))
    };
    match mishaps.exchanged.iter().find(|mishap| !was_exchanged(&mishap.plate)) {
        Some(ExchangeMishap { plate, standards: [one, other] }) => {
            Err(SimulationError::NotExchanged { plate: plate.clone(), one: *one, other: *other })
        }
        None => Ok(()),
    }
}

/// `n` independent plates, full of samples, without mishaps: for benchmarks. Every format in turn, one file per plate.
///
/// # Errors
/// None in practice: the plates are declared so that the samples fit.
pub fn plates(n: usize, seed: u64) -> Result<SimulatedTrial, SimulationError> {
    let mut protocol = SimulationProtocol { mishaps: Mishaps::default(), ..SimulationProtocol::default() };
    let visits = protocol.visits.len();
    protocol.study.id = format!("PLATES-{n}-SIM");
    protocol.study.title = format!("SIMULATED: {n} plates for benchmarks");
    protocol.participants.dropout = 0.0;
    protocol.participants.named.clear();
    // Full plates: as many participants as fit with all their samples.
    let participants = n * (capacity(&protocol.kit) / visits);
    let halves = [participants.div_ceil(2), participants / 2];
    protocol.arms =
        protocol.arms.into_iter().zip(halves).map(|(arm, participants)| SimulatedArm { participants, ..arm }).collect();
    let first: Vec<PlannedPlate> =
        protocol.plates.into_iter().filter(|plate| plate.repeats.is_none() && !plate.reruns).collect();
    protocol.plates = (1..=n).zip(first.iter().cycle()).map(|(number, like)| like.numbered(number)).collect();
    trial(&protocol, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mishaps of an empty protocol exchange two standards of its kit: with another kit that cannot happen, and is said.
    #[test]
    fn standards_that_the_kit_does_not_have_are_not_exchanged_in_silence() {
        let text = "[kit]\nstandards = [1600, 800, 400, 200, 100, 50, 25, 0]\n";
        let error = trial(&SimulationProtocol::from_toml(text, "p.toml").unwrap(), 1).unwrap_err().to_string();
        assert!(error.contains("exchanges the standards 500 and 250 of plate P04"), "{error}");
        let declared = format!("{text}[mishaps]\n");
        assert!(trial(&SimulationProtocol::from_toml(&declared, "p.toml").unwrap(), 1).is_ok());
    }
}
