//! `[report]`: how the results are shown.

use serde::Serialize;

use super::section::Section;
use crate::sheet::Problems;

/// `[report]`: how the results are shown. It changes no number.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!(protocol.report.scale, platewise::protocol::Scale::Shared);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct ReportSettings {
    /// Which responses the picture of a standard curve holds.
    pub scale: Scale,
}

/// The response axis of the pictures of standard curves.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!(protocol.report.scale, platewise::protocol::Scale::Shared, "plates can be compared by eye");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// One scale over all plates, so that they can be compared by eye.
    Shared,
    /// Each plate its own, so that a plate with low responses fills its picture.
    Own,
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> ReportSettings {
    let settings =
        ReportSettings { scale: section.choice("scale", &[("shared", Scale::Shared), ("own", Scale::Own)], problems) };
    section.finish(problems);
    settings
}
