//! `[[analyte]]`: a study of several analytes. What the trial declares stands once, in the `study.toml` at the top; each analyte is a
//! study folder of its own, whose `study.toml` holds what the laboratory declares. Both name each other: the study above lists the
//! folder, and the analyte says by `part_of` which study it belongs to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::responder_levels::{self, ResponderLevels};
use super::section::{Section, read_toml};
use super::study::{OF_THE_LABORATORY, OF_THE_TRIAL};
use super::study_file::{self, text_of};
use super::{Family, Protocol, STUDY_FILE, Trial, plates, report, study};
use crate::files::InputFolder;
use crate::sheet::{Location, Problem, Problems};

/// The study file of the study above, as an analyte sees it.
const ABOVE: &str = "../study.toml";

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
    ("over_plates", "[over_plates]"),
    ("stability", "[stability]"),
    ("review", "[review]"),
    ("report", "[report]"),
];

/// The study of several analytes that an analyte belongs to.
///
/// ```
/// let study = std::path::Path::new("fixtures/studies/three_analytes");
/// let protocol = platewise::protocol::read(&study.join("periostin"))?;
/// let above = protocol.trial.part_of.as_ref().unwrap();
/// assert_eq!((above.study.as_str(), above.folder.as_str(), above.analytes), ("THREE_ANALYTES", "periostin", 3));
/// assert_eq!(protocol.trial.arms, std::path::Path::new("../arms.csv"), "the list of the study above");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartOf {
    /// Its identifier.
    pub study: String,
    /// The folder of the analyte there.
    pub folder: String,
    /// How many analytes it has.
    pub analytes: usize,
    /// Tests, of any of them, whose p-values are adjusted together, over all analytes.
    pub families: Vec<Family>,
}

/// A study of several analytes: what its trial declares, and its analytes.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, Links};
/// use platewise::protocol::SeveralAnalytes;
///
/// let folder = |path: &str| InputFolder::new(Path::new(path), Links::Refused);
/// let study = SeveralAnalytes::read_from(&folder("fixtures/studies/three_analytes"))?.unwrap();
/// let codes: Vec<&str> = study.analytes.iter().map(|one| one.protocol.assay.study.paramcd.as_str()).collect();
/// assert_eq!(codes, ["CCL17", "IL31", "POSTN"]);
/// assert!(SeveralAnalytes::read_from(&folder("plates"))?.is_none(), "a study of one");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct SeveralAnalytes {
    /// Identifier, CDISC's STUDYID.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Whether the data were simulated. Every output says so.
    pub simulated: bool,
    /// Tests, of any analyte, whose p-values are adjusted together.
    pub families: Vec<Family>,
    /// The analytes, in the order of `study.toml`.
    pub analytes: Vec<AnalyteStudy>,
}

/// An analyte of a study of several.
///
/// See [`SeveralAnalytes`] for an example.
#[derive(Debug, Clone)]
pub struct AnalyteStudy {
    /// Its folder in the study.
    pub folder: String,
    /// What its laboratory and the trial declare.
    pub protocol: Protocol,
}

/// What kind of study a `study.toml` declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One analyte, laboratory and trial in one file.
    Whole,
    /// The trial of several analytes.
    Several,
    /// One analyte of several.
    Analyte,
}

impl Kind {
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
struct Above {
    id: String,
    title: String,
    simulated: bool,
    trial: Trial,
    analytes: Vec<Listed>,
}

/// An entry of `[[analyte]]`.
struct Listed {
    folder: PathBuf,
    responder_levels: Option<ResponderLevels>,
    at: Location,
}

impl Above {
    /// Reads the study file `file`. `codes` are the analytes' codes where they are known, which tests of families may name.
    fn parse(file: &str, text: &str, codes: Option<&[String]>) -> Result<Self, Problems> {
        read_toml(file, text, |root, problems| {
            let visits = study_file::visits(root, problems);
            let mut section = root.section("study", problems);
            elsewhere(&mut section, &OF_THE_LABORATORY, "in the study.toml of each analyte", problems);
            let head = study::of_several(section, problems);
            let mut analysis = root.section("analysis", problems);
            let levels = ["responder_level", "responder_level_by_age"];
            elsewhere(&mut analysis, &levels, "in [[analyte]]: a concentration is of one analyte", problems);
            let trial = study_file::trial(root, head.arms, visits, codes, problems);
            root.know(&LABORATORY_SECTIONS.map(|(key, _)| key));
            root.know(&["plate"]);
            let analytes = listed(root.sections("analyte", problems), problems);
            Self { id: head.id, title: head.title, simulated: head.simulated, trial, analytes }
        })
    }

