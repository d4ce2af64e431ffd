//! The reference records: where they are. When a result passes is said by `platewise::validate::statistics`, which the program's own
//! validation uses as well.

use std::path::{Path, PathBuf};

use platewise::report::validation::ValidationCheck;
use platewise::validate::statistics::ReferenceResult;
use serde_json::Value;

/// The folders that hold reference records: our own always, the shared one where it is present.
pub(crate) fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/reference/stats");
    let mut folders = vec![root.join("fixtures/stats")];
    if shared.is_dir() {
        folders.push(shared);
    } else {
        println!("skipped: {} is not there; only the records of fixtures/stats are checked", shared.display());
    }
    folders
}

/// All records of a folder, in the order of its files.
pub(crate) fn records(folder: &Path) -> Vec<ReferenceResult> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join("expected")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |file: &PathBuf| -> Vec<ReferenceResult> {
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    };
    files.iter().flat_map(read).collect()
}

/// What keeps `actual` from passing as `record`; empty when it passes.
pub(crate) fn mismatches(record: &ReferenceResult, actual: &Value) -> Vec<String> {
    let wrong = |check: &ValidationCheck| format!("{}: {} is not {}", check.what, check.obtained, check.expected);
    record.checks(actual).iter().filter(|check| !check.passes()).map(wrong).collect()
}
