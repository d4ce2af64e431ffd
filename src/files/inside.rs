//! The files of a folder that must stay where it is (a mount point, others' files in it, nothing may be made beside it) are
//! exchanged one by one.
//!
//! No reader can be kept from seeing some old and some new ones for a moment, but all can tell: the old manifest goes first, and
//! the new one comes last. An exchange that has begun is always completed, by the next run if need be.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk;
use super::manifest::{MANIFEST, is_inside, listed};
use super::removal::{REPLACED, remove};

/// Begins to put the files of `staged`, a folder in `place`, in the place of those that the manifest of `place` names. Gives the
/// folder from which it is then completed, whatever happens.
pub(super) fn begin(place: &Path, staged: &Path) -> io::Result<PathBuf> {
    disk::write_new(&staged.join(REPLACED), listed(place).join("\n").as_bytes())?;
    disk::sync_dir(staged)?;
    let begun = staged.with_extension("go");
    disk::rename(staged, &begun)?;
    Ok(begun)
}

/// Completes an exchange. Each step can be done again.
pub(super) fn complete(place: &Path, begun: &Path) -> io::Result<()> {
    // The manifest comes last: without it all files have their places.
    if begun.join(MANIFEST).is_file() {
        move_files(place, begun)?;
    }
    disk::remove_file(&begun.join(REPLACED))?;
    remove(begun)
}

fn move_files(place: &Path, begun: &Path) -> io::Result<()> {
    disk::sync_dir(place)?;
    disk::remove_file(&place.join(MANIFEST))?;
    let new: BTreeSet<String> = listed(begun).into_iter().filter(|name| name != MANIFEST).collect();
    let old = fs::read_to_string(begun.join(REPLACED))?;
    let old = old.lines().filter(|name| is_inside(name) && *name != MANIFEST);
    for name in old.filter(|name| !new.contains(*name)) {
        disk::remove_file(&place.join(name))?;
        let around = Path::new(name).ancestors().skip(1).filter(|around| !around.as_os_str().is_empty());
        // A folder that still holds something stays.
        around.for_each(|around| drop(disk::remove_dir(&place.join(around))));
    }
    let mut folders = BTreeSet::from([place.to_path_buf()]);
    for name in new.iter().filter(|name| begun.join(name).exists()) {
        let to = place.join(name);
        let around = to.parent().unwrap_or(place);
        if folders.insert(around.to_path_buf()) {
            disk::create_dirs(around)?;
        }
        disk::rename(&begun.join(name), &to)?;
    }
    folders.iter().try_for_each(|folder| disk::sync_dir(folder))?;
    disk::rename(&begun.join(MANIFEST), &place.join(MANIFEST))?;
    disk::sync_dir(place)
}
