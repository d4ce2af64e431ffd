//! What one analyte brings.

use crate::protocol::StudySettings;
use crate::study::result::Comparison;
use crate::study::subject_visit::SubjectVisit;

/// What one analyte brings.
///
/// See [`OverAnalytes`](super::OverAnalytes) for an example.
#[derive(Debug, Clone, Copy)]
pub struct AnalyteData<'a> {
    /// Its folder in the study.
    pub folder: &'a str,
    /// What is measured.
    pub settings: &'a StudySettings,
    /// The level of its intervals.
    pub confidence: f64,
    /// The comparison of its arms, or why there is none.
    pub compared: Result<&'a Comparison, &'a str>,
    /// Its results by subject and visit.
    pub visits: &'a [SubjectVisit],
}
