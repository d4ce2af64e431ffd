//! The map form of a layout: one grid in whose cells everything is said, as people fill it in by hand.
//!
//! What a cell may say stands in `layout_cell.rs`; whatever else it says is named, and so is what may mean two things: a bare number, a word that is nearly one for a role, `S1`
//! beside standards that are called otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::dilution;
use super::layout_analytes::{self, Analytes};
use super::layout_cell::{CellContent, EXPECTED, numbers, said};
use super::layout_grid::LayoutGrid;
use super::layout_role::{control, controls_said_once};
use super::layout_series::{self, ExpandedSeries};
use super::well::WellPosition;
use super::well_role::{LayoutWell, WellRole};
use crate::protocol::Assay;
use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Sheet, Value};

/// Reads the wells of a map.
///
/// # Errors
/// Every cell that is not understood or may be understood in two ways, by its place.
pub(super) fn read(
    sheet: &Sheet,
    grid: &LayoutGrid,
    analytes: Option<&LayoutGrid>,
    assay: &Assay,
) -> Result<LayoutMap, Problems> {
    let mut problems = Problems::default();
    let mut free = BTreeSet::new();
    let analytes = analytes.map_or_else(|| Ok(Analytes::new()), |regions| regions_of(sheet, regions, grid))?;
    let others = layout_analytes::of_others(&analytes, &assay.study, &sheet.whole())?;
    let rest = RestDilution::find(sheet)?;
    let mut cells: Vec<(WellPosition, CellContent, Location)> = Vec::new();
    let mut not_understood: Vec<NotUnderstoodWells> = Vec::new();
    for well in grid.size.wells() {
        let (value, at) = grid.cell(sheet, well);
        if others.contains(&well) {
            continue;
        }
        if value.is_empty() {
            free.insert(well);
        }
        match said(value) {
            Ok(CellContent::Nothing) => {}
            Ok(said) => {
                if !analytes.is_empty() && !analytes.contains_key(&well) && said != CellContent::Blank {
                    let found = format!("well {well}: '{}' has no analyte, and other wells have one", value.text());
                    problems.push(
                        Problem::new(Code::new("map-wells-without-analyte"), at.clone(), found)
                            .expected("the analyte of every standard, control and sample"),
                    );
                }
                cells.push((well, said, at));
            }
            Err((found, expected)) => {
                NotUnderstoodWells::add(&mut not_understood, (well, value.text(), at), found, expected);
            }
        }
    }
    problems.extend(Problems(not_understood.into_iter().map(NotUnderstoodWells::problem).collect()));
    let numbers = cells.iter().flat_map(|(_, said, at)| numbers(said).into_iter().map(|number| (number, at.clone())));
    let numbers = numbers.chain(rest.as_ref().map(|rest| (dilution::digits(&rest.said), rest.at.clone())));
    let written = match NumberNotation::of(sheet, numbers) {
        Ok(written) => written,
        Err(problem) => {
            problems.push(problem);
            return Err(problems);
        }
    };
    let standards = StandardNumbering::of(&cells, written, assay);
    let series = cells.iter().filter_map(|(well, said, at)| match said {
        CellContent::Series(series) => Some((*well, (series.clone(), at.clone()))),
        _ => None,
    });
    let map = layout_series::SeriesMap { size: grid.size, free: &free, transposed: grid.transposed(), written };
    let ExpandedSeries { mut wells, problems: wrong, notes } = map.expand(&series.collect());
    problems.extend(Problems(wrong));
    for (well, said, at) in cells.iter().filter(|(_, said, _)| !matches!(said, CellContent::Series(_))) {
        match role(said, &standards, written, at, assay) {
            Ok(role) => {
                wells.insert(*well, LayoutWell { role, location: at.clone() });
            }
            Err(problem) => problems.push(Problem { found: format!("well {well}: {}", problem.found), ..problem }),
        }
    }
    if let Some(rest) = rest {
        match dilution::parse(&rest.said, written) {
            Ok(factor) => rest.fill(factor, &mut wells),
            Err(wrong) => problems.push(wrong.at(rest.at)),
        }
    }
    problems.extend(controls_said_once(&wells));
    if wells.is_empty() && problems.0.is_empty() {
        problems.push(
            Problem::new(Code::new("map-empty"), grid.corner(sheet), "the map of the plate is empty")
                .expected(EXPECTED),
        );
    }
    problems.or(LayoutMap { wells, notes })
}

/// Wells of which the same is not understood.
struct NotUnderstoodWells {
    /// The first of them, with what it says and what is expected there.
    first: (WellPosition, String, Location),
    found: String,
    expected: String,
    /// The others.
    others: Vec<WellPosition>,
}

