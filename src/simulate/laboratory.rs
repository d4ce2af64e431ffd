//! The laboratory: decides which samples go on which plate, and runs again what gave no result.

use std::collections::BTreeSet;

use super::assay::{SimulatedAssay, SimulatedPlate, SimulatedWell};
use super::participants::TrueSample;
use super::protocol::{Kit, PlannedPlate, PlatePurpose, SimulationProtocol};
use crate::plate::{WellPosition, WellRole};
use crate::stats::random::Random;

/// What of a sample goes on a plate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Portion {
    sample: String,
    dilution: f64,
}

/// The samples on a plate, with dilution, in the order of its pairs of wells.
fn portions(run: &SimulatedPlate) -> Vec<Portion> {
    let mut samples: Vec<(usize, Portion)> = Vec::new();
    for well in &run.wells {
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

/// The plates of which `run` holds samples again: the one that it repeats or, where it holds re-runs, every earlier one that has
/// one of its samples and was not repeated itself.
pub(super) fn repeated_by<'a>(run: &'a SimulatedPlate, plates: &'a [SimulatedPlate]) -> Vec<&'a str> {
    if !run.plate.reruns {
        return run.plate.repeats.as_deref().into_iter().collect();
    }
    let samples =
        |run: &SimulatedPlate| -> BTreeSet<String> { portions(run).into_iter().map(|of| of.sample).collect() };
    let own = samples(run);
    let is_repeated = |id: &str| plates.iter().any(|other| other.plate.repeats.as_deref() == Some(id));
    let earlier = plates.iter().take_while(|other| other.plate.id != run.plate.id).filter(|other| !other.plate.reruns);
    earlier
        .filter(|other| !is_repeated(&other.plate.id) && !samples(other).is_disjoint(&own))
        .map(|other| other.plate.id.as_str())
        .collect()
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
fn contents(protocol: &SimulationProtocol, samples: &[Portion]) -> Vec<(WellPosition, WellRole)> {
    let standards = protocol.kit.standards.iter().enumerate().flat_map(|(row, &concentration)| {
        [0, 1].map(|column| (WellPosition::new(row, column), WellRole::Standard { concentration }))
    });
    let controls = protocol.kit.controls.iter().map(|control| WellRole::Control {
        level: control.level.clone(),
        nominal: Some(control.concentration),
        dilution: 1.0,
    });
    let samples =
        samples.iter().map(|portion| WellRole::Sample { id: portion.sample.clone(), dilution: Some(portion.dilution) });
    let pairs = controls.clone().chain(samples).chain(controls);
    standards.chain(pairs.enumerate().flat_map(|(n, role)| pair(n).map(|well| (well, role.clone())))).collect()
}

/// Runs the declared plates one after the other; `plates` grows as the laboratory goes.
pub(super) struct Laboratory<'a> {
    protocol: &'a SimulationProtocol,
    samples: &'a [TrueSample],
    assay: SimulatedAssay<'a>,
    /// Samples that are not on a plate yet, from here on.
    next: usize,
    /// The plates that were run.
    pub(super) plates: Vec<SimulatedPlate>,
}

impl<'a> Laboratory<'a> {
    pub(super) fn new(protocol: &'a SimulationProtocol, samples: &'a [TrueSample]) -> Self {
        let concentrations = samples.iter().map(|sample| (sample.id.as_str(), sample.concentration)).collect();
        Self { protocol, samples, assay: SimulatedAssay { protocol, concentrations }, next: 0, plates: Vec::new() }
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
    pub(super) fn run(&mut self, plate: &PlannedPlate, random: &mut Random) {
        let portions = match plate.purpose() {
            PlatePurpose::First => self.next_samples(),
            PlatePurpose::Repeat(repeated) => {
                self.plates.iter().find(|run| run.plate.id == repeated).map(portions).unwrap_or_default()
            }
            PlatePurpose::Rerun => self.reruns().into_iter().take(capacity(&self.protocol.kit)).collect(),
        };
        if !portions.is_empty() {
            self.plates.push(self.assay.read(plate, &contents(self.protocol, &portions), random));
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
            for portion in portions(run) {
                let dilution = self.rerun_dilution(run, &portion);
                let done = self.plates.iter().any(|other| {
                    other.plate.reruns && portions(other).iter().any(|known| known.sample == portion.sample)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::Reading;
    use crate::simulate::trial;

    fn well<'a>(plate: &'a SimulatedPlate, name: &str) -> &'a SimulatedWell {
        let position = name.parse().unwrap();
        plate.wells.iter().find(|well| well.position == position).unwrap()
    }

    #[test]
    fn plates_are_laid_out_as_laboratories_do() {
        let trial = trial(&SimulationProtocol::default(), 5).unwrap();
        let first = &trial.plates[0];
        assert_eq!(first.wells.len(), 96);
        for (name, concentration) in [("A01", 2000.0), ("A02", 2000.0), ("G02", 31.25), ("H01", 0.0)] {
            assert_eq!(well(first, name).role, WellRole::Standard { concentration });
        }
        let control = |level: &str, nominal| WellRole::Control {
            level: level.to_string(),
            nominal: Some(nominal),
            dilution: 1.0,
        };
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
            let trial = trial(&SimulationProtocol::default(), seed).unwrap();
            let mut seen = Vec::new();
            let first = trial.plates.iter().filter(|plate| plate.plate.purpose() == PlatePurpose::First);
            for plate in first {
                let on_plate = portions(plate);
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
    fn mishaps_happen_where_they_are_declared_and_lead_to_another_run() {
        let trial = trial(&SimulationProtocol::default(), 5).unwrap();
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
        assert_eq!(portions(plate("P08")), portions(plate("P04")));

        let reruns = portions(plate("P09"));
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
        let protocol = SimulationProtocol::default();
        let mut changed = protocol.clone();
        changed.mishaps.exchanged.clear();
        let (one, other) = (trial(&protocol, 9).unwrap(), trial(&changed, 9).unwrap());
        for (one, other) in one.plates.iter().zip(&other.plates) {
            assert_eq!(one == other, one.plate.id != "P04", "{}", one.plate.id);
        }
    }
}
