//! Westgard's multirules on control values that were standardised by the history of their own material, z = (x − mean) / s.
//!
//! ```text
//! 1_2s      one value beyond ±2 s                                                          warning
//! 1_3s      one value beyond ±3 s                                                          reject, random error
//! 2_2s      two consecutive beyond the same 2 s: of one material, or of two in one run      reject, systematic error
//! R_4s      in one run, one value beyond +2 s and another beyond −2 s                      reject, random error
//! 4_1s      four consecutive beyond the same 1 s                                           reject, systematic error
//! n_x       n consecutive on the same side of the mean (10; also 6, 8, 9, 12)              reject, systematic error
//! with three levels of controls or more, in place of 2_2s and 4_1s:
//! 2of3_2s   two of three consecutive beyond the same 2 s: in one run, or of one material    reject, systematic error
//! 3_1s      three consecutive beyond the same 1 s                                          reject, systematic error
//! ```
//!
//! Westgard, Barry, Hunt & Groth, Clin Chem 1981;27:493; Westgard, "Multirules" and "Multirule interpretation" (westgard.com).
//! *Consecutive* is asked twice, as there: within one material over the runs, and across all materials in the order in which
//! they were measured. A rule is broken at the value that completes it. *Beyond* is strict: a value on the line is inside.

use crate::qc::rule::{PlateRule, RuleId};
use serde::Serialize;

/// A plate whose controls break one of them.
pub(in crate::qc) const WESTGARD_REJECTS: RuleId = RuleId::of(&PlateRule::new(
    "westgard_rejects",
    "Westgard's rules",
    "a run of the controls that is in control again: see the charts",
));

/// One control value of one run.
///
/// ```
/// use platewise::qc::across_plates::{ControlValue, westgard::{RuleSet, violations}};
///
/// // One material on two runs, both beyond the same 2 s: 2_2s, completed by the second.
/// let values = [2.3, 2.6].iter().zip(0..).map(|(&z, run)| ControlValue { run, material: 0, z });
/// let found = violations(&values.collect::<Vec<_>>(), RuleSet::for_levels(1, None));
/// assert!(found.iter().any(|violation| violation.rule.name() == "2_2s" && violation.values == [0, 1]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlValue {
    /// The run (plate), in the order in which they were made.
    pub run: usize,
    /// The material (level).
    pub material: usize,
    /// (value − mean) / s of the material.
    pub z: f64,
}

/// A rule.
///
/// ```
/// use platewise::qc::across_plates::Rule;
///
/// let rule = Rule::Range4s;
/// assert_eq!((rule.name().as_str(), rule.points_to()), ("R_4s", "random error"));
/// assert!(Rule::OneBeyond2s.warns_only() && !rule.warns_only());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// 1_2s.
    OneBeyond2s,
    /// 1_3s.
    OneBeyond3s,
    /// 2_2s.
    TwoBeyond2s,
    /// 2of3_2s.
    TwoOfThreeBeyond2s,
    /// R_4s.
    Range4s,
    /// 3_1s.
    ThreeBeyond1s,
    /// 4_1s.
    FourBeyond1s,
    /// n_x.
    SameSide(usize),
}

impl Rule {
    /// As it is written: `1_3s`, `2of3_2s`, `10_x`.
    pub fn name(self) -> String {
        match self {
            Self::OneBeyond2s => "1_2s".into(),
            Self::OneBeyond3s => "1_3s".into(),
            Self::TwoBeyond2s => "2_2s".into(),
            Self::TwoOfThreeBeyond2s => "2of3_2s".into(),
            Self::Range4s => "R_4s".into(),
            Self::ThreeBeyond1s => "3_1s".into(),
            Self::FourBeyond1s => "4_1s".into(),
            Self::SameSide(n) => format!("{n}_x"),
        }
    }

    /// Whether it is a reason to look only; all others are reasons to reject.
    pub fn warns_only(self) -> bool {
        self == Self::OneBeyond2s
    }

    /// The kind of error that it points to.
    pub fn points_to(self) -> &'static str {
        match self {
            Self::OneBeyond2s => "either",
            Self::OneBeyond3s | Self::Range4s => "random error",
            _ => "systematic error",
        }
    }

    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::OneBeyond2s => "one value beyond ±2 s".into(),
            Self::OneBeyond3s => "one value beyond ±3 s".into(),
            Self::TwoBeyond2s => "two consecutive values beyond the same 2 s".into(),
            Self::TwoOfThreeBeyond2s => "two of three consecutive values beyond the same 2 s".into(),
            Self::Range4s => "one value beyond +2 s and one beyond −2 s in one run".into(),
            Self::ThreeBeyond1s => "three consecutive values beyond the same 1 s".into(),
            Self::FourBeyond1s => "four consecutive values beyond the same 1 s".into(),
            Self::SameSide(n) => format!("{n} consecutive values on the same side of the mean"),
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

