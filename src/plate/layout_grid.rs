//! Where the grids of a layout are: column numbers and row letters around the wells, in either orientation, with titles above them
//! and notes around them. Each well is found by its letter and number, never by counting: blank rows between do not move it.

use super::layout_words::field_word;
use super::well::{PlateSize, WellPosition, row_from_letters, row_letters};
use crate::sheet::{Code, Location, Problem, Problems, Sheet, Value};

/// A grid: a field of every well, or, without a field's name, a map in whose cells everything is said.
pub(super) struct LayoutGrid {
    /// What it holds; `None` for a map.
    pub(super) field: Option<&'static str>,
    pub(super) size: PlateSize,
    /// Where its corner is.
    top: usize,
    left: usize,
    /// The rows of the sheet below the corner that belong to it, and the columns beside it.
    rows: Vec<usize>,
    columns: Vec<usize>,
    /// Letters across and numbers down.
    transposed: bool,
}

/// A line of labels: letters or numbers from the first on without a gap, and where each stands.
fn labels(of: impl Fn(usize) -> String, places: impl Iterator<Item = usize>, letters: bool) -> Vec<usize> {
    let mut found = Vec::new();
    for place in places {
        let text = of(place);
        if text.is_empty() {
            continue;
        }
        let is_next =
            if letters { row_from_letters(&text) == Some(found.len()) } else { text == (found.len() + 1).to_string() };
        if !is_next {
            break;
        }
        found.push(place);
    }
    found
}

impl LayoutGrid {
    /// The grid whose corner is at `top` and `left`: labels from A and 1 on to its right and below it.
    ///
    /// # Errors
    /// Labels of a plate that end too early or go on too long; `Ok(None)` where there are none.
    fn at(sheet: &Sheet, top: usize, left: usize, unit: &str) -> Result<Option<Self>, Problem> {
        let first = sheet.text(top, left + 1);
        if first != "1" && !first.eq_ignore_ascii_case("a") {
            return Ok(None);
        }
        let width = sheet.rows[top].len();
        // Labels stand side by side across; down the sheet blank rows may lie between.
        let across = |letters: bool| {
            let mut found = labels(|column| sheet.text(top, column), left + 1..width, letters);
            let first = left + 1;
            let touching = found.iter().enumerate().take_while(|(at, column)| **column == first + at).count();
            found.truncate(touching);
            found
        };
        let down = |letters: bool| labels(|row| sheet.text(row, left), top + 1..sheet.rows.len(), letters);
        let upright = (across(false), down(true));
        let turned = (across(true), down(false));
        let (columns, rows, transposed) = match (upright, turned) {
            ((columns, rows), _) if columns.len() >= 2 && !rows.is_empty() => (columns, rows, false),
            (_, (columns, rows)) if columns.len() >= 2 && rows.len() >= 2 => (columns, rows, true),
            _ => return Ok(None),
        };
        let counted = if transposed { (columns.len(), rows.len()) } else { (rows.len(), columns.len()) };
        let Some(size) = PlateSize::ALL.into_iter().find(|size| (size.rows, size.columns) == counted) else {
            return Err(no_plate(sheet, (top, left), &rows, &columns, counted, transposed));
        };
        let field = field(&title(sheet, top, left), unit);
        Ok(Some(Self { field, size, top, left, rows, columns, transposed }))
    }

    /// The cell of a well: the value, that of a merged area where the well is in one, and its place.
    pub(super) fn cell<'s>(&self, sheet: &'s Sheet, well: WellPosition) -> (&'s Value, Location) {
        let (row, column) = match self.transposed {
            false => (usize::from(well.row), usize::from(well.column)),
            true => (usize::from(well.column), usize::from(well.row)),
        };
        let (row, column) = (self.rows[row], self.columns[column]);
        (sheet.merged_value(row, column), sheet.location(row, column))
    }

    /// Whether it has letters across and numbers down.
    pub(super) fn transposed(&self) -> bool {
        self.transposed
    }

    /// What it is called: the text in its corner or, where that is empty, the only one in the line above.
    pub(super) fn title(&self, sheet: &Sheet) -> String {
        title(sheet, self.top, self.left)
    }

    /// Its corner.
    pub(super) fn corner(&self, sheet: &Sheet) -> Location {
        sheet.location(self.top, self.left)
    }

    /// Row and column of its corner in the sheet.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.top, self.left)
    }

    fn last_row(&self) -> usize {
        self.rows.last().copied().unwrap_or(self.top)
    }

    fn last_column(&self) -> usize {
        self.columns.last().copied().unwrap_or(self.left)
    }

    fn holds(&self, row: usize, column: usize) -> bool {
        (self.top..=self.last_row()).contains(&row) && (self.left..=self.last_column()).contains(&column)
    }
}

/// What a grid is called: in its corner, or, where that is empty, by the only text in the line above.
fn title(sheet: &Sheet, top: usize, left: usize) -> String {
    let corner = sheet.text(top, left);
    let Some(above) = top.checked_sub(1).filter(|_| corner.is_empty()) else { return corner };
    let texts = (0..sheet.rows[above].len()).map(|column| sheet.text(above, column));
    let mut said = texts.filter(|text| !text.is_empty());
    said.next().filter(|_| said.next().is_none()).unwrap_or_default()
}

