//! A folder that a command makes: claimed before the work, written whole or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::lock::Lock;
use super::manifest::{MANIFEST, content, is_dropping, listed};
use super::removal::remove;
use super::stage::{Stage, is_ours};
use super::{disk, leftovers};

/// What a folder may hold that is to be written.
///
/// ```
/// use platewise::files::{AllowedContents, OutputFolder};
///
/// // The folder of this very program is neither new nor empty.
/// assert!(OutputFolder::claim(std::path::Path::new("src"), AllowedContents::Nothing, &|_| {}).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedContents {
    /// Nothing: it is new, or empty.
    Nothing,
    /// Nothing, or what an earlier run wrote and nothing else: it is replaced whole.
    Results,
    /// What we wrote earlier, and perhaps files of others, which stay: ours are replaced.
    OursAmongOthers,
}

/// Why the files were not written. The folder is then as it was.
///
/// ```
/// use platewise::files::{AllowedContents, OutputError, OutputFolder};
///
/// let folder = std::env::temp_dir().join(format!("platewise-foreign-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// std::fs::write(folder.join("notes.txt"), "mine").unwrap();
/// let refused = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {});
/// assert!(matches!(refused, Err(OutputError::Foreign { names, .. }) if names == ["notes.txt"]));
/// # std::fs::remove_dir_all(&folder).ok();
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// There is something in the folder that we did not write.
    #[error(
        "{} holds files that platewise did not write: {}; nothing was written. Choose another folder with --out, or move them",
        folder.display(),
        names.join(", ")
    )]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// What is in it.
        names: Vec<String>,
    },
    /// A spreadsheet program has a file of the folder open: it could not be replaced (Windows), or would be read out of date.
    #[error(
        "{} is open in a spreadsheet program; nothing was written. Close it there and give the same command again. If it is open nowhere, \
         remove {}, which says so",
        file.display(),
        mark.display()
    )]
    Open {
        /// The file.
        file: PathBuf,
        /// What the program has put beside it for as long.
        mark: PathBuf,
    },
    /// The folder should be new or empty.
    #[error("{} already exists and is not empty; nothing was written. Name a new folder", .0.display())]
    NotEmpty(PathBuf),
    /// What is to be replaced was not written by us.
    #[error("{} was not made by platewise (there is no {MANIFEST} in it), so it is not replaced; choose another folder", .0.display())]
    NotOurs(PathBuf),
    /// A new file would overwrite one that is not ours.
    #[error("{} was not written by platewise, and a new file has this name; move it away", .0.display())]
    InTheWay(PathBuf),
    /// Two files of one name, or a name that leads out of the folder: a fault of the program.
    #[error("a file cannot be called '{0}' beside the others; nothing was written. Please report this")]
    Name(String),
    /// Some files have their places and others not yet.
    #[error("writing {} stopped half-way: {cause}; the next run completes it", path.display())]
    HalfWay {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The system refused.
    #[error("cannot write {}: {cause}; nothing was written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> OutputError + '_ {
    move |cause| OutputError::Io { path: path.to_path_buf(), cause }
}

/// A folder that this process alone writes, until it is written or dropped.
///
/// ```
/// use platewise::files::{AllowedContents, OutputFolder};
///
/// let folder = std::env::temp_dir().join(format!("platewise-claimed-{}", std::process::id()));
/// drop(OutputFolder::claim(&folder, AllowedContents::Results, &|_| {})?);
/// assert!(!folder.exists(), "nothing was made, nothing stays");
/// # Ok::<(), platewise::files::OutputError>(())
/// ```
#[derive(Debug)]
pub struct OutputFolder {
    /// As it was named.
    pub(super) named: PathBuf,
    /// Where it is, through links.
    pub(super) place: PathBuf,
    pub(super) holds: AllowedContents,
    pub(super) stage: Stage,
    /// Where the new files are put together, before they take their place.
    pub(super) staged: PathBuf,
    /// Folders that were made on the way to it.
    pub(super) made: Vec<PathBuf>,
    locks: Vec<Lock>,
}

impl OutputFolder {
    /// The folder, as it was named.
    pub fn path(&self) -> &Path {
        &self.named
    }

    /// Locks the folder, settles what a stopped run left of it, and makes sure that it may be written. While another process
    /// holds it, waits, and tells `waiting` once who that is.
    ///
    /// # Errors
    /// When the folder holds what it should not, or cannot be written.
    pub fn claim(folder: &Path, holds: AllowedContents, waiting: &dyn Fn(&str)) -> Result<Self, OutputError> {
        // `.`, `results/..` and links become the folder that they mean.
        let place = if folder.exists() { fs::canonicalize(folder) } else { std::path::absolute(folder) };
        let place = place.map_err(failed(folder))?;
        if place.is_file() {
            return Err(failed(folder)(io::Error::other("it is a file; name a folder")));
        }
        let mut claimed = Self {
            named: folder.to_path_buf(),
            stage: Stage::beside(&place),
            staged: PathBuf::new(),
            made: Vec::new(),
            locks: Vec::new(),
            place,
            holds,
        };
        claimed.made = disk::create_dirs(claimed.stage.folder()).map_err(failed(folder))?;
        claimed.lock(waiting).map_err(failed(folder))?;
        leftovers::settle(&claimed.place).map_err(failed(folder))?;
        claimed.check_content()?;
        claimed.make_stage().map_err(failed(folder))?;
        Ok(claimed)
    }

