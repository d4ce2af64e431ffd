//! The sensitivity grid: every choice of the evaluation crossed with every other, each cell the primary comparison computed from
//! the wells.
//!
//! ```text
//! curve model × variance model × blank × plates × values outside the limits
//! 4pl 5pl 5plm  constant …      ignore …   as judged, rejected ones too, without each   LLOQ/2, LLOQ/√2, LLOQ, left out, Tobit
//! ```
//!
//! In each cell the plates are fitted, read and judged anew, so that another curve may accept other plates. *Plates* says which
//! of them count: those that the cell's own judgement accepts; besides these, every other plate that has a curve; or all
//! accepted ones but a given one, for each plate that gave a result in the declared evaluation. Leaving out a plate leaves out its
//! subjects, too, so that its intervals widen for want of them. The declared primary analysis is one of the cells. The grid does not say which cell is right: it says whether the answer is a matter of choice.
//!
//! ```
//! use platewise::curve::{Blank, Model, Variance};
//! use platewise::protocol::AnalysisId;
//! use platewise::study::sensitivity_grid::{SensitivityGrid, GridCell, GridLevel, PlateSet, Specification};
//! use platewise::study::{ArmComparison, IntervalEstimate};
//!
//! let row = |estimate: f64, primary| ArmComparison {
//!     analysis: AnalysisId::Ancova,
//!     model: String::new(),
//!     primary,
//!     visit: "Week 16".into(),
//!     active: "active".into(),
//!     reference: "placebo".into(),
//!     n: [10, 10],
//!     left_out: Vec::new(),
//!     ratio: Some(IntervalEstimate { estimate, lower: 0.8 * estimate, upper: 1.25 * estimate }),
//!     adjusted_means: None,
//!     standard_error: Some(0.1),
//!     statistic: None,
//!     df: Some(17.0),
//!     p: None,
//!     adjusted: None,
//!     below_limit_rule: "below LLOQ: LLOQ/2".into(),
//!     reason: String::new(),
//! };
//! let cell = |model, estimate, primary| {
//!     let plates = PlateSet::Accepted;
//!     let specification = Specification { model, variance: Variance::Squared, blank: Blank::Ignore, plates };
//!     GridCell { specification, plates_used: 7, comparison: row(estimate, primary) }
//! };
//! let cells = vec![cell(Model::FourParameter, 0.7, true), cell(Model::FiveParameter, 0.9, false)];
//! let grid = SensitivityGrid::new("active", "placebo", cells);
//! let five: &GridLevel = grid.levels.iter().find(|level| level.level == "5pl").unwrap();
//! assert_eq!((five.declared, five.cells, five.excluding_one, five.highest), (false, 1, 0, Some(0.9)));
//! ```

use std::cmp::Ordering;

use serde::Serialize;

use super::arm_comparison::ArmComparison;
use super::sensitivity::between;
use super::sensitivity::sensitivity;
use super::trial_data::TrialData;
use crate::curve::{Blank, Model, Variance};
use crate::protocol::{AnalysisId, Protocol};
use crate::stats::printed_ratio;

/// Which plates count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "plates", content = "plate")]
pub enum PlateSet {
    /// Those that are accepted.
    Accepted,
    /// Besides these, all others that have a curve.
    RejectedToo,
    /// Those that are accepted, but this one.
    Without(String),
}

impl PlateSet {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Accepted => "accepted plates".into(),
            Self::RejectedToo => "rejected plates as well".into(),
            Self::Without(plate) => format!("without {plate}"),
        }
    }
}

/// How the wells of a cell are evaluated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Specification {
    /// The curve.
    pub model: Model,
    /// How the variance of a response depends on its mean.
    pub variance: Variance,
    /// What is done with blank wells.
    pub blank: Blank,
    /// Which plates count.
    #[serde(flatten)]
    pub plates: PlateSet,
}

/// One cell.
#[derive(Debug, Clone, Serialize)]
pub struct GridCell {
    /// How the wells were evaluated.
    #[serde(flatten)]
    pub specification: Specification,
    /// Number of plates that counted.
    pub plates_used: usize,
    /// The comparison; it names the rule for values below the limit, and is primary in the declared cell only.
    pub comparison: ArmComparison,
}

/// The grid of one arm against the reference.
#[derive(Debug, Clone, Serialize)]
pub struct SensitivityGrid {
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The cells, in the order of the choices.
    pub cells: Vec<GridCell>,
    /// For each choice and each of its levels, what the cells with it say.
    pub levels: Vec<GridLevel>,
    /// Whether the conclusion moves, in words.
    pub words: String,
}

/// The cells that share one level of one choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GridLevel {
    /// The choice, such as `curve model`.
    pub choice: &'static str,
    /// The level, such as `4pl`.
    pub level: String,
    /// Whether it is the declared one.
    pub declared: bool,
    /// Cells with this level that have an estimate.
    pub cells: usize,
    /// Of these, those whose interval does not hold 1.
    pub excluding_one: usize,
    /// Smallest ratio.
    pub lowest: Option<f64>,
    /// Largest ratio.
    pub highest: Option<f64>,
    /// Index of the cell that differs from the declared one in this choice only.
    pub alone: Option<usize>,
}