/// The field that a grid of that title holds. A concentration may say its unit; where nobody has said the unit yet, any.
fn field(title: &str, unit: &str) -> Option<&'static str> {
    let text = title.to_lowercase();
    let bare = match text.split_once('(') {
        Some((bare, behind)) if unit.is_empty() && behind.ends_with(')') => bare.trim(),
        _ => text.trim_end_matches(&format!("({})", unit.to_lowercase())).trim(),
    };
    field_word(bare).filter(|field| *field != "well")
}

/// Labels that are those of no plate: which is the one that is missing or too many.
fn no_plate(
    sheet: &Sheet,
    (top, left): (usize, usize),
    rows: &[usize],
    columns: &[usize],
    (plate_rows, plate_columns): (usize, usize),
    transposed: bool,
) -> Problem {
    let last = |letters: bool, count: usize| if letters { row_letters(count - 1) } else { count.to_string() };
    let found = format!(
        "the rows A to {} and the columns 1 to {} fit no plate",
        last(true, plate_rows),
        last(false, plate_columns)
    );
    // The label behind the last of those that were read.
    let next_row = rows.last().map_or(top, |row| row + 1);
    let next_column = columns.last().map_or(left, |column| column + 1);
    let row_text =
        (next_row..sheet.rows.len()).map(|row| (row, sheet.text(row, left))).find(|(_, text)| !text.is_empty());
    let column_text = Some((next_column, sheet.text(top, next_column))).filter(|(_, text)| !text.is_empty());
    let like_a_label = |text: &str, letters: bool| {
        if letters { row_from_letters(text).is_some() && text.len() == 1 } else { text.parse::<u16>().is_ok() }
    };
    let (row_letters_down, numbers_across) = (!transposed, !transposed);
    let at = match (row_text, column_text) {
        (Some((row, text)), _) if like_a_label(&text, row_letters_down) => sheet.location(row, left),
        (_, Some((column, text))) if like_a_label(&text, !numbers_across) => sheet.location(top, column),
        _ => sheet.location(top, left),
    };
    Problem::new(Code::new("layout-grid-incomplete"), at, found)
        .expected("every row and column of the plate with its letter and number: A to H and 1 to 12 for 96 wells, A to P and 1 to 24 for 384")
        .advice("Correct the labels, or add the row or column that is missing")
}

/// Every grid of a sheet, in the order of its rows, and what is wrong beside them.
pub(super) fn find(sheet: &Sheet, unit: &str) -> Result<Vec<LayoutGrid>, Problems> {
    let mut problems = Problems::default();
    let mut grids: Vec<LayoutGrid> = Vec::new();
    for row in 0..sheet.rows.len() {
        let mut column = 0;
        while column < sheet.rows[row].len() {
            let inside = grids.iter().any(|grid| grid.holds(row, column));
            match if inside { Ok(None) } else { LayoutGrid::at(sheet, row, column, unit) } {
                Ok(Some(grid)) => {
                    column = grid.last_column();
                    grids.push(grid);
                }
                Ok(None) => {}
                Err(problem) => {
                    problems.push(problem);
                    return Err(problems);
                }
            }
            column += 1;
        }
    }
    beside(sheet, &grids, &mut problems);
    problems.or(grids)
}

/// Names what stands beside or between grids and would be part of them: anything that touches a grid or, beside grids of fields,
/// anything at all; and the beginnings of grids that are none. Titles and notes around a grid are allowed.
fn beside(sheet: &Sheet, grids: &[LayoutGrid], problems: &mut Problems) {
    for (row, cells) in sheet.rows.iter().enumerate() {
        for (column, value) in cells.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            if grids.iter().any(|grid| grid.holds(row, column)) {
                continue;
            }
            let next_to = |grid: &&LayoutGrid| {
                let rows = (grid.top..=grid.last_row()).contains(&row);
                rows && column > grid.last_column() && (grid.field.is_some() || column == grid.last_column() + 1)
            };
            if let Some(grid) = grids.iter().find(next_to) {
                let name = match grid.field {
                    Some(field) => format!("the grid '{field}'"),
                    None => "the map of the plate".into(),
                };
                let found = format!("'{}' stands beside {name}", value.text());
                let expected =
                    if grid.field.is_some() { "nothing there" } else { "an empty column between the map and notes" };
                problems.push(
                    Problem::new(Code::new("layout-beside-grid"), sheet.location(row, column), found)
                        .expected(expected),
                );
            } else if begins_a_grid(sheet, row, column) {
                let found = format!("'{}' is not the title of a grid", value.text());
                problems.push(Problem::new(Code::new("layout-grid-without-labels"), sheet.location(row, column), found).expected(
                    "the column numbers 1, 2, 3 … to its right and the row letters A, B, C … below it, for the whole plate",
                ));
            }
        }
    }
}

/// Whether a cell looks like the title of a grid, or one like the first label of a row that fell out of one.
fn begins_a_grid(sheet: &Sheet, row: usize, column: usize) -> bool {
    let text = sheet.text(row, column);
    let right = sheet.text(row, column + 1);
    let is_field = field_word(text.split('(').next().unwrap_or_default()).is_some_and(|field| field != "well");
    let labelled = right == "1" && sheet.text(row, column + 2) == "2" || right.eq_ignore_ascii_case("a");
    let lost_row = column == 0 && text.len() == 1 && row_from_letters(&text).is_some() && !right.is_empty();
    (is_field && labelled) || lost_row
}
