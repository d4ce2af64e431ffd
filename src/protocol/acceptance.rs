//! `[acceptance]`: when a plate, a standard, a control and a pair of replicates are accepted. What the section does not say
//! comes from the preset that `[method] criteria` names.

use serde::Serialize;

use super::criteria::Criteria;
use super::range::{PERCENT, POSITIVE, percent, positive};
use super::section::Section;
use crate::sheet::Problems;

/// `[acceptance]`: the limits of every rule, percent unless said otherwise. `None` is a limit that is not set (`"none"`).
///
/// ```
/// let m10 = platewise::protocol::Criteria::IchM10.acceptance();
/// assert_eq!((m10.standards_min_levels, m10.standards_pass_percent), (6, 75.0));
/// assert_eq!(m10.blank_max_response, None, "depends on kit and reader: not set");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Acceptance {
    /// Largest |bias| of a back-calculated standard.
    pub standard_bias_percent: f64,
    /// Largest |bias| of the lowest standard that is no anchor.
    pub standard_bias_percent_at_lloq: f64,
    /// Largest |bias| of the highest standard that is no anchor.
    pub standard_bias_percent_at_uloq: f64,
    /// Largest CV of the replicates of a standard, of their back-calculated concentrations.
    pub standard_cv_percent: Option<f64>,
    /// The same at the lowest and the highest standard.
    pub standard_cv_percent_at_limits: Option<f64>,
    /// Share of the standards that must pass.
    pub standards_pass_percent: f64,
    /// Number of standard levels that must pass.
    pub standards_min_levels: usize,
    /// What is done with a standard that fails.
    pub standard_rejection: StandardRejection,
    /// Largest mean response of the blank.
    pub blank_max_response: Option<f64>,
    /// Whether the mean of the blank must lie below the response at the LLOQ.
    pub blank_below_lloq: bool,
    /// Smallest mean response of the highest standard (of the zero standard, where responses fall).
    pub top_min_response: Option<f64>,
    /// Smallest ratio of the highest to the lowest mean response of the standards and blanks.
    pub window_min_ratio: Option<f64>,
    /// Whether a plate without controls is not evaluable.
    pub controls_required: bool,
    /// Largest |bias| of a control.
    pub control_bias_percent: f64,
    /// Share of all controls that must pass.
    pub controls_pass_percent: f64,
    /// Share of each level's controls that must pass.
    pub controls_level_pass_percent: f64,
    /// In which order of the wells the samples must lie between controls.
    pub controls_bracket: Bracket,
    /// What a sample outside the controls does to its plate.
    pub controls_bracket_outcome: BracketOutcome,
    /// Largest CV of replicate concentrations.
    pub replicate_cv_percent: f64,
    /// The standard deviation that replicates may have whatever their mean, in percent of the LLOQ: near zero a CV says
    /// nothing. At 25 % beside a CV of 20 % a pair at the LLOQ may have a CV of 25 %, and from 1.25 × LLOQ on 20 %.
    pub replicate_sd_percent_of_lloq: Option<f64>,
    /// Smallest number of wells that a group may be reported from after wells of it were excluded.
    pub replicates_after_exclusion: usize,
    /// Largest share of the standard levels of which wells may be excluded, by decisions or masks of the reader's software.
    pub excluded_standards_percent: f64,
    /// Largest number of neighbouring standard levels of which wells may be excluded: 1 means never two side by side.
    pub excluded_standards_in_a_row: usize,
    /// Largest number of wells of a plate that may be excluded, by decisions or masks of the reader's software.
    pub excluded_wells: usize,
    /// Largest CV of the results of one sample at several dilutions.
    pub dilutions_cv_percent: Option<f64>,
    /// How far a result may rise above that at a lower dilution before a hook is suspected.
    pub dilutions_hook_percent: Option<f64>,
}

/// What is done with a standard that fails.
///
/// See [`Acceptance`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandardRejection {
    /// It is left out and the curve fitted once more, where more than the smallest number of levels were used (ICH M10
    /// 4.3.2). One standard is rejected, and the curve fitted again, once.
    RefitOnce,
    /// It stays in the fit, and counts as failed.
    Keep,
}

