//! A finished page.

use crate::files::OutputFile;

/// A page: `report.html`, or that of one plate of a large study.
///
/// ```
/// use platewise::report::page::Page;
/// let page = Page { name: "plates/P01.html".into(), html: "<!DOCTYPE html>…".into() };
/// assert!(page.name.ends_with(".html"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Path in the folder of the results, with forward slashes.
    pub name: String,
    /// The whole page.
    pub html: String,
}

impl From<Page> for OutputFile {
    fn from(page: Page) -> Self {
        Self { name: page.name, bytes: page.html.into_bytes() }
    }
}
