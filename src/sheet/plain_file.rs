//! The bytes of a plain file, read whole and once.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::limits::MAX_FILE_BYTES;
use super::location::Location;
use super::mistakes::unreadable;
use super::problem::{Code, Problem};

/// Why a file was not read.
///
/// ```
/// use platewise::sheet::plain_file::{NotRead, read};
///
/// let folder = read(std::path::Path::new("src")).unwrap_err();
/// assert!(matches!(&folder, NotRead::System(_)));
/// assert_eq!(folder.to_string(), "is a folder");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotRead {
    /// The system refused.
    #[error("{}", unreadable(.0))]
    System(#[from] io::Error),
    /// What is read from it cannot be read again, or never ends.
    #[error("is {0} and no plain file")]
    NotPlain(&'static str),
    /// It has more bytes than any export.
    #[error("the file has more than {} MB", MAX_FILE_BYTES >> 20)]
    TooLarge,
}

impl NotRead {
    /// The same as a problem of the file of that name.
    pub fn problem(&self, name: &str) -> Problem {
        let code = match self {
            Self::System(_) => Code::new("file-unreadable"),
            Self::NotPlain(_) => Code::new("file-not-plain"),
            Self::TooLarge => Code::new("file-too-large"),
        };
        let problem = Problem::new(code, Location::file(name), self.to_string());
        match self {
            Self::System(_) => {
                problem.expected("a file that can be read").advice("Check its name, and that you may read it")
            }
            Self::NotPlain(_) => problem
                .expected("a file, which gives the same bytes whenever it is read")
                .advice("Save it as a file first"),
            Self::TooLarge => problem.expected("the export of a plate reader"),
        }
    }
}

/// Reads a file whole. What is no plain file is not even opened: a pipe would wait for somebody to write.
///
/// # Errors
/// When it cannot be read, is no plain file, or is larger than any export.
pub fn read(path: &Path) -> Result<Vec<u8>, NotRead> {
    check(path)?;
    let file = File::open(path)?;
    check_kind(&file.metadata()?)?;
    read_from(file)
}

/// Reads a file whole that this program wrote itself, as large as it is.
///
/// # Errors
/// When it cannot be read, or is no plain file.
pub fn read_own(path: &Path) -> Result<Vec<u8>, NotRead> {
    check(path)?;
    Ok(fs::read(path)?)
}

/// Reads what somebody writes until its end, such as standard input.
///
/// # Errors
/// When it cannot be read, or is larger than any export.
pub fn read_from(source: impl Read) -> Result<Vec<u8>, NotRead> {
    let mut bytes = Vec::new();
    source.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(NotRead::TooLarge) } else { Ok(bytes) }
}

/// Reads a file of text in UTF-8 whole, under the same conditions.
///
/// # Errors
/// As [`read`], and when it is no text in UTF-8.
pub fn read_text(path: &Path) -> Result<String, NotRead> {
    let bytes = read(path)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error).into())
}

impl From<NotRead> for io::Error {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::System(error) => error,
            other => Self::other(other.to_string()),
        }
    }
}

/// Whether there is a plain file at `path`. It is not opened.
///
/// # Errors
/// When there is none.
pub fn check(path: &Path) -> Result<(), NotRead> {
    check_kind(&fs::metadata(path)?)
}

fn check_kind(found: &Metadata) -> Result<(), NotRead> {
    if found.is_file() {
        Ok(())
    } else if found.is_dir() {
        Err(io::Error::from(io::ErrorKind::IsADirectory).into())
    } else {
        Err(NotRead::NotPlain(kind(found)))
    }
}

#[cfg(unix)]
fn kind(found: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = found.file_type();
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(_found: &Metadata) -> &'static str {
    "a device"
}
