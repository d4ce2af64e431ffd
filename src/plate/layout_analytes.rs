//! Several analytes on one plate: each well of a layout may say which of them it is for, in a column `analyte` of a table or a grid
//! `analyte` beside the others or beside a map. A study, and each run of `plate`, evaluates one of them.

use std::collections::{BTreeMap, BTreeSet};

use super::well::WellPosition;
use crate::protocol::StudySettings;
use crate::sheet::{Location, Problem};

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
        _ if study.analyte.is_empty() => {
            Err(Problem::new(whole.clone(), format!("the layout has the analytes {list}"))
                .expected("one that is evaluated: --analyte NAME, one run for each"))
        }
        (0, _) => Err(Problem::new(
            whole.clone(),
            format!("the layout has the analytes {list}, and none is '{}'", study.analyte),
        )
        .expected("the analyte that is evaluated among them: analyte = \"…\" in [study] of study.toml, or --analyte")),
        _ => Err(Problem::new(
            whole.clone(),
            format!("the layout has the analytes {list}, of which several may be '{}'", study.analyte),
        )
        .expected("one name for each analyte")),
    }
}
