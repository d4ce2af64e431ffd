//! The result in plain English, ready for a report, made from the numbers alone.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::concentration::quantity::significant;
use crate::protocol::{
    AboveLimit, AnalysisId, BelowLimit, Family, PartOf, PrimaryAnalysis, Protocol, ResponderTest, TestId,
};
use crate::sheet::Problem;
use crate::stats::multiplicity::Adjustment;
use crate::stats::{printed_p, printed_ratio};

use super::arm_comparison::{AdjustedPValue, ArmComparison};
use super::arm_summary::ArmSummary;
use super::covariates::listed;
use super::design::Design;
use super::exclusion::{ExcludedRecord, ExclusionRule, ExclusionScope};
use super::interval_estimate::IntervalEstimate;
use super::join::JoinReport;
use super::paragraph_part::ParagraphPart;
use super::responders::Responders;
use super::result::Comparison;

/// What the paragraph is made from.
pub(super) struct ParagraphInput<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) join: &'a JoinReport,
    pub(super) excluded: &'a [ExcludedRecord],
    pub(super) arms: &'a [ArmSummary],
    pub(super) comparisons: &'a [ArmComparison],
    pub(super) responders: &'a [Responders],
    pub(super) sensitivity: &'a [ArmComparison],
    pub(super) sensitivity_verdict: &'a str,
    pub(super) warnings: &'a [Problem],
}

