//! The files of a run, written whole or not at all.
//!
//! Everything is written into a fresh folder beside the wanted one, which then takes its place by renaming. A results folder
//! of ours is replaced; a folder with anything else in it is refused, and nothing is touched.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names the files that a run wrote into its folder; by it we know a folder of ours.
pub const CONTENTS: &str = "contents.txt";

/// Why the files were not written. The folder is then as it was.
///
/// ```
/// use platewise::report::output::{OutputError, write};
///
/// let folder = std::env::temp_dir().join(format!("platewise-foreign-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// std::fs::write(folder.join("notes.txt"), "mine").unwrap();
/// assert!(matches!(write(&folder, &[]), Err(OutputError::Foreign { names, .. }) if names == ["notes.txt"]));
/// # std::fs::remove_dir_all(&folder).ok();
/// ```
#[derive(Debug, thiserror::Error)]
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
    /// The system refused.
    #[error("cannot write {}: {cause}; nothing was written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// A file of a run: its path in the folder, and its bytes.
///
/// ```
/// use platewise::report::output::{OutputFile, write};
///
/// let folder = std::env::temp_dir().join(format!("platewise-output-{}", std::process::id()));
/// let file = OutputFile { name: "figures/P01.svg".into(), bytes: b"<svg/>".to_vec() };
/// assert_eq!(write(&folder, &[file])?, [folder.join("figures/P01.svg")]);
/// # std::fs::remove_dir_all(&folder).ok();
/// # Ok::<(), platewise::report::OutputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Path in the folder, with forward slashes, such as `figures/P01_curve.svg`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Writes the files as the content of `folder`, all or none; gives their paths.
///
/// # Errors
/// When the folder holds files of somebody else, or the system refuses. Nothing has changed then.
pub fn write(folder: &Path, files: &[OutputFile]) -> Result<Vec<PathBuf>, OutputError> {
    // `.`, `results/..` and links become the folder that they mean: it is renamed, so it has to have a name.
    let place = if folder.exists() { fs::canonicalize(folder) } else { std::path::absolute(folder) };
    let place = place.map_err(|cause| failed(folder, cause))?;
    if place.is_file() {
        return Err(failed(&place, io::Error::other("it is a file; name a folder")));
    }
    write_to(&place, files)?;
    Ok(files.iter().map(|file| folder.join(&file.name)).collect())
}

fn write_to(folder: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    let foreign = foreign_files(folder).map_err(|cause| failed(folder, cause))?;
    if !foreign.is_empty() {
        return Err(OutputError::Foreign { folder: folder.to_path_buf(), names: foreign });
    }
    let fresh = sibling(folder, "new");
    remove(&fresh).map_err(|cause| failed(&fresh, cause))?;
    if let Err(error) = fill(&fresh, files) {
        // The first failure is what the user needs to know; a folder left behind is overwritten by the next run.
        let _ = remove(&fresh);
        return Err(error);
    }
    replace(folder, &fresh)
}

fn failed(path: &Path, cause: io::Error) -> OutputError {
    OutputError::Io { path: path.to_path_buf(), cause }
}

/// `results` → `.results.new`, in the same folder, so that renaming stays on one file system.
fn sibling(folder: &Path, ending: &str) -> PathBuf {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_else(|| "results".into());
    folder.with_file_name(format!(".{name}.{ending}"))
}

fn fill(fresh: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    let mut names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    names.push(CONTENTS);
    names.sort_unstable();
    let contents = OutputFile { name: CONTENTS.into(), bytes: (names.join("\n") + "\n").into_bytes() };
    for file in files.iter().chain([&contents]) {
        let path = fresh.join(&file.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|cause| failed(parent, cause))?;
        }
        fs::write(&path, &file.bytes).map_err(|cause| failed(&path, cause))?;
    }
    Ok(())
}

