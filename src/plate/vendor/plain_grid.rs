//! Plain grids: one or several plates drawn as column numbers and row letters, in any workbook or text, with a title above or
//! at the left. Also a bare matrix of the shape of a plate.

use super::draft::{At, Draft, PlateDraft, ReadDraft};
use super::grid::{Census, Grid, find};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Problem, Sheet, Value};

/// The format.
pub(super) struct PlainGrid;

impl Format for PlainGrid {
    fn description(&self) -> Description {
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
        for (index, sheet) in draft.sheets() {
            let grids = find(sheet);
            if let Some((size, top, left)) = bare_matrix(sheet).filter(|_| grids.is_empty()) {
                matrix(draft, index, sheet, size, top, left);
            }
            let plates = draft.plates.len();
            for grid in &grids {
                one(draft, index, sheet, grid, plates);
            }
        }
        let reads = || draft.plates.iter().flat_map(|plate| &plate.reads);
        if reads().next().is_none() && draft.problems.0.is_empty() {
            draft.refuse(ExportKind::LayoutOnly, (0, 0, 0), "a layout: its grids hold names, no readings");
        }
    }
}

/// Adds one grid as a read. Titles that name a plate (`Plate 2`, `P07 450 nm`) tell the plates apart. Grids whose titles only
/// say what was measured (`450`, `570 nm`) and that follow each other in a sheet are reads of one plate; a title that comes again,
/// or another size, begins the next plate.
fn one(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, grid: &Grid, first_of_sheet: usize) {
    let (title, title_row) = title_of(sheet, grid);
    let rows = title_row..grid.end();
    let Census { numbers, texts, .. } = grid.census(sheet);
    let shown = if title.is_empty() { "grid without a title".to_string() } else { format!("grid '{title}'") };
    if numbers == 0 || texts > numbers {
        draft.note(index, rows, shown, "holds names, not readings: not used");
        return;
    }
    let kind = Title::of(&title);
    if kind.is_layout {
        draft.note(index, rows, shown, "its title says that it holds no readings: not used");
        return;
    }
    for &(_, row) in &grid.rows {
        // Behind the last column number nothing may stand: else decimals were split from their numbers.
        if let Some(value) = Some(sheet.value(row, grid.right()))
            .filter(|value| matches!(value, Value::Text(text) if text.trim().parse::<f64>().is_ok()))
        {
            let problem = draft.problem(
                (index, row, grid.right()),
                format!("'{}' stands behind the last column number", value.text()),
            );
            problem.expected = format!("{} values in the row", grid.columns);
            problem.advice =
                "Are there decimal commas in a file separated by commas? Export it with semicolons or points".into();
            break;
        }
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
    let sheet_name = || sheet.name.as_ref().map(ToString::to_string);
    let plates = draft.plates.get_mut(first_of_sheet..).unwrap_or_default();
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
            name: kind.plate.or_else(sheet_name),
            size,
            reads: vec![read],
            at: (index, grid.header, grid.corner),
            ..PlateDraft::default()
        }),
    }
}

/// What the title of a grid says about it.
pub(super) struct Title {
    pub(super) mode: Mode,
    pub(super) wavelength_nm: Option<f64>,
    pub(super) is_derived: bool,
    is_layout: bool,
    /// What remains of the title without the words for what was measured.
    plate: Option<String>,
}

/// Words of a title that say what was measured, not on which plate.
const MEASURED: [&str; 20] = [
    "nm",
    "od",
    "a",
    "abs",
    "absorbance",
    "optical",
    "density",
    "raw",
    "data",
    "read",
    "reading",
    "readings",
    "reads",
    "values",
    "at",
    "wavelength",
    "wavelengths",
    "measurement",
    "results",
    "result",
];

