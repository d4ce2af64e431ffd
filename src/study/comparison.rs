//! The comparison of the arms at the end point.
//!
//! Primary, unless the study declares the mixed model: analysis of covariance of ln(end point / baseline) by arm with ln baseline (and
//! the strata of the randomisation), of more than two arms in one model of all.
//! `exp` of its adjusted difference is the ratio of the arms' geometric mean ratios to baseline: by what factor more, or less,
//! TARC changed under treatment than under the reference. Beside it the same with standard errors that let the variances differ
//! (HC3), the mixed model where there are several visits after baseline, and the analyses that do not adjust for the baseline.

use crate::protocol::{Protocol, SupplementarySettings};
use crate::sheet::{Code, Location, Problem, Problems};
use crate::stats::Vcov;

use super::allocation::Allocation;
use super::arm_comparison::ArmComparison;
use super::arm_pair::ArmPair;
use super::arm_summary::ArmSummary;
use super::change::changes;
use super::coverage_warning::{self, PairEstimates};
use super::estimand::estimand;
use super::excluded::excluded;
use super::flow::{flow, informative_loss};
use super::join::join;
use super::missing_data::MissingData;
use super::multiplicity::{TestsOf, adjust_families};
use super::paragraph::{ParagraphInput, paragraph, parts};
use super::primary::declared_rule;
use super::records::records;
use super::responders::{Responders, missing_ages, responders};
use super::result::Comparison;
use super::sensitivity::{sensitivity, verdict};
use super::subgroups::Subgroups;
use super::subject_records::subject_records;
use super::subject_visit::SubjectVisit;
use super::summary::{SummaryOptions, summaries};
use super::trial_data::TrialData;

/// Joins results to arms and compares every other arm with the reference arm at the end point.
///
/// ```
/// use platewise::concentration::{Quantity, quantity::Estimate};
/// use platewise::study::{Allocation, Comparison, IntervalEstimate, SubjectVisit, compare};
///
/// let protocol = platewise::protocol::parse(
///     r#"
///     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
///     method = { name = "ELISA", version = "1" }
///     analysis = { responder_fall_percent = 40 }
///     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
///     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
///     family = [{ name = "both", analyses = ["ancova", "mann_whitney"] }]
///     "#,
/// )?;
/// let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
/// let pairs = [(800.0, 380.0), (1200.0, 640.0), (950.0, 510.0), (700.0, 660.0), (1500.0, 1380.0), (1100.0, 1060.0)];
/// let (mut visits, mut arms) = (Vec::new(), Vec::new());
/// for (i, (base, end)) in pairs.into_iter().enumerate() {
///     let subject = format!("S{i}");
///     visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, number(base)));
///     visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, number(end)));
///     let arm = if i < 3 { "active" } else { "placebo" };
///     arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
/// }
/// // Somebody did not come to week 16.
/// visits.push(SubjectVisit::new("S6", "Baseline", 0.0, number(900.0)));
/// arms.push(Allocation { subject: "S6".into(), arm: "placebo".into(), stratum: None, age: None, covariates: Vec::new() });
///
/// let found: Comparison = compare(&visits, &arms, &protocol)?;
/// let primary = found.comparisons.iter().find(|row| row.primary).unwrap();
/// assert_eq!((primary.analysis.name(), primary.n, primary.left_out[0].n), ("ancova", [3, 3], [0, 1]));
/// assert!(primary.ratio.is_some_and(|ratio: IntervalEstimate| ratio.upper < 1.0));
/// assert!(primary.adjusted.as_ref().is_some_and(|adjusted| adjusted.tests == 2));
/// assert_eq!((found.join.matched, found.excluded.len()), (7, 2)); // a visit without sample, a baseline without later result
/// assert_eq!(found.changes[0].change, Some(-420.0));
/// assert_eq!((found.records[0].ablfl, found.records[1].chg), (Some("Y"), Some(-420.0)));
/// let placebo = found.arms.iter().find(|row| row.arm == "placebo" && row.week == 16.0).unwrap();
/// assert_eq!((placebo.randomised, placebo.n, placebo.missing), (4, 3, 1));
/// assert_eq!(found.responders[0].responders, [3, 0]);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
///
/// # Errors
/// When the reference arm has nobody, or is the only arm. A subject in no arm is no error: it stands in the join report.
pub fn compare(visits: &[SubjectVisit], arms: &[Allocation], protocol: &Protocol) -> Result<Comparison, Problems> {
    let not_randomised = &protocol.trial.records.not_randomised;
    let trial = TrialData::of_study(protocol, visits, arms);
    let others = other_arms(&trial, protocol)?;
    let rule = declared_rule(&protocol.trial.analysis);
    let confidence = protocol.assay.method.confidence;
    let pairs: Vec<ArmPair<'_>> =
        others.iter().filter_map(|active| ArmPair::new(&trial, active, protocol, rule)).collect();
    let beside = &protocol.trial.supplementary;
    let mut comparisons: Vec<ArmComparison> = pairs.iter().flat_map(|pair| comparisons_of(pair, beside)).collect();
    let mut responders: Vec<Responders> = pairs.iter().flat_map(|pair| responders(pair, protocol)).collect();
    let paramcd = &protocol.assay.study.paramcd;
    let own = TestsOf { paramcd, comparisons: &mut comparisons, responders: &mut responders };
    adjust_families(&protocol.trial.families, &mut [own]);
    let subgroups: Vec<Subgroups> =
        pairs.iter().flat_map(|pair| pair.subgroups(beside, &protocol.assay.study.unit)).collect();
    let limit_share_percent = protocol.trial.analysis.limit_share_percent;
    let summaries = summaries(&trial, SummaryOptions { rule, confidence, limit_share_percent });
    let sensitivity: Vec<ArmComparison> =
        others.iter().flat_map(|active| sensitivity(&trial, active, protocol)).collect();
    let missing_data: Vec<MissingData> =
        pairs.iter().flat_map(|pair| missing_data_of(pair, &comparisons, protocol)).collect();
    let offered = PairEstimates {
        comparisons: &comparisons,
        responders: &responders,
        subgroups: &subgroups,
        missing_data: &missing_data,
    };
    let warnings = warnings(&trial, &pairs, offered, &summaries, protocol);
    let join = join(visits, arms, not_randomised);
    let excluded = excluded(visits, arms, not_randomised, &trial, rule);
    let outside = summaries.iter().map(|summary| summary.below + summary.above).sum();
    let sensitivity_verdict = verdict(&sensitivity, outside);
    let parts = parts(&ParagraphInput {
        protocol,
        join: &join,
        excluded: &excluded,
        arms: &summaries,
        comparisons: &comparisons,
        responders: &responders,
        sensitivity: &sensitivity,
        sensitivity_verdict: &sensitivity_verdict,
        warnings: &warnings,
    });
    Ok(Comparison {
        join,
        excluded,
        changes: changes(&trial, rule),
        estimands: comparisons.iter().filter(|row| row.primary).filter_map(|row| estimand(protocol, row)).collect(),
        flow: flow(&trial, visits, rule, protocol.trial.analysis.primary),
        arms: summaries,
        comparisons,
        sensitivity,
        sensitivity_verdict,
        missing_data,
        subgroups,
        responders,
        subjects: subject_records(&trial, rule, protocol),
        records: records(&trial, visits, rule, protocol),
        paragraph: paragraph(&parts),
        parts,
        warnings,
    })
}