/// Estimand, model, numbers of participants with the reasons of those left out, estimate, interval and p of the primary analysis
/// of every arm; the tests of every family that the study declares; values outside the limits and whether they matter; responders;
/// and what was left out on the way.
pub(super) fn parts(findings: &ParagraphInput<'_>) -> Vec<ParagraphPart> {
    let ParagraphInput {
        protocol,
        join,
        excluded,
        arms,
        comparisons,
        responders,
        sensitivity,
        sensitivity_verdict,
        warnings,
    } = findings;
    let primaries = || comparisons.iter().filter(|comparison| comparison.primary);
    let mut methods = Vec::new();
    if protocol.assay.study.simulated {
        methods.push("The data of this study are simulated.".to_string());
    }
    methods.extend(primaries().filter_map(|primary| estimand(protocol, primary)));
    let mut results = Vec::new();
    for primary in primaries() {
        results.extend(participants(arms, primary));
        results.extend(
            [&primary.active, &primary.reference].iter().filter_map(|arm| change_of_arm(protocol, arms, arm, primary)),
        );
        results.push(estimate(protocol, primary));
    }
    results.extend(protocol.trial.families.iter().filter_map(|family| tests_of(family, comparisons, responders)));
    results.extend(protocol.trial.part_of.as_ref().filter(|_| primaries().next().is_some()).map(one_of_several));
    let mut limits = Vec::new();
    limits.extend(outside_limits(arms, comparisons));
    limits.extend(censored(protocol, arms, sensitivity));
    limits.push((*sensitivity_verdict).to_string());
    limits.extend(warnings.iter().map(|warning| format!("Warning: {}.", warning.found)));
    let mut others: Vec<String> =
        responders.iter().filter(|row| row.all_randomised).map(|row| responding(protocol, row)).collect();
    others.extend(left_out(join));
    others.extend(excluded_results(excluded));
    let parts = [
        ("Question and method", methods),
        (RESULT, results),
        ("Values outside the limits, and warnings", limits),
        ("Responders, and what was left out", others),
    ];
    let whole = |(title, sentences): (&'static str, Vec<String>)| ParagraphPart { title, text: sentences.join(" ") };
    parts.map(whole).into_iter().filter(|part| !part.text.is_empty()).collect()
}

/// What a p-value of one analyte of several is adjusted for.
fn one_of_several(above: &PartOf) -> String {
    let names: Vec<String> = above.families.iter().map(|family| family.name.clone()).collect();
    let adjusted = match names.as_slice() {
        [] => "the study declares no family of tests over them".to_string(),
        names => format!("the adjusted ones ({}) stand in the results over all analytes", listed(names)),
    };
    format!(
        "This is one of the {} analytes of the study {}; p-values here are not adjusted for the others: {adjusted}.",
        above.analytes, above.study
    )
}

/// The part that holds the estimates.
const RESULT: &str = "Result";

impl Comparison {
    /// Says in the paragraph what the arms of each primary analysis cannot be told apart from: plates, kit lots, matrices.
    pub fn warn_of(&mut self, design: &Design) {
        let primaries = self.comparisons.iter().filter(|row| row.primary);
        let said: Vec<String> = primaries
            .filter_map(|row| design.confounded(&row.active))
            .map(|confounded| format!(" Warning: {confounded}."))
            .collect();
        // Beside the number, so that who copies one copies both.
        if let Some(part) = self.parts.iter_mut().find(|part| part.title == RESULT) {
            part.text += &said.concat();
        }
        self.paragraph = paragraph(&self.parts);
    }
}

/// The parts in one.
pub(super) fn paragraph(parts: &[ParagraphPart]) -> String {
    parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn estimand(protocol: &Protocol, primary: &ArmComparison) -> Option<String> {
    let baseline = protocol.trial.visits.iter().find(|visit| visit.baseline)?;
    let analysis = &protocol.trial.analysis;
    let leaves_out = analysis.below_limit == BelowLimit::Exclude || analysis.above_limit == AboveLimit::Exclude;
    let result = if leaves_out { "a result that the rule for limits keeps" } else { "a result" };
    let between = match &protocol.trial.events {
        None => "whatever happened between them",
        Some(_) => "events between them by their declared strategies",
    };
    let names: Vec<String> = analysis.covariates.iter().map(|one| one.name.clone()).collect();
    let known = if names.is_empty() { String::new() } else { format!(" and with a known {}", listed(&names)) };
    let (visits, article) = match analysis.primary {
        PrimaryAnalysis::Ancova => ("both visits", "an"),
        PrimaryAnalysis::Mmrm => ("baseline and at any later visit", "a"),
    };
    Some(format!(
        "The question is by what factor {} at {}, relative to {}, differs between {} and {}, in all randomised \
         participants with {result} at {visits}{known}, {between}; the answer is the ratio of the two \
         geometric mean ratios to baseline. It comes from {article} {}.",
        protocol.assay.study.analyte, primary.visit, baseline.name, primary.active, primary.reference, primary.model
    ))
}

fn participants(arms: &[ArmSummary], primary: &ArmComparison) -> Option<String> {
    let randomised = |arm: &str| arms.iter().find(|summary| summary.arm == arm).map(|summary| summary.randomised);
    let (active, reference) = (randomised(&primary.active)?, randomised(&primary.reference)?);
    let [used, used_reference] = primary.n;
    let reasons: Vec<String> =
        primary.left_out.iter().map(|left| format!("{} and {} ({})", left.n[0], left.n[1], left.reason)).collect();
    let left_out = if reasons.is_empty() { String::new() } else { format!(" Left out are {}.", reasons.join("; ")) };
    let noun = if active == 1 { "participant" } else { "participants" };
    Some(format!(
        "Of {active} {noun} randomised to {} and {reference} to {}, {used} and {used_reference} are in the analysis.{left_out}",
        primary.active, primary.reference
    ))
}

fn change_of_arm(protocol: &Protocol, arms: &[ArmSummary], arm: &str, primary: &ArmComparison) -> Option<String> {
    let summary = arms.iter().find(|summary| summary.arm == arm && summary.visit == primary.visit)?;
    let analyte = &protocol.assay.study.analyte;
    let censored = summary.censored_ratio.map(|ratio| format!("by a factor of {}", interval(protocol, &ratio)));
    if !summary.change_not_estimable.is_empty() {
        let instead = censored.map(|ratio| format!("; with these as censored (Tobit) it is {ratio}"));
        let (why, instead) = (&summary.change_not_estimable, instead.unwrap_or_default());
        // That there is no interval is no property of the change.
        let verb = if summary.n_change > 0 { "has" } else { "is" };
        return Some(format!("In {arm}, the change of {analyte} from baseline {verb} {why}{instead}."));
    }
    let ratio = summary.geometric_mean_ratio?;
    Some(format!(
        "In {arm} (n = {}), {analyte} changed from baseline by a factor of {}: {}.",
        summary.n_change,
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
    let verdict = match ratio.side_of_one() {
        Ordering::Less => {
            format!("The level fell more, or rose less, in {} than in {}", primary.active, primary.reference)
        }
        Ordering::Greater => {
            format!("The level rose more, or fell less, in {} than in {}", primary.active, primary.reference)
        }
        Ordering::Equal => "The interval includes 1: the data do not show a difference between the arms".to_string(),
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
        let were = if below == 1 { "was" } else { "were" };
        format!("Of {n} results, {below} {were} below and {above} above the limits of quantification; they entered by the rule \
                 \"{rule}\".")
    })
}

/// The primary comparison with values outside the limits as censored, where there are such values.
fn censored(protocol: &Protocol, arms: &[ArmSummary], sensitivity: &[ArmComparison]) -> Option<String> {
    if arms.iter().all(|summary| summary.below + summary.above == 0) {
        return None;
    }
    let said: Vec<String> = sensitivity
        .iter()
        .filter(|row| row.analysis == AnalysisId::Tobit)
        .filter_map(|row| {
            let ratio = interval(protocol, row.ratio.as_ref()?);
            Some(format!("the ratio of {} to {} is {ratio}, {}", row.active, row.reference, p_value(row.p?)))
        })
        .collect();
    (!said.is_empty()).then(|| {
        format!(
            "With values outside the limits at the end point as censored instead (Tobit regression, interval by profile likelihood), {}.",
            said.join("; ")
        )
    })
}

/// The tests of a family with their adjusted p-values.
fn tests_of(family: &Family, comparisons: &[ArmComparison], responders: &[Responders]) -> Option<String> {
    let of_family = |adjusted: &Option<AdjustedPValue>| {
        adjusted.as_ref().filter(|adjusted| adjusted.family == family.name).cloned()
    };
    let compared = comparisons.iter().filter_map(|row| {
        let visit = if row.analysis == AnalysisId::Mmrm { format!(" at {}", row.visit) } else { String::new() };
        Some((format!("{}{visit}", TestId::Analysis(row.analysis).words()), &row.active, of_family(&row.adjusted)?))
    });
    let responding = responders.iter().filter_map(|row| {
        Some((TestId::Responders(row.defined?).words().to_string(), &row.active, of_family(&row.adjusted)?))
    });
    let found: Vec<(String, &String, AdjustedPValue)> = compared.chain(responding).collect();
    let several_arms = found.iter().any(|(_, active, _)| *active != found[0].1);
    let tests: Vec<String> = found
        .iter()
        .map(|(test, active, adjusted)| {
            let arm = if several_arms { format!(" for {active}") } else { String::new() };
            format!("{test}{arm} {}", p_value(adjusted.p))
        })
        .collect();
    let method = method_in_words(family.method);
    (!tests.is_empty()).then(|| {
        format!(
            "Adjusted for the {} tests of the family {} ({method}): {}.",
            tests.len(),
            family.name,
            tests.join(", ")
        )
    })
}

/// How the p-values of a family are adjusted.
pub(super) fn method_in_words(method: Adjustment) -> &'static str {
    match method {
        Adjustment::Bonferroni => "method of Bonferroni",
        Adjustment::Holm => "method of Holm",
        Adjustment::Hochberg => "method of Hochberg",
        Adjustment::Bh => "method of Benjamini and Hochberg",
        Adjustment::By => "method of Benjamini and Yekutieli",
        Adjustment::Hierarchical => "in the declared order, tests of one step by Holm's method",
    }
}

fn responding(protocol: &Protocol, row: &Responders) -> String {
    let counts = format!(
        "Responders ({}; {}) are {} of {} in {} and {} of {} in {}",
        row.definition,
        row.denominator,
        row.responders[0],
        row.n[0],
        row.active,
        row.responders[1],
        row.n[1],
        row.reference
    );
    let test = match row.test {
        ResponderTest::Fisher => "Fisher's exact test",
        ResponderTest::ChiSquare => "chi-square test without correction",
    };
    let level = significant(100.0 * protocol.assay.method.confidence, 3);
    match (row.difference, row.p) {
        (Some(difference), Some(p)) => format!(
            "{counts}: a difference of {:.1} percentage points ({level} % confidence interval {:.1} to {:.1}), {} ({test}).",
            100.0 * difference.estimate,
            100.0 * difference.lower,
            100.0 * difference.upper,
            p_value(p)
        ),
        _ => format!("{counts}; {}.", row.reason),
    }
}

fn left_out(join: &JoinReport) -> Option<String> {
    (!join.without_arm.is_empty())
        .then(|| format!("In no arm, and therefore not compared: {}.", join.without_arm.join(", ")))
}

/// Results that are in no analysis, by the rule that left them out. A subject without an arm is named already.
fn excluded_results(excluded: &[ExcludedRecord]) -> Option<String> {
    let mut by_rule: BTreeMap<ExclusionRule, usize> = BTreeMap::new();
    let results =
        excluded.iter().filter(|record| record.scope == ExclusionScope::EveryAnalysis && record.reported.is_some());
    for record in results.filter(|record| record.rule != ExclusionRule::NoArm) {
        *by_rule.entry(record.rule).or_default() += 1;
    }
    let rules: Vec<String> = by_rule.iter().map(|(rule, n)| format!("{rule} {n}")).collect();
    (!rules.is_empty()).then(|| format!("Results in no analysis, by rule: {}.", rules.join(", ")))
}

fn interval(protocol: &Protocol, interval: &IntervalEstimate) -> String {
    let level = significant(100.0 * protocol.assay.method.confidence, 3);
    let [estimate, lower, upper] = [interval.estimate, interval.lower, interval.upper].map(printed_ratio);
    // So wide an interval is no answer, however exact its ends look.
    let undetermined = if interval.upper > 1000.0 * interval.lower {
        ", which is to say that the data do not determine it"
    } else {
        ""
    };
    format!("{estimate} ({level} % confidence interval {lower} to {upper}{undetermined})")
}

/// A ratio as a change: `a fall of 35 %`.
fn percent(ratio: f64) -> String {
    let percent = (100.0 * (ratio - 1.0)).round();
    match percent.abs() {
        size if size < 1.0 => "no change".to_string(),
        size => format!("a {} of {size:.0} %", if percent < 0.0 { "fall" } else { "rise" }),
    }
}

fn p_value(p: f64) -> String {
    format!("P {}", printed_p(p))
}
