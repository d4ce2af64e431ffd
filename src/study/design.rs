//! Whether the design is sound: where arms and visits stand on plates and kit lots, what the plates do to the ratio of the arms,
//! and what single subjects do to it.
//!
//! A plate or a lot shifts every sample on it by about one factor. Between both visits of a subject the factor cancels when they
//! are on one plate, and between the arms when every plate holds both; where an arm has plates of its own, no analysis can tell
//! the plates from the treatment. The ratio with a plate term is the primary model with a term for each plate (or lot) of a
//! visit; see [`crate::stats::blocks`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::change::changes;
use super::pair::ratio;
use super::primary::declared_rule;
use super::result::{Change, Interval, SubjectVisit};
use super::trial::Trial;
use crate::protocol::Protocol;
use crate::stats::ancova::Rows;
use crate::stats::blocks::{Blocked, Difference, blocked};
use crate::stats::leave_one_out::leave_one_out;
use crate::stats::{Arm, Undefined};

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

/// How many results of an arm at a visit are on a plate, or of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesignCount {
    /// `plate` or `kit lot`.
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

/// The ratio of two arms with a term for the plates or lots of a visit.
#[derive(Debug, Clone, Serialize)]
pub struct BlockEffect {
    /// What the term is, such as `plate of Week 16`.
    pub term: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Subjects in both models.
    pub n: usize,
    /// The ratio without the term.
    pub without: Option<Interval>,
    /// The ratio with it.
    pub with: Option<Interval>,
    /// By how much the variance of the log ratio grows because the arms are spread unevenly; see
    /// [`crate::stats::blocks::Blocked::inflation`].
    pub inflation: Option<f64>,
    /// F of the term.
    pub f: Option<f64>,
    /// Degrees of freedom of the term and of the residual.
    pub df: Option<[f64; 2]>,
    /// p-value of F.
    pub p: Option<f64>,
    /// Whether the term cannot be told apart from the arm.
    pub confounded: bool,
    /// Why there is no ratio with the term; empty where there is.
    pub reason: String,
}

/// The ratio without one subject.
#[derive(Debug, Clone, Serialize)]
pub struct Influence {
    /// The subject who is left out.
    pub subject: String,
    /// The subject's arm.
    pub arm: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The ratio without the subject; `None` where it is not determined.
    pub ratio: Option<Interval>,
    /// 100 × (ratio without / ratio − 1).
    pub change_percent: Option<f64>,
    /// Two-sided p-value without the subject.
    pub p: Option<f64>,
    /// Whether the interval holds 1 with the subject and not without, or the other way round.
    pub moves: bool,
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
    let counts = counts(trial, analysed(), &lot);
    let mut found = Design { pairing: pairing(trial, &used, &lot), ..Design::default() };
    for active in actives {
        let pair: Vec<&Used<'_>> = used
            .iter()
            .filter(|one| one.change.arm == *active || one.change.arm == protocol.analysis.reference_arm)
            .collect();
        found.effects.extend(effects(&pair, active, names, &lot, protocol));
        found.influence.extend(influence(&pair, active, protocol));
    }
    found.warnings = warnings(&counts, &found.effects, names);
    found.words = words(&found, names);
    found.counts = counts;
    found
}

/// The name of the visit whose result stands at a subject's baseline.
fn measured_at<'a>(trial: &'a Trial, subject: &str, baseline: usize) -> &'a str {
    let participant = trial.participants.binary_search_by(|one| one.subject.as_str().cmp(subject)).ok();
    &trial.visits[participant.and_then(|at| trial.participants[at].baseline_from).unwrap_or(baseline)].name
}

fn counts<'a>(
    trial: &'a Trial,
    visits: impl Iterator<Item = &'a SubjectVisit>,
    lot: &impl Fn(&'a str) -> Option<&'a str>,
) -> Vec<DesignCount> {
    let arm_of: BTreeMap<&str, &str> =
        trial.participants.iter().map(|one| (one.subject.as_str(), one.arm.as_str())).collect();
    let mut counts: BTreeMap<(usize, &str, usize, &str), usize> = BTreeMap::new();
    for visit in visits {
        let at = trial.visits.iter().position(|one| one.name == visit.visit);
        let (Some(arm), Some(plate), Some(at)) = (arm_of.get(visit.subject.as_str()), visit.plate.as_deref(), at)
        else {
            continue;
        };
        *counts.entry((0, plate, at, arm)).or_default() += 1;
        if let Some(lot) = lot(plate) {
            *counts.entry((1, lot, at, arm)).or_default() += 1;
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
            factor: ["plate", "kit lot"][key.0],
            level: key.1.to_string(),
            visit: trial.visits[key.2].name.clone(),
            arm: key.3.to_string(),
            n: counts.get(&key).copied().unwrap_or(0),
        })
        .collect()
}

