//! Reads a study of several analytes, and one analyte of it.

use std::path::Path;

use super::analytes::{AnalyteStudy, SeveralAnalytes};
use super::study_above::{AnalyteEntry, StudyAbove, StudyFileText, StudyKind, misplaced};
use super::study_text::{STUDY_FILE, quoted, text_of, utf8};
use super::whole_study::Protocol;
use crate::files::InputFolder;
use crate::sheet::{Code, Location, Problem, Problems};

/// The study file of the study above, as an analyte sees it.
const ABOVE: &str = "../study.toml";

/// The study of an analyte, whose study file has this text.
///
/// # Errors
/// Every problem of its study file and of that of the study above.
pub(super) fn read_analyte(study: &InputFolder, text: &str) -> Result<Protocol, Problems> {
    let above_text = text_of(study, Path::new(ABOVE))?;
    let (above_file, own) =
        (StudyFileText { name: ABOVE, text: &above_text }, StudyFileText { name: STUDY_FILE, text });
    misplaced(above_file, own).or(())?;
    let above = StudyAbove::parse(ABOVE, &above_text, None)?;
    let is_this = |listed: &&AnalyteEntry| study.is_same(Path::new(""), &Path::new("..").join(&listed.folder));
    let Some(listed) = above.analytes.iter().find(is_this) else {
        let own = study.path().canonicalize().ok();
        let name = own.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        return Err(Problem::new(
            Code::new("analyte-not-listed"),
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
        if StudyKind::of(&text) != Some(StudyKind::Several) {
            return Ok(None);
        }
        let above = StudyAbove::parse(STUDY_FILE, &text, None)?;
        Ok(Some(above.analytes.iter().map(|listed| listed.folder.display().to_string()).collect()))
    }

    /// Reads a study of several analytes with all of their study files; `None` where the folder is a study of one.
    ///
    /// # Errors
    /// Every problem of the study file at the top; where it has none, every problem of those of its analytes.
    pub fn read_from(study: &InputFolder) -> Result<Option<Self>, Problems> {
        let text = text_of(study, Path::new(STUDY_FILE))?;
        if StudyKind::of(&text) != Some(StudyKind::Several) {
            return Ok(None);
        }
        let above = StudyAbove::parse(STUDY_FILE, &text, None)?;
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
        let StudyAbove { id, title, simulated, trial, .. } = StudyAbove::parse(STUDY_FILE, &text, Some(&codes))?;
        Ok(Some(Self { id, title, simulated, families: trial.families, analytes }))
    }
}

impl StudyAbove {
    /// Reads one of its analytes, from the folder of the study.
    fn read(&self, study: &InputFolder, listed: &AnalyteEntry, text: &str) -> Result<Protocol, Problems> {
        let path = listed.folder.join(STUDY_FILE);
        let input = study.try_read(&path).map_err(|error| {
            if !error.is_missing() {
                return study.problem(&path, &error);
            }
            Problem::new(
                Code::new("analyte-folder-missing"),
                listed.at.clone(),
                format!("there is no {}", path.display()),
            )
            .expected("the folder of an analyte, with a study.toml in it")
        })?;
        let name = crate::files::InputFile::new(&path, b"").file;
        let own = utf8(&input.bytes, &Location::file(name.as_str()))?;
        let own = StudyFileText { name: &name, text: own };
        misplaced(StudyFileText { name: STUDY_FILE, text }, own).or(())?;
        if StudyKind::of(own.text).is_some_and(|kind| kind != StudyKind::Analyte) {
            return Err(Problem::new(
                Code::new("analyte-does-not-name-study"),
                Location::file(name.as_str()),
                "does not name the study that lists its folder",
            )
            .expected(format!("part_of = {} in [study]: both name each other", quoted(&self.id)))
            .into());
        }
        self.analyte(listed, own, STUDY_FILE)
    }
}

/// Two analytes with one code: their results would be one another's.
fn same_codes(above: &StudyAbove, analytes: &[AnalyteStudy]) -> Vec<Problem> {
    let code = |one: &AnalyteStudy| one.protocol.assay.study.paramcd.clone();
    let mut problems = Vec::new();
    for (at, one) in analytes.iter().enumerate() {
        let Some(other) = analytes[..at].iter().find(|other| code(other) == code(one)) else { continue };
        let place = above.analytes.iter().find(|listed| listed.folder == Path::new(&one.folder));
        let place = place.map_or_else(|| Location::file(STUDY_FILE), |listed| listed.at.clone());
        problems.push(
            Problem::new(
                Code::new("analyte-codes-alike"),
                place,
                format!("'{}' and '{}' both have paramcd = \"{}\"", other.folder, one.folder, code(one)),
            )
            .expected("a code of its own for each analyte, in its study.toml: tables and families know it by that"),
        );
    }
    problems
}
