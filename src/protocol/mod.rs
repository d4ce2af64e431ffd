//! `study.toml`: what a study declares, read, checked and completed. One section of the file, one file here: what it
//! declares, and how it is read. What the laboratory declares is an [`Assay`], what the trial declares is a [`Trial`]: whoever
//! is given an assay cannot name an arm.

mod acceptance;
mod analysis;
mod analytes;
mod assay;
mod clinical;
mod controls;
mod covariates;
mod criteria;
mod declarations;
mod events;
mod family;
mod method;
mod method_file;
mod missing_data;
mod over_plates;
mod plates;
mod range;
mod records;
mod report;
mod review;
mod reportable;
mod responder_levels;
mod section;
mod stability;
mod standards;
mod study;
mod study_file;
mod supplementary;
mod trial;
mod visits;

use std::path::Path;

use serde::{Serialize, Serializer};

pub use acceptance::{Acceptance, Bracket, BracketOutcome, StandardRejection};
pub use analysis::{
    AboveLimit, AnalysisSettings, BelowLimit, MixedModel, MixedModelDf, PrimaryAnalysis, ResponderTest,
};
pub use analytes::{AnalyteStudy, PartOf, SeveralAnalytes};
pub use assay::Assay;
pub use clinical::{ClinicalSettings, Measure, MeasureResponder};
pub use controls::ControlLevel;
pub use covariates::CovariateSetting;
pub use criteria::{Criteria, LIMITS, LimitInForce, LimitMeaning, PRESETS_VERSION, limits_in_force};
pub use declarations::{Declarations, Settings};
pub use events::{EventKind, EventSettings, EventStrategy};
pub use family::{Family, FamilyTest, RESPONDER_FALL, RESPONDER_LEVEL, RESPONDER_LEVEL_BELOW};
pub use method::{MethodSettings, ParameterFrom, Replicates};
pub use method_file::{Asked, StandardsSeries};
pub use missing_data::{LARGEST_FACTOR, MissingDataSettings};
pub use over_plates::OverPlatesSettings;
pub use plates::{PlateEntry, first_runs, is_repeat};
pub use records::{BaselineRule, DuplicateRule, MixedRule, RecordRules, VisitRule};
pub use report::{FigureWidth, PlateFigureFiles, ReportSettings, ResponseAxis, Scale, SvgTexts};
pub use reportable::{DilutionRule, RepeatRule, ReportableRules, SampleNames, UndeclaredRule};
pub use responder_levels::{LevelDefinition, ResponderLevels};
pub use review::ReviewSettings;
pub(crate) use section::{Section, read_toml};
pub use stability::StabilitySettings;
pub use study::{SAMPLE_COLUMNS, StudySettings};
pub use study_file::{parse, quoted, read, read_from};
pub use supplementary::{NextTrialSettings, SubgroupFactor, SupplementaryAnalysis, SupplementarySettings};
pub use trial::Trial;
pub use visits::Visit;

/// The name of the study file in a study folder.
pub const STUDY_FILE: &str = "study.toml";

/// A whole study, as `study.toml` declares it.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((protocol.assay.plates.len(), protocol.trial.visits.len()), (9, 2));
/// println!("{}", protocol.assay.criteria_words());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
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
        struct Study<'p> {
            #[serde(flatten)]
            laboratory: &'p StudySettings,
            arms: &'p Path,
            #[serde(skip_serializing_if = "Option::is_none")]
            part_of: &'p Option<PartOf>,
        }
        #[derive(Serialize)]
        struct StudyFile<'p> {
            study: Study<'p>,
            method: &'p MethodSettings,
            standards: &'p [f64],
            anchors: &'p [f64],
            controls: &'p [ControlLevel],
            acceptance: &'p Acceptance,
            reportable: &'p ReportableRules,
            over_plates: &'p OverPlatesSettings,
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
            over_plates,
            stability,
            review,
            plates,
        } = assay;
        let Trial { arms, visits, records, analysis, missing_data, clinical, events, supplementary, families, part_of } =
            trial;
        let study = Study { laboratory: study, arms, part_of };
        StudyFile {
            study,
            method,
            standards,
            anchors,
            controls,
            acceptance,
            reportable,
            over_plates,
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
