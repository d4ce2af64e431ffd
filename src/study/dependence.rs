//! What the answer depends on, one item each, with whether the conclusion holds: the terminal, the page and the summary for programs say
//! the same.

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;

use super::arm_comparison::ArmComparison;
use super::design::Design;
use super::interval_estimate::IntervalEstimate;
use super::missing_data::{MissingData, in_words, tips_in_words};
use super::result::Comparison;
use super::robustness::Robustness;
use super::sensitivity::{between, name as rule_in_words};
use super::sensitivity_grid::{PlateSet, SensitivityGrid};
use crate::protocol::AnalysisId;
use crate::stats::printed_ratio;

/// Whether a conclusion stands when something that it rests on is another.
///
/// ```
/// use platewise::study::dependence::ConclusionStatus;
///
/// assert_eq!(ConclusionStatus::CannotSay.to_string(), "cannot say");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConclusionStatus {
    /// The interval lies on the same side of 1 whatever is chosen.
    Holds,
    /// It does not, or the estimate leaves the declared interval.
    Depends,
    /// Nothing was computed that would tell.
    CannotSay,
}

impl fmt::Display for ConclusionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holds => "holds",
            Self::Depends => "depends",
            Self::CannotSay => "cannot say",
        })
    }
}

/// One thing that the answer of an arm rests on.
///
/// ```
/// use platewise::study::dependence::{Dependence, ConclusionStatus};
///
/// let plates = Dependence { active: "active".into(), on: "single plates", mark: ConclusionStatus::Depends, words: "changes without P05".into() };
/// assert_eq!(plates.to_string(), "depends: single plates: changes without P05");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependence {
    /// The arm that is compared with the reference.
    pub active: String,
    /// What it rests on.
    pub on: &'static str,
    /// Whether the conclusion holds.
    pub mark: ConclusionStatus,
    /// Why, with the numbers.
    pub words: String,
}

impl fmt::Display for Dependence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.mark, self.on, self.words)
    }
}

/// What each primary analysis rests on; `robustness` is what only the wells tell.
pub fn dependences(comparison: &Comparison, robustness: Option<&Robustness>) -> Vec<Dependence> {
    let primary = comparison.comparisons.iter().filter(|row| row.primary);
    primary.flat_map(|row| of_primary(row, comparison, robustness)).collect()
}

fn of_primary(row: &ArmComparison, comparison: &Comparison, robustness: Option<&Robustness>) -> Vec<Dependence> {
    let item = |on, (mark, words)| Dependence { active: row.active.clone(), on, mark, words };
    let Some(declared) = row.ratio else {
        return vec![item(
            "everything",
            (ConclusionStatus::CannotSay, "there is no primary estimate to compare anything with".into()),
        )];
    };
    let mut items = vec![item("values outside the limits", outside_limits(row, &declared, comparison))];
    if let Some(robustness) = robustness {
        let of_arm = |active: &str| active == row.active;
        let errors = robustness.assay_error.iter().filter(|error| of_arm(&error.active));
        items.extend(errors.map(|error| {
            let with = error.intervals.iter().find(|one| one.assay_error == "with assay error");
            item("assay error", assay_error(&declared, with.and_then(|one| one.ratio), &error.reason))
        }));
        for grid in robustness.grids.iter().filter(|grid| of_arm(&grid.active)) {
            items.push(item("analysis choices", choices(grid, &declared)));
            items.push(item("single plates", plates(grid, &declared)));
        }
        let influence: Vec<_> = robustness.design.influence.iter().filter(|one| of_arm(&one.active)).collect();
        if !influence.is_empty() {
            let others: Vec<_> = influence.iter().map(|one| (one.ratio, format!("without {}", one.subject))).collect();
            let others = others.iter().map(|(ratio, name)| (*ratio, name.as_str()));
            items.push(item("single participants", beside(&declared, others, "without any one of them")));
        }
        items.push(item("plates, kit lots and matrices by arm", design(&robustness.design, &row.active)));
    }
    items.push(item("missing data", missing(row, &declared, comparison)));
    items
}

