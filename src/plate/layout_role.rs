//! What one well holds, from what a layout says of it: its role, and what that role needs.

use std::collections::BTreeMap;

use super::dilution;
use super::layout_forms::WellCells;
use super::layout_words::role_word;
use super::well::WellPosition;
use super::well_role::{LayoutWell, WellRole};
use crate::protocol::Assay;
use crate::sheet::mistakes::date_for_name;
use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Value};

/// What a well holds; `None` when it is unused.
pub(super) fn role(
    said: &WellCells<'_>,
    written: NumberNotation,
    assay: &Assay,
) -> Result<Option<(WellRole, Location)>, Problem> {
    let Some((value, at)) = &said.role else {
        let orphan = [&said.sample, &said.concentration, &said.dilution, &said.fraction].into_iter().flatten().next();
        return match orphan {
            None => Ok(None),
            Some((value, at)) => Err(Problem::new(
                Code::new("layout-role-missing"),
                at.clone(),
                format!("'{}' is given, but the well has no role", value.text()),
            )
            .expected("a role: standard, control, blank, sample or unused")),
        };
    };
    if let Some((advice, (value, at))) = said.sample.as_ref().and_then(|said| Some((date_for_name(said.0)?, said))) {
        let found = format!("the name is '{}', a date or time", value.text());
        return Err(Problem::new(Code::new("layout-name-is-a-date"), at.clone(), found)
            .expected("the name of a sample or control")
            .advice(advice));
    }
    let name = said.sample.as_ref().map(|(value, _)| value.text());
    let concentration = said.concentration.as_ref().map(|(value, at)| concentration(value, written, at)).transpose()?;
    let factor = match (&said.dilution, &said.fraction) {
        (Some((value, at)), None) => dilution::parse(value, written).map_err(|wrong| wrong.at(at.clone()))?,
        (None, Some((value, at))) => dilution::parse_fraction(value, written).map_err(|wrong| wrong.at(at.clone()))?,
        (None, None) => None,
        (Some(_), Some((_, at))) => {
            return Err(Problem::new(
                Code::new("layout-two-dilutions"),
                at.clone(),
                "a dilution and a dilution_fraction",
            )
            .expected("one of the two"));
        }
    };
    let role = match role_word(&value.text()).unwrap_or_default() {
        "standard" => WellRole::Standard { concentration: standard(concentration, name.as_deref(), at, assay)? },
        "control" => control(name, concentration, factor, at, assay)?,
        "blank" => WellRole::Blank,
        "sample" => {
            let Some(id) = name else {
                return Err(Problem::new(
                    Code::new("layout-sample-without-name"),
                    at.clone(),
                    "a sample without a name",
                )
                .expected("the sample's name in 'sample'"));
            };
            WellRole::Sample { id, dilution: factor }
        }
        "unused" => return Ok(None),
        _ => {
            return Err(Problem::new(
                Code::new("layout-role-unknown"),
                at.clone(),
                format!("role '{}'", value.text().to_lowercase()),
            )
            .expected("standard, control, blank, sample or unused"));
        }
    };
    Ok(Some((role, at.clone())))
}

/// Controls of one level of which some wells say a concentration and others none: one of the two is a slip.
pub(super) fn controls_said_once(wells: &BTreeMap<WellPosition, LayoutWell>) -> Problems {
    let mut known: BTreeMap<&str, WellPosition> = BTreeMap::new();
    for (&position, well) in wells {
        if let WellRole::Control { level, nominal: Some(_), .. } = &well.role {
            known.entry(level).or_insert(position);
        }
    }
    let without = wells.iter().filter_map(|(position, well)| match &well.role {
        WellRole::Control { level, nominal: None, .. } => {
            let found = format!(
                "well {position}: control '{level}' without the concentration that it has in {}",
                known.get(level.as_str())?
            );
            Some(
                Problem::new(Code::new("layout-control-contradicted"), well.location.clone(), found)
                    .expected("one concentration for each level of a control, or none in all its wells"),
            )
        }
        _ => None,
    });
    Problems(without.collect())
}

/// A control with its nominal concentration: beside it, or that of its level in the study. One without is watched, not judged.
pub(super) fn control(
    level: Option<String>,
    concentration: Option<f64>,
    dilution: Option<f64>,
    at: &Location,
    assay: &Assay,
) -> Result<WellRole, Problem> {
    let Some(level) = level else {
        return Err(Problem::new(Code::new("layout-control-without-level"), at.clone(), "a control without a level")
            .expected("its level, such as low, in 'sample'"));
    };
    let declared = assay.controls.iter().find(|control| control.level == level);
    // Where the levels are declared, one that is not among them is a slip, and never a control that nobody judges.
    let undeclared = concentration.is_none() && declared.is_none() && !assay.controls.is_empty();
    let nominal = concentration.or(declared.and_then(|control| control.nominal));
    if undeclared || nominal.is_some_and(|nominal| nominal <= 0.0) {
        return Err(Problem::new(
            Code::new("layout-control-without-nominal"),
            at.clone(),
            format!("control '{level}' without a nominal concentration"),
        )
        .expected(
            "a number above 0 in 'concentration', or a [[control]] of that level in study.toml or the file of --method",
        ));
    }
    Ok(WellRole::Control { level, nominal, dilution: dilution.unwrap_or(1.0) })
}

/// The concentration of a standard: in its cell, or of its level in `[standards]`.
fn standard(said: Option<f64>, level: Option<&str>, at: &Location, assay: &Assay) -> Result<f64, Problem> {
    if let Some(concentration) = said {
        return Ok(concentration);
    }
    let by_level = level.and_then(|level| level.parse::<usize>().ok()).and_then(|level| level.checked_sub(1));
    by_level.and_then(|level| assay.standards.get(level).copied()).ok_or_else(|| {
        Problem::new(Code::new("layout-standard-without-concentration"), at.clone(), "a standard without a concentration").expected(
            "its concentration in 'concentration', or its level (1, 2, …) in 'sample' and their list: [standards] in study.toml, or --standards",
        )
    })
}

fn concentration(value: &Value, written: NumberNotation, at: &Location) -> Result<f64, Problem> {
    written.number(value).filter(|number| *number >= 0.0).ok_or_else(|| {
        Problem::new(Code::new("layout-not-a-concentration"), at.clone(), format!("concentration '{}'", value.text()))
            .expected("a number ≥ 0")
            .advice(written.advice(value))
    })
}
