//! Whether there is room on a disk before it is needed: a library that writes files by itself may know no way to say that there was none.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes sure that the disk of `folder` has room for `bytes`, by reserving them for a moment. Where the system cannot reserve, there is
/// taken to be room.
///
/// ```
/// let folder = std::env::temp_dir();
/// assert!(platewise::files::has_room(&folder, 1000).is_ok());
/// assert!(platewise::files::has_room(&folder.join("nowhere"), 1000).is_err());
/// ```
///
/// # Errors
/// When there is not so much room, or nothing can be written in the folder.
pub fn has_room(folder: &Path, bytes: u64) -> io::Result<()> {
    reserve(&tempfile::tempfile_in(folder)?, bytes)
}

#[cfg(target_os = "linux")]
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    match fallocate(file, FallocateFlags::empty(), 0, bytes.max(1)) {
        Err(Errno::NOSYS | Errno::NOTSUP | Errno::INVAL) => Ok(()),
        done => Ok(done?),
    }
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn reserve(_file: &File, _bytes: u64) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn more_than_any_disk_holds_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(super::has_room(folder.path(), 1 << 61).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays");
    }
}
