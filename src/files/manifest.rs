//! `manifest-sha256.txt`: every file of a folder with the SHA-256 of its bytes, in the form of a BagIt manifest (RFC 8493) and of
//! `sha256sum`. By it a folder of ours is known, and its files are the only ones that are ever replaced or removed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path};

use super::hash::sha256;
use super::output_file::OutputFile;
use crate::sheet::plain_file;

/// The name of the manifest in a folder.
pub const MANIFEST: &str = "manifest-sha256.txt";

/// The list of files that versions before the manifest left in a folder.
const EARLIER_LIST: &str = "contents.txt";

/// What file managers leave behind in any folder.
const DROPPINGS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// The manifest of some files.
pub(super) fn of(files: &[OutputFile]) -> Vec<u8> {
    let sums: BTreeMap<&str, String> = files.iter().map(|file| (file.name.as_str(), sha256(&file.bytes))).collect();
    sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect::<String>().into_bytes()
}

/// The files of a folder by its manifest, each with the SHA-256 of its bytes.
///
/// ```
/// let folder = std::env::temp_dir().join(format!("platewise-listed-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// std::fs::write(folder.join(platewise::files::MANIFEST), "ba7816bf  figures/P01.svg\n")?;
/// assert_eq!(platewise::files::read_manifest(&folder)?["figures/P01.svg"], "ba7816bf");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When there is no manifest that can be read.
pub fn read_manifest(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let text = plain_file::read_text(&folder.join(MANIFEST))?;
    let pairs = text.lines().filter_map(|line| line.split_once("  "));
    Ok(pairs.filter(|(_, name)| is_inside(name)).map(|(sum, name)| (name.to_string(), sum.to_string())).collect())
}

/// The names of the files in a folder, in order; none where there is no such folder.
///
/// ```
/// assert!(platewise::files::names_in(std::path::Path::new("src"))?.contains(&"lib.rs".to_string()));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The files that the folder's manifest names, itself among them. Names that lead out of the folder, whoever wrote them, are none.
pub(super) fn listed(folder: &Path) -> Vec<String> {
    if let Ok(text) = fs::read_to_string(folder.join(MANIFEST)) {
        let names = text.lines().filter_map(|line| Some(line.split_once("  ")?.1.to_string()));
        return names.filter(|name| is_inside(name)).chain([MANIFEST.to_string()]).collect();
    }
    let text = fs::read_to_string(folder.join(EARLIER_LIST)).unwrap_or_default();
    text.lines().map(str::to_string).filter(|name| is_inside(name)).collect()
}

/// Whether a path stays in the folder that it begins in.
///
/// ```
/// use platewise::files::is_inside;
/// assert!(is_inside("exports/P01.txt") && !is_inside("../P01.txt") && !is_inside("/etc/hosts"));
/// ```
pub fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Whether a file was left by a file manager.
pub(super) fn is_dropping(name: &str) -> bool {
    DROPPINGS.contains(&name.rsplit('/').next().unwrap_or(name))
}

/// Every file below a folder, by its path with forward slashes, and every folder, the innermost first. A link counts as a file
/// and is not followed.
pub(super) fn content(folder: &Path) -> io::Result<(Vec<String>, Vec<String>)> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    collect(folder, "", &mut files, &mut folders)?;
    files.sort();
    Ok((files, folders))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>, folders: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files, folders)?;
            folders.push(name);
        } else {
            files.push(name);
        }
    }
    Ok(())
}
