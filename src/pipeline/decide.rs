//! What a person wants to decide, held against the study before it is written.

use super::quantify::quantify_from;
use crate::files::InputFolder;
use crate::plate::{AssayPlate, WellRole};
use crate::record::{Target, Wish};
use crate::sheet::{Location, Problem, Problems};

/// The wish with what the study knows of it: its plate, well or standard is there; an acceptance has the verdict that it is about.
///
/// # Errors
/// When the study cannot be read, its log of decisions is broken, or it does not have what the wish names.
pub fn check_wish(study: &InputFolder, wish: Wish) -> Result<Wish, Problems> {
    let study = quantify_from(study, &|_| ())?;
    let plate = |id: &str| {
        study.plates.iter().find(|plate| plate.id == id).ok_or_else(|| {
            let ids: Vec<&str> = study.plates.iter().map(|plate| plate.id.as_str()).collect();
            missing(format!("no plate '{id}' in the study"), format!("one of {}", ids.join(", ")))
        })
    };
    match wish {
        Wish::Exclude(target) => {
            let found = plate(&target.plate)?.concentrations.as_ref().map(|found| &found.plate);
            Ok(Wish::Exclude(checked(target, found)?))
        }
        Wish::Undo(line) => Ok(Wish::Undo(line)),
        Wish::Accept { plate: id, .. } => {
            let verdict = plate(&id)?.verdict.verdict.to_string();
            Ok(Wish::Accept { plate: id, verdict })
        }
    }
}

fn missing(found: String, expected: String) -> Problem {
    Problem::new(Location::file(crate::record::DECISIONS_FILE), found).expected(expected).advice("Nothing was written")
}

/// The target with its well in the usual form. Of a plate that could not be read only the whole can be excluded.
fn checked(target: Target, plate: Option<&AssayPlate>) -> Result<Target, Problem> {
    if target.well.is_none() && target.standard.is_none() {
        return Ok(target);
    }
    let Some(plate) = plate else {
        let found = format!("plate {} could not be read", target.plate);
        return Err(missing(found, "the whole plate, or a plate that can be read".into()));
    };
    if let Some(text) = &target.well {
        let position = text.parse().map_err(|_| missing(format!("well '{text}'"), "a well such as E07".into()))?;
        if !plate.wells.iter().any(|well| well.position == position) {
            let found = format!("well {position} of plate {} has no role in its layout", plate.id);
            return Err(missing(found, "a well that holds something".into()));
        }
        return Ok(Target { well: Some(position.to_string()), ..target });
    }
    let mut levels: Vec<f64> = plate
        .wells
        .iter()
        .filter_map(
            |well| if let WellRole::Standard { concentration } = well.role { Some(concentration) } else { None },
        )
        .collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    if target.standard.is_some_and(|standard| levels.contains(&standard)) {
        return Ok(target);
    }
    let levels: Vec<String> = levels.iter().map(ToString::to_string).collect();
    let found = format!("no standard {} on plate {}", target.standard.unwrap_or_default(), plate.id);
    Err(missing(found, format!("one of {}", levels.join(", "))))
}
