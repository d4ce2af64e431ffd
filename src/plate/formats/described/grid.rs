//! Reads that a description knows as plates.

use super::declared_format::{Begins, DeclaredFormat, GridOf, ReadOf, is_same};
use super::sheet_rows::SheetRows;
use crate::plate::formats::draft::{CellIndex, Draft, PlateDraft, ReadDraft};
use crate::plate::formats::grid::column_numbers;
use crate::plate::well::{WellPosition, row_from_letters, row_letters};
use crate::sheet::{Code, Location, Problem};

/// The most grids of one kind in a sheet: each is compared with the plates before it.
const MAX_GRIDS: usize = 2_000;

/// Reads every grid that the description knows in the sheet, and marks in `found` which those were.
pub(super) fn read(draft: &mut Draft<'_>, rows: &mut SheetRows<'_>, found: &mut [bool]) {
    let format = rows.format;
    for (grid, found) in format.grids.iter().zip(found) {
        if !rows.is(grid.sheet.as_deref()) {
            continue;
        }
        let places = places(rows, grid);
        if places.len() > MAX_GRIDS {
            let at = (rows.index, places[0].0.0, places[0].0.1);
            draft.problem(Code::new("format-grids-too-many"), at, format!("{} grids", places.len())).expected =
                format!("an export of at most {MAX_GRIDS} grids of one kind in a sheet");
            continue;
        }
        for (title, place) in places {
            *found = true;
            let Some(place) = place else {
                let words = rows.sheet.text(title.0, title.1);
                let problem = draft.problem(
                    Code::new("format-grid-not-below"),
                    (rows.index, title.0, title.1),
                    format!("no plate of {} stands below '{words}'", grid.size),
                );
                problem.expected = expected(grid);
                continue;
            };
            if let Some((at, wrong)) = wrong_names(rows, grid, place) {
                let problem = draft.problem(Code::new("format-grid-names"), (rows.index, at.0, at.1), wrong);
                problem.expected = expected(grid);
                continue;
            }
            add(draft, rows, grid, title, place);
        }
    }
}

/// What a grid has to look like.
fn expected(grid: &GridOf) -> String {
    let names = match (grid.names.letters, grid.names.numbers) {
        (true, true) => "column numbers above and row letters at the left",
        (true, false) => "row letters at the left and no column numbers",
        (false, true) => "column numbers above and no row letters",
        (false, false) => "values alone",
    };
    format!("{} rows of {} values with {names}", grid.size.rows, grid.size.columns)
}

/// A cell by row and column.
type RowColumn = (usize, usize);

/// Where the grid is titled in the sheet, and where its first value stands.
fn places(rows: &SheetRows<'_>, grid: &GridOf) -> Vec<(RowColumn, Option<RowColumn>)> {
    let sheet = rows.sheet;
    match &grid.begins {
        // A fixed place in a sheet that is too short for it is none.
        Begins::At(row, column) => {
            let place = (*row, *column);
            if sheet.rows.len() > *row { vec![(place, Some(place))] } else { Vec::new() }
        }
        Begins::Below(text) => {
            let cells = sheet
                .rows
                .iter()
                .enumerate()
                .flat_map(|(row, cells)| (0..cells.len()).map(move |column| (row, column)));
            let titles = cells.filter(|&(row, column)| is_same(&sheet.text(row, column), text));
            titles.map(|title| (title, first_value(rows, grid, title))).collect()
        }
    }
}

/// The first value of a grid below its title.
fn first_value(rows: &SheetRows<'_>, grid: &GridOf, title: RowColumn) -> Option<RowColumn> {
    let sheet = rows.sheet;
    let top = (title.0 + 1..sheet.rows.len()).find(|&row| !sheet.is_blank(row))?;
    let cells = || 0..sheet.rows[top].len();
    if grid.names.numbers {
        let left = cells().find(|&column| column_numbers(sheet, top, column) == Some((0, grid.size.columns)))?;
        return Some((top + 1, left));
    }
    if grid.names.letters {
        let letters = cells().find(|&column| row_from_letters(&sheet.text(top, column)) == Some(0))?;
        return Some((top, letters + 1));
    }
    cells().find(|&column| !sheet.value(top, column).is_empty()).map(|left| (top, left))
}

/// A row letter or column number that is not that of its place: cell and words.
fn wrong_names(rows: &SheetRows<'_>, grid: &GridOf, (top, left): RowColumn) -> Option<(RowColumn, String)> {
    let sheet = rows.sheet;
    if grid.names.numbers {
        let at = (top.checked_sub(1), left);
        let numbers = at.0.and_then(|row| column_numbers(sheet, row, left));
        if numbers != Some((0, grid.size.columns)) {
            let row = at.0.unwrap_or(top);
            return Some((
                (row, left),
                format!("'{}' does not begin the column numbers 1 to {}", sheet.text(row, left), grid.size.columns),
            ));
        }
    }
    if grid.names.letters {
        let is_wrong = |at: &usize| {
            let letters = left.checked_sub(1).map(|column| sheet.text(top + at, column)).unwrap_or_default();
            row_from_letters(letters.trim_end_matches(':')) != Some(*at)
        };
        if let Some(at) = (0..grid.size.rows).find(is_wrong) {
            let column = left.saturating_sub(1);
            let found = sheet.text(top + at, column);
            return Some((
                (top + at, column),
                format!("'{found}' stands where row {} of the plate has its letter", row_letters(at)),
            ));
        }
    }
    let is_empty = |at: &usize| (0..grid.size.columns).all(|column| sheet.value(top + at, left + column).is_empty());
    let empty = (0..grid.size.rows).find(is_empty)?;
    // A row without any value is one that was not read, where its letter says so.
    (!grid.names.letters)
        .then(|| ((top + empty, left), format!("row {} of the plate has no value", row_letters(empty))))
}

