//! A folder of simulated files on disk. Nothing that somebody else put there is ever overwritten or removed: a list in the
//! folder says which files are ours.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::files::File;

/// The list of the files that `platewise simulate` made in a folder.
pub const LIST: &str = ".simulated";

/// Why a folder was not written.
///
/// ```
/// use platewise::simulate::folder::{FolderError, check};
///
/// // The folder of this very program is not empty, and not ours to write into.
/// let error = check(std::path::Path::new("src"), &[], false).unwrap_err();
/// assert!(matches!(error, FolderError::NotEmpty(_)));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something is there already.
    #[error(
        "{0} is there already and is not empty; choose another folder, or say --replace if `platewise simulate` made it"
    )]
    NotEmpty(PathBuf),
    /// It was to be replaced, and is not ours.
    #[error(
        "{0} was not made by `platewise simulate` (there is no file {LIST} in it), so it is not replaced; choose another folder"
    )]
    NotOurs(PathBuf),
    /// A new file would overwrite one that is not ours.
    #[error("{0} was not made by `platewise simulate`, and a new file has this name; move it away")]
    InTheWay(PathBuf),
    /// By the operating system.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
}

/// Whether `files` may be written into `folder`: it is new or empty, or, with `replace`, holds an earlier simulation. Answers
/// with what is ours in it.
///
/// # Errors
/// When the folder is not empty, or not ours, or something that is not ours has a name of the new files.
pub fn check(folder: &Path, files: &[File], replace: bool) -> Result<BTreeSet<String>, FolderError> {
    let ours = earlier(folder, replace)?;
    match files.iter().find(|file| folder.join(&file.path).exists() && !ours.contains(&file.path)) {
        Some(file) => Err(FolderError::InTheWay(folder.join(&file.path))),
        None => Ok(ours),
    }
}

/// Writes `files` into `folder`; with `replace`, the files of an earlier simulation are removed, and no others. The files
/// appear together: they are written beside the folder first and then moved.
///
/// # Errors
/// As [`check`], and when the folder cannot be written.
pub fn write(folder: &Path, files: &[File], replace: bool) -> Result<(), FolderError> {
    let ours = check(folder, files, replace)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let done = write_all(&beside, files).and_then(|()| exchange(folder, &beside, files, &ours));
    // Whatever happened, nothing is left beside the folder; the error worth telling is the first.
    let removed = fs::remove_dir_all(&beside);
    done.and(removed.map_err(|error| FolderError::Io(beside, error)))
}

/// The files of an earlier simulation in the folder.
fn earlier(folder: &Path, replace: bool) -> Result<BTreeSet<String>, FolderError> {
    let empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(FolderError::Io(folder.to_path_buf(), error)),
    };
    if empty {
        return Ok(BTreeSet::new());
    }
    if !replace {
        return Err(FolderError::NotEmpty(folder.to_path_buf()));
    }
    match fs::read_to_string(folder.join(LIST)) {
        Ok(list) => Ok(list.lines().filter(|line| is_inside(line)).chain([LIST]).map(str::to_string).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FolderError::NotOurs(folder.to_path_buf())),
        Err(error) => Err(FolderError::Io(folder.join(LIST), error)),
    }
}

/// Whether a path stays in the folder, whoever wrote it into the list.
fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn write_all(folder: &Path, files: &[File]) -> Result<(), FolderError> {
    let list: String = files.iter().map(|file| format!("{}\n", file.path)).collect();
    let list = File { path: LIST.to_string(), bytes: list.into_bytes() };
    for file in files.iter().chain([&list]) {
        let path = folder.join(&file.path);
        let written = fs::create_dir_all(path.parent().unwrap_or(folder)).and_then(|()| fs::write(&path, &file.bytes));
        written.map_err(|error| FolderError::Io(path, error))?;
    }
    Ok(())
}

/// Removes what is ours, and moves the new files in.
fn exchange(folder: &Path, beside: &Path, files: &[File], ours: &BTreeSet<String>) -> Result<(), FolderError> {
    for path in ours.iter().map(|path| folder.join(path)).filter(|path| path.is_file()) {
        fs::remove_file(&path).map_err(|error| FolderError::Io(path, error))?;
    }
    for path in files.iter().map(|file| file.path.as_str()).chain([LIST]) {
        let to = folder.join(path);
        let moved = fs::create_dir_all(to.parent().unwrap_or(folder)).and_then(|()| fs::rename(beside.join(path), &to));
        moved.map_err(|error| FolderError::Io(to, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> File {
        File { path: path.to_string(), bytes: content.as_bytes().to_vec() }
    }

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_folder_holds_the_files_and_nothing_is_left_beside_it() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("study");
        write(&folder, &[file("a.csv", "1"), file("sub/b.csv", "2")], false).unwrap();
        assert_eq!(entries(&folder), [LIST, "a.csv", "sub"]);
        assert_eq!(fs::read_to_string(folder.join("sub/b.csv")).unwrap(), "2");
        assert_eq!(entries(temporary.path()), ["study"]);
    }

    #[test]
    fn what_somebody_else_put_there_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("study");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        let files = [file("a.csv", "1")];
        assert!(matches!(write(&folder, &files, false), Err(FolderError::NotEmpty(_))));
        assert!(matches!(write(&folder, &files, true), Err(FolderError::NotOurs(_))));
        assert_eq!(entries(&folder), ["notes.txt"]);
    }

    #[test]
    fn a_replacement_removes_what_was_made_before_and_nothing_else() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("study");
        let outside = temporary.path().join("outside.txt");
        fs::write(&outside, "mine").unwrap();
        write(&folder, &[file("a.csv", "1"), file("b.csv", "2")], false).unwrap();
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        // A list that somebody has tampered with does not lead out of the folder.
        let list = fs::read_to_string(folder.join(LIST)).unwrap();
        fs::write(folder.join(LIST), list + "../outside.txt\n").unwrap();

        assert!(matches!(write(&folder, &[file("c.csv", "3")], false), Err(FolderError::NotEmpty(_))));
        assert!(matches!(write(&folder, &[file("notes.txt", "3")], true), Err(FolderError::InTheWay(_))));
        write(&folder, &[file("a.csv", "new"), file("c.csv", "3")], true).unwrap();
        assert_eq!(entries(&folder), [LIST, "a.csv", "c.csv", "notes.txt"]);
        assert_eq!(fs::read_to_string(folder.join("a.csv")).unwrap(), "new");
        assert_eq!(fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine");
        assert!(outside.exists());
    }
}
