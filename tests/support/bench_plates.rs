//! Plates as laboratories make them, good ones and ones that do not agree with their layout, for tests of the agreement.
//!
//! A design says what is declared of each well. What is truly in the wells is the design, moved or exchanged by a fault; responses
//! follow one curve per plate with noise per well, and what else happens on good plates: edge effects, a gradient, an outlier, a
//! saturated top, a hook, samples near blank. SIMULATED throughout.

use std::collections::BTreeMap;

use platewise::curve::{Model, Parameters};
use platewise::plate::{Acquisition, AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use platewise::sheet::Location;
use platewise::stats::random::Random;

pub(crate) type Wells = BTreeMap<WellPosition, WellRole>;

/// A design: what a layout declares.
#[derive(Clone)]
pub(crate) struct Design {
    pub(crate) name: &'static str,
    pub(crate) size: PlateSize,
    pub(crate) replicates: usize,
    pub(crate) wells: Wells,
}

fn standard(concentration: f64) -> WellRole {
    WellRole::Standard { concentration }
}

fn control(level: &str) -> WellRole {
    let nominal = match level {
        "low" => 90.0,
        "mid" => 250.0,
        _ => 1500.0,
    };
    WellRole::Control { level: level.into(), nominal: Some(nominal), dilution: 1.0 }
}

fn sample(number: usize) -> WellRole {
    WellRole::Sample { id: format!("S{number:03}"), dilution: Some(10.0) }
}

/// `levels` standards from 2000 down by halves, the last one zero.
fn levels(levels: usize) -> Vec<WellRole> {
    (0..levels).map(|k| standard(if k + 1 == levels { 0.0 } else { 2000.0 / f64::from(1 << k) })).collect()
}

/// Fills groups of `replicates` wells side by side, down the rows, from `first` column on.
fn side_by_side(size: PlateSize, first: usize, replicates: usize, contents: &[WellRole]) -> Wells {
    let at = |n: usize, replicate| WellPosition::new(n % size.rows, first + replicates * (n / size.rows) + replicate);
    let placed =
        contents.iter().enumerate().flat_map(|(n, role)| (0..replicates).map(move |r| (at(n, r), role.clone())));
    placed.filter(|(well, _)| size.contains(*well)).collect()
}

/// Controls, samples as many as given, controls.
fn unknowns(samples: usize) -> Vec<WellRole> {
    let controls = ["low", "mid", "high"].map(control);
    controls.iter().cloned().chain((0..samples).map(sample)).chain(controls.iter().cloned()).collect()
}

fn in_columns(name: &'static str, size: PlateSize, replicates: usize, standards: usize, samples: usize) -> Design {
    let mut wells = side_by_side(size, 0, replicates, &levels(standards));
    wells.extend(side_by_side(size, replicates, replicates, &unknowns(samples)));
    Design { name, size, replicates, wells }
}

/// Standards in the rows A and B from left to right, then controls and a blank; samples in pairs one above the other.
fn in_rows() -> Design {
    let size = PlateSize::WELLS_96;
    let first = levels(8).into_iter().chain(["low", "mid", "high"].map(control)).chain([WellRole::Blank]);
    let mut wells = Wells::new();
    for (column, role) in first.enumerate() {
        (0..2).for_each(|row| drop(wells.insert(WellPosition::new(row, column), role.clone())));
    }
    for n in 0..36 {
        (0..2).for_each(|r| drop(wells.insert(WellPosition::new(2 + 2 * (n / 12) + r, n % 12), sample(n))));
    }
    Design { name: "rows", size, replicates: 2, wells }
}

/// Every design of the tests.
pub(crate) fn designs() -> Vec<Design> {
    let (small, large) = (PlateSize::WELLS_96, PlateSize::WELLS_384);
    vec![
        in_columns("columns, duplicates", small, 2, 8, 34),
        in_rows(),
        in_columns("columns, triplicates", small, 3, 8, 18),
        in_columns("384 wells, duplicates", large, 2, 8, 170),
        in_columns("384 wells, triplicates", large, 3, 10, 106),
        in_columns("columns, single wells", small, 1, 8, 82),
        in_columns("columns, few standards", small, 2, 6, 30),
    ]
}

/// Another layout of the same laboratory: everything two groups of columns (four rows, where standards lie in rows) further, around the
/// edge.
pub(crate) fn other_layout(design: &Design) -> Design {
    let shift = if design.name == "rows" { (4, 0) } else { (0, 2 * design.replicates) };
    let go = |well: &WellPosition| {
        let (row, column) = (usize::from(well.row) + shift.0, usize::from(well.column) + shift.1);
        WellPosition::new(row % design.size.rows, column % design.size.columns)
    };
    Design { wells: design.wells.iter().map(|(well, role)| (go(well), role.clone())).collect(), ..design.clone() }
}

/// What is wrong with a plate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    Turned,
    MirroredLeftRight,
    MirroredTopBottom,
    ShiftedDown,
    ShiftedUp,
    ShiftedRight,
    ShiftedLeft,
    Reversed,
    ReversedButZero,
    Swapped(usize, usize),
    OtherLayout,
}

