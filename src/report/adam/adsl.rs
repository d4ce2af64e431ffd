//! `ADSL`: one record per randomised participant, ADaM's Subject-Level Analysis Dataset.

use super::adlb::yes_or_no;
use std::collections::BTreeSet;

use super::{Dataset, Origin, Variable, VariableHead, VariableKind};
use crate::report::table::{Cell, ColumnKind, Unit};
use crate::study::SubjectRecord;
use crate::study::covariates::CovariateValue;

/// Its name.
pub const NAME: &str = "ADSL";

/// The dataset.
pub fn dataset(subjects: &[SubjectRecord]) -> Dataset {
    let empty = Dataset {
        name: NAME,
        label: "Subject-Level Analysis Dataset",
        class: "SUBJECT LEVEL ANALYSIS DATASET",
        structure: "One record per subject",
        about: "a randomised subject (ADaM Subject-Level Analysis Dataset)",
        variables: Vec::new(),
        rows: Vec::new(),
    };
    with_covariates(empty.with(&VARIABLES, subjects), subjects)
}

/// The dataset with a variable for each covariate that the study declares, but for the age, which it has.
fn with_covariates(mut dataset: Dataset, subjects: &[SubjectRecord]) -> Dataset {
    let names: Vec<&str> =
        subjects.first().into_iter().flat_map(|one| &one.covariates).map(|one| one.name.as_str()).collect();
    let mut taken: BTreeSet<String> = dataset.variables.iter().map(|head| head.name.to_string()).collect();
    for (at, name) in names.into_iter().enumerate().filter(|(_, name)| !name.eq_ignore_ascii_case("age")) {
        let values = || subjects.iter().map(|one| one.covariates.get(at).and_then(|one| one.value.as_ref()));
        let classes = values().flatten().any(|value| matches!(value, CovariateValue::Class(_)));
        let variable = variable_name(name, &taken);
        taken.insert(variable.clone());
        dataset.variables.push(VariableHead {
            name: variable.into(),
            label: label(name).into(),
            meaning: format!("{name}, as the list of arms has it; a covariate of the analysis").into(),
            kind: if classes { VariableKind::Text } else { VariableKind::Number },
            unit: Unit::One,
            column: ColumnKind::Plain,
            key: None,
            origin: Origin::Assigned,
            coded: classes,
        });
        for (row, value) in dataset.rows.iter_mut().zip(values()) {
            row.push(match value {
                Some(CovariateValue::Number(number)) => Cell::Number(*number),
                Some(CovariateValue::Class(class)) => Cell::Text(class.into()),
                None => Cell::Empty,
            });
        }
    }
    dataset
}

/// A name of at most eight letters and digits that no other variable has.
fn variable_name(name: &str, taken: &BTreeSet<String>) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_uppercase()).collect();
    let plain = if plain.starts_with(|one: char| one.is_ascii_alphabetic()) { plain } else { format!("COV{plain}") };
    let cut = |most: usize| plain.chars().take(most).collect::<String>();
    let numbered = (2..=99).map(|number: usize| format!("{}{number}", cut(6)));
    std::iter::once(cut(8)).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_else(|| cut(8))
}

/// A label of at most 40 ASCII characters.
fn label(name: &str) -> String {
    let plain: String = name.chars().map(|one| if one.is_ascii() && !one.is_control() { one } else { '_' }).collect();
    plain.chars().take(40).collect()
}

type V = Variable<SubjectRecord>;

/// The variables, in their order.
pub const VARIABLES: [V; 15] = [
    V::text("STUDYID", "Study Identifier", "identifier of the study", |row| (&row.studyid).into())
        .assigned()
        .column(ColumnKind::Study),
    V::text("USUBJID", "Unique Subject Identifier", "the subject", |row| (&row.subject).into())
        .assigned()
        .key(1)
        .column(ColumnKind::Key),
    V::text("SUBJID", "Subject Identifier for the Study", "the subject, as the list of arms has it", |row| {
        (&row.subject).into()
    })
    .assigned(),
    V::number("AGE", "Age", "age in years at the randomisation, where the list of arms has it", |row| row.age.into())
        .assigned(),
    V::text("AGEU", "Age Units", "YEARS where there is an age", |row| row.age.map(|_| "YEARS").into())
        .assigned()
        .coded(),
    V::text("ARM", "Description of Planned Arm", "the arm", |row| (&row.arm).into()).assigned().coded(),
    V::text("TRT01P", "Planned Treatment for Period 01", "the arm", |row| (&row.arm).into()).assigned().coded(),
    V::integer(
        "TRT01PN",
        "Planned Treatment for Period 01 (N)",
        "number of the arm: 1 for the reference arm, then by name",
        |row| row.arm_number.into(),
    )
    .assigned(),
    V::text(
        "TRT01A",
        "Actual Treatment for Period 01",
        "the arm once more: which treatment was given is in no list",
        |row| (&row.arm).into(),
    )
    .assigned()
    .coded(),
    V::integer("TRT01AN", "Actual Treatment for Period 01 (N)", "number of TRT01A", |row| row.arm_number.into())
        .assigned(),
    V::text("STRATA1", "Stratification Factor 1", "stratum of the randomisation", |row| row.stratum.clone().into())
        .assigned(),
    V::text("RANDFL", "Randomized Population Flag", "Y for the randomised: all who are here", |_| "Y".into()).coded(),
    V::text("ITTFL", "Intent-To-Treat Population Flag", "Y for the randomised", |_| "Y".into()).coded(),
    V::text("EVALFL", "Evaluable Population Flag", "Y with usable results at baseline and end point", |row| {
        yes_or_no(row.evaluable).into()
    })
    .coded(),
    V::text("SIMULFL", "Simulated Data Flag", "Y when the data of the study are simulated", |row| row.simulated.into())
        .column(ColumnKind::Simulated)
        .assigned()
        .coded(),
];
