//! A table in the making.

use super::cell::Cell;
use super::head::{ColumnHead, Table, Unit};
use crate::concentration::Quantity;
use crate::report::StudyReport;

/// Fills one cell of a row.
type Filler<'a, R> = Box<dyn Fn(&R) -> Cell + 'a>;

/// A table of rows `R` in the making: each column stands once, with its name, its meaning and how a row fills it.
pub(super) struct Columns<'a, R> {
    heads: Vec<ColumnHead>,
    fillers: Vec<Filler<'a, R>>,
}

impl<'a, R> Columns<'a, R> {
    pub(super) fn new() -> Self {
        Self { heads: Vec::new(), fillers: Vec::new() }
    }

    /// A column that holds what `cell` makes of a row.
    pub(super) fn column<C: Into<Cell>>(
        self,
        name: &'static str,
        meaning: &'static str,
        cell: impl Fn(&R) -> C + 'a,
    ) -> Self {
        self.column_in(Unit::One, name, meaning, cell)
    }

    /// The same of numbers in a unit.
    pub(super) fn column_in<C: Into<Cell>>(
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
    pub(super) fn quantity(self, unit: &'a str, of: impl Fn(&R) -> &Quantity + Copy + 'a) -> Self {
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
    pub(super) fn shared_error(self, report: &StudyReport<'_>, of: impl Fn(&R) -> &Quantity + Copy + 'a) -> Self {
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
    pub(super) fn fill(self, name: &'static str, about: &'static str, rows: impl IntoIterator<Item = R>) -> Table {
        let rows = rows.into_iter().map(|row| self.fillers.iter().map(|filler| filler(&row)).collect()).collect();
        Table { name, about, columns: self.heads, rows }
    }
}
