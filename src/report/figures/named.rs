//! A figure with the name of its files.

use crate::files::file_names;
use crate::report::StudyReport;
use crate::report::figure::Figure;

/// A figure with the name of its files.
///
/// ```
/// use platewise::report::figure::{RecoveryFigure, recovery};
/// use platewise::report::figures::NamedFigure;
///
/// let named = NamedFigure { name: "P01_standards".into(), figure: recovery(&RecoveryFigure::default()) };
/// assert_eq!(format!("figures/{}.svg", named.name), "figures/P01_standards.svg");
/// ```
#[derive(Debug)]
pub struct NamedFigure {
    /// Name without ending, such as `P01_curve`.
    pub name: String,
    /// The picture.
    pub figure: Figure,
}

/// What the names of the files of each plate begin with, in the order of the plates.
pub(in crate::report) fn plate_stems(report: &StudyReport<'_>) -> Vec<String> {
    let ids: Vec<&str> = report.plates.iter().map(|plate| plate.id.as_str()).collect();
    file_names(&ids)
}
