//! `[analysis]`: how the arms are compared.

use serde::Serialize;

use super::analysis_id::AnalysisId;
use super::covariates::{self, CovariateSetting};
use super::responder_levels::{self, LevelDefinition, ResponderLevels};
use super::section::Section;
use crate::sheet::{Code, Problem, Problems};
use crate::stats::mmrm::{FALLBACK, Structure};

/// `[analysis]`: how arms are compared.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((protocol.trial.analysis.reference_arm.as_str(), protocol.trial.analysis.limit_share_percent), ("placebo", 30.0));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct AnalysisSettings {
    /// The arm that the others are compared with.
    pub reference_arm: String,
    /// The analysis that answers the question.
    pub primary: PrimaryAnalysis,
    /// What adjusted analyses adjust for beside the baseline and the strata.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<CovariateSetting>,
    /// The number that stands for a value below the LLOQ.
    pub below_limit: BelowLimit,
    /// The number that stands for a value above the ULOQ.
    pub above_limit: AboveLimit,
    /// The largest share of values outside the limits, in percent, with which means, geometric means and changes are shown.
    pub limit_share_percent: f64,
    /// A subject whose end point is below this, in the unit of the study, responds; `None`: not analysed.
    pub responder_levels: Option<ResponderLevels>,
    /// Whether one who is below it at baseline can respond.
    pub responder_level_definition: LevelDefinition,
    /// A subject whose value fell by at least this percentage of the baseline responds; `None`: not analysed.
    pub responder_fall_percent: Option<f64>,
    /// The test of responders.
    pub responder_test: ResponderTest,
    /// The mixed model for repeated measures.
    pub mixed_model: MixedModel,
    /// How many whole studies are resampled to carry assay error through; 0: none.
    pub assay_error_replicates: usize,
    /// The seed of everything that is drawn: these studies, the bootstrap and the permutation test.
    pub seed: u64,
    /// Whether the wells are evaluated under every other combination of curve, variance, blank and plates as well.
    pub sensitivity_grid: bool,
}

/// The analysis that answers the question of the trial.
///
/// See [`AnalysisSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PrimaryAnalysis {
    /// Analysis of covariance at the end point, of participants with both values.
    Ancova,
    /// The mixed model over all visits after baseline, at the end point.
    Mmrm,
}

impl PrimaryAnalysis {
    /// The comparison that it is.
    pub const fn id(self) -> AnalysisId {
        match self {
            Self::Ancova => AnalysisId::Ancova,
            Self::Mmrm => AnalysisId::Mmrm,
        }
    }
}

/// The test by which responders are compared.
///
/// See [`AnalysisSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponderTest {
    /// Fisher's exact test.
    Fisher,
    /// Pearson's χ² without continuity correction.
    ChiSquare,
}

/// The mixed model for repeated measures.
///
/// See [`AnalysisSettings`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MixedModel {
    /// Degrees of freedom and standard errors.
    pub df: MixedModelDf,
    /// Covariance structures in the order in which they are tried: the first that converges is taken.
    pub covariance: Vec<Structure>,
}

/// Degrees of freedom and standard errors of the mixed model.
///
/// See [`AnalysisSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MixedModelDf {
    /// Kenward and Roger's.
    KenwardRoger,
    /// Satterthwaite's, with the model's standard errors.
    Satterthwaite,
}

/// The structures by the names that `study.toml` uses.
const STRUCTURES: [(&str, Structure); 7] = [
    ("unstructured", Structure::Us),
    ("toeplitz-heterogeneous", Structure::Toeph),
    ("autoregressive-heterogeneous", Structure::Arh1),
    ("compound-symmetry-heterogeneous", Structure::Csh),
    ("toeplitz", Structure::Toep),
    ("autoregressive", Structure::Ar1),
    ("compound-symmetry", Structure::Cs),
];

fn mixed_model(section: &mut Section<'_>, problems: &mut Problems) -> MixedModel {
    let df = section.choice(
        "mixed_model_df",
        &[("kenward-roger", MixedModelDf::KenwardRoger), ("satterthwaite", MixedModelDf::Satterthwaite)],
        problems,
    );
    let key = "mixed_model_covariance";
    let mut covariance = Vec::new();
    for name in section.texts(key, problems).unwrap_or_default() {
        match STRUCTURES.iter().find(|(known, _)| *known == name) {
            Some((_, structure)) => covariance.push(*structure),
            None => problems.push(
                Problem::new(
                    Code::new("covariance-structure-unknown"),
                    section.line_of(key),
                    format!("'{name}' is not a covariance structure"),
                )
                .expected(format!("some of {}", STRUCTURES.map(|(known, _)| known).join(", "))),
            ),
        }
    }
    if covariance.is_empty() {
        covariance = FALLBACK.to_vec();
    }
    MixedModel { df, covariance }
}

/// What stands for a value below the LLOQ in an analysis.
///
/// See [`AnalysisSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
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
///
/// See [`AnalysisSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AboveLimit {
    /// ULOQ.
    Uloq,
    /// Left out.
    Exclude,
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> AnalysisSettings {
    let settings = AnalysisSettings {
        reference_arm: section.text("reference_arm", problems).unwrap_or_else(|| "placebo".into()),
        primary: section.choice(
            "primary",
            &[("ancova", PrimaryAnalysis::Ancova), ("mmrm", PrimaryAnalysis::Mmrm)],
            problems,
        ),
        covariates: covariates::read(&mut section, problems),
        below_limit: section.choice(
            "below_limit",
            &[
                ("half-lloq", BelowLimit::HalfLloq),
                ("lloq-over-sqrt2", BelowLimit::LloqOverSqrt2),
                ("lloq", BelowLimit::Lloq),
                ("exclude", BelowLimit::Exclude),
            ],
            problems,
        ),
        above_limit: section.choice(
            "above_limit",
            &[("uloq", AboveLimit::Uloq), ("exclude", AboveLimit::Exclude)],
            problems,
        ),
        limit_share_percent: section
            .number(
                "limit_share_percent",
                "a percentage from 0 to 100",
                |percent| (0.0..=100.0).contains(&percent),
                problems,
            )
            .unwrap_or(30.0),
        responder_levels: responder_levels::read(&mut section, problems),
        responder_level_definition: section.choice(
            "responder_level_definition",
            &[
                ("fallen-below", LevelDefinition::FallenBelow),
                ("below", LevelDefinition::Below),
                ("both", LevelDefinition::Both),
            ],
            problems,
        ),
        responder_fall_percent: section.number(
            "responder_fall_percent",
            "a percentage above 0 and below 100",
            |percent| percent > 0.0 && percent < 100.0,
            problems,
        ),
        responder_test: section.choice(
            "responder_test",
            &[("fisher", ResponderTest::Fisher), ("chi-square", ResponderTest::ChiSquare)],
            problems,
        ),
        mixed_model: mixed_model(&mut section, problems),
        assay_error_replicates: section
            .number(
                "assay_error_replicates",
                "a whole number: 0 for none, otherwise from 100 to 1000000",
                |number| number == 0.0 || (number.fract() == 0.0 && (100.0..=1e6).contains(&number)),
                problems,
            )
            .map_or(2000, |number| number as usize),
        seed: section
            .number(
                "seed",
                "a whole number from 0 to 9007199254740992",
                |number| number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number),
                problems,
            )
            .map_or(1, |number| number as u64),
        sensitivity_grid: section.flag_or("sensitivity_grid", true, problems),
    };
    section.finish(problems);
    settings
}
