//! A whole study: what the laboratory and the trial declare.

use std::path::Path;

use serde::{Serialize, Serializer};

use super::part_of::PartOf;
use super::{
    Acceptance, AcrossPlatesSettings, AnalysisSettings, Assay, ClinicalSettings, ControlLevel, EventSettings, Family,
    MethodSettings, MissingDataSettings, PlateEntry, RecordRules, ReportSettings, ReportableRules, ReviewSettings,
    StabilitySettings, StudySettings, SupplementarySettings, Trial, Visit,
};

/// A whole study, as `study.toml` declares it.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((protocol.assay.plates.len(), protocol.trial.visits.len()), (9, 2));
/// println!("{}", protocol.assay.criteria_words());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Protocol {
    /// What the laboratory declares.
    pub assay: Assay,
    /// What the trial declares.
    pub trial: Trial,
    /// How the results are shown.
    pub report: ReportSettings,
}

/// As in `study.toml`: one table for each of its sections, laboratory and trial side by side.
impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct RecordedStudy<'p> {
            #[serde(flatten)]
            laboratory: &'p StudySettings,
            arms: &'p Path,
            #[serde(skip_serializing_if = "Option::is_none")]
            part_of: &'p Option<PartOf>,
        }
        #[derive(Serialize)]
        struct StudyFile<'p> {
            study: RecordedStudy<'p>,
            method: &'p MethodSettings,
            standards: &'p [f64],
            anchors: &'p [f64],
            controls: &'p [ControlLevel],
            acceptance: &'p Acceptance,
            reportable: &'p ReportableRules,
            across_plates: &'p AcrossPlatesSettings,
            #[serde(skip_serializing_if = "Option::is_none")]
            stability: Option<&'p StabilitySettings>,
            review: &'p ReviewSettings,
            visits: &'p [Visit],
            records: &'p RecordRules,
            analysis: &'p AnalysisSettings,
            #[serde(skip_serializing_if = "Option::is_none")]
            missing_data: &'p Option<MissingDataSettings>,
            #[serde(skip_serializing_if = "Option::is_none")]
            clinical: &'p Option<ClinicalSettings>,
            #[serde(skip_serializing_if = "Option::is_none")]
            events: &'p Option<EventSettings>,
            #[serde(skip_serializing_if = "Option::is_none")]
            supplementary: Option<&'p SupplementarySettings>,
            families: &'p [Family],
            report: &'p ReportSettings,
            plates: &'p [PlateEntry],
        }
        let Self { assay, trial, report } = self;
        let Assay {
            study,
            method,
            standards,
            anchors,
            controls,
            acceptance,
            reportable,
            across_plates,
            stability,
            review,
            plates,
        } = assay;
        let Trial { arms, visits, records, analysis, missing_data, clinical, events, supplementary, families, part_of } =
            trial;
        let study = RecordedStudy { laboratory: study, arms, part_of };
        StudyFile {
            study,
            method,
            standards,
            anchors,
            controls,
            acceptance,
            reportable,
            across_plates,
            stability: (!stability.is_undeclared()).then_some(stability),
            review,
            visits,
            records,
            analysis,
            missing_data,
            clinical,
            events,
            supplementary: (!supplementary.is_empty()).then_some(supplementary),
            families,
            report,
            plates,
        }
        .serialize(serializer)
    }
}
