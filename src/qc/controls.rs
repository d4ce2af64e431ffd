//! Quality controls beside their nominal concentration.
//!
//! ICH M10 4.3.2 (ligand-binding assays): at least two thirds of all controls, and at least half at each level, within ±20 % of
//! nominal. A control whose concentration cannot be computed does not pass, and is counted.

use std::collections::BTreeMap;

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::passed_share::PassedShare;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::concentration::{ControlResult, PlateConcentrations};
use crate::protocol::Acceptance;

pub(crate) const BIAS: RuleId = RuleId::of(
    &PlateRule::new(
        "control_bias_percent",
        "bias of a control",
        "on its own this decides nothing: see how many of the controls pass",
    )
    .of(RuleUnit::Percent),
);
pub(crate) const PASS_PERCENT: RuleId = RuleId::of(
    &PlateRule::new(
        "controls_pass_percent",
        "controls that pass",
        "controls within their limits: a new plate, unless a fault of a well is on record",
    )
    .of(RuleUnit::Percent),
);
const LEVEL_PASS_PERCENT: RuleId = RuleId::of(
    &PlateRule::new(
        "controls_level_pass_percent",
        "controls that pass at one level",
        "controls within their limits: a new plate, unless a fault of a well is on record",
    )
    .of(RuleUnit::Percent),
);
const WATCHED: RuleId = RuleId::of(&PlateRule::new(
    "control_watched",
    "control that is watched",
    "a nominal concentration, where the control is to be judged",
));

/// The rules of this file.
pub(super) const RULES: JudgedBy = JudgedBy {
    rules: &[BIAS, PASS_PERCENT, LEVEL_PASS_PERCENT, WATCHED],
    needs_curve: true,
    judge: |of| judge(of.plate, &of.assay.acceptance),
};

/// How many sets of controls there are, and the names of those that do not pass.
#[derive(Default)]
struct ControlSets {
    all: usize,
    failing: Vec<String>,
}

impl ControlSets {
    /// How many pass and which do not, and whether that is enough.
    fn judged(&self, rule: RuleId, subject: String, needed_percent: f64) -> Finding {
        let passed = self.all - self.failing.len();
        let share = PassedShare::of(passed, self.all, needed_percent);
        let without =
            if self.failing.is_empty() { String::new() } else { format!("; not {}", self.failing.join(", ")) };
        let observed = format!("{passed} of {} pass{}{without}", self.all, share.words());
        let limit = format!("at least {needed_percent} %");
        Finding::new(rule, subject, observed, limit, share.outcome).numbers(share.percent, needed_percent)
    }
}

/// Judges each set of a control, all of them, and each level.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Vec<Finding> {
    if plate.controls.is_empty() && !acceptance.controls_required {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut levels: BTreeMap<&str, ControlSets> = BTreeMap::new();
    let (judged, watched): (Vec<_>, Vec<_>) = plate.controls.iter().partition(|control| control.nominal.is_some());
    findings.extend(watched_only(&watched));
    if judged.is_empty() && !acceptance.controls_required {
        return findings;
    }
    for control in judged {
        let (bias, most) = (control.bias_percent, acceptance.control_bias_percent);
        let pass = bias.is_some_and(|bias| bias.abs() <= most);
        let wells: Vec<String> = control.group.wells.iter().map(ToString::to_string).collect();
        let name = format!("{} ({})", control.group.name, wells.join(", "));
        let sets = levels.entry(&control.group.name).or_default();
        sets.all += 1;
        if !pass {
            sets.failing.push(name.clone());
        }
        let observed = bias.map_or_else(|| control.group.quantity.to_string(), |bias| format!("bias {bias:+.1} %"));
        let outcome = if pass { Outcome::Pass } else { Outcome::Warning };
        findings.push(
            Finding::new(BIAS, format!("control {name}"), observed, format!("within ±{most} %"), outcome)
                .numbers(bias, most),
        );
    }
    let all = levels.values().fold(ControlSets::default(), |all, level| ControlSets {
        all: all.all + level.all,
        failing: [all.failing, level.failing.clone()].concat(),
    });
    let mut of_all = all.judged(PASS_PERCENT, "controls".into(), acceptance.controls_pass_percent);
    match (all.all, watched.len()) {
        (0, 0) => of_all.observed = "no control on the plate".into(),
        (0, _) => of_all.observed = "no control with a nominal concentration on the plate".into(),
        _ => {}
    }
    findings.push(of_all);
    findings.extend(levels.into_iter().map(|(level, sets)| {
        sets.judged(LEVEL_PASS_PERCENT, format!("controls {level}"), acceptance.controls_level_pass_percent)
    }));
    findings
}

