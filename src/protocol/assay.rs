//! What the laboratory declares: everything that is needed from the plate to one result per sample.

use serde::Serialize;

use super::{
    Acceptance, AcrossPlatesSettings, ControlLevel, LimitInForce, MethodSettings, PRESETS_VERSION, PlateEntry,
    ReportableRules, ReviewSettings, StabilitySettings, StudySettings, limits_in_force,
};

/// What the laboratory declares: method, materials, acceptance, plates. There is no arm and no visit in it: whoever is given
/// an assay is blind, and the compiler sees to it.
///
/// Plates that belong to no trial need nothing else:
///
/// ```
/// use platewise::protocol::Assay;
///
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'TARC ELISA'\nversion = '1'\nlloq = 31.25\n")?;
/// assert_eq!((assay.study.unit.as_str(), assay.method.lloq), ("pg/mL", Some(31.25)));
/// assert_eq!(assay.acceptance.standards_min_levels, 6, "the defaults of study.toml");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Assay {
    /// What is measured, and where the samples are listed.
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
    pub across_plates: AcrossPlatesSettings,
    /// What the method's validation covers of how samples are kept.
    #[serde(skip_serializing_if = "StabilitySettings::is_undeclared")]
    pub stability: StabilitySettings,
    /// Who may review and approve plates.
    pub review: ReviewSettings,
    /// The plates, in the order of `study.toml`; empty where they belong to no study.
    pub plates: Vec<PlateEntry>,
}

impl Assay {
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
}
