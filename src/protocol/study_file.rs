//! Reads `study.toml`: every key, its default, its range. All problems of the file are found in one reading.

use std::io;
use std::path::{Path, PathBuf};

use super::analytes::{self, Kind};
use super::section::{Section, read_toml};
use super::{
    Assay, Protocol, STUDY_FILE, SeveralAnalytes, StudySettings, Trial, Visit, acceptance, analysis, clinical,
    controls, events, family, method, missing_data, over_plates, plates, records, report, reportable, review,
    stability, standards, study, supplementary, visits,
};
use crate::files::{InputFolder, Links, NotAnInput};
use crate::sheet::mistakes::unreadable;
use crate::sheet::plain_file::NotRead;
use crate::sheet::{Location, Problem, Problems};

/// Reads and checks `study.toml` of a study folder that is no link.
///
/// # Errors
/// As [`read_from`].
pub fn read(folder: &Path) -> Result<Protocol, Problems> {
    read_from(&InputFolder::new(folder, Links::Refused))
}

/// Reads and checks `study.toml` of a study folder.
///
/// # Errors
/// Every problem of the file: not readable, not TOML, unknown or missing keys, values out of their range.
pub fn read_from(study: &InputFolder) -> Result<Protocol, Problems> {
    let text = text_of(study, Path::new(STUDY_FILE))?;
    match Kind::of(&text) {
        Some(Kind::Whole) | None => parse(&text),
        Some(Kind::Analyte) => analytes::read_analyte(study, &text),
        Some(Kind::Several) => Err(of_several(study)),
    }
}

/// A study of several analytes where one of one is asked for: the folders to name instead.
fn of_several(study: &InputFolder) -> Problems {
    let at = Location::file(study.path().join(STUDY_FILE).display().to_string());
    match SeveralAnalytes::read_from(study) {
        Err(problems) => problems,
        Ok(several) => {
            let analytes = several.map(|several| several.analytes).unwrap_or_default();
            let folders = analytes.iter().map(|one| study.path().join(&one.folder).display().to_string());
            Problem::new(at, "is a study of several analytes, and this is asked of one")
                .expected(format!("one of the folders {}", folders.collect::<Vec<_>>().join(", ")))
                .into()
        }
    }
}

/// The text of a study file.
pub(super) fn text_of(study: &InputFolder, path: &Path) -> Result<String, Problems> {
    let folder = study.path();
    if folder.is_file() {
        return Err(Problem::new(Location::file(folder.display().to_string()), "is a file")
            .expected("a study folder with a study.toml in it")
            .advice("Name the folder, not the file")
            .into());
    }
    let at = Location::file(folder.join(path).display().to_string());
    let input = study.try_read(path).map_err(|error| match error {
        NotAnInput::NotRead(NotRead::System(error)) => no_study(folder, at.clone(), &error),
        other => study.problem(path, &other),
    })?;
    utf8(&input.bytes, &at).map(str::to_string)
}

/// The bytes as text.
pub(super) fn utf8<'b>(bytes: &'b [u8], at: &Location) -> Result<&'b str, Problems> {
    std::str::from_utf8(bytes).map_err(|_| {
        Problem::new(at.clone(), "is not a text in UTF-8")
            .expected("plain text in UTF-8")
            .advice("Open it in an editor, and save it as plain text with the encoding UTF-8 (not 'Unicode' or UTF-16)")
            .into()
    })
}

fn no_study(folder: &Path, at: Location, error: &io::Error) -> Problem {
    let above = folder.join("..");
    let advice = if error.kind() == io::ErrorKind::NotFound && above.join(STUDY_FILE).is_file() {
        format!("The folder above it is one: name {}", above.display())
    } else {
        "`platewise init DIR` makes a study folder to begin with".to_string()
    };
    Problem::new(at, unreadable(error)).expected("a study folder with a study.toml in it").advice(advice)
}

