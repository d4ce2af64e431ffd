//! Standards back-calculated from their own curve: each level's bias and CV, how many levels have to pass, and that the range that is
//! left still holds the controls.
//!
//! ICH M10 4.3.2 (ligand-binding assays): back-calculated concentrations within ±20 % of nominal, ±25 % at the LLOQ and the
//! ULOQ; at least 75 % of the standards and at least 6 levels; a rejected standard counts as one that does not pass. The zero
//! standard and anchors are neither judged nor counted. Which standard is rejected is decided where the curve is fitted
//! ([`crate::concentration::FirstFit`]).

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::passed_share::PassedShare;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::concentration::quantity::significant;
use crate::concentration::{LevelOff, PlateConcentrations, StandardResult};
use crate::protocol::Acceptance;

pub(crate) const BIAS: RuleId = RuleId::of(
    &PlateRule::new(
        "standard_bias_percent",
        "bias of a standard",
        "a well with a documented fault may be excluded; on its own this decides nothing",
    )
    .of(RuleUnit::Percent),
);
const CV: RuleId = RuleId::of(
    &PlateRule::new(
        "standard_cv_percent",
        "CV of a standard",
        "a well with a documented fault may be excluded; on its own this decides nothing",
    )
    .of(RuleUnit::Percent),
);
const MISTYPED: RuleId = RuleId::of(&PlateRule::new(
    "standard_mistyped",
    "concentration of a standard",
    "the concentration in the layout, where the bench confirms it",
));
const REJECTION: RuleId = RuleId::of(&PlateRule::new(
    "standard_rejection",
    "standard rejected by the rule",
    "nothing: the rule rejects one standard, once, and both fits are kept",
));
pub(crate) const PASS_PERCENT: RuleId = RuleId::of(
    &PlateRule::new(
        "standards_pass_percent",
        "share of standards that pass",
        "more standards within their limits: see those that fail",
    )
    .of(RuleUnit::Percent),
);
pub(crate) const MIN_LEVELS: RuleId = RuleId::of(
    &PlateRule::new(
        "standards_min_levels",
        "number of standards that pass",
        "more standards within their limits: see those that fail",
    )
    .of(RuleUnit::Levels),
);
const RANGE: RuleId =
    RuleId::of(&PlateRule::new("range", "range between the limits", "standards that pass at the limit that was lost"));
const RANGE_MOVED: RuleId = RuleId::of(
    &PlateRule::new("range_moved", "limits of the range", "standards that pass at the limit that was lost")
        .of(RuleUnit::Study),
);
const RANGE_HOLDS_CONTROLS: RuleId = RuleId::of(&PlateRule::new(
    "range_holds_controls",
    "controls inside the range",
    "a range that holds every control: see the standards at its ends",
));

/// The rules of this file.
pub(super) const RULES: JudgedBy = JudgedBy {
    rules: &[BIAS, CV, MISTYPED, REJECTION, PASS_PERCENT, MIN_LEVELS, RANGE, RANGE_MOVED, RANGE_HOLDS_CONTROLS],
    needs_curve: true,
    judge: |of| judge(of.plate, &of.assay.acceptance, &of.assay.study.unit, of.off),
};

/// Judges each level, and their number. `off` is a level that explains why the others do not pass.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance, unit: &str, off: Option<&LevelOff>) -> Vec<Finding> {
    let levels: Vec<&StandardResult> = plate.standards.iter().filter(|standard| standard.is_given()).collect();
    let passed = levels.iter().filter(|standard| standard.passes()).count();
    let mut findings: Vec<Finding> = levels.iter().flat_map(|standard| level(standard, unit)).collect();
    let rejected = plate.first_fit.as_ref().map(|first| first.rejected);
    let mistyped = off.and_then(|off| off.slip.map(|slip| (off, slip)));
    if let Some((off, slip)) = mistyped.filter(|(off, _)| rejected != Some(off.nominal)) {
        let subject = format!("standard {} {unit}", significant(off.nominal, 6));
        let limit = "no standard that reads as its concentration with the decimal point elsewhere";
        // What the even steps of the design alone say, on a plateau, changes the curve little: a remark for whoever knows the design.
        let outcome = if slip.is_certain { Outcome::Fail } else { Outcome::Remark };
        findings.push(Finding::new(MISTYPED, subject, super::curve_usable::words(off, unit), limit, outcome));
    }
    if let Some(first) = &plate.first_fit {
        let slip = mistyped.filter(|(off, _)| off.nominal == first.rejected);
        let slip = slip.map(|(off, _)| format!("; {}", super::curve_usable::words(off, unit))).unwrap_or_default();
        let subject = format!("standard {} {unit}", significant(first.rejected, 6));
        let observed = format!("{}: rejected, and the curve fitted once more without it{slip}", first.why);
        let limit = format!("rejected where more than {} levels were used", acceptance.standards_min_levels);
        findings.push(Finding::new(REJECTION, subject, observed, limit, Outcome::Remark));
    }
    let needed = acceptance.standards_pass_percent;
    let share = PassedShare::of(passed, levels.len(), needed);
    let failing = levels.iter().filter(|standard| !standard.passes());
    let failing: Vec<String> = failing.map(|standard| significant(standard.nominal, 6)).collect();
    let without = if failing.is_empty() { String::new() } else { format!("; not {} {unit}", failing.join(", ")) };
    let observed = format!("{passed} of {} levels pass{}{without}", levels.len(), share.words());
    findings.push(
        Finding::new(PASS_PERCENT, "standards", observed, format!("at least {needed} %"), share.outcome)
            .numbers(share.percent, needed),
    );
    let least = acceptance.standards_min_levels;
    let outcome = if passed >= least { Outcome::Pass } else { Outcome::Fail };
    let observed = format!("{passed} levels pass{without}");
    findings.push(
        Finding::new(MIN_LEVELS, "standards", observed, format!("at least {least}"), outcome)
            .numbers(passed as f64, least as f64),
    );
    findings.extend(no_range(plate, acceptance, unit));
    findings.extend(limits_moved(plate, unit));
    findings.extend(range_holds_controls(plate, unit));
    findings
}

