//! What a stopped run leaves.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::lock::Lock;
use super::removal::remove;
use super::stage::{LOCK, SIGN, Stage, ending_of};
use super::{disk, inside};

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
