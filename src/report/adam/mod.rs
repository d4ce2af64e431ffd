//! The analysis datasets in the forms in which they are handed on: ADaM's Subject-Level Analysis Dataset `ADSL` and Basic Data Structure
//! `ADLB` (ADaMIG 1.3) as tables, as Dataset-JSON 1.1 and as SAS transport files (XPORT version 5), with a `define.xml` 2.1 for both.
//!
//! One list of variables serves all of them. Names have at most 8 characters and labels at most 40, as XPORT wants them. Each file says
//! when it was created: when the run started, or what the environment gives as `SOURCE_DATE_EPOCH`, so that a run can be made again byte
//! for byte.
//!
//! What is not there, because nothing that is read says it: dates (ADT; the study day is ADY), the treatment that was given (TRTA repeats
//! TRTP, and says so), exposure (no SAFFL), who completed the trial (no COMPLFL: a participant whose last sample failed in the laboratory did;
//! EVALFL says whose change can be analysed), and an SDTM dataset behind the records (no SRCDOM, SRCVAR, SRCSEQ: a record is traced by its
//! sample, LBREFID, and its plate, PLATEID).

pub mod adlb;
pub mod adsl;
pub mod dataset_json;
pub mod define;
pub mod xport;

use std::borrow::Cow;

use super::StudyReport;
use super::table::{Cell, ColumnHead, Table, Unit};
use crate::study::Comparison;

/// What a variable holds.
///
/// ```
/// use platewise::report::adam::Kind;
/// assert_eq!([Kind::Text, Kind::Number, Kind::Integer].map(Kind::is_text), [true, false, false]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// Whole numbers.
    Integer,
}

impl Kind {
    /// Whether it is texts.
    pub fn is_text(self) -> bool {
        self == Self::Text
    }
}

/// Where the values of a variable come from, as `define.xml` says it.
///
/// ```
/// use platewise::report::adam::Origin;
/// assert_ne!(Origin::Derived, Origin::Assigned);
/// ```
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
pub struct Head {
    /// Its name.
    pub name: Cow<'static, str>,
    /// CDISC's label.
    pub label: Cow<'static, str>,
    /// What it holds here.
    pub meaning: Cow<'static, str>,
    /// Texts or numbers.
    pub kind: Kind,
    /// The unit of its numbers.
    pub unit: Unit,
    /// Its place in the key of a record, from 1.
    pub key: Option<u8>,
    /// Where its values come from.
    pub origin: Origin,
    /// Whether its values are a list of codes.
    pub coded: bool,
}

/// A variable of records `R`.
///
/// See [`Head`] for an example.
#[derive(Debug, Clone)]
pub struct Variable<R> {
    /// Its description.
    pub head: Head,
    /// Its value in a record.
    pub value: fn(&R) -> Cell,
}

impl<R> Variable<R> {
    const fn new(
        kind: Kind,
        name: &'static str,
        label: &'static str,
        meaning: &'static str,
        value: fn(&R) -> Cell,
    ) -> Self {
        let (unit, origin) = (Unit::One, Origin::Derived);
        let [name, label, meaning] = [Cow::Borrowed(name), Cow::Borrowed(label), Cow::Borrowed(meaning)];
        Self { head: Head { name, label, meaning, kind, unit, key: None, origin, coded: false }, value }
    }

    const fn text(name: &'static str, label: &'static str, meaning: &'static str, value: fn(&R) -> Cell) -> Self {
        Self::new(Kind::Text, name, label, meaning, value)
    }

    const fn number(name: &'static str, label: &'static str, meaning: &'static str, value: fn(&R) -> Cell) -> Self {
        Self::new(Kind::Number, name, label, meaning, value)
    }

    const fn integer(name: &'static str, label: &'static str, meaning: &'static str, value: fn(&R) -> Cell) -> Self {
        Self::new(Kind::Integer, name, label, meaning, value)
    }

    const fn assigned(mut self) -> Self {
        self.head.origin = Origin::Assigned;
        self
    }

    const fn copied(mut self, from: &'static str) -> Self {
        self.head.origin = Origin::Predecessor(from);
        self
    }

    const fn coded(mut self) -> Self {
        self.head.coded = true;
        self
    }

    const fn key(mut self, place: u8) -> Self {
        self.head.key = Some(place);
        self
    }

    const fn within(mut self, unit: Unit) -> Self {
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
    pub variables: Vec<Head>,
    /// Its records.
    pub rows: Vec<Vec<Cell>>,
}

impl Dataset {
    fn with<R>(self, variables: &[Variable<R>], records: &[R]) -> Self {
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

/// Both datasets of a comparison.
pub fn datasets(comparison: &Comparison) -> [Dataset; 2] {
    [adsl::dataset(&comparison.subjects), adlb::dataset(&comparison.records)]
}

/// The datasets as tables.
pub fn tables(comparison: &Comparison) -> [Table; 2] {
    datasets(comparison).map(table)
}

/// A dataset as a table.
pub(super) fn table(dataset: Dataset) -> Table {
    let column = |head: &Head| ColumnHead { name: head.name.clone(), unit: head.unit, meaning: head.meaning.clone() };
    Table {
        name: match dataset.name {
            adsl::NAME => "adsl",
            _ => "adlb",
        },
        about: dataset.about,
        columns: dataset.variables.iter().map(column).collect(),
        rows: dataset.rows,
    }
}

/// When the datasets of a report were created: when its run started.
fn created<'r>(report: &StudyReport<'r>) -> &'r str {
    &report.record.started
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What CDISC and XPORT version 5 ask of names and labels.
    #[test]
    fn names_and_labels_fit_a_transport_file() {
        let all = adsl::VARIABLES.map(|one| one.head).into_iter().chain(adlb::VARIABLES.map(|one| one.head));
        for Head { name, label, .. } in all {
            assert!(name.len() <= 8 && name.starts_with(|c: char| c.is_ascii_uppercase()), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()), "{name}");
            assert!(label.len() <= 40 && label.is_ascii(), "{name}");
        }
    }

    /// A variable that both datasets have is one variable: the same label and kind (ADaM conformance rule 6 and following).
    #[test]
    fn a_variable_is_the_same_in_both_datasets() {
        let mut both = 0;
        for one in adsl::VARIABLES.map(|one| one.head) {
            for other in adlb::VARIABLES.map(|one| one.head).into_iter().filter(|other| other.name == one.name) {
                assert_eq!((&one.label, one.kind), (&other.label, other.kind), "{}", one.name);
                both += 1;
            }
        }
        assert!(both >= 6, "{both}");
    }
}
