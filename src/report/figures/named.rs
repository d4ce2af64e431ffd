//! A figure with the name of its files.

use crate::files::file_name;
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

/// What the names of a plate's files begin with.
pub(in crate::report) fn plate_file(report: &StudyReport<'_>, id: &str) -> String {
    let ids: Vec<&str> = report.plates.iter().map(|plate| plate.id.as_str()).collect();
    file_name(&ids, ids.iter().position(|known| *known == id).unwrap_or_default())
}
