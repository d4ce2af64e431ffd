//! The presets of acceptance criteria: every limit with its value, what it is and where it comes from.
//!
//! | preset | for | source |
//! |---|---|---|
//! | `ich-m10` | validated and regulated work | ICH M10 (2022), ligand-binding assays, sections 4.2.3, 4.3.2 and 4.3.4; where M10 asks for a limit and names none, the usual practice, marked so |
//! | `kit-insert` | a kit used as its insert says | as `ich-m10`, with five levels for a 4PL, duplicates within 10 % of their mean (Thermo/Pierce human TNFα ELISA guide) and no controls of its own |
//! | `research` | exploratory work | ours: no guideline; wider, so that what is lost is lost for cause |
//!
//! ICH M10 leaves biomarkers out of its scope: a report says "criteria of method X version N", never "M10 compliant".

use serde::Serialize;
use serde_json::Value;

use super::acceptance::{Acceptance, Bracket, BracketOutcome, StandardRejection};

/// A preset of acceptance criteria.
///
/// ```
/// use platewise::protocol::Criteria;
///
/// let levels = [Criteria::IchM10, Criteria::KitInsert, Criteria::Research].map(|of| (of.name(), of.acceptance().standards_min_levels));
/// assert_eq!(levels, [("ich-m10", 6), ("kit-insert", 5), ("research", 5)]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Criteria {
    /// Those of ICH M10 for ligand-binding assays.
    IchM10,
    /// Those of a kit's insert.
    KitInsert,
    /// Wide ones for exploratory work.
    Research,
}

/// Version of the values of the presets. It rises when one of them changes.
pub const PRESETS_VERSION: u32 = 1;

impl Criteria {
    /// The presets, as `study.toml` names them.
    pub(super) const CHOICES: [(&'static str, Self); 3] =
        [("ich-m10", Self::IchM10), ("kit-insert", Self::KitInsert), ("research", Self::Research)];

    /// Its name in `study.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::IchM10 => "ich-m10",
            Self::KitInsert => "kit-insert",
            Self::Research => "research",
        }
    }

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

/// A limit of a method beside that of its preset.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let limits = protocol.assay.limits_in_force();
/// assert!(limits.iter().all(|limit| !limit.overridden()), "the demo trial keeps to its preset");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitInForce {
    /// Its key in `[acceptance]`.
    pub key: &'static str,
    /// What it limits.
    pub meaning: &'static str,
    /// Source of the value of the preset `ich-m10`.
    pub source: &'static str,
    /// Its value; `none` where it is not set.
    pub value: String,
    /// The value of the preset.
    pub preset: String,
}

impl LimitInForce {
    /// Whether the study says something else than its preset.
    pub fn overridden(&self) -> bool {
        self.value != self.preset
    }
}

/// Every limit of `acceptance` beside that of the preset `criteria`.
pub fn limits_in_force(acceptance: &Acceptance, criteria: Criteria) -> Vec<LimitInForce> {
    // By name, as they are serialised: a limit that is added to the struct cannot be forgotten here.
    let (own, preset) = (serde_json::json!(acceptance), serde_json::json!(criteria.acceptance()));
    LIMITS
        .iter()
        .map(|limit| LimitInForce {
            key: limit.key,
            meaning: limit.meaning,
            source: limit.source,
            value: words(&own[limit.key]),
            preset: words(&preset[limit.key]),
        })
        .collect()
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_explained_and_none_twice() {
        let serialised = serde_json::json!(Criteria::IchM10.acceptance());
        let mut keys: Vec<&String> = serialised.as_object().unwrap().keys().collect();
        let mut explained: Vec<&str> = LIMITS.iter().map(|limit| limit.key).collect();
        keys.sort();
        explained.sort_unstable();
        assert_eq!(keys, explained);
    }

    #[test]
    fn what_a_study_says_otherwise_is_seen() {
        let own = Acceptance { control_bias_percent: 15.0, standard_cv_percent: None, ..Criteria::IchM10.acceptance() };
        let overridden: Vec<(&str, String, String)> = limits_in_force(&own, Criteria::IchM10)
            .into_iter()
            .filter(LimitInForce::overridden)
            .map(|limit| (limit.key, limit.value, limit.preset))
            .collect();
        assert_eq!(
            overridden,
            [
                ("standard_cv_percent", "none".into(), "20".into()),
                ("control_bias_percent", "15".to_string(), "20".to_string())
            ]
        );
    }

    /// The values that ICH M10 states, one by one.
    #[test]
    fn ich_m10_is_what_the_guideline_states() {
        let m10 = Criteria::IchM10.acceptance();
        assert_eq!((m10.standard_bias_percent, m10.standard_bias_percent_at_lloq), (20.0, 25.0));
        assert_eq!(m10.standard_bias_percent_at_uloq, 25.0);
        assert_eq!((m10.standards_pass_percent, m10.standards_min_levels), (75.0, 6));
        assert_eq!((m10.control_bias_percent, m10.controls_level_pass_percent), (20.0, 50.0));
        assert!((m10.controls_pass_percent - 200.0 / 3.0).abs() < 0.05);
        assert_eq!(m10.dilutions_cv_percent, Some(30.0));
    }
}
