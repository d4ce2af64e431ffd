//! What people see of the results: figures, tables, the page, the workbook. Shows numbers; makes none.

pub mod figure;
