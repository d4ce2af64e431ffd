//! Many files as one: a zip that has the same bytes whenever it has the same files, and a folder that is there for as long as it is
//! looked at.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, Write};
use std::path::Path;

use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::disk;
use super::manifest::is_inside;
use super::output_file::OutputFile;

/// What an archive may hold when it is unpacked: more than any study, and less than fills a disk.
const MOST_BYTES: u64 = 8 << 30;

/// Packs files.
///
/// ```
/// use platewise::files::{OutputFile, pack};
/// let files = [OutputFile { name: "study.toml".into(), bytes: b"[study]".to_vec() }];
/// assert_eq!(pack(&files)?, pack(&files)?, "no time of day is in it");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Only when the library that writes zips fails, which it does not into memory.
pub fn pack(files: &[OutputFile]) -> io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        zip.start_file(file.name.as_str(), options)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// An archive, unpacked for as long as this is kept: into a folder that only its owner can read.
///
/// ```
/// use platewise::files::{OutputFile, UnpackedArchive, pack};
///
/// let path = std::env::temp_dir().join(format!("platewise-packed-{}.zip", std::process::id()));
/// std::fs::write(&path, pack(&[OutputFile { name: "a/b.csv".into(), bytes: b"1".to_vec() }])?)?;
/// let unpacked = UnpackedArchive::new(&path)?;
/// assert_eq!(std::fs::read(unpacked.path().join("a/b.csv"))?, b"1");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct UnpackedArchive(TempDir);

impl UnpackedArchive {
    /// Unpacks the archive at `path`.
    ///
    /// # Errors
    /// When it is no archive that can be read, is larger than any study, or has a name in it that leads out of the folder.
    pub fn new(path: &Path) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        unpack(File::open(path)?, folder.path())?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

fn unpack(archive: impl Read + Seek, folder: &Path) -> io::Result<()> {
    let mut archive = ZipArchive::new(archive)?;
    let mut left = MOST_BYTES;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        let name = entry.name()?.to_string();
        if entry.is_dir() {
            continue;
        }
        if !is_inside(&name) || entry.is_symlink() {
            return Err(io::Error::other(format!("'{name}' is no file of a folder")));
        }
        let mut bytes = Vec::new();
        entry.by_ref().take(left + 1).read_to_end(&mut bytes)?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| io::Error::other(format!("it holds more than {MOST_BYTES} bytes")))?;
        let path = folder.join(&name);
        if let Some(parent) = path.parent() {
            disk::create_dirs(parent)?;
        }
        disk::write_new(&path, &bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_nothing_beside_the_folder() {
        let file = |name: &str| OutputFile { name: name.into(), bytes: name.as_bytes().to_vec() };
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("in");
        std::fs::create_dir(&folder).unwrap();
        unpack(Cursor::new(pack(&[file("a.csv"), file("b/c.csv")]).unwrap()), &folder).unwrap();
        assert_eq!(std::fs::read(folder.join("b/c.csv")).unwrap(), b"b/c.csv");
        for name in ["../out.csv", "/out.csv", "b/../../out.csv"] {
            assert!(unpack(Cursor::new(pack(&[file(name)]).unwrap()), &folder).is_err(), "{name}");
        }
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
        assert!(unpack(Cursor::new(b"no zip".to_vec()), &folder).is_err());
    }
}
