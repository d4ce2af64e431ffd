//! `study.toml`: what a study declares, read, checked and completed. One section of the file, one file here: what it
//! declares, and how it is read.

mod acceptance;
mod analysis;
mod controls;
mod method;
mod over_plates;
mod plates;
mod range;
mod reportable;
mod section;
mod standards;
mod study;
mod study_file;
mod visits;

use serde::Serialize;

pub use acceptance::Acceptance;
pub use analysis::{AboveLimit, AnalysisSettings, BelowLimit};
pub use controls::ControlLevel;
pub use method::{MethodSettings, Replicates};
pub use over_plates::OverPlatesSettings;
pub use plates::PlateEntry;
pub use reportable::{DilutionRule, ReportableRules};
pub use section::inside;
pub(crate) use section::{Section, read_toml};
pub use study::StudySettings;
pub use study_file::{parse, read};
pub use visits::Visit;

/// The name of the study file in a study folder.
pub const STUDY_FILE: &str = "study.toml";

/// A whole study, as declared.
#[derive(Debug, Clone, Serialize)]
pub struct Protocol {
    /// What is studied.
    pub study: StudySettings,
    /// How the assay is evaluated.
    pub method: MethodSettings,
    /// Nominal concentrations of the standards, level 1 first; empty where the layouts say them.
    pub standards: Vec<f64>,
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
    /// How the arms are compared.
    pub analysis: AnalysisSettings,
    /// The plates, in the order of `study.toml`.
    pub plates: Vec<PlateEntry>,
}
