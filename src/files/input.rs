//! The files of a study, each the same whenever it is read: what is parsed is what is hashed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::hash::sha256;
use crate::sheet::plain_file::{self, NotRead};
use crate::sheet::{Code, Location, Problem};

/// What is done with an input that is a symbolic link, or stands in a folder that is one.
///
/// ```
/// // What leads out of the study may change without it: nobody follows a link who was not told to.
/// assert_eq!(platewise::files::LinkPolicy::default(), platewise::files::LinkPolicy::Refused);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkPolicy {
    /// It is not read.
    #[default]
    Refused,
    /// It is read, and what it leads to is recorded.
    Followed,
}

/// The record of an input.
///
/// ```
/// use platewise::files::InputFile;
///
/// let input = InputFile::new(std::path::Path::new("exports/P01.txt"), b"abc");
/// assert_eq!((input.file.as_str(), input.bytes, &input.sha256[..8]), ("exports/P01.txt", 3, "ba7816bf"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputFile {
    /// The file, relative to the study folder.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Where it really stands, if a symbolic link led there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_to: Option<String>,
}

impl InputFile {
    /// The record of a file with these bytes, called `name` in the study.
    pub fn new(name: &Path, bytes: &[u8]) -> Self {
        // The same on every system: forward slashes.
        let file = name.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        Self { file, bytes: bytes.len() as u64, sha256: sha256(bytes), link_to: None }
    }
}

/// A file that was read.
///
/// ```
/// use platewise::files::Input;
///
/// let list = Input::in_memory("arms.csv", b"subject,arm\n");
/// assert_eq!((list.name.as_str(), list.record.bytes), ("arms.csv", 12));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What messages call it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The record of just these bytes.
    pub record: InputFile,
}

impl Input {
    /// A file that is in memory already.
    pub fn in_memory(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_string(), bytes: bytes.to_vec(), record: InputFile::new(Path::new(name), bytes) }
    }
}

/// Why an input was not read.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, LinkPolicy};
///
/// let study = InputFolder::new(Path::new("plates"), LinkPolicy::Refused);
/// let missing = study.try_read(Path::new("exports/p01.txt")).unwrap_err();
/// assert!(missing.is_missing());
/// assert!(study.problem(Path::new("exports/p01.txt"), &missing).to_string().contains("upper and lower case differ"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAnInput {
    /// As any file.
    #[error(transparent)]
    NotRead(#[from] NotRead),
    /// It is a symbolic link, or stands in one.
    #[error("{link} is a symbolic link to {to}")]
    Link {
        /// The link: the file itself, or a folder on the way to it.
        link: String,
        /// What it leads to.
        to: String,
    },
    /// What a spreadsheet program keeps beside an open workbook.
    #[error("is the lock file of an open workbook, not the workbook")]
    OpenWorkbook,
    /// It could not be read where it was looked for.
    #[error("{}", .0.found)]
    Refused(Box<Problem>),
    /// A copy of it is not what it was.
    #[error("is not what it was when it was copied")]
    Changed,
    /// It was read before, and is not what it was then.
    #[error("was changed while the study was read")]
    ChangedMeanwhile,
}

impl NotAnInput {
    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        const MISSING: [io::ErrorKind; 2] = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
        matches!(self, Self::NotRead(NotRead::System(error)) if MISSING.contains(&error.kind()))
    }
}

/// A file of a study that stands somewhere else.
///
/// See [`InputFolder::gathered`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatheredFile {
    /// A copy of it, and the record of the bytes that it must have.
    Copy {
        /// Where the copy is.
        place: PathBuf,
        /// The record of the file that was copied.
        record: InputFile,
    },
    /// It could not be read, and why.
    Refused(Problem),
}

/// A file that was read before.
#[derive(Debug)]
enum KnownFile {
    Held(Arc<Input>),
    /// Its bytes are gone.
    LetGo(InputFile),
}

impl KnownFile {
    fn record(&self) -> &InputFile {
        match self {
            Self::Held(input) => &input.record,
            Self::LetGo(record) => record,
        }
    }
}

/// The folder of a study. It knows the files that it has read, and each of them is the same whenever it is read.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, LinkPolicy};
///
/// let study = InputFolder::new(Path::new("plates"), LinkPolicy::Refused);
/// let list = study.read(Path::new("samples.csv"))?;
/// assert_eq!(study.inputs(), [list.record.clone()]);
/// # Ok::<(), platewise::sheet::Problem>(())
/// ```
#[derive(Debug)]
pub struct InputFolder {
    folder: PathBuf,
    links: LinkPolicy,
    read: Mutex<BTreeMap<PathBuf, KnownFile>>,
    refused: Mutex<BTreeMap<PathBuf, Problem>>,
    /// Where its files are, when they are not in it.
    gathered: Option<BTreeMap<PathBuf, GatheredFile>>,
}

