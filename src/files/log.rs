//! Logs: files that are only ever added to, a line at a time, each line on the disk before anything follows from it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::disk;
use crate::sheet::limits::MAX_FILE_BYTES;
use crate::sheet::plain_file::{self, NotRead};

/// A line for a log.
///
/// ```
/// let line = platewise::files::LogLine { after: 0, text: "the first".into(), value: 1 };
/// assert_eq!(line.value, 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine<T> {
    /// The bytes of the log that it follows; what is behind them, of a line that was not written whole, is cut off.
    pub after: usize,
    /// The line, without its end.
    pub text: String,
    /// What the caller gets when it is on the disk.
    pub value: T,
}

/// Appends to the log at `path` the line that `line` makes of what is in it, under a lock, and has it on the disk before it
/// returns. Nothing is written where `line` refuses; where it cannot be written whole, the log is as it was.
///
/// ```
/// use platewise::files::{LogLine, append};
///
/// let log = std::env::temp_dir().join(format!("platewise-log-{}", std::process::id()));
/// let add = |text: &str| {
///     append(&log, |before| {
///         let text = format!("{text}, after {} lines", before.lines().count());
///         Ok::<_, String>(LogLine { after: before.len(), text, value: () })
///     })
/// };
/// add("one")?.unwrap();
/// add("two")?.unwrap();
/// assert_eq!(std::fs::read_to_string(&log)?, "one, after 0 lines\ntwo, after 1 lines\n");
/// # std::fs::remove_file(&log)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When the log cannot be read, locked or written, or is a link: a log is not written through one.
pub fn append<T, E>(path: &Path, line: impl FnOnce(&str) -> Result<LogLine<T>, E>) -> io::Result<Result<T, E>> {
    no_link(path)?;
    let mut file = disk::open_log(path)?;
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

fn append_to<T, E>(file: &mut File, line: impl FnOnce(&str) -> Result<LogLine<T>, E>) -> io::Result<Result<T, E>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    if file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)? as u64 > MAX_FILE_BYTES {
        return Err(NotRead::TooLarge.into());
    }
    let text = String::from_utf8(bytes).map_err(io::Error::other)?;
    let LogLine { after, text: line, value } = match line(&text) {
        Ok(made) => made,
        Err(refused) => return Ok(Err(refused)),
    };
    let end = if text[..after].is_empty() || text[..after].ends_with('\n') { "" } else { "\n" };
    let written = write_after(file, after as u64, &format!("{end}{line}\n"));
    if written.is_err() {
        // As it was, as far as the disk lets us: what stays of the line is no event.
        file.set_len(after as u64)?;
    }
    written.map(|()| Ok(value))
}

fn write_after(file: &mut File, after: u64, text: &str) -> io::Result<()> {
    file.set_len(after)?;
    file.seek(SeekFrom::Start(after))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