fn pairing<'a>(trial: &Trial, used: &[Used<'a>], lot: &impl Fn(&'a str) -> Option<&'a str>) -> Vec<Pairing> {
    let both = |one: &&Used<'a>| one.plates[0].is_some() && one.plates[0] == one.plates[1];
    let both_lots = |one: &&Used<'a>| {
        let [before, after] = one.plates.map(|plate| plate.and_then(lot));
        before.is_some() && before == after
    };
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

/// The columns of the primary model.
struct Columns {
    arm: Vec<Arm>,
    response: Vec<f64>,
    baseline: Vec<f64>,
    stratum: Option<Vec<usize>>,
}

impl Columns {
    fn of(pair: &[&Used<'_>], active: &str) -> Self {
        let strata: Option<Vec<&str>> = pair.iter().map(|one| one.change.stratum.as_deref()).collect();
        Self {
            arm: pair.iter().map(|one| if one.change.arm == active { Arm::Active } else { Arm::Placebo }).collect(),
            response: pair.iter().map(|one| one.log_change).collect(),
            baseline: pair.iter().map(|one| one.log_base).collect(),
            stratum: strata.map(|strata| numbered(&strata)),
        }
    }

    fn rows(&self) -> Rows<'_> {
        Rows { arm: &self.arm, response: &self.response, baseline: &self.baseline, stratum: self.stratum.as_deref() }
    }
}

/// Names as numbers, in their order.
fn numbered(names: &[&str]) -> Vec<usize> {
    let mut levels: Vec<&str> = names.to_vec();
    levels.sort_unstable();
    levels.dedup();
    names.iter().map(|name| levels.partition_point(|level| level < name)).collect()
}

