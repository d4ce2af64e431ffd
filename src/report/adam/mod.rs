//! The analysis dataset in the forms in which it is handed on: ADaM's Basic Data Structure `ADLB` as a table, as Dataset-JSON
//! 1.1 and as SAS transport file (XPORT version 5).
//!
//! One list of variables serves all three. Names have at most 8 characters and labels at most 40, as XPORT wants them. The time of
//! the run stands in `run.json` alone, so that the same results give the same bytes; where a format asks for a time of creation,
//! it says [`CREATED`].

pub mod dataset_json;
pub mod xport;

use super::table::{Cell, ColumnHead, Table, Unit};
use crate::study::AnalysisRecord;

/// Name of the dataset.
pub const DATASET: &str = "ADLB";
/// Its label.
pub const LABEL: &str = "Laboratory Analysis Dataset";
/// What stands for the time of creation: no time of any run, as in the workbook.
pub const CREATED: &str = "2000-01-01T00:00:00";

/// A variable of the dataset.
///
/// ```
/// use platewise::report::adam::VARIABLES;
///
/// let change = VARIABLES.iter().find(|variable| variable.name == "CHG").expect("a variable of every BDS dataset");
/// assert!(change.numeric && change.label == "Change from Baseline");
/// assert!(VARIABLES.iter().all(|variable| variable.name.len() <= 8 && variable.label.len() <= 40));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// CDISC's label.
    pub label: &'static str,
    /// What it holds here.
    pub meaning: &'static str,
    /// Whether it holds numbers; texts otherwise.
    pub numeric: bool,
    /// The unit of its numbers.
    pub unit: Unit,
    /// Its place in the key of a record, from 1.
    pub key: Option<u8>,
    /// Its value in a record.
    pub value: fn(&AnalysisRecord) -> Cell,
}

const fn text(
    name: &'static str,
    label: &'static str,
    meaning: &'static str,
    value: fn(&AnalysisRecord) -> Cell,
) -> Variable {
    Variable { name, label, meaning, numeric: false, unit: Unit::One, key: None, value }
}

const fn number(
    name: &'static str,
    label: &'static str,
    meaning: &'static str,
    value: fn(&AnalysisRecord) -> Cell,
) -> Variable {
    Variable { numeric: true, ..text(name, label, meaning, value) }
}

const fn number_in(
    unit: Unit,
    name: &'static str,
    label: &'static str,
    meaning: &'static str,
    value: fn(&AnalysisRecord) -> Cell,
) -> Variable {
    Variable { unit, ..number(name, label, meaning, value) }
}

const fn key(place: u8, variable: Variable) -> Variable {
    Variable { key: Some(place), ..variable }
}

/// The variables, in their order.
pub const VARIABLES: [Variable; 20] = [
    text("STUDYID", "Study Identifier", "identifier of the study", |row| (&row.studyid).into()),
    key(1, text("USUBJID", "Unique Subject Identifier", "the subject", |row| (&row.usubjid).into())),
    text("TRTP", "Planned Treatment", "the arm", |row| (&row.trtp).into()),
    text("STRATA1", "Stratification Factor 1", "stratum of the randomisation", |row| row.strata1.clone().into()),
    key(2, text("PARAMCD", "Parameter Code", "code of the parameter", |row| (&row.paramcd).into())),
    text("PARAM", "Parameter", "the parameter with its unit", |row| (&row.param).into()),
    text("AVISIT", "Analysis Visit", "the visit", |row| (&row.avisit).into()),
    key(3, number("AVISITN", "Analysis Visit (N)", "its week", |row| row.avisitn.into())),
    key(4, text("LBREFID", "Specimen ID", "the sample", |row| (&row.lbrefid).into())),
    number_in(Unit::Param, "AVAL", "Analysis Value", "the number that is analysed, in the unit of PARAM", |row| {
        row.aval.into()
    }),
    text("AVALC", "Analysis Value (C)", "the result as reported, where it is outside a limit: <31.25", |row| {
        row.avalc.clone().into()
    }),
    number_in(Unit::Param, "BASE", "Baseline Value", "AVAL of the baseline record, in the unit of PARAM", |row| {
        row.base.into()
    }),
    number_in(
        Unit::Param,
        "CHG",
        "Change from Baseline",
        "AVAL − BASE, in the unit of PARAM; empty at baseline",
        |row| row.chg.into(),
    ),
    number_in(
        Unit::Percent,
        "PCHG",
        "Percent Change from Baseline",
        "100 × CHG / BASE, in percent; empty at baseline",
        |row| row.pchg.into(),
    ),
    number("R2BASE", "Ratio to Baseline", "AVAL / BASE; empty at baseline", |row| row.r2base.into()),
    text("ABLFL", "Baseline Record Flag", "Y for the baseline record", |row| row.ablfl.into()),
    text("ANL01FL", "Analysis Flag 01", "Y for a record that an analysis of change can use", |row| row.anl01fl.into()),
    text(
        "DTYPE",
        "Derivation Type",
        "how AVAL was derived where it was not measured: HALFLLOQ, SQRT2LLOQ, LLOQ or ULOQ",
        |row| row.dtype.into(),
    ),
    text(
        "EXCLREAS",
        "Reason for Exclusion from Analysis",
        "why the record is in no analysis, where a rule of the study leaves it out; its flags are empty then",
        |row| row.exclreas.clone().into(),
    ),
    text("SIMULFL", "Simulated Data Flag", "Y when the data of the study are simulated", |row| row.simulated.into()),
];

/// The dataset as a table.
pub fn table(records: &[AnalysisRecord]) -> Table {
    let columns =
        VARIABLES.iter().map(|&Variable { name, unit, meaning, .. }| ColumnHead { name, unit, meaning }).collect();
    let cells = |record: &AnalysisRecord| VARIABLES.iter().map(|variable| (variable.value)(record)).collect();
    Table {
        name: "adlb",
        about: "a subject at a visit (ADaM Basic Data Structure)",
        columns,
        rows: records.iter().map(cells).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What CDISC and XPORT version 5 ask of names and labels.
    #[test]
    fn names_and_labels_fit_a_transport_file() {
        for variable in VARIABLES {
            let name = variable.name;
            assert!(name.len() <= 8 && name.starts_with(|c: char| c.is_ascii_uppercase()), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()), "{name}");
            assert!(variable.label.len() <= 40 && variable.label.is_ascii(), "{name}");
        }
    }
}