/// What other estimates say beside the declared one: `each` in words, such as `by every rule`.
fn beside<'a>(
    declared: &IntervalEstimate,
    others: impl Iterator<Item = (Option<IntervalEstimate>, &'a str)>,
    each: &str,
) -> (ConclusionStatus, String) {
    let (mut low, mut high, mut n, mut without) = (declared.estimate, declared.estimate, 0, 0);
    let (mut moved, mut away) = (Vec::new(), Vec::new());
    for (ratio, name) in others {
        let Some(ratio) = ratio else {
            without += 1;
            continue;
        };
        n += 1;
        (low, high) = (low.min(ratio.estimate), high.max(ratio.estimate));
        if ratio.side_of_one() != declared.side_of_one() {
            moved.push(name);
        } else if ratio.estimate < declared.lower || ratio.estimate > declared.upper {
            away.push(name);
        }
    }
    if n == 0 {
        return (ConclusionStatus::CannotSay, "no other estimate could be computed".into());
    }
    let none = match without {
        0 => String::new(),
        1 => "; 1 more has no estimate".to_string(),
        _ => format!("; {without} more have no estimate"),
    };
    let range = format!("{each} {}{none}", between(low, high));
    match (moved.is_empty(), away.is_empty()) {
        (true, true) => (ConclusionStatus::Holds, format!("{range}, and every interval {}", lies(declared))),
        (true, false) => {
            (ConclusionStatus::Depends, format!("{range}; the size of the ratio changes {}", listed(&away)))
        }
        (false, _) => (ConclusionStatus::Depends, format!("{range}; the conclusion changes {}", listed(&moved))),
    }
}

fn lies(declared: &IntervalEstimate) -> &'static str {
    match declared.side_of_one() {
        Ordering::Less => "lies below 1",
        Ordering::Greater => "lies above 1",
        Ordering::Equal => "includes 1",
    }
}

/// `with A, without B and 3 more`.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 4;
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

fn outside_limits(
    row: &ArmComparison,
    declared: &IntervalEstimate,
    comparison: &Comparison,
) -> (ConclusionStatus, String) {
    let outside: usize = comparison.arms.iter().map(|arm| arm.below + arm.above).sum();
    if outside == 0 {
        return (ConclusionStatus::Holds, "no value is outside the limits of quantification".into());
    }
    let of_pair = |one: &&ArmComparison| (&one.active, &one.reference) == (&row.active, &row.reference);
    let name = |one: &ArmComparison| format!("with {}", rule_in_words(one));
    let others: Vec<(Option<IntervalEstimate>, String)> = comparison
        .sensitivity
        .iter()
        .filter(of_pair)
        .filter(|one| !one.primary)
        .map(|one| (one.ratio, name(one)))
        .collect();
    beside(declared, others.iter().map(|(ratio, name)| (*ratio, name.as_str())), "under every rule for them")
}

fn assay_error(
    declared: &IntervalEstimate,
    with: Option<IntervalEstimate>,
    reason: &str,
) -> (ConclusionStatus, String) {
    let Some(with) = with else {
        let why = if reason.is_empty() { "it gives no interval" } else { reason };
        return (ConclusionStatus::CannotSay, format!("it was not carried through: {why}"));
    };
    let words = format!(
        "with it carried through the interval is {} to {}",
        printed_ratio(with.lower),
        printed_ratio(with.upper)
    );
    let mark =
        if with.side_of_one() == declared.side_of_one() { ConclusionStatus::Holds } else { ConclusionStatus::Depends };
    (mark, words)
}

/// Curve, variance, blank and limits, all combinations, by the accepted plates.
fn choices(grid: &SensitivityGrid, declared: &IntervalEstimate) -> (ConclusionStatus, String) {
    let cells = grid.cells.iter().filter(|cell| cell.specification.plates == PlateSet::Accepted);
    let others: Vec<(Option<IntervalEstimate>, String)> = cells
        .filter(|cell| !cell.comparison.primary)
        .map(|cell| {
            let choices = cell.choices().map(|(_, level)| level);
            let [model, variance, blank, _, limits] = &choices;
            (cell.comparison.ratio, format!("with {model}, {variance} variance, blanks {blank}, {limits}"))
        })
        .collect();
    let n = others.len() + 1;
    beside(
        declared,
        others.iter().map(|(ratio, name)| (*ratio, name.as_str())),
        &format!("in {n} combinations of curve, variance, blank and limits"),
    )
}

