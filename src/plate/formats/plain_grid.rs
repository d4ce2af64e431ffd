//! Plain grids: one or several plates drawn as column numbers and row letters, in any workbook or text, with a title above or
//! at the left. Also a bare matrix of the shape of a plate.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{CellIndex, Draft, PlateDraft, ReadDraft};
use super::grid::{Grid, column_numbers, find, follows, is_number};
use super::time;
use super::title::Title;
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Code, Problem, Sheet, Value};

/// The format.
pub(super) struct PlainGrid;

/// The most grids of a sheet: each is compared with those before it, to tell which belong to one plate.
const MAX_GRIDS: usize = 2_000;

impl Format for PlainGrid {
    fn description(&self) -> Description<'_> {
        Description {
            name: "grid",
            title: "plain grid",
            written_by: "any program: column numbers above, row letters at the left; or a bare matrix of the size of a plate",
            general: true,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let sheets = || book.sheets.iter().filter(|sheet| !sheet.hidden);
        if sheets().any(|sheet| !find(sheet).is_empty() || bare_matrix(sheet).is_some()) {
            Ok(())
        } else {
            Err("there is no grid with column numbers and row letters".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let mut has_layout = false;
        let sheets = sheets_over_time(draft);
        for (index, sheet) in draft.sheets() {
            let grids = find(sheet);
            if let Some((size, top, left)) = bare_matrix(sheet).filter(|_| grids.is_empty()) {
                matrix(draft, index, sheet, size, top, left);
            }
            if grids.len() > MAX_GRIDS {
                let problem =
                    draft.problem(Code::new("grids-too-many"), (index, 0, 0), format!("{} grids", grids.len()));
                problem.expected = format!("an export of at most {MAX_GRIDS} grids");
                continue;
            }
            let plates = draft.plates.len();
            let mut over_time = over_time(sheet, &grids);
            if sheets.contains(&index) {
                over_time.fill(true);
            }
            for (grid, over_time) in grids.iter().zip(over_time) {
                if over_time {
                    kinetic(draft, index, sheet, grid);
                } else {
                    has_layout |= !add(draft, index, sheet, grid, plates);
                }
            }
        }
        // Concentrations beside names are nominal: a layout. Alone they may be the result of a program.
        let has_readings = draft.plates.iter().flat_map(|plate| &plate.reads).any(|read| !read.derived);
        if has_layout && !has_readings {
            draft.plates.clear();
            draft.no_end_point(
                ExportKind::LayoutOnly,
                (0, 0, 0),
                "a layout: its grids hold no readings (name it as the layout of its plate in study.toml; are export and layout \
                 exchanged?)",
            );
        }
    }
}

/// Adds one grid as a read. Titles that name a plate (`Plate 2`, `P07 450 nm`) tell the plates apart. Grids whose titles only
/// say what was measured (`450`, `570 nm`) and that follow each other in a sheet are reads of one plate; a title that comes again,
/// or another size, begins the next plate. The name of a sheet that says what was measured is the title of an untitled grid, and
/// such sheets may be reads of one plate too. Answers whether it is a read, and not part of a layout.
fn add(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, grid: &Grid, first_of_sheet: usize) -> bool {
    let (mut title, title_row) = title_of(sheet, grid);
    let sheet_name = sheet.name.as_ref().map(ToString::to_string);
    let says_something = |name: &&String| {
        let title = Title::of(name);
        title.wavelength_nm.is_some() || title.is_derived || title.is_layout
    };
    let titled_by_sheet = title.is_empty() && sheet_name.iter().any(|name| says_something(&name));
    if titled_by_sheet {
        title = sheet_name.clone().unwrap_or_default();
    }
    let rows = title_row..grid.end();
    let shown = if title.is_empty() { "grid without a title".to_string() } else { format!("grid '{title}'") };
    let kind = Title::of(&title);
    if grid.census(sheet).is_names() {
        draft.note(index, rows, shown, "holds names, not readings: not used");
        return false;
    }
    if kind.is_layout {
        draft.note(index, rows, shown, "its title says that it holds no readings: not used");
        return false;
    }
    if !(draft.is_named || kind.is_measured || kind.is_derived) && grid.is_regular(sheet) {
        let found = format!("the {shown} holds numbers in an order that no reader measures");
        draft.warnings.push(
            Problem::new(Code::new("grid-not-read"), sheet.location(grid.header, grid.corner), found)
                .advice("It is not read: if these are readings, title them OD or by their wavelength, or name the reader: reader = \"grid\""),
        );
        draft.note(index, rows, shown, "numbers in an order that no reader measures: not used");
        return false;
    }
    if let Some((at, found)) = follows(sheet, grid) {
        let problem = draft.problem(Code::new("grid-goes-on"), (index, at.0, at.1), found);
        problem.expected =
            format!("{} rows of {} values and nothing of the plate outside of them", grid.rows.len(), grid.columns);
        problem.advice =
            "Complete the row letters and column numbers; in a file separated by commas, write decimal points".into();
    }
    let label = if title.is_empty() { "values" } else { title.as_str() };
    let mut read = if kind.is_derived {
        ReadDraft::derived(Mode::Unknown, label, grid.cells(index))
    } else {
        ReadDraft::raw(kind.mode, label, grid.cells(index))
    };
    read.wavelength_nm = kind.wavelength_nm;
    draft.note(index, rows, shown, if read.derived { "derived, kept beside" } else { "read" });
    let size = grid.size();
    let first = if titled_by_sheet { 0 } else { first_of_sheet };
    let plates = draft.plates.get_mut(first..).unwrap_or_default();
    let open = match &kind.plate {
        Some(name) => plates.iter_mut().find(|plate| plate.name.as_ref() == Some(name) && plate.size == size),
        None => plates.last_mut().filter(|plate| {
            let is_new = plate.reads.iter().all(|known| known.label != read.label);
            plate.size == size && !title.is_empty() && is_new
        }),
    };
    match open {
        Some(plate) => plate.reads.push(read),
        None => draft.plates.push(PlateDraft {
            name: kind.plate.or(sheet_name.filter(|_| !titled_by_sheet)),
            size,
            reads: vec![read],
            at: (index, grid.header, grid.corner),
            ..PlateDraft::default()
        }),
    }
    true
}

/// Words that people put above the row letters or left of the column numbers: they name neither plate nor read.
fn is_corner_word(text: &str) -> bool {
    let plain: String = text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    plain.split_whitespace().all(|word| {
        [
            "row", "rows", "col", "cols", "column", "columns", "well", "wells", "zeile", "spalte", "reihe", "ligne",
            "colonne", "fila",
        ]
        .contains(&word)
    })
}

/// Which grids of a sheet are one of those of a read over time: by their title, or by the name of the data set behind their rows, or
/// because several titles differ by a time or a cycle alone.
fn over_time(sheet: &Sheet, grids: &[Grid]) -> Vec<bool> {
    let titles: Vec<String> = grids.iter().map(|grid| title_of(sheet, grid).0).collect();
    let mut times: BTreeMap<(String, Option<usize>), BTreeSet<String>> = BTreeMap::new();
    let key =
        |at: usize| time::split(&titles[at]).map(|(rest, time)| ((rest, grids[at].size().map(PlateSize::count)), time));
    for (key, time) in (0..grids.len()).filter_map(key) {
        times.entry(key).or_default().insert(time);
    }
    let repeated = |at: usize| key(at).and_then(|(key, _)| times.get(&key)).is_some_and(|times| times.len() > 1);
    let behind =
        |grid: &Grid| grid.rows.first().is_some_and(|&(_, row)| time::is_kinetic(&sheet.text(row, grid.right())));
    (0..grids.len()).map(|at| time::is_kinetic(&titles[at]) || behind(&grids[at]) || repeated(at)).collect()
}

/// The sheets whose names differ by a time or a cycle alone, and that hold plates.
fn sheets_over_time(draft: &Draft<'_>) -> BTreeSet<usize> {
    let mut times: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let named = draft.sheets().filter_map(|(index, sheet)| Some((index, sheet, sheet.name.as_deref()?)));
    for (index, _, name) in named.filter(|(_, sheet, _)| !find(sheet).is_empty()) {
        if let Some((rest, _)) = time::split(name) {
            times.entry(rest).or_default().push(index);
        }
    }
    times.into_values().filter(|sheets| sheets.len() > 1).flatten().collect()
}

/// Notes a plate of a read over time.
fn kinetic(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, grid: &Grid) {
    let (title, row) = title_of(sheet, grid);
    draft.note(index, row..grid.end(), format!("grid '{title}'"), "one of several times: not read");
    if !draft.others.iter().any(|&(kind, (sheet, ..), _)| kind == ExportKind::Kinetic && sheet == index) {
        draft.no_end_point(ExportKind::Kinetic, (index, row, grid.corner), "a kinetic read");
    }
}

/// The title of a grid with the row where it stands: in its corner, in the row above, at the left, or above past blank rows.
fn title_of(sheet: &Sheet, grid: &Grid) -> (String, usize) {
    let corner = sheet.text(grid.header, grid.corner);
    if !corner.is_empty() && !is_corner_word(&corner) {
        return (corner, grid.header);
    }
    let left = grid
        .corner
        .checked_sub(1)
        .into_iter()
        .flat_map(|column| (grid.header..grid.end()).map(move |row| sheet.text(row, column)));
    if let Some(title) = left.into_iter().find(|text| !text.is_empty() && !is_corner_word(text)) {
        return (title, grid.header);
    }
    // Up to two blank rows lie between a title and its grid.
    let above = (grid.header.saturating_sub(3)..grid.header).rev().find(|&row| !sheet.is_blank(row));
    if let Some(row) = above {
        let texts = (grid.corner..grid.right()).map(|column| sheet.text(row, column));
        let words: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
        // In a file separated by commas `450 nm, 5 min` is two fields.
        let is_title = (1..=3).contains(&words.len()) && !words.iter().any(|word| is_number(word) && words.len() > 1);
        if is_title {
            return (words.join(", "), row);
        }
    }
    (String::new(), grid.header)
}

/// A sheet that is nothing but a matrix of numbers of the size of a plate, perhaps below column numbers: the size, and its first row
/// and column.
fn bare_matrix(sheet: &Sheet) -> Option<(PlateSize, usize, usize)> {
    let first = sheet.first_row();
    let left = sheet.rows.get(first)?.iter().position(|cell| !cell.is_empty())?;
    let is_numbered = |size: PlateSize| column_numbers(sheet, first, left) == Some((0, size.columns));
    let top = if PlateSize::ALL.into_iter().any(is_numbered) { first + 1 } else { first };
    let rows = sheet.rows.len() - top;
    let size = PlateSize::ALL.into_iter().find(|size| size.rows == rows && (size.count() >= 96))?;
    let is_value = |value: &Value| match value {
        Value::Number(_) => true,
        Value::Text(text) => crate::plate::Reading::of_text(text, crate::sheet::Decimal::Point)
            .or_else(|| crate::plate::Reading::of_text(text, crate::sheet::Decimal::Comma))
            .is_some(),
        _ => false,
    };
    let fits = (top..sheet.rows.len()).all(|row| {
        let cells = &sheet.rows[row];
        let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        filled == left + size.columns
            && cells[..left].iter().all(Value::is_empty)
            && cells[left..filled].iter().all(is_value)
    });
    fits.then_some((size, top, left))
}

fn matrix(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, size: PlateSize, top: usize, left: usize) {
    let cells: Vec<(WellPosition, CellIndex)> = size
        .wells()
        .map(|well| (well, (index, top + usize::from(well.row), left + usize::from(well.column))))
        .collect();
    draft.note(
        index,
        sheet.first_row()..sheet.rows.len(),
        format!("matrix of {} × {} numbers", size.rows, size.columns),
        "read: first row A, first column 1",
    );
    draft.warnings.push(Problem::new(
        Code::new("grid-without-row-letters"),
        sheet.location(top, left),
        format!("the numbers have no row letters: they are taken for a plate of {size}"),
    ));
    let name = sheet.name.as_ref().map(ToString::to_string);
    let reads = vec![ReadDraft::raw(Mode::Unknown, "matrix", cells)];
    draft.plates.push(PlateDraft { name, size: Some(size), reads, at: (index, top, left), ..PlateDraft::default() });
}