/// The name of a curve model in `study.toml`.
fn model(model: Model) -> &'static str {
    match model {
        Model::FourParameter => "4pl",
        Model::FiveParameter => "5pl",
        Model::FiveParameterMirror => "5plm",
    }
}

fn blank(blank: Blank) -> &'static str {
    match blank {
        Blank::Ignore => "ignore",
        Blank::Include => "include",
        Blank::Subtract => "subtract",
        Blank::Constrain => "constrain",
    }
}

impl GridCell {
    /// The cell's level of each choice, with the choice's name.
    pub fn choices(&self) -> [(&'static str, String); 5] {
        let Specification { model: curve, variance: spread, blank: rule, plates } = &self.specification;
        let below = match self.comparison.analysis {
            AnalysisId::Tobit => "as censored (Tobit)".into(),
            _ => self.comparison.below_limit_rule.clone(),
        };
        [
            ("curve model", model(*curve).into()),
            ("variance model", spread.name().into()),
            ("blank", blank(*rule).into()),
            ("plates", plates.words()),
            ("values outside the limits", below),
        ]
    }
}

/// The cells of one evaluation of the wells: one for each way of taking values below the limit.
pub fn cells(
    trial: &TrialData,
    active: &str,
    specification: &Specification,
    plates_used: usize,
    protocol: &Protocol,
    declared: bool,
) -> Vec<GridCell> {
    let cell = |comparison: ArmComparison| GridCell {
        specification: specification.clone(),
        plates_used,
        comparison: ArmComparison { primary: comparison.primary && declared, ..comparison },
    };
    sensitivity(trial, active, protocol).into_iter().map(cell).collect()
}

impl SensitivityGrid {
    /// Of the cells of one arm.
    pub fn new(active: &str, reference: &str, cells: Vec<GridCell>) -> Self {
        let levels = levels(&cells);
        let words = words(&cells, &levels);
        Self { active: active.into(), reference: reference.into(), levels, words, cells }
    }
}

/// On which side of 1 the interval of a cell lies; `None` without one.
fn side(cell: &GridCell) -> Option<Ordering> {
    cell.comparison.ratio.map(|ratio| ratio.side_of_one())
}

fn levels(cells: &[GridCell]) -> Vec<GridLevel> {
    let Some(declared) = cells.iter().find(|cell| cell.comparison.primary).map(GridCell::choices) else {
        return Vec::new();
    };
    let mut levels: Vec<GridLevel> = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let choices = cell.choices();
        let differing = choices.iter().zip(&declared).filter(|(own, declared)| own != declared).count();
        for ((choice, level), (_, declared)) in choices.into_iter().zip(&declared) {
            let found = match levels.iter().position(|one| one.choice == choice && one.level == level) {
                Some(found) => found,
                None => {
                    levels.push(GridLevel {
                        choice,
                        declared: level == *declared,
                        level,
                        cells: 0,
                        excluding_one: 0,
                        lowest: None,
                        highest: None,
                        alone: None,
                    });
                    levels.len() - 1
                }
            };
            let level = &mut levels[found];
            if differing == usize::from(!level.declared) {
                level.alone = Some(at);
            }
            if let Some(ratio) = cell.comparison.ratio {
                level.cells += 1;
                level.excluding_one += usize::from(ratio.side_of_one().is_ne());
                level.lowest = Some(level.lowest.map_or(ratio.estimate, |lowest| lowest.min(ratio.estimate)));
                level.highest = Some(level.highest.map_or(ratio.estimate, |highest| highest.max(ratio.estimate)));
            }
        }
    }
    // The choices one after the other, their levels in the order of the cells.
    let order: Vec<&str> = declared.iter().map(|(choice, _)| *choice).collect();
    levels.sort_by_key(|level| order.iter().position(|choice| *choice == level.choice));
    levels
}

