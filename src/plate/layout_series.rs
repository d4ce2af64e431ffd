//! A dilution series in the short form of a map: `S12 1:10 ×4 down`.
//!
//! The sample, the dilution of the first well, how many times further each next well is diluted, and where the series goes: `down` or
//! `right`, on the sheet. Factors f₀, f₀·s, f₀·s² …
//!
//! | written | wells |
//! |---|---|
//! | `S12 1:10 ×4 down 8` | eight, this one the first; the others are empty cells |
//! | the same text in every well of the series, or in cells that are merged to one | those |
//! | `S12 1:10 ×4 down` in one cell | up to the next cell with something in it, or the edge of the plate. Nobody has said where it ends, so that is said with its wells and factors |

use std::collections::{BTreeMap, BTreeSet};

use super::dilution;
use super::well::{PlateSize, WellPosition};
use super::well_role::{LayoutWell, WellRole};
use crate::sheet::{Code, Location, NumberNotation, Problem, Value};

/// Why a cell is not understood, and what was expected.
pub(super) type NotUnderstood = (String, String);

/// What a cell says of a series, before its numbers are read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    /// The dilution of its first well, as it is written.
    pub(super) first: String,
    /// How many times further each next well is diluted.
    pub(super) step: String,
    down: bool,
    /// The number of its wells, where that is said.
    wells: Option<usize>,
}

/// What a text has behind the sample and its first dilution.
pub(super) struct Tail<'t> {
    pub(super) sample: &'t str,
    step: String,
    down: bool,
    wells: Option<usize>,
}

/// The parts of a text that ends as a series does; `None` where it does not.
pub(super) fn tail(text: &str) -> Option<Tail<'_>> {
    let (before, number) = match text.trim_end_matches(" wells").rsplit_once(' ') {
        Some((before, last)) if last.parse::<usize>().is_ok() => (before, last.parse().ok()),
        _ => (text, None),
    };
    let (before, direction) = before.rsplit_once(' ')?;
    let down = match direction.to_lowercase().as_str() {
        "down" | "↓" => true,
        "right" | "across" | "→" => false,
        _ => return None,
    };
    let at = before.rfind(['×', 'x', 'X', '*'])?;
    let (sample, step) = before.split_at(at);
    let step = step.trim_start_matches(['×', 'x', 'X', '*']).trim();
    let is_number = step.starts_with(|c: char| c.is_ascii_digit()) && !step.contains(char::is_alphabetic);
    let apart = sample.ends_with(' ');
    (is_number && apart).then(|| Tail { sample: sample.trim_end(), step: step.to_string(), down, wells: number })
}

impl Tail<'_> {
    /// The series of a sample.
    pub(super) fn of(self, name: String, first: Option<String>) -> Result<Series, NotUnderstood> {
        let first = first.ok_or_else(|| {
            let expected =
                format!("its first dilution before the step, as in {name} 1:10 ×4 down 8, or {name} neat ×4 down 8");
            ("is a dilution series without its first dilution".to_string(), expected)
        })?;
        Ok(Series { name, first, step: self.step, down: self.down, wells: self.wells })
    }
}

/// The cells of a map of which some hold a series.
pub(super) struct SeriesMap<'m> {
    pub(super) size: PlateSize,
    /// Wells whose cell has nothing in it at all.
    pub(super) free: &'m BTreeSet<WellPosition>,
    /// Whether the map has letters across: what is down on the sheet is across the plate.
    pub(super) transposed: bool,
    pub(super) written: NumberNotation,
}

/// What the series of a map say.
#[derive(Default)]
pub(super) struct ExpandedSeries {
    pub(super) wells: BTreeMap<WellPosition, LayoutWell>,
    pub(super) problems: Vec<Problem>,
    /// Series whose end nobody has said, with what they are taken for.
    pub(super) notes: Vec<Problem>,
}

