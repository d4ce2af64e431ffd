//! Texts as the formats see them.

use platewise::plate::formats;
use platewise::plate::read::Export;
use platewise::sheet::{Book, Problems};

/// What is made of a text that some format knows, with what is wrong in it.
pub(crate) fn examine(text: &str) -> (Export, Problems) {
    formats::examine(&Book::from_bytes(text.as_bytes(), "file").unwrap(), None)
        .unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}
