//! Whole studies resampled, on all cores: every plate's wells, its curve, its samples, one result per sample, the primary
//! analysis. See [`crate::study::assay_error`] for what is made of them.
//!
//! Each plate of each replicate has a generator of its own, keyed by seed, replicate and place of the plate in the study (and one
//! before all replicates, with which it is prepared), and replicates are collected in their order: the result does not depend on
//! the threads.

use rayon::prelude::*;

use super::run_step::{Finished, RunStep};
use crate::concentration::PlateRedraw;
use crate::protocol::Protocol;
use crate::qc::JudgedPlate;
use crate::reportable::{self, UndeclaredRepeats};
use crate::stats::random::Random;
use crate::study::assay_error::{AssayError, Draws, ResampledAnalysis, carry};
use crate::study::primary::{primary, spread_within_arms};
use crate::study::remeasured_study::RemeasuredStudy;
use crate::study::trial_data::TrialData;
use crate::study::{Allocation, ArmComparison, SubjectVisit};

/// A study that can be resampled, with what a replicate writes into.
#[derive(Clone)]
struct ResampledStudy<'a> {
    protocol: &'a Protocol,
    /// The accepted plates that have a curve, by their place in the study.
    redraws: Vec<(usize, PlateRedraw<'a>)>,
    plates: Vec<JudgedPlate>,
    trial: RemeasuredStudy<'a>,
    /// What the study does not declare is the same in every replicate.
    undeclared: UndeclaredRepeats,
}

/// Carries assay error through to each primary comparison of `primaries`. `finished` is told each study that is resampled.
pub fn assay_error(
    plates: &[JudgedPlate],
    visits: &[SubjectVisit],
    arms: &[Allocation],
    primaries: &[&ArmComparison],
    protocol: &Protocol,
    finished: Finished<'_>,
) -> Vec<AssayError> {
    let replicates = protocol.trial.analysis.assay_error_replicates;
    if replicates == 0 {
        return Vec::new();
    }
    let seed = protocol.trial.analysis.seed;
    let study = ResampledStudy::new(plates, visits, arms, protocol, seed);
    let trial = TrialData::of_study(protocol, visits, arms);
    let actives: Vec<&str> = primaries.iter().map(|primary| primary.active.as_str()).collect();
    let drawn: Vec<Vec<Option<ResampledAnalysis>>> = (0..replicates as u64)
        .into_par_iter()
        .map_init(
            || study.clone(),
            |study, replicate| {
                let drawn = study.draw(seed, replicate, &actives);
                finished(RunStep::Resampled { of: replicates });
                drawn
            },
        )
        .collect();
    let plate_df = study.redraws.iter().map(|(_, redraw)| redraw.df()).sum();
    let draws = Draws { seed, confidence: protocol.assay.method.confidence, plate_df };
    primaries
        .iter()
        .enumerate()
        .map(|(at, observed)| {
            let spread = spread_within_arms(&trial, &observed.active, protocol);
            let of_arm: Vec<Option<ResampledAnalysis>> = drawn.iter().map(|replicate| replicate[at]).collect();
            carry(observed, spread, &of_arm, draws)
        })
        .collect()
}

impl<'a> ResampledStudy<'a> {
    fn new(
        plates: &[JudgedPlate],
        visits: &'a [SubjectVisit],
        arms: &'a [Allocation],
        protocol: &'a Protocol,
        seed: u64,
    ) -> Self {
        let before_all = Random::of_replicate(seed, u64::MAX).bits();
        let redraw = |(at, plate): (usize, &JudgedPlate)| {
            let accepted = plate.verdict.verdict.is_accepted();
            let concentrations = plate.concentrations.as_ref().filter(|_| accepted)?;
            let mut random = Random::of_replicate(before_all, at as u64);
            Some((at, PlateRedraw::new(concentrations, &protocol.assay, &mut random)?))
        };
        Self {
            protocol,
            redraws: plates.iter().enumerate().filter_map(redraw).collect(),
            plates: plates.to_vec(),
            trial: RemeasuredStudy::new(visits, arms, protocol),
            undeclared: reportable::undeclared(plates, &protocol.assay),
        }
    }

    /// One replicate: the primary analysis of each arm; `None` where a plate gave no curve or the analysis no estimate.
    fn draw(&mut self, seed: u64, replicate: u64, actives: &[&str]) -> Vec<Option<ResampledAnalysis>> {
        let of_replicate = Random::of_replicate(seed, replicate).bits();
        for (at, redraw) in &mut self.redraws {
            let mut random = Random::of_replicate(of_replicate, *at as u64);
            let Some(samples) = redraw.samples(&mut random) else { return vec![None; actives.len()] };
            if let Some(concentrations) = &mut self.plates[*at].concentrations {
                concentrations.samples = samples;
            }
        }
        let trial = self.trial.with(reportable::resolve_with(&self.plates, &self.protocol.assay, &self.undeclared));
        let protocol = self.protocol;
        let of_arm = |arm: &&str| {
            ResampledAnalysis::of(&primary(&trial, arm, protocol)?, spread_within_arms(&trial, arm, protocol))
        };
        actives.iter().map(of_arm).collect()
    }
}
