//! What a table is: columns with their units and meanings, and rows of cells.

use std::borrow::Cow;

use super::cell::Cell;

/// A table with its columns explained.
///
/// ```
/// use platewise::report::csv;
/// use platewise::report::table::{Cell, ColumnHead, Table, Unit};
///
/// let column = |name: &'static str| ColumnHead { name: name.into(), unit: Unit::One, meaning: "".into() };
/// let table = Table {
///     name: "results",
///     about: "one sample",
///     columns: vec![column("sample"), column("reported")],
///     rows: vec![vec![Cell::from("=1+1"), Cell::from(12.5)]],
/// };
/// // Nothing that a spreadsheet program would run.
/// assert_eq!(csv::write(&table)?, b"sample,reported\n'=1+1,12.5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of its file and sheet.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// Its columns.
    pub columns: Vec<ColumnHead>,
    /// Its rows, as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// What the numbers of a column are in.
///
/// ```
/// use platewise::report::table::Unit;
/// assert_eq!([Unit::Study, Unit::Percent, Unit::One].map(|unit| unit.shown("ng/mL")), [Some("ng/mL"), Some("%"), None]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nothing: texts, counts, ratios, responses.
    One,
    /// The unit of the study's concentrations, which the column `unit` repeats.
    Study,
    /// The same where it is part of the analyte's name, CDISC's PARAM.
    Param,
    /// Percent.
    Percent,
}

impl Unit {
    /// As it is written, where the concentrations of the study are in `study`; `None` where there is none.
    pub fn shown(self, study: &str) -> Option<&str> {
        match self {
            Self::One => None,
            Self::Study | Self::Param => Some(study),
            Self::Percent => Some("%"),
        }
    }
}

/// Name, unit and meaning of a column.
///
/// ```
/// use platewise::report::table::{ColumnHead, Unit};
///
/// let head = ColumnHead { name: "lloq".into(), unit: Unit::Study, meaning: "lower limit of quantification, in `unit`".into() };
/// assert_eq!(head.heading("pg/mL"), "lloq (pg/mL)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnHead {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The unit of its numbers.
    pub unit: Unit,
    /// What it holds, with its unit.
    pub meaning: Cow<'static, str>,
}

impl ColumnHead {
    /// Its name with its unit, where the concentrations of the study are in `study`: in a sheet, the columns `unit` and PARAM are
    /// far away. A name that says percent is not told so twice.
    pub fn heading(&self, study: &str) -> String {
        let said = self.unit == Unit::Percent && self.name.contains("percent");
        match self.unit.shown(study).filter(|_| !said) {
            Some(unit) => format!("{} ({unit})", self.name),
            None => self.name.to_string(),
        }
    }
}

/// The columns that say whose a sample is, and of which study.
pub(in crate::report) const OF_THE_TRIAL: [&str; 4] = ["study", "subject", "visit", "week"];
