//! Pictures of results. Each kind takes a small plain struct and gives a [`Figure`].
//!
//! One drawing path: plotters draws into a canvas of ours; the canvas is written as SVG; the PNG is that very SVG, rendered.
//! The same input gives the same bytes on every machine.
//!
//! ```
//! use platewise::report::figure::{CurvePoint, StandardCurveFigure, standard_curve};
//!
//! let figure = standard_curve(&StandardCurveFigure {
//!     title: "Plate P01".into(),
//!     unit: "pg/mL".into(),
//!     response: "Response (OD, 450 nm)".into(),
//!     points: vec![CurvePoint::used(0.0, 0.05), CurvePoint::used(31.25, 0.11), CurvePoint::used(2000.0, 2.4)],
//!     line: vec![(31.25, 0.11), (2000.0, 2.4)],
//!     ..StandardCurveFigure::default()
//! });
//! assert!(figure.svg().contains("<title>Plate P01</title>"));
//! ```

mod arm_style;
mod axis;
mod canvas;
mod change;
mod control_chart;
mod finished;
mod font;
mod flow;
mod forest;
mod heat_map;
mod layout;
mod lines;
mod means;
mod panel;
mod percent_change;
mod plate_map;
mod raster;
mod ratio_rows;
mod recovery;
mod scatter;
mod sensitivity;
mod standard_curve;
mod style;
mod svg;
mod texts;
mod tipping;
mod waterfall;
pub mod palette;

pub use change::{ChangeArm, ChangeFigure, SubjectRatio, change};
pub use control_chart::{ControlChartFigure, ControlPlate, control_chart};
pub use finished::{Figure, FigureError};
pub use flow::{FlowArm, FlowBox, FlowFigure, flow};
pub use forest::{ForestFigure, ForestRow, forest};
pub use heat_map::{HeatMapCell, HeatMapFigure, HeatMapRow, heat_map};
pub use layout::{FigureLayout, PrintWidth};
pub use lines::{LineValue, LinesArm, LinesFigure, SubjectLine, lines};
pub use means::{MeansArm, MeansFigure, means};
pub use percent_change::{PercentChangeArm, PercentChangeFigure, PercentChangeVisit, QuantileBounds, percent_change};
pub use plate_map::{MapFlag, MapRole, MapWell, PlateMapFigure, plate_map};
pub use recovery::{RecoveryFigure, RecoveryLevel, recovery};
pub use scatter::{ScatterArm, ScatterFigure, ScatterPoint, scatter};
pub use sensitivity::{SensitivityFigure, SensitivityRow, sensitivity};
pub use standard_curve::{BandPoint, CurveBeside, CurvePoint, Residuals, Spacing, StandardCurveFigure, standard_curve};
pub(crate) use style::Styles;
pub use texts::Texts;
pub use tipping::{TippingFigure, tipping};
pub use waterfall::{WaterfallFigure, waterfall};
