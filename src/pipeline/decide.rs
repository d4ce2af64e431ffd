//! What a person wants to decide, checked against the study before it is written.

use std::path::{Path, PathBuf};

use super::quantify::{Quantified, quantify_from};
use super::run::Run;
use crate::files::InputFolder;
use crate::plate::{AssayPlate, WellRole};
use crate::record::{self, CheckedDecision, EarlierRun, ReviewKind, Target};
use crate::sheet::{Code, Location, Problem, Problems};

/// A decision that somebody asks for, before the study was read.
///
/// ```
/// use platewise::pipeline::RequestedDecision;
/// assert_ne!(RequestedDecision::Undo(1), RequestedDecision::Undo(2));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum RequestedDecision {
    /// To leave the target out.
    Exclude(Target),
    /// To end the exclusion of this line.
    Undo(usize),
    /// To let the verdict and the results of a plate stand.
    Review {
        /// Whether it was reviewed or is approved.
        kind: ReviewKind,
        /// The plate.
        plate: String,
        /// The person who reviews it.
        who: String,
        /// The folder of the results that were looked at; `None` where the study itself was shown, as it is now.
        results: Option<PathBuf>,
    },
}

/// What was asked, with what the study knows of it: its plate, well or standard is there; a review has the verdict that it is about,
/// and the hashes of what was looked at.
///
/// # Errors
/// When the study cannot be read, its log of decisions is broken, or it does not have what is asked about; for a review also when the
/// results that were looked at are no longer those of the study, or when the method asks for a second person.
pub fn check_decision(study: &InputFolder, requested: RequestedDecision) -> Result<CheckedDecision, Problems> {
    decision_for(&quantify_from(study, &|_| ())?, study.path(), requested)
}

/// The same of a study that was read.
pub(super) fn decision_for(
    study: &Quantified,
    folder: &Path,
    requested: RequestedDecision,
) -> Result<CheckedDecision, Problems> {
    let plate = |id: &str| {
        study.plates.iter().position(|plate| plate.id == id).ok_or_else(|| {
            let ids: Vec<&str> = study.plates.iter().map(|plate| plate.id.as_str()).collect();
            missing(
                Code::new("decision-no-such-plate"),
                format!("no plate '{id}' in the study"),
                format!("one of {}", ids.join(", ")),
            )
        })
    };
    match requested {
        RequestedDecision::Exclude(target) => {
            let at = plate(&target.plate)?;
            let found = study.plates[at].concentrations.as_ref().map(|found| &found.plate);
            Ok(CheckedDecision::Exclude(checked(target, found)?))
        }
        RequestedDecision::Undo(line) => Ok(CheckedDecision::Undo(line)),
        RequestedDecision::Review { kind, plate: id, who, results } => {
            let at = plate(&id)?;
            by_a_second_person(study, &id, &who)?;
            let (verdict, looked_at) = (study.plates[at].verdict.verdict.to_string(), study.looked_at[at].clone());
            if let Some(results) = results {
                are_of_the_study(study, folder, &results)?;
            }
            Ok(CheckedDecision::Review { kind, plate: id, verdict, looked_at })
        }
    }
}

/// Nobody reviews a plate of which they excluded something, where the method says so.
fn by_a_second_person(study: &Quantified, plate: &str, who: &str) -> Result<(), Problem> {
    if !study.protocol.assay.review.second_person {
        return Ok(());
    }
    let decisions = &study.exclusions.decisions;
    match decisions.exclusions_of(plate).find(|(_, decision)| record::is_same_person(&decision.who, who)) {
        None => Ok(()),
        Some((line, decision)) => Err(missing(
            Code::new("review-by-who-excluded"),
            format!("{who} excluded {} by line {line}", decision.target),
            "another person, as [review] second_person = true asks".into(),
        )),
    }
}

/// What was looked at are the results that the study gives now.
fn are_of_the_study(study: &Quantified, folder: &Path, results: &Path) -> Result<(), Problems> {
    let earlier = EarlierRun::read(results, &study.protocol.assay.study.id)?;
    let Some(shown) = earlier.concentrations else { return Ok(()) };
    if shown == Run::new(study.clone(), None, record::now())?.record.concentrations_sha256 {
        return Ok(());
    }
    let found = "the concentrations there are not those that the study gives now";
    let advice = format!(
        "Nothing was written. Run `platewise quantify {}`, look at the plate, and decide then",
        folder.display()
    );
    Err(Problem::new(Code::new("decision-on-other-results"), Location::file(results.display().to_string()), found)
        .expected("the results that were looked at")
        .advice(advice)
        .into())
}

fn missing(code: Code, found: String, expected: String) -> Problem {
    Problem::new(code, Location::file(crate::record::DECISIONS_FILE), found)
        .expected(expected)
        .advice("Nothing was written")
}

/// The target with its well in the usual form. Of a plate that could not be read only the whole can be excluded.
fn checked(target: Target, plate: Option<&AssayPlate>) -> Result<Target, Problem> {
    if target.well.is_none() && target.standard.is_none() {
        return Ok(target);
    }
    let Some(plate) = plate else {
        let found = format!("plate {} could not be read", target.plate);
        return Err(missing(
            Code::new("decision-on-unread-plate"),
            found,
            "the whole plate, or a plate that can be read".into(),
        ));
    };
    if let Some(text) = &target.well {
        let position = text
            .parse()
            .map_err(|_| missing(Code::new("decision-well"), format!("well '{text}'"), "a well such as E07".into()))?;
        if !plate.wells.iter().any(|well| well.position == position) {
            let found = format!("well {position} of plate {} has no role in its layout", plate.id);
            return Err(missing(Code::new("decision-well-without-role"), found, "a well that holds something".into()));
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
    Err(missing(Code::new("decision-standard"), found, format!("one of {}", levels.join(", "))))
}
