//! What a study declares, checked and with every default filled in. Made from `study.toml`; echoed in `run.json`.

use std::path::PathBuf;

use serde::Serialize;

pub use crate::curve::Blank;
use crate::curve::{Model, Variance, VarianceFrom};

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
    /// The visits, by week.
    pub visits: Vec<Visit>,
    /// How the arms are compared.
    pub analysis: AnalysisSettings,
    /// The plates, in the order of `study.toml`.
    pub plates: Vec<PlateEntry>,
}

/// `[study]`: what is studied.
#[derive(Debug, Clone, Serialize)]
pub struct StudySettings {
    /// Identifier, CDISC's STUDYID.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Whether the data were simulated. Every output says so.
    pub simulated: bool,
    /// The analyte in words.
    pub analyte: String,
    /// CDISC's PARAMCD of the analyte.
    pub paramcd: String,
    /// Unit of all concentrations.
    pub unit: String,
    /// The list of samples, relative to the study folder.
    pub samples: PathBuf,
    /// The list of arms, relative to the study folder. Only `compare` and `run` open it.
    pub arms: PathBuf,
}

/// `[method]`: how the assay is evaluated.
#[derive(Debug, Clone, Serialize)]
pub struct MethodSettings {
    /// Name of the assay method.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Wavelength of the read that is analysed, in nm; `None` when the exports hold one raw read only.
    pub read_nm: Option<f64>,
    /// Wavelength that is subtracted from it, in nm.
    pub reference_nm: Option<f64>,
    /// The curve.
    pub model: Model,
    /// How the variance of a response depends on its mean.
    pub variance: Variance,
    /// Where that mean is taken from.
    pub variance_from: VarianceFrom,
    /// What is done with the blank wells.
    pub blank: Blank,
    /// How replicates become one value.
    pub replicates: Replicates,
    /// Level of every interval, such as 0.95.
    pub confidence: f64,
    /// Lower limit of quantification fixed by the method; `None`: the lowest standard that passes.
    pub lloq: Option<f64>,
    /// Upper limit of quantification fixed by the method; `None`: the highest standard that passes.
    pub uloq: Option<f64>,
}

/// How replicate wells become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replicates {
    /// Each well is read from the curve; the concentrations are averaged.
    MeanOfConcentrations,
    /// The responses are averaged; the mean is read from the curve.
    ConcentrationOfMeanResponse,
}

/// `[[control]]`: a level of the quality controls.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlLevel {
    /// Its name, as in the layouts.
    pub level: String,
    /// Nominal concentration.
    pub nominal: f64,
}

/// `[acceptance]`: the limits of every rule, percent unless said otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct Acceptance {
    /// Largest |bias| of a back-calculated standard.
    pub standard_bias_percent: f64,
    /// Largest |bias| of the standard at the LLOQ.
    pub standard_bias_percent_at_lloq: f64,
    /// Largest |bias| of the standard at the ULOQ.
    pub standard_bias_percent_at_uloq: f64,
    /// Share of the non-zero standards that must pass, in percent.
    pub standards_pass_percent: f64,
    /// Number of non-zero standard levels that must pass.
    pub standards_min_levels: usize,
    /// Whether a plate without controls is not evaluable.
    pub controls_required: bool,
    /// Largest |bias| of a control.
    pub control_bias_percent: f64,
    /// Share of all controls that must pass, in percent.
    pub controls_pass_percent: f64,
    /// Share of each level's controls that must pass, in percent.
    pub controls_level_pass_percent: f64,
    /// Largest CV of replicate concentrations.
    pub replicate_cv_percent: f64,
}

/// `[reportable]`: which of several results of one sample is reported.
#[derive(Debug, Clone, Serialize)]
pub struct ReportableRules {
    /// Among valid results at several dilutions.
    pub dilutions: DilutionRule,
}

/// Which of several dilutions of a sample is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DilutionRule {
    /// The lowest dilution whose result is inside the limits.
    LowestInRange,
    /// The geometric mean of all results inside the limits.
    GeometricMeanInRange,
}

/// `[[visit]]`: a visit of the study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Visit {
    /// Its name, as in `samples.csv`.
    pub name: String,
    /// Its week.
    pub week: f64,
    /// Whether it is the baseline; one visit is.
    pub baseline: bool,
    /// Whether it is the end point; one visit after baseline is.
    pub endpoint: bool,
}

/// `[analysis]`: how arms are compared.
#[derive(Debug, Clone, Serialize)]
pub struct AnalysisSettings {
    /// The arm that the others are compared with.
    pub reference_arm: String,
    /// The number that stands for a value below the LLOQ.
    pub below_limit: BelowLimit,
    /// The number that stands for a value above the ULOQ.
    pub above_limit: AboveLimit,
    /// A subject whose end point is below this, in the unit of the study, responds; `None`: not analysed.
    pub responder_level: Option<f64>,
    /// A subject whose value fell by at least this percentage of the baseline responds; `None`: not analysed.
    pub responder_fall_percent: Option<f64>,
}

/// What stands for a value below the LLOQ in an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BelowLimit {
    /// LLOQ / 2 (CDISC: HALFLLOQ).
    HalfLloq,
    /// LLOQ / √2.
    LloqOverSqrt2,
    /// LLOQ.
    Lloq,
    /// Left out.
    Exclude,
}

/// What stands for a value above the ULOQ in an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AboveLimit {
    /// ULOQ.
    Uloq,
    /// Left out.
    Exclude,
}

/// `[[plate]]`: one plate of the study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlateEntry {
    /// Its name in the study.
    pub id: String,
    /// The export, relative to the study folder.
    pub export: PathBuf,
    /// Which plate of the export, by its name or id in the file, where there are several.
    pub plate: Option<String>,
    /// The layout, relative to the study folder.
    pub layout: PathBuf,
    /// The sheet of the layout, where it is a workbook.
    pub layout_sheet: Option<String>,
    /// The reader whose format the export has; recognised by content when absent.
    pub reader: Option<String>,
    /// Lot of the kit.
    pub kit_lot: Option<String>,
    /// The plate that this one repeats.
    pub repeats: Option<String>,
}