/// Reads and checks the text of a `study.toml`. All of its problems are found in one reading.
///
/// ```
/// let problems = platewise::protocol::parse("[study]\nid = \"S\"\nunti = \"pg/mL\"").unwrap_err().to_string();
/// assert!(problems.contains("Did you mean 'unit'?"));
/// ```
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str) -> Result<Protocol, Problems> {
    read_toml(STUDY_FILE, text, |root, problems| {
        let visits = visits(root, problems);
        let (study, arms) = study::of_study(root.section("study", problems), problems);
        let codes = [study.paramcd.clone()];
        let mut assay = laboratory(study, root, problems);
        let trial = trial(root, arms, visits, Some(&codes), problems);
        let report = report::read(root.section("report", problems), problems);
        assay.plates = plates::of_study(root.sections("plate", problems), problems);
        Protocol { assay, trial, report }
    })
}

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

impl Assay {
    /// Reads and checks what a `study.toml` says of the laboratory: for plates that belong to no trial. There may be plates in
    /// it; visits, arms and analyses are unknown to it.
    ///
    /// # Errors
    /// As [`read`].
    pub fn parse(text: &str) -> Result<Self, Problems> {
        read_toml(STUDY_FILE, text, |root, problems| {
            let study = study::of_assay(root.section("study", problems), problems);
            let mut assay = laboratory(study, root, problems);
            assay.plates = plates::read(root.sections("plate", problems), problems);
            assay
        })
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
        acceptance: acceptance::read(root.section("acceptance", problems), method.criteria, problems),
        reportable: reportable::read(root.section("reportable", problems), problems),
        over_plates: over_plates::read(root.section("over_plates", problems), problems),
        stability: stability::read(root.section("stability", problems), problems),
        review: review::read(root.section("review", problems), problems),
        plates: Vec::new(),
        method,
    }
}

/// A text as `study.toml` writes it, in quotes.
///
/// ```
/// assert_eq!(platewise::protocol::quoted("Plate 1"), "\"Plate 1\"");
/// ```
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
[study]
id = "S"
unit = "pg/mL"
[method]
name = "ELISA"
version = "1"
[standards]
top = 2000
step = 2
levels = 7
zero = true
[[visit]]
name = "Week 16"
week = 16
endpoint = true
[[visit]]
name = "Baseline"
week = 0
baseline = true
[[plate]]
id = "P01"
export = "exports/P01.txt"
layout = "layouts/P01.csv"
"#;

    #[test]
    fn a_small_study_is_completed_with_defaults() {
        let protocol = parse(SMALL).unwrap();
        assert_eq!(protocol.assay.standards, [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0]);
        assert_eq!(protocol.trial.visits[0].name, "Baseline");
        assert_eq!(protocol.assay.acceptance.standards_min_levels, 6);
        assert_eq!(protocol.assay.study.samples, Path::new("samples.csv"));
    }

    #[test]
    fn every_problem_is_named_at_once_with_its_line() {
        let text = SMALL
            .replace("unit = ", "unti = ")
            .replace("version = \"1\"", "version = 1\nmodel = \"3pl\"\nconfidence = 95")
            .replace("exports/P01.txt", "../P01.txt")
            .replace("step = 2", "step = 0.5");
        let problems = parse(&text).unwrap_err().to_string();
        for expected in [
            "study.toml, line 4: unknown key 'unti' in [study]",
            "Did you mean 'unit'?",
            "[study] has no 'unit'",
            "line 7: version = 1 in [method]; expected a text in quotes",
            "model = \"3pl\" in [method]; expected one of \"4pl\", \"5pl\", \"5plm\"",
            "confidence = 95 in [method]; expected a level between 0.5 and 1",
            "step = 0.5 in [standards]; expected a dilution step above 1",
            "export = \"../P01.txt\" leads out of the study folder",
        ] {
            assert!(problems.contains(expected), "{expected}\nis not in\n{problems}");
        }
    }

    #[test]
    fn what_is_not_toml_is_said_with_its_line() {
        let problems = parse("[study\nid = 1").unwrap_err().to_string();
        assert!(problems.starts_with("study.toml, line 1: "), "{problems}");
    }

    #[test]
    fn ids_are_used_once_and_repeats_lead_somewhere() {
        let twice = format!(
            "{SMALL}[[plate]]\nid = \"P01\"\nexport = \"exports/P01.txt\"\nlayout = \"x.csv\"\nrepeats = \"P9\"\n"
        );
        let problems = parse(&twice).unwrap_err().to_string();
        for expected in ["plate id 'P01' appears twice", "is used for two plates", "there is no plate of that id"] {
            assert!(problems.contains(expected), "{problems}");
        }
    }
}
