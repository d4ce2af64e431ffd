//! Every change on a disk that this program makes, one function each.
//!
//! What they make may be changed by whoever may change the folder that it is in: with the usual umask a colleague could not
//! replace or remove what the last run wrote into a folder that both share.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes one folder, which must not be there.
pub(super) fn create_dir(path: &Path) -> io::Result<()> {
    step()?;
    fs::create_dir(path)?;
    share(path, true);
    Ok(())
}

/// Makes the folders that are missing on the way to `path`, and gives those that it made, the outermost first.
pub(super) fn create_dirs(path: &Path) -> io::Result<Vec<PathBuf>> {
    let missing: Vec<&Path> = path.ancestors().take_while(|at| !at.as_os_str().is_empty() && !at.exists()).collect();
    let mut made = Vec::new();
    for folder in missing.into_iter().rev() {
        match create_dir(folder) {
            Ok(()) => made.push(folder.to_path_buf()),
            // Somebody else makes the same one just now.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(made)
}

/// Writes a file that must not be there, and has it on the disk before it returns.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    step()?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    file.write_all(first)?;
    step()?; // in a test, the program stops here: half a file
    file.write_all(rest)?;
    share(path, false);
    file.sync_all()
}

/// Adds to the end of a file that is there, and has it on the disk before it returns.
pub(super) fn add(path: &Path, bytes: &[u8]) -> io::Result<()> {
    step()?;
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file or folder another name.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    fs::rename(from, to)
}

/// Exchanges two folders in one step. `Unsupported` where the system or its file system cannot.
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    step()?;
    #[cfg(test)]
    if stopping::without_exchange() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Err(io::ErrorKind::Unsupported.into()),
            other => Ok(other?),
        }
    }
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    {
        let _ = (one, other);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Removes a file, or nothing where it is gone already.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    step()?;
    gone(fs::remove_file(path))
}

/// Removes an empty folder, or nothing where it is gone already.
pub(super) fn remove_dir(path: &Path) -> io::Result<()> {
    step()?;
    gone(fs::remove_dir(path))
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Has the names in a folder on the disk before it returns.
pub(super) fn sync_dir(folder: &Path) -> io::Result<()> {
    // Windows opens no folders; its file systems keep the order of names by themselves.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Opens a file to lock, made where it is missing. One that may only be read can be locked all the same.
pub(super) fn open_shared(path: &Path) -> io::Result<File> {
    match open_log(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => File::open(path),
        other => other,
    }
}

/// Opens a file to read and to write, made where it is missing.
pub(super) fn open_log(path: &Path) -> io::Result<File> {
    step()?;
    match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
        Ok(file) => {
            share(path, false);
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(path)
        }
        Err(error) => Err(error),
    }
}

/// Grants the group of the folder around `path` what it has there. Where it cannot be granted, the file is still ours.
#[cfg(unix)]
fn share(path: &Path, is_dir: bool) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    const GROUP_MAY_WRITE: u32 = 0o020;
    let Some(Ok(around)) =
        path.parent().map(|parent| fs::metadata(if parent.as_os_str().is_empty() { Path::new(".") } else { parent }))
    else {
        return;
    };
    if around.mode() & GROUP_MAY_WRITE == 0 {
        return;
    }
    let Ok(own) = fs::symlink_metadata(path) else { return };
    if own.gid() != around.gid() {
        let _ = chown(path, None, Some(around.gid()));
    }
    // The set-group-id bit of a folder hands its group on to what is made in it.
    let granted = if is_dir { around.mode() & 0o2070 } else { around.mode() & 0o060 };
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(own.mode() | granted));
}

#[cfg(not(unix))]
fn share(_path: &Path, _is_dir: bool) {}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests the program can stop at any step")]
fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use stopping::{exchanges, step, stop_after};

/// In tests the program can be made to stop before any step: nothing is changed from then on, as after a kill.
#[cfg(test)]
mod stopping {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
        static EXCHANGES: Cell<bool> = const { Cell::new(true) };
    }

    /// Whether the system exchanges two folders in one step.
    pub(in super::super) fn exchanges(it_does: bool) {
        EXCHANGES.set(it_does);
    }

    pub(super) fn without_exchange() -> bool {
        !EXCHANGES.get()
    }

    /// Lets so many steps happen, and none after them; `usize::MAX` lets all happen.
    pub(in super::super) fn stop_after(steps: usize) {
        LEFT.set(steps);
    }

    pub(in super::super) fn step() -> io::Result<()> {
        match LEFT.get() {
            usize::MAX => Ok(()),
            0 => Err(io::Error::other("stopped by the test")),
            left => {
                LEFT.set(left - 1);
                Ok(())
            }
        }
    }
}
