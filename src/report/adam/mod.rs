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
mod dataset;
pub mod dataset_json;
pub mod define;
pub mod xport;

use super::table::{Column, ReportTable};
use crate::study::Comparison;
use dataset::created;

pub use dataset::{Dataset, Origin, Variable, VariableHead, VariableKind};

/// Both datasets of a comparison.
pub fn datasets(comparison: &Comparison) -> [Dataset; 2] {
    [adsl::dataset(&comparison.subjects), adlb::dataset(&comparison.records)]
}

/// The datasets as tables.
pub fn tables(comparison: &Comparison) -> [ReportTable; 2] {
    datasets(comparison).map(table)
}

/// A dataset as a table.
pub(super) fn table(dataset: Dataset) -> ReportTable {
    let column = |head: &VariableHead| Column {
        name: head.name.clone(),
        unit: head.unit,
        kind: head.column,
        meaning: head.meaning.clone(),
    };
    ReportTable {
        name: match dataset.name {
            adsl::NAME => "adsl",
            _ => "adlb",
        },
        about: dataset.about,
        columns: dataset.variables.iter().map(column).collect(),
        rows: dataset.rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What CDISC and XPORT version 5 ask of names and labels.
    #[test]
    fn names_and_labels_fit_a_transport_file() {
        let all = adsl::VARIABLES.map(|one| one.head).into_iter().chain(adlb::VARIABLES.map(|one| one.head));
        for VariableHead { name, label, .. } in all {
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