    /// What it declares of the trial, for one of its analytes: its lists stand in the folder above.
    fn trial_of(&self, listed: &Listed) -> Trial {
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
    fn analyte(&self, listed: &Listed, own: File<'_>, above: &str) -> Result<Protocol, Problems> {
        read_toml(own.name, own.text, |root, problems| {
            let mut section = root.section("study", problems);
            elsewhere(&mut section, &OF_THE_TRIAL, &format!("in {above}, once for all analytes"), problems);
            let at = section.line_of("part_of");
            let (part_of, of_analyte) = study::of_analyte(section, problems);
            if part_of != self.id {
                problems.push(
                    Problem::new(at, format!("part_of = \"{part_of}\", and the study above is '{}'", self.id))
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
            let mut assay = study_file::laboratory(settings, root, problems);
            root.know(&TRIAL_SECTIONS.map(|(key, _)| key));
            let report = report::read(root.section("report", problems), problems);
            assay.plates = plates::of_study(root.sections("plate", problems), problems);
            Protocol { assay, trial: self.trial_of(listed), report }
        })
    }
}

/// A study file, by the name that messages give it.
#[derive(Clone, Copy)]
struct File<'a> {
    name: &'a str,
    text: &'a str,
}

/// Keys that stand in the other of the two files.
fn elsewhere(section: &mut Section<'_>, keys: &[&'static str], place: &str, problems: &mut Problems) {
    section.know(keys);
    for key in keys.iter().filter(|key| section.holds(key)) {
        problems.push(
            Problem::new(section.line_of(key), format!("'{key}' does not belong here in a study of several analytes"))
                .expected(format!("it {place}")),
        );
    }
}

fn listed(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<Listed> {
    let mut analytes: Vec<Listed> = Vec::new();
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
                Problem::new(at.clone(), format!("folder = \"{}\" {why}", folder.display()))
                    .expected("a folder beside this study.toml, such as \"tarc\""),
            );
        }
        if let Some(first) = analytes.iter().find(|known| known.folder == folder && problems.0.len() == before) {
            problems.push(
                Problem::new(
                    at.clone(),
                    format!("the folder '{}' is listed twice, first at {}", folder.display(), first.at),
                )
                .expected("each analyte once"),
            );
        }
        let responder_levels = responder_levels::read(&mut section, problems);
        section.finish(problems);
        analytes.push(Listed { folder, responder_levels, at });
    }
    analytes
}

/// The sections that stand in the file of the other, with both places where both have them.
fn misplaced(above: File<'_>, own: File<'_>) -> Problems {
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
            problems.push(Problem::new(at.clone(), found).expected(expected.as_str()));
        }
    };
    say(&TRIAL_SECTIONS, &in_own, &in_above, format!("what the trial declares in {} alone", above.name));
    let laboratory: Vec<(&str, &str)> = LABORATORY_SECTIONS.into_iter().chain([("plate", "[[plate]]")]).collect();
    say(&laboratory, &in_above, &in_own, format!("what an analyte's laboratory declares in {} alone", own.name));
    problems
}

/// Where each key of the top level stands; nothing where the text is not TOML, which is said when it is read.
fn places(file: File<'_>) -> BTreeMap<String, Location> {
    let mut places = BTreeMap::new();
    let _ = read_toml(file.name, file.text, |root, _| places = root.places());
    places
}

/// The study of an analyte, whose study file has this text.
///
/// # Errors
/// Every problem of its study file and of that of the study above.
pub(super) fn read_analyte(study: &InputFolder, text: &str) -> Result<Protocol, Problems> {
    let above_text = text_of(study, Path::new(ABOVE))?;
    let (above_file, own) = (File { name: ABOVE, text: &above_text }, File { name: STUDY_FILE, text });
    misplaced(above_file, own).or(())?;
    let above = Above::parse(ABOVE, &above_text, None)?;
    let is_this = |listed: &&Listed| study.is_same(Path::new(""), &Path::new("..").join(&listed.folder));
    let Some(listed) = above.analytes.iter().find(is_this) else {
        let own = study.path().canonicalize().ok();
        let name = own.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        return Err(Problem::new(
            Location::file(STUDY_FILE),
            format!("says that it is part_of the study {}, which does not list its folder", above.id),
        )
        .expected(format!("[[analyte]] with folder = \"{}\" in {ABOVE}", name.unwrap_or_default()))
        .into());
    };
    above.analyte(listed, own, ABOVE)
}

