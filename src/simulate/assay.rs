//! The assay: what a reader writes of a plate, given what truly is in its wells.
//!
//! A plate has one true curve; standards, controls and samples on it share it. The mean response of a well is the curve at
//! what the well truly holds; the response varies about it by the declared variance model. The reader adds what the plastic
//! absorbs at both wavelengths, rounds, and writes a word where it has no number.

use std::collections::BTreeMap;

use super::protocol::{PlannedPlate, SimulationProtocol, WellMishap};
use crate::curve::Parameters;
use crate::plate::{Acquisition, AssayPlate, AssayWell, Handling, PlateSize, Reading, WellPosition, WellRole};
use crate::sheet::Location;
use crate::stats::random::Random;

/// A plate, with what is true of it.
///
/// See [`SimulatedTrial`](super::SimulatedTrial) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPlate {
    /// What is declared of it.
    pub plate: PlannedPlate,
    /// Its true curve.
    pub curve: Parameters,
    /// All its wells, in plate order, also the empty ones.
    pub wells: Vec<SimulatedWell>,
}

/// A well, with what is true of it.
///
/// See [`SimulatedTrial`](super::SimulatedTrial) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedWell {
    /// Where on the plate.
    pub position: WellPosition,
    /// What the laboratory believes to be in it.
    pub role: WellRole,
    /// The concentration that is truly in it, after dilution; `None` in an empty well.
    pub concentration: Option<f64>,
    /// The mean of its response.
    pub mean: Option<f64>,
    /// What the reader writes at the wavelength of the assay.
    pub reading: Reading,
    /// What the reader writes at the reference wavelength.
    pub reference: Reading,
    /// What went wrong, in words; empty when nothing did.
    pub mishap: &'static str,
}

impl SimulatedWell {
    /// Reading less reference, where both are numbers.
    pub fn response(&self) -> Option<f64> {
        Some(self.reading.measured()? - self.reference.measured()?)
    }
}

impl SimulatedPlate {
    /// The plate as the assay sees it, as if its export and layout had been read.
    pub fn assay_plate(&self, protocol: &SimulationProtocol) -> AssayPlate {
        let location = Location::file(self.plate.export.as_str());
        let response = |well: &SimulatedWell| well.response().map_or_else(|| well.reading.clone(), Reading::Measured);
        let well = |well: &SimulatedWell| AssayWell {
            position: well.position,
            role: well.role.clone(),
            reading: well.reading.clone(),
            reference: Some(well.reference.clone()),
            response: response(well),
            location: location.clone(),
            excluded: None,
        };
        let (unused, used): (Vec<_>, Vec<_>) = self.wells.iter().partition(|well| well.role == WellRole::Unused);
        AssayPlate {
            id: self.plate.id.clone(),
            export: self.plate.export.clone(),
            format: "simulated".into(),
            read: format!("{} nm − {} nm", protocol.reader.read_nm, protocol.reader.reference_nm),
            kit_lot: Some(self.plate.kit_lot.clone()),
            acquisition: Acquisition::default(),
            handling: Handling::default(),
            size: PlateSize::WELLS_96,
            wells: used.into_iter().map(well).collect(),
            unused: unused.into_iter().map(|well| (well.position, response(well))).collect(),
            warnings: Vec::new(),
            excluded: None,
        }
    }
}

/// The mishap of a well whose standard was exchanged for another.
pub(super) const EXCHANGED: &str = "standards exchanged";

/// Carries out the assay.
pub(super) struct SimulatedAssay<'a> {
    /// What is declared.
    pub(super) protocol: &'a SimulationProtocol,
    /// What each sample truly holds, undiluted.
    pub(super) concentrations: BTreeMap<&'a str, f64>,
}

