//! Where a folder is put together before it takes its place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::disk;
use super::hash::sha256;

/// What the names of our temporary files have in common, before an id of 16 digits.
pub(super) const SIGN: &str = ".platewise-";
pub(super) const LOCK: &str = ".platewise-lock";
const ID_DIGITS: usize = 16;

/// In which folder, and with which names, a folder is put together.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) folder: PathBuf,
    /// What the names begin with: nothing inside the folder, its name beside it.
    pub(super) prefix: String,
}

impl Stage {
    /// Beside `place`, on the same file system.
    pub(super) fn beside(place: &Path) -> Self {
        let Some((parent, name)) = place.parent().zip(place.file_name()) else { return Self::inside(place) };
        let mut name = name.to_string_lossy().into_owned();
        if name.len() > 120 {
            name = sha256(name.as_bytes());
        }
        Self { folder: parent.to_path_buf(), prefix: format!(".{name}") }
    }

    /// In `place` itself.
    pub(super) fn inside(place: &Path) -> Self {
        Self { folder: place.to_path_buf(), prefix: String::new() }
    }

    pub(super) fn is_inside(&self) -> bool {
        self.prefix.is_empty()
    }

    /// The folder around.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.folder.join(format!("{}{LOCK}", self.prefix))
    }

    /// A name that nothing has yet.
    pub(super) fn fresh(&self, ending: &str) -> PathBuf {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut id = sha256(format!("{} {now} {count}", std::process::id()).as_bytes());
        id.truncate(ID_DIGITS);
        self.folder.join(format!("{}{SIGN}{id}.{ending}", self.prefix))
    }

    /// Makes a folder to put things together in.
    pub(super) fn make(&self) -> io::Result<PathBuf> {
        let staged = self.fresh("new");
        disk::create_dir(&staged)?;
        Ok(staged)
    }

    /// Folders, or files, of stopped runs with this ending, in the order of their names.
    pub(super) fn left(&self, ending: &str) -> io::Result<Vec<PathBuf>> {
        let mut left = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name.strip_prefix(&self.prefix).and_then(ending_of).is_some_and(|found| found == ending);
            if ours && !entry.file_type()?.is_symlink() {
                left.push(entry.path());
            }
        }
        left.sort();
        Ok(left)
    }
}

/// The ending of a temporary name: `new` of `.platewise-0123456789abcdef.new`.
pub(super) fn ending_of(name: &str) -> Option<&str> {
    let (id, ending) = name.strip_prefix(SIGN)?.split_once('.')?;
    (id.len() == ID_DIGITS && id.bytes().all(|c| c.is_ascii_hexdigit())).then_some(ending)
}

/// Whether a path inside a folder belongs to what we put together in it.
pub(super) fn is_ours(name: &str) -> bool {
    let first = name.split('/').next().unwrap_or(name);
    first == LOCK || ending_of(first).is_some()
}