/// What a reader of the result has to know.
fn warnings(
    trial: &TrialData,
    pairs: &[ArmPair<'_>],
    offered: PairEstimates<'_>,
    summaries: &[ArmSummary],
    protocol: &Protocol,
) -> Vec<Problem> {
    let endpoint = trial.endpoint().map(|visit| trial.visits[visit].name.as_str());
    let at_the_end = summaries.iter().filter(|arm| Some(arm.visit.as_str()) == endpoint);
    let lost = informative_loss(trial)
        .map(|found| Problem::new(Code::new("samples-lost-by-arm"), Location::file("excluded.csv"), found));
    let of_pairs = pairs
        .iter()
        .flat_map(|pair| [missing_ages(pair, protocol), coverage_warning::of_pair(pair, offered, protocol)])
        .flatten();
    of_pairs.chain(at_the_end.filter_map(|arm| coverage_warning::of_arm(arm, protocol))).chain(lost).collect()
}

fn comparisons_of(pair: &ArmPair<'_>, beside: &SupplementarySettings) -> Vec<ArmComparison> {
    let mut found = vec![pair.ancova(Vcov::Ols), pair.ancova(Vcov::Hc3)];
    found.extend(pair.unadjusted().into_iter().map(|row| pair.if_measured(row)));
    found.extend(pair.mixed_model());
    found.extend(pair.supplementary(beside));
    let marked = found.into_iter().map(|row| ArmComparison { primary: pair.is_primary(&row), ..row });
    marked.map(|row| pair.with_left_out(row)).collect()
}

/// The primary analysis with missing values imputed, where the study asks for it.
fn missing_data_of(pair: &ArmPair<'_>, rows: &[ArmComparison], protocol: &Protocol) -> Option<MissingData> {
    let primary = rows.iter().find(|row| row.primary && row.active == pair.active)?;
    Some(pair.missing_data(primary, protocol.trial.missing_data?))
}

/// All arms but the reference.
fn other_arms(trial: &TrialData, protocol: &Protocol) -> Result<Vec<String>, Problems> {
    let reference = &protocol.trial.analysis.reference_arm;
    let list = Location::file(protocol.trial.arms.display().to_string());
    let arms = trial.arms();
    let others: Vec<String> = arms.iter().filter(|arm| *arm != reference).map(ToString::to_string).collect();
    if others.len() == arms.len() {
        return Err(Problem::new(
            Code::new("arms-reference-empty"),
            list,
            format!("nobody is in the reference arm '{reference}'"),
        )
        .expected(format!("the arm that study.toml names in [analysis]; the list has: {}", arms.join(", ")))
        .into());
    }
    if others.is_empty() {
        return Err(Problem::new(Code::new("arms-only-one"), list, format!("'{reference}' is the only arm"))
            .expected("at least two arms")
            .advice("A comparison needs both arms in the list; `platewise quantify` needs none")
            .into());
    }
    Ok(others)
}
