//! A part of the paragraph that answers.

use serde::Serialize;

/// A part of the paragraph, to be copied by itself.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParagraphPart {
    /// What it is about.
    pub title: &'static str,
    /// Whole sentences.
    pub text: String,
}

/// A clause as it begins a sentence.
pub(crate) fn capitalised(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
