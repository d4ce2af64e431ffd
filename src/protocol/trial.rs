//! What the trial declares: everything that is needed from one result per sample to the comparison of arms.

use std::path::{Path, PathBuf};

use super::{
    AnalysisSettings, ClinicalSettings, EventSettings, Family, MissingDataSettings, PartOf, RecordRules,
    SupplementarySettings, Visit,
};

/// What the trial declares: visits, arms, records, analysis. Nothing before [`crate::study`] is given it.
///
/// ```
/// let trial = platewise::protocol::read(std::path::Path::new("plates"))?.trial;
/// assert_eq!((trial.visits.len(), trial.analysis.reference_arm.as_str()), (2, "placebo"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trial {
    /// The list of arms, relative to the study folder. Only `compare` and `run` open it.
    pub arms: PathBuf,
    /// The visits, by week.
    pub visits: Vec<Visit>,
    /// Which results are analysed.
    pub records: RecordRules,
    /// How the arms are compared.
    pub analysis: AnalysisSettings,
    /// What is tried beside leaving out participants without an end point; `None`: nothing.
    pub missing_data: Option<MissingDataSettings>,
    /// What the clinic measured; `None`: nothing of it is used.
    pub clinical: Option<ClinicalSettings>,
    /// What may happen to participants, and how the question takes it; `None`: nothing is declared.
    pub events: Option<EventSettings>,
    /// What is analysed beside the primary analysis.
    pub supplementary: SupplementarySettings,
    /// Tests whose p-values are adjusted together.
    pub families: Vec<Family>,
    /// The study of several analytes that declares this trial; `None` where the study is of one.
    pub part_of: Option<PartOf>,
}

impl Trial {
    /// The folder in which the trial is declared, for the study in `study`: that itself, or the one above an analyte. Its list of arms
    /// stands there, and the record of when that was opened.
    pub fn folder(&self, study: &Path) -> PathBuf {
        if self.part_of.is_some() { study.join("..") } else { study.to_path_buf() }
    }

    /// The analyte's folder in a study of several.
    pub fn analyte_folder(&self) -> Option<&str> {
        self.part_of.as_ref().map(|above| above.folder.as_str())
    }
}