/// A rule that a value broke.
///
/// ```
/// use platewise::qc::across_plates::{Rule, Violation};
///
/// let shift = Violation { at: 9, rule: Rule::SameSide(10), values: (0..10).collect() };
/// assert_eq!((shift.rule.name(), shift.values.last()), ("10_x".to_string(), Some(&shift.at)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Index of the value that completes it.
    pub at: usize,
    /// The rule.
    pub rule: Rule,
    /// Indices of all values that take part, the completing one last.
    pub values: Vec<usize>,
}

/// Which rules are used.
///
/// ```
/// use platewise::qc::across_plates::westgard::RuleSet;
///
/// assert_eq!(RuleSet::for_levels(2, None), RuleSet { three_levels: false, same_side: 10 });
/// assert_eq!(RuleSet::for_levels(3, None), RuleSet { three_levels: true, same_side: 12 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSet {
    /// Whether the forms for three levels take the place of 2_2s and 4_1s.
    pub three_levels: bool,
    /// Values on one side of the mean that are a shift.
    pub same_side: usize,
}

impl RuleSet {
    /// The rules for that many levels of controls; 10_x, and 12_x with three levels, unless `same_side` says otherwise.
    pub fn for_levels(levels: usize, same_side: Option<usize>) -> Self {
        let three_levels = levels >= 3;
        Self { three_levels, same_side: same_side.unwrap_or(if three_levels { 12 } else { 10 }) }
    }
}

/// Every rule that the values break, by the value that completes it. The values are in the order of measurement.
///
/// ```
/// use platewise::qc::across_plates::westgard::{ControlValue, Rule, RuleSet, violations};
///
/// // Two runs of one material: both beyond +2 s.
/// let values = [2.2, 2.4].iter().enumerate().map(|(run, &z)| ControlValue { run, material: 0, z });
/// let found = violations(&values.collect::<Vec<_>>(), RuleSet::for_levels(1, None));
/// let rules: Vec<Rule> = found.iter().map(|violation| violation.rule).collect();
/// assert_eq!(rules, [Rule::OneBeyond2s, Rule::OneBeyond2s, Rule::TwoBeyond2s]);
/// ```
pub fn violations(values: &[ControlValue], rules: RuleSet) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if value.z.abs() > 2.0 {
            found.push(Violation { at, rule: Rule::OneBeyond2s, values: vec![at] });
        }
        if value.z.abs() > 3.0 {
            found.push(Violation { at, rule: Rule::OneBeyond3s, values: vec![at] });
        }
        found.extend(range_4s(values, at));
        let last = |wanted: &dyn Fn(&ControlValue) -> bool| -> Vec<usize> {
            let mut last: Vec<usize> =
                (0..=at).rev().filter(|&i| wanted(&values[i])).take(rules.same_side.max(4)).collect();
            last.reverse();
            last
        };
        let all = last(&|_| true);
        let of_material = last(&|other| other.material == value.material);
        let in_run = last(&|other| other.run == value.run);
        let mut ask = |rule, sequences: [&[usize]; 2], needed, of, beyond: f64| {
            let broken = sequences.into_iter().find_map(|sequence| consecutive(values, sequence, needed, of, beyond));
            found.extend(broken.map(|values| Violation { at, rule, values }));
        };
        let within_a_run: [&[usize]; 2] = [&of_material, &in_run];
        let over_runs: [&[usize]; 2] = [&of_material, &all];
        if rules.three_levels {
            ask(Rule::TwoOfThreeBeyond2s, within_a_run, 2, 3, 2.0);
            ask(Rule::ThreeBeyond1s, over_runs, 3, 3, 1.0);
        } else {
            ask(Rule::TwoBeyond2s, within_a_run, 2, 2, 2.0);
            ask(Rule::FourBeyond1s, over_runs, 4, 4, 1.0);
        }
        ask(Rule::SameSide(rules.same_side), over_runs, rules.same_side, rules.same_side, 0.0);
    }
    found.sort();
    found
}

/// One value of the run beyond +2 s and this one beyond −2 s, or the other way round.
fn range_4s(values: &[ControlValue], at: usize) -> Option<Violation> {
    let this = values[at];
    let opposite = |i: &usize| values[*i].run == this.run && values[*i].z.abs() > 2.0 && values[*i].z * this.z < 0.0;
    let other = (this.z.abs() > 2.0).then(|| (0..at).rev().find(opposite)).flatten()?;
    Some(Violation { at, rule: Rule::Range4s, values: vec![other, at] })
}