fn words(cells: &[GridCell], levels: &[GridLevel]) -> String {
    let primary = cells.iter().find(|cell| cell.comparison.primary);
    let Some(ratio) = primary.and_then(|cell| cell.comparison.ratio) else {
        return "There is no primary estimate to compare the cells of the grid with.".into();
    };
    let estimates: Vec<f64> =
        cells.iter().filter_map(|cell| cell.comparison.ratio).map(|ratio| ratio.estimate).collect();
    let (low, high) =
        estimates.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &one| (low.min(one), high.max(one)));
    let agrees = |cell: &&GridCell| side(cell) == Some(ratio.side_of_one());
    let agreeing = cells.iter().filter(agrees).count();
    let without = cells.len() - estimates.len();
    let lies = match ratio.side_of_one() {
        Ordering::Less => "lies below",
        Ordering::Greater => "lies above",
        Ordering::Equal => "includes",
    };
    let mut words = format!(
        "In {} cells of the grid {} (declared: {}). ",
        estimates.len(),
        between(low, high),
        printed_ratio(ratio.estimate)
    );
    if agreeing == estimates.len() {
        let every = if without == 0 { "every cell" } else { "every cell that has an estimate" };
        words.push_str(&format!(
            "The conclusion does not change: in {every} the interval {lies} 1, as in the declared one."
        ));
    } else {
        let alone: Vec<String> = levels
            .iter()
            .filter(|level| !level.declared)
            .filter(|level| level.alone.is_some_and(|at| side(&cells[at]).is_some() && !agrees(&&cells[at])))
            .map(|level| format!("{} ({})", level.level, level.choice))
            .collect();
        words.push_str(&format!(
            "The conclusion changes: the interval {lies} 1 in the declared cell and in {agreeing} of {} in all",
            estimates.len()
        ));
        words.push_str(&if alone.is_empty() {
            "; no single choice changes it, only several at once.".to_string()
        } else {
            format!("; alone, these choices change it: {}.", alone.join(", "))
        });
    }
    if without > 0 {
        let cells = if without == 1 { "cell has" } else { "cells have" };
        words.push_str(&format!(" {without} {cells} no estimate and no part in this; the table gives the reasons."));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::IntervalEstimate;

    fn cell(curve: Model, rule: &str, ratio: Option<[f64; 3]>, primary: bool) -> GridCell {
        let comparison = ArmComparison {
            analysis: AnalysisId::Ancova,
            model: String::new(),
            primary,
            visit: "Week 16".into(),
            active: "active".into(),
            reference: "placebo".into(),
            n: [5, 5],
            ratio: ratio.map(|[estimate, lower, upper]| IntervalEstimate { estimate, lower, upper }),
            left_out: Vec::new(),
            adjusted: None,
            adjusted_means: None,
            standard_error: None,
            statistic: None,
            df: None,
            p: None,
            below_limit_rule: rule.into(),
            reason: String::new(),
        };
        let specification = Specification {
            model: curve,
            variance: Variance::Squared,
            blank: Blank::Ignore,
            plates: PlateSet::Accepted,
        };
        GridCell { specification, plates_used: 1, comparison }
    }

    #[test]
    fn the_choice_that_moves_the_conclusion_is_named() {
        use Model::{FiveParameter, FourParameter};
        let (away, across) = (Some([0.6, 0.4, 0.9]), Some([0.8, 0.5, 1.2]));
        let cells = vec![
            cell(FourParameter, "half", away, true),
            cell(FourParameter, "left out", across, false),
            cell(FiveParameter, "half", Some([0.55, 0.4, 0.8]), false),
            cell(FiveParameter, "left out", None, false),
        ];
        let grid = SensitivityGrid::new("active", "placebo", cells);
        let five = grid.levels.iter().find(|level| level.level == "5pl").unwrap();
        assert_eq!((five.cells, five.excluding_one, five.alone, five.declared), (1, 1, Some(2), false));
        let four = grid.levels.iter().find(|level| level.level == "4pl").unwrap();
        assert_eq!(
            (four.cells, four.excluding_one, four.alone, four.lowest, four.highest),
            (2, 1, Some(0), Some(0.6), Some(0.8))
        );
        assert!(grid.words.contains("between 0.55 and 0.80 (declared: 0.60)"), "{}", grid.words);
        assert!(
            grid.words
                .contains("in 2 of 3 in all; alone, these choices change it: left out (values outside the limits)"),
            "{}",
            grid.words
        );
        assert!(grid.words.contains("1 cell has no estimate"), "{}", grid.words);
    }

    /// An interval above 1 is another conclusion than one below, though both exclude 1.
    #[test]
    fn the_other_side_of_one_is_no_agreement() {
        let cells = vec![
            cell(Model::FourParameter, "half", Some([0.6, 0.4, 0.9]), true),
            cell(Model::FiveParameter, "half", Some([1.6, 1.1, 2.3]), false),
        ];
        let grid = SensitivityGrid::new("active", "placebo", cells);
        assert!(grid.words.contains("lies below 1 in the declared cell and in 1 of 2 in all"), "{}", grid.words);
        assert!(grid.words.contains("alone, these choices change it: 5pl (curve model)"), "{}", grid.words);
        assert_eq!(grid.levels.iter().map(|level| level.excluding_one).max(), Some(2), "both exclude 1");
    }

    #[test]
    fn a_grid_that_agrees_says_so_and_one_without_a_primary_says_that() {
        let cells = || {
            vec![
                cell(Model::FourParameter, "half", Some([0.6, 0.4, 0.9]), true),
                cell(Model::FiveParameter, "half", Some([0.7, 0.5, 0.95]), false),
            ]
        };
        assert!(
            SensitivityGrid::new("a", "p", cells())
                .words
                .contains("does not change: in every cell the interval lies below 1")
        );
        let mut without = cells();
        without[0].comparison.ratio = None;
        assert!(SensitivityGrid::new("a", "p", without).words.contains("no primary estimate"));
        assert!(SensitivityGrid::new("a", "p", Vec::new()).levels.is_empty());
    }
}
