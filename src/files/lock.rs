//! Who writes: a lock that lasts as long as the process, whatever ends it.
//!
//! The lock is the system's, on a small file that says who holds it. The file is removed by its holder while it is locked; whoever
//! waited for it finds that out and locks the next one.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::disk;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock at `path`; while another process holds it, waits, and tells `waiting` once who that is.
    pub(super) fn take(path: PathBuf, waiting: &dyn Fn(&str)) -> io::Result<Self> {
        let mut told = false;
        loop {
            let mut file = match disk::open_shared(&path) {
                // Its holder removed it between our two looks.
                Err(error) if error.kind() == io::ErrorKind::NotFound && can_be_made(&path) => continue,
                opened => opened?,
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut told, true) {
                        waiting(&holder(&mut file));
                    }
                    file.lock()?;
                }
            }
            if is_at(&file, &path) {
                // Who holds it is for people: a file that may only be read is locked all the same.
                let _ = file.set_len(0).and_then(|()| write!(file, "process {} of {}", std::process::id(), user()));
                return Ok(Self { file, path });
            }
        }
    }
}

impl Lock {
    /// Takes the lock at `path` unless another process holds it.
    pub(super) fn take_free(path: PathBuf) -> io::Result<Option<Self>> {
        let file = disk::open_shared(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(is_at(&file, &path).then_some(Self { file, path })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Only a system that tells files apart lets others notice that theirs is gone (see `is_at`).
        if cfg!(unix) {
            let _ = disk::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

/// Whether the file can be made anew: its folder is there, and its name is no link that leads nowhere.
fn can_be_made(path: &Path) -> bool {
    !path.is_symlink() && path.parent().is_some_and(Path::is_dir)
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.rewind().and_then(|()| file.take(200).read_to_string(&mut text)) {
        Ok(length) if length > 0 => text,
        _ => "another process".to_string(),
    }
}

/// Whether the open file is still the one of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same =
        |one: &std::fs::Metadata, other: &std::fs::Metadata| (one.dev(), one.ino()) == (other.dev(), other.ino());
    matches!((file.metadata(), std::fs::symlink_metadata(path)), (Ok(open), Ok(named)) if same(&open, &named))
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// Stands for the user where the system names none, as in a container or a scheduled job.
const UNNAMED: &str = "a user whom the system does not name (USER is not set)";

/// Who runs the program, as the system names the user.
pub fn user() -> String {
    let name = |variable: &str| std::env::var(variable).ok().filter(|name| !name.trim().is_empty());
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(name).unwrap_or_else(|| UNNAMED.to_string())
}
