//! The laboratory: fills plates, reads them, and repeats what gave no result.
//!
//! A plate has one true curve; standards, controls and samples on it share it. The mean response of a well is the curve at
//! what the well truly holds; the response varies about it by the declared variance model. The reader adds what the plastic
//! absorbs at both wavelengths, rounds, and writes a word where it has no number.

use std::collections::BTreeMap;

use super::participants::TrueSample;
use super::protocol::{Kit, Plate, Protocol, Purpose, WellMishap};
use super::random::Random;
use crate::curve::Parameters;
use crate::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use crate::sheet::Location;

/// A plate, with what is true of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPlate {
    /// What is declared of it.
    pub plate: Plate,
    /// Its true curve.
    pub curve: Parameters,
    /// All its wells, in plate order, also the empty ones.
    pub wells: Vec<SimulatedWell>,
}

/// A well, with what is true of it.
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
    pub fn assay_plate(&self, protocol: &Protocol) -> AssayPlate {
        let location = Location::file(self.plate.export.as_str());
        let well = |well: &SimulatedWell| AssayWell {
            position: well.position,
            role: well.role.clone(),
            reading: well.reading.clone(),
            reference: Some(well.reference.clone()),
            response: well.response().map_or_else(|| well.reading.clone(), Reading::Measured),
            location: location.clone(),
        };
        AssayPlate {
            id: self.plate.id.clone(),
            export: self.plate.export.clone(),
            format: "simulated",
            read: format!("{} nm − {} nm", protocol.reader.read_nm, protocol.reader.reference_nm),
            kit_lot: Some(self.plate.kit_lot.clone()),
            repeats: self.plate.repeats.clone(),
            size: PlateSize::WELLS_96,
            wells: self.wells.iter().filter(|well| well.role != WellRole::Unused).map(well).collect(),
            warnings: Vec::new(),
        }
    }

    /// Its samples in the order of the plate's pairs of columns, with dilution.
    fn samples(&self) -> Vec<Portion> {
        let mut samples: Vec<(usize, Portion)> = Vec::new();
        for well in &self.wells {
            if let WellRole::Sample { id, dilution: Some(dilution) } = &well.role {
                let portion = Portion { sample: id.clone(), dilution: *dilution };
                if !samples.iter().any(|(_, known)| *known == portion) {
                    samples.push((usize::from(well.position.column) * 8 + usize::from(well.position.row), portion));
                }
            }
        }
        samples.sort_by_key(|(place, _)| *place);
        samples.into_iter().map(|(_, portion)| portion).collect()
    }
}

/// What of a sample goes on a plate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Portion {
    sample: String,
    dilution: f64,
}

/// Number of pairs of wells beside the standards, in columns 3 and 4 to 11 and 12.
const PAIRS: usize = 40;

/// Samples that fit on one plate.
pub(super) fn capacity(kit: &Kit) -> usize {
    PAIRS.saturating_sub(2 * kit.controls.len())
}

/// Wells of the n-th pair: down the rows, then to the next two columns.
fn pair(n: usize) -> [WellPosition; 2] {
    [0, 1].map(|replicate| WellPosition::new(n % 8, 2 + 2 * (n / 8) + replicate))
}

/// What the laboratory puts where: standards in columns 1 and 2, then controls, samples, controls in adjacent pairs.
fn roles(protocol: &Protocol, samples: &[Portion]) -> Vec<(WellPosition, WellRole)> {
    let standards = protocol.kit.standards.iter().enumerate().flat_map(|(row, &concentration)| {
        [0, 1].map(|column| (WellPosition::new(row, column), WellRole::Standard { concentration }))
    });
    let controls = protocol.kit.controls.iter().map(|control| WellRole::Control {
        level: control.level.clone(),
        nominal: control.concentration,
        dilution: 1.0,
    });
    let samples =
        samples.iter().map(|portion| WellRole::Sample { id: portion.sample.clone(), dilution: Some(portion.dilution) });
    let pairs = controls.clone().chain(samples).chain(controls);
    standards.chain(pairs.enumerate().flat_map(|(n, role)| pair(n).map(|well| (well, role.clone())))).collect()
}

/// Runs the declared plates one after the other; `plates` grows as the laboratory goes.
pub(super) struct Laboratory<'a> {
    protocol: &'a Protocol,
    samples: &'a [TrueSample],
    /// What each sample truly holds.
    concentrations: BTreeMap<&'a str, f64>,
    /// Samples that are not on a plate yet, from here on.
    next: usize,
    /// The plates that were run.
    pub(super) plates: Vec<SimulatedPlate>,
}

impl<'a> Laboratory<'a> {
    pub(super) fn new(protocol: &'a Protocol, samples: &'a [TrueSample]) -> Self {
        let concentrations = samples.iter().map(|sample| (sample.id.as_str(), sample.concentration)).collect();
        Self { protocol, samples, concentrations, next: 0, plates: Vec::new() }
    }

