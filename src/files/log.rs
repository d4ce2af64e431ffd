//! Logs: files that are only ever added to, a line at a time, each line on the disk before anything follows from it.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use super::disk;
use crate::sheet::limits::MAX_FILE_BYTES;
use crate::sheet::plain_file::{self, NotRead};

/// Appends to the log at `path` the line that `line` makes of what is in it, under a lock, and has it on the disk before it
/// returns. Nothing is written where `line` refuses.
///
/// ```
/// use platewise::files::append;
///
/// let log = std::env::temp_dir().join(format!("platewise-log-{}", std::process::id()));
/// let add = |text: &str| append(&log, |before| Ok::<_, String>((format!("{text}, after {} lines", before.lines().count()), ())));
/// add("one")?.unwrap();
/// add("two")?.unwrap();
/// assert_eq!(std::fs::read_to_string(&log)?, "one, after 0 lines\ntwo, after 1 lines\n");
/// # std::fs::remove_file(&log)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When the log cannot be read, locked or written, or is a link: a log is not written through one.
pub fn append<T, E>(path: &Path, line: impl FnOnce(&str) -> Result<(String, T), E>) -> io::Result<Result<T, E>> {
    no_link(path)?;
    let mut file = disk::open_shared(path, true)?;
    file.lock()?;
    let appended = append_to(&mut file, line)?;
    // The name of a new log is on the disk as well.
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        disk::sync_dir(folder)?;
    }
    Ok(appended)
}

/// What is in the log at `path`; nothing where there is none.
///
/// # Errors
/// When it cannot be read, or is a link.
pub fn read_log(path: &Path) -> io::Result<String> {
    no_link(path)?;
    match plain_file::read_text(path).map_err(io::Error::from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        other => other,
    }
}

fn no_link(path: &Path) -> io::Result<()> {
    if path.is_symlink() {
        return Err(io::Error::other("it is a symbolic link; put the file itself there"));
    }
    Ok(())
}

fn append_to<T, E>(file: &mut File, line: impl FnOnce(&str) -> Result<(String, T), E>) -> io::Result<Result<T, E>> {
    let mut text = String::new();
    file.rewind()?;
    if file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)? as u64 > MAX_FILE_BYTES {
        return Err(NotRead::TooLarge.into());
    }
    let (line, value) = match line(&text) {
        Ok(made) => made,
        Err(refused) => return Ok(Err(refused)),
    };
    let unfinished = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    file.write_all(format!("{unfinished}{line}\n").as_bytes())?;
    file.sync_all()?;
    Ok(Ok(value))
}