impl NotUnderstoodWells {
    /// Adds a well: to those of which the same was found: so that a plate of one mistake is one problem.
    fn add(all: &mut Vec<Self>, (well, text, at): (WellPosition, String, Location), found: String, expected: String) {
        match all.iter_mut().find(|known| known.found == found) {
            Some(known) => known.others.push(well),
            None => all.push(Self { first: (well, text, at), found, expected, others: Vec::new() }),
        }
    }

    fn problem(self) -> Problem {
        let (well, text, at) = self.first;
        let mut found = format!("well {well}: '{text}' {}", self.found);
        if !self.others.is_empty() {
            let wells: Vec<String> = self.others.iter().map(WellPosition::to_string).collect();
            let count =
                if wells.len() == 1 { "1 other well".to_string() } else { format!("{} other wells", wells.len()) };
            found += &format!("; the same in {count}: {}", wells.join(", "));
        }
        Problem::new(Code::new("map-cell-not-understood"), at, found).expected(self.expected)
    }
}

/// What stands before the dilution of the samples whose cells say none.
pub const DILUTION_OF_THE_REST: &str = "Dilution of every sample that says none:";

/// The dilution of the samples whose cells say none, in the cell behind [`DILUTION_OF_THE_REST`].
struct RestDilution {
    said: Value,
    at: Location,
}

impl RestDilution {
    /// Finds it, where something stands behind those words.
    fn find(sheet: &Sheet) -> Result<Option<Self>, Problem> {
        let words = |text: &str| text.trim_end_matches(':').trim().to_lowercase();
        let mut found: Option<Self> = None;
        for (row, cells) in sheet.rows.iter().enumerate() {
            let named = |column: &usize| words(&sheet.text(row, *column)) == words(DILUTION_OF_THE_REST);
            for column in (0..cells.len()).filter(named) {
                let beside = (column + 1..cells.len()).find(|&at| !sheet.value(row, at).is_empty());
                let Some(at) = beside else { continue };
                let rest = Self { said: sheet.value(row, at).clone(), at: sheet.location(row, at) };
                if found.replace(rest).is_some() {
                    return Err(Problem::new(
                        Code::new("map-dilution-twice"),
                        sheet.location(row, column),
                        "the dilution of the other samples appears twice",
                    )
                    .expected("it once"));
                }
            }
        }
        Ok(found)
    }

    fn fill(&self, factor: Option<f64>, wells: &mut BTreeMap<WellPosition, LayoutWell>) {
        for well in wells.values_mut() {
            if let WellRole::Sample { dilution: dilution @ None, .. } = &mut well.role {
                *dilution = factor;
            }
        }
    }
}

/// The analyte of each well of a map, by the grid that names them.
fn regions_of(sheet: &Sheet, regions: &LayoutGrid, map: &LayoutGrid) -> Result<Analytes, Problem> {
    if regions.size != map.size {
        let found = format!("the grid 'analyte' is for {}, the map for {}", regions.size, map.size);
        return Err(Problem::new(Code::new("map-analytes-of-another-size"), regions.corner(sheet), found)
            .expected("grids of one size"));
    }
    let named = |well| {
        let (value, at) = regions.cell(sheet, well);
        (!value.is_empty()).then(|| (well, (value.text(), at)))
    };
    Ok(map.size.wells().filter_map(named).collect())
}

/// What a map says.
pub(super) struct LayoutMap {
    pub(super) wells: BTreeMap<WellPosition, LayoutWell>,
    /// What was read and should be looked at.
    pub(super) notes: Vec<Problem>,
}

/// How the numbers behind `Std` and `S` are meant, in the whole map.
struct StandardNumbering {
    /// The numbers are levels: 1, 2, 3 … without a gap.
    by_level: bool,
    /// Standards are called by a word, so that `S1` may be a sample.
    worded: bool,
}

impl StandardNumbering {
    fn of(cells: &[(WellPosition, CellContent, Location)], written: NumberNotation, assay: &Assay) -> Self {
        let mut by_word: BTreeSet<u64> = BTreeSet::new();
        let mut all_whole = true;
        let mut worded = false;
        for (_, said, _) in cells {
            match said {
                CellContent::Standard { letter: true, .. } | CellContent::Level { .. } => {}
                CellContent::Standard { number, unit, .. } => {
                    worded = true;
                    match written
                        .number_in(number)
                        .filter(|number| number.fract() == 0.0 && (1.0..=24.0).contains(number))
                    {
                        Some(number) if unit.is_none() => drop(by_word.insert(number as u64)),
                        _ => all_whole = false,
                    }
                }
                _ => {}
            }
        }
        let consecutive = by_word.iter().copied().eq(1..=by_word.len() as u64);
        // Two numbers 1 and 2 may be concentrations: they are levels where the levels are declared.
        let enough = by_word.len() >= 3 || !assay.standards.is_empty();
        Self { by_level: all_whole && consecutive && enough && !by_word.is_empty(), worded }
    }
}

