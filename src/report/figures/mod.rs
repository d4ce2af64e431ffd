//! The figures of a study: from results to the plain structs that are drawn.

mod analytes;
mod charts;
mod clinical;
mod comparison;
mod missing_data;
mod named;
mod plates;
mod robustness;

pub use analytes::of_analytes;
pub use charts::{charts_of_curves, control_charts};
pub use clinical::of_clinical;
pub use comparison::of_comparison;
pub use missing_data::of_missing_data;
pub use named::NamedFigure;
pub(super) use named::plate_stems;
pub(super) use plates::names_of_plate;
pub use plates::{PlateFigures, ResponseScale, curve_and_before, curve_subtitle, map_of, of_plate};
pub use robustness::of_robustness;
