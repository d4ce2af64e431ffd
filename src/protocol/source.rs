//! The text of a TOML file: where a value stands, and what it is in a message.

use std::fmt;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use crate::sheet::Location;

/// A TOML file being read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) file: Arc<str>,
    /// The offset at which each line ends.
    ends: Vec<usize>,
}

impl Source {
    pub(super) fn new(file: &str, text: &str) -> Self {
        Self { file: file.into(), ends: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// The line of a byte offset.
    pub(super) fn line(&self, offset: usize) -> Location {
        let before = self.ends.partition_point(|&end| end < offset);
        Location::line(self.file.clone(), before as u32 + 1)
    }
}

/// A value as it stands in the file.
pub(super) type TomlValue<'a> = &'a Spanned<DeValue<'a>>;

/// A number; its kind is told by nobody who writes 1 or 1.0.
pub(super) fn as_number(value: &DeValue<'_>) -> Option<f64> {
    let text = match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        _ => return None,
    };
    text.parse().ok()
}

/// The known name that is nearly the one given.
pub(super) fn nearest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    known
        .iter()
        .map(|&candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A value in a message, in a few words.
pub(super) struct ShownValue<'v>(pub(super) &'v DeValue<'v>);

impl fmt::Display for ShownValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DeValue::String(text) => write!(f, "\"{text}\""),
            DeValue::Integer(number) => f.write_str(number.as_str()),
            DeValue::Float(number) => f.write_str(number.as_str()),
            DeValue::Boolean(value) => value.fmt(f),
            DeValue::Datetime(value) => value.fmt(f),
            other => write!(f, "(a {})", other.type_str()),
        }
    }
}
