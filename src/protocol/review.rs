//! `[review]`: who may review and approve plates.

use serde::Serialize;

use super::section::Section;
use crate::sheet::Problems;

/// `[review]`: what the laboratory asks of a review.
///
/// ```
/// let assay = platewise::protocol::Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[review]\nsecond_person=true")?;
/// assert!(assay.review.second_person);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReviewSettings {
    /// Whether a plate is reviewed and approved by somebody other than who excluded something of it.
    pub second_person: bool,
}

/// Reads the section.
pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> ReviewSettings {
    let settings = ReviewSettings { second_person: section.flag("second_person", problems) };
    section.finish(problems);
    settings
}
