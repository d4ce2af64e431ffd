//! Quality controls beside their nominal concentration.
//!
//! ICH M10 4.3.2 (ligand-binding assays): at least two thirds of all controls, and at least half at each level, within ±20 % of
//! nominal. A control whose concentration cannot be computed does not pass, and is counted.

use std::collections::BTreeMap;

use super::standards::share;
use super::verdict::{Finding, Outcome};
use crate::concentration::{ControlResult, PlateConcentrations};
use crate::protocol::Acceptance;

/// How many sets of controls there are, and the names of those that do not pass.
#[derive(Default)]
struct Sets {
    all: usize,
    failing: Vec<String>,
}

impl Sets {
    /// How many pass and which do not, in words, and whether that is enough.
    fn judged(&self, needed_percent: f64) -> (String, Outcome) {
        let passed = self.all - self.failing.len();
        let (percent, outcome) = share(passed, self.all, needed_percent);
        let without =
            if self.failing.is_empty() { String::new() } else { format!("; not {}", self.failing.join(", ")) };
        (format!("{passed} of {} pass{percent}{without}", self.all), outcome)
    }
}

/// Judges each set of a control, all of them, and each level.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Vec<Finding> {
    if plate.controls.is_empty() && !acceptance.controls_required {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut levels: BTreeMap<&str, Sets> = BTreeMap::new();
    let (judged, watched): (Vec<_>, Vec<_>) = plate.controls.iter().partition(|control| control.nominal.is_some());
    findings.extend(watched_only(&watched));
    if judged.is_empty() && !acceptance.controls_required {
        return findings;
    }
    for control in judged {
        let pass = control.bias_percent.is_some_and(|bias| bias.abs() <= acceptance.control_bias_percent);
        let wells: Vec<String> = control.group.wells.iter().map(ToString::to_string).collect();
        let name = format!("{} ({})", control.group.name, wells.join(", "));
        let sets = levels.entry(&control.group.name).or_default();
        sets.all += 1;
        if !pass {
            sets.failing.push(name.clone());
        }
        findings.push(Finding {
            rule: "control_bias_percent",
            subject: format!("control {name}"),
            observed: control
                .bias_percent
                .map_or_else(|| control.group.quantity.to_string(), |bias| format!("bias {bias:+.1} %")),
            limit: format!("within ±{} %", acceptance.control_bias_percent),
            outcome: if pass { Outcome::Pass } else { Outcome::Warning },
        });
    }
    let all = levels.values().fold(Sets::default(), |all, level| Sets {
        all: all.all + level.all,
        failing: [all.failing, level.failing.clone()].concat(),
    });
    let (observed, outcome) = all.judged(acceptance.controls_pass_percent);
    findings.push(Finding {
        rule: "controls_pass_percent",
        subject: "controls".into(),
        observed: match (all.all, watched.len()) {
            (0, 0) => "no control on the plate".into(),
            (0, _) => "no control with a nominal concentration on the plate".into(),
            _ => observed,
        },
        limit: format!("at least {} %", acceptance.controls_pass_percent),
        outcome,
    });
    for (level, sets) in levels {
        let (observed, outcome) = sets.judged(acceptance.controls_level_pass_percent);
        findings.push(Finding {
            rule: "controls_level_pass_percent",
            subject: format!("controls {level}"),
            observed,
            limit: format!("at least {} %", acceptance.controls_level_pass_percent),
            outcome,
        });
    }
    findings
}

/// The levels without a nominal concentration: their recovery cannot be judged, which is said of each once.
fn watched_only(controls: &[&ControlResult]) -> Vec<Finding> {
    let mut sets: BTreeMap<&str, usize> = BTreeMap::new();
    for control in controls {
        *sets.entry(&control.group.name).or_default() += 1;
    }
    let finding = |(level, sets): (&str, usize)| Finding {
        rule: "control_watched",
        subject: format!("control {level}"),
        observed: format!(
            "no nominal concentration: watched from plate to plate, not judged ({sets} set{})",
            if sets == 1 { "" } else { "s" }
        ),
        limit: "none".into(),
        outcome: Outcome::Warning,
    };
    sets.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::over_plates::example;

    /// Six sets, two at each level: which of them pass, and what follows for all and for each level.
    fn outcomes(bias: [Option<f64>; 6]) -> Vec<(&'static str, Outcome)> {
        let mut plate = example::plate("P", &[], 1.0, 1);
        assert_eq!(plate.controls.len(), bias.len());
        plate.controls.sort_by(|one, other| one.group.name.cmp(&other.group.name));
        for (control, bias) in plate.controls.iter_mut().zip(bias) {
            control.bias_percent = bias;
        }
        let acceptance = crate::protocol::Criteria::IchM10.acceptance();
        judge(&plate, &acceptance).into_iter().map(|finding| (finding.rule, finding.outcome)).collect()
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
