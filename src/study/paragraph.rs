//! The result in plain English, ready for a report, made from the numbers alone.

use crate::concentration::quantity::significant;
use crate::protocol::Protocol;

use super::result::{ArmComparison, ArmSummary, Interval, JoinReport};

/// Estimand, model, numbers of participants, estimate, interval and p of the primary analysis of every arm, and what was left
/// out on the way.
pub fn paragraph(
    protocol: &Protocol,
    join: &JoinReport,
    arms: &[ArmSummary],
    comparisons: &[ArmComparison],
    sensitivity_verdict: &str,
) -> String {
    let mut sentences = Vec::new();
    if protocol.study.simulated {
        sentences.push("The data of this study are simulated.".to_string());
    }
    for primary in comparisons.iter().filter(|comparison| comparison.primary) {
        sentences.extend(estimand(protocol, primary));
        sentences.extend(participants(arms, primary));
        sentences.extend(
            [&primary.active, &primary.reference].iter().filter_map(|arm| change_of_arm(protocol, arms, arm, primary)),
        );
        sentences.push(estimate(protocol, primary));
    }
    sentences.extend(outside_limits(arms, comparisons));
    sentences.push(sensitivity_verdict.to_string());
    sentences.extend(left_out(join));
    sentences.join(" ")
}

fn estimand(protocol: &Protocol, primary: &ArmComparison) -> Option<String> {
    let baseline = protocol.visits.iter().find(|visit| visit.baseline)?;
    Some(format!(
        "The question is by what factor {} at {}, relative to {}, differs between {} and {}, in all randomised \
         participants with a result at both visits, whatever happened between them; the answer is the ratio of the two \
         geometric mean ratios to baseline. It comes from an {}.",
        protocol.study.analyte, primary.visit, baseline.name, primary.active, primary.reference, primary.model
    ))
}

fn participants(arms: &[ArmSummary], primary: &ArmComparison) -> Option<String> {
    let randomised = |arm: &str| arms.iter().find(|summary| summary.arm == arm).map(|summary| summary.randomised);
    let (active, reference) = (randomised(&primary.active)?, randomised(&primary.reference)?);
    let [used, used_reference] = primary.n;
    Some(format!(
        "Of {active} participants randomised to {} and {reference} to {}, {used} and {used_reference} are in the analysis.",
        primary.active, primary.reference
    ))
}

fn change_of_arm(protocol: &Protocol, arms: &[ArmSummary], arm: &str, primary: &ArmComparison) -> Option<String> {
    let summary = arms.iter().find(|summary| summary.arm == arm && summary.visit == primary.visit)?;
    let ratio = summary.geometric_mean_ratio?;
    Some(format!(
        "In {arm}, {} changed from baseline by a factor of {}: {}.",
        protocol.study.analyte,
        interval(protocol, &ratio),
        percent(ratio.estimate)
    ))
}

fn estimate(protocol: &Protocol, primary: &ArmComparison) -> String {
    let Some(ratio) = &primary.ratio else {
        return format!("There is no estimate of the difference between the arms: {}.", primary.reason);
    };
    let test = match (primary.statistic, primary.df, primary.p) {
        (Some(t), Some(df), Some(p)) => format!("; t({}) = {t:.2}, {}", significant(df, 4), p_value(p)),
        _ => String::new(),
    };
    let excludes_one = ratio.lower > 1.0 || ratio.upper < 1.0;
    let verdict = match (excludes_one, ratio.estimate < 1.0) {
        (true, true) => {
            format!("The level fell more, or rose less, in {} than in {}", primary.active, primary.reference)
        }
        (true, false) => {
            format!("The level rose more, or fell less, in {} than in {}", primary.active, primary.reference)
        }
        (false, _) => "The interval includes 1: the data do not show a difference between the arms".to_string(),
    };
    format!(
        "The adjusted ratio of {} to {} is {}{test}. {verdict}.",
        primary.active,
        primary.reference,
        interval(protocol, ratio)
    )
}

fn outside_limits(arms: &[ArmSummary], comparisons: &[ArmComparison]) -> Option<String> {
    let rule = &comparisons.iter().find(|comparison| comparison.primary)?.below_limit_rule;
    let (below, above) = arms.iter().fold((0, 0), |(b, a), summary| (b + summary.below, a + summary.above));
    let n: usize = arms.iter().map(|summary| summary.n).sum();
    (below + above > 0).then(|| {
        format!("Of {n} results, {below} were below and {above} above the limits of quantification; they entered by the rule \
                 \"{rule}\".")
    })
}

fn left_out(join: &JoinReport) -> Option<String> {
    (!join.without_arm.is_empty())
        .then(|| format!("In no arm, and therefore not compared: {}.", join.without_arm.join(", ")))
}

fn interval(protocol: &Protocol, interval: &Interval) -> String {
    let level = significant(100.0 * protocol.method.confidence, 3);
    format!("{:.2} ({level} % confidence interval {:.2} to {:.2})", interval.estimate, interval.lower, interval.upper)
}

/// A ratio as a change: `a fall of 35 %`.
fn percent(ratio: f64) -> String {
    let percent = 100.0 * (ratio - 1.0);
    format!("a {} of {:.0} %", if percent < 0.0 { "fall" } else { "rise" }, percent.abs())
}

/// As journals print it: `P = 0.016`, `P < 0.001`.
fn p_value(p: f64) -> String {
    if p < 0.001 { "P < 0.001".to_string() } else { format!("P = {p:.3}") }
}
