//! A folder for a moment: made of files that are in memory, and removed at the end.

use std::io;
use std::path::Path;

use tempfile::TempDir;

use super::disk;
use super::output_file::OutputFile;

/// A folder in the system's place for temporary files, which is removed when this is dropped.
///
/// ```
/// use platewise::files::{OutputFile, Scratch};
///
/// let folder = Scratch::new(&[OutputFile { name: "exports/P01.csv".into(), bytes: b"1".to_vec() }])?;
/// assert_eq!(std::fs::read(folder.path().join("exports/P01.csv"))?, b"1");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    /// Makes the folder with these files in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(files: &[OutputFile]) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        for file in files {
            let path = folder.path().join(&file.name);
            if let Some(around) = path.parent() {
                disk::create_dirs(around)?;
            }
            disk::write_new(&path, &file.bytes)?;
        }
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
