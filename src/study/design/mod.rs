//! Whether the design is sound: where arms and visits stand on plates and kit lots, what the plates do to the ratio of the arms,
//! and what single subjects do to it.
//!
//! A plate or a lot shifts every sample on it by about one factor. Between both visits of a subject the factor cancels when they
//! are on one plate, and between the arms when every plate holds both; where an arm has plates of its own, no analysis can tell
//! the plates from the treatment. The ratio with a plate term is the primary model with a term for each plate (or lot) of a
//! visit; see [`crate::stats::blocks`].

mod effects;
mod influence;
mod spread;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::changes;
use super::primary::declared_rule;
use super::result::{Change, SubjectVisit};
use super::trial::Trial;
use crate::protocol::Protocol;

pub use effects::BlockEffect;
pub use influence::Influence;
pub use spread::{DesignCount, Pairing};

/// What the design is, and what it does.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Design {
    /// Results of arms and visits on plates and lots.
    pub counts: Vec<DesignCount>,
    /// Of each arm, whose visits are on one plate.
    pub pairing: Vec<Pairing>,
    /// The ratio with a term for the plates or lots, and without.
    pub effects: Vec<BlockEffect>,
    /// The ratio without each subject.
    pub influence: Vec<Influence>,
    /// What is wrong with the design, one sentence each; empty where nothing is.
    pub warnings: Vec<String>,
    /// The answer in words.
    pub words: String,
}

/// A subject of the primary analysis, with the plates of both visits.
struct Used<'a> {
    change: &'a Change,
    log_change: f64,
    log_base: f64,
    plates: [Option<&'a str>; 2],
}

/// Looks at the design of a trial that was compared.
pub fn design(trial: &Trial, visits: &[SubjectVisit], actives: &[&str], protocol: &Protocol) -> Design {
    let (Some(baseline), Some(endpoint)) = (trial.baseline(), trial.endpoint()) else { return Design::default() };
    let names = [baseline, endpoint].map(|visit| trial.visits[visit].name.as_str());
    let lots: BTreeMap<&str, &str> =
        protocol.plates.iter().filter_map(|plate| Some((plate.id.as_str(), plate.kit_lot.as_deref()?))).collect();
    let lot = |plate: &str| lots.get(plate).copied();
    let analysed = || visits.iter().filter(|visit| visit.excluded.is_none());
    let plate_of: BTreeMap<(&str, &str), &str> = analysed()
        .filter_map(|visit| Some(((visit.subject.as_str(), visit.visit.as_str()), visit.plate.as_deref()?)))
        .collect();
    let changes = changes(trial, declared_rule(protocol));
    let used: Vec<Used<'_>> = changes
        .iter()
        .filter(|change| change.visit == names[1])
        .filter_map(|change| {
            Some(Used {
                change,
                log_change: change.log_change?,
                log_base: libm::log(change.base?),
                plates: [measured_at(trial, &change.subject, baseline), names[1]]
                    .map(|visit| plate_of.get(&(change.subject.as_str(), visit)).copied()),
            })
        })
        .collect();
    let counts = spread::counts(trial, analysed(), &lot);
    let mut found = Design { pairing: spread::pairing(trial, &used, &lot), ..Design::default() };
    for active in actives {
        let pair: Vec<&Used<'_>> = used
            .iter()
            .filter(|one| one.change.arm == *active || one.change.arm == protocol.analysis.reference_arm)
            .collect();
        found.effects.extend(effects::effects(&pair, active, names, &lot, protocol));
        found.influence.extend(influence::influence(&pair, active, protocol));
    }
    found.warnings = words::warnings(&counts, &found.effects, names);
    found.words = words::words(&found, names);
    found.counts = counts;
    found
}

/// The name of the visit whose result stands at a subject's baseline.
fn measured_at<'a>(trial: &'a Trial, subject: &str, baseline: usize) -> &'a str {
    let participant = trial.participants.binary_search_by(|one| one.subject.as_str().cmp(subject)).ok();
    &trial.visits[participant.and_then(|at| trial.participants[at].baseline_from).unwrap_or(baseline)].name
}
