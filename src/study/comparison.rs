//! The comparison of the arms at the end point.
//!
//! Primary: analysis of covariance of ln(end point / baseline) by arm with ln baseline (and the strata of the randomisation).
//! `exp` of its adjusted difference is the ratio of the arms' geometric mean ratios to baseline: by what factor more, or less,
//! TARC changed under treatment than under the reference. Beside it the same with standard errors that let the variances differ
//! (HC3), and Welch's test on the unadjusted log changes.

use crate::protocol::Protocol;
use crate::sheet::{Location, Problem, Problems};
use crate::stats::ancova::Rows;
use crate::stats::{self, Ancova, Arm, StratumWeights, TwoSampleT, Undefined, Vcov};

use super::arms::join;
use super::change::changes;
use super::limits::LimitRule;
use super::numbers::{ChangeScale, Numbers, Paired};
use super::paragraph::paragraph;
use super::result::{Allocation, ArmComparison, Comparison, Interval, SubjectVisit};
use super::summary::summaries;
use super::trial::Trial;

/// Joins results to arms and compares every other arm with the reference arm at the end point.
///
/// # Errors
/// When the reference arm has nobody, or is the only arm. A subject in no arm is no error: it stands in the join report.
pub fn compare(visits: &[SubjectVisit], arms: &[Allocation], protocol: &Protocol) -> Result<Comparison, Problems> {
    let trial = Trial::new(&protocol.visits, visits, arms);
    let others = other_arms(&trial, protocol)?;
    let rule = LimitRule { below: protocol.analysis.below_limit, above: protocol.analysis.above_limit };
    let confidence = protocol.method.confidence;
    let comparisons: Vec<ArmComparison> = others
        .iter()
        .flat_map(|active| Pair { trial: &trial, active, protocol, rule, confidence }.comparisons())
        .collect();
    let join = join(visits, arms);
    let arms = summaries(&trial, rule, confidence);
    let paragraph = paragraph(protocol, &join, &arms, &comparisons);
    Ok(Comparison { join, changes: changes(&trial, rule), arms, comparisons, paragraph })
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

/// One arm against the reference arm, with everything that the analyses of the two share.
struct Pair<'a> {
    trial: &'a Trial,
    active: &'a str,
    protocol: &'a Protocol,
    rule: LimitRule,
    confidence: f64,
}

impl Pair<'_> {
    fn comparisons(&self) -> Vec<ArmComparison> {
        let reference = &self.protocol.analysis.reference_arm;
        let numbers = Numbers::of(self.trial, self.active, reference, self.rule);
        let (Some(numbers), Some(endpoint)) = (numbers, self.trial.endpoint()) else { return Vec::new() };
        let paired = numbers.paired(endpoint);
        let stratified = !paired.stratum.is_empty();
        let strata = if stratified { " and stratum" } else { "" };
        let model = format!("analysis of covariance of the log change by arm with log baseline{strata}");
        vec![
            self.ancova(endpoint, &paired, Vcov::Ols, &model),
            self.ancova(
                endpoint,
                &paired,
                Vcov::Hc3,
                &format!("{model}, standard errors robust to unequal variances (HC3)"),
            ),
            self.welch(endpoint, &numbers),
        ]
    }

    fn ancova(&self, visit: usize, paired: &Paired, vcov: Vcov, model: &str) -> ArmComparison {
        let (name, primary) = if vcov == Vcov::Ols { ("ancova", true) } else { ("ancova_hc3", false) };
        let blank = self.blank(name, model, primary, visit);
        let n = [Arm::Active, Arm::Placebo].map(|arm| paired.arm.iter().filter(|&&found| found == arm).count());
        match log_ancova(paired, vcov, StratumWeights::Equal, self.confidence) {
            Ok(fit) => with_ancova(blank, &fit),
            Err(why) => ArmComparison { n, reason: why.to_string(), ..blank },
        }
    }

    fn welch(&self, visit: usize, numbers: &Numbers) -> ArmComparison {
        let blank = self.blank("welch_t", "Welch's t test of the log change, not adjusted for baseline", false, visit);
        let changes = [Arm::Active, Arm::Placebo].map(|arm| numbers.changes(arm, visit, ChangeScale::Ln));
        let [Some(active), Some(reference)] = changes else {
            return ArmComparison { reason: Undefined::NotPositive.to_string(), ..blank };
        };
        match stats::welch_t(&active, &reference, self.confidence) {
            Ok(test) => with_welch(blank, &test),
            Err(why) => ArmComparison { n: [active.len(), reference.len()], reason: why.to_string(), ..blank },
        }
    }

    fn blank(&self, analysis: &str, model: &str, primary: bool, visit: usize) -> ArmComparison {
        ArmComparison {
            analysis: analysis.to_string(),
            model: model.to_string(),
            primary,
            visit: self.trial.visits[visit].name.clone(),
            active: self.active.to_string(),
            reference: self.protocol.analysis.reference_arm.clone(),
            n: [0, 0],
            ratio: None,
            adjusted_means: None,
            standard_error: None,
            statistic: None,
            df: None,
            p: None,
            below_limit_rule: self.rule.describe(),
            reason: String::new(),
        }
    }
}

