//! `[study]`: what is studied, and where its lists are. The list of arms is the trial's; the rest is the laboratory's.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// `[study]`: what is studied.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((protocol.assay.study.paramcd.as_str(), protocol.assay.study.unit.as_str()), ("CCL17", "pg/mL"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct StudySettings {
    /// Identifier, CDISC's STUDYID; empty where plates belong to no study.
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
    /// `[samples.columns]`: what columns of that list are called where they do not have our names, by our names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sample_columns: BTreeMap<&'static str, String>,
}

impl StudySettings {
    /// Whether a layout's name for an analyte is the one that is measured: the declared name, `TARC (CCL17)`, or either part of it.
    ///
    /// ```
    /// let study = platewise::protocol::read(std::path::Path::new("plates"))?.assay.study;
    /// assert_eq!(["tarc", "CCL17", "TARC (CCL17)", "MDC"].map(|name| study.is_analyte(name)), [true, true, true, false]);
    /// # Ok::<(), platewise::sheet::Problems>(())
    /// ```
    pub fn is_analyte(&self, name: &str) -> bool {
        let (first, second) = self.analyte.split_once('(').unwrap_or((&self.analyte, ""));
        let names = [self.analyte.as_str(), first, second.trim_end_matches(')')];
        names.iter().any(|known| !known.trim().is_empty() && known.trim().eq_ignore_ascii_case(name.trim()))
    }
}

/// The columns that a list of samples may have.
pub const SAMPLE_COLUMNS: [&str; 13] = [
    "sample",
    "subject",
    "visit",
    "matrix",
    "day",
    "dilution",
    "dilution_fraction",
    "purpose",
    "of",
    "added",
    "collected",
    "age_days",
    "thaws",
];

/// `[samples.columns]`: `sample = "Specimen ID"`.
pub(super) fn sample_columns(mut section: Section<'_>, problems: &mut Problems) -> BTreeMap<&'static str, String> {
    let mut columns = section.section("columns", problems);
    let named = SAMPLE_COLUMNS.iter().filter_map(|name| Some((*name, columns.text(name, problems)?))).collect();
    columns.finish(problems);
    section.finish(problems);
    named
}

/// The section of a study: the laboratory's part, and the list of arms.
pub(super) fn of_study(mut section: Section<'_>, problems: &mut Problems) -> (StudySettings, PathBuf) {
    let id = section.required_text("id", problems);
    let settings = laboratory(id, &mut section, problems);
    let arms = arms(&mut section, problems);
    section.finish(problems);
    (settings, arms)
}

/// The keys of the section that each analyte of several declares by itself.
pub(super) const OF_THE_LABORATORY: [&str; 5] = ["analyte", "paramcd", "unit", "samples", "part_of"];
/// Those that a study of several analytes declares once, for all of them.
pub(super) const OF_THE_TRIAL: [&str; 4] = ["id", "title", "simulated", "arms"];

/// What a study of several analytes says of itself.
pub(super) struct SeveralHead {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) simulated: bool,
    pub(super) arms: PathBuf,
}

/// The section of a study of several analytes.
pub(super) fn of_several(mut section: Section<'_>, problems: &mut Problems) -> SeveralHead {
    let head = SeveralHead {
        id: section.required_text("id", problems),
        title: section.text("title", problems).unwrap_or_default(),
        simulated: section.flag("simulated", problems),
        arms: arms(&mut section, problems),
    };
    section.finish(problems);
    head
}

/// The section of one of its analytes: the study that it says to belong to, and the laboratory's part. Nothing of an analyte is taken for
/// granted beside others.
pub(super) fn of_analyte(mut section: Section<'_>, problems: &mut Problems) -> (String, StudySettings) {
    let part_of = section.required_text("part_of", problems);
    for key in ["analyte", "paramcd"] {
        if !section.holds(key) {
            section.required_text(key, problems);
        }
    }
    let settings = laboratory(String::new(), &mut section, problems);
    section.finish(problems);
    (part_of, settings)
}

fn arms(section: &mut Section<'_>, problems: &mut Problems) -> PathBuf {
    section.path("arms", problems).unwrap_or_else(|| PathBuf::from("arms.csv"))
}

/// The section where plates belong to no trial: it may lack an identifier, and has no arms.
pub(super) fn of_assay(mut section: Section<'_>, problems: &mut Problems) -> StudySettings {
    let id = section.text("id", problems).unwrap_or_default();
    let settings = laboratory(id, &mut section, problems);
    section.finish(problems);
    settings
}

/// The section in a file that holds a method: the unit may be said elsewhere, and of a study there is nothing to say.
pub(super) fn of_method_file(mut section: Section<'_>, problems: &mut Problems) -> StudySettings {
    let id = section.text("id", problems).unwrap_or_default();
    section.know(&["arms", "part_of"]);
    let unit = |section: &mut Section<'_>, problems: &mut Problems| section.text("unit", problems).unwrap_or_default();
    // What is measured is not known unless somebody says it.
    let said = section.holds("analyte");
    let settings = with_unit(id, unit, &mut section, problems);
    section.finish(problems);
    if said { settings } else { StudySettings { analyte: String::new(), ..settings } }
}

fn laboratory(id: String, section: &mut Section<'_>, problems: &mut Problems) -> StudySettings {
    with_unit(id, |section, problems| section.required_text("unit", problems), section, problems)
}

fn with_unit(
    id: String,
    unit: impl FnOnce(&mut Section<'_>, &mut Problems) -> String,
    section: &mut Section<'_>,
    problems: &mut Problems,
) -> StudySettings {
    StudySettings {
        id,
        title: section.text("title", problems).unwrap_or_default(),
        simulated: section.flag("simulated", problems),
        analyte: section.text("analyte", problems).unwrap_or_else(|| "TARC (CCL17)".into()),
        paramcd: paramcd(section, problems),
        unit: unit(section, problems),
        samples: section.path("samples", problems).unwrap_or_else(|| PathBuf::from("samples.csv")),
        sample_columns: BTreeMap::new(),
    }
}

/// CDISC: at most 8 characters, letters, digits and underscore, beginning with a letter.
fn paramcd(section: &mut Section<'_>, problems: &mut Problems) -> String {
    let code = section.text("paramcd", problems).unwrap_or_else(|| "CCL17".into());
    let valid = code.len() <= 8
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !valid {
        problems.push(
            Problem::new(Code::new("paramcd"), section.line_of("paramcd"), format!("paramcd = \"{code}\""))
                .expected("CDISC's form: at most 8 of A-Z, 0-9 and _, beginning with a letter"),
        );
    }
    code
}
