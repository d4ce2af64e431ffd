//! What goes wrong in a simulation.

use crate::plate::WellPosition;

/// `[mishaps]`: what goes wrong, and where; nothing that is not named.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mishaps {
    /// Wells that were not washed: the colour runs over what the reader can measure.
    pub unwashed: Vec<WellMishap>,
    /// Wells that the reader missed.
    pub missed: Vec<WellMishap>,
    /// Wells that got another volume of sample than they should.
    pub volume: Vec<VolumeMishap>,
    /// Plates on which two standards were exchanged.
    pub exchanged: Vec<ExchangeMishap>,
}

/// A mishap of one well.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct WellMishap {
    /// The plate.
    pub plate: String,
    /// The well.
    pub well: WellPosition,
}

/// A well with another volume of sample.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeMishap {
    /// The plate.
    pub plate: String,
    /// The well.
    pub well: WellPosition,
    /// How many times as much sample.
    pub factor: f64,
}

/// Two standards that were exchanged.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeMishap {
    /// The plate.
    pub plate: String,
    /// Their nominal concentrations.
    pub standards: [f64; 2],
}