/// Puts the fresh folder in the place of the old one; puts the old one back where that fails.
fn replace(folder: &Path, fresh: &Path) -> Result<(), OutputError> {
    let old = sibling(folder, "old");
    remove(&old).map_err(|cause| failed(&old, cause))?;
    let there = folder.exists();
    if there {
        fs::rename(folder, &old).map_err(|cause| failed(folder, cause))?;
    }
    if let Err(cause) = fs::rename(fresh, folder) {
        if there {
            // If even this fails, the old results are in the `.old` folder, whole.
            let _ = fs::rename(&old, folder);
        }
        let _ = remove(fresh);
        return Err(failed(folder, cause));
    }
    // The new results are in place; an old folder that cannot be removed now is removed by the next run.
    let _ = remove(&old);
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What file managers leave behind in any folder.
const DROPPINGS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// What is in the folder and not on its list of contents, at most ten names. An empty or missing folder has none.
fn foreign_files(folder: &Path) -> io::Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let listed: BTreeSet<String> = match fs::read_to_string(folder.join(CONTENTS)) {
        Ok(text) => text.lines().map(str::to_string).collect(),
        Err(_) => BTreeSet::new(),
    };
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort();
    let mut foreign: Vec<String> = found.into_iter().filter(|name| !listed.contains(name) && !dropping(name)).collect();
    if foreign.len() > 10 {
        let more = foreign.len() - 10;
        foreign.truncate(10);
        foreign.push(format!("and {more} more"));
    }
    Ok(foreign)
}

fn dropping(name: &str) -> bool {
    DROPPINGS.contains(&name.rsplit('/').next().unwrap_or(name))
}

/// Every file below a folder, by its path with forward slashes. A link counts as a file and is not followed.
fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.push(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> OutputFile {
        OutputFile { name: name.into(), bytes: text.into() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        collect(folder, "", &mut found).unwrap();
        found.sort();
        found
    }

    #[test]
    fn a_folder_of_ours_is_replaced_whole() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("deep/results");
        write(&folder, &[file("a.csv", "1"), file("figures/x.svg", "2")]).unwrap();
        assert_eq!(names(&folder), ["a.csv", CONTENTS, "figures/x.svg"]);
        fs::write(folder.join("figures/.DS_Store"), "").unwrap();
        let written = write(&folder, &[file("b.csv", "3")]).unwrap();
        assert_eq!(written, [folder.join("b.csv")]);
        assert_eq!(names(&folder), ["b.csv", CONTENTS]);
        assert_eq!(
            names(place.path()),
            ["deep/results/b.csv", &format!("deep/results/{CONTENTS}")],
            "nothing beside it"
        );
    }

    #[test]
    fn a_folder_with_files_of_somebody_else_is_refused_and_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("results");
        write(&folder, &[file("a.csv", "1")]).unwrap();
        fs::write(folder.join("notes.docx"), "mine").unwrap();
        let error = write(&folder, &[file("a.csv", "2")]).unwrap_err().to_string();
        assert!(error.contains("notes.docx") && error.contains("nothing was written"), "{error}");
        assert_eq!(fs::read_to_string(folder.join("a.csv")).unwrap(), "1");
        assert_eq!(names(place.path()).len(), 3);
    }

    #[test]
    fn a_failure_half_way_leaves_the_old_results() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("results");
        write(&folder, &[file("a.csv", "1")]).unwrap();
        // A file where a folder is wanted: the second file cannot be written.
        let error = write(&folder, &[file("figures", "2"), file("figures/x.svg", "3")]).unwrap_err();
        assert!(matches!(error, OutputError::Io { .. }));
        assert_eq!(names(place.path()), ["results/a.csv", &format!("results/{CONTENTS}")]);
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_not_overwritten() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("results");
        fs::write(&folder, "mine").unwrap();
        assert!(write(&folder, &[file("a.csv", "1")]).is_err());
        assert_eq!(fs::read_to_string(&folder).unwrap(), "mine");
    }
}
