//! Where the results of arms and visits stand: on which plates, of which lots, and both visits of a subject together or not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::subject_visit::SubjectVisit;
use super::super::trial_data::TrialData;
use super::primary_subject::PrimarySubject;
use super::warning::DesignWarning;
use crate::sheet::Code;

/// How many results of an arm at a visit are on a plate, of a lot, or of a matrix.
///
/// See [`design`](super::design) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesignCount {
    /// `plate`, `kit lot` or `matrix`.
    pub factor: &'static str,
    /// Its name.
    pub level: String,
    /// The visit.
    pub visit: String,
    /// The arm.
    pub arm: String,
    /// Reported results.
    pub n: usize,
}

/// Whose baseline and end point were measured on one plate.
///
/// See [`design`](super::design) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pairing {
    /// The arm.
    pub arm: String,
    /// Subjects of the primary analysis.
    pub n: usize,
    /// Of these, both visits on one plate.
    pub one_plate: usize,
    /// Of these, both visits with one kit lot.
    pub one_lot: usize,
}

pub(super) fn counts<'a>(
    trial: &'a TrialData,
    visits: impl Iterator<Item = &'a SubjectVisit>,
    lot: &impl Fn(&'a str) -> Option<&'a str>,
) -> Vec<DesignCount> {
    let arm_of: BTreeMap<&str, &str> =
        trial.participants.iter().map(|one| (one.subject.as_str(), one.arm.as_str())).collect();
    let visits: Vec<&SubjectVisit> = visits.collect();
    // One matrix for everybody is no factor.
    let matrices: BTreeSet<String> =
        visits.iter().filter_map(|visit| visit.matrix.as_ref().map(|matrix| matrix.to_ascii_lowercase())).collect();
    let mut counts: BTreeMap<(usize, &str, usize, &str), usize> = BTreeMap::new();
    for visit in &visits {
        let at = trial.visits.iter().position(|one| one.name == visit.visit);
        let (Some(arm), Some(plate), Some(at)) = (arm_of.get(visit.subject.as_str()), visit.plate.as_deref(), at)
        else {
            continue;
        };
        *counts.entry((0, plate, at, arm)).or_default() += 1;
        if let Some(lot) = lot(plate) {
            *counts.entry((1, lot, at, arm)).or_default() += 1;
        }
        let matrix = visit.matrix.as_ref().and_then(|matrix| matrices.get(&matrix.to_ascii_lowercase()));
        if let Some(matrix) = matrix.filter(|_| matrices.len() > 1) {
            *counts.entry((2, matrix, at, arm)).or_default() += 1;
        }
    }
    // An arm without a result on a plate is a zero, not an absence.
    let places: BTreeSet<(usize, &str, usize)> =
        counts.keys().map(|&(factor, level, visit, _)| (factor, level, visit)).collect();
    let arms = trial.arms();
    places
        .into_iter()
        .flat_map(|(factor, level, visit)| arms.iter().map(move |&arm| (factor, level, visit, arm)))
        .map(|key| DesignCount {
            factor: ["plate", "kit lot", "matrix"][key.0],
            level: key.1.to_string(),
            visit: trial.visits[key.2].name.clone(),
            arm: key.3.to_string(),
            n: counts.get(&key).copied().unwrap_or(0),
        })
        .collect()
}

pub(super) fn pairing(trial: &TrialData, used: &[PrimarySubject<'_>]) -> Vec<Pairing> {
    let both = |one: &&PrimarySubject<'_>| one.plates[0].is_some() && one.plates[0] == one.plates[1];
    let both_lots = |one: &&PrimarySubject<'_>| one.lots[0].is_some() && one.lots[0] == one.lots[1];
    trial
        .arms()
        .into_iter()
        .map(|arm| {
            let of_arm = || used.iter().filter(|one| one.change.arm == arm);
            Pairing {
                arm: arm.to_string(),
                n: of_arm().count(),
                one_plate: of_arm().filter(both).count(),
                one_lot: of_arm().filter(both_lots).count(),
            }
        })
        .collect()
}

/// `plates`, `kit lots`, `matrices`.
fn plural(factor: &str) -> String {
    if factor == "matrix" { "matrices".to_string() } else { format!("{factor}s") }
}

/// Plates, lots or matrices that hold one arm only at a visit.
pub(super) fn one_arm_only(counts: &[&DesignCount], factor: &str, visit: &str) -> Option<DesignWarning> {
    let mut arms_on: BTreeMap<&str, usize> = BTreeMap::new();
    let mut size: BTreeMap<&str, usize> = BTreeMap::new();
    for count in counts.iter().filter(|count| count.visit == visit) {
        *arms_on.entry(&count.level).or_default() += usize::from(count.n > 0);
        *size.entry(&count.level).or_default() += count.n;
    }
    // A plate with one or two samples, such as repeats, cannot hold every arm.
    let large: Vec<&str> = size.iter().filter(|(_, n)| **n >= 3).map(|(level, _)| *level).collect();
    let alone: Vec<&str> = large.iter().copied().filter(|level| arms_on[level] == 1).collect();
    (!alone.is_empty()).then(|| DesignWarning {
        code: match factor {
            "matrix" => Code::new("matrix-of-one-arm"),
            "kit lot" => Code::new("kit-lot-of-one-arm"),
            _ => Code::new("plate-of-one-arm"),
        },
        found: format!(
            "{} of {} {} {} samples of one arm only at {visit}: {}.",
            alone.len(),
            large.len(),
            plural(factor),
            if alone.len() == 1 { "holds" } else { "hold" },
            alone.join(", ")
        ),
    })
}

/// Baseline and end point that share no plate or lot.
pub(super) fn visits_apart(counts: &[&DesignCount], factor: &str, names: [&str; 2]) -> Option<DesignWarning> {
    let on = |visit: &str| -> BTreeSet<&str> {
        counts.iter().filter(|count| count.visit == visit && count.n > 0).map(|count| count.level.as_str()).collect()
    };
    let [before, after] = names.map(on);
    (!before.is_empty() && !after.is_empty() && before.is_disjoint(&after)).then(|| DesignWarning {
        code: match factor {
            "matrix" => Code::new("visits-share-no-matrix"),
            "kit lot" => Code::new("visits-share-no-kit-lot"),
            _ => Code::new("visits-share-no-plate"),
        },
        found: format!(
            "{} and {} share no {factor}: a difference between {} is in every change, and cancels between the arms only where \
             both are spread alike.",
            names[0],
            names[1],
            plural(factor)
        ),
    })
}
