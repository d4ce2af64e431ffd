//! The ratio of the arms with a term for the plates, lots or matrices of a visit, beside the ratio without.

use serde::Serialize;

use super::super::arm_pair::ratio;
use super::super::covariates::terms_of;
use super::super::interval_estimate::IntervalEstimate;
use super::super::trial_data::TrialData;
use super::primary_subject::PrimarySubject;
use crate::protocol::Protocol;
use crate::stats::ancova::AncovaRows;
use crate::stats::blocks::{BlockDifference, BlockedAnalysis, blocked};
use crate::stats::covariates::Term;
use crate::stats::{Arm, Undefined};

/// The ratio of two arms with a term for the plates, lots or matrices of a visit.
///
/// See [`design`](super::design) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct BlockEffect {
    /// What the term is, such as `plate of Week 16`.
    pub term: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Subjects in both models, of all arms.
    pub n: usize,
    /// The ratio without the term.
    pub without: Option<IntervalEstimate>,
    /// The ratio with it.
    pub with: Option<IntervalEstimate>,
    /// By how much the variance of the log ratio grows because the arms are spread unevenly; see
    /// [`crate::stats::blocks::BlockedAnalysis::inflation`].
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

/// The columns of the primary model.
pub(super) struct ModelColumns {
    arm: Vec<Arm>,
    response: Vec<f64>,
    baseline: Vec<f64>,
    stratum: Option<Vec<usize>>,
    terms: Vec<Term>,
}

impl ModelColumns {
    /// # Errors
    /// Where a covariate cannot be adjusted for.
    pub(super) fn of(
        trial: &TrialData,
        used: &[&PrimarySubject<'_>],
        active: &str,
        reference: &str,
    ) -> Result<Self, Undefined> {
        let strata: Option<Vec<&str>> = used.iter().map(|one| one.change.stratum.as_deref()).collect();
        let arms: Vec<&str> = used.iter().map(|one| one.change.arm.as_str()).collect();
        let of_each: Vec<&[f64]> = used.iter().map(|one| one.covariates.as_slice()).collect();
        let mut terms = terms_of(&trial.covariates, &of_each, &numbered(&arms), &vec![1.0; arms.len()])?;
        // The others of more than two arms have a term each, so that the arm is the difference from the reference.
        let mut others = arms.clone();
        others.sort_unstable();
        others.dedup();
        terms.extend(others.into_iter().filter(|arm| *arm != active && *arm != reference).map(|other| Term {
            name: format!("arm {other}"),
            values: arms.iter().map(|arm| f64::from(u8::from(*arm == other))).collect(),
        }));
        Ok(Self {
            terms,
            arm: arms.iter().map(|arm| if *arm == active { Arm::Active } else { Arm::Placebo }).collect(),
            response: used.iter().map(|one| one.log_change).collect(),
            baseline: used.iter().map(|one| one.log_base).collect(),
            stratum: strata.map(|strata| numbered(&strata)),
        })
    }

    pub(super) fn rows(&self) -> AncovaRows<'_> {
        AncovaRows {
            arm: &self.arm,
            response: &self.response,
            baseline: &self.baseline,
            stratum: self.stratum.as_deref(),
            terms: &self.terms,
        }
    }
}

/// Names as numbers, in their order.
fn numbered(names: &[&str]) -> Vec<usize> {
    let mut levels: Vec<&str> = names.to_vec();
    levels.sort_unstable();
    levels.dedup();
    names.iter().map(|name| levels.partition_point(|level| level < name)).collect()
}

/// What a term is of.
const FACTORS: [&str; 3] = ["plate", "kit lot", "matrix"];

fn level<'a>(one: &PrimarySubject<'a>, factor: &str, visit: usize) -> Option<&'a str> {
    match factor {
        "plate" => one.plates[visit],
        "kit lot" => one.lots[visit],
        _ => one.matrices[visit],
    }
}

pub(super) fn effects(
    (trial, used): (&TrialData, &[&PrimarySubject<'_>]),
    active: &str,
    names: [&str; 2],
    protocol: &Protocol,
) -> Vec<BlockEffect> {
    let confidence = protocol.assay.method.confidence;
    let columns = ModelColumns::of(trial, used, active, &protocol.trial.analysis.reference_arm);
    let mut found = Vec::new();
    for factor in FACTORS {
        for (at, visit) in names.iter().enumerate() {
            let levels: Vec<&str> = used.iter().filter_map(|one| level(one, factor, at)).collect();
            let one = levels.iter().all(|level| *level == levels[0]);
            // One matrix for everybody is no factor.
            if factor == "matrix" && one {
                continue;
            }
            let unknown = used.len() - levels.len();
            let fitted = match unknown {
                0 if one && !levels.is_empty() => {
                    Err(Undefined::Because(format!("there is only one {factor}: nothing to adjust for")))
                }
                0 => columns
                    .as_ref()
                    .map_err(Clone::clone)
                    .and_then(|columns| blocked(columns.rows(), &numbered(&levels), confidence)),
                // The study does not say it of any: there is nothing to look at.
                _ if levels.is_empty() => continue,
                _ => {
                    Err(Undefined::Because(format!("the {factor} of {unknown} of {} results is not known", used.len())))
                }
            };
            found.push(effect(format!("{factor} of {visit}"), active, used.len(), fitted, protocol));
        }
    }
    found
}

fn effect(
    term: String,
    active: &str,
    n: usize,
    fitted: Result<BlockedAnalysis, Undefined>,
    protocol: &Protocol,
) -> BlockEffect {
    let of = |found: &BlockDifference| ratio(found.diff, found.inference.ci_low, found.inference.ci_high);
    let blank = BlockEffect {
        term,
        active: active.to_string(),
        reference: protocol.trial.analysis.reference_arm.clone(),
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
        Err(_) if n == 0 => BlockEffect { reason: "nobody is in the analysis".to_string(), ..blank },
        Err(why) => BlockEffect { reason: why.to_string(), ..blank },
    }
}