    /// Samples that are on no plate.
    pub(super) fn waiting(&self) -> usize {
        self.samples.len() - self.next
    }

    /// Samples that still have to be run again.
    pub(super) fn unresolved(&self) -> usize {
        self.reruns().len()
    }

    /// Runs a declared plate, unless there is nothing for it.
    pub(super) fn run(&mut self, plate: &Plate, random: &mut Random) {
        let portions = match plate.purpose() {
            Purpose::First => self.next_samples(),
            Purpose::Repeat(repeated) => {
                self.plates.iter().find(|run| run.plate.id == repeated).map(SimulatedPlate::samples).unwrap_or_default()
            }
            Purpose::Rerun => self.reruns().into_iter().take(capacity(&self.protocol.kit)).collect(),
        };
        if !portions.is_empty() {
            let run = self.read(plate, &portions, random);
            self.plates.push(run);
        }
    }

    /// The samples of the next participants who fit on one plate with all of theirs.
    fn next_samples(&mut self) -> Vec<Portion> {
        let rest = &self.samples[self.next..];
        let mut taken = rest.len().min(capacity(&self.protocol.kit));
        while taken > 0 && taken < rest.len() && rest[taken].participant == rest[taken - 1].participant {
            taken -= 1;
        }
        self.next += taken;
        let dilution = self.protocol.laboratory.dilution;
        rest[..taken].iter().map(|sample| Portion { sample: sample.id.clone(), dilution }).collect()
    }

    /// Samples without a usable result so far, and the dilution at which they are run again.
    fn reruns(&self) -> Vec<Portion> {
        let repeated: Vec<&str> = self.plates.iter().filter_map(|run| run.plate.repeats.as_deref()).collect();
        let mut reruns = Vec::new();
        for run in self.plates.iter().filter(|run| !run.plate.reruns && !repeated.contains(&run.plate.id.as_str())) {
            for portion in run.samples() {
                let dilution = self.rerun_dilution(run, &portion);
                let done = self.plates.iter().any(|other| {
                    other.plate.reruns && other.samples().iter().any(|known| known.sample == portion.sample)
                });
                if let Some(dilution) = dilution.filter(|_| !done) {
                    reruns.push(Portion { dilution, ..portion });
                }
            }
        }
        reruns
    }

    /// At which dilution a sample has to be run again, if it has to. The laboratory judges by the plate's true curve: a
    /// simplification, for it has only the fitted one.
    fn rerun_dilution(&self, run: &SimulatedPlate, portion: &Portion) -> Option<f64> {
        let rules = &self.protocol.laboratory;
        let highest = self.protocol.kit.standards.iter().copied().fold(0.0, f64::max);
        let lowest = self.protocol.kit.standards.iter().copied().filter(|&x| x > 0.0).fold(highest, f64::min);
        let is_of_portion = |well: &&SimulatedWell| {
            matches!(&well.role, WellRole::Sample { id, dilution }
                if *id == portion.sample && *dilution == Some(portion.dilution))
        };
        let responses: Vec<Option<f64>> = run.wells.iter().filter(is_of_portion).map(SimulatedWell::response).collect();
        let concentration = |response: f64| {
            if response <= run.curve.a {
                return 0.0;
            }
            self.protocol.curve.model.concentration(&run.curve, response).unwrap_or(f64::INFINITY)
        };
        let found: Vec<f64> = responses.iter().flatten().map(|&response| concentration(response)).collect();
        if found.iter().any(|&x| x > rules.rerun_above * highest) {
            return Some(rules.rerun_dilution);
        }
        let unread = found.len() < responses.len();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        let variance = found.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (found.len() as f64 - 1.0);
        let disagree = mean >= lowest && 100.0 * libm::sqrt(variance) / mean > rules.replicate_cv_percent;
        (unread || disagree).then_some(portion.dilution)
    }

