//! Where a folder is put together before it takes its place, and what a stopped run leaves there.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::hash::sha256;
use super::lock::Lock;
use super::manifest::{MANIFEST, content, is_dropping, listed};
use super::{disk, inside};

/// What the names of our temporary files have in common, before an id of 16 digits.
const SIGN: &str = ".platewise-";
const LOCK: &str = ".platewise-lock";
const ID_DIGITS: usize = 16;

/// In which folder, and with which names, a folder is put together.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    folder: PathBuf,
    /// What the names begin with: nothing inside the folder, its name beside it.
    prefix: String,
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
fn ending_of(name: &str) -> Option<&str> {
    let (id, ending) = name.strip_prefix(SIGN)?.split_once('.')?;
    (id.len() == ID_DIGITS && id.bytes().all(|c| c.is_ascii_hexdigit())).then_some(ending)
}

/// Whether a path inside a folder belongs to what we put together in it.
pub(super) fn is_ours(name: &str) -> bool {
    let first = name.split('/').next().unwrap_or(name);
    first == LOCK || ending_of(first).is_some()
}

/// Settles what stopped runs left of `place`, which is locked: an exchange that was begun is completed or taken back, and what
/// was never finished is removed.
pub(super) fn settle(place: &Path) -> io::Result<()> {
    let beside = Stage::beside(place);
    let mut old = beside.left("old")?;
    if !place.exists()
        && let Some(last) = old.pop()
    {
        disk::rename(&last, place)?;
    }
    // What cannot be removed, as a folder of another user, is in nobody's way.
    old.iter().chain(&beside.left("new")?).for_each(|folder| drop(remove(folder)));
    if place.is_dir() && !beside.is_inside() {
        let within = Stage::inside(place);
        within.left("go")?.iter().try_for_each(|begun| inside::complete(place, begun))?;
        within.left("new")?.iter().for_each(|folder| drop(remove(folder)));
    }
    Ok(())
}

/// Removes what stopped commands left of single files in a folder, whatever the files were called: parts and locks that nobody holds.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    let mut prefixes = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let of_part = name.rfind(SIGN).filter(|&at| ending_of(&name[at..]) == Some("part"));
        let prefix = name.strip_suffix(LOCK).or_else(|| of_part.map(|at| &name[..at]));
        if let Some(prefix) =
            prefix.filter(|prefix| prefix.starts_with('.') && entry.file_type().is_ok_and(|kind| kind.is_file()))
        {
            prefixes.insert(prefix.to_string());
        }
    }
    for prefix in prefixes {
        let stage = Stage { folder: folder.to_path_buf(), prefix };
        // Whoever writes a part holds the lock of its file.
        if let Some(_lock) = Lock::take_free(stage.lock_file())? {
            stage.left("part")?.iter().for_each(|left| drop(disk::remove_file(left)));
        }
    }
    Ok(())
}

/// Removes a folder that we put together: the files that its manifest names, and folders that are empty then. A file of somebody
/// else stays, with the folders around it.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let ours = listed(folder);
    let (files, folders) = content(folder)?;
    let own = |name: &&String| ours.contains(name) || is_dropping(name) || **name == inside::REPLACED;
    for name in files.iter().filter(|name| *name != MANIFEST).filter(own) {
        disk::remove_file(&folder.join(name))?;
    }
    if files.iter().all(|name| name == MANIFEST || own(&name)) {
        disk::remove_file(&folder.join(MANIFEST))?;
    }
    folders.iter().for_each(|name| drop(disk::remove_dir(&folder.join(name))));
    disk::remove_dir(folder)
}