impl InputFolder {
    /// The folder of a study. It may itself be a link: it is what the user names.
    pub fn new(folder: &Path, links: LinkPolicy) -> Self {
        let (read, refused) = (Mutex::default(), Mutex::default());
        Self { folder: folder.to_path_buf(), links, read, refused, gathered: None }
    }

    /// A study whose files were copied to several places, by their names in the study; another file is missing. `folder` has what is no
    /// input: openings of the arms, signatures.
    ///
    /// ```
    /// use std::path::Path;
    /// use platewise::files::{GatheredFile, InputFile, InputFolder};
    ///
    /// let record = InputFile::new(Path::new("samples.csv"), b"sample,subject,visit\n");
    /// let place = "plates/samples.csv".into();
    /// let files = [("samples.csv".into(), GatheredFile::Copy { place, record })].into();
    /// let study = InputFolder::gathered(Path::new("part1"), files);
    /// let changed = study.read(Path::new("samples.csv")).unwrap_err();
    /// assert!(changed.to_string().contains("is not what it was when it was copied"));
    /// assert!(study.try_read(Path::new("decisions.jsonl")).is_err_and(|error| error.is_missing()));
    /// ```
    pub fn gathered(folder: &Path, files: BTreeMap<PathBuf, GatheredFile>) -> Self {
        Self { gathered: Some(files), ..Self::new(folder, LinkPolicy::Refused) }
    }

