//! The text of a study file.

use std::io;
use std::path::Path;

use crate::files::{InputFolder, NotAnInput};
use crate::sheet::mistakes::unreadable;
use crate::sheet::plain_file::NotRead;
use crate::sheet::{Code, Location, Problem, Problems};

/// The name of the study file in a study folder.
pub const STUDY_FILE: &str = "study.toml";

/// The text of a study file.
pub(super) fn text_of(study: &InputFolder, path: &Path) -> Result<String, Problems> {
    let folder = study.path();
    if folder.is_file() {
        return Err(Problem::new(
            Code::new("study-is-a-file"),
            Location::file(folder.display().to_string()),
            "is a file",
        )
        .expected("a study folder with a study.toml in it")
        .advice("Name the folder, not the file")
        .into());
    }
    let at = Location::file(folder.join(path).display().to_string());
    let input = study.try_read(path).map_err(|error| match error {
        NotAnInput::NotRead(NotRead::System(error)) => no_study(folder, at.clone(), &error),
        other => study.problem(path, &other),
    })?;
    utf8(&input.bytes, &at).map(str::to_string)
}

/// The bytes as text.
pub(super) fn utf8<'b>(bytes: &'b [u8], at: &Location) -> Result<&'b str, Problems> {
    std::str::from_utf8(bytes).map_err(|_| {
        Problem::new(Code::new("study-not-utf8"), at.clone(), "is not a text in UTF-8")
            .expected("plain text in UTF-8")
            .advice("Open it in an editor, and save it as plain text with the encoding UTF-8 (not 'Unicode' or UTF-16)")
            .into()
    })
}

fn no_study(folder: &Path, at: Location, error: &io::Error) -> Problem {
    let above = folder.join("..");
    let advice = if error.kind() == io::ErrorKind::NotFound && above.join(STUDY_FILE).is_file() {
        format!("The folder above it is one: name {}", above.display())
    } else {
        "`platewise init DIR` makes a study folder to begin with".to_string()
    };
    Problem::new(Code::new("study-missing"), at, unreadable(error))
        .expected("a study folder with a study.toml in it")
        .advice(advice)
}

/// A text as `study.toml` writes it, in quotes.
///
/// ```
/// assert_eq!(platewise::protocol::quoted("Plate 1"), "\"Plate 1\"");
/// ```
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
