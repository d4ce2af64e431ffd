//! The comparison of the arms at the end point.
//!
//! Primary: analysis of covariance of ln(end point / baseline) by arm with ln baseline (and the strata of the randomisation).
//! `exp` of its adjusted difference is the ratio of the arms' geometric mean ratios to baseline: by what factor more, or less,
//! TARC changed under treatment than under the reference. Beside it the same with standard errors that let the variances differ
//! (HC3), the mixed model where there are several visits after baseline, and the analyses that do not adjust for the baseline.

use crate::protocol::{MixedModel, Protocol};
use crate::sheet::{Location, Problem, Problems};
use crate::stats::Vcov;

use super::change::changes;
use super::exclusion::excluded;
use super::join::join;
use super::limits::LimitRule;
use super::multiplicity::adjust_families;
use super::pair::Pair;
use super::paragraph::{Findings, paragraph};
use super::records::records;
use super::responders::{Responders, responders};
use super::result::{Allocation, ArmComparison, Comparison, SubjectVisit};
use super::sensitivity::{sensitivity, verdict};
use super::summary::summaries;
use super::trial::Trial;

/// Joins results to arms and compares every other arm with the reference arm at the end point.
///
/// # Errors
/// When the reference arm has nobody, or is the only arm. A subject in no arm is no error: it stands in the join report.
pub fn compare(visits: &[SubjectVisit], arms: &[Allocation], protocol: &Protocol) -> Result<Comparison, Problems> {
    let not_randomised = &protocol.records.not_randomised;
    let trial = Trial::of_study(protocol, visits, arms);
    let others = other_arms(&trial, protocol)?;
    let rule = LimitRule { below: protocol.analysis.below_limit, above: protocol.analysis.above_limit };
    let confidence = protocol.method.confidence;
    let pairs: Vec<Pair<'_>> = others.iter().filter_map(|active| Pair::new(&trial, active, protocol, rule)).collect();
    let mut comparisons: Vec<ArmComparison> =
        pairs.iter().flat_map(|pair| comparisons_of(pair, &protocol.analysis.mixed_model)).collect();
    let mut responders: Vec<Responders> = pairs.iter().flat_map(|pair| responders(pair, protocol)).collect();
    adjust_families(&protocol.families, &mut comparisons, &mut responders);
    let sensitivity: Vec<ArmComparison> =
        others.iter().flat_map(|active| sensitivity(&trial, active, protocol)).collect();
    let join = join(visits, arms, not_randomised);
    let excluded = excluded(visits, arms, not_randomised, &trial, rule);
    let arms = summaries(&trial, rule, confidence);
    let below = arms.iter().map(|summary| summary.below).sum();
    let sensitivity_verdict = verdict(&sensitivity, below);
    let paragraph = paragraph(&Findings {
        protocol,
        join: &join,
        excluded: &excluded,
        arms: &arms,
        comparisons: &comparisons,
        responders: &responders,
        sensitivity: &sensitivity,
        sensitivity_verdict: &sensitivity_verdict,
    });
    Ok(Comparison {
        join,
        excluded,
        changes: changes(&trial, rule),
        arms,
        comparisons,
        sensitivity,
        sensitivity_verdict,
        responders,
        records: records(&trial, rule, protocol),
        paragraph,
    })
}

fn comparisons_of(pair: &Pair<'_>, mixed_model: &MixedModel) -> Vec<ArmComparison> {
    let mut found = vec![ArmComparison { primary: true, ..pair.ancova(Vcov::Ols) }, pair.ancova(Vcov::Hc3)];
    found.extend(pair.unadjusted());
    found.extend(pair.mixed_model(mixed_model));
    found.into_iter().map(|row| pair.with_left_out(row)).collect()
}

/// All arms but the reference.
fn other_arms(trial: &Trial, protocol: &Protocol) -> Result<Vec<String>, Problems> {
    let reference = &protocol.analysis.reference_arm;
    let list = Location::file(protocol.study.arms.display().to_string());
    let arms = trial.arms();
    let others: Vec<String> = arms.iter().filter(|arm| *arm != reference).map(ToString::to_string).collect();
    if others.len() == arms.len() {
        return Err(Problem::new(list, format!("nobody is in the reference arm '{reference}'"))
            .expected(format!("the arm that study.toml names in [analysis]; the list has: {}", arms.join(", ")))
            .into());
    }
    if others.is_empty() {
        return Err(Problem::new(list, format!("'{reference}' is the only arm")).expected("at least two arms").into());
    }
    Ok(others)
}
