//! A finished folder takes the place of the old one, by renaming.

use std::io;
use std::path::Path;

use super::disk;
use super::removal::remove;
use super::stage::Stage;

/// Puts `staged` in the place of `place`. Where the system exchanges two folders in one step, there is at every moment the old or
/// the new one; elsewhere the old one steps aside first, and whoever comes after a stop in between puts it back.
pub(super) fn put(place: &Path, staged: &Path, stage: &Stage) -> io::Result<()> {
    let old = if !place.exists() {
        disk::rename(staged, place)?;
        None
    } else {
        match disk::exchange(staged, place) {
            Ok(()) => Some(staged.to_path_buf()),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Some(in_two_steps(place, staged, stage)?),
            Err(error) => return Err(error),
        }
    };
    // The new files are in place and on the disk, whatever the system says of their folder's name; what cannot be removed now is
    // removed by the next run.
    let _ = disk::sync_dir(stage.folder());
    old.iter().for_each(|old| drop(remove(old)));
    Ok(())
}

fn in_two_steps(place: &Path, staged: &Path, stage: &Stage) -> io::Result<std::path::PathBuf> {
    let old = stage.fresh("old");
    disk::rename(place, &old)?;
    if let Err(error) = disk::rename(staged, place) {
        // If even this fails, the next run puts it back.
        let _ = disk::rename(&old, place);
        return Err(error);
    }
    Ok(old)
}
