//! The study file of several analytes, `[[analyte]]`, and those of its analytes, which hold the rest: a study lists their folders, and
//! each analyte says by `part_of` which study it belongs to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::part_of::PartOf;
use super::responder_levels::{self, ResponderLevels};
use super::section::Section;
use super::study::{OF_THE_LABORATORY, OF_THE_TRIAL};
use super::study_text::STUDY_FILE;
use super::toml_file::read_toml;
use super::whole_study::Protocol;
use super::{Trial, parts, plates, report, study};
use crate::sheet::{Code, Location, Problem, Problems};

/// The sections of the trial, as people write them.
const TRIAL_SECTIONS: [(&str, &str); 11] = [
    ("visit", "[[visit]]"),
    ("records", "[records]"),
    ("analysis", "[analysis]"),
    ("missing_data", "[missing_data]"),
    ("clinical", "[clinical]"),
    ("measure", "[[measure]]"),
    ("events", "[events]"),
    ("event", "[[event]]"),
    ("supplementary", "[supplementary]"),
    ("family", "[[family]]"),
    ("analyte", "[[analyte]]"),
];

/// The sections of the laboratory, and of how its results are shown.
const LABORATORY_SECTIONS: [(&str, &str); 10] = [
    ("method", "[method]"),
    ("standards", "[standards]"),
    ("samples", "[samples]"),
    ("control", "[[control]]"),
    ("acceptance", "[acceptance]"),
    ("reportable", "[reportable]"),
    ("across_plates", "[across_plates]"),
    ("stability", "[stability]"),
    ("review", "[review]"),
    ("report", "[report]"),
];

/// What kind of study a `study.toml` declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StudyKind {
    /// One analyte, laboratory and trial in one file.
    Whole,
    /// The trial of several analytes.
    Several,
    /// One analyte of several.
    Analyte,
}

impl StudyKind {
    /// Of that text; `None` where it is not TOML, which is said when it is read.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut kind = None;
        let _ = read_toml(STUDY_FILE, text, |root, problems| {
            kind = Some(if root.holds("analyte") {
                Self::Several
            } else if root.section("study", problems).holds("part_of") {
                Self::Analyte
            } else {
                Self::Whole
            });
        });
        kind
    }
}

/// What the study above declares.
pub(super) struct StudyAbove {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) simulated: bool,
    pub(super) trial: Trial,
    pub(super) analytes: Vec<AnalyteEntry>,
}

/// An entry of `[[analyte]]`.
pub(super) struct AnalyteEntry {
    pub(super) folder: PathBuf,
    pub(super) responder_levels: Option<ResponderLevels>,
    pub(super) at: Location,
}

impl StudyAbove {
    /// Reads the study file `file`. `codes` are the analytes' codes where they are known, which tests of families may name.
    pub(super) fn parse(file: &str, text: &str, codes: Option<&[String]>) -> Result<Self, Problems> {
        read_toml(file, text, |root, problems| {
            let visits = parts::visits(root, problems);
            let mut section = root.section("study", problems);
            elsewhere(&mut section, &OF_THE_LABORATORY, "in the study.toml of each analyte", problems);
            let head = study::of_several(section, problems);
            let mut analysis = root.section("analysis", problems);
            let levels = ["responder_level", "responder_level_by_age"];
            elsewhere(&mut analysis, &levels, "in [[analyte]]: a concentration is of one analyte", problems);
            let trial = parts::trial(root, head.arms, visits, codes, problems);
            root.know(&LABORATORY_SECTIONS.map(|(key, _)| key));
            root.know(&["plate"]);
            let analytes = listed(root.sections("analyte", problems), problems);
            Self { id: head.id, title: head.title, simulated: head.simulated, trial, analytes }
        })
    }

    /// What it declares of the trial, for one of its analytes: its lists stand in the folder above.
    fn trial_of(&self, listed: &AnalyteEntry) -> Trial {
        let up = |path: &Path| Path::new("..").join(path);
        let mut trial = self.trial.clone();
        trial.arms = up(&trial.arms);
        trial.clinical.iter_mut().for_each(|clinical| clinical.list = up(&clinical.list));
        trial.events.iter_mut().for_each(|events| events.list = up(&events.list));
        trial.analysis.responder_levels = listed.responder_levels.clone();
        trial.part_of = Some(PartOf {
            study: self.id.clone(),
            folder: listed.folder.display().to_string(),
            analytes: self.analytes.len(),
            families: std::mem::take(&mut trial.families),
        });
        trial
    }

