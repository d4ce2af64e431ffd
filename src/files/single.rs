//! Single files, such as a picture, each of which takes the place of an older one whole.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::claim::{OutputError, failed};
use super::disk;
use super::leftovers;
use super::lock::Lock;
use super::stage::Stage;

/// Writes files, each whole or not at all, and none unless all can be written where they belong. A file of that name is replaced.
///
/// ```
/// use platewise::files::write_files;
///
/// let file = std::env::temp_dir().join(format!("platewise-single-{}.svg", std::process::id()));
/// write_files(&[(file.clone(), b"<svg/>".to_vec())])?;
/// assert_eq!(std::fs::read(&file).unwrap(), b"<svg/>");
/// # std::fs::remove_file(&file).unwrap();
/// # Ok::<(), platewise::files::OutputError>(())
/// ```
///
/// # Errors
/// When a file cannot be written.
pub fn write_files(files: &[(PathBuf, Vec<u8>)]) -> Result<(), OutputError> {
    let mut order: Vec<&(PathBuf, Vec<u8>)> = files.iter().collect();
    // Whoever writes some of the same waits for the first of them, and never in a circle.
    order.sort_by(|one, other| one.0.cmp(&other.0));
    let folder = |(path, _): &&(PathBuf, Vec<u8>)| Some(std::path::absolute(path).ok()?.parent()?.to_path_buf());
    let folders: BTreeSet<PathBuf> = order.iter().filter_map(folder).collect();
    // What cannot be looked at or removed is in nobody's way.
    folders.iter().for_each(|folder| drop(leftovers::sweep(folder)));
    let mut parts = StagedFiles(Vec::new());
    for (path, bytes) in order {
        parts.add(path, bytes).map_err(failed(path))?;
    }
    for StagedFile { staged, path, .. } in &parts.0 {
        disk::rename(staged, path).map_err(failed(path))?;
    }
    Ok(())
}

/// Makes a folder for single files, and those around it, where they are missing.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(folder: &Path) -> Result<(), OutputError> {
    disk::create_dirs(folder).map(drop).map_err(failed(folder))
}

/// A file that is written and not yet in its place.
struct StagedFile {
    staged: PathBuf,
    path: PathBuf,
    _lock: Lock,
}

/// Files that are removed again unless they took their places.
struct StagedFiles(Vec<StagedFile>);

impl StagedFiles {
    fn add(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if path.is_dir() {
            return Err(io::Error::other("it is a folder; name a file"));
        }
        let stage = Stage::beside(&std::path::absolute(path)?);
        let lock = Lock::take(stage.lock_file(), &|_| {})?;
        let staged = stage.fresh("part");
        self.0.push(StagedFile { staged: staged.clone(), path: path.to_path_buf(), _lock: lock });
        disk::write_new(&staged, bytes)
    }
}

impl Drop for StagedFiles {
    fn drop(&mut self) {
        self.0.iter().for_each(|part| drop(disk::remove_file(&part.staged)));
    }
}