    /// A folder in it, as the folder of a study by itself: what it reads is its own, and links are treated as here.
    pub fn below(&self, folder: &Path) -> Self {
        Self::new(&self.folder.join(folder), self.links)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Reads a file of the study, by its path in the folder; one whose bytes are still held is not read again.
    ///
    /// # Errors
    /// When it cannot be read, or is not what it was when it was read before, with what to do about it.
    pub fn read(&self, path: &Path) -> Result<Arc<Input>, Problem> {
        self.try_read(path).map_err(|error| {
            let problem = self.problem(path, &error);
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            refused.insert(path.to_path_buf(), problem.clone());
            problem
        })
    }

    /// Reads a file as [`InputFolder::read`] does.
    ///
    /// # Errors
    /// When it cannot be read, for who has words of their own for it.
    pub fn try_read(&self, path: &Path) -> Result<Arc<Input>, NotAnInput> {
        if let Some(KnownFile::Held(held)) = self.known().get(path) {
            return Ok(held.clone());
        }
        let input = Arc::new(match &self.gathered {
            None => self.read_from_disk(path)?,
            Some(files) => read_copy(path, files.get(path))?,
        });
        let mut known = self.known();
        match known.get(path) {
            // Where two threads read it at the same time, both take what the first of them read.
            Some(KnownFile::Held(held)) => return Ok(held.clone()),
            Some(KnownFile::LetGo(record)) if record.sha256 != input.record.sha256 => {
                return Err(NotAnInput::ChangedMeanwhile);
            }
            _ => known.insert(path.to_path_buf(), KnownFile::Held(input.clone())),
        };
        Ok(input)
    }

    /// Lets go of the bytes of a file that was read: those of thousands of exports are many. If it is wanted again, it is read again, and
    /// must be what it was.
    ///
    /// ```
    /// use std::path::Path;
    /// use platewise::files::{InputFolder, LinkPolicy};
    ///
    /// let study = InputFolder::new(Path::new("plates"), LinkPolicy::Refused);
    /// let list = study.read(Path::new("samples.csv"))?;
    /// study.let_go(Path::new("samples.csv"));
    /// assert_eq!(study.inputs(), [list.record.clone()], "what was read is known");
    /// assert_eq!(study.read(Path::new("samples.csv"))?, list);
    /// # Ok::<(), platewise::sheet::Problem>(())
    /// ```
    pub fn let_go(&self, path: &Path) {
        if let Some(known) = self.known().get_mut(path) {
            *known = KnownFile::LetGo(known.record().clone());
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<PathBuf, KnownFile>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record of every file that was read so far, by name.
    pub fn inputs(&self) -> Vec<InputFile> {
        let mut inputs: Vec<InputFile> = self.known().values().map(|known| known.record().clone()).collect();
        inputs.sort();
        inputs
    }

    /// The bytes of every file that was read so far, with its record, by name.
    ///
    /// # Errors
    /// When one that was let go cannot be read again.
    pub fn all_read(&self) -> Result<Vec<Arc<Input>>, Problem> {
        let paths: Vec<PathBuf> = self.known().keys().cloned().collect();
        let mut inputs = paths.iter().map(|path| self.read(path)).collect::<Result<Vec<Arc<Input>>, Problem>>()?;
        inputs.sort_by(|one, other| one.record.cmp(&other.record));
        Ok(inputs)
    }

    /// Every file that was wanted so far and could not be read, with the reason.
    pub fn refused(&self) -> BTreeMap<PathBuf, Problem> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether two paths are one file, whatever they are called. Neither is opened.
    pub fn is_same(&self, one: &Path, other: &Path) -> bool {
        one == other || same_file(&self.folder.join(one), &self.folder.join(other))
    }

    /// Whether a file is one that would be read, without opening it.
    ///
    /// # Errors
    /// As [`InputFolder::try_read`], but for what only opening it can show.
    pub fn check(&self, path: &Path) -> Result<(), NotAnInput> {
        if path.file_name().is_some_and(|file| file.to_string_lossy().starts_with("~$")) {
            return Err(NotAnInput::OpenWorkbook);
        }
        if let (LinkPolicy::Refused, Some(link)) = (self.links, self.link_on_the_way(path)) {
            let to = fs::read_link(self.folder.join(&link)).map_err(NotRead::from)?;
            return Err(NotAnInput::Link { link: link.display().to_string(), to: to.display().to_string() });
        }
        Ok(plain_file::check(&self.folder.join(path))?)
    }

    fn read_from_disk(&self, path: &Path) -> Result<Input, NotAnInput> {
        self.check(path)?;
        let full = self.folder.join(path);
        let link = self.link_on_the_way(path);
        let bytes = plain_file::read(&full)?;
        let mut record = InputFile::new(path, &bytes);
        if link.is_some() {
            record.link_to = Some(full.canonicalize().map_err(NotRead::from)?.display().to_string());
        }
        Ok(Input { name: path.display().to_string(), bytes, record })
    }

    /// The first link on the way from the folder to a file of it.
    fn link_on_the_way(&self, path: &Path) -> Option<PathBuf> {
        let mut ways: Vec<&Path> = path.ancestors().filter(|way| !way.as_os_str().is_empty()).collect();
        ways.reverse();
        ways.into_iter().find(|way| self.folder.join(way).is_symlink()).map(Path::to_path_buf)
    }

    /// What is wrong with a file that could not be read, and what to do about it.
    pub fn problem(&self, path: &Path, error: &NotAnInput) -> Problem {
        let name = path.display().to_string();
        let problem = |code| Problem::new(code, Location::file(name.as_str()), error.to_string());
        match error {
            NotAnInput::OpenWorkbook => {
                let problem = problem(Code::new("file-of-an-open-workbook")).expected("the workbook itself");
                problem.advice("Write its name without ~$ in study.toml")
            }
            NotAnInput::Link { .. } => problem(Code::new("file-is-a-link")).expected("the file itself").advice(
                "Copy the file into the study folder, or run with --follow-links, which records what links lead to",
            ),
            NotAnInput::Refused(why) => (**why).clone(),
            NotAnInput::Changed => problem(Code::new("copy-changed"))
                .expected("the file as it was copied")
                .advice("Make the part again with `platewise quantify STUDY --plates`"),
            NotAnInput::ChangedMeanwhile => {
                let problem = problem(Code::new("input-changed-while-read")).expected("one file from beginning to end");
                problem.advice("Run the study again")
            }
            NotAnInput::NotRead(_) if error.is_missing() => {
                let problem = problem(Code::new("file-missing"))
                    .expected(format!("a file of the study folder {}", self.folder.display()));
                match otherwise_spelt(&self.folder.join(path)) {
                    Some(other) => problem.advice(format!(
                        "There is '{other}': upper and lower case differ. Write the name of the file in study.toml as it is"
                    )),
                    None => problem.advice("Put the file there, or correct its path in study.toml"),
                }
            }
            NotAnInput::NotRead(other) => other.problem(&name),
        }
    }
}

/// A file of a study from where its copy is.
fn read_copy(path: &Path, file: Option<&GatheredFile>) -> Result<Input, NotAnInput> {
    match file {
        None => Err(NotRead::from(io::Error::from(io::ErrorKind::NotFound)).into()),
        Some(GatheredFile::Refused(why)) => Err(NotAnInput::Refused(Box::new(why.clone()))),
        Some(GatheredFile::Copy { place, record }) => {
            let bytes = plain_file::read(place)?;
            if sha256(&bytes) != record.sha256 {
                return Err(NotAnInput::Changed);
            }
            Ok(Input { name: path.display().to_string(), bytes, record: record.clone() })
        }
    }
}

/// The file beside a missing one whose name differs from it in upper and lower case only.
fn otherwise_spelt(missing: &Path) -> Option<String> {
    let wanted = missing.file_name()?.to_string_lossy().to_lowercase();
    let names = fs::read_dir(missing.parent()?).ok()?.flatten();
    let mut names: Vec<String> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.into_iter().find(|name| name.to_lowercase() == wanted)
}

#[cfg(unix)]
fn same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    identity(one).is_some_and(|found| Some(found) == identity(other))
}

#[cfg(not(unix))]
fn same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::canonicalize(path).ok();
    identity(one).is_some_and(|found| Some(found) == identity(other))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_read_once() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a.csv"), "1").unwrap();
        let study = InputFolder::new(place.path(), LinkPolicy::Refused);
        study.read(Path::new("a.csv")).unwrap();
        fs::remove_file(place.path().join("a.csv")).unwrap();
        assert_eq!(study.read(Path::new("a.csv")).unwrap().bytes, b"1");
        assert_eq!(study.inputs().len(), 1, "what was read is on record, whatever became of it");
    }