/// The limits of the range that a failing standard moved: the plate reports less than its method promises.
fn limits_moved(plate: &PlateConcentrations, unit: &str) -> Vec<Finding> {
    let Some(range) = &plate.range else { return Vec::new() };
    let moved = |limit: &str, how: &str, from: Option<f64>, to: f64, end: &str| {
        from.map(|from| {
            let [before, now] = [from, to].map(|value| significant(value, 6));
            let observed = format!("{how} from {before} to {now} {unit}, the {end} standard that passes");
            let unmoved = format!("{before} {unit} where every standard passes");
            Finding::new(RANGE_MOVED, limit, observed, unmoved, Outcome::Remark).numbers(to, from)
        })
    };
    let lower = moved("LLOQ", "raised", range.lloq_raised_from, range.lloq, "lowest");
    lower.into_iter().chain(moved("ULOQ", "lowered", range.uloq_lowered_from, range.uloq, "highest")).collect()
}

/// Enough standards pass and yet nothing is left to report from: the limits that the method fixes lie outside them, as when one is
/// in another unit.
fn no_range(plate: &PlateConcentrations, acceptance: &Acceptance, unit: &str) -> Option<Finding> {
    let passing = plate.standards.iter().filter(|standard| standard.passes()).map(|standard| standard.nominal);
    let (low, high) = (passing.clone().reduce(f64::min)?, passing.clone().reduce(f64::max)?);
    (plate.range.is_none() && passing.count() >= acceptance.standards_min_levels).then(|| {
        let observed = format!(
            "the standards that pass, {} to {} {unit}, leave nothing between the method's lloq and uloq",
            significant(low, 6),
            significant(high, 6)
        );
        Finding::new(RANGE, "standards", observed, "an LLOQ below the ULOQ", Outcome::NotEvaluable)
    })
}

/// Bias and CV of one level. A single level does not decide; the share of levels does.
fn level(standard: &StandardResult, unit: &str) -> Vec<Finding> {
    let subject = || {
        let rejected = if standard.rejected { " (rejected)" } else { "" };
        format!("standard {} {unit}{rejected}", significant(standard.nominal, 6))
    };
    let outcome = |within: Option<bool>| if within == Some(true) { Outcome::Pass } else { Outcome::Warning };
    let bias = standard.bias_limit_percent.map(|limit| {
        let bias = standard.bias_percent;
        let observed = bias.map_or_else(|| "not on the curve".into(), |bias| format!("bias {bias:+.1} %"));
        Finding::new(BIAS, subject(), observed, format!("within ±{limit} %"), outcome(standard.bias_is_within()))
            .numbers(bias, limit)
    });
    let cv = standard.cv_limit_percent.map(|limit| {
        let cv = standard.concentration_cv_percent;
        let without = || "no CV: fewer than two wells on the curve".to_string();
        let observed = cv.map_or_else(without, |cv| format!("CV {cv:.1} %"));
        Finding::new(CV, subject(), observed, format!("at most {limit} %"), outcome(standard.cv_is_within()))
            .numbers(cv, limit)
    });
    bias.into_iter().chain(cv).collect()
}