/// Adds the grid to its plate, and accounts for its cells.
fn add(draft: &mut Draft<'_>, rows: &mut SheetRows<'_>, grid: &GridOf, title: RowColumn, (top, left): RowColumn) {
    let index = rows.index;
    let cells: Vec<(WellPosition, CellIndex)> = grid
        .size
        .wells()
        .map(|well| (well, (index, top + usize::from(well.row), left + usize::from(well.column))))
        .collect();
    cells.iter().for_each(|&(_, (_, row, column))| rows.use_cell(row, column));
    let above = top - usize::from(grid.names.numbers);
    if grid.names.numbers {
        (0..grid.size.columns).for_each(|column| rows.use_cell(above, left + column));
        // The corner may hold a word such as `<>`.
        rows.use_cell(above, left.wrapping_sub(1));
    }
    if grid.names.letters {
        (0..grid.size.rows).for_each(|at| rows.use_cell(top + at, left - 1));
    }
    let words = rows.sheet.text(title.0, title.1);
    let is_titled = matches!(grid.begins, Begins::Below(_));
    if is_titled {
        rows.use_cell(title.0, title.1);
    }
    let first = if is_titled { title.0 } else { above };
    draft.note(
        index,
        first..top + grid.size.rows,
        if is_titled { format!("grid '{words}'") } else { "grid".into() },
        "read",
    );
    let read = read_draft(&grid.read, label_of(grid), cells);
    let name = rows.plate_of(top);
    let known = draft.plates.iter_mut().find(|plate| plate.name == name && plate.size == Some(grid.size));
    match known {
        Some(plate) if plate.reads.iter().any(|known| known.label == read.label) => {
            let found = format!("the grid '{}' comes again, and nothing names another plate", read.label);
            let problem = draft.problem(Code::new("format-grid-again"), (index, title.0, title.1), found);
            problem.expected = "plate = \"…\" in [format]: how the cell begins that names the plate".into();
        }
        Some(plate) => plate.reads.push(read),
        None => draft.plates.push(PlateDraft {
            name,
            size: Some(grid.size),
            reads: vec![read],
            at: (index, top, left),
            ..PlateDraft::default()
        }),
    }
}

/// A read as it is described.
pub(super) fn read_draft(of: &ReadOf, label: String, cells: Vec<(WellPosition, CellIndex)>) -> ReadDraft {
    let mut read =
        if of.derived { ReadDraft::derived(of.mode, label, cells) } else { ReadDraft::raw(of.mode, label, cells) };
    read.wavelength_nm = of.wavelength_nm;
    read.reference_nm = of.reference_nm;
    read
}

/// Says which grids stand nowhere in the file, and which plates lack one that is described for every plate.
pub(super) fn all_found(draft: &mut Draft<'_>, format: &DeclaredFormat, found: &[bool]) {
    let file = Location::file(draft.book.file.clone());
    for (grid, found) in format.grids.iter().zip(found) {
        let expected = format!("the plate that {} describes", grid.at);
        if !found {
            let words = match &grid.begins {
                Begins::Below(text) => format!("no cell of the file is '{text}', below which a plate is described"),
                Begins::At(..) => "no sheet reaches to the cell where a plate is described".to_string(),
            };
            draft.problems.push(Problem::new(Code::new("format-grid-missing"), file.clone(), words).expected(expected));
            continue;
        }
        let label = label_of(grid);
        let lacks = |plate: &&PlateDraft| {
            plate.size == Some(grid.size) && plate.reads.iter().all(|read| !is_same(&read.label, &label))
        };
        let without: Vec<(Option<String>, CellIndex)> =
            draft.plates.iter().filter(lacks).map(|plate| (plate.name.clone(), plate.at)).collect();
        for (name, at) in without.into_iter().filter(|_| format.list.is_none()) {
            let found = format!("the plate '{}' has no '{label}'", name.unwrap_or_default());
            draft.problem(Code::new("format-grid-of-plate-missing"), at, found).expected = expected.clone();
        }
    }
}

/// What a read that is drawn as a plate is called.
fn label_of(grid: &GridOf) -> String {
    let title = match &grid.begins {
        Begins::Below(text) => text.clone(),
        Begins::At(..) => "values".into(),
    };
    grid.read.label.clone().unwrap_or(title)
}