    /// One whose bytes are gone is read again, and must be what it was: what is parsed is what is on record.
    #[test]
    fn a_file_that_was_let_go_is_the_same_when_it_is_read_again() {
        let place = tempfile::tempdir().unwrap();
        let path = Path::new("a.csv");
        fs::write(place.path().join(path), "1").unwrap();
        let study = InputFolder::new(place.path(), LinkPolicy::Refused);
        let record = study.read(path).unwrap().record.clone();
        study.let_go(path);
        study.let_go(path);
        assert_eq!(study.inputs(), std::slice::from_ref(&record));
        assert_eq!(study.all_read().unwrap()[0].bytes, b"1");
        study.let_go(path);
        fs::write(place.path().join(path), "2").unwrap();
        let said = study.read(path).unwrap_err().to_string();
        assert_eq!(
            said,
            "a.csv: was changed while the study was read; expected one file from beginning to end. Run the study again"
        );
        assert!(study.all_read().is_err());
        assert_eq!(study.inputs(), [record], "the record is of what was parsed");
        fs::write(place.path().join(path), "1").unwrap();
        assert_eq!(study.read(path).unwrap().bytes, b"1");
    }

    #[test]
    fn what_is_there_and_no_file_is_not_called_missing() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("a.csv")).unwrap();
        let study = InputFolder::new(place.path(), LinkPolicy::Refused);
        let said = study.read(Path::new("a.csv")).unwrap_err().to_string();
        assert_eq!(
            said,
            "a.csv: is a folder; expected a file that can be read. Check its name, and that you may read it"
        );
        let said = study.read(Path::new("A.csv")).unwrap_err().to_string();
        assert!(said.contains("there is no such file") && said.contains("There is 'a.csv'"), "{said}");
    }

    #[test]
    fn links_are_followed_where_that_is_said_and_recorded() {
        let place = tempfile::tempdir().unwrap();
        let study = place.path().join("study");
        fs::create_dir_all(place.path().join("store")).unwrap();
        fs::create_dir(&study).unwrap();
        fs::write(place.path().join("store/x"), "1").unwrap();
        symlink("../store", study.join("exports")).unwrap();
        symlink("../store/x", study.join("a.csv")).unwrap();
        let refused = InputFolder::new(&study, LinkPolicy::Refused);
        for (path, link) in [
            ("a.csv", "a.csv is a symbolic link to ../store/x"),
            ("exports/x", "exports is a symbolic link to ../store"),
        ] {
            let said = refused.read(Path::new(path)).unwrap_err().to_string();
            assert!(said.contains(link) && said.contains("--follow-links") && said.lines().count() == 1, "{said}");
        }
        let followed = InputFolder::new(&study, LinkPolicy::Followed);
        for path in ["a.csv", "exports/x"] {
            let input = followed.read(Path::new(path)).unwrap();
            assert!(input.record.link_to.as_ref().unwrap().ends_with("/store/x"), "{:?}", input.record);
            assert_eq!((input.record.file.as_str(), input.record.sha256.clone()), (path, sha256(b"1")));
        }
        assert!(followed.is_same(Path::new("a.csv"), Path::new("exports/x")));
    }
}