    /// Fills a plate and reads it.
    fn read(&self, plate: &Plate, portions: &[Portion], random: &mut Random) -> SimulatedPlate {
        let curve = self.curve(random);
        let roles = roles(self.protocol, portions);
        let wells = PlateSize::WELLS_96
            .wells()
            .map(|position| {
                let role = roles.iter().find(|(well, _)| *well == position).map(|(_, role)| role.clone());
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
        plate: &Plate,
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
    fn content(&self, plate: &Plate, position: WellPosition, role: &WellRole) -> (Option<f64>, &'static str) {
        let mishaps = &self.protocol.mishaps;
        match role {
            WellRole::Standard { concentration } => {
                for [one, other] in mishaps.exchanged.iter().filter(|m| m.plate == plate.id).map(|m| m.standards) {
                    if *concentration == one {
                        return (Some(other), "standards exchanged");
                    }
                    if *concentration == other {
                        return (Some(one), "standards exchanged");
                    }
                }
                (Some(*concentration), "")
            }
            WellRole::Control { nominal, dilution, .. } => (Some(nominal / dilution), ""),
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
    use crate::simulate::{plates, trial};

    fn well<'a>(plate: &'a SimulatedPlate, name: &str) -> &'a SimulatedWell {
        let position = name.parse().unwrap();
        plate.wells.iter().find(|well| well.position == position).unwrap()
    }

    #[test]
    fn plates_are_laid_out_as_laboratories_do() {
        let trial = trial(&Protocol::default(), 5).unwrap();
        let first = &trial.plates[0];
        assert_eq!(first.wells.len(), 96);
        for (name, concentration) in [("A01", 2000.0), ("A02", 2000.0), ("G02", 31.25), ("H01", 0.0)] {
            assert_eq!(well(first, name).role, WellRole::Standard { concentration });
        }
        let control = |level: &str, nominal| WellRole::Control { level: level.to_string(), nominal, dilution: 1.0 };
        for name in ["A03", "A04", "F11", "F12"] {
            assert_eq!(well(first, name).role, control("low", 90.0), "{name}");
        }
        let sample = |id: &str| WellRole::Sample { id: id.to_string(), dilution: Some(10.0) };
        for (names, n) in [(["D03", "D04"], 0), (["E03", "E04"], 1), (["A05", "A06"], 5)] {
            assert!(names.iter().all(|name| well(first, name).role == sample(&trial.samples[n].id)), "{names:?}");
        }
    }

    #[test]
    fn both_visits_of_a_participant_are_on_one_plate_and_arms_are_balanced() {
        for seed in 1..20 {
            let trial = trial(&Protocol::default(), seed).unwrap();
            let mut seen = Vec::new();
            let first = trial.plates.iter().filter(|plate| plate.plate.purpose() == Purpose::First);
            for plate in first {
                let on_plate = plate.samples();
                let on_plate: Vec<usize> = on_plate
                    .iter()
                    .map(|portion| trial.samples.iter().find(|s| s.id == portion.sample).unwrap().participant)
                    .collect();
                assert!(on_plate.len() <= capacity(&trial.protocol.kit));
                let mut participants = on_plate.clone();
                participants.dedup();
                let active = participants.iter().filter(|&&at| trial.participants[at].arm == "active").count() as f64;
                let expected = participants.len() as f64 * 59.0 / 114.0;
                assert!((active - expected).abs() <= 3.0, "seed {seed}: {active} of {}", participants.len());
                seen.extend(participants);
            }
            // Nobody is on two plates, nobody is left out.
            assert_eq!(seen, (0..114).collect::<Vec<_>>());
        }
    }

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

    #[test]
    fn mishaps_happen_where_they_are_declared_and_lead_to_another_run() {
        let trial = trial(&Protocol::default(), 5).unwrap();
        let plate = |id: &str| trial.plates.iter().find(|plate| plate.plate.id == id).unwrap();
        let unwashed = well(plate("P02"), "E07");
        assert_eq!(unwashed.reading, Reading::Saturated("OVRFLW".to_string()));
        let missed = well(plate("P03"), "G06");
        assert_eq!(missed.reading, Reading::Missing("MISSED".to_string()));
        assert_eq!(missed.response(), None);
        let (volume, right) = (well(plate("P06"), "B08"), well(plate("P06"), "B07"));
        assert_eq!(volume.concentration.unwrap(), 2.5 * right.concentration.unwrap());
        let (third, fourth) = (well(plate("P04"), "C01"), well(plate("P04"), "D02"));
        assert_eq!((third.concentration, fourth.concentration), (Some(250.0), Some(500.0)));
        assert_eq!(well(plate("P08"), "C01").concentration, Some(500.0));
        assert_eq!(plate("P08").samples(), plate("P04").samples());

        let reruns = plate("P09").samples();
        for role in [&unwashed.role, &missed.role, &volume.role] {
            let WellRole::Sample { id, .. } = role else { panic!("{role:?}") };
            assert!(reruns.iter().any(|portion| portion.sample == *id), "{id}");
        }
        for portion in &reruns {
            let sample = trial.samples.iter().find(|sample| sample.id == portion.sample).unwrap();
            // Further diluted only when the sample was near or above the highest standard, as far as noise lets it tell.
            assert_eq!(portion.dilution == 50.0, sample.concentration > 0.9 * 20_000.0, "{sample:?}");
        }
    }

    #[test]
    fn a_change_of_one_plate_leaves_the_others_as_they_are() {
        let protocol = Protocol::default();
        let mut changed = protocol.clone();
        changed.mishaps.exchanged.clear();
        let (one, other) = (trial(&protocol, 9).unwrap(), trial(&changed, 9).unwrap());
        for (one, other) in one.plates.iter().zip(&other.plates) {
            assert_eq!(one == other, one.plate.id != "P04", "{}", one.plate.id);
        }
    }
}