/// The levels without a nominal concentration: their recovery cannot be judged, which is said of each once.
fn watched_only(controls: &[&ControlResult]) -> Vec<Finding> {
    let mut sets: BTreeMap<&str, usize> = BTreeMap::new();
    for control in controls {
        *sets.entry(&control.group.name).or_default() += 1;
    }
    let finding = |(level, sets): (&str, usize)| {
        let plural = if sets == 1 { "" } else { "s" };
        let observed =
            format!("no nominal concentration: watched from plate to plate, not judged ({sets} set{plural})");
        Finding::new(WATCHED, format!("control {level}"), observed, "none", Outcome::Warning)
    };
    sets.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::example;

    /// Six sets, two at each level: which of them pass, and what follows for all and for each level.
    fn outcomes(bias: [Option<f64>; 6]) -> Vec<(&'static str, Outcome)> {
        let mut plate = example::plate("P", &[], 1.0, 1);
        assert_eq!(plate.controls.len(), bias.len());
        plate.controls.sort_by(|one, other| one.group.name.cmp(&other.group.name));
        for (control, bias) in plate.controls.iter_mut().zip(bias) {
            control.bias_percent = bias;
        }
        let acceptance = crate::protocol::Criteria::IchM10.acceptance();
        judge(&plate, &acceptance).into_iter().map(|finding| (finding.rule.name(), finding.outcome)).collect()
    }

    fn of(rule: &str, found: &[(&'static str, Outcome)]) -> Vec<Outcome> {
        found.iter().filter(|(name, _)| *name == rule).map(|(_, outcome)| *outcome).collect()
    }

    /// "Within ±20 %" includes 20 %.
    #[test]
    fn a_control_at_its_limit_passes() {
        let (pass, warning) = (Outcome::Pass, Outcome::Warning);
        let found = outcomes([Some(20.0), Some(-20.0), Some(20.01), Some(-20.01), None, Some(0.0)]);
        assert_eq!(of("control_bias_percent", &found), [pass, pass, warning, warning, warning, pass]);
    }

    /// ICH M10 4.3.2: two thirds of all, half of each level. Three of six are too few; four are enough, unless the two that fail
    /// are those of one level.
    #[test]
    fn two_thirds_of_all_and_half_of_each_level_pass() {
        let (good, bad) = (Some(5.0), Some(30.0));
        let decided = |bias| {
            let found = outcomes(bias);
            (of("controls_pass_percent", &found), of("controls_level_pass_percent", &found))
        };
        let (pass, fail) = (Outcome::Pass, Outcome::Fail);
        assert_eq!(decided([good, bad, good, bad, good, good]), (vec![pass], vec![pass; 3]));
        assert_eq!(decided([good, bad, good, bad, good, bad]), (vec![fail], vec![pass; 3]));
        assert_eq!(decided([bad, bad, good, good, good, good]), (vec![pass], vec![fail, pass, pass]));
        assert_eq!(decided([None, None, good, good, good, good]).1, [fail, pass, pass]);
    }

    /// Controls without a nominal concentration never make a plate pass, nor fail; they do not count among those that have to pass.
    #[test]
    fn what_has_no_nominal_concentration_is_watched_and_not_judged() {
        let m10 = crate::protocol::Criteria::IchM10.acceptance();
        let outcomes = |watched: &dyn Fn(&str) -> bool, required: bool| {
            let mut plate = example::plate("P", &[], 1.0, 1);
            for control in plate.controls.iter_mut().filter(|control| watched(&control.group.name)) {
                (control.nominal, control.bias_percent) = (None, None);
            }
            let found = judge(&plate, &Acceptance { controls_required: required, ..m10.clone() });
            let count = |rule: &str| found.iter().filter(|finding| finding.rule == rule).count();
            let all = found
                .iter()
                .find(|finding| finding.rule == "controls_pass_percent")
                .map(|all| (all.observed.clone(), all.outcome));
            (count("control_watched"), count("control_bias_percent"), all)
        };
        let (levels, judged, all) = outcomes(&|level| level == "low", true);
        assert_eq!((levels, judged), (1, 4), "two sets of one level");
        assert_eq!(all.unwrap().0, "4 of 4 pass (100.0 %)");
        let (levels, judged, all) = outcomes(&|_| true, true);
        assert_eq!((levels, judged), (3, 0));
        assert_eq!(
            all.unwrap(),
            ("no control with a nominal concentration on the plate".into(), Outcome::NotEvaluable)
        );
        assert_eq!(outcomes(&|_| true, false), (3, 0, None));
    }

    #[test]
    fn a_plate_without_controls_is_not_evaluable_where_they_are_required() {
        let mut plate = example::plate("P", &[], 1.0, 1);
        plate.controls.clear();
        let m10 = crate::protocol::Criteria::IchM10.acceptance();
        let required = Acceptance { controls_required: true, ..m10.clone() };
        let outcomes: Vec<Outcome> = judge(&plate, &required).iter().map(|finding| finding.outcome).collect();
        assert_eq!(outcomes, [Outcome::NotEvaluable]);
        assert!(judge(&plate, &Acceptance { controls_required: false, ..m10 }).is_empty());
    }
}