fn role(
    said: &CellContent,
    standards: &StandardNumbering,
    written: NumberNotation,
    at: &Location,
    assay: &Assay,
) -> Result<WellRole, Problem> {
    match said {
        // A series has been read before, all its wells together.
        CellContent::Nothing | CellContent::Series(_) => Ok(WellRole::Unused),
        CellContent::Blank => Ok(WellRole::Blank),
        CellContent::Standard { number, letter: true, .. } if standards.worded => Err(Problem::new(
            Code::new("map-standard-or-sample"),
            at.clone(),
            format!("'S{number}' may be a standard or a sample"),
        )
        .expected("one word for the standards of a map: others are called Std, Cal …")
        .advice(format!("Write 'Std {number}' or 'Sample S{number}'"))),
        CellContent::Standard { number, letter, unit } if *letter || (standards.by_level && unit.is_none()) => {
            level(number, at, assay)
        }
        CellContent::Standard { number, unit, .. } => standard(number, unit.as_deref(), written, at, assay),
        CellContent::Level { level: known, concentration, unit } => {
            let role = standard(concentration, unit.as_deref(), written, at, assay)?;
            let declared = known.checked_sub(1).and_then(|level| assay.standards.get(level));
            match (&role, declared) {
                (WellRole::Standard { concentration }, Some(declared)) if concentration != declared => {
                    Err(Problem::new(
                        Code::new("map-level-contradicted"),
                        at.clone(),
                        format!("level {known} is {concentration} here and {declared} in the list of standards"),
                    )
                    .expected("one concentration"))
                }
                _ => Ok(role),
            }
        }
        CellContent::Control { level, nominal, unit, dilution } => {
            let nominal = nominal
                .as_ref()
                .map(|number| concentration(number, unit.as_deref(), written, at, assay))
                .transpose()?;
            control(Some(level.clone()), nominal, factor(dilution.as_deref(), written, at)?, at, assay)
        }
        CellContent::Sample { name, dilution } => {
            Ok(WellRole::Sample { id: name.clone(), dilution: factor(dilution.as_deref(), written, at)? })
        }
    }
}

fn level(number: &str, at: &Location, assay: &Assay) -> Result<WellRole, Problem> {
    let level = number.parse::<usize>().ok().and_then(|level| level.checked_sub(1));
    match level.and_then(|level| assay.standards.get(level)) {
        Some(&concentration) => Ok(WellRole::Standard { concentration }),
        None if assay.standards.is_empty() => Err(Problem::new(Code::new("map-level-without-concentration"), at.clone(), format!("the standard of level {number} without a concentration"))
            .expected("its concentration in the cell (Std 2000), or those of all levels: [standards] in study.toml, or --standards")),
        None => Err(Problem::new(Code::new("map-level-unknown"), at.clone(), format!("there is no standard of level {number}"))
            .expected(format!("a level from 1 to {}", assay.standards.len()))
            .advice(format!("If it is a sample, write 'Sample S{number}'"))),
    }
}

fn standard(
    number: &str,
    unit: Option<&str>,
    written: NumberNotation,
    at: &Location,
    assay: &Assay,
) -> Result<WellRole, Problem> {
    Ok(WellRole::Standard { concentration: concentration(number, unit, written, at, assay)? })
}

fn concentration(
    number: &str,
    unit: Option<&str>,
    written: NumberNotation,
    at: &Location,
    assay: &Assay,
) -> Result<f64, Problem> {
    let own = assay.study.unit.replace(' ', "");
    // Where nobody has said the unit yet, that is asked by itself.
    if let Some(other) = unit.filter(|unit| !own.is_empty() && !unit.eq_ignore_ascii_case(&own)) {
        return Err(Problem::new(Code::new("map-other-unit"), at.clone(), format!("a concentration in {other}"))
            .expected(format!("one in {}, the unit of all concentrations", assay.study.unit)));
    }
    let value = Value::Text(number.to_string());
    written.number_in(number).filter(|number| *number >= 0.0).ok_or_else(|| {
        Problem::new(Code::new("map-not-a-concentration"), at.clone(), format!("concentration '{number}'"))
            .expected("a number ≥ 0")
            .advice(written.advice(&value))
    })
}

fn factor(text: Option<&str>, written: NumberNotation, at: &Location) -> Result<Option<f64>, Problem> {
    match text {
        None => Ok(None),
        Some(text) => dilution::parse(&Value::Text(text.to_string()), written).map_err(|wrong| wrong.at(at.clone())),
    }
}
