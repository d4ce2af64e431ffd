//! `ADLB`: one record per participant and visit with a sample, ADaM's Basic Data Structure. Records that a rule leaves out, or whose
//! result was not reported, stay: their flags are empty and EXCLREAS says why.

use super::{Dataset, Variable};
use crate::report::table::{ColumnKind, Unit};
use crate::study::AnalysisRecord;

/// Its name.
pub const NAME: &str = "ADLB";

/// The dataset.
pub fn dataset(records: &[AnalysisRecord]) -> Dataset {
    let empty = Dataset {
        name: NAME,
        label: "Laboratory Analysis Dataset",
        class: "BASIC DATA STRUCTURE",
        structure: "One record per subject per parameter per analysis visit per specimen",
        about: "a subject at a visit (ADaM Basic Data Structure)",
        variables: Vec::new(),
        rows: Vec::new(),
    };
    empty.with(&VARIABLES, records)
}

/// The dataset of several analytes, which are parameters of one.
pub(in crate::report) fn dataset_of_several(records: &[AnalysisRecord]) -> Dataset {
    let mut dataset = dataset(records);
    for head in dataset.variables.iter_mut().filter(|head| head.name == "PARAMN") {
        head.meaning = "number of the parameter, in the order of the study".into();
    }
    dataset
}

type V = Variable<AnalysisRecord>;

