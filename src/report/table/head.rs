//! What a table is: columns with their units and meanings, and rows of cells.

use std::borrow::Cow;

use super::cell::Cell;
use crate::report::StudyReport;

/// A table with its columns explained.
///
/// ```
/// use platewise::report::csv;
/// use platewise::report::table::{Cell, Column, ReportTable};
///
/// let table = ReportTable {
///     name: "results",
///     about: "one sample",
///     columns: vec![Column::new("sample", "the sample"), Column::new("reported", "its result")],
///     rows: vec![vec![Cell::from("=1+1"), Cell::from(12.5)]],
/// };
/// // Nothing that a spreadsheet program would run.
/// assert_eq!(csv::write(&table)?, b"sample,reported\n'=1+1,12.5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ReportTable {
    /// Name of its file and sheet.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// What makes a table of a study.
pub(in crate::report) type TableMaker = fn(&StudyReport<'_>) -> ReportTable;

/// What the numbers of a column are in.
///
/// See [`ReportTable`] for an example.
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

/// What a column holds, where that decides how it is shown.
///
/// See [`ReportTable`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Texts or numbers.
    Plain,
    /// What a row is called by.
    Key,
    /// The study: the same in every row.
    Study,
    /// Whose a sample is, in a trial.
    OfTrial,
    /// Words that are a verdict.
    Verdict,
    /// P-values.
    PValue,
    /// Moments, with their time zone.
    Moment,
    /// Whether the data are simulated: the same in every row.
    Simulated,
}

/// A column of a table.
///
/// ```
/// use platewise::report::table::{Column, Unit};
///
/// const LLOQ: Column = Column::new("lloq", "lower limit of quantification, in `unit`").of(Unit::Study);
/// assert_eq!(LLOQ.heading("pg/mL"), "lloq (pg/mL)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The unit of its numbers.
    pub unit: Unit,
    /// What it holds, where that decides how it is shown.
    pub kind: ColumnKind,
    /// What it holds in words, with its unit.
    pub meaning: Cow<'static, str>,
}

impl Column {
    /// A plain column without a unit.
    pub const fn new(name: &'static str, meaning: &'static str) -> Self {
        let [name, meaning] = [Cow::Borrowed(name), Cow::Borrowed(meaning)];
        Self { name, unit: Unit::One, kind: ColumnKind::Plain, meaning }
    }

    /// The same of numbers in a unit.
    #[must_use]
    pub const fn of(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// The same of another kind.
    #[must_use]
    pub const fn kind(mut self, kind: ColumnKind) -> Self {
        self.kind = kind;
        self
    }

    /// Its name with its unit, where the concentrations of the study are in `study`: in a sheet, the columns `unit` and PARAM are
    /// far away. A name that says percent is not told so twice.
    pub fn heading(&self, study: &str) -> String {
        let said = self.unit == Unit::Percent && self.name.contains("percent");
        match self.unit.shown(study).filter(|_| !said) {
            Some(unit) => format!("{} ({unit})", self.name),
            None => self.name.to_string(),
        }
    }

    /// Whether it says of which trial, or whose, a row is: plates that belong to no trial have no such column.
    pub(in crate::report) fn is_of_a_trial(&self) -> bool {
        matches!(self.kind, ColumnKind::Study | ColumnKind::OfTrial)
    }
}

/// A plain column: its name and its meaning.
impl From<(&'static str, &'static str)> for Column {
    fn from((name, meaning): (&'static str, &'static str)) -> Self {
        Self::new(name, meaning)
    }
}

/// The three columns of an estimate with its interval.
pub(in crate::report) struct EstimateColumns {
    /// The estimate.
    pub(in crate::report) estimate: Column,
    /// The lower end of its interval.
    pub(in crate::report) lower: Column,
    /// The upper end.
    pub(in crate::report) upper: Column,
}

impl EstimateColumns {
    /// Of these names; `meaning` is that of the estimate.
    pub(in crate::report) const fn new(unit: Unit, names: [&'static str; 3], meaning: &'static str) -> Self {
        let [lower, upper] = match unit {
            Unit::Study => {
                ["lower end of its confidence interval, in `unit`", "upper end of its confidence interval, in `unit`"]
            }
            Unit::Param => [
                "lower end of its confidence interval, in the unit of PARAM",
                "upper end of its confidence interval, in the unit of PARAM",
            ],
            Unit::Percent => {
                ["lower end of its confidence interval, in percent", "upper end of its confidence interval, in percent"]
            }
            Unit::One => ["lower end of its confidence interval", "upper end of its confidence interval"],
        };
        Self {
            estimate: Column::new(names[0], meaning).of(unit),
            lower: Column::new(names[1], lower).of(unit),
            upper: Column::new(names[2], upper).of(unit),
        }
    }
}
