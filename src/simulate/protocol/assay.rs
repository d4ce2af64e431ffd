//! The assay of a simulation: kit, curve, noise, reader, and how the laboratory dilutes and repeats.

use crate::curve::{Model, Parameters, Variance};

/// `[kit]`: what the kit brings.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Kit {
    /// Concentrations of the standards, highest first; each is in duplicate, in columns 1 and 2, from row A on. 0 is the
    /// zero standard.
    pub standards: Vec<f64>,
    /// The controls, each in duplicate before the first and after the last sample of a plate.
    pub controls: Vec<Control>,
}

/// One control of the kit.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Its level, such as `low`.
    pub level: String,
    /// Its concentration.
    pub concentration: f64,
}

/// `[curve]`: the curve of a typical plate, and how plates differ.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedCurve {
    /// The family: `4pl`, `5pl` or `5plm`.
    pub model: Model,
    /// Response at zero concentration.
    pub a: f64,
    /// Response at infinite concentration.
    pub d: f64,
    /// Mid-point concentration.
    pub c: f64,
    /// Slope.
    pub b: f64,
    /// Asymmetry of the five-parameter families; 1 in the 4PL.
    pub g: f64,
    /// Standard deviation, between plates, of the natural logarithm of each parameter.
    pub between_plates: BetweenPlates,
}

impl SimulatedCurve {
    /// The parameters of a typical plate.
    pub fn typical(&self) -> Parameters {
        Parameters { a: self.a, d: self.d, c: self.c, b: self.b, g: self.g }
    }
}

/// `[curve.between_plates]`: standard deviation of the natural logarithm of each parameter.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct BetweenPlates {
    /// Of a.
    pub a: f64,
    /// Of d.
    pub d: f64,
    /// Of c.
    pub c: f64,
    /// Of b.
    pub b: f64,
}

/// `[noise]`: normal noise of a response, SD = size · mean^exponent.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    /// The variance model: `constant` (exponent 0), `proportional` (½), `squared` (1), `power` or `two-component`.
    pub variance: Variance,
    /// SD of a response whose mean is 1; with `squared` the CV, with `two-component` the CV of high responses.
    pub size: f64,
    /// The exponent of `power`, and only then.
    pub exponent: Option<f64>,
    /// The crossover of `two-component`, the response at which floor and percentage are equal, and only then.
    pub crossover: Option<f64>,
}

impl Noise {
    /// The standard deviation of a response with that mean.
    pub fn sd(&self, mean: f64) -> f64 {
        let exponent = match self.variance {
            Variance::Constant => 0.0,
            Variance::Proportional => 0.5,
            Variance::Squared => 1.0,
            Variance::Power => self.exponent.unwrap_or(1.0),
            Variance::TwoComponent => return self.size * libm::hypot(mean, self.crossover.unwrap_or(0.0)),
        };
        self.size * libm::pow(mean.abs(), exponent)
    }
}

/// `[reader]`: the reader. Optical densities are those of the assay on top of the plate's own.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedReader {
    /// Wavelength of the assay's colour, in nm.
    pub read_nm: u32,
    /// Wavelength at which only the plate is seen, in nm.
    pub reference_nm: u32,
    /// Optical density of an empty well, at both wavelengths.
    pub empty_od: f64,
    /// Its standard deviation, between wells and between the wavelengths of an empty well.
    pub empty_sd: f64,
    /// Highest optical density that it can read; above it writes a word instead of a number.
    pub maximum_od: f64,
    /// Decimals that it writes.
    pub decimals: u32,
}

/// `[laboratory]`: how the laboratory dilutes and repeats.
///
/// See [`SimulationProtocol`](super::SimulationProtocol) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct LaboratoryPractice {
    /// Dilution factor of every sample; also the least that the matrix needs, so that a sample below the range stays there.
    pub dilution: f64,
    /// Dilution factor of samples above the range when they are run again.
    pub rerun_dilution: f64,
    /// A sample is diluted further when a replicate is above this share of the highest standard.
    pub rerun_above: f64,
    /// Replicates whose concentrations have a CV above this, in percent, are run again.
    pub replicate_cv_percent: f64,
}