/// `needed` of the last `of` values of a sequence beyond the same limit, this one among them.
fn consecutive(
    values: &[ControlValue],
    sequence: &[usize],
    needed: usize,
    of: usize,
    beyond: f64,
) -> Option<Vec<usize>> {
    let (&last, window) = (sequence.last()?, &sequence[sequence.len().saturating_sub(of)..]);
    let side = values[last].z.signum();
    let past = |i: &usize| values[*i].z * side > beyond;
    let taking_part: Vec<usize> = window.iter().copied().filter(past).collect();
    (past(&last) && taking_part.len() >= needed).then_some(taking_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs of materials: `runs[r][m]` is z of material m in run r.
    fn rules(runs: &[&[f64]], same_side: Option<usize>) -> Vec<(usize, String)> {
        let values: Vec<ControlValue> = runs
            .iter()
            .enumerate()
            .flat_map(|(run, zs)| zs.iter().enumerate().map(move |(material, &z)| ControlValue { run, material, z }))
            .collect();
        let levels = runs.iter().map(|zs| zs.len()).max().unwrap();
        violations(&values, RuleSet::for_levels(levels, same_side))
            .into_iter()
            .map(|found| (values[found.at].run, found.rule.name()))
            .collect()
    }

    fn has(found: &[(usize, String)], run: usize, rule: &str) -> bool {
        found.iter().any(|(at, name)| *at == run && name == rule)
    }

    #[test]
    fn one_value_warns_beyond_two_and_rejects_beyond_three() {
        assert_eq!(rules(&[&[2.0], &[-3.0]], None), [(1, "1_2s".to_string())], "a value on the line is inside");
        assert_eq!(rules(&[&[3.1]], None), [(0, "1_2s".to_string()), (0, "1_3s".to_string())]);
    }

    #[test]
    fn two_of_two_within_a_material_and_within_a_run() {
        assert!(has(&rules(&[&[2.1, 0.0], &[2.2, 0.1]], None), 1, "2_2s"), "one material, two runs");
        assert!(has(&rules(&[&[-2.1, -2.3]], None), 0, "2_2s"), "two materials, one run");
        assert!(!has(&rules(&[&[2.1, 0.0], &[0.0, 2.2]], None), 1, "2_2s"), "two materials in two runs are neither");
        assert!(!has(&rules(&[&[2.1], &[-2.2]], None), 1, "2_2s"), "not the same limit");
    }

    #[test]
    fn a_range_of_four_is_asked_within_a_run_only() {
        assert!(has(&rules(&[&[2.1, -2.1]], None), 0, "R_4s"));
        assert!(!has(&rules(&[&[2.1, 0.0], &[-2.1, 0.0]], None), 1, "R_4s"), "two runs");
        // Westgard: both have to be beyond; a difference of 4 s alone is not it.
        assert!(!has(&rules(&[&[3.5, -1.5]], None), 0, "R_4s"));
    }

    #[test]
    fn four_beyond_one_s_over_materials_or_runs() {
        assert!(has(&rules(&[&[1.1], &[1.2], &[1.5], &[1.1]], None), 3, "4_1s"), "one material, four runs");
        assert!(has(&rules(&[&[1.1, 1.2], &[1.5, 1.1]], None), 1, "4_1s"), "two materials, two runs");
        assert!(!has(&rules(&[&[1.1], &[1.2], &[0.9], &[1.1]], None), 3, "4_1s"));
    }

    #[test]
    fn ten_on_one_side_of_the_mean() {
        let low: Vec<[f64; 2]> = vec![[-0.1, -0.4]; 5];
        let runs: Vec<&[f64]> = low.iter().map(|run| run.as_slice()).collect();
        assert!(has(&rules(&runs, None), 4, "10_x"), "two materials, five runs");
        assert!(!has(&rules(&runs[..4], None), 3, "10_x"));
        assert!(has(&rules(&runs[..4], Some(8)), 3, "8_x"));
    }

    #[test]
    fn three_levels_have_their_own_forms() {
        let found = rules(&[&[2.1, 0.2, 2.3]], None);
        assert!(has(&found, 0, "2of3_2s") && !has(&found, 0, "2_2s"));
        assert!(!has(&rules(&[&[2.1, 0.2, -2.3]], None), 0, "2of3_2s"));
        assert!(has(&rules(&[&[1.1, 1.2, 1.3]], None), 0, "3_1s"), "three materials in one run");
        let one_material = rules(&[&[1.1, 0.0, 0.0], &[1.1, 0.0, 0.0], &[1.2, 0.0, 0.0]], None);
        assert!(has(&one_material, 2, "3_1s"), "one material over three runs");
        assert!(!has(&rules(&[&[1.1, 1.2, 1.3]], None), 0, "4_1s"));
        assert!(has(&rules(&[&[0.1, 0.2, 0.3], &[0.1, 0.2, 0.3]], Some(6)), 1, "6_x"));
        let run: &[f64] = &[0.1, 0.2, 0.3];
        assert!(has(&rules(&[run; 4], None), 3, "12_x"));
        assert!(!has(&rules(&[run; 3], None), 2, "12_x"));
    }

    #[test]
    fn a_value_on_the_mean_is_on_no_side() {
        let mut runs = [[0.5]; 10];
        runs[4] = [0.0];
        let runs: Vec<&[f64]> = runs.iter().map(|run| run.as_slice()).collect();
        assert!(!has(&rules(&runs, None), 9, "10_x"));
    }

    /// One beyond +2 s and one beyond −2 s; a value on either line is inside.
    #[test]
    fn a_range_of_four_is_beyond_both_lines() {
        for (run, broken) in
            [([2.1, -2.1], true), ([-2.1, 2.1], true), ([2.0, -2.5], false), ([2.5, -2.0], false), ([2.5, 2.5], false)]
        {
            assert_eq!(has(&rules(&[&run], None), 0, "R_4s"), broken, "{run:?}");
        }
        assert!(!has(&rules(&[&[2.5], &[-2.5]], None), 1, "R_4s"), "in one run");
    }

    /// A gap in a sequence breaks it: what takes part are the last two, three or four values and no more.
    #[test]
    fn consecutive_values_have_no_gap() {
        assert!(!has(&rules(&[&[2.1], &[0.0], &[2.2]], None), 2, "2_2s"));
        assert!(!has(&rules(&[&[1.1], &[1.2], &[0.0], &[1.5], &[1.1]], None), 4, "4_1s"));
        let of_first = |zs: &[f64], rule: &str| {
            let runs: Vec<[f64; 3]> = zs.iter().map(|&z| [z, 0.0, 0.0]).collect();
            let runs: Vec<&[f64]> = runs.iter().map(|run| run.as_slice()).collect();
            has(&rules(&runs, None), zs.len() - 1, rule)
        };
        assert!(!of_first(&[1.1, 1.2, 0.0, 1.5], "3_1s") && of_first(&[0.0, 1.2, 1.1, 1.5], "3_1s"));
        assert!(!of_first(&[2.1, 0.0, 0.0, 2.2], "2of3_2s") && of_first(&[0.0, 2.1, 0.0, 2.2], "2of3_2s"));
        assert!(!of_first(&[2.1, 2.2, 0.0], "2of3_2s"), "the value itself is beyond");
    }

    /// On the line is inside, hardly beyond it is not.
    #[test]
    fn lines_are_at_whole_standard_deviations() {
        for (z, broken) in [(2.0, false), (2.01, true)] {
            assert_eq!(has(&rules(&[&[z]], None), 0, "1_2s"), broken);
            assert_eq!(has(&rules(&[&[z], &[z]], None), 1, "2_2s"), broken);
            assert_eq!(has(&rules(&[&[z, -z]], None), 0, "R_4s"), broken);
        }
        for (z, broken) in [(3.0, false), (3.01, true)] {
            assert_eq!(has(&rules(&[&[-z]], None), 0, "1_3s"), broken);
        }
        for (z, broken) in [(1.0, false), (1.005, true)] {
            assert_eq!(has(&rules(&[&[z], &[z], &[z], &[z]], None), 3, "4_1s"), broken);
            assert_eq!(has(&rules(&[&[z, z, z]], None), 0, "3_1s"), broken);
        }
    }

    /// One rule warns; three levels or more have rules of their own.
    #[test]
    fn one_rule_warns_and_levels_choose_the_rules() {
        let all = [
            Rule::OneBeyond2s,
            Rule::OneBeyond3s,
            Rule::TwoBeyond2s,
            Rule::TwoOfThreeBeyond2s,
            Rule::Range4s,
            Rule::ThreeBeyond1s,
            Rule::FourBeyond1s,
            Rule::SameSide(10),
        ];
        assert_eq!(all.into_iter().filter(|rule| rule.warns_only()).collect::<Vec<_>>(), [Rule::OneBeyond2s]);
        let random = all.into_iter().filter(|rule| rule.points_to() == "random error");
        assert_eq!(random.collect::<Vec<_>>(), [Rule::OneBeyond3s, Rule::Range4s]);
        let of = |levels, same_side| {
            let set = RuleSet::for_levels(levels, same_side);
            (set.three_levels, set.same_side)
        };
        assert_eq!(
            [of(1, None), of(2, None), of(3, None), of(4, Some(8))],
            [(false, 10), (false, 10), (true, 12), (true, 8)]
        );
    }
}
