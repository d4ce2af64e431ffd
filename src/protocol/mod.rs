//! `study.toml`: what a study declares, read, checked and completed.

mod section;
pub mod settings;
pub mod study_file;

pub use section::inside;
pub(crate) use section::{Section, read_toml};
pub use settings::{
    AboveLimit, Acceptance, AnalysisSettings, BelowLimit, Blank, ControlLevel, DilutionRule, MethodSettings,
    PlateEntry, Protocol, Replicates, ReportableRules, StudySettings, Visit,
};
pub use study_file::{STUDY_FILE, parse, read};