/// The order in which a plate was filled.
///
/// See [`Acceptance`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bracket {
    /// Down each column, columns from left to right.
    ByColumn,
    /// Along each row, rows from top to bottom.
    ByRow,
    /// Not checked.
    #[serde(rename = "none")]
    Unchecked,
}

/// What a broken bracket does.
///
/// See [`Acceptance`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BracketOutcome {
    /// It is shown.
    Warn,
    /// It rejects the plate.
    Reject,
}

impl Criteria {
    /// Its limits.
    ///
    /// ```
    /// use platewise::protocol::Criteria;
    /// assert_eq!(Criteria::IchM10.acceptance().standard_bias_percent_at_lloq, 25.0);
    /// ```
    pub fn acceptance(self) -> Acceptance {
        let ich_m10 = Acceptance {
            standard_bias_percent: 20.0,
            standard_bias_percent_at_lloq: 25.0,
            standard_bias_percent_at_uloq: 25.0,
            standard_cv_percent: Some(20.0),
            standard_cv_percent_at_limits: Some(25.0),
            standards_pass_percent: 75.0,
            standards_min_levels: 6,
            standard_rejection: StandardRejection::RefitOnce,
            blank_max_response: None,
            blank_below_lloq: true,
            top_min_response: None,
            window_min_ratio: None,
            controls_required: true,
            control_bias_percent: 20.0,
            controls_pass_percent: 66.7,
            controls_level_pass_percent: 50.0,
            controls_bracket: Bracket::ByColumn,
            controls_bracket_outcome: BracketOutcome::Warn,
            replicate_cv_percent: 20.0,
            replicate_sd_percent_of_lloq: Some(25.0),
            replicates_after_exclusion: 2,
            excluded_standards_percent: 25.0,
            excluded_standards_in_a_row: 1,
            excluded_wells: 4,
            dilutions_cv_percent: Some(30.0),
            dilutions_hook_percent: Some(50.0),
        };
        match self {
            Self::IchM10 => ich_m10,
            // Within 10 % of the mean of two is a CV of 10 % × √2.
            Self::KitInsert => Acceptance {
                standard_cv_percent: Some(14.1),
                standard_cv_percent_at_limits: Some(14.1),
                standards_min_levels: 5,
                controls_required: false,
                controls_bracket: Bracket::Unchecked,
                replicate_cv_percent: 14.1,
                replicates_after_exclusion: 1,
                ..ich_m10
            },
            Self::Research => Acceptance {
                standard_bias_percent: 25.0,
                standard_bias_percent_at_lloq: 30.0,
                standard_bias_percent_at_uloq: 30.0,
                standard_cv_percent: None,
                standard_cv_percent_at_limits: None,
                standards_min_levels: 5,
                blank_below_lloq: false,
                controls_required: false,
                control_bias_percent: 30.0,
                controls_bracket: Bracket::Unchecked,
                replicate_cv_percent: 30.0,
                replicate_sd_percent_of_lloq: Some(40.0),
                replicates_after_exclusion: 1,
                excluded_standards_in_a_row: 2,
                excluded_wells: 8,
                dilutions_cv_percent: Some(40.0),
                ..ich_m10
            },
        }
    }
}

/// What a limit is: its key in `[acceptance]`, in words, and the source of its `ich-m10` value.
///
/// ```
/// let limit = platewise::protocol::LIMITS.iter().find(|limit| limit.key == "controls_pass_percent");
/// assert_eq!(limit.map(|limit| limit.source), Some("ICH M10 4.3.2"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitMeaning {
    /// The key.
    pub key: &'static str,
    /// What it limits.
    pub meaning: &'static str,
    /// Where the value of the preset `ich-m10` comes from.
    pub source: &'static str,
}

const M10_RUN: &str = "ICH M10 4.3.2";
const M10_CURVE: &str = "ICH M10 4.2.3, 4.3.2";
const PRACTICE: &str = "usual practice; ICH M10 4.3.4 asks for a limit and names none";
const OURS: &str = "ours";
const NOT_SET: &str = "depends on kit and reader: not set";

