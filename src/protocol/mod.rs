//! `study.toml`: what a study declares, read, checked and completed.

pub mod settings;

pub use settings::{
    AboveLimit, Acceptance, AnalysisSettings, BelowLimit, Blank, DilutionRule, MethodSettings, PlateEntry, Protocol,
    Replicates, ReportableRules, StudySettings, Visit,
};
