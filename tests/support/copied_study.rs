//! A study of its own for a test that changes it.

use std::fs;
use std::path::Path;

/// Copies a study without its results.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if ["results", "arms-opened.jsonl"].iter().any(|made| entry.file_name() == *made) {
        } else if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