/// Where a limit was moved, the range must still hold every level of the controls (ICH M10 4.3.2).
fn range_holds_controls(plate: &PlateConcentrations, unit: &str) -> Option<Finding> {
    let range = plate.range.as_ref()?;
    range.lloq_raised_from.or(range.uloq_lowered_from)?;
    let outside: Vec<&str> = plate
        .controls
        .iter()
        .filter(|control| {
            let in_well = control.nominal.map(|nominal| nominal / control.group.dilution);
            in_well.is_some_and(|in_well| in_well < range.lloq || in_well > range.uloq)
        })
        .map(|control| control.group.name.as_str())
        .collect();
    let (observed, outcome) = if outside.is_empty() {
        ("every level is inside".into(), Outcome::Pass)
    } else {
        let mut names = outside.clone();
        names.dedup();
        (format!("outside: {}", names.join(", ")), Outcome::Fail)
    };
    let [lloq, uloq] = [range.lloq, range.uloq].map(|limit| significant(limit, 6));
    let limit = format!("inside the remaining range, {lloq} to {uloq} {unit}");
    Some(Finding::new(RANGE_HOLDS_CONTROLS, "controls", observed, limit, outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::Range;
    use crate::qc::across_plates::example;

    /// Controls are diluted as samples are: what must lie in the range is what is in the well.
    #[test]
    fn controls_are_held_in_the_range_as_they_are_in_the_well() {
        let mut plate = example::plate("P", &[], 1.0, 1);
        let raised = Range {
            lloq: 62.5,
            uloq: 2000.0,
            lloq_raised_from: Some(31.25),
            uloq_lowered_from: None,
            rule: String::new(),
        };
        plate.range = Some(raised);
        let mut of = |nominal: f64, dilution: f64| {
            for control in &mut plate.controls {
                (control.nominal, control.group.dilution) = (Some(nominal), dilution);
            }
            range_holds_controls(&plate, "pg/mL").map(|finding| finding.outcome)
        };
        // 400 in 1:10 are 40 in the well; 5,000 in 1:10 are 500; the limits themselves are inside.
        assert_eq!([of(400.0, 1.0), of(400.0, 10.0)], [Some(Outcome::Pass), Some(Outcome::Fail)]);
        assert_eq!([of(5000.0, 1.0), of(5000.0, 10.0)], [Some(Outcome::Fail), Some(Outcome::Pass)]);
        assert_eq!([of(625.0, 10.0), of(20_000.0, 10.0)], [Some(Outcome::Pass); 2]);
        assert_eq!([of(624.0, 10.0), of(20_001.0, 10.0)], [Some(Outcome::Fail); 2]);
    }

    #[test]
    fn a_range_that_nothing_moved_is_not_asked() {
        let mut plate = example::plate("P", &[], 1.0, 1);
        let range = |lloq_raised_from, uloq_lowered_from| {
            Some(Range { lloq: 100.0, uloq: 400.0, lloq_raised_from, uloq_lowered_from, rule: String::new() })
        };
        let mut outcome = |range| {
            plate.range = range;
            range_holds_controls(&plate, "pg/mL").map(|finding| (finding.outcome, finding.observed))
        };
        assert_eq!(outcome(range(None, None)), None);
        let outside = Some((Outcome::Fail, "outside: low, high".to_string()));
        let named = |found: Option<(Outcome, String)>| found.map(|(outcome, _)| outcome);
        assert_eq!(named(outcome(range(Some(31.25), None))), named(outside.clone()));
        assert_eq!(named(outcome(range(None, Some(2000.0)))), named(outside));
    }

    /// "Within ±20 %" includes 20 %, and so does a CV of at most 20 %.
    #[test]
    fn a_level_at_its_limit_passes() {
        let standard = example::plate("P", &[], 1.0, 1).standards[2].clone();
        let outcomes = |bias: Option<f64>, cv: Option<f64>| -> Vec<Outcome> {
            let standard = StandardResult {
                bias_percent: bias,
                concentration_cv_percent: cv,
                bias_limit_percent: Some(20.0),
                cv_limit_percent: Some(20.0),
                ..standard.clone()
            };
            level(&standard, "pg/mL").into_iter().map(|finding| finding.outcome).collect()
        };
        let (pass, warning) = (Outcome::Pass, Outcome::Warning);
        assert_eq!(outcomes(Some(20.0), Some(20.0)), [pass, pass]);
        assert_eq!(outcomes(Some(-20.0), Some(0.0)), [pass, pass]);
        assert_eq!(outcomes(Some(20.01), Some(20.01)), [warning, warning]);
        assert_eq!(outcomes(Some(-20.01), Some(19.0)), [warning, pass]);
        assert_eq!(outcomes(None, None), [warning, warning], "what cannot be computed never passes");
    }
}
