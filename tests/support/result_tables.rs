//! The tables of a results folder.

use std::collections::BTreeMap;
use std::path::Path;

/// A row by its columns.
pub(crate) type Row = BTreeMap<String, String>;

/// The rows of a table.
pub(crate) fn table(folder: &Path, name: &str) -> Vec<Row> {
    csv::Reader::from_path(folder.join(name)).unwrap().deserialize().map(|row| row.unwrap()).collect()
}
