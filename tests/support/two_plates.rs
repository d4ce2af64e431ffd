//! The study that `init` makes, with a second plate P02, on which the samples of the first were run again, ready for somebody to make a mistake with it.

use std::fs;
use std::path::PathBuf;

use crate::support::second_plate;
use assert_cmd::Command;
use tempfile::TempDir;

/// The study; it is gone with this value.
pub(crate) struct Study {
    pub(crate) folder: TempDir,
}

impl Study {
    /// A fresh one. `layout` is that of the second plate: `layouts/P01.csv`, which both share then, or a copy of that name.
    pub(crate) fn new(layout: &str) -> Self {
        let study = Self { folder: TempDir::new().unwrap() };
        let made = Command::cargo_bin("platewise").unwrap().arg("init").arg(study.path("")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        study.write("exports/P02.csv", second_plate::of_the_same_layout(&study.read("exports/P01.csv")));
        study.write(layout, study.read("layouts/P01.csv"));
        // What the answer is checked against takes longer than all the rest, and no mistake here is about it.
        study.replace("study.toml", "assay_error_replicates = 2000", "assay_error_replicates = 0");
        study.replace("study.toml", "sensitivity_grid = true", "sensitivity_grid = false");
        let plate = format!(
            "\n[[plate]]\nid = \"P02\"\nexport = \"exports/P02.csv\"\nlayout = \"{layout}\"\nrepeats = \"P01\"\n"
        );
        study.change("study.toml", |text| text + &plate);
        study
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("study").join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Changes a file; a change that changes nothing is a mistake of the test.
    pub(crate) fn change(&self, name: &str, by: impl Fn(String) -> String) {
        let old = self.read(name);
        let new = by(old.clone());
        assert_ne!(old, new, "{name}");
        self.write(name, new);
    }

    /// Changes the first of these texts in a file.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        self.change(name, |text| text.replacen(from, to, 1));
    }
}