/// What else happens on a plate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Circumstances {
    pub(crate) falling: bool,
    pub(crate) outlier: bool,
    pub(crate) edge: bool,
    pub(crate) saturated: bool,
    pub(crate) near_blank: bool,
    pub(crate) hook: bool,
    pub(crate) no_controls: bool,
}

/// What is truly in each well.
fn truth(design: &Design, fault: Fault) -> Wells {
    let (rows, columns) = (design.size.rows as isize, design.size.columns as isize);
    let go = |row: isize, column: isize| match fault {
        Fault::Turned => (rows - 1 - row, columns - 1 - column),
        Fault::MirroredLeftRight => (row, columns - 1 - column),
        Fault::MirroredTopBottom => (rows - 1 - row, column),
        Fault::ShiftedDown => (row + 1, column),
        Fault::ShiftedUp => (row - 1, column),
        Fault::ShiftedRight => (row, column + 1),
        Fault::ShiftedLeft => (row, column - 1),
        _ => (row, column),
    };
    let mut standards: Vec<f64> = design.wells.values().filter_map(level).collect();
    standards.sort_by(f64::total_cmp);
    standards.dedup();
    let last = standards.len() - 1;
    let role = |role: &WellRole| match (level(role), fault) {
        (Some(x), Fault::Reversed) => standard(standards[last - standards.iter().position(|&y| y == x).unwrap()]),
        (Some(x), Fault::ReversedButZero) if x > 0.0 => {
            // The lowest is the zero in every design.
            standard(standards[last + 1 - standards.iter().position(|&y| y == x).unwrap()])
        }
        (Some(x), Fault::Swapped(one, other)) if x == standards[one] => standard(standards[other]),
        (Some(x), Fault::Swapped(one, other)) if x == standards[other] => standard(standards[one]),
        _ => role.clone(),
    };
    let source = if fault == Fault::OtherLayout { &other_layout(design) } else { design };
    let moved = source.wells.iter().filter_map(|(well, what)| {
        let (row, column) = go(well.row as isize, well.column as isize);
        ((0..rows).contains(&row) && (0..columns).contains(&column))
            .then(|| (WellPosition::new(row as usize, column as usize), role(what)))
    });
    moved.collect()
}

fn level(role: &WellRole) -> Option<f64> {
    if let WellRole::Standard { concentration } = role { Some(*concentration) } else { None }
}

/// A plate that was made.
pub(crate) struct Made {
    pub(crate) plate: AssayPlate,
    /// Its typical responses at the standards, rising by concentration, and the CV of a response: to know what can be told apart.
    pub(crate) responses: Vec<f64>,
    pub(crate) cv: f64,
}

