//! Reads a TOML file by its top level.

use toml::de::DeTable;

use super::section::Section;
use super::source::Source;
use crate::sheet::{Code, Location, Problem, Problems};

/// Reads a whole TOML text, called `file` in messages, by its top level.
///
/// # Errors
/// Every problem that `read` found, and every key that it did not ask for; only what is not TOML where the text is not.
pub(crate) fn read_toml<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&mut Section<'_>, &mut Problems) -> T,
) -> Result<T, Problems> {
    let source = Source::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems = Problems::default();
    for error in &errors {
        let at = error.span().map_or_else(|| Location::file(file), |span| source.line(span.start));
        let start = error.span().map_or(0, |span| span.start);
        let (before, after) = (text.get(..start).unwrap_or_default(), text.get(start..).unwrap_or_default());
        let whole = [before.rsplit('\n').next(), after.split('\n').next()].into_iter().flatten();
        let line: String = whole.collect();
        problems.push(Problem::new(Code::new("toml-syntax"), at, error.message().trim()).advice(not_toml(&line)));
    }
    if !errors.is_empty() {
        return Err(problems);
    }
    let mut root = Section::root(&source, table.get_ref());
    let value = read(&mut root, &mut problems);
    root.finish(&mut problems);
    problems.or(value)
}

/// What to do about a line that is not TOML: the mistakes of people who do not write it every day.
fn not_toml(line: &str) -> &'static str {
    let value = line.split_once('=').map_or(line, |(_, value)| value);
    let word = value.split('#').next().unwrap_or_default().trim();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let comma = |(one, other): (&str, &str)| digit(one.chars().last()) && digit(other.chars().next());
    if value.contains(['“', '”', '„', '‘', '’', '«', '»']) {
        "A word processor changed the quotation marks: write the straight ones, \""
    } else if value.contains('\\') {
        "Write paths with forward slashes, as in \"exports/P01.csv\""
    } else if !word.starts_with(['[', '"']) && word.split_once(',').is_some_and(comma) {
        "Write the decimal point as '.'"
    } else if ["yes", "no", "on", "off"].contains(&word.to_lowercase().as_str()) {
        "Write true or false"
    } else {
        "This is not valid TOML (https://toml.io): texts stand between quotation marks, numbers do not"
    }
}
