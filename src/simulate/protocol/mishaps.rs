//! What goes wrong in a simulation.

use crate::plate::WellPosition;

/// `[mishaps]`: what goes wrong, and where; nothing that is not named.
///
/// ```
/// use platewise::simulate::SimulationProtocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = SimulationProtocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.mishaps.exchanged.iter().all(|mishap| mishap.standards[0] != mishap.standards[1]));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
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
/// ```
/// use platewise::simulate::protocol::WellMishap;
/// let unwashed = WellMishap { plate: "P01".into(), well: "C5".parse()? };
/// assert_eq!(unwashed.well.to_string(), "C05");
/// # Ok::<(), platewise::plate::well::NotAWell>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WellMishap {
    /// The plate.
    pub plate: String,
    /// The well.
    pub well: WellPosition,
}

/// A well with another volume of sample.
///
/// ```
/// use platewise::simulate::protocol::VolumeMishap;
/// let half = VolumeMishap { plate: "P01".into(), well: "C5".parse()?, factor: 0.5 };
/// assert!(half.factor < 1.0);
/// # Ok::<(), platewise::plate::well::NotAWell>(())
/// ```
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
/// ```
/// let exchanged = platewise::simulate::protocol::ExchangeMishap { plate: "P04".into(), standards: [1000.0, 500.0] };
/// assert_eq!(exchanged.standards, [1000.0, 500.0]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeMishap {
    /// The plate.
    pub plate: String,
    /// Their nominal concentrations.
    pub standards: [f64; 2],
}