/// Makes a plate of a design.
pub(crate) fn make(design: &Design, fault: Fault, is: Circumstances, random: &mut Random) -> Made {
    let between = |spread: f64, random: &mut Random| (spread * random.normal()).exp();
    let curve = Parameters {
        a: if is.falling { 2.2 } else { 0.06 } * between(0.1, random),
        d: if is.falling { 0.08 } else { 3.0 } * between(0.1, random),
        c: if is.falling { 250.0 } else { 700.0 } * between(0.15, random),
        b: 1.15 * between(0.08, random),
        g: 1.0,
    };
    let response = |x: f64| Model::FourParameter.response(&curve, x);
    let cv = 0.03 + 0.05 * random.uniform();
    let mut declared = design.wells.clone();
    let mut truth = truth(design, fault);
    if is.no_controls {
        declared.values_mut().for_each(|role| {
            if role.name() == "control" {
                *role = WellRole::Unused
            }
        });
        truth.values_mut().for_each(|role| {
            if role.name() == "control" {
                *role = WellRole::Unused
            }
        });
    }
    let middle = if is.near_blank { 4.0 } else { 200.0 };
    let concentrations: Vec<f64> = (0..400).map(|_| middle * between(1.0, random)).collect();
    let biases: Vec<f64> = (0..3).map(|_| between(0.08, random)).collect();
    let (edge, gradient) = (0.15 * (random.uniform() - 0.5), 0.2 * (random.uniform() - 0.5));
    let known: Vec<WellPosition> = declared.keys().copied().collect();
    let outlier = (known[random.below(known.len())], [0.02, 0.3, 3.0, 8.0][random.below(4)]);
    let top = response(if is.falling { 0.0 } else { 2000.0 });
    let mut readings: BTreeMap<WellPosition, Reading> = BTreeMap::new();
    for well in design.size.wells() {
        let x = match truth.get(&well) {
            Some(WellRole::Standard { concentration }) => Some(*concentration),
            Some(WellRole::Control { nominal: Some(nominal), level, .. }) => {
                Some(nominal * biases[["low", "mid", "high"].iter().position(|name| name == level).unwrap()])
            }
            Some(WellRole::Blank) => Some(0.0),
            Some(WellRole::Sample { id, .. }) => Some(concentrations[id[1..].parse::<usize>().unwrap() % 400]),
            Some(WellRole::Control { nominal: None, .. } | WellRole::Unused) | None => None,
        };
        let mut mean = x.map_or(0.0, response);
        if is.hook && x == Some(2000.0) {
            mean *= 0.7;
        }
        if is.edge {
            let at_edge = well.row == 0 || well.column == 0 || usize::from(well.row) + 1 == design.size.rows;
            mean *=
                1.0 + if at_edge { edge } else { 0.0 } + gradient * f64::from(well.column) / design.size.columns as f64;
        }
        if is.outlier && outlier.0 == well {
            mean *= outlier.1;
        }
        let value = mean + cv * mean * random.normal() + 0.006 * random.normal();
        let value = (value * 1e4).round() / 1e4;
        let saturated = is.saturated && value > 0.8 * top;
        readings.insert(well, if saturated { Reading::Saturated("OVRFLW".into()) } else { Reading::Measured(value) });
    }
    let mut responses: Vec<f64> = declared.values().filter_map(level).collect();
    responses.sort_by(f64::total_cmp);
    responses.dedup();
    Made {
        plate: joined(design.size, &declared, &readings),
        responses: responses.into_iter().map(response).collect(),
        cv,
    }
}

fn joined(size: PlateSize, declared: &Wells, readings: &BTreeMap<WellPosition, Reading>) -> AssayPlate {
    let role = |well: &WellPosition| declared.get(well).filter(|role| **role != WellRole::Unused);
    let wells = readings.iter().filter_map(|(&position, reading)| {
        Some(AssayWell {
            position,
            role: role(&position)?.clone(),
            reading: reading.clone(),
            reference: None,
            response: reading.clone(),
            location: Location::file("SIMULATED"),
            excluded: None,
        })
    });
    AssayPlate {
        id: "P01".into(),
        export: "SIMULATED".into(),
        format: "simulated".into(),
        read: "450 nm".into(),
        kit_lot: None,
        acquisition: Acquisition::default(),
        handling: platewise::plate::Handling::default(),
        size,
        wells: wells.collect(),
        unused: readings.iter().filter(|(well, _)| role(well).is_none()).map(|(w, r)| (*w, r.clone())).collect(),
        warnings: Vec::new(),
        excluded: None,
    }
}

/// A plate of a layout, to be another plate of the study.
pub(crate) fn neighbour(design: &Design, id: &str, falling: bool, random: &mut Random) -> AssayPlate {
    let is = Circumstances { falling, ..Circumstances::default() };
    AssayPlate { id: id.into(), ..make(design, Fault::None, is, random).plate }
}
