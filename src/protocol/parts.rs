//! The parts of a study file: what it says of the laboratory, and what of the trial.

use std::path::PathBuf;

use super::section::Section;
use super::{
    Assay, StudySettings, Trial, Visit, acceptance, across_plates, analysis, clinical, controls, events, family,
    method, missing_data, records, reportable, review, stability, standards, study, supplementary, visits,
};
use crate::sheet::Problems;

/// The visits.
pub(super) fn visits(root: &mut Section<'_>, problems: &mut Problems) -> Vec<Visit> {
    let file = root.location().clone();
    visits::read(root.sections("visit", problems), &file, problems)
}

/// The trial's sections. `codes` are those of the analytes, where they are known.
pub(super) fn trial(
    root: &mut Section<'_>,
    arms: PathBuf,
    visits: Vec<Visit>,
    codes: Option<&[String]>,
    problems: &mut Problems,
) -> Trial {
    let imputes = root.holds("missing_data");
    let missing = missing_data::read(root.section("missing_data", problems), problems);
    let measures = root.sections("measure", problems);
    let clinical = clinical::read(root.section("clinical", problems), measures, problems);
    let kinds = root.sections("event", problems);
    let events = events::read(root.section("events", problems), kinds, problems);
    Trial {
        arms,
        records: records::read(root.section("records", problems), &visits, problems),
        analysis: analysis::read(root.section("analysis", problems), problems),
        missing_data: imputes.then_some(missing),
        clinical,
        events,
        supplementary: supplementary::read(root.section("supplementary", problems), problems),
        families: family::read(root.sections("family", problems), &visits, codes, problems),
        visits,
        part_of: None,
    }
}

/// The laboratory's sections, but for the plates.
pub(super) fn laboratory(study: StudySettings, root: &mut Section<'_>, problems: &mut Problems) -> Assay {
    let method = method::read(root.section("method", problems), problems);
    let standards::Standards { list, anchors } =
        standards::read(root.section("standards", problems), &method, problems);
    let sample_columns = study::sample_columns(root.section("samples", problems), problems);
    Assay {
        study: StudySettings { sample_columns, ..study },
        standards: list,
        anchors,
        controls: controls::read(root.sections("control", problems), problems),
        acceptance: acceptance::read(root.section("acceptance", problems), method.criteria.acceptance(), problems),
        reportable: reportable::read(root.section("reportable", problems), problems),
        across_plates: across_plates::read(root.section("across_plates", problems), problems),
        stability: stability::read(root.section("stability", problems), problems),
        review: review::read(root.section("review", problems), problems),
        plates: Vec::new(),
        method,
    }
}