    /// Beside the folder, which may be replaced as a whole; in it where nothing may be made beside it.
    fn lock(&mut self, waiting: &dyn Fn(&str)) -> io::Result<()> {
        let inside = Stage::inside(&self.place).lock_file();
        match Lock::take(self.stage.lock_file(), waiting) {
            Ok(lock) => self.locks.push(lock),
            Err(error) if is_refused(&error) && self.place.is_dir() => {}
            Err(error) => return Err(error),
        }
        // Whoever may not write beside the folder locks in it.
        if self.locks.is_empty() || inside.exists() {
            self.locks.push(Lock::take(inside, waiting)?);
        }
        Ok(())
    }

    fn make_stage(&mut self) -> io::Result<()> {
        let there = self.place.is_dir();
        let whole = self.holds == AllowedContents::Results && !is_mount_point(&self.place);
        if whole || !there {
            match self.stage.make() {
                Ok(staged) if !there || may_be_renamed(&self.place, &staged) => {
                    self.staged = staged;
                    return Ok(());
                }
                Ok(staged) => disk::remove_dir(&staged)?,
                Err(error) if is_refused(&error) && there => {}
                Err(error) => return Err(error),
            }
        }
        self.stage = Stage::inside(&self.place);
        self.staged = self.stage.make()?;
        Ok(())
    }

    /// Whether what is in the folder is what may be in it.
    pub(super) fn check_content(&self) -> Result<(), OutputError> {
        if !self.place.exists() {
            return Ok(());
        }
        let (found, _) = content(&self.place).map_err(failed(&self.named))?;
        let mut found: Vec<String> = found.into_iter().filter(|name| !is_ours(name)).collect();
        let open = found.iter().find_map(|mark| Some((mark, opened(mark).filter(|file| found.contains(file))?)));
        if let (Some((mark, file)), true) = (open, self.holds != AllowedContents::Nothing) {
            return Err(OutputError::Open { file: self.named.join(file), mark: self.named.join(mark) });
        }
        match self.holds {
            AllowedContents::Nothing if !found.is_empty() => Err(OutputError::NotEmpty(self.named.clone())),
            AllowedContents::OursAmongOthers if !found.is_empty() && !self.place.join(MANIFEST).is_file() => {
                Err(OutputError::NotOurs(self.named.clone()))
            }
            AllowedContents::Results => {
                let listed: BTreeSet<String> = listed(&self.place).into_iter().collect();
                found.retain(|name| !listed.contains(name) && !is_dropping(name));
                if found.is_empty() {
                    return Ok(());
                }
                let more = found.len().saturating_sub(10);
                found.truncate(10);
                found.extend((more > 0).then(|| format!("and {more} more")));
                Err(OutputError::Foreign { folder: self.named.clone(), names: found })
            }
            _ => Ok(()),
        }
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        // Whatever cannot be removed now is removed by the next run.
        if !self.staged.as_os_str().is_empty() {
            let _ = remove(&self.staged);
        }
        self.locks.clear();
        for folder in self.made.iter().rev() {
            let _ = disk::remove_dir(folder);
        }
    }
}

/// The file that a spreadsheet program says to have open: by Excel's `~$results.xlsx` or LibreOffice's `.~lock.results.xlsx#` beside it.
fn opened(mark: &str) -> Option<String> {
    let (folder, name) =
        mark.rsplit_once('/').map_or((String::new(), mark), |(folder, name)| (format!("{folder}/"), name));
    let excel = name.strip_prefix("~$");
    let file = excel.or_else(|| name.strip_prefix(".~lock.")?.strip_suffix('#'))?;
    Some(folder + file)
}

/// Whether the system refuses for want of permission, which may be there elsewhere.
fn is_refused(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[cfg(unix)]
fn is_mount_point(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
    folder.parent().is_none_or(|parent| folder.is_dir() && device(folder) != device(parent))
}

#[cfg(not(unix))]
fn is_mount_point(folder: &Path) -> bool {
    folder.parent().is_none()
}

/// Whether `folder` may get another name: in a folder with the sticky bit only its owner may do so. `own` is one of ours beside it.
#[cfg(unix)]
fn may_be_renamed(folder: &Path, own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |path: Option<&Path>| path.and_then(|path| fs::metadata(path).ok());
    let (Some(around), Some(there), Some(own)) = (of(folder.parent()), of(Some(folder)), of(Some(own))) else {
        return false;
    };
    around.mode() & 0o1000 == 0 || [around.uid(), there.uid(), 0].contains(&own.uid())
}

#[cfg(not(unix))]
fn may_be_renamed(_folder: &Path, _own: &Path) -> bool {
    true
}
