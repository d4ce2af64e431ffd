//! `study.toml`: what a study declares, read, checked and completed. One section of the file, one file here: what it
//! declares, and how it is read.

mod acceptance;
mod analysis;
mod controls;
mod criteria;
mod family;
mod inside;
mod method;
mod over_plates;
mod plates;
mod range;
mod records;
mod report;
mod reportable;
mod responder_levels;
mod section;
mod standards;
mod study;
mod study_file;
mod visits;

use serde::Serialize;

pub use acceptance::{Acceptance, Bracket, BracketOutcome, StandardRejection};
pub use analysis::{AboveLimit, AnalysisSettings, BelowLimit, MixedModel, MixedModelDf, ResponderTest};
pub use controls::ControlLevel;
pub use criteria::{Criteria, LIMITS, LimitInForce, LimitMeaning, PRESETS_VERSION, limits_in_force};
pub use family::{Family, FamilyTest, RESPONDER_FALL, RESPONDER_LEVEL, RESPONDER_LEVEL_BELOW};
pub use inside::inside;
pub use method::{ExponentFrom, MethodSettings, Replicates};
pub use over_plates::OverPlatesSettings;
pub use plates::PlateEntry;
pub use records::{BaselineRule, DuplicateRule, MixedRule, RecordRules, VisitRule};
pub use report::{ReportSettings, Scale};
pub use reportable::{DilutionRule, ReportableRules};
pub use responder_levels::{LevelDefinition, ResponderLevels};
pub(crate) use section::{Section, read_toml};
pub use study::StudySettings;
pub use study_file::{parse, quoted, read};
pub use visits::Visit;

/// The name of the study file in a study folder.
pub const STUDY_FILE: &str = "study.toml";

/// A whole study, as declared.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((protocol.plates.len(), protocol.visits.len()), (9, 2));
/// println!("{}", protocol.criteria_words());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Protocol {
    /// What is studied.
    pub study: StudySettings,
    /// How the assay is evaluated.
    pub method: MethodSettings,
    /// Nominal concentrations of the standards, level 1 first; empty where the layouts say them.
    pub standards: Vec<f64>,
    /// Standards outside the range, which help the fit and are neither judged nor counted.
    pub anchors: Vec<f64>,
    /// Nominal concentrations of the controls; empty where the layouts say them.
    pub controls: Vec<ControlLevel>,
    /// When a plate, a standard, a control and a pair of replicates are accepted.
    pub acceptance: Acceptance,
    /// How one result per sample is chosen.
    pub reportable: ReportableRules,
    /// What is watched from plate to plate.
    pub over_plates: OverPlatesSettings,
    /// The visits, by week.
    pub visits: Vec<Visit>,
    /// Which results are analysed.
    pub records: RecordRules,
    /// How the arms are compared.
    pub analysis: AnalysisSettings,
    /// Tests whose p-values are adjusted together.
    pub families: Vec<Family>,
    /// How the results are shown.
    pub report: ReportSettings,
    /// The plates, in the order of `study.toml`.
    pub plates: Vec<PlateEntry>,
}

impl Protocol {
    /// The limits in force beside those of the method's preset.
    pub fn limits_in_force(&self) -> Vec<LimitInForce> {
        limits_in_force(&self.acceptance, self.method.criteria)
    }

    /// Which criteria a verdict follows, in one line: `criteria of method TARC ELISA version 1 (preset ich-m10 version 1; no
    /// limit overridden)`.
    pub fn criteria_words(&self) -> String {
        let limits = self.limits_in_force();
        let own: Vec<String> = limits
            .iter()
            .filter(|limit| limit.overridden())
            .map(|limit| format!("{} = {} instead of {}", limit.key, limit.value, limit.preset))
            .collect();
        let method = &self.method;
        let own = match own.as_slice() {
            [] => "no limit overridden".to_string(),
            own => format!("overridden: {}", own.join(", ")),
        };
        format!(
            "criteria of method {} version {} (preset {} version {PRESETS_VERSION}; {own})",
            method.name,
            method.version,
            method.criteria.name()
        )
    }

    /// Whether a standard is an anchor.
    pub fn is_anchor(&self, nominal: f64) -> bool {
        self.anchors.iter().any(|anchor| (anchor - nominal).abs() <= 1e-9 * nominal.abs())
    }
}
