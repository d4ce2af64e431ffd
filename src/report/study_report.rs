//! Everything that a report shows.

use super::figure::FigureLayout;
use crate::protocol::Declarations;
use crate::qc::JudgedPlate;
use crate::qc::across_plates::AcrossPlates;
use crate::record::{Review, RunRecord, SignatureState};
use crate::reportable::{Exclusions, IdentityFinding, ReportableResult, Rerun};
use crate::sheet::Problem;
use crate::study::events::EventCount;
use crate::study::{Clinical, Comparison, Robustness, SubjectVisit};

/// Everything that a report shows.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::pipeline::{self, RunOptions};
/// use platewise::report;
///
/// // The arms stay closed: none is in any output.
/// let study = InputFolder::new(Path::new("plates"), LinkPolicy::Refused);
/// let run = pipeline::run(&study, &RunOptions::default(), &|_| {})?;
/// let blinded = run.report();
/// let tables = report::table::tables(&blinded);
/// assert!(tables.iter().any(|table| table.name == "concentrations"));
/// assert!(tables.iter().all(|table| table.name != "comparison"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StudyReport<'a> {
    /// What was declared.
    pub protocol: Declarations<'a>,
    /// Every plate, in the order of the study.
    pub plates: &'a [JudgedPlate],
    /// What they say together.
    pub across_plates: &'a AcrossPlates,
    /// One result per sample of the study.
    pub results: &'a [ReportableResult],
    /// The same of the samples that test the method.
    pub test_results: &'a [ReportableResult],
    /// What has to be run again.
    pub reruns: &'a [Rerun],
    /// The decisions of people, and what the study is without their exclusions.
    pub exclusions: &'a Exclusions,
    /// What people signed, and whether it covers these results.
    pub signatures: &'a [SignatureState],
    /// What leaves room for another person's result.
    pub identity: &'a [IdentityFinding],
    /// The results by subject and visit.
    pub visits: &'a [SubjectVisit],
    /// Why there are none: results and list of samples contradict each other. Empty where there are.
    pub not_joined: &'a [Problem],
    /// The comparison of the arms; `None` keeps every output blinded.
    pub comparison: Option<&'a Comparison>,
    /// Intercurrent events by kind and arm; `None` where there is no comparison, or none are declared.
    pub events: Option<&'a [EventCount]>,
    /// What is made of the clinical measures; `None` where there is no comparison, or no measure.
    pub clinical: Option<&'a Clinical>,
    /// What it is compared with; `None` wherever there is no comparison.
    pub robustness: Option<&'a Robustness>,
    /// How the figures are laid out.
    pub layout: FigureLayout,
    /// With which program, settings and inputs.
    pub record: &'a RunRecord,
    /// What should be known and did not stop anything.
    pub warnings: &'a [Problem],
}

impl<'a> StudyReport<'a> {
    /// The same without anything that is known of the arms or was opened with their list, with the record and the warnings that it then
    /// has.
    pub fn without_arms(self, record: &'a RunRecord, warnings: &'a [Problem]) -> Self {
        Self { comparison: None, events: None, clinical: None, robustness: None, record, warnings, ..self }
    }

    /// What there is of reviews of a plate.
    pub(crate) fn review(&self, plate: &JudgedPlate) -> &'a Review {
        self.exclusions.review(&plate.id)
    }

    /// The result of a sample, of the study or to test the method.
    pub(super) fn result(&self, sample: &str) -> Option<&'a ReportableResult> {
        ReportableResult::of(self.results, sample).or_else(|| ReportableResult::of(self.test_results, sample))
    }

    /// The results of all samples, of the study or to test the method, by name.
    pub(super) fn measured(&self) -> Vec<&'a ReportableResult> {
        let mut measured: Vec<_> = self.results.iter().chain(self.test_results).collect();
        measured.sort_by(|one, other| one.sample.cmp(&other.sample));
        measured
    }

    /// Whether there are more plates than one page holds: each then has a page of its own, and its pictures are written as SVG only.
    pub(super) fn is_large(&self) -> bool {
        self.plates.len() > self.protocol.report.plates_in_page
    }

    /// Whether there is more than one plate to chart, of this study or of its history: a chart of one point says nothing.
    pub(super) fn has_charts(&self) -> bool {
        let study = &self.protocol.assay.study.id;
        let points = self.across_plates.charts.iter().flat_map(|chart| &chart.points);
        self.plates.len() > 1 || points.into_iter().any(|point| point.observation.study != *study)
    }

    /// Whether there is a sensitivity grid. The rules for values below the limit are among its choices, and then shown there.
    pub(super) fn has_grid(&self) -> bool {
        self.robustness.is_some_and(|robustness| !robustness.grids.is_empty())
    }
}
