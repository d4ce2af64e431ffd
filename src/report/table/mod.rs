//! Results as tables: one description of each table serves the CSV file, the sheet of the workbook and its explanation.
//!
//! Bench tables have plain lower-case names; tables for analysts have the names of CDISC's ADaM. The unit is a column or part
//! of a column's name. A value below or above a limit is a text with that limit and never a number in a column of values.
//! Every table has a column that says whether the data were simulated: a comment line would break the programs that read
//! CSV, and a column stays with its rows wherever they are copied.

pub(in crate::report) mod analytes;
mod arms;
mod bench;
mod clinical;
mod criteria;
mod events;
mod exclusions;
mod missing_data;
mod over_plates;
mod plates;
mod robustness;
mod subjects;
mod supplementary;

pub use bench::concentrations;
pub(in crate::report) use exclusions::exclusions;

use std::borrow::Cow;

use crate::concentration::Quantity;
use crate::plate::Reading;
use crate::study::Quantile;

use super::{StudyReport, adam};

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

/// A value in a table.
///
/// ```
/// use platewise::report::table::Cell;
/// assert_eq!(Cell::from(0.5), Cell::Number(0.5));
/// assert_eq!(Cell::from(f64::NAN), Cell::Empty, "what is not a number is not written as one");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text; never a formula.
    Text(String),
    /// A finite number.
    Number(f64),
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Empty }
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Self::Number(f64::from(value))
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Text(if value { "Y" } else { "N" }.into())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.into()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

/// A number where it is known, otherwise a text with its limit.
impl From<Quantile> for Cell {
    fn from(quantile: Quantile) -> Self {
        match quantile {
            Quantile::Known(value) => value.into(),
            other => Self::Text(other.to_string()),
        }
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// Fills one cell of a row.
type Filler<'a, R> = Box<dyn Fn(&R) -> Cell + 'a>;

/// A table of rows `R` in the making: each column stands once, with its name, its meaning and how a row fills it.
struct Columns<'a, R> {
    heads: Vec<ColumnHead>,
    fillers: Vec<Filler<'a, R>>,
}

impl<'a, R> Columns<'a, R> {
    fn new() -> Self {
        Self { heads: Vec::new(), fillers: Vec::new() }
    }

    /// A column that holds what `cell` makes of a row.
    fn column<C: Into<Cell>>(self, name: &'static str, meaning: &'static str, cell: impl Fn(&R) -> C + 'a) -> Self {
        self.column_in(Unit::One, name, meaning, cell)
    }

    /// The same of numbers in a unit.
    fn column_in<C: Into<Cell>>(
        mut self,
        unit: Unit,
        name: &'static str,
        meaning: &'static str,
        cell: impl Fn(&R) -> C + 'a,
    ) -> Self {
        self.heads.push(ColumnHead { name: name.into(), unit, meaning: meaning.into() });
        self.fillers.push(Box::new(move |row| cell(row).into()));
        self
    }

    /// The columns of a quantity, which every table of concentrations has.
    fn quantity(self, unit: &'a str, of: impl Fn(&R) -> &Quantity + Copy + 'a) -> Self {
        let estimate = move |row: &R| match of(row) {
            Quantity::Quantified(estimate) => Some(*estimate),
            _ => None,
        };
        self.column_in(
            Unit::Study,
            "concentration",
            "of the undiluted sample, in `unit`; empty unless quantified",
            move |row| estimate(row).map(|estimate| estimate.value),
        )
        .column_in(Unit::Study, "standard_error", "its standard error, in `unit`", move |row| {
            estimate(row)?.standard_error
        })
        .column_in(
            Unit::Study,
            "lower",
            "lower end of its confidence interval, in `unit`; empty where it is open. It holds well-to-well noise, the uncertainty of the \
             curve and, where controls in several places on their plates show it (column `shared_cv_percent`), what the wells of a set \
             share (pipetting, place); the dilution of a sample is not in it",
            move |row| estimate(row)?.lower,
        )
        .column_in(
            Unit::Study,
            "upper",
            "upper end of its confidence interval, in `unit`; empty where it is open. It holds what `lower` holds",
            move |row| estimate(row)?.upper,
        )
        .column("unit", "unit of the concentrations", move |_| unit)
        .column("status", "quantified, below LLOQ, above ULOQ or not reported", move |row| of(row).status())
        .column(
            "reported",
            "as reported, a text: 812.3, <312, >20000, or why there is no result",
            move |row| of(row).to_string(),
        )
    }