/// The analysis of covariance of ln(value / base) with ln base, stratified when every subject has a stratum.
pub(crate) fn log_ancova(
    paired: &Paired,
    vcov: Vcov,
    weights: StratumWeights,
    confidence: f64,
) -> Result<Ancova, Undefined> {
    let base = stats::descriptive::logs(&paired.base)?;
    let change: Vec<f64> =
        stats::descriptive::logs(&paired.value)?.iter().zip(&base).map(|(value, base)| value - base).collect();
    let stratum = (!paired.stratum.is_empty()).then_some(paired.stratum.as_slice());
    let weights = if stratum.is_some() { weights } else { StratumWeights::None };
    stats::ancova(Rows { arm: &paired.arm, response: &change, baseline: &base, stratum }, vcov, weights, confidence)
}

fn with_ancova(blank: ArmComparison, fit: &Ancova) -> ArmComparison {
    let adjusted = |arm: Arm| {
        let mean = fit.lsmeans.iter().find(|mean| mean.arm == arm)?;
        exponential(mean.est, mean.ci_low, mean.ci_high)
    };
    ArmComparison {
        n: [fit.n_active, fit.n_placebo],
        ratio: exponential(fit.diff, fit.inference.ci_low, fit.inference.ci_high),
        adjusted_means: adjusted(Arm::Active).zip(adjusted(Arm::Placebo)).map(|(a, b)| [a, b]),
        standard_error: Some(fit.se),
        statistic: fit.inference.t,
        df: Some(fit.inference.df),
        p: fit.inference.p,
        reason: degenerate(fit.diff, fit.inference.p),
        ..blank
    }
}

fn with_welch(blank: ArmComparison, test: &TwoSampleT) -> ArmComparison {
    ArmComparison {
        n: [test.n_active, test.n_placebo],
        ratio: exponential(test.diff, test.inference.ci_low, test.inference.ci_high),
        standard_error: Some(test.se),
        statistic: test.inference.t,
        df: Some(test.inference.df),
        p: test.inference.p,
        reason: degenerate(test.diff, test.inference.p),
        ..blank
    }
}

fn exponential(estimate: f64, low: Option<f64>, high: Option<f64>) -> Option<Interval> {
    Some(Interval { estimate: libm::exp(estimate), lower: libm::exp(low?), upper: libm::exp(high?) })
}

/// Why there is an estimate without a test: the numbers have no spread.
fn degenerate(difference: f64, p: Option<f64>) -> String {
    match p {
        Some(_) => String::new(),
        None => format!("{}; the ratio is {} without an interval", Undefined::ZeroVariance, libm::exp(difference)),
    }
}
