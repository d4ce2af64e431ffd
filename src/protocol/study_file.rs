//! Reads `study.toml`: every key, its default, its range. All problems of the file are found in one reading.

use std::path::Path;

use super::analytes_file;
use super::parts::{laboratory, trial, visits};
use super::study_above::StudyKind;
use super::study_text::{STUDY_FILE, text_of};
use super::toml_file::read_toml;
use super::{Assay, Protocol, SeveralAnalytes, plates, report, study};
use crate::files::{InputFolder, LinkPolicy};
use crate::sheet::{Code, Location, Problem, Problems};

/// Reads and checks `study.toml` of a study folder that is no link.
///
/// # Errors
/// As [`read_from`].
pub fn read(folder: &Path) -> Result<Protocol, Problems> {
    read_from(&InputFolder::new(folder, LinkPolicy::Refused))
}

/// Reads and checks `study.toml` of a study folder.
///
/// # Errors
/// Every problem of the file: not readable, not TOML, unknown or missing keys, values out of their range.
pub fn read_from(study: &InputFolder) -> Result<Protocol, Problems> {
    let text = text_of(study, Path::new(STUDY_FILE))?;
    match StudyKind::of(&text) {
        Some(StudyKind::Whole) | None => parse(&text),
        Some(StudyKind::Analyte) => analytes_file::read_analyte(study, &text),
        Some(StudyKind::Several) => Err(of_several(study)),
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
            Problem::new(
                Code::new("study-of-several-analytes"),
                at,
                "is a study of several analytes, and this is asked of one",
            )
            .expected(format!("one of the folders {}", folders.collect::<Vec<_>>().join(", ")))
            .into()
        }
    }
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
