//! `study.toml`: what a study declares, read, checked and completed. One section of the file, one file here: what it
//! declares, and how it is read. What the laboratory declares is an [`Assay`], what the trial declares is a [`Trial`]: whoever
//! is given an assay cannot name an arm.

mod acceptance;
mod analysis;
mod analysis_id;
mod analytes;
mod analytes_file;
mod assay;
mod clinical;
mod controls;
mod covariates;
mod criteria;
mod declarations;
mod events;
mod family;
mod limits;
mod method;
mod method_file;
mod missing_data;
mod over_plates;
mod part_of;
mod parts;
mod plates;
mod range;
mod records;
mod report;
mod review;
mod reportable;
mod responder_levels;
mod section;
mod source;
mod stability;
mod standards;
mod study;
mod study_above;
mod study_file;
mod study_text;
mod supplementary;
mod test_id;
mod toml_file;
mod trial;
mod visits;
mod whole_study;

pub use acceptance::{Acceptance, Bracket, BracketOutcome, LIMITS, LimitMeaning, StandardRejection};
pub use analysis::{
    AboveLimit, AnalysisSettings, BelowLimit, MixedModel, MixedModelDf, PrimaryAnalysis, ResponderTest,
};
pub use analysis_id::AnalysisId;
pub(crate) use analysis_id::Takes;
pub use analytes::{AnalyteStudy, SeveralAnalytes};
pub use assay::Assay;
pub use clinical::{ClinicalSettings, Measure, MeasureResponder};
pub use controls::ControlLevel;
pub use covariates::CovariateSetting;
pub use criteria::{Criteria, PRESETS_VERSION};
pub use declarations::{Declarations, Settings};
pub use events::{EventKind, EventSettings, EventStrategy};
pub use family::{Family, FamilyTest};
pub use limits::{LimitInForce, limits_in_force};
pub use method::{MethodSettings, ParameterFrom, Replicates};
pub use method_file::{Asked, StandardsSeries};
pub use missing_data::{LARGEST_FACTOR, MissingDataSettings};
pub use over_plates::OverPlatesSettings;
pub use part_of::PartOf;
pub use plates::{PlateEntry, first_runs, is_repeat};
pub use records::{BaselineRule, DuplicateRule, MixedRule, RecordRules, VisitRule};
pub use report::{FigureWidth, PlateFigureFiles, ReportSettings, ResponseAxis, Scale, SvgTexts};
pub use reportable::{DilutionRule, RepeatRule, ReportableRules, SampleNames, UndeclaredRule};
pub use responder_levels::{LevelDefinition, ResponderLevels};
pub use review::ReviewSettings;
#[cfg(feature = "report")]
pub(crate) use section::Section;
pub use stability::StabilitySettings;
pub use study::{SAMPLE_COLUMNS, StudySettings};
pub use study_file::{parse, read, read_from};
pub use study_text::{STUDY_FILE, quoted};
pub use supplementary::{NextTrialSettings, SubgroupFactor, SupplementaryAnalysis, SupplementarySettings};
pub use test_id::{ResponderDefinition, TestId};
#[cfg(feature = "report")]
pub(crate) use toml_file::read_toml;
pub use trial::Trial;
pub use visits::Visit;
pub use whole_study::Protocol;