impl SeriesMap<'_> {
    /// The wells of every series.
    pub(super) fn expand(&self, cells: &BTreeMap<WellPosition, (Series, Location)>) -> ExpandedSeries {
        let mut expanded = ExpandedSeries::default();
        for (&well, (series, at)) in cells {
            let says_the_same = |other: WellPosition| cells.get(&other).is_some_and(|(other, _)| other == series);
            if self.beside(well, series, -1).is_some_and(says_the_same) {
                continue; // of a series that began before it
            }
            match self
                .wells(well, series, at, says_the_same)
                .and_then(|wells| Ok((self.factors(series, wells.len(), at)?, wells)))
            {
                Ok((factors, wells)) => self.add(series, at, wells.into_iter().zip(factors), cells, &mut expanded),
                Err(problem) => {
                    let found = format!("well {well}: the dilution series '{}' {}", series.name, problem.found);
                    expanded.problems.push(Problem { found, ..problem });
                }
            }
        }
        expanded
    }

    fn add(
        &self,
        series: &Series,
        at: &Location,
        wells: impl Iterator<Item = (WellPosition, f64)>,
        cells: &BTreeMap<WellPosition, (Series, Location)>,
        expanded: &mut ExpandedSeries,
    ) {
        let wells: Vec<(WellPosition, f64)> = wells.collect();
        for &(well, factor) in &wells {
            let role = WellRole::Sample { id: series.name.clone(), dilution: Some(factor) };
            let location = cells.get(&well).map_or_else(|| at.clone(), |(_, at)| at.clone());
            if expanded.wells.insert(well, LayoutWell { role, location }).is_some() {
                let found = format!("well {well} is in two dilution series, one of them '{}'", series.name);
                expanded.problems.push(
                    Problem::new(Code::new("series-wells-not-said"), at.clone(), found)
                        .expected("the number of wells of each, as in S12 1:10 ×4 down 8"),
                );
            }
        }
        let said = series.wells.is_some() || wells.get(1).is_some_and(|(well, _)| cells.contains_key(well));
        if let (false, [(first, _), .., (last, _)]) = (said, wells.as_slice()) {
            let factors: Vec<String> = wells.iter().map(|(_, factor)| format!("1:{factor}")).collect();
            let found = format!(
                "the dilution series '{}' is taken for {} wells, {first} to {last}: {}",
                series.name,
                wells.len(),
                factors.join(", ")
            );
            let direction = if series.down { "down" } else { "right" };
            let advice = format!(
                "Nobody has said where it ends: write the number of its wells, as in {} {} ×{} {direction} {}",
                series.name,
                series.first,
                series.step,
                wells.len()
            );
            expanded.notes.push(Problem::new(Code::new("series-wells-assumed"), at.clone(), found).advice(advice));
        }
    }

    /// The well so many steps along the series.
    fn beside(&self, well: WellPosition, series: &Series, steps: i32) -> Option<WellPosition> {
        let (row, column) = (i32::from(well.row), i32::from(well.column));
        let (row, column) = if series.down != self.transposed { (row + steps, column) } else { (row, column + steps) };
        let at = WellPosition::new(usize::try_from(row).ok()?, usize::try_from(column).ok()?);
        self.size.contains(at).then_some(at)
    }

    /// The wells of the series that begins at a well.
    fn wells(
        &self,
        first: WellPosition,
        series: &Series,
        at: &Location,
        same: impl Fn(WellPosition) -> bool,
    ) -> Result<Vec<WellPosition>, Problem> {
        let wrong =
            |code: Code, found: String, expected: &str| Err(Problem::new(code, at.clone(), found).expected(expected));
        let along = || (1..).map_while(|steps| self.beside(first, series, steps));
        let written: Vec<WellPosition> = along().take_while(|&well| same(well)).collect();
        let free: Vec<WellPosition> = along().take_while(|well| self.free.contains(well)).collect();
        let others = match series.wells {
            None if !written.is_empty() => written,
            None if free.is_empty() => {
                return wrong(
                    Code::new("series-without-room"),
                    "has no free well to go on to".into(),
                    "empty cells behind it, or one dilution (S12 1:10) in each cell",
                );
            }
            None => free,
            Some(wells) if !written.is_empty() && written.len() + 1 != wells => {
                return wrong(
                    Code::new("series-wells-contradicted"),
                    format!("says {wells} wells, and stands in {}", written.len() + 1),
                    "one number of wells",
                );
            }
            Some(_) if !written.is_empty() => written,
            Some(wells) if wells < 2 || free.len() + 1 < wells => {
                let found = format!("says {wells} wells, and {} are free from there on", free.len() + 1);
                return wrong(
                    Code::new("series-wells"),
                    found,
                    "two wells or more, on empty cells up to the edge of the plate",
                );
            }
            Some(wells) => free.into_iter().take(wells - 1).collect(),
        };
        Ok(std::iter::once(first).chain(others).collect())
    }

    /// The factor of each of its wells.
    fn factors(&self, series: &Series, wells: usize, at: &Location) -> Result<Vec<f64>, Problem> {
        let of = |text: &str| dilution::parse(&Value::Text(text.to_string()), self.written);
        let wrong = |problem: Problem| Problem { found: format!("has the {}", problem.found), ..problem };
        let first = of(&series.first).map_err(|not| wrong(not.at(at.clone())))?.unwrap_or(1.0);
        let step =
            self.written.number_in(&series.step).filter(|step| *step > 1.0 && step.is_finite()).ok_or_else(|| {
                Problem::new(Code::new("series-step"), at.clone(), format!("has the step '×{}'", series.step))
                    .expected("a number above 1, such as ×4")
            })?;
        let factors: Vec<f64> = std::iter::successors(Some(first), |factor| Some(factor * step)).take(wells).collect();
        let last = factors.last().copied().unwrap_or(first);
        dilution::parse(&Value::Number(last), self.written).map_err(|not| wrong(not.at(at.clone())))?;
        Ok(factors)
    }
}