/// Every limit, in the order of [`Acceptance`].
pub const LIMITS: [LimitMeaning; 26] = [
    meaning("standard_bias_percent", "largest |bias| of a standard read back from the curve, in percent", M10_CURVE),
    meaning("standard_bias_percent_at_lloq", "the same at the lowest standard that is no anchor", M10_CURVE),
    meaning("standard_bias_percent_at_uloq", "the same at the highest standard that is no anchor", M10_CURVE),
    meaning("standard_cv_percent", "largest CV of the back-calculated wells of a standard, in percent", PRACTICE),
    meaning("standard_cv_percent_at_limits", "the same at the lowest and the highest standard", PRACTICE),
    meaning("standards_pass_percent", "share of the standards, anchors apart, that must pass", M10_RUN),
    meaning("standards_min_levels", "number of standard levels that must pass", M10_RUN),
    meaning("standard_rejection", "what is done with a standard that fails", M10_RUN),
    meaning("blank_max_response", "largest mean response of the blank", NOT_SET),
    meaning("blank_below_lloq", "whether the blank must read below the LLOQ", "ICH M10 4.2.2"),
    meaning("top_min_response", "smallest highest mean response of the standards", NOT_SET),
    meaning("window_min_ratio", "smallest ratio of the highest to the lowest mean response", NOT_SET),
    meaning("controls_required", "whether a plate without controls is not evaluable", "ICH M10 4.3.1"),
    meaning("control_bias_percent", "largest |bias| of a control, in percent", M10_RUN),
    meaning("controls_pass_percent", "share of all controls that must pass", M10_RUN),
    meaning("controls_level_pass_percent", "share of each level's controls that must pass", M10_RUN),
    meaning("controls_bracket", "in which order of wells samples must lie between controls", "ICH M10 4.3.1"),
    meaning("controls_bracket_outcome", "what a sample outside the controls does", OURS),
    meaning("replicate_cv_percent", "largest CV of replicate concentrations, in percent", PRACTICE),
    meaning(
        "replicate_sd_percent_of_lloq",
        "SD that replicates may have at any mean, in percent of the LLOQ",
        PRACTICE,
    ),
    meaning("replicates_after_exclusion", "fewest wells that a group is reported from after exclusions", "ICH M10 4.2"),
    meaning("excluded_standards_percent", "largest share of standard levels with excluded wells", "usual practice"),
    meaning(
        "excluded_standards_in_a_row",
        "largest number of neighbouring levels with excluded wells",
        "usual practice",
    ),
    meaning(
        "excluded_wells",
        "largest number of wells of a plate excluded by decision or masked in the reader's software",
        OURS,
    ),
    meaning("dilutions_cv_percent", "largest CV of a sample's results over its dilutions, in percent", "ICH M10 7.2"),
    meaning("dilutions_hook_percent", "rise of a result over a lower dilution that means a hook, in percent", OURS),
];

const fn meaning(key: &'static str, meaning: &'static str, source: &'static str) -> LimitMeaning {
    LimitMeaning { key, meaning, source }
}

