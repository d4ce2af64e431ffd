//! Several analytes on one plate: each well of a layout may say which of them it is for, in a column `analyte` of a table or a grid
//! `analyte` beside the others or beside a map. A study, and each run of `plate`, evaluates one of them.

use std::collections::{BTreeMap, BTreeSet};

use super::layout_forms::WellCells;
use super::layout_words::role_word;
use super::well::WellPosition;
use crate::protocol::{Assay, StudySettings};
use crate::sheet::{Code, Location, Problem, Problems, Sheet};

/// What a layout says of the analyte of its wells.
pub(super) type Analytes = BTreeMap<WellPosition, (String, Location)>;

/// The wells that belong to another analyte than the one that is evaluated, and have no part in it.
///
/// # Errors
/// The layout has several analytes, and it is not said which of them is evaluated; or none is the one that is.
pub(super) fn of_others(
    analytes: &Analytes,
    study: &StudySettings,
    whole: &Location,
) -> Result<BTreeSet<WellPosition>, Problem> {
    let names: BTreeSet<&str> = analytes.values().map(|(name, _)| name.as_str()).collect();
    let list = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let meant: BTreeSet<&str> = names.iter().copied().filter(|name| study.is_analyte(name)).collect();
    match (meant.len(), names.len()) {
        (_, 0) => Ok(BTreeSet::new()),
        // Nobody has said what is measured, and there is one thing only.
        (0, 1) if study.analyte.is_empty() => Ok(BTreeSet::new()),
        (1, _) => {
            let of_another = |(well, (name, _)): (&WellPosition, &(String, Location))| {
                (!meant.contains(name.as_str())).then_some(*well)
            };
            Ok(analytes.iter().filter_map(of_another).collect())
        }
        _ if study.analyte.is_empty() => Err(Problem::new(
            Code::new("layout-analyte-not-said"),
            whole.clone(),
            format!("the layout has the analytes {list}"),
        )
        .expected("one that is evaluated: --analyte NAME, one run for each")),
        (0, _) => Err(Problem::new(
            Code::new("layout-analyte-missing"),
            whole.clone(),
            format!("the layout has the analytes {list}, and none is '{}'", study.analyte),
        )
        .expected("the analyte that is evaluated among them: analyte = \"…\" in [study] of study.toml, or --analyte")),
        _ => Err(Problem::new(
            Code::new("layout-analyte-ambiguous"),
            whole.clone(),
            format!("the layout has the analytes {list}, of which several may be '{}'", study.analyte),
        )
        .expected("one name for each analyte")),
    }
}

/// Takes out the wells of other analytes, where the layout has several.
pub(super) fn leave_others_out(
    said: &mut BTreeMap<WellPosition, WellCells<'_>>,
    sheet: &Sheet,
    assay: &Assay,
) -> Result<(), Problems> {
    let analyte = |(well, said): (&WellPosition, &WellCells<'_>)| {
        let (value, at) = said.analyte.as_ref()?;
        Some((*well, (value.text(), at.clone())))
    };
    let analytes: Analytes = said.iter().filter_map(analyte).collect();
    let others = of_others(&analytes, &assay.study, &sheet.whole())?;
    let mut problems = Problems::default();
    for (well, said) in said.iter().filter(|_| !analytes.is_empty()) {
        if let (None, Some((role, at))) = (&said.analyte, &said.role)
            && !matches!(role_word(&role.text()), Some("blank" | "unused"))
        {
            let found = format!("well {well}: a {} without an analyte, and other wells have one", role.text());
            problems.push(
                Problem::new(Code::new("layout-wells-without-analyte"), at.clone(), found)
                    .expected("the analyte of every standard, control and sample"),
            );
        }
    }
    said.retain(|well, _| !others.contains(well));
    problems.or(())
}