/// Each plate left out, and the rejected ones taken in, all else as declared.
fn plates(grid: &SensitivityGrid, declared: &IntervalEstimate) -> (ConclusionStatus, String) {
    let of_plates = grid.levels.iter().filter(|level| level.choice == "plates" && !level.declared);
    let others: Vec<_> = of_plates
        .filter_map(|level| level.alone)
        .map(|at| {
            let cell = &grid.cells[at];
            let name = match &cell.specification.plates {
                PlateSet::Without(plate) => format!("without {plate}"),
                set => format!("with {}", set.words()),
            };
            (cell.comparison.ratio, name)
        })
        .collect();
    if others.iter().all(|(ratio, _)| ratio.is_none()) {
        let why = if others.len() == 1 {
            "every sample is on one plate, without which nothing is left"
        } else {
            "without any one plate there is no estimate"
        };
        return (ConclusionStatus::CannotSay, why.into());
    }
    let others = others.iter().map(|(ratio, name)| (*ratio, name.as_str()));
    beside(declared, others, "with each plate left out, or rejected ones included,")
}

fn design(design: &Design, active: &str) -> (ConclusionStatus, String) {
    if let Some(words) = design.confounded(active) {
        return (ConclusionStatus::CannotSay, format!("{words} (under Design)"));
    }
    let warnings = &design.warnings;
    match warnings.len() {
        0 => (ConclusionStatus::Holds, "nothing in the design confounds them".into()),
        1 => (ConclusionStatus::CannotSay, warnings[0].found.trim_end_matches('.').to_string()),
        n => (
            ConclusionStatus::CannotSay,
            format!("{} (and {} more, under Design)", warnings[0].found.trim_end_matches('.'), n - 1),
        ),
    }
}

/// What would tell more.
const NOTHING_ELSE: &str = "nothing else was tried: write a section [missing_data] into study.toml for that";

/// A complete-case analysis of covariance holds where what is missing depends on the baseline and the arm only.
fn missing(row: &ArmComparison, declared: &IntervalEstimate, comparison: &Comparison) -> (ConclusionStatus, String) {
    let at_the_end = |arm: &String| {
        comparison.arms.iter().find(|one| one.arm == *arm && one.visit == row.visit).map(|one| (one.n, one.missing))
    };
    let seen = [&row.active, &row.reference].map(|arm| at_the_end(arm).unwrap_or_default());
    let left_out: [usize; 2] = row.left_out.iter().fold([0, 0], |sum, left| [sum[0] + left.n[0], sum[1] + left.n[1]]);
    // A mixed model has participants who missed its visit.
    if left_out == [0, 0] && (row.analysis != AnalysisId::Mmrm || seen.iter().all(|(_, missing)| *missing == 0)) {
        return (ConclusionStatus::Holds, "every randomised participant is in the analysis".into());
    }
    let found =
        comparison.missing_data.iter().find(|one| (&one.active, &one.reference) == (&row.active, &row.reference));
    if let Some(found) = found {
        return imputed(found, declared);
    }
    if row.analysis == AnalysisId::Mmrm {
        let words = format!(
            "{} of {} participants of {} and {} of {} of {} have no value at {}, which the mixed model assumes missing at random, given \
             their other values, arm, baseline and what else is in the model; {NOTHING_ELSE}",
            seen[0].1,
            seen[0].0 + seen[0].1,
            row.active,
            seen[1].1,
            seen[1].0 + seen[1].1,
            row.reference,
            row.visit
        );
        return (ConclusionStatus::CannotSay, words);
    }
    let words = format!(
        "{} of {} participants of {} and {} of {} of {} are not in the analysis, which assumes their values missing at random, \
         given arm, baseline and what else is in the model; {NOTHING_ELSE}",
        left_out[0],
        left_out[0] + row.n[0],
        row.active,
        left_out[1],
        left_out[1] + row.n[1],
        row.reference
    );
    (ConclusionStatus::CannotSay, words)
}

