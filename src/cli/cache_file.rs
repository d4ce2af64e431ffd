//! The file of `--cache`: read before the run, replaced by what the run used after it.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::Failure;
use crate::files::write_files;
use crate::pipeline::Cache;

/// Where it is kept what was read and fitted.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct CacheOption {
    /// Keep in this file what was read of each export and fitted of each plate: the next run with it reads and fits only what changed.
    /// The results do not depend on it, and it can be deleted at any time.
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
}

/// The cache of a run, and where it came from.
pub(super) struct CacheFile<'a> {
    path: &'a Path,
    pub(super) cache: Cache,
}

impl CacheOption {
    /// Reads it; nothing where none is asked for.
    ///
    /// # Errors
    /// When another file is in its place, or it would lie among the results.
    pub(super) fn open(&self, results: &[PathBuf]) -> Result<Option<CacheFile<'_>>, Failure> {
        let Some(path) = self.cache.as_deref() else { return Ok(None) };
        for results in results {
            if lies_in(path, results)? {
                let (path, results) = (path.display(), results.display());
                let found = format!("{path} lies among the results in {results}, which are replaced whole");
                return Err(Failure::Other(format!("{found}. Name another file with --cache")));
            }
        }
        Ok(Some(CacheFile { path, cache: Cache::of_file(path)? }))
    }
}

/// Whether a path is a folder or lies in it, however the two are written.
pub(super) fn lies_in(path: &Path, folder: &Path) -> io::Result<bool> {
    Ok(real(path)?.starts_with(real(folder)?))
}

/// A path without links and dots, as far as it is there.
fn real(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let known = path.ancestors().find_map(|at| Some((at, at.canonicalize().ok()?)));
    Ok(match known {
        Some((at, real)) => real.join(path.strip_prefix(at).unwrap_or(Path::new(""))),
        None => path,
    })
}

impl CacheFile<'_> {
    /// Replaces the file by what the run used and made.
    ///
    /// # Errors
    /// When it cannot be written: it is then as it was.
    pub(super) fn keep(&self) -> Result<(), Failure> {
        Ok(write_files(&[(self.path.to_path_buf(), self.cache.to_bytes())])?)
    }
}
