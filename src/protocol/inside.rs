//! A study holds everything that its result depends on: the way from a path of `study.toml` to a file in the folder.

use std::path::{Path, PathBuf};

use crate::sheet::mistakes::unreadable;
use crate::sheet::{Location, Problem};

/// `path` inside `folder`, after every symbolic link: what is opened may not stand outside the study either.
///
/// # Errors
/// When it cannot be found, or leads out of the folder.
pub fn inside(folder: &Path, path: &Path) -> Result<PathBuf, Problem> {
    let name = path.display().to_string();
    let full = folder.join(path);
    if path.file_name().is_some_and(|file| file.to_string_lossy().starts_with("~$")) {
        return Err(Problem::new(Location::file(name), "is what a spreadsheet program keeps beside an open workbook")
            .expected("the workbook itself")
            .advice("Write its name without ~$ in study.toml"));
    }
    let missing = |error: std::io::Error| {
        let problem = Problem::new(Location::file(name.as_str()), unreadable(&error))
            .expected(format!("a file of the study folder {}", folder.display()));
        match otherwise_spelt(&full) {
            Some(other) => problem.advice(format!(
                "There is '{other}': upper and lower case differ. Write the name of the file in study.toml as it is"
            )),
            None => problem.advice("Put the file there, or correct its path in study.toml"),
        }
    };
    let real = full.canonicalize().map_err(missing)?;
    let root = folder.canonicalize().map_err(missing)?;
    if real.starts_with(&root) {
        return Ok(full);
    }
    Err(Problem::new(Location::file(name.as_str()), "is a link that leads out of the study folder")
        .expected("a file inside the study folder")
        .advice("Copy the file into the study folder"))
}

/// The file beside a missing one whose name differs from it in upper and lower case only.
fn otherwise_spelt(missing: &Path) -> Option<String> {
    let wanted = missing.file_name()?.to_string_lossy().to_lowercase();
    let names = std::fs::read_dir(missing.parent()?).ok()?.flatten();
    let mut names: Vec<String> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.into_iter().find(|name| name.to_lowercase() == wanted)
}
