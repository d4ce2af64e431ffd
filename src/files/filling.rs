//! A claimed folder is filled, one file after another: each is on the disk before the next is made, so that nobody has to hold all
//! of them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::claim::{AllowedContents, OutputError, OutputFolder, failed};
use super::hash::sha256;
use super::manifest::{MANIFEST, is_inside, line, listed};
use super::output_file::OutputFile;
use super::removal::remove;
use super::stage::Stage;
use super::{disk, exchange, inside};

/// A claimed folder whose new files are being made.
///
/// ```
/// use platewise::files::{AllowedContents, OutputFile, OutputFolder};
///
/// let folder = std::env::temp_dir().join(format!("platewise-filled-{}", std::process::id()));
/// let mut filling = OutputFolder::claim(&folder, AllowedContents::Results, &|_| {})?.fill()?;
/// for plate in ["P01", "P02"] {
///     filling.put(&[OutputFile { name: format!("{plate}.csv"), bytes: b"well,od".to_vec() }])?;
///     assert!(!folder.exists(), "the folder has its files all at once");
/// }
/// assert_eq!(filling.finish()?, [folder.join("P01.csv"), folder.join("P02.csv")]);
/// # std::fs::remove_dir_all(&folder).ok();
/// # Ok::<(), platewise::files::OutputError>(())
/// ```
#[derive(Debug)]
pub struct Filling {
    folder: OutputFolder,
    names: TakenNames,
    paths: Vec<PathBuf>,
    /// The folders in it that were made.
    folders: BTreeSet<PathBuf>,
}

impl OutputFolder {
    /// Whether these files could be written now.
    ///
    /// # Errors
    /// When the folder by now holds what it should not, a file of somebody else has a name of theirs, or their names do not stay
    /// apart in a file system that does not tell upper from lower case.
    pub fn check(&self, files: &[OutputFile]) -> Result<(), OutputError> {
        self.check_content()?;
        let mut names = self.names();
        files.iter().try_for_each(|file| names.take(&file.name))
    }

    /// Writes the files as the content of the folder, all or none, with their manifest; gives their paths.
    ///
    /// # Errors
    /// As [`OutputFolder::check`], and when the system refuses. Nothing has changed then.
    pub fn write(self, files: &[OutputFile]) -> Result<Vec<PathBuf>, OutputError> {
        self.check(files)?;
        let mut filling = self.fill()?;
        filling.put(files)?;
        filling.finish()
    }

    /// Puts the folder of new files in its place. An error inside of the answer is one after which the exchange is completed by the
    /// next run.
    fn exchange(&mut self) -> io::Result<io::Result<()>> {
        if !self.stage.is_inside() {
            match exchange::put(&self.place, &self.staged, &self.stage) {
                // A mount that could not be told before: its content is exchanged instead.
                Err(error) if is_mounted(&error) => {
                    self.stage = Stage::inside(&self.place);
                    let beside = std::mem::replace(&mut self.staged, self.stage.make()?);
                    copy(&beside, &self.staged)?;
                    remove(&beside)?;
                }
                done => return done.map(Ok),
            }
        }
        let begun = inside::begin(&self.place, &self.staged)?;
        Ok(inside::complete(&self.place, &begun))
    }

    /// Begins to fill the folder.
    ///
    /// # Errors
    /// When it by now holds what it should not, or the system refuses.
    pub fn fill(self) -> Result<Filling, OutputError> {
        self.check_content()?;
        disk::write_new(&self.staged.join(MANIFEST), b"").map_err(failed(&self.named))?;
        let folders = BTreeSet::from([self.staged.clone()]);
        Ok(Filling { names: self.names(), paths: Vec::new(), folders, folder: self })
    }

    /// The names that are taken in the folder.
    fn names(&self) -> TakenNames {
        let others = match self.holds {
            AllowedContents::OursAmongOthers => Some((self.place.clone(), listed(&self.place).into_iter().collect())),
            AllowedContents::Nothing | AllowedContents::Results => None,
        };
        TakenNames { folder: self.named.clone(), taken: BTreeSet::from([MANIFEST.to_string()]), others }
    }
}

impl Filling {
    /// Has these files on the disk before it returns.
    ///
    /// # Errors
    /// When a file of somebody else has a name of theirs, their names do not stay apart in a file system that does not tell upper from
    /// lower case, or the system refuses. Nothing has changed in the folder then.
    pub fn put(&mut self, files: &[OutputFile]) -> Result<(), OutputError> {
        files.iter().try_for_each(|file| self.names.take(&file.name))?;
        self.write(files).map_err(failed(&self.folder.named))?;
        self.paths.extend(files.iter().map(|file| self.folder.named.join(&file.name)));
        Ok(())
    }

    /// The manifest names them first: by it they are known as ours.
    fn write(&mut self, files: &[OutputFile]) -> io::Result<()> {
        let staged = &self.folder.staged;
        let lines: String = files.iter().map(|file| line(&sha256(&file.bytes), &file.name)).collect();
        disk::add(&staged.join(MANIFEST), lines.as_bytes())?;
        for file in files {
            let path = staged.join(&file.name);
            let around = path.parent().unwrap_or(staged);
            if self.folders.insert(around.to_path_buf()) {
                disk::create_dirs(around)?;
            }
            disk::write_new(&path, &file.bytes)?;
        }
        Ok(())
    }

    /// The files take their place, all at once; gives their paths.
    ///
    /// # Errors
    /// When the folder by now holds what it should not, or the system refuses. Nothing has changed then.
    pub fn finish(mut self) -> Result<Vec<PathBuf>, OutputError> {
        self.folder.check_content()?;
        let named = self.folder.named.clone();
        self.folders.iter().try_for_each(|folder| disk::sync_dir(folder)).map_err(failed(&named))?;
        let done = self.folder.exchange().map_err(failed(&named))?;
        done.map_err(|cause| OutputError::HalfWay { path: named, cause })?;
        // What was made is wanted now.
        self.folder.made.clear();
        Ok(std::mem::take(&mut self.paths))
    }
}

/// The names that are taken in a folder.
#[derive(Debug)]
struct TakenNames {
    folder: PathBuf,
    /// In lower case.
    taken: BTreeSet<String>,
    /// Where files of others may be, and which of those there are ours.
    others: Option<(PathBuf, BTreeSet<String>)>,
}

impl TakenNames {
    fn take(&mut self, name: &str) -> Result<(), OutputError> {
        if !is_inside(name) || !self.taken.insert(name.to_lowercase()) {
            return Err(OutputError::Name(name.to_string()));
        }
        match &self.others {
            Some((place, ours)) if place.join(name).exists() && !ours.contains(name) => {
                Err(OutputError::InTheWay(self.folder.join(name)))
            }
            _ => Ok(()),
        }
    }
}

/// Copies a folder that was filled into an empty one.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    disk::write_new(&to.join(MANIFEST), &fs::read(from.join(MANIFEST))?)?;
    let mut folders = BTreeSet::from([to.to_path_buf()]);
    for name in listed(from).iter().filter(|name| *name != MANIFEST) {
        let path = to.join(name);
        let around = path.parent().unwrap_or(to);
        if folders.insert(around.to_path_buf()) {
            disk::create_dirs(around)?;
        }
        disk::write_new(&path, &fs::read(from.join(name))?)?;
    }
    folders.iter().try_for_each(|folder| disk::sync_dir(folder))
}

fn is_mounted(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::CrossesDevices | io::ErrorKind::ResourceBusy)
}
