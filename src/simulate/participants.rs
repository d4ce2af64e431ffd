//! The people: who takes part, in which arm, until when, and how much analyte they truly have.
//!
//! ```text
//! ln x(v) = ln GM + ln ratio(arm, v) + s · (√ρ · u + √(1 − ρ) · e(v)),   u, e(v) standard normal
//! ```
//!
//! so that each visit is log-normal with SD `s` of the logarithm, and any two visits of a participant correlate by `ρ`.

use super::protocol::{SimulatedArm, SimulationProtocol};
use crate::stats::random::Random;

/// A participant.
///
/// See [`SimulatedTrial`](super::SimulatedTrial) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedParticipant {
    /// The name, as in `samples.csv` and `arms.csv`.
    pub id: String,
    /// The arm.
    pub arm: String,
    /// Whether the participant left before the visits after the baseline.
    pub dropped_out: bool,
}

/// A sample, with what it truly holds.
///
/// See [`SimulatedTrial`](super::SimulatedTrial) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueSample {
    /// The name, as in layouts and `samples.csv`.
    pub id: String,
    /// The participant's place in the list of participants.
    pub participant: usize,
    /// The visit's place in the list of visits.
    pub visit: usize,
    /// The concentration that it truly has, undiluted.
    pub concentration: f64,
}

/// Participants in order of enrolment, and their samples: participant by participant, visit by visit.
pub(super) fn enrol(
    protocol: &SimulationProtocol,
    random: &mut Random,
) -> (Vec<SimulatedParticipant>, Vec<TrueSample>) {
    let arms = randomise(&protocol.arms, protocol.participants.block, random);
    let sites = protocol.participants.sites.max(1);
    let mut of_site = vec![0; sites];
    let (mut participants, mut samples) = (Vec::new(), Vec::new());
    for (at, arm) in arms.into_iter().enumerate() {
        let site = random.below(sites);
        of_site[site] += 1;
        let usual = format!("{}-{:03}", 101 + site, of_site[site]);
        let named = protocol.participants.named.iter().find(|named| named.number == at + 1);
        let id = named.map_or(usual, |named| named.id.clone());
        let dropped_out = random.uniform() < protocol.participants.dropout;
        let concentrations = concentrations(protocol, arm, random);
        for (visit, concentration) in concentrations.into_iter().enumerate() {
            if visit == 0 || !dropped_out {
                let id = format!("{id}-{}", protocol.visits[visit].code);
                samples.push(TrueSample { id, participant: at, visit, concentration });
            }
        }
        participants.push(SimulatedParticipant { id, arm: arm.name.clone(), dropped_out });
    }
    (participants, samples)
}

/// The arm of each participant in order of enrolment: spread evenly by their sizes, then shuffled within blocks. Whoever
/// fills plates by enrolment balances the arms across plates without knowing them.
fn randomise<'a>(arms: &'a [SimulatedArm], block: usize, random: &mut Random) -> Vec<&'a SimulatedArm> {
    let mut places: Vec<(f64, &SimulatedArm)> = arms
        .iter()
        .flat_map(|arm| (0..arm.participants).map(move |n| ((n as f64 + 0.5) / arm.participants as f64, arm)))
        .collect();
    places.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    places.chunks_mut(block.max(1)).for_each(|block| random.shuffle(block));
    places.into_iter().map(|(_, arm)| arm).collect()
}

/// What a participant of the arm has at each visit.
fn concentrations(protocol: &SimulationProtocol, arm: &SimulatedArm, random: &mut Random) -> Vec<f64> {
    let declared = &protocol.concentration;
    let own = random.normal();
    protocol
        .visits
        .iter()
        .enumerate()
        .map(|(visit, _)| {
            let ratio = if visit == 0 { 1.0 } else { arm.ratios.get(visit - 1).copied().unwrap_or(1.0) };
            let z = libm::sqrt(declared.correlation) * own + libm::sqrt(1.0 - declared.correlation) * random.normal();
            declared.geometric_mean * ratio * libm::exp(declared.log_sd * z)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn participants_are_as_declared() {
        let mut protocol = SimulationProtocol::default();
        // Many participants, so that what is declared shows.
        protocol.arms[0].participants = 10_000;
        protocol.arms[1].participants = 10_000;
        let (participants, samples) = enrol(&protocol, &mut Random::new(11));
        let dropouts = participants.iter().filter(|participant| participant.dropped_out).count() as f64;
        assert!((dropouts / 20_000.0 - 0.08).abs() < 5.0 * (0.08 * 0.92 / 20_000.0_f64).sqrt());

        for (arm, ratio) in [("active", 0.65_f64), ("placebo", 0.95)] {
            let pairs: Vec<(f64, f64)> = samples
                .windows(2)
                .filter(|pair| pair[0].participant == pair[1].participant)
                .filter(|pair| participants[pair[0].participant].arm == arm)
                .map(|pair| (pair[0].concentration.ln(), pair[1].concentration.ln()))
                .collect();
            let n = pairs.len() as f64;
            let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
            let (base, end) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
            let (var_base, var_end) = (mean(&|pair| (pair.0 - base).powi(2)), mean(&|pair| (pair.1 - end).powi(2)));
            let covariance = mean(&|pair| (pair.0 - base) * (pair.1 - end));
            // Five standard errors: of a mean 1/√n, of a variance √(2/n), of a correlation (1 − ρ²)/√n.
            assert!((base - 2600.0_f64.ln()).abs() < 5.0 / n.sqrt());
            assert!((end - base - ratio.ln()).abs() < 5.0 * (2.0 * 0.3 / n).sqrt());
            assert!((var_base - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
            assert!((var_end - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
            assert!((covariance / (var_base * var_end).sqrt() - 0.7).abs() < 5.0 * 0.51 / n.sqrt());
        }
    }

    #[test]
    fn arms_have_their_sizes_and_are_balanced_all_along() {
        let protocol = SimulationProtocol::default();
        let (participants, _) = enrol(&protocol, &mut Random::new(2));
        let active = |of: &[SimulatedParticipant]| of.iter().filter(|participant| participant.arm == "active").count();
        assert_eq!((participants.len(), active(&participants)), (114, 59));
        for n in 1..=114 {
            let expected = n as f64 * 59.0 / 114.0;
            assert!((active(&participants[..n]) as f64 - expected).abs() <= 2.5, "{n}");
        }
        let mut names: Vec<&str> = participants.iter().map(|participant| participant.id.as_str()).collect();
        assert_eq!(names[40], "S12");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 114);
    }
}