    /// The study of the analyte with this study file.
    pub(super) fn analyte(
        &self,
        listed: &AnalyteEntry,
        own: StudyFileText<'_>,
        above: &str,
    ) -> Result<Protocol, Problems> {
        read_toml(own.name, own.text, |root, problems| {
            let mut section = root.section("study", problems);
            elsewhere(&mut section, &OF_THE_TRIAL, &format!("in {above}, once for all analytes"), problems);
            let at = section.line_of("part_of");
            let (part_of, of_analyte) = study::of_analyte(section, problems);
            if part_of != self.id {
                problems.push(
                    Problem::new(
                        Code::new("part-of-another-study"),
                        at,
                        format!("part_of = \"{part_of}\", and the study above is '{}'", self.id),
                    )
                    .expected(format!("the id in {above}: both name each other")),
                );
            }
            let title = format!("{}: {}", self.title, of_analyte.analyte);
            let settings = study::StudySettings {
                id: self.id.clone(),
                title: if self.title.is_empty() { String::new() } else { title },
                simulated: self.simulated,
                ..of_analyte
            };
            let mut assay = parts::laboratory(settings, root, problems);
            root.know(&TRIAL_SECTIONS.map(|(key, _)| key));
            let report = report::read(root.section("report", problems), problems);
            assay.plates = plates::of_study(root.sections("plate", problems), problems);
            Protocol { assay, trial: self.trial_of(listed), report }
        })
    }
}

/// A study file, by the name that messages give it.
#[derive(Clone, Copy)]
pub(super) struct StudyFileText<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

/// Keys that stand in the other of the two files.
fn elsewhere(section: &mut Section<'_>, keys: &[&'static str], place: &str, problems: &mut Problems) {
    section.know(keys);
    for key in keys.iter().filter(|key| section.holds(key)) {
        problems.push(
            Problem::new(
                Code::new("setting-of-other-file"),
                section.line_of(key),
                format!("'{key}' does not belong here in a study of several analytes"),
            )
            .expected(format!("it {place}")),
        );
    }
}

fn listed(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<AnalyteEntry> {
    let mut analytes: Vec<AnalyteEntry> = Vec::new();
    for mut section in sections {
        let at = section.line_of("folder");
        let before = problems.0.len();
        let folder = section.required_path("folder", problems);
        let wrong = match folder.components().count() {
            _ if problems.0.len() > before => None,
            1 if folder == Path::new("results") => Some("is where the results of the study go"),
            1 if folder == Path::new(".") => Some("is the study itself"),
            1 => None,
            _ => Some("is not a folder of the study itself, but further down"),
        };
        if let Some(why) = wrong {
            problems.push(
                Problem::new(
                    Code::new("analyte-folder"),
                    at.clone(),
                    format!("folder = \"{}\" {why}", folder.display()),
                )
                .expected("a folder beside this study.toml, such as \"tarc\""),
            );
        }
        if let Some(first) = analytes.iter().find(|known| known.folder == folder && problems.0.len() == before) {
            problems.push(
                Problem::new(
                    Code::new("analyte-listed-twice"),
                    at.clone(),
                    format!("the folder '{}' is listed twice, first at {}", folder.display(), first.at),
                )
                .expected("each analyte once"),
            );
        }
        let responder_levels = responder_levels::read(&mut section, problems);
        section.finish(problems);
        analytes.push(AnalyteEntry { folder, responder_levels, at });
    }
    analytes
}

/// The sections that stand in the file of the other, with both places where both have them.
pub(super) fn misplaced(above: StudyFileText<'_>, own: StudyFileText<'_>) -> Problems {
    let (in_above, in_own) = (places(above), places(own));
    let mut problems = Problems::default();
    let mut say = |sections: &[(&str, &str)],
                   here: &BTreeMap<String, Location>,
                   there: &BTreeMap<String, Location>,
                   expected: String| {
        for (key, shown) in sections {
            let Some(at) = here.get(*key) else { continue };
            let found = match there.get(*key) {
                Some(other) => format!("{shown} is declared here, and at {other}"),
                None => format!("{shown} is declared here"),
            };
            problems
                .push(Problem::new(Code::new("section-of-other-file"), at.clone(), found).expected(expected.as_str()));
        }
    };
    say(&TRIAL_SECTIONS, &in_own, &in_above, format!("what the trial declares in {} alone", above.name));
    let laboratory: Vec<(&str, &str)> = LABORATORY_SECTIONS.into_iter().chain([("plate", "[[plate]]")]).collect();
    say(&laboratory, &in_above, &in_own, format!("what an analyte's laboratory declares in {} alone", own.name));
    problems
}

/// Where each key of the top level stands; nothing where the text is not TOML, which is said when it is read.
fn places(file: StudyFileText<'_>) -> BTreeMap<String, Location> {
    let mut places = BTreeMap::new();
    let _ = read_toml(file.name, file.text, |root, _| places = root.places());
    places
}