/// What multiple imputation says: the ratio under each assumption, and whether the conclusion tips within what is plausible.
fn imputed(found: &MissingData, declared: &IntervalEstimate) -> (ConclusionStatus, String) {
    if !found.reason.is_empty() {
        return (ConclusionStatus::CannotSay, format!("nothing was imputed: {}", found.reason));
    }
    let others: Vec<(Option<IntervalEstimate>, String)> =
        found.assumptions.iter().map(|row| (row.ratio, format!("with \"{}\"", in_words(row.assumption)))).collect();
    let others = others.iter().map(|(ratio, name)| (*ratio, name.as_str()));
    let (mark, words) = beside(declared, others, "imputed at random and by the reference arm,");
    let Some(tipping) = &found.tipping else { return (mark, words) };
    let tips = tips_in_words(tipping, &found.active);
    match tipping.plausible().next() {
        Some(_) => (
            ConclusionStatus::Depends,
            format!("{words}; {tips}, and the study regards up to {} times as plausible", tipping.plausible_factor),
        ),
        None => (mark, format!("{words}; {tips}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Code;
    use crate::study::design::DesignWarning;

    const DECLARED: IntervalEstimate = IntervalEstimate { estimate: 0.6, lower: 0.4, upper: 0.9 };

    fn of(others: &[(Option<[f64; 3]>, &'static str)]) -> (ConclusionStatus, String) {
        let interval = |[estimate, lower, upper]: [f64; 3]| IntervalEstimate { estimate, lower, upper };
        beside(&DECLARED, others.iter().map(|(ratio, name)| (ratio.map(interval), *name)), "by every rule")
    }

    #[test]
    fn the_side_of_one_and_the_size_decide() {
        let (mark, words) = of(&[(Some([0.62, 0.41, 0.94]), "with half"), (None, "left out")]);
        assert_eq!(
            (mark, words.contains("between 0.60 and 0.62; 1 more has no estimate")),
            (ConclusionStatus::Holds, true),
            "{words}"
        );
        let (mark, words) = of(&[(Some([0.8, 0.5, 1.1]), "with half"), (Some([0.6, 0.4, 0.9]), "zero")]);
        assert_eq!(
            (mark, words.ends_with("the conclusion changes with half")),
            (ConclusionStatus::Depends, true),
            "{words}"
        );
        // The other side is another conclusion, though 1 is excluded on both.
        assert_eq!(of(&[(Some([1.6, 1.1, 2.3]), "with half")]).0, ConclusionStatus::Depends);
        let (mark, words) = of(&[(Some([0.3, 0.2, 0.5]), "with half")]);
        assert_eq!(
            (mark, words.ends_with("the size of the ratio changes with half")),
            (ConclusionStatus::Depends, true),
            "{words}"
        );
        assert_eq!(of(&[(None, "with half")]).0, ConclusionStatus::CannotSay);
        assert_eq!(of(&[]).0, ConclusionStatus::CannotSay);
    }

    #[test]
    fn a_cause_that_was_not_looked_at_is_no_comfort() {
        assert_eq!(assay_error(&DECLARED, None, "too few draws").0, ConclusionStatus::CannotSay);
        let wider = IntervalEstimate { estimate: 0.6, lower: 0.35, upper: 1.02 };
        assert_eq!(assay_error(&DECLARED, Some(wider), "").0, ConclusionStatus::Depends);
        let found = "the arms are spread unevenly over the plates.".into();
        let uneven = DesignWarning { code: Code::new("arms-spread-unevenly"), found };
        let warned = Design { warnings: vec![uneven], ..Design::default() };
        assert_eq!(design(&warned, "active").0, ConclusionStatus::CannotSay);
        assert_eq!(design(&Design::default(), "active").0, ConclusionStatus::Holds);
    }
}