impl SeveralAnalytes {
    /// The folders of the analytes of a study of several, as its study file lists them; `None` where the folder is a study of one. The
    /// folders themselves are not looked at.
    ///
    /// # Errors
    /// Every problem of the study file.
    pub fn folders(study: &InputFolder) -> Result<Option<Vec<String>>, Problems> {
        let text = text_of(study, Path::new(STUDY_FILE))?;
        if Kind::of(&text) != Some(Kind::Several) {
            return Ok(None);
        }
        let above = Above::parse(STUDY_FILE, &text, None)?;
        Ok(Some(above.analytes.iter().map(|listed| listed.folder.display().to_string()).collect()))
    }

    /// Reads a study of several analytes with all of their study files; `None` where the folder is a study of one.
    ///
    /// # Errors
    /// Every problem of the study file at the top; where it has none, every problem of those of its analytes.
    pub fn read_from(study: &InputFolder) -> Result<Option<Self>, Problems> {
        let text = text_of(study, Path::new(STUDY_FILE))?;
        if Kind::of(&text) != Some(Kind::Several) {
            return Ok(None);
        }
        let above = Above::parse(STUDY_FILE, &text, None)?;
        let mut problems = Problems::default();
        let mut analytes: Vec<AnalyteStudy> = Vec::new();
        for listed in &above.analytes {
            match above.read(study, listed, &text) {
                Ok(protocol) => analytes.push(AnalyteStudy { folder: listed.folder.display().to_string(), protocol }),
                Err(found) => problems.extend(found),
            }
        }
        problems.extend(same_codes(&above, &analytes));
        problems.or(())?;
        let codes: Vec<String> = analytes.iter().map(|one| one.protocol.assay.study.paramcd.clone()).collect();
        let Above { id, title, simulated, trial, .. } = Above::parse(STUDY_FILE, &text, Some(&codes))?;
        Ok(Some(Self { id, title, simulated, families: trial.families, analytes }))
    }
}

impl Above {
    /// Reads one of its analytes, from the folder of the study.
    fn read(&self, study: &InputFolder, listed: &Listed, text: &str) -> Result<Protocol, Problems> {
        let path = listed.folder.join(STUDY_FILE);
        let input = study.try_read(&path).map_err(|error| {
            if !error.is_missing() {
                return study.problem(&path, &error);
            }
            Problem::new(listed.at.clone(), format!("there is no {}", path.display()))
                .expected("the folder of an analyte, with a study.toml in it")
        })?;
        let name = crate::files::InputFile::new(&path, b"").file;
        let own = study_file::utf8(&input.bytes, &Location::file(name.as_str()))?;
        let own = File { name: &name, text: own };
        misplaced(File { name: STUDY_FILE, text }, own).or(())?;
        if Kind::of(own.text).is_some_and(|kind| kind != Kind::Analyte) {
            return Err(Problem::new(Location::file(name.as_str()), "does not name the study that lists its folder")
                .expected(format!("part_of = {} in [study]: both name each other", study_file::quoted(&self.id)))
                .into());
        }
        self.analyte(listed, own, STUDY_FILE)
    }
}

/// Two analytes with one code: their results would be one another's.
fn same_codes(above: &Above, analytes: &[AnalyteStudy]) -> Vec<Problem> {
    let code = |one: &AnalyteStudy| one.protocol.assay.study.paramcd.clone();
    let mut problems = Vec::new();
    for (at, one) in analytes.iter().enumerate() {
        let Some(other) = analytes[..at].iter().find(|other| code(other) == code(one)) else { continue };
        let place = above.analytes.iter().find(|listed| listed.folder == Path::new(&one.folder));
        let place = place.map_or_else(|| Location::file(STUDY_FILE), |listed| listed.at.clone());
        problems.push(
            Problem::new(
                place,
                format!("'{}' and '{}' both have paramcd = \"{}\"", other.folder, one.folder, code(one)),
            )
            .expected("a code of its own for each analyte, in its study.toml: tables and families know it by that"),
        );
    }
    problems
}
