//! Cells and where they stand: every spreadsheet or text file that comes in becomes a [`Book`] of located cells.
//!
//! Ground floor: knows nothing of plates. A cell keeps what was written; it is never turned into another kind of value here.

mod book;
mod cell;
mod characters;
mod container;
mod date;
pub mod isolated;
pub mod limits;
pub mod location;
pub mod mistakes;
pub mod number;
mod ods_matrices;
mod open;
mod parts;
pub mod plain_file;
mod problem;
pub mod saved;
pub mod table;
mod text;
mod workbook;
pub mod number_notation;
mod xls_formulas;
mod xlsx;

pub use book::{Book, Sheet};
pub use cell::Value;
pub use characters::has_controls;
pub use date::{Day, WrittenDate};
pub use location::{Location, Place};
pub use number::Decimal;
pub use number_notation::NumberNotation;
pub use problem::{Code, Problem, Problems};
pub use table::Table;