fn effects<'a>(
    pair: &[&Used<'a>],
    active: &str,
    names: [&str; 2],
    lot: &impl Fn(&'a str) -> Option<&'a str>,
    protocol: &Protocol,
) -> Vec<BlockEffect> {
    let confidence = protocol.method.confidence;
    let columns = Columns::of(pair, active);
    let mut found = Vec::new();
    for (factor, of) in [("plate", None), ("kit lot", Some(lot))] {
        for (at, visit) in names.iter().enumerate() {
            let level = |one: &&Used<'a>| one.plates[at].and_then(|plate| of.map_or(Some(plate), |lot| lot(plate)));
            // Results whose plate or lot is not known stay out of both models, so that these can be compared.
            let Some(levels) = pair.iter().map(level).collect::<Option<Vec<&str>>>() else { continue };
            let fitted = blocked(columns.rows(), &numbered(&levels), confidence);
            found.push(effect(format!("{factor} of {visit}"), active, pair.len(), fitted, protocol));
        }
    }
    found
}

fn effect(
    term: String,
    active: &str,
    n: usize,
    fitted: Result<Blocked, Undefined>,
    protocol: &Protocol,
) -> BlockEffect {
    let of = |found: &Difference| ratio(found.diff, found.inference.ci_low, found.inference.ci_high);
    let blank = BlockEffect {
        term,
        active: active.to_string(),
        reference: protocol.analysis.reference_arm.clone(),
        n,
        without: None,
        with: None,
        inflation: None,
        f: None,
        df: None,
        p: None,
        confounded: false,
        reason: String::new(),
    };
    match fitted {
        Ok(found) => BlockEffect {
            without: of(&found.without),
            with: of(&found.with),
            inflation: Some(found.inflation),
            f: Some(found.f),
            df: Some([found.terms as f64, found.with.inference.df]),
            p: Some(found.p),
            ..blank
        },
        Err(Undefined::NotEstimable { column }) if column == "arm" => {
            let reason = format!("confounded: the {} says which arm it is", blank.term);
            BlockEffect { confounded: true, reason, ..blank }
        }
        Err(why) => BlockEffect { reason: why.to_string(), ..blank },
    }
}

fn influence(pair: &[&Used<'_>], active: &str, protocol: &Protocol) -> Vec<Influence> {
    let confidence = protocol.method.confidence;
    let columns = Columns::of(pair, active);
    let Ok(without) = leave_one_out(columns.rows(), confidence) else { return Vec::new() };
    let weights = crate::stats::StratumWeights::None;
    let all = crate::stats::ancova(columns.rows(), crate::stats::Vcov::Ols, weights, confidence).ok();
    let holds = |low: Option<f64>, high: Option<f64>| low.zip(high).map(|(low, high)| low <= 0.0 && high >= 0.0);
    pair.iter()
        .zip(without)
        .map(|(one, without)| {
            let own = all.as_ref().map(|all| (all.diff, holds(all.inference.ci_low, all.inference.ci_high)));
            let now = without.map(|found| holds(found.inference.ci_low, found.inference.ci_high));
            Influence {
                subject: one.change.subject.clone(),
                arm: one.change.arm.clone(),
                active: active.to_string(),
                reference: protocol.analysis.reference_arm.clone(),
                ratio: without.and_then(|found| ratio(found.diff, found.inference.ci_low, found.inference.ci_high)),
                change_percent: without.zip(own).map(|(found, own)| 100.0 * libm::expm1(found.diff - own.0)),
                p: without.and_then(|found| found.inference.p),
                moves: own.zip(now).is_some_and(|(own, now)| own.1 != now),
            }
        })
        .collect()
}

/// Growth of the variance from which the spread of the arms over plates is worth a warning.
const UNEVEN: f64 = 1.5;

fn warnings(counts: &[DesignCount], effects: &[BlockEffect], names: [&str; 2]) -> Vec<String> {
    let mut warnings = Vec::new();
    for factor in ["plate", "kit lot"] {
        let of_factor: Vec<&DesignCount> = counts.iter().filter(|count| count.factor == factor).collect();
        for visit in names {
            warnings.extend(one_arm_only(&of_factor, factor, visit));
        }
        warnings.extend(visits_apart(&of_factor, factor, names));
    }
    for effect in effects {
        let against = format!("{} against {}", effect.active, effect.reference);
        if effect.confounded {
            warnings.push(format!(
                "{against}: the arms cannot be told apart from the {}; part or all of their difference may be the assay's.",
                effect.term
            ));
        } else if let Some(inflation) = effect.inflation.filter(|&inflation| inflation > UNEVEN) {
            warnings.push(format!(
                "{against}: the arms are spread unevenly over the {}; with a term for it the variance of the log ratio is \
                 {inflation:.1} times as large.",
                effect.term
            ));
        }
    }
    warnings
}

/// Plates or lots that hold one arm only at a visit.
fn one_arm_only(counts: &[&DesignCount], factor: &str, visit: &str) -> Option<String> {
    let mut arms_on: BTreeMap<&str, usize> = BTreeMap::new();
    let mut size: BTreeMap<&str, usize> = BTreeMap::new();
    for count in counts.iter().filter(|count| count.visit == visit) {
        *arms_on.entry(&count.level).or_default() += usize::from(count.n > 0);
        *size.entry(&count.level).or_default() += count.n;
    }
    // A plate with one or two samples, such as repeats, cannot hold every arm.
    let large: Vec<&str> = size.iter().filter(|(_, n)| **n >= 3).map(|(level, _)| *level).collect();
    let alone: Vec<&str> = large.iter().copied().filter(|level| arms_on[level] == 1).collect();
    (!alone.is_empty()).then(|| {
        format!(
            "{} of {} {factor}s hold samples of one arm only at {visit}: {}.",
            alone.len(),
            large.len(),
            alone.join(", ")
        )
    })
}

/// Baseline and end point that share no plate or lot.
fn visits_apart(counts: &[&DesignCount], factor: &str, names: [&str; 2]) -> Option<String> {
    let on = |visit: &str| -> BTreeSet<&str> {
        counts.iter().filter(|count| count.visit == visit && count.n > 0).map(|count| count.level.as_str()).collect()
    };
    let [before, after] = names.map(on);
    (!before.is_empty() && !after.is_empty() && before.is_disjoint(&after)).then(|| {
        format!(
            "{} and {} share no {factor}: a difference between {factor}s is in every change, and cancels between the arms only \
             where both are spread alike.",
            names[0], names[1]
        )
    })
}

fn words(design: &Design, names: [&str; 2]) -> String {
    let mut sentences = Vec::new();
    let pairs: Vec<String> =
        design.pairing.iter().map(|arm| format!("{} of {} in {}", arm.one_plate, arm.n, arm.arm)).collect();
    sentences.push(format!("Both visits of a subject were measured on one plate for {}.", pairs.join(", ")));
    for effect in &design.effects {
        if let (Some(without), Some(with), Some(p)) = (effect.without, effect.with, effect.p)
            && effect.term.ends_with(names[1])
        {
            sentences.push(format!(
                "With a term for the {} the ratio, {} / {}, is {:.2} ({:.2} to {:.2}) instead of {:.2} ({:.2} to {:.2}); P of the \
                 term {}.",
                effect.term,
                effect.active,
                effect.reference,
                with.estimate,
                with.lower,
                with.upper,
                without.estimate,
                without.lower,
                without.upper,
                if p < 0.001 { "< 0.001".to_string() } else { format!("= {p:.3}") }
            ));
        }
    }
    let size = |one: &&Influence| one.change_percent.map_or(0.0, f64::abs);
    if let Some(largest) = design.influence.iter().max_by(|one, other| size(one).total_cmp(&size(other)))
        && let Some(change) = largest.change_percent
    {
        let moving = design.influence.iter().filter(|one| one.moves).count();
        sentences.push(format!(
            "Leaving out one subject changes the ratio by at most {:.1} % ({}); {}.",
            change.abs(),
            largest.subject,
            match moving {
                0 => "no single subject moves the conclusion".to_string(),
                1 => "one subject alone moves the conclusion".to_string(),
                several => format!("{several} subjects, each alone, move the conclusion"),
            }
        ));
    }
    sentences.push(if design.warnings.is_empty() {
        "Nothing in the design confounds the arms with the assay.".to_string()
    } else {
        "The warnings say where the design confounds the arms or visits with the assay.".to_string()
    });
    sentences.join(" ")
}
