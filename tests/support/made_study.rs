//! The made-up studies of `fixtures/studies`, as the program runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::copied_study::copy;
use super::result_tables::{Row, table};

/// A study that was run.
pub(crate) struct Ran {
    pub(crate) folder: TempDir,
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

/// Runs a copy of a study of `fixtures/studies`.
pub(crate) fn run(name: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/studies").join(name), &study);
    let out = folder.path().join("out");
    let done =
        Command::new(env!("CARGO_BIN_EXE_platewise")).arg("run").arg(&study).arg("--out").arg(&out).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    Ran { folder, code: done.status.code(), said }
}

impl Ran {
    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub(crate) fn page(&self) -> String {
        fs::read_to_string(self.out().join("report.html")).unwrap()
    }

    pub(crate) fn rows(&self, name: &str) -> Vec<Row> {
        table(&self.out(), name)
    }

    pub(crate) fn primary(&self) -> Row {
        self.rows("comparison.csv").into_iter().find(|row| row["PRIMARY"] == "Y").unwrap()
    }

    #[track_caller]
    pub(crate) fn page_says(&self, words: &str) {
        assert!(self.page().contains(words), "the page does not say: {words}");
    }

    /// The numbers of the tables of the trial are numbers.
    pub(crate) fn has_no_number_that_is_none(&self) {
        for name in
            ["comparison.csv", "summary.csv", "responders.csv", "sensitivity.csv", "change.csv", "influence.csv"]
        {
            let text = fs::read_to_string(self.out().join(name)).unwrap().to_lowercase();
            for none in ["inf,", "nan,", "-inf"] {
                assert!(!text.contains(&format!(",{none}")), "{name}: {none}");
            }
        }
    }
}