/// The variables, in their order.
pub const VARIABLES: [V; 35] = [
    V::text("STUDYID", "Study Identifier", "identifier of the study", |row| (&row.studyid).into())
        .assigned()
        .column(ColumnKind::Study),
    V::text("USUBJID", "Unique Subject Identifier", "the subject", |row| (&row.usubjid).into())
        .copied("ADSL.USUBJID")
        .key(1)
        .column(ColumnKind::Key),
    V::text("TRTP", "Planned Treatment", "the arm", |row| (&row.trtp).into())
        .copied("ADSL.TRT01P")
        .coded()
        .column(ColumnKind::Key),
    V::integer("TRTPN", "Planned Treatment (N)", "number of the arm: 1 for the reference arm, then by name", |row| {
        row.trtpn.into()
    })
    .copied("ADSL.TRT01PN"),
    V::text("TRTA", "Actual Treatment", "the arm once more: which treatment was given is in no list", |row| {
        (&row.trtp).into()
    })
    .copied("ADSL.TRT01A")
    .coded(),
    V::integer("TRTAN", "Actual Treatment (N)", "number of TRTA", |row| row.trtpn.into()).copied("ADSL.TRT01AN"),
    V::text("ITTFL", "Intent-To-Treat Population Flag", "Y for the randomised", |_| "Y".into())
        .copied("ADSL.ITTFL")
        .coded(),
    V::text("EVALFL", "Evaluable Population Flag", "Y with usable results at baseline and end point", |row| {
        yes_or_no(row.evaluable).into()
    })
    .copied("ADSL.EVALFL")
    .coded(),
    V::text("STRATA1", "Stratification Factor 1", "stratum of the randomisation", |row| row.strata1.clone().into())
        .copied("ADSL.STRATA1"),
    V::text("PARAMCD", "Parameter Code", "code of the parameter", |row| (&row.paramcd).into())
        .assigned()
        .coded()
        .key(2),
    V::text("PARAM", "Parameter", "the parameter with its unit", |row| (&row.param).into()).assigned().coded(),
    V::integer("PARAMN", "Parameter (N)", "number of the parameter: there is one", |row| row.paramn.into()).assigned(),
    V::text("AVISIT", "Analysis Visit", "the visit", |row| (&row.avisit).into()).assigned().coded(),
    V::number("AVISITN", "Analysis Visit (N)", "its week", |row| row.avisitn.into()).assigned().key(3),
    V::integer("ADY", "Analysis Relative Day", "study day of collection, where the list of samples has it", |row| {
        row.ady.map(f64::from).into()
    })
    .assigned(),
    V::text("LBREFID", "Specimen ID", "the sample", |row| (&row.lbrefid).into()).assigned().key(4),
    V::text("PLATEID", "Plate Identifier", "the plate that the result was read from", |row| row.plate.clone().into())
        .assigned(),
    V::number("AVAL", "Analysis Value", "the number that is analysed, in the unit of PARAM", |row| row.aval.into())
        .within(Unit::Param),
    V::text(
        "AVALC",
        "Analysis Value (C)",
        "the result as reported, where it is outside a limit: <31.25",
        |row| row.avalc.clone().into(),
    ),
    V::number("BASE", "Baseline Value", "AVAL of the baseline record, in the unit of PARAM", |row| row.base.into())
        .within(Unit::Param),
    V::number(
        "CHG",
        "Change from Baseline",
        "AVAL − BASE, in the unit of PARAM; empty at baseline",
        |row| row.chg.into(),
    )
    .within(Unit::Param),
    V::number("PCHG", "Percent Change from Baseline", "100 × CHG / BASE, in percent; empty at baseline", |row| {
        row.pchg.into()
    })
    .within(Unit::Percent),
    V::number("R2BASE", "Ratio to Baseline", "AVAL / BASE; empty at baseline", |row| row.r2base.into()),
    V::number("LLOQ", "Lower Limit of Quantification", "of the sample's dilution on its plate, in the unit of PARAM", |row| {
        row.limits.map(|[lower, _]| lower).into()
    })
    .within(Unit::Param),
    V::number("ULOQ", "Upper Limit of Quantification", "of the sample's dilution on its plate, in the unit of PARAM", |row| {
        row.limits.map(|[_, upper]| upper).into()
    })
    .within(Unit::Param),
    V::number(
        "ANRHI",
        "Analysis Normal Range Upper Limit",
        "the level that the study declares for responders (by age, where it depends on that), in the unit of PARAM",
        |row| row.anrhi.into(),
    )
    .assigned()
    .within(Unit::Param),
    V::text(
        "ANRIND",
        "Analysis Reference Range Indicator",
        "HIGH where the result is not below ANRHI, NORMAL where it is; empty where its limit leaves that open",
        |row| row.anrind.into(),
    )
    .coded(),
    V::text("ABLFL", "Baseline Record Flag", "Y for the baseline record", |row| row.ablfl.into()).coded(),
    V::text("ANL01FL", "Analysis Flag 01", "Y for a record that an analysis of change can use", |row| {
        row.anl01fl.into()
    })
    .coded(),
    V::text(
        "DTYPE",
        "Derivation Type",
        "how AVAL was derived where it was not measured: HALFLLOQ, SQRT2LLOQ, LLOQ or ULOQ, or LOCF by the strategy for an event",
        |row| row.dtype.into(),
    )
    .coded(),
    V::text(
        "EXCLREAS",
        "Reason for Exclusion from Analysis",
        "why the record is in no analysis: the rule of the study that leaves it out, or why the result was not reported",
        |row| row.exclreas.clone().into(),
    ),
    V::number("AGE", "Age", "age in years at the randomisation, where the list of arms has it", |row| row.age.into())
        .copied("ADSL.AGE"),
    V::text("AGEU", "Age Units", "YEARS where there is an age", |row| row.age.map(|_| "YEARS").into())
        .copied("ADSL.AGEU")
        .coded(),
    V::text("KITLOT", "Kit Lot of the Plate", "where study.toml has it", |row| row.kit_lot.clone().into()).assigned(),
    V::text("SIMULFL", "Simulated Data Flag", "Y when the data of the study are simulated", |row| {
        row.simulated.into()
    })
    .column(ColumnKind::Simulated)
    .assigned()
    .coded(),
];

/// A flag that says no as well.
pub(super) fn yes_or_no(yes: bool) -> &'static str {
    if yes { "Y" } else { "N" }
}
