//! A study of one plate that people decide about, by the program itself.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use super::result_tables::{self, Row};
use assert_cmd::Command;
use tempfile::TempDir;

/// A study of one plate, quantified.
pub(crate) struct Study(TempDir);

impl Study {
    pub(crate) fn new() -> Self {
        let study = Self(tempfile::tempdir().unwrap());
        assert!(platewise(&["init", study.path("").to_str().unwrap()]).status.success());
        assert_eq!(study.quantify().0, 0);
        study
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("study").join(file)
    }

    pub(crate) fn quantify(&self) -> (i32, String) {
        let done = platewise(&["quantify", self.path("").to_str().unwrap()]);
        (done.status.code().unwrap(), printed(&done))
    }

    pub(crate) fn decide(&self, what: &[&str], by: &str) -> Output {
        let place = self.path("");
        let why = ["--plate", "P01", "--code", "reviewed", "--reason", "all findings read", "--by", by];
        platewise(&[&["decide", place.to_str().unwrap()], what, &why].concat())
    }

    pub(crate) fn decided(&self, what: &[&str], by: &str) {
        let done = self.decide(what, by);
        assert!(done.status.success(), "{}", printed(&done));
    }

    /// The row of the plate in the table of verdicts.
    pub(crate) fn verdict(&self) -> Row {
        result_tables::table(&self.path("results"), "verdicts.csv").remove(0)
    }

    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{from} in {file}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }
}

pub(crate) fn platewise(arguments: &[&str]) -> Output {
    Command::cargo_bin("platewise").unwrap().args(arguments).output().unwrap()
}

pub(crate) fn printed(done: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}