    /// What the wells of a set share, as it is in the interval of a quantity.
    fn shared_error(self, report: &StudyReport<'_>, of: impl Fn(&R) -> &Quantity + Copy + 'a) -> Self {
        let shared = report.protocol.assay.method.shared_error.map(|shared| shared.cv_percent());
        self.column_in(
            Unit::Percent,
            "shared_cv_percent",
            "CV that the wells of a set share beside the curve, in its interval, by controls in several places of their plates; empty where \
             they do not tell",
            move |row| shared.filter(|_| matches!(of(row), Quantity::Quantified(_))),
        )
    }

    /// The table of these rows.
    fn fill(self, name: &'static str, about: &'static str, rows: impl IntoIterator<Item = R>) -> Table {
        let rows = rows.into_iter().map(|row| self.fillers.iter().map(|filler| filler(&row)).collect()).collect();
        Table { name, about, columns: self.heads, rows }
    }
}

/// The number of a reading; nothing for a reading that is none.
fn number(reading: &Reading) -> Option<f64> {
    reading.measured()
}

/// What stands in the file where a reading is not a number.
fn token(reading: &Reading) -> String {
    match reading {
        Reading::Measured(_) => String::new(),
        Reading::Missing(text) if text.is_empty() => "not read".into(),
        Reading::Saturated(text) | Reading::Missing(text) | Reading::NotComputed(text) => text.clone(),
        Reading::Masked { text, .. } => format!("masked: {text}"),
    }
}

/// Every table of a study: those of the bench, then, when the arms were compared, those of the analysis.
pub fn tables(report: &StudyReport<'_>) -> Vec<Table> {
    let mut tables = vec![
        bench::concentrations(report),
        bench::reruns(report),
        bench::repeats(report),
        bench::identity(report),
        plates::verdicts(report),
        plates::findings(report),
        criteria::criteria(report),
        exclusions::decisions(report),
        exclusions::signatures(report),
        exclusions::exclusions(report),
        plates::curves(report),
        plates::standards(report),
        plates::controls(report),
        bench::measurements(report),
        plates::wells(report),
    ];
    tables.extend(over_plates::tables(report));
    if let Some(comparison) = report.comparison {
        tables.extend([
            arms::comparison(report, comparison),
            arms::summary(report, comparison),
            arms::responders(report, comparison),
            arms::change(report, comparison),
            subjects::join(report, comparison),
            subjects::flow(report, comparison),
            subjects::excluded(report, comparison),
        ]);
        tables.extend(adam::tables(comparison));
        if !report.has_grid() {
            tables.push(arms::sensitivity(report, comparison));
        }
        tables.extend(missing_data::tables(report, &comparison.missing_data));
        tables.extend(supplementary::tables(report, comparison));
    }
    tables.extend(report.events.map(|counts| events::table(report, counts)));
    tables.extend(report.clinical.into_iter().flat_map(|clinical| clinical::tables(report, clinical)));
    tables.extend(report.robustness.into_iter().flat_map(|robustness| robustness::tables(report, robustness)));
    if report.protocol.trial.is_none() { tables.into_iter().map(without_trial).collect() } else { tables }
}

/// The columns that say whose a sample is, and of which study.
pub(super) const OF_THE_TRIAL: [&str; 4] = ["study", "subject", "visit", "week"];

/// A table of plates that belong to no trial: there is no study, subject or visit to name. What a rule is about is called `subject`
/// too, in the table of findings, and stays.
fn without_trial(mut table: Table) -> Table {
    let leaves = |head: &ColumnHead| {
        OF_THE_TRIAL.contains(&head.name.as_ref()) && !(table.name == "findings" && head.name == "subject")
    };
    let keep: Vec<bool> = table.columns.iter().map(|head| !leaves(head)).collect();
    let mut kept = keep.iter();
    table.columns.retain(|_| kept.next().copied().unwrap_or(true));
    for row in &mut table.rows {
        let mut kept = keep.iter();
        row.retain(|_| kept.next().copied().unwrap_or(true));
    }
    table
}
