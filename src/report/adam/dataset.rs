//! What a dataset is: its variables, with what `define.xml` says of them, and its records.

use std::borrow::Cow;

use crate::report::StudyReport;
use crate::report::table::{Cell, ColumnKind, Unit};

/// What a variable holds.
///
/// See [`Dataset`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableKind {
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// Whole numbers.
    Integer,
}

impl VariableKind {
    /// Whether it is texts.
    pub fn is_text(self) -> bool {
        self == Self::Text
    }
}

/// Where the values of a variable come from, as `define.xml` says it.
///
/// See [`Dataset`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Computed here; the meaning of the variable is the method.
    Derived,
    /// Declared in `study.toml` or a list of the study.
    Assigned,
    /// Copied from another variable.
    Predecessor(&'static str),
}

/// A variable of a dataset.
///
/// ```
/// use platewise::report::adam::adlb;
///
/// let change = adlb::VARIABLES.map(|variable| variable.head).into_iter().find(|head| head.name == "CHG").unwrap();
/// assert!(!change.kind.is_text() && change.label == "Change from Baseline");
/// ```
#[derive(Debug, Clone)]
pub struct VariableHead {
    /// Its name.
    pub name: Cow<'static, str>,
    /// CDISC's label.
    pub label: Cow<'static, str>,
    /// What it holds here.
    pub meaning: Cow<'static, str>,
    /// Texts or numbers.
    pub kind: VariableKind,
    /// The unit of its numbers.
    pub unit: Unit,
    /// What its column in a table is.
    pub column: ColumnKind,
    /// Its place in the key of a record, from 1.
    pub key: Option<u8>,
    /// Where its values come from.
    pub origin: Origin,
    /// Whether its values are a list of codes.
    pub coded: bool,
}

/// A variable of records `R`.
///
/// See [`VariableHead`] for an example.
#[derive(Debug, Clone)]
pub struct Variable<R> {
    /// Its description.
    pub head: VariableHead,
    /// Its value in a record.
    pub value: fn(&R) -> Cell,
}

impl<R> Variable<R> {
    pub(super) const fn new(
        kind: VariableKind,
        name: &'static str,
        label: &'static str,
        meaning: &'static str,
        value: fn(&R) -> Cell,
    ) -> Self {
        let (unit, origin) = (Unit::One, Origin::Derived);
        let [name, label, meaning] = [Cow::Borrowed(name), Cow::Borrowed(label), Cow::Borrowed(meaning)];
        Self {
            head: VariableHead {
                name,
                label,
                meaning,
                kind,
                unit,
                column: ColumnKind::Plain,
                key: None,
                origin,
                coded: false,
            },
            value,
        }
    }

    pub(super) const fn text(
        name: &'static str,
        label: &'static str,
        meaning: &'static str,
        value: fn(&R) -> Cell,
    ) -> Self {
        Self::new(VariableKind::Text, name, label, meaning, value)
    }

    pub(super) const fn number(
        name: &'static str,
        label: &'static str,
        meaning: &'static str,
        value: fn(&R) -> Cell,
    ) -> Self {
        Self::new(VariableKind::Number, name, label, meaning, value)
    }

    pub(super) const fn integer(
        name: &'static str,
        label: &'static str,
        meaning: &'static str,
        value: fn(&R) -> Cell,
    ) -> Self {
        Self::new(VariableKind::Integer, name, label, meaning, value)
    }

    pub(super) const fn assigned(mut self) -> Self {
        self.head.origin = Origin::Assigned;
        self
    }

    pub(super) const fn copied(mut self, from: &'static str) -> Self {
        self.head.origin = Origin::Predecessor(from);
        self
    }

    pub(super) const fn coded(mut self) -> Self {
        self.head.coded = true;
        self
    }

    pub(super) const fn key(mut self, place: u8) -> Self {
        self.head.key = Some(place);
        self
    }

    pub(super) const fn column(mut self, kind: ColumnKind) -> Self {
        self.head.column = kind;
        self
    }

    pub(super) const fn within(mut self, unit: Unit) -> Self {
        self.head.unit = unit;
        self
    }
}

/// A dataset.
///
/// ```
/// use platewise::report::adam::{Dataset, adlb};
///
/// let dataset: Dataset = adlb::dataset(&[]);
/// assert_eq!((dataset.name, dataset.class, dataset.rows.len()), ("ADLB", "BASIC DATA STRUCTURE", 0));
/// ```
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Its name.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// CDISC's class.
    pub class: &'static str,
    /// What one record is, as CDISC says it.
    pub structure: &'static str,
    /// The same in plain words.
    pub about: &'static str,
    /// Its variables.
    pub variables: Vec<VariableHead>,
    /// Its records.
    pub rows: Vec<Vec<Cell>>,
}

impl Dataset {
    pub(super) fn with<R>(self, variables: &[Variable<R>], records: &[R]) -> Self {
        let row = |record: &R| variables.iter().map(|variable| (variable.value)(record)).collect();
        Self {
            variables: variables.iter().map(|variable| variable.head.clone()).collect(),
            rows: records.iter().map(row).collect(),
            ..self
        }
    }

    /// The name of its files without ending.
    pub fn file(&self) -> String {
        self.name.to_lowercase()
    }

    /// The bytes that a text needs at most: those of the longest, and 1 where there is none.
    pub fn length(&self, variable: usize) -> usize {
        let length = |row: &Vec<Cell>| match &row[variable] {
            Cell::Text(text) => text.len(),
            _ => 0,
        };
        self.rows.iter().map(length).max().unwrap_or(0).max(1)
    }
}

/// When the datasets of a report were created: when its run started.
pub(super) fn created<'r>(report: &StudyReport<'r>) -> &'r str {
    &report.record.started
}
