//! Plates: what a reader wrote, and what a laboratory put into each well.

pub mod acquisition;
pub mod answers;
pub mod named_series;
pub mod assay;
mod choose;
pub mod declared;
pub mod dilution;
pub mod layout;
mod layout_forms;
mod layout_grid;
mod extra_columns;
mod layout_analytes;
mod layout_cell;
mod layout_map;
mod layout_quadrants;
mod layout_role;
mod layout_series;
mod layout_words;
pub mod own_results;
pub mod read;
pub mod reading;
pub mod samples;
pub mod storage;
pub mod formats;
pub mod well;
mod words;

pub use acquisition::Acquisition;
pub use assay::{AssayPlate, AssayWell, Excluded};
pub use layout::{Layout, LayoutWell, WellRole};
pub use read::{Export, ExportKind, ExportedPlate, ExportedSample, Mode, PlateRead};
pub use reading::Reading;
pub use samples::{Purpose, Sample, SampleList};
pub use storage::{Age, Handling, Storage};
pub use well::{PlateSize, WellPosition};
