//! Removes what we put together, and nothing else.

use std::io;
use std::path::Path;

use super::disk;
use super::manifest::{MANIFEST, content, is_dropping, listed};

/// In a folder whose files are being exchanged: the names of those that they replace.
pub(super) const REPLACED: &str = ".replaced";

/// Removes a folder that we put together: the files that its manifest names, and folders that are empty then. A file of somebody
/// else stays, with the folders around it.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let ours = listed(folder);
    let (files, folders) = content(folder)?;
    let own = |name: &&String| ours.contains(name) || is_dropping(name) || **name == REPLACED;
    for name in files.iter().filter(|name| *name != MANIFEST).filter(own) {
        disk::remove_file(&folder.join(name))?;
    }
    if files.iter().all(|name| name == MANIFEST || own(&name)) {
        disk::remove_file(&folder.join(MANIFEST))?;
    }
    folders.iter().for_each(|name| drop(disk::remove_dir(&folder.join(name))));
    disk::remove_dir(folder)
}