pub(super) fn read(mut section: Section<'_>, preset: Acceptance, problems: &mut Problems) -> Acceptance {
    let section = &mut section;
    let mut limit = |key, default| section.number(key, PERCENT, percent, problems).unwrap_or(default);
    let mut acceptance = Acceptance {
        standard_bias_percent: limit("standard_bias_percent", preset.standard_bias_percent),
        standard_bias_percent_at_lloq: limit("standard_bias_percent_at_lloq", preset.standard_bias_percent_at_lloq),
        standard_bias_percent_at_uloq: limit("standard_bias_percent_at_uloq", preset.standard_bias_percent_at_uloq),
        standards_pass_percent: limit("standards_pass_percent", preset.standards_pass_percent),
        control_bias_percent: limit("control_bias_percent", preset.control_bias_percent),
        controls_pass_percent: limit("controls_pass_percent", preset.controls_pass_percent),
        controls_level_pass_percent: limit("controls_level_pass_percent", preset.controls_level_pass_percent),
        replicate_cv_percent: limit("replicate_cv_percent", preset.replicate_cv_percent),
        excluded_standards_percent: limit("excluded_standards_percent", preset.excluded_standards_percent),
        ..preset
    };
    for (key, value) in [
        ("standard_cv_percent", &mut acceptance.standard_cv_percent),
        ("standard_cv_percent_at_limits", &mut acceptance.standard_cv_percent_at_limits),
        ("replicate_sd_percent_of_lloq", &mut acceptance.replicate_sd_percent_of_lloq),
        ("dilutions_cv_percent", &mut acceptance.dilutions_cv_percent),
    ] {
        *value = section.number_or_none(key, *value, PERCENT, percent, problems);
    }
    for (key, value) in [
        ("blank_max_response", &mut acceptance.blank_max_response),
        ("top_min_response", &mut acceptance.top_min_response),
        ("window_min_ratio", &mut acceptance.window_min_ratio),
        ("dilutions_hook_percent", &mut acceptance.dilutions_hook_percent),
    ] {
        *value = section.number_or_none(key, *value, POSITIVE, positive, problems);
    }
    read_counts(section, &mut acceptance, problems);
    read_choices(section, &mut acceptance, problems);
    section.finish(problems);
    acceptance
}

fn read_counts(section: &mut Section<'_>, acceptance: &mut Acceptance, problems: &mut Problems) {
    let levels = |number: f64| number.fract() == 0.0 && (3.0..=24.0).contains(&number);
    let neighbours = |number: f64| number.fract() == 0.0 && (1.0..=24.0).contains(&number);
    let wells = |number: f64| number.fract() == 0.0 && (0.0..=96.0).contains(&number);
    let replicates = |number: f64| number.fract() == 0.0 && (1.0..=12.0).contains(&number);
    for (key, expected, allowed, value) in [
        (
            "standards_min_levels",
            "a whole number of levels from 3 to 24",
            levels as fn(f64) -> bool,
            &mut acceptance.standards_min_levels,
        ),
        (
            "excluded_standards_in_a_row",
            "a whole number of levels from 1 to 24",
            neighbours,
            &mut acceptance.excluded_standards_in_a_row,
        ),
        ("excluded_wells", "a whole number of wells from 0 to 96", wells, &mut acceptance.excluded_wells),
        (
            "replicates_after_exclusion",
            "a whole number of wells from 1 to 12",
            replicates,
            &mut acceptance.replicates_after_exclusion,
        ),
    ] {
        if let Some(number) = section.number(key, expected, allowed, problems) {
            *value = number as usize;
        }
    }
}

fn read_choices(section: &mut Section<'_>, acceptance: &mut Acceptance, problems: &mut Problems) {
    acceptance.blank_below_lloq = section.flag_or("blank_below_lloq", acceptance.blank_below_lloq, problems);
    acceptance.controls_required = section.flag_or("controls_required", acceptance.controls_required, problems);
    if section.holds("standard_rejection") {
        acceptance.standard_rejection = section.choice(
            "standard_rejection",
            &[("refit-once", StandardRejection::RefitOnce), ("keep", StandardRejection::Keep)],
            problems,
        );
    }
    if section.holds("controls_bracket") {
        acceptance.controls_bracket = section.choice(
            "controls_bracket",
            &[("by-column", Bracket::ByColumn), ("by-row", Bracket::ByRow), ("none", Bracket::Unchecked)],
            problems,
        );
    }
    if section.holds("controls_bracket_outcome") {
        acceptance.controls_bracket_outcome = section.choice(
            "controls_bracket_outcome",
            &[("warn", BracketOutcome::Warn), ("reject", BracketOutcome::Reject)],
            problems,
        );
    }
    // Asked for whether there or not, so that a misspelt key finds its neighbour.
    section.know(&["standard_rejection", "controls_bracket", "controls_bracket_outcome"]);
}
