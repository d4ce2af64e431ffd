//! What an earlier run read and fitted, so that the next one reads and fits only what is new.
//!
//! Each piece of work is known by the hash of everything that it depends on: this very program, the bytes and the name of an export
//! and how it is read; the wells of the standards, the method and the limits that standards are judged by. So a piece that is found
//! is the one that would be made. What depends on several plates (a pooled variance, charts, lots) is not kept: it is computed anew from
//! them all.
//!
//! A cache that is damaged, of another program or not there costs time and nothing else. It is no evidence: `verify` does not use it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::concentration::{FittedStandards, StandardsToFit};
use crate::files::{Input, sha256, sha256_of};
use crate::plate::Export;
use crate::plate::formats::ReadOptions;
use crate::sheet::plain_file::{self, NotRead};
use crate::sheet::{Code, Location, Problem, Problems};

/// What a file of it begins with.
const FIRST_LINE: &[u8] = b"platewise cache, can be deleted at any time\n";

/// What was read and fitted before, and what this run has used of it or added.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::pipeline::{self, Cache, RunOptions};
///
/// let study = || InputFolder::new(Path::new("plates"), LinkPolicy::Refused);
/// let run = |cache: &Cache| {
///     let options = RunOptions { cache: Some(cache), ..RunOptions::default() };
///     pipeline::run(&study(), &options, &|_| ())
/// };
/// let first = Cache::empty();
/// let once = run(&first)?;
/// let second = Cache::read(&first.to_bytes());
/// let again = run(&second)?;
/// assert_eq!(once.record.concentrations_sha256, again.record.concentrations_sha256);
/// // Each export was read once, and each plate fitted once, by the first run.
/// assert_eq!((second.made(), second.found()), (0, first.made()));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Default)]
pub struct Cache {
    known: BTreeMap<String, Vec<u8>>,
    used: Mutex<UsedEntries>,
}

#[derive(Debug, Default)]
struct UsedEntries {
    entries: BTreeMap<String, Vec<u8>>,
    found: usize,
    made: usize,
}

impl Cache {
    /// One in which nothing is known yet.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The cache in a file; empty where there is none, and where it was damaged.
    ///
    /// # Errors
    /// The file cannot be read, or is another one: it would be lost when the cache is kept.
    pub fn of_file(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        let bytes = match plain_file::read_own(path) {
            Err(NotRead::System(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::empty()),
            read => read.map_err(|error| error.problem(&name))?,
        };
        if bytes.starts_with(FIRST_LINE) {
            return Ok(Self::read(&bytes));
        }
        Err(Problem::new(Code::new("cache-is-another-file"), Location::file(name), "is no cache of platewise")
            .expected("a file that an earlier run has kept, or none")
            .advice("Name another file: this one would be replaced"))
    }

    /// The cache in these bytes; empty where they are none that is whole.
    pub fn read(bytes: &[u8]) -> Self {
        Self { known: entries(bytes).unwrap_or_default(), used: Mutex::default() }
    }

    /// The same with what others know.
    #[must_use]
    pub(super) fn with(mut self, bytes: &[u8]) -> Self {
        self.known.extend(entries(bytes).unwrap_or_default());
        self
    }

    /// Everything that this run used or made, for the next one: what it had no use for is forgotten.
    pub fn to_bytes(&self) -> Vec<u8> {
        let entries = self.used(|used| postcard::to_stdvec(&used.entries)).unwrap_or_default();
        [FIRST_LINE, sha256(&entries).as_bytes(), &entries].concat()
    }

    /// How many exports were not read and plates not fitted, because it is known what comes of it.
    pub fn found(&self) -> usize {
        self.used(|used| used.found)
    }

    /// How many exports were read and plates fitted.
    pub fn made(&self) -> usize {
        self.used(|used| used.made)
    }

    /// An export, read by `read` where it is not known. One that cannot be read is read each time.
    pub(super) fn export(
        &self,
        input: &Input,
        options: ReadOptions<'_>,
        read: impl FnOnce() -> Result<Export, Problems>,
    ) -> Result<Export, Problems> {
        let Some(key) = key(&("export", &input.name, &input.record.sha256, format!("{options:?}"))) else {
            return read();
        };
        if let Some(export) = self.known(&key) {
            return Ok(export);
        }
        let export = read()?;
        self.keep(key, &export);
        Ok(export)
    }

    /// The fit of a plate's standards, made where it is not known.
    pub(super) fn fit(&self, standards: StandardsToFit<'_>) -> FittedStandards {
        let Some(key) = key(&("fit", standards)) else { return standards.fit() };
        self.known(&key).unwrap_or_else(|| {
            let fitted = standards.fit();
            self.keep(key, &fitted);
            fitted
        })
    }

    fn known<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let bytes = self.known.get(key)?;
        let value = postcard::from_bytes(bytes).ok()?;
        self.used(|used| {
            used.found += 1;
            used.entries.insert(key.to_string(), bytes.clone());
        });
        Some(value)
    }

    fn keep(&self, key: String, value: &impl Serialize) {
        let bytes = postcard::to_stdvec(value);
        self.used(|used| {
            used.made += 1;
            if let Ok(bytes) = bytes {
                used.entries.insert(key, bytes);
            }
        });
    }

    fn used<T>(&self, of: impl FnOnce(&mut UsedEntries) -> T) -> T {
        of(&mut self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The entries of a cache; nothing where it is not whole.
fn entries(bytes: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let (hash, entries) = bytes.strip_prefix(FIRST_LINE)?.split_at_checked(64)?;
    (hash == sha256(entries).as_bytes()).then_some(())?;
    postcard::from_bytes(entries).ok()
}

/// The hash of this program and of everything that a piece of work depends on. `None` where it cannot be said which program this is:
/// nothing is known then, and nothing kept.
fn key(depends_on: &impl Serialize) -> Option<String> {
    postcard::to_stdvec(&(program()?, depends_on)).ok().map(|bytes| sha256(&bytes))
}

/// Which program this is, to the byte: another may read or fit otherwise.
fn program() -> Option<&'static str> {
    static PROGRAM: OnceLock<Option<String>> = OnceLock::new();
    let hash = || std::env::current_exe().and_then(File::open).and_then(sha256_of).ok();
    PROGRAM.get_or_init(hash).as_deref()
}
