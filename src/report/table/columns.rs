//! A table in the making.

use super::cell::Cell;
use super::columns_of::QuantityColumns;
use super::head::{Column, EstimateColumns, ReportTable, Unit};
use crate::concentration::Quantity;
use crate::report::StudyReport;
use crate::study::IntervalEstimate;

/// Fills one cell of a row.
type Filler<'a, R> = Box<dyn Fn(&R) -> Cell + 'a>;

/// A table of rows `R` in the making: each column stands once, with its name, its meaning and how a row fills it.
pub(super) struct Columns<'a, R> {
    heads: Vec<Column>,
    fillers: Vec<Filler<'a, R>>,
}

impl<'a, R> Columns<'a, R> {
    pub(super) fn new() -> Self {
        Self { heads: Vec::new(), fillers: Vec::new() }
    }

    /// A column that holds what `cell` makes of a row.
    pub(super) fn column<C: Into<Cell>>(mut self, head: impl Into<Column>, cell: impl Fn(&R) -> C + 'a) -> Self {
        self.heads.push(head.into());
        self.fillers.push(Box::new(move |row| cell(row).into()));
        self
    }

    /// The three columns of an estimate with its interval.
    pub(super) fn interval(
        self,
        heads: EstimateColumns,
        of: impl Fn(&R) -> Option<IntervalEstimate> + Copy + 'a,
    ) -> Self {
        self.column(heads.estimate, move |row| of(row).map(|interval| interval.estimate))
            .column(heads.lower, move |row| of(row).map(|interval| interval.lower))
            .column(heads.upper, move |row| of(row).map(|interval| interval.upper))
    }

    /// The columns of a quantity, which every table of concentrations has.
    pub(super) fn quantity(self, unit: &'a str, of: impl Fn(&R) -> &Quantity + Copy + 'a) -> Self {
        let estimate = move |row: &R| match of(row) {
            Quantity::Quantified(estimate) => Some(*estimate),
            _ => None,
        };
        self.column(
            Column::new("concentration", "of the undiluted sample, in `unit`; empty unless quantified").of(Unit::Study),
            move |row| estimate(row).map(|estimate| estimate.value),
        )
        .column(Column::new("standard_error", "its standard error, in `unit`").of(Unit::Study), move |row| {
            estimate(row)?.standard_error
        })
        .column(QuantityColumns::LOWER, move |row| estimate(row)?.lower)
        .column(QuantityColumns::UPPER, move |row| estimate(row)?.upper)
        .column(("unit", "unit of the concentrations"), move |_| unit)
        .column(QuantityColumns::STATUS, move |row| of(row).status())
        .column(QuantityColumns::REPORTED, move |row| of(row).to_string())
    }

    /// What the wells of a set share, as it is in the interval of a quantity.
    pub(super) fn shared_error(self, report: &StudyReport<'_>, of: impl Fn(&R) -> &Quantity + Copy + 'a) -> Self {
        let shared = report.protocol.assay.method.shared_error.map(|shared| shared.cv_percent());
        self.column(Column::new("shared_cv_percent", "CV that the wells of a set share beside the curve, in its interval, by controls in several places of their plates; empty where \
             they do not tell").of(Unit::Percent),
            move |row| shared.filter(|_| matches!(of(row), Quantity::Quantified(_))),
        )
    }

    /// The table of these rows.
    pub(super) fn fill(
        self,
        name: &'static str,
        about: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> ReportTable {
        let rows = rows.into_iter().map(|row| self.fillers.iter().map(|filler| filler(&row)).collect()).collect();
        ReportTable { name, about, columns: self.heads, rows }
    }
}
