//! The figures of a study: from results to the plain structs that are drawn.

mod analytes;
mod charts;
mod clinical;
mod comparison;
mod missing_data;
mod plates;
mod robustness;

use super::StudyReport;
use super::figure::Figure;
use crate::files::file_names;

pub use analytes::of_analytes;
pub use charts::{charts_of_curves, control_charts};
pub use clinical::of_clinical;
pub use comparison::of_comparison;
pub use missing_data::of_missing_data;
pub(super) use plates::names_of_plate;
pub use plates::{PlateFigures, ResponseScale, curve_and_before, of_plate};
pub(crate) use plates::{curve_subtitle, map_of};
pub use robustness::of_robustness;

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
pub(super) fn plate_stems(report: &StudyReport<'_>) -> Vec<String> {
    let ids: Vec<&str> = report.plates.iter().map(|plate| plate.id.as_str()).collect();
    file_names(&ids)
}