impl SimulatedAssay<'_> {
    /// Reads a plate with these contents; wells that are not named are empty.
    pub(super) fn read(
        &self,
        plate: &PlannedPlate,
        contents: &[(WellPosition, WellRole)],
        random: &mut Random,
    ) -> SimulatedPlate {
        let curve = self.curve(random);
        let wells = PlateSize::WELLS_96
            .wells()
            .map(|position| {
                let role = contents.iter().find(|(well, _)| *well == position).map(|(_, role)| role.clone());
                self.well(plate, &curve, position, role.unwrap_or(WellRole::Unused), random)
            })
            .collect();
        SimulatedPlate { plate: plate.clone(), curve, wells }
    }

    /// The curve of one plate.
    fn curve(&self, random: &mut Random) -> Parameters {
        let typical = self.protocol.curve.typical();
        let sd = &self.protocol.curve.between_plates;
        let mut vary = |value: f64, sd: f64| value * libm::exp(sd * random.normal());
        Parameters {
            a: vary(typical.a, sd.a),
            d: vary(typical.d, sd.d),
            c: vary(typical.c, sd.c),
            b: vary(typical.b, sd.b),
            g: typical.g,
        }
    }

    /// One well: what is in it, its response, and what the reader makes of it.
    fn well(
        &self,
        plate: &PlannedPlate,
        curve: &Parameters,
        position: WellPosition,
        role: WellRole,
        random: &mut Random,
    ) -> SimulatedWell {
        let reader = &self.protocol.reader;
        // Always two deviates, so that what is in one well does not change the noise of the next. An empty well differs
        // between the wavelengths as it differs between wells.
        let (plastic, noise) = (reader.empty_od + reader.empty_sd * random.normal(), random.normal());
        let (concentration, mishap) = self.content(plate, position, &role);
        let mean = concentration.map(|x| self.protocol.curve.model.response(curve, x));
        let at =
            |mishaps: &[WellMishap]| mishaps.iter().any(|mishap| mishap.plate == plate.id && mishap.well == position);
        let mut response = mean.map_or(reader.empty_sd * noise, |mean| mean + self.protocol.noise.sd(mean) * noise);
        let mut mishap = mishap;
        if at(&self.protocol.mishaps.unwashed) {
            response += reader.maximum_od;
            mishap = "not washed";
        }
        let round = |od: f64| {
            let scale = 10_f64.powi(reader.decimals as i32);
            (od * scale).round() / scale
        };
        // The response is what is left after the rounded reference is subtracted, up to the rounding of the reading.
        let reference = round(plastic);
        let reading = round(reference + response);
        let (reading, reference) = if at(&self.protocol.mishaps.missed) {
            mishap = "missed by the reader";
            let text = || plate.format.missing().to_string();
            (Reading::Missing(text()), Reading::Missing(text()))
        } else if reading > reader.maximum_od {
            (Reading::Saturated(plate.format.saturated().to_string()), Reading::Measured(reference))
        } else {
            (Reading::Measured(reading), Reading::Measured(reference))
        };
        SimulatedWell { position, role, concentration, mean, reading, reference, mishap }
    }

    /// The concentration that is truly in a well, and what went wrong in filling it.
    fn content(&self, plate: &PlannedPlate, position: WellPosition, role: &WellRole) -> (Option<f64>, &'static str) {
        let mishaps = &self.protocol.mishaps;
        match role {
            WellRole::Standard { concentration } => {
                for [one, other] in mishaps.exchanged.iter().filter(|m| m.plate == plate.id).map(|m| m.standards) {
                    if *concentration == one {
                        return (Some(other), EXCHANGED);
                    }
                    if *concentration == other {
                        return (Some(one), EXCHANGED);
                    }
                }
                (Some(*concentration), "")
            }
            WellRole::Control { nominal, dilution, .. } => (nominal.map(|nominal| nominal / dilution), ""),
            WellRole::Sample { id, dilution } => {
                let diluted = self.concentrations.get(id.as_str()).map(|x| x / dilution.unwrap_or(1.0));
                let volume = mishaps.volume.iter().find(|m| m.plate == plate.id && m.well == position);
                match volume {
                    Some(volume) => (diluted.map(|x| x * volume.factor), "wrong volume of sample"),
                    None => (diluted, ""),
                }
            }
            WellRole::Blank => (Some(0.0), ""),
            WellRole::Unused => (None, ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::plates;

    #[test]
    fn responses_vary_about_the_curve_as_the_variance_model_says() {
        let trial = plates(300, 17).unwrap();
        let model = trial.protocol.curve.model;
        let mut bins = [(0.0, 0.0, 0_usize); 3];
        for plate in &trial.plates {
            for well in plate.wells.iter().filter(|well| well.role != WellRole::Unused) {
                let Some(response) = well.response() else { continue };
                let mean = model.response(&plate.curve, well.concentration.unwrap());
                assert_eq!(Some(mean), well.mean);
                let z = (response - mean) / (0.04 * mean);
                let bin = &mut bins[if mean < 0.2 {
                    0
                } else if mean < 1.0 {
                    1
                } else {
                    2
                }];
                *bin = (bin.0 + z, bin.1 + z * z, bin.2 + 1);
            }
        }
        for (sum, squares, n) in bins {
            let count = n as f64;
            assert!(n > 5000, "{n}");
            // Five standard errors; rounding to four decimals adds less than 0.1 % to the variance of the faintest wells.
            assert!((sum / count).abs() < 5.0 / count.sqrt(), "{sum} of {n}");
            assert!((squares / count - 1.0).abs() < 5.0 * (2.0 / count).sqrt() + 0.001, "{squares} of {n}");
        }
    }

    #[test]
    fn plates_differ_as_declared() {
        let trial = plates(400, 23).unwrap();
        let n = trial.plates.len() as f64;
        let declared = [(0.06, 0.08), (4.5, 0.05), (1800.0, 0.08), (1.15, 0.02)];
        for (at, (typical, sd)) in declared.into_iter().enumerate() {
            let logs = trial.plates.iter().map(|plate| {
                let Parameters { a, d, c, b, .. } = plate.curve;
                ([a, d, c, b][at] / typical).ln() / sd
            });
            let (sum, squares) = logs.fold((0.0, 0.0), |(sum, squares), z| (sum + z, squares + z * z));
            assert!((sum / n).abs() < 5.0 / n.sqrt());
            assert!((squares / n - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        }
    }
}
