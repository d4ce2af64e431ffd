//! `ADSL`: one record per randomised participant, ADaM's Subject-Level Analysis Dataset.

use super::adlb::yes_or_no;
use super::{Dataset, Variable};
use crate::study::SubjectRecord;

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
    empty.with(&VARIABLES, subjects)
}

type V = Variable<SubjectRecord>;

/// The variables, in their order.
pub const VARIABLES: [V; 15] = [
    V::text("STUDYID", "Study Identifier", "identifier of the study", |row| (&row.studyid).into()).assigned(),
    V::text("USUBJID", "Unique Subject Identifier", "the subject", |row| (&row.subject).into()).assigned().key(1),
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
        .assigned()
        .coded(),
];