impl Title {
    pub(super) fn of(title: &str) -> Self {
        let lower = title.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let wavelength_nm = wavelength(&lower);
        let mode_words = if says(&["fluor", "rfu"]) {
            Some(Mode::Fluorescence)
        } else if says(&["lumin", "rlu", "cps"]) {
            Some(Mode::Luminescence)
        } else {
            None
        };
        let mode = if let Some(mode) = mode_words {
            mode
        } else if wavelength_nm.is_some()
            || says(&["absorb", "optical", "abs "])
            || lower == "abs"
            || lower.split(|c: char| !c.is_alphabetic()).any(|word| word == "od")
        {
            Mode::Absorbance
        } else {
            Mode::Unknown
        };
        let is_measured = |word: &&str| {
            let word = word.to_lowercase();
            let bare = word.strip_prefix("od").or(word.strip_prefix('a')).unwrap_or(&word).trim_end_matches("nm");
            MEASURED.contains(&word.as_str()) || wavelength_nm.is_some() && wavelength(bare) == wavelength_nm
        };
        let words = title
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '(' | ')' | '[' | ']' | ';' | '='))
            .filter(|word| !word.is_empty());
        let rest: Vec<&str> = words.filter(|word| !is_measured(word)).collect();

        let is_derived = says(&[
            "corrected",
            "blank",
            "reduced",
            "ratio",
            "delta",
            "mean",
            "average",
            "concentration",
            "conc.",
            "%",
            "cv",
            "minus",
            " - ",
            "−",
        ]);
        Self {
            plate: Some(rest.join(" ")).filter(|name| !name.is_empty() && !is_derived && mode_words.is_none()),
            mode,
            wavelength_nm,
            is_derived,
            is_layout: says(&["layout", "platemap", "plate map", "dilution", "sample", "standard conc", "role"]),
        }
    }
}

/// The one wavelength in a title: a number from 200 to 1100, alone or with `nm`, `OD` or `A` beside it.
fn wavelength(title: &str) -> Option<f64> {
    let mut found = title
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 3 || digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|nm| (200.0..=1100.0).contains(nm));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The title of a grid with the row where it stands: in its corner, in the row above, at the left, or above past blank rows.
fn title_of(sheet: &Sheet, grid: &Grid) -> (String, usize) {
    let corner = sheet.text(grid.header, grid.corner);
    if !corner.is_empty() && corner != "<>" {
        return (corner, grid.header);
    }
    let left = grid
        .corner
        .checked_sub(1)
        .into_iter()
        .flat_map(|column| (grid.header..grid.end()).map(move |row| sheet.text(row, column)));
    if let Some(title) = left.into_iter().find(|text| !text.is_empty()) {
        return (title, grid.header);
    }
    // Up to two blank rows lie between a title and its grid.
    let above = (grid.header.saturating_sub(3)..grid.header).rev().find(|&row| !sheet.is_blank(row));
    if let Some(row) = above {
        let texts = (grid.corner..grid.right()).map(|column| sheet.text(row, column));
        let words: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
        if let [title] = &words[..] {
            return (title.clone(), row);
        }
    }
    (String::new(), grid.header)
}

/// A sheet that is nothing but a matrix of numbers of the size of a plate: the size, and its first row and column.
fn bare_matrix(sheet: &Sheet) -> Option<(PlateSize, usize, usize)> {
    let top = (0..sheet.rows.len()).find(|&row| !sheet.is_blank(row))?;
    let left = sheet.rows[top].iter().position(|cell| !cell.is_empty())?;
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
    let cells: Vec<(WellPosition, At)> = size
        .wells()
        .map(|well| (well, (index, top + usize::from(well.row), left + usize::from(well.column))))
        .collect();
    draft.note(
        index,
        top..sheet.rows.len(),
        format!("matrix of {} × {} numbers", size.rows, size.columns),
        "read: first row A, first column 1",
    );
    draft.warnings.push(Problem::new(
        sheet.location(top, left),
        format!("the numbers have no row letters: they are taken for a plate of {size}"),
    ));
    let name = sheet.name.as_ref().map(ToString::to_string);
    let reads = vec![ReadDraft::raw(Mode::Unknown, "matrix", cells)];
    draft.plates.push(PlateDraft { name, size: Some(size), reads, at: (index, top, left), ..PlateDraft::default() });
}
